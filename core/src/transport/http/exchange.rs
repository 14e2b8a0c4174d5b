//! One question to the server, and the answer at the end of its redirects (rules H3, R2).
//!
//! Must never send a secret to another origin than the one that the app meant it for.

use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request};
use tokio::sync::oneshot;
use url::Url;

use super::attempt::Attempt;
use super::classify;
use super::idle::IdleBody;
use super::redirect::Trail;
use super::stop::End;
use crate::clock;
use crate::engine::resume::Ask;
use crate::engine::retry_after_ms;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::headers::{Headers, InvalidHeader};
use crate::protocol::origin::{is_secret, same_origin, strip_secrets};
use crate::response::Response;
use crate::transport::{RedirectReply, TransferEvent};

/// Of the body of an answer that is not the file, so much is read (rule H5).
const SIDE_BODY_MAX_BYTES: usize = 64 * 1024;
/// And for so long.
const SIDE_BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// Fields that belong to the connection or to the framing: a request that brings its own is not
/// allowed to break it.
const HOP_HEADERS: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// An answer whose body was not read yet.
pub(super) struct Exchange {
    pub head: Response,
    /// Whether the protocol itself marks the end of the body (rule R8).
    pub is_framed: bool,
    pub body: IdleBody,
}

impl Attempt {
    /// Sends the request, follows redirects, and gives the answer that is not one.
    pub(super) async fn exchange(&mut self, ask: &Ask) -> std::result::Result<Exchange, End> {
        let mut headers = self.transfer.headers.clone();
        ask.set_headers(&mut headers).map_err(too_many_headers)?;
        for name in HOP_HEADERS {
            headers.remove(name);
        }
        let mut trail = Trail::new(&self.transfer.url, &self.running.shared.plain_http)?;
        loop {
            let mut exchange = self.send(&trail.here, &headers).await?;
            let head = &exchange.head;
            let next = trail.next(head.status, &head.headers, &self.running.shared.plain_http)?;
            let Some(target) = next else {
                return Ok(exchange);
            };
            self.wait_if_asked(head)?;
            if !self.may_follow(head, &target).await? {
                // The redirect is the answer now, and not one to be followed later.
                exchange.head.headers.remove("retry-after");
                return Ok(exchange);
            }
            // To its end, so that the connection can be used again.
            self.side_body(&mut exchange.body).await?;
            if !same_origin(&trail.here, &target) {
                strip_secrets(&mut headers, &self.transfer.secret_headers);
            }
            self.meter.redirects += 1;
            trail.follow(target);
        }
    }

    async fn send(&mut self, url: &Url, headers: &Headers) -> std::result::Result<Exchange, End> {
        let client = self.running.shared.clients.for_url(url).await?;
        let host = url.host_str().unwrap_or_default();
        let request = self.request(client, url, headers)?;
        let sent = Instant::now();
        self.meter.requested(sent);
        let timeout = self.transfer.timeout_for_request;
        let alone = self.running.alone();
        let answer = tokio::time::timeout(timeout, client.execute(request));
        let response = self
            .stop
            .or(answer)
            .await?
            .map_err(|_| classify::silence(timeout))?
            .map_err(|error| {
                let was_alone = alone.is_some() && alone == self.running.alone();
                classify::of_send(error, host, was_alone)
            })?;
        self.meter.answered(sent, &response);
        let head = head_of(&response, url)?;
        Ok(Exchange {
            is_framed: is_framed(&head),
            head,
            body: IdleBody::new(response, timeout),
        })
    }

    fn request(&self, client: &reqwest::Client, url: &Url, headers: &Headers) -> Result<Request> {
        let secret = &self.transfer.secret_headers;
        let host = url.host_str().unwrap_or_default();
        client
            .request(Method::GET, url.clone())
            .headers(header_map(headers, secret)?)
            .build()
            .map_err(|error| classify::of_send(error, host, true))
    }

