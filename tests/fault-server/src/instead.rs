//! Answers that take the object's place: redirects, challenges, errors, portals.

use crate::fault::{Fault, RetryAfter};
use crate::reply::Reply;
use crate::request::Request;
use std::time::{Duration, SystemTime};

const PORTAL: &str = "<!DOCTYPE html><html><head><title>Sign in</title></head>\
    <body><h1>Welcome to the airport</h1><form action=\"/login\">\
    <button>Accept</button></form></body></html>\n";
const EXPIRED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>\n";
/// The longest body of an error.
const MAX_ERROR_BODY_BYTES: u64 = 64 * 1024 * 1024;

/// What the request looks like from outside: for addresses that we send back.
pub(crate) struct Site<'a> {
    pub(crate) scheme: &'a str,
    pub(crate) host: &'a str,
}

/// The answer that `fault` puts in the object's place, if it does; `len` is the object's length.
pub(crate) fn reply(
    fault: &Fault,
    request: &Request,
    site: &Site<'_>,
    name: &str,
    len: u64,
) -> Option<Reply> {
    let Site { scheme, host } = site;
    let target = &request.target;
    Some(match fault {
        Fault::Redirect {
            status,
            to,
            retry_after,
        } => with_retry_after(redirect(*status, to.clone()), *retry_after),
        Fault::RedirectToTarget(status) => redirect(*status, format!("{scheme}://{host}/t/{name}")),
        Fault::RedirectLoop => redirect(302, format!("{scheme}://{host}{target}")),
        Fault::RedirectDowngrade => redirect(302, format!("http://{host}{target}")),
        Fault::Unauthorized => unauthorized(),
        Fault::UnauthorizedOnRange if request.header("range").is_some() => unauthorized(),
        Fault::RequireAuthorization(value) if request.header("authorization") != Some(value) => {
            unauthorized()
        }
        Fault::ExpiredUrl => Reply::text(403, "application/xml", EXPIRED),
        Fault::ProxyUnauthorized => Reply::text(407, "text/plain", "proxy\n")
            .with("Proxy-Authenticate", "Basic realm=\"proxy\""),
        Fault::Status {
            status,
            retry_after,
        } => with_retry_after(
            Reply::text(*status, "text/plain", format!("status {status}\n")),
            *retry_after,
        ),
        Fault::ErrorBody { status, bytes } => {
            // Bounded just above, and so within a usize.
            let body = vec![b'x'; (*bytes).min(MAX_ERROR_BODY_BYTES) as usize];
            Reply::text(*status, "text/plain", body)
        }
        Fault::CaptivePortal => Reply::text(200, "text/html; charset=utf-8", PORTAL),
        Fault::NotSatisfiable => Reply::text(416, "text/plain", "no such bytes\n")
            .with("Content-Range", format!("bytes */{len}")),
        Fault::NotSatisfiableBare => Reply::text(416, "text/plain", "no such bytes\n"),
        _ => return None,
    })
}

fn redirect(status: u16, to: String) -> Reply {
    Reply::text(status, "text/plain", "elsewhere\n").with("Location", to)
}

fn unauthorized() -> Reply {
    Reply::text(401, "text/plain", "who are you?\n")
        .with("WWW-Authenticate", "Bearer realm=\"objects\"")
}

fn with_retry_after(reply: Reply, retry_after: RetryAfter) -> Reply {
    let value = match retry_after {
        RetryAfter::Absent => return reply,
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date(seconds) => SystemTime::now()
            .checked_add(Duration::from_secs(seconds))
            .map_or_else(|| "never".to_owned(), httpdate::fmt_http_date),
        RetryAfter::Garbage => "-soon; ish".to_owned(),
    };
    reply.with("Retry-After", value)
}
