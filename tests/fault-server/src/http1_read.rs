//! Reading HTTP/1 requests. Strict enough: this side is not where the faults are.

use crate::endpoint::Wire;
use crate::request::{MAX_REQUEST_BODY_BYTES, Request};
use std::io;
use tokio::io::AsyncReadExt as _;

/// The longest header section that is read.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// The most fields of a request.
const MAX_FIELDS: usize = 128;
/// Bytes read at a time.
const READ_BYTES: usize = 16 * 1024;

/// Reads requests off one connection.
pub(crate) struct RequestReader {
    /// What was read and not yet used.
    unread: Vec<u8>,
}

impl RequestReader {
    pub(crate) fn new() -> Self {
        Self { unread: Vec::new() }
    }

    /// The next request, without its body; `None` at the end of the connection.
    pub(crate) async fn next(&mut self, wire: &mut impl Wire) -> io::Result<Option<Request>> {
        loop {
            if let Some((request, used)) = parse(&self.unread)? {
                self.unread.drain(..used);
                return Ok(Some(request));
            }
            if self.unread.len() > MAX_HEAD_BYTES {
                return Err(invalid("header section too long"));
            }
            if !self.fill(wire).await? {
                return Ok(None);
            }
        }
    }

    /// Reads the body and drops it. Returns whether the connection can be used for another request: it
    /// cannot after a body whose end we do not look for (chunks).
    pub(crate) async fn skip_body(
        &mut self,
        wire: &mut impl Wire,
        request: &Request,
    ) -> io::Result<bool> {
        if request.header("transfer-encoding").is_some() {
            return Ok(false);
        }
        let declared = request.header("content-length").unwrap_or("0");
        let mut left: u64 = declared.parse().map_err(|_| invalid("content-length"))?;
        if left > MAX_REQUEST_BODY_BYTES {
            return Err(invalid("body too long"));
        }
        while left > 0 {
            if self.unread.is_empty() && !self.fill(wire).await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let used = left.min(self.unread.len() as u64);
            self.unread.drain(..used as usize);
            left -= used;
        }
        Ok(true)
    }

    async fn fill(&mut self, wire: &mut impl Wire) -> io::Result<bool> {
        self.unread.reserve(READ_BYTES);
        Ok(wire.read_buf(&mut self.unread).await? > 0)
    }
}

fn parse(bytes: &[u8]) -> io::Result<Option<(Request, usize)>> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut parsed = httparse::Request::new(&mut fields);
    let status = parsed
        .parse(bytes)
        .map_err(|error| invalid(&error.to_string()))?;
    let httparse::Status::Complete(used) = status else {
        return Ok(None);
    };
    let headers = parsed.headers.iter().map(|field| {
        let value = String::from_utf8_lossy(field.value).into_owned();
        (field.name.to_ascii_lowercase(), value)
    });
    let request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().to_owned(),
        headers: headers.collect(),
        version: match parsed.version {
            Some(0) => "HTTP/1.0",
            _ => "HTTP/1.1",
        },
    };
    Ok(Some((request, used)))
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
