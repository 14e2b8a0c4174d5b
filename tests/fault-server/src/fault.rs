//! Every way in which an answer can be wrong.
//!
//! One variant is one fault of one answer. A fault that lasts over several requests is a script of
//! them. The name in backquotes at the end of each line is the one to use in a query
//! (`/o/NAME?fault=range-early&bytes=4096`); parameters that are left out have a default.

/// A fault. Unless a variant says otherwise, the rest of the answer is what a good server would send.
///
/// On HTTP/2, where there is no connection to cut for one answer, "reset" is `RST_STREAM`, "close" is
/// an end of stream, and a length that is left out is simply not declared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// No fault. `none`
    None,

    /// `Range` is not understood: 200 and the whole object. `ignore-range`
    IgnoreRange,
    /// `If-Range` is not understood: 206 although the validator differs. `ignore-if-range`
    IgnoreIfRange,
    /// A 206 that starts this many bytes before the place asked for, and says so. `range-early`, `bytes`
    RangeEarly(u64),
    /// A 206 that starts this many bytes after the place asked for, and says so. `range-late`, `bytes`
    RangeLate(u64),
    /// A 206 that ends this many bytes before the place asked for, and says so. `range-short`, `bytes`
    RangeShort(u64),
    /// A 206 with this many bytes fewer than its `Content-Range` says; `Content-Length` is that of the
    /// body. `range-body-short`, `bytes`
    RangeBodyShort(u64),
    /// A 206 with this many bytes more than its `Content-Range` says; `Content-Length` is that of the
    /// body. `range-body-long`, `bytes`
    RangeBodyLong(u64),
    /// A 206 without `Content-Range`. `range-without-content-range`
    RangeWithoutContentRange,
    /// A 206 with `Content-Range: bytes */TOTAL`. `range-unplaced`
    RangeUnplaced,
    /// A 206 with `Content-Range: bytes FIRST-LAST/*`. `range-unknown-total`
    RangeUnknownTotal,
    /// A 206 with `Transfer-Encoding: chunked` and no length. `range-chunked`
    RangeChunked,
    /// A 206 with a `Content-Range` that is not one. `range-garbage`
    RangeGarbage,
    /// 416 with `Content-Range: bytes */TOTAL`, whatever was asked for. `not-satisfiable`
    NotSatisfiable,
    /// 416 without `Content-Range`, whatever was asked for. `not-satisfiable-bare`
    NotSatisfiableBare,

    /// This answer is about other bytes of the same length, with another entity tag: an edge that
    /// holds another version. `other-version`
    OtherVersion,
    /// The right bytes under another strong entity tag than usual. `other-etag`
    OtherEtag,
    /// The entity tag is weak. `weak-etag`
    WeakEtag,
    /// Neither `ETag` nor `Last-Modified`. `without-validators`
    WithoutValidators,

    /// `Content-Length` is right, the connection closes after this many body bytes. `truncate`, `bytes`
    Truncate(u64),
    /// Chunked, and right. `chunked`
    Chunked,
    /// Chunked, and the connection closes after this many body bytes, without the last chunk.
    /// `chunked-abort`, `bytes`
    ChunkedAbort(u64),
    /// No length: the body ends where the connection closes. `close-delimited`
    CloseDelimited,
    /// The same, but it closes after this many body bytes; nobody can tell. `close-delimited-short`,
    /// `bytes`
    CloseDelimitedShort(u64),
    /// A 200 with `Content-Length: 0`. `empty`
    Empty,
    /// The body goes on for this many bytes past the length that was declared. `too-long`, `bytes`
    TooLong(u64),
    /// 200, `Content-Encoding: gzip`, and the whole object in that encoding, although nobody asked for
    /// it. Made in memory: for small objects. `gzip`
    Gzip,
    /// Sends this many body bytes and then nothing until the client goes away. `stall`, `bytes`
    Stall(u64),
    /// Sends the body no faster than this many bytes a second. `slow-body`, `rate`
    SlowBody(u64),

    /// Waits this long before it answers. `delay`, `ms`
    DelayMs(u64),
    /// Never answers. `no-answer`
    NoAnswer,
    /// Closes instead of an answer. `close-before-headers`
    CloseBeforeHeaders,
    /// Resets instead of an answer. `reset-before-headers`
    ResetBeforeHeaders,
    /// Resets in the middle of the header section; on HTTP/2 before it. `reset-in-headers`
    ResetInHeaders,
    /// Resets after this many body bytes were written. The client sees at most as many: what is in
    /// the server's buffers is dropped. `reset-after`, `bytes`
    ResetAfter(u64),
    /// The header section comes one byte at a time, this far apart; on HTTP/2 all at once after as
    /// long. `slow-headers`, `ms`
    SlowHeadersMs(u64),
    /// What comes back is not HTTP. On HTTP/2 a reset with `PROTOCOL_ERROR`. `garbage`
    Garbage,
    /// So many fields, each with a value of so many bytes, in front of the others. `header-flood`,
    /// `count`, `bytes`
    HeaderFlood {
        /// The number of fields.
        count: u32,
        /// The length of each value.
        value_bytes: u32,
    },
    /// `Expect: 100-continue` is left without an interim answer: the server waits for the body.
    /// `no-continue`
    NoContinue,
    /// This `Content-Disposition`, byte for byte. `content-disposition`, `value`
    ContentDisposition(Vec<u8>),

    /// A redirect; `to` is sent as it is. `redirect`, `status`, `to`, `retry_after`
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// The value of `Location`.
        to: String,
        /// Whether the client shall wait.
        retry_after: RetryAfter,
    },
    /// A redirect without validators to the same object at `/t/NAME`, where it is served without
    /// faults and with validators. `redirect-to-target`, `status`
    RedirectToTarget(u16),
    /// A redirect to the address that was asked for. `redirect-loop`
    RedirectLoop,
    /// A redirect to the same address over plain http. `redirect-downgrade`
    RedirectDowngrade,

    /// 401 with `WWW-Authenticate: Bearer`. `unauthorized`
    Unauthorized,
    /// The same, but only if the request has a `Range`: the credentials ran out in the middle.
    /// `unauthorized-on-range`
    UnauthorizedOnRange,
    /// The same, unless `Authorization` has this value. `require-authorization`, `value`
    RequireAuthorization(String),
    /// 403 with a body as from an object store: the signed address has expired. `expired-url`
    ExpiredUrl,
    /// 407 with `Proxy-Authenticate`. `proxy-unauthorized`
    ProxyUnauthorized,
    /// This status (408, 429, 500, 503 …), perhaps with `Retry-After`. `status`, `status`, `retry_after`
    Status {
        /// The status.
        status: u16,
        /// What goes into `Retry-After`.
        retry_after: RetryAfter,
    },
    /// This status with a body of so many bytes. `error-body`, `status`, `bytes`
    ErrorBody {
        /// The status.
        status: u16,
        /// The length of the body.
        bytes: u64,
    },
    /// 200 with the HTML of a login page, whatever was asked for. `captive-portal`
    CaptivePortal,

    /// HTTP/2: GOAWAY in the middle, after this many body bytes, and the connection closes. HTTP/1: as
    /// `ResetAfter`. `go-away`, `bytes`
    GoAway(u64),
    /// HTTP/2: GOAWAY, but what is under way is completed; the next request needs a new connection.
    /// HTTP/1: `Connection: close`. `go-away-gracefully`
    GoAwayGracefully,
    /// HTTP/2: the stream is refused (`REFUSED_STREAM`), so that it may be tried again at once. HTTP/1: as
    /// `ResetBeforeHeaders`. `refused-stream`
    RefusedStream,
}

impl Fault {
    /// A redirect that asks for no delay.
    pub fn redirect(status: u16, to: impl Into<String>) -> Self {
        Fault::Redirect {
            status,
            to: to.into(),
            retry_after: RetryAfter::Absent,
        }
    }

    /// A bare status.
    pub fn status(status: u16) -> Self {
        Fault::Status {
            status,
            retry_after: RetryAfter::Absent,
        }
    }

    /// A status with `Retry-After` in seconds.
    pub fn retry_after(status: u16, seconds: u64) -> Self {
        Fault::Status {
            status,
            retry_after: RetryAfter::Seconds(seconds),
        }
    }
}

/// The forms of `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// There is none.
    Absent,
    /// This many seconds, as a number.
    Seconds(u64),
    /// This many seconds from the answer, as a date.
    Date(u64),
    /// Something that is neither.
    Garbage,
}
