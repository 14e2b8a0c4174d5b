//! Every cell of the ladder.

mod asking;
mod partial;
mod whole;

use super::*;
use crate::protocol::headers::Headers;

const ETAG: (&str, &str) = ("etag", "\"v1\"");
const ETAG_2: (&str, &str) = ("etag", "\"v2\"");
const WEAK: (&str, &str) = ("etag", "W/\"v1\"");
const MODIFIED: (&str, &str) = ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT");
const MODIFIED_2: (&str, &str) = ("last-modified", "Sun, 06 Nov 1994 09:49:37 GMT");
const LATER: (&str, &str) = ("date", "Sun, 06 Nov 1994 10:49:37 GMT");
const KIB_64: u64 = 64 * 1024;
const MIB: u64 = 1024 * 1024;

type Fields<'a> = &'a [(&'a str, &'a str)];

fn headers(fields: Fields<'_>) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in fields {
        headers.append(name, value).unwrap();
    }
    headers
}

fn part(offset: u64, total: Option<u64>, fields: Fields<'_>) -> PartState {
    PartState {
        offset,
        total,
        validator: Validator::from_headers(&headers(fields)),
    }
}

fn strict() -> Expectations {
    Expectations::default()
}

fn digest() -> Expectations {
    Expectations {
        digest: true,
        ..strict()
    }
}

fn lenient() -> Expectations {
    Expectations {
        policy: ResumePolicy::Lenient,
        ..strict()
    }
}

fn sized(size: u64) -> Expectations {
    Expectations {
        size: Some(size),
        ..strict()
    }
}

fn range(from: u64, append_at: u64, if_range: Option<&str>) -> Ask {
    Ask::Range(RangeAsk {
        from,
        append_at,
        if_range: if_range.map(str::to_owned),
    })
}

/// The verdict on an answer to what `ask` says to ask for.
fn verdict(part: &PartState, exp: &Expectations, status: u16, fields: Fields<'_>) -> Verdict {
    judge(
        &ask(Some(part), exp),
        Some(part),
        exp,
        &Answer {
            status,
            headers: &headers(fields),
        },
    )
}

/// The verdict on a 206 to a strict request for bytes 100- of 200, with ETag.
fn on_206(fields: Fields<'_>) -> Verdict {
    verdict(&part(100, Some(200), &[ETAG]), &strict(), 206, fields)
}

fn append(overlap: u64, last: u64, total: Option<u64>) -> Verdict {
    Verdict::Append {
        at: 100,
        overlap,
        last,
        total,
        validator_weak: false,
    }
}

fn again(reason: RestartReason) -> Verdict {
    Verdict::AskWhole { reason }
}

fn replace(reason: RestartReason, total: Option<u64>) -> Verdict {
    Verdict::Replace {
        reason: Some(reason),
        total,
    }
}
