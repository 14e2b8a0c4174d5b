//! A listener that says when the first request came, and never answers: what asks stays as it is
//! until it is looked at.

use crate::Failure;
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Connections that are held at a time.
const CONNECTION_LIMIT: usize = 256;

/// The listener. It ends with the process, or when all that it told of was dropped.
pub struct FirstRequest {
    port: u16,
    arrivals: Receiver<Instant>,
}

impl FirstRequest {
    /// Begins to listen on a free port.
    pub fn listen() -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let (sender, arrivals) = channel();
        thread::Builder::new()
            .name("first-request".into())
            .spawn(move || accept(&listener, &sender))?;
        Ok(Self { port, arrivals })
    }

    /// Its address.
    pub fn url(&self, file: &str) -> String {
        format!("http://127.0.0.1:{}/{file}", self.port)
    }

    /// Forgets what came so far.
    pub fn forget(&self) {
        while self.arrivals.try_recv().is_ok() {}
    }

    /// When the next request came.
    pub fn next(&self, limit: Duration) -> Result<Instant, Failure> {
        let arrival = self.arrivals.recv_timeout(limit);
        arrival.map_err(|_| format!("no request within {} s", limit.as_secs()).into())
    }
}

/// A connection is kept until its client is gone: closing it would be an answer.
fn accept(listener: &TcpListener, arrivals: &Sender<Instant>) {
    let mut held: Vec<TcpStream> = Vec::new();
    for stream in listener.incoming() {
        let Ok(mut stream) = stream else { return };
        // The client sends at once; a second is for one that was killed in between.
        let limit = stream.set_read_timeout(Some(Duration::from_secs(1)));
        let came = limit.is_ok() && stream.read(&mut [0; 1]).is_ok_and(|count| count > 0);
        if came && arrivals.send(Instant::now()).is_err() {
            return;
        }
        if held.len() == CONNECTION_LIMIT {
            held.remove(0);
        }
        held.push(stream);
    }
}
