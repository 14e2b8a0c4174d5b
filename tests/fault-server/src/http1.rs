//! HTTP/1.1, written by hand: an answer goes out byte for byte as the reply says, right or wrong.

use crate::answer::answer;
use crate::endpoint::{Endpoint, Wire};
use crate::http1_read::RequestReader;
use crate::pace::{CHUNK_BYTES, Pacer};
use crate::reply::{Ending, Framing, Head, Reply};
use crate::request::Request;
use crate::state::Shared;
use http::StatusCode;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
const GARBAGE: &[u8] = b"\x16\x03\x01 220 mail.example ESMTP ready\r\n\0\0\0\r\n\r\n";

/// What becomes of the connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Next,
    Close,
    Reset,
}

/// Serves one connection to its end.
pub(crate) async fn serve(mut wire: impl Wire, endpoint: &Endpoint) -> io::Result<()> {
    let mut reader = RequestReader::new();
    while let Some(request) = reader.next(&mut wire).await? {
        let answer = answer(&endpoint.shared, endpoint.scheme(), &request);
        if request.expects_continue() && answer.sends_continue {
            wire.write_all(CONTINUE).await?;
            wire.flush().await?;
        }
        let may_go_on = reader.skip_body(&mut wire, &request).await?;
        let mut reply = answer.reply;
        reply.go_away |= !may_go_on || wants_close(&request);
        match send(&mut wire, &endpoint.shared, &reply).await? {
            After::Next => {}
            After::Close => return wire.shutdown().await,
            After::Reset => {
                wire.reset_on_drop();
                return Ok(());
            }
        }
    }
    Ok(())
}

fn wants_close(request: &Request) -> bool {
    let connection = request.header("connection").unwrap_or_default();
    let says = |token: &str| {
        connection
            .split(',')
            .any(|word| word.trim().eq_ignore_ascii_case(token))
    };
    says("close") || (request.version == "HTTP/1.0" && !says("keep-alive"))
}

async fn send(wire: &mut impl Wire, shared: &Shared, reply: &Reply) -> io::Result<After> {
    tokio::time::sleep(Duration::from_millis(reply.delay_ms)).await;
    let mut out = Vec::with_capacity(CHUNK_BYTES + 1024);
    write_head(reply, &mut out);
    match reply.head {
        Head::Whole => {}
        Head::TrickleMs(ms) => {
            trickle(wire, &out, ms).await?;
            out.clear();
        }
        Head::Never => {
            until_gone(wire).await;
            return Ok(After::Close);
        }
        Head::Close => return Ok(After::Close),
        Head::Reset | Head::Refuse => return Ok(After::Reset),
        Head::HalfThenReset => {
            wire.write_all(&out[..out.len() / 2]).await?;
            wire.flush().await?;
            return Ok(After::Reset);
        }
        Head::Garbage => {
            wire.write_all(GARBAGE).await?;
            return Ok(After::Close);
        }
    }
    if reply.bodiless {
        wire.write_all(&out).await?;
        wire.flush().await?;
        return Ok(after_proper(reply));
    }
    send_body(wire, shared, reply, out).await
}

/// Sends `out`, which is the header section, with the body behind it.
async fn send_body(
    wire: &mut impl Wire,
    shared: &Shared,
    reply: &Reply,
    mut out: Vec<u8>,
) -> io::Result<After> {
    let body = &reply.body;
    let is_chunked = reply.framing == Framing::Chunked;
    let mut pacer = Pacer::new(shared, reply.rate);
    let mut left = reply.ending.sent_of(body.len);
    let mut at = body.first;
    while left > 0 {
        let count = pacer.next(left);
        if is_chunked {
            out.extend_from_slice(format!("{count:x}\r\n").as_bytes());
        }
        body.content.append(at, count, &mut out);
        if is_chunked {
            out.extend_from_slice(b"\r\n");
        }
        wire.write_all(&out).await?;
        out.clear();
        if let Some(name) = &body.counts_for {
            shared.count_sent(name, count as u64);
        }
        at += count as u64;
        left -= count as u64;
        pacer.sent(count).await;
    }
    if is_chunked && reply.ending == Ending::Proper {
        out.extend_from_slice(b"0\r\n\r\n");
    }
    wire.write_all(&out).await?;
    wire.flush().await?;
    match reply.ending {
        Ending::Proper => Ok(after_proper(reply)),
        Ending::CloseAfter(_) => Ok(After::Close),
        Ending::ResetAfter(_) | Ending::GoAwayAfter(_) => Ok(After::Reset),
        Ending::StallAfter(_) => {
            until_gone(wire).await;
            Ok(After::Close)
        }
    }
}

fn after_proper(reply: &Reply) -> After {
    if reply.go_away || reply.framing == Framing::Close {
        After::Close
    } else {
        After::Next
    }
}

fn write_head(reply: &Reply, out: &mut Vec<u8>) {
    let reason = StatusCode::from_u16(reply.status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown");
    out.extend_from_slice(format!("HTTP/1.1 {} {reason}\r\n", reply.status).as_bytes());
    for (name, value) in &reply.headers {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    }
    match reply.framing {
        Framing::Length(len) => {
            out.extend_from_slice(format!("Content-Length: {len}\r\n").as_bytes());
        }
        Framing::Chunked => out.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
        Framing::Close => {}
    }
    if after_proper(reply) == After::Close {
        out.extend_from_slice(b"Connection: close\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

async fn trickle(wire: &mut impl Wire, bytes: &[u8], apart_ms: u64) -> io::Result<()> {
    for byte in bytes {
        wire.write_all(&[*byte]).await?;
        wire.flush().await?;
        tokio::time::sleep(Duration::from_millis(apart_ms)).await;
    }
    Ok(())
}

/// Waits until the client closes. What it sends until then is dropped.
async fn until_gone(wire: &mut impl Wire) {
    let mut sink = [0; 1024];
    while wire.read(&mut sink).await.is_ok_and(|count| count > 0) {}
}
