//! A client that hides nothing: it sends what it is given and keeps every byte that comes back.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

use backhaul_fault_server::{FaultServer, Object};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// No test waits longer for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Debug)]
pub struct Raw {
    pub bytes: Vec<u8>,
    /// How reading ended: `None` is an orderly close.
    pub error: Option<ErrorKind>,
}

impl Raw {
    pub fn head(&self) -> String {
        let end = self.bytes.windows(4).position(|w| w == b"\r\n\r\n");
        String::from_utf8_lossy(&self.bytes[..end.unwrap_or(self.bytes.len())]).into_owned()
    }

    pub fn status(&self) -> u16 {
        self.head()[9..12].parse().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<String> {
        self.head().lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    }

    pub fn body(&self) -> &[u8] {
        let end = self.bytes.windows(4).position(|w| w == b"\r\n\r\n");
        &self.bytes[end.expect("a whole header section") + 4..]
    }
}

pub fn connect(server: &FaultServer) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends a GET with these lines of fields and reads to the end; the connection is not kept.
pub fn get(server: &FaultServer, target: &str, fields: &[&str]) -> Raw {
    request(server, "GET", target, fields)
}

pub fn request(server: &FaultServer, method: &str, target: &str, fields: &[&str]) -> Raw {
    let mut stream = connect(server);
    send(&mut stream, method, target, fields, true);
    let mut bytes = Vec::new();
    let error = stream.read_to_end(&mut bytes).err().map(|e| e.kind());
    Raw { bytes, error }
}

pub fn send(stream: &mut TcpStream, method: &str, target: &str, fields: &[&str], close: bool) {
    let mut text = format!("{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:99\r\n");
    for field in fields {
        text.push_str(field);
        text.push_str("\r\n");
    }
    if close {
        text.push_str("Connection: close\r\n");
    }
    text.push_str("\r\n");
    stream.write_all(text.as_bytes()).unwrap();
}

/// A server with the object `a` of this many bytes, and the bytes.
pub fn server_with(len: u64) -> (FaultServer, Vec<u8>) {
    let server = FaultServer::start().unwrap();
    let object = Object::generated(42, len).etag("\"v1\"");
    let mut bytes = Vec::new();
    object.write_to(&mut bytes).unwrap();
    server.put("a", object);
    (server, bytes)
}
