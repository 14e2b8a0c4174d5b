//! HTTP/2: an answer as frames. h2 takes care of the protocol; refusals, resets and GOAWAY are ours.

use crate::answer::answer;
use crate::endpoint::{Endpoint, Wire};
use crate::pace::Pacer;
use crate::reply::{Ending, Framing, Head, Reply};
use crate::request::Request;
use crate::state::Shared;
use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use std::future::poll_fn;
use std::time::Duration;
use tokio::sync::mpsc;

/// The streams that a client may have open at once.
const MAX_STREAMS: u32 = 256;

/// What a stream wants of its connection.
#[derive(Clone, Copy, Debug)]
enum Leave {
    /// Complete what is under way, take nothing new.
    Gracefully,
    /// Now.
    Now,
}

/// Serves one connection to its end. Every stream is a task of its own.
pub(crate) async fn serve(wire: impl Wire, endpoint: &Endpoint) -> Result<(), h2::Error> {
    let mut builder = h2::server::Builder::new();
    builder.max_concurrent_streams(MAX_STREAMS);
    let mut connection = builder.handshake::<_, Bytes>(wire).await?;
    let (leave, mut leaving) = mpsc::channel(MAX_STREAMS as usize);
    let mut streams = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = connection.accept() => {
                let Some(accepted) = accepted else {
                    return Ok(());
                };
                let (request, respond) = accepted?;
                let endpoint = endpoint.clone();
                let leave = leave.clone();
                streams.spawn(async move {
                    // An error here is the client's going away.
                    let _ = stream(request, respond, &endpoint, &leave).await;
                });
            }
            Some(how) = leaving.recv() => match how {
                Leave::Gracefully => connection.graceful_shutdown(),
                Leave::Now => connection.abrupt_shutdown(Reason::NO_ERROR),
            },
            Some(_) = streams.join_next() => {}
        }
    }
}

async fn stream(
    request: http::Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    endpoint: &Endpoint,
    leave: &mpsc::Sender<Leave>,
) -> Result<(), h2::Error> {
    let (parts, body) = request.into_parts();
    let request = from_parts(&parts);
    let reply = answer(&endpoint.shared, endpoint.scheme(), &request).reply;
    skip_body(body).await?;
    if reply.go_away {
        // If nobody listens the connection is gone, and so will be this stream.
        let _ = leave.send(Leave::Gracefully).await;
    }
    send(&mut respond, &endpoint.shared, &reply, leave).await
}

fn from_parts(parts: &http::request::Parts) -> Request {
    let mut headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    if let Some(authority) = parts.uri.authority() {
        headers.push(("host".to_owned(), authority.to_string()));
    }
    Request {
        method: parts.method.to_string(),
        target: parts
            .uri
            .path_and_query()
            .map_or_else(|| "/".to_owned(), ToString::to_string),
        headers,
        version: "HTTP/2",
    }
}

async fn skip_body(mut body: RecvStream) -> Result<(), h2::Error> {
    while let Some(data) = body.data().await {
        let count = data?.len();
        body.flow_control().release_capacity(count)?;
    }
    Ok(())
}

async fn send(
    respond: &mut SendResponse<Bytes>,
    shared: &Shared,
    reply: &Reply,
    leave: &mpsc::Sender<Leave>,
) -> Result<(), h2::Error> {
    tokio::time::sleep(Duration::from_millis(reply.delay_ms)).await;
    let head = head(reply);
    match reply.head {
        Head::Whole => {}
        Head::TrickleMs(ms) => {
            let bytes: usize = reply.headers.iter().map(|(n, v)| n.len() + v.len()).sum();
            tokio::time::sleep(Duration::from_millis(ms.saturating_mul(bytes as u64))).await;
        }
        Head::Never => {
            let _ = poll_fn(|context| respond.poll_reset(context)).await;
            return Ok(());
        }
        Head::Refuse => return reset(respond, Reason::REFUSED_STREAM),
        Head::Garbage => return reset(respond, Reason::PROTOCOL_ERROR),
        Head::Close | Head::Reset | Head::HalfThenReset => {
            return reset(respond, Reason::INTERNAL_ERROR);
        }
    }
    let is_empty = reply.body.len == 0 && reply.ending == Ending::Proper;
    let mut out = respond.send_response(head, is_empty || reply.bodiless)?;
    if is_empty || reply.bodiless {
        return Ok(());
    }
    send_body(&mut out, shared, reply).await?;
    match reply.ending {
        Ending::Proper | Ending::CloseAfter(_) => out.send_data(Bytes::new(), true)?,
        Ending::ResetAfter(_) => {
            written().await;
            out.send_reset(Reason::INTERNAL_ERROR);
        }
        Ending::GoAwayAfter(_) => {
            written().await;
            let _ = leave.send(Leave::Now).await;
        }
        Ending::StallAfter(_) => {
            let _ = poll_fn(|context| out.poll_reset(context)).await;
        }
    }
    Ok(())
}

fn reset(respond: &mut SendResponse<Bytes>, reason: Reason) -> Result<(), h2::Error> {
    respond.send_reset(reason);
    Ok(())
}

/// Gives the connection's task, which is on this thread, its turn to write what was queued: a reset
/// would drop it.
async fn written() {
    tokio::task::yield_now().await;
}

/// Status and fields. What HTTP/2 cannot carry is left out.
fn head(reply: &Reply) -> Response<()> {
    let mut head = Response::new(());
    *head.status_mut() = StatusCode::from_u16(reply.status).unwrap_or_default();
    let fields = reply.headers.iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(value).ok()?))
    });
    for (name, value) in fields {
        head.headers_mut().append(name, value);
    }
    if let Framing::Length(len) = reply.framing {
        head.headers_mut()
            .insert(http::header::CONTENT_LENGTH, HeaderValue::from(len));
    }
    head
}

async fn send_body(
    out: &mut SendStream<Bytes>,
    shared: &Shared,
    reply: &Reply,
) -> Result<(), h2::Error> {
    let body = &reply.body;
    let mut pacer = Pacer::new(shared, reply.rate);
    let mut left = reply.ending.sent_of(body.len);
    let mut at = body.first;
    while left > 0 {
        out.reserve_capacity(pacer.next(left));
        let Some(room) = poll_fn(|context| out.poll_capacity(context)).await else {
            return Err(Reason::CANCEL.into());
        };
        let count = room?.min(pacer.next(left));
        let mut data = Vec::with_capacity(count);
        body.content.append(at, count, &mut data);
        out.send_data(data.into(), false)?;
        if let Some(name) = &body.counts_for {
            shared.count_sent(name, count as u64);
        }
        at += count as u64;
        left -= count as u64;
        pacer.sent(count).await;
    }
    Ok(())
}
