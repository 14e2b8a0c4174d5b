//! What a server answers: a pure function of the object, the request and the fault.
//!
//! Never lies in ways that no client could see: a strong tag names one version, and a
//! `Content-Range` says where the body begins. For everything else there is [`Fault`].

use super::fault::{Fault, RetryAfter};
use super::object::{Object, http_date};
use crate::protocol::Headers;
use crate::protocol::number::digits;
use crate::sim::content::Content;

/// Length of pages that are not the object.
const PAGE_BYTES: u64 = 512;

/// What a client asks for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub url: url::Url,
    /// Of which only `Range` and `If-Range` mean something here.
    pub headers: Headers,
    /// After so long without a byte the client gives up.
    pub patience_ms: i64,
}

impl Request {
    /// The first byte asked for. Only open-ended ranges are understood; servers ignore the others.
    fn from(&self) -> Option<u64> {
        let range = self.headers.get("range")?;
        digits(range.strip_prefix("bytes=")?.strip_suffix('-')?)
    }
}

/// An answer, and how far its body will come.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Headers,
    pub body: Content,
    pub end: BodyEnd,
}

/// What becomes of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyEnd {
    Whole,
    /// It ends early, as if it were whole.
    Cut(u64),
    Breaks(u64),
    Stalls(u64),
}

impl BodyEnd {
    /// How many bytes come of a body of `len`.
    pub fn bytes(self, len: u64) -> u64 {
        match self {
            BodyEnd::Whole => len,
            BodyEnd::Cut(at) | BodyEnd::Breaks(at) | BodyEnd::Stalls(at) => at.min(len),
        }
    }
}

/// Sets a field that is known to be well-formed.
pub(super) fn set(headers: &mut Headers, name: &str, value: &str) {
    if let Err(error) = headers.insert(name, value) {
        log::error!("a simulated server cannot send {name}: {error}");
    }
}

impl Answer {
    fn new(status: u16, now_ms: i64, body: Content) -> Answer {
        let mut headers = Headers::new();
        set(&mut headers, "date", &http_date(now_ms));
        set(&mut headers, "content-length", &body.len().to_string());
        Answer {
            status,
            headers,
            body,
            end: BodyEnd::Whole,
        }
    }

    /// A page that is not the object: what a server says for itself, or a captive portal in its place.
    pub fn page(status: u16, now_ms: i64) -> Answer {
        let mut page = Answer::new(status, now_ms, Content::whole(0, 0, PAGE_BYTES));
        set(&mut page.headers, "content-type", "text/html");
        page
    }

    /// The answer of a server that has the object, if it has it. `now_ms` is the true time.
    pub fn of(
        object: Option<&Object>,
        request: &Request,
        fault: Option<Fault>,
        now_ms: i64,
    ) -> Answer {
        if let Some(Fault::Status {
            status,
            retry_after,
        }) = fault
        {
            return Answer::refusal(status, retry_after, now_ms);
        }
        let Some(object) = object else {
            return Answer::page(404, now_ms);
        };
        let mut answer = match Answer::first_byte(object, request) {
            None => Answer::whole(object, now_ms),
            Some(from) => Answer::range(object, from, fault, now_ms),
        };
        match fault {
            Some(Fault::Truncated { after_bytes }) => answer.end = BodyEnd::Cut(after_bytes),
            Some(Fault::Reset { after_bytes }) => answer.end = BodyEnd::Breaks(after_bytes),
            Some(Fault::Stall { after_bytes }) => answer.end = BodyEnd::Stalls(after_bytes),
            _ => {}
        }
        answer
    }

    /// Where a 206 is to begin; none for a 200.
    fn first_byte(object: &Object, request: &Request) -> Option<u64> {
        let if_range = request.headers.get("if-range");
        let from = request.from()?;
        let changed =
            object.checks_if_range() && if_range.is_some_and(|validator| !object.is(validator));
        (!changed && !object.ignores_ranges(if_range.is_some())).then_some(from)
    }

    fn refusal(status: u16, retry_after: Option<RetryAfter>, now_ms: i64) -> Answer {
        let mut answer = Answer::page(status, now_ms);
        let value = match retry_after {
            None => return answer,
            Some(RetryAfter::Seconds(seconds)) => seconds.to_string(),
            Some(RetryAfter::Date(seconds)) => {
                let ms = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
                http_date(now_ms.saturating_add(ms))
            }
        };
        set(&mut answer.headers, "retry-after", &value);
        answer
    }

    fn whole(object: &Object, now_ms: i64) -> Answer {
        let mut answer = Answer::new(200, now_ms, object.content());
        object.describe(&mut answer.headers);
        answer
    }

    fn range(object: &Object, asked: u64, fault: Option<Fault>, now_ms: i64) -> Answer {
        let size = object.size;
        let from = match fault {
            Some(Fault::Early { bytes }) => asked.saturating_sub(bytes),
            Some(Fault::Late { bytes }) => asked.saturating_add(bytes),
            _ => asked,
        };
        if from >= size || fault == Some(Fault::Unsatisfiable) {
            let total = match fault {
                Some(Fault::Unsatisfiable) => 0,
                _ => size,
            };
            let mut answer = Answer::page(416, now_ms);
            set(
                &mut answer.headers,
                "content-range",
                &format!("bytes */{total}"),
            );
            return answer;
        }
        let mut answer = Answer::new(206, now_ms, object.content().part(from, u64::MAX));
        object.describe(&mut answer.headers);
        if fault != Some(Fault::NoContentRange) {
            let range = format!("bytes {from}-{}/{size}", size - 1);
            set(&mut answer.headers, "content-range", &range);
        }
        answer
    }
}
