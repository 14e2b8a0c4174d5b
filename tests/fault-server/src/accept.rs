//! The server's thread: accepts connections and gives each a task, until it is told to stop.

use crate::endpoint::{Endpoint, Wire};
use crate::{http1, http2};
use std::io;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Connections at once; one more is closed at once.
const MAX_CONNECTIONS: usize = 4096;

/// How long accepting rests after an error.
const AFTER_ERROR: Duration = Duration::from_millis(10);

/// A running thread.
pub(crate) struct Running {
    /// Dropped to stop the thread.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Starts the thread on a bound listener.
    pub(crate) fn start(listener: std::net::TcpListener, endpoint: Endpoint) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new()
            .name("fault-server".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = accept(listener, endpoint) => {}
                        _ = stopped => {}
                    }
                });
                // Dropping the runtime drops the connections' tasks, and so closes the connections.
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // A panic there was printed there, and the test sees its connections die.
            let _ = thread.join();
        }
    }
}

async fn accept(listener: std::net::TcpListener, endpoint: Endpoint) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    loop {
        // An error is about one connection that is gone already, or about a want of descriptors.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(AFTER_ERROR).await;
            continue;
        };
        let Some(guard) = endpoint.shared.connection(MAX_CONNECTIONS) else {
            continue;
        };
        let endpoint = endpoint.clone();
        tokio::spawn(async move {
            let _guard = guard;
            connection(stream, &endpoint).await;
        });
    }
}

/// Serves a connection. How it ends is between the client and its fault; there is nobody to tell here.
async fn connection(stream: TcpStream, endpoint: &Endpoint) {
    let _ = stream.set_nodelay(true);
    let Some(tls) = &endpoint.tls else {
        return plain(stream, endpoint).await;
    };
    let Ok(stream) = tls.accept(stream).await else {
        return;
    };
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        let _ = http2::serve(stream, endpoint).await;
    } else {
        plain(stream, endpoint).await;
    }
}

async fn plain(wire: impl Wire, endpoint: &Endpoint) {
    let _ = http1::serve(wire, endpoint).await;
}