    /// Rule H2: a redirect with `Retry-After` is followed by a later attempt.
    fn wait_if_asked(&self, head: &Response) -> std::result::Result<(), End> {
        let asked_ms = retry_after_ms(head, clock::now().wall_ms).unwrap_or(0);
        let asked = Duration::from_millis(asked_ms);
        let task = self.transfer.id.task;
        let waits = &self.running.shared.waits;
        let Some(left) = waits.remaining(task, Instant::now(), asked) else {
            return Ok(());
        };
        let error = Error::new(
            ErrorKind::HttpStatus,
            format!(
                "the server redirects ({}), and asks to wait before following",
                head.status
            ),
        );
        Err(End::Failed {
            error: error.with_response(head.clone()),
            retry_after_ms: Some(u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
        })
    }

    /// Asks the delegate, if it wants to be asked. There is no deadline but the task's.
    async fn may_follow(
        &mut self,
        head: &Response,
        target: &Url,
    ) -> std::result::Result<bool, End> {
        if !self.transfer.asks_about_redirects {
            return Ok(true);
        }
        let (sender, answer) = oneshot::channel();
        self.running.emit(TransferEvent::Redirecting {
            response: head.clone(),
            url: target.to_string(),
            // The transfer may have been stopped meanwhile: then nobody needs the answer.
            reply: RedirectReply::new(move |follow| {
                let _ = sender.send(follow);
            }),
        });
        let answer = self.stop.or(answer).await?;
        // Dropped without an answer: yes.
        Ok(answer.unwrap_or(true))
    }

    /// What there is of a body that is not the file, within limits.
    pub(super) async fn side_body(
        &mut self,
        body: &mut IdleBody,
    ) -> std::result::Result<Vec<u8>, End> {
        let mut kept = Vec::new();
        let stop = &mut self.stop;
        let meter = &mut self.meter;
        let reading = async {
            while let Ok(Some(chunk)) = next_side_chunk(body, stop).await? {
                meter.network_bytes += chunk.len() as u64;
                let room = SIDE_BODY_MAX_BYTES - kept.len();
                kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if kept.len() == SIDE_BODY_MAX_BYTES {
                    break;
                }
            }
            Ok(())
        };
        // A body that takes longer, or breaks, is kept as far as it came.
        match tokio::time::timeout(SIDE_BODY_TIMEOUT, reading).await {
            Ok(Err(end)) => Err(end),
            Ok(Ok(())) | Err(_) => Ok(kept),
        }
    }
}

/// A stop is passed on; a body that breaks off is not worth an error.
async fn next_side_chunk(
    body: &mut IdleBody,
    stop: &mut super::stop::Stop,
) -> std::result::Result<std::result::Result<Option<Bytes>, ()>, End> {
    match body.next(stop).await {
        Ok(chunk) => Ok(Ok(chunk)),
        Err(End::Stopped) => Err(End::Stopped),
        Err(End::Failed { .. }) => Ok(Err(())),
    }
}

/// Whether something other than the close of the connection says where the body ends (rule R8).
fn is_framed(head: &Response) -> bool {
    let chunked = |value: &str| value.to_ascii_lowercase().contains("chunked");
    head.http_version.starts_with("HTTP/2")
        || head.status == 204
        || head.headers.get("content-length").is_some()
        || head.headers.get_all("transfer-encoding").any(chunked)
}

fn head_of(response: &reqwest::Response, url: &Url) -> Result<Response> {
    let mut headers = Headers::new();
    for (name, value) in response.headers() {
        let added = match std::str::from_utf8(value.as_bytes()) {
            Ok(text) => headers.append(name.as_str(), text),
            // RFC 9110 knows no other encoding than Latin-1 for old fields.
            Err(_) => {
                let text: String = value.as_bytes().iter().copied().map(char::from).collect();
                headers.append(name.as_str(), &text)
            }
        };
        added.map_err(unusable_header)?;
    }
    let mut url = url.clone();
    // These fail only for URLs that can have no user-info.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Ok(Response {
        url: url.into(),
        status: response.status().as_u16(),
        http_version: format!("{:?}", response.version()),
        headers,
        body: Vec::new(),
    })
}

fn unusable_header(error: InvalidHeader) -> Error {
    match error {
        InvalidHeader::TooMany | InvalidHeader::TooLarge => classify::headers_too_large(),
        other => Error::new(
            ErrorKind::InvalidResponse,
            "the server sent a malformed header field",
        )
        .with_source(other),
    }
}

fn too_many_headers(error: InvalidHeader) -> Error {
    Error::new(
        ErrorKind::InvalidHeader,
        "the request has no room for another header field",
    )
    .with_source(error)
}

fn header_map(headers: &Headers, secret_names: &[String]) -> Result<HeaderMap> {
    let invalid = |name: &str| {
        let message = format!("header field {name:?} cannot be sent");
        Error::new(ErrorKind::InvalidHeader, message)
    };
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter() {
        let field = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid(name))?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| invalid(name))?;
        value.set_sensitive(is_secret(name, secret_names));
        map.append(field, value);
    }
    Ok(map)
}
