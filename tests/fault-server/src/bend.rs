//! What a fault does to the good answer: to its range, its body, and its way over the wire.

use crate::fault::Fault;
use crate::gzip::gzip;
use crate::object::Object;
use crate::reply::{Body, Ending, Framing, Head, Reply};

/// The most bytes that a header flood consists of.
const MAX_FLOOD_BYTES: u32 = 64 * 1024 * 1024;

/// Bends the object before it is answered with.
pub(crate) fn object(fault: &Fault, object: Object) -> Object {
    match fault {
        Fault::OtherVersion => object.other_version(),
        Fault::OtherEtag => object.etag("\"another-edge\""),
        Fault::WeakEtag => object.weak_etag(),
        Fault::WithoutValidators => object.without_validators(),
        Fault::ContentDisposition(value) => object.content_disposition(value.as_slice()),
        _ => object,
    }
}

/// Bends a 206; other answers stay as they are. `total` is the object's length.
pub(crate) fn range(fault: &Fault, reply: &mut Reply, total: u64) {
    if reply.status != 206 {
        return;
    }
    let (first, len) = (reply.body.first, reply.body.len);
    let place = |first: u64, len: u64| format!("bytes {first}-{}/{total}", first + len - 1);
    let mut label = |value: Option<String>| reply.replace("Content-Range", value);
    match fault {
        Fault::RangeEarly(by) => {
            let start = first.saturating_sub(*by);
            set_stretch(reply, start, len + (first - start));
            reply.replace("Content-Range", Some(place(start, len + (first - start))));
        }
        Fault::RangeLate(by) => {
            let skip = (*by).min(len - 1);
            set_stretch(reply, first + skip, len - skip);
            reply.replace("Content-Range", Some(place(first + skip, len - skip)));
        }
        Fault::RangeShort(by) => {
            let kept = len.saturating_sub(*by).max(1);
            set_stretch(reply, first, kept);
            reply.replace("Content-Range", Some(place(first, kept)));
        }
        Fault::RangeBodyShort(by) => set_stretch(reply, first, len.saturating_sub(*by)),
        Fault::RangeBodyLong(by) => set_stretch(reply, first, len.saturating_add(*by)),
        Fault::RangeWithoutContentRange => label(None),
        Fault::RangeUnplaced => label(Some(format!("bytes */{total}"))),
        Fault::RangeUnknownTotal => label(Some(format!("bytes {first}-{}/*", first + len - 1))),
        Fault::RangeGarbage => label(Some(format!("bytes={first}-, of {total}"))),
        Fault::RangeChunked => reply.framing = Framing::Chunked,
        _ => {}
    }
}

fn set_stretch(reply: &mut Reply, first: u64, len: u64) {
    reply.body.first = first;
    reply.body.len = len;
    reply.framing = Framing::Length(len);
}

/// Bends the body and its framing.
pub(crate) fn body(fault: &Fault, reply: &mut Reply) {
    match fault {
        Fault::Truncate(after) => reply.ending = Ending::CloseAfter(*after),
        Fault::Chunked => reply.framing = Framing::Chunked,
        Fault::ChunkedAbort(after) => {
            reply.framing = Framing::Chunked;
            reply.ending = Ending::CloseAfter(*after);
        }
        Fault::CloseDelimited => reply.framing = Framing::Close,
        Fault::CloseDelimitedShort(after) => {
            reply.framing = Framing::Close;
            reply.ending = Ending::CloseAfter(*after);
        }
        Fault::Empty => {
            *reply = Reply::text(200, "application/octet-stream", "");
        }
        Fault::TooLong(extra) => {
            reply.body.len = reply.body.len.saturating_add(*extra);
            // Nothing may follow on a connection on which too much was said.
            reply.ending = Ending::CloseAfter(reply.body.len);
        }
        Fault::Gzip => encode(reply),
        Fault::Stall(after) => reply.ending = Ending::StallAfter(*after),
        Fault::ResetAfter(after) => reply.ending = Ending::ResetAfter(*after),
        Fault::GoAway(after) => reply.ending = Ending::GoAwayAfter(*after),
        Fault::SlowBody(rate) => reply.rate = Some(*rate),
        _ => {}
    }
}

fn encode(reply: &mut Reply) {
    let body = &reply.body;
    let encoded = gzip(&body.content);
    let counts_for = body.counts_for.clone();
    reply.body = Body {
        counts_for,
        ..Body::given(encoded.into())
    };
    reply.status = 200;
    reply.framing = Framing::Length(reply.body.len);
    reply.replace("Content-Range", None);
    reply.replace("Content-Encoding", Some("gzip".to_owned()));
}

/// Bends what comes before the body, and the connection.
pub(crate) fn head(fault: &Fault, reply: &mut Reply) {
    match fault {
        Fault::DelayMs(ms) => reply.delay_ms = *ms,
        Fault::NoAnswer => reply.head = Head::Never,
        Fault::CloseBeforeHeaders => reply.head = Head::Close,
        Fault::ResetBeforeHeaders => reply.head = Head::Reset,
        Fault::ResetInHeaders => reply.head = Head::HalfThenReset,
        Fault::SlowHeadersMs(ms) => reply.head = Head::TrickleMs(*ms),
        Fault::Garbage => reply.head = Head::Garbage,
        Fault::RefusedStream => reply.head = Head::Refuse,
        Fault::GoAwayGracefully => reply.go_away = true,
        Fault::HeaderFlood { count, value_bytes } => {
            let most = MAX_FLOOD_BYTES / (*count).max(1);
            let value = vec![b'f'; (*value_bytes).min(most) as usize];
            let flood = (0..*count).map(|number| (format!("X-Flood-{number}"), value.clone()));
            reply.headers.splice(0..0, flood);
        }
        _ => {}
    }
}
