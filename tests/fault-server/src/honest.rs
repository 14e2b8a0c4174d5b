//! The answer of a good server to a request for an object.
//!
//! A fault may ask for one thing less to be understood here (`Range`, `If-Range`); everything else that
//! is wrong is done to the result, elsewhere.

use crate::fault::Fault;
use crate::object::{Etag, Object, ReprDigest};
use crate::range::{Selection, if_range_holds, select};
use crate::reply::{Body, Reply};
use crate::request::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Answers `request` with `object`, which `/o/{name}` or `/t/{name}` is the path of. `answer` is a number
/// that no other answer has.
pub(crate) fn reply(
    request: &Request,
    name: &str,
    object: &Object,
    fault: &Fault,
    answer: u64,
) -> Reply {
    let etag = match &object.etag {
        Etag::Absent => None,
        Etag::Fixed(tag) => Some(tag.clone()),
        Etag::EveryAnswer => Some(format!("\"edge-{answer}\"")),
    };
    let modified = object.last_modified.as_deref();
    let selection = selection(request, object, etag.as_deref(), fault);
    let mut reply = part(object, name, selection);
    reply.headers.push(("Accept-Ranges".into(), "bytes".into()));
    if let Some(tag) = etag {
        reply = reply.with("ETag", tag);
    }
    if let Some(date) = modified {
        reply = reply.with("Last-Modified", date);
    }
    if reply.status == 416 {
        return reply;
    }
    reply = reply.with("Content-Type", object.content_type.as_str());
    if let Some(value) = &object.content_disposition {
        reply = reply.with("Content-Disposition", value.as_slice());
    }
    match repr_digest(object) {
        Some(digest) => reply.with("Repr-Digest", digest),
        None => reply,
    }
}

fn selection(request: &Request, object: &Object, etag: Option<&str>, fault: &Fault) -> Selection {
    let modified = object.last_modified.as_deref();
    let condition = *fault == Fault::IgnoreIfRange
        || if_range_holds(request.header("if-range"), etag, modified);
    if *fault == Fault::IgnoreRange || !condition {
        return Selection::Whole;
    }
    select(request.header("range"), object.len())
}

fn part(object: &Object, name: &str, selection: Selection) -> Reply {
    let total = object.len();
    let stretch = |first, len| Body {
        content: object.content.clone(),
        first,
        len,
        counts_for: Some(name.to_owned()),
    };
    match selection {
        Selection::Whole => Reply::new(200, stretch(0, total)),
        Selection::Part { first, last } => Reply::new(206, stretch(first, last - first + 1))
            .with("Content-Range", format!("bytes {first}-{last}/{total}")),
        Selection::Unsatisfiable => Reply::text(416, "text/plain", "no such bytes\n")
            .with("Content-Range", format!("bytes */{total}")),
    }
}

fn repr_digest(object: &Object) -> Option<String> {
    let mut digest = object_digest(object)?;
    if object.digest == ReprDigest::Wrong {
        digest[0] ^= 1;
    }
    Some(format!("sha-256=:{}:", STANDARD.encode(digest)))
}

fn object_digest(object: &Object) -> Option<[u8; 32]> {
    (object.digest != ReprDigest::Absent).then(|| object.sha256_bytes())
}
