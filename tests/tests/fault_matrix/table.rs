//! What comes of each fault.

use backhaul::ErrorKind;
use backhaul_fault_server::{Fault, Object, RetryAfter};

use crate::cells::{CUT, Cell, LEN, Validator, other_version};

/// The right result of a cell.
#[derive(Clone, Debug)]
pub enum Expect {
    /// The object, vouched for.
    File,
    /// The object, of which only the end of the connection says that it is whole.
    Unverified,
    /// Whatever the server sent in the object's place, whole.
    Instead(Object),
    /// The first bytes, because the server says that they are all; flagged, or not if it said so in so
    /// many words.
    Prefix { flagged: bool },
    /// One of these errors.
    Fails(&'static [ErrorKind]),
    /// Either the file or one of these errors: how far an attempt comes is up to the network.
    Perhaps(&'static [ErrorKind]),
}

use Expect::{Fails, File, Instead, Perhaps, Prefix, Unverified};

const STATUS: &[ErrorKind] = &[ErrorKind::HttpStatus];
const DEADLINE: &[ErrorKind] = &[ErrorKind::ResourceTimedOut];
/// An object that seems to change all the time, met as often as there is time for.
const UNSTABLE_OR_DEADLINE: &[ErrorKind] =
    &[ErrorKind::ValidatorUnstable, ErrorKind::ResourceTimedOut];
const WRONG_DIGEST: &[ErrorKind] = &[ErrorKind::DigestMismatch];
const TOO_LARGE: &[ErrorKind] = &[ErrorKind::ResponseTooLarge, ErrorKind::InvalidResponse];

/// One fault, and what comes of it in each cell.
pub struct Row {
    /// As the server's documentation has it.
    pub name: &'static str,
    pub fault: Fault,
    pub expect: fn(&Cell, seed: u64) -> Expect,
    /// It ends a whole HTTP/2 connection, with the other streams on it.
    pub disruptive: bool,
}

fn row(name: &'static str, fault: Fault, expect: fn(&Cell, u64) -> Expect) -> Row {
    Row {
        name,
        fault,
        expect,
        disruptive: false,
    }
}

fn disruptive(row: Row) -> Row {
    Row {
        disruptive: true,
        ..row
    }
}

fn file(_: &Cell, _: u64) -> Expect {
    File
}

fn status(_: &Cell, _: u64) -> Expect {
    Fails(STATUS)
}

/// It passes; for ever, it does not.
fn passes(cell: &Cell, _: u64) -> Expect {
    if cell.is_always() {
        Fails(DEADLINE)
    } else {
        File
    }
}

/// An answer that is cut: what came is kept where it can be gone on from.
fn cut(cell: &Cell, _: u64) -> Expect {
    match (cell.is_always(), cell.validator) {
        (false, _) => File,
        (true, Validator::Differs) => Fails(UNSTABLE_OR_DEADLINE),
        (true, validator) if validator.vouches() => File,
        (true, _) => Fails(DEADLINE),
    }
}

/// The same, where it takes long, or is not certain how much arrives.
fn cut_at_random(cell: &Cell, seed: u64) -> Expect {
    match cut(cell, seed) {
        File if cell.is_always() => Perhaps(DEADLINE),
        expect => expect,
    }
}

/// An answer to a request for the rest that cannot be used; the whole is asked for then.
fn only_if_fresh(cell: &Cell, _: u64) -> Expect {
    if cell.asks_for_rest() && !cell.is_always() {
        File
    } else {
        Fails(STATUS)
    }
}

/// An answer that is whole, and not the object.
fn instead(cell: &Cell, object: Object) -> Expect {
    match cell.validator {
        Validator::Digest => Fails(WRONG_DIGEST),
        _ => Instead(object),
    }
}

const PORTAL: &str = "<!DOCTYPE html><html><head><title>Sign in</title></head>\
    <body><h1>Welcome to the airport</h1><form action=\"/login\">\
    <button>Accept</button></form></body></html>\n";

fn other(cell: &Cell, seed: u64) -> Expect {
    match cell.validator {
        // The overlap differs, and the next answer is the right one.
        Validator::Digest if cell.asks_for_rest() && !cell.is_always() => File,
        _ => instead(cell, other_version(seed, LEN)),
    }
}

/// A body that nobody can tell is short.
fn short_unseen(cell: &Cell, flagged: bool) -> Expect {
    match cell.validator {
        // Only the rest was sent, and that says how long it is.
        validator if cell.asks_for_rest() && validator.vouches() => File,
        Validator::Digest => Fails(WRONG_DIGEST),
        _ => Prefix { flagged },
    }
}

/// Every row.
pub fn rows() -> Vec<Row> {
    let mut rows = ranges();
    rows.extend(versions());
    rows.extend(bodies());
    rows.extend(heads());
    rows.extend(answers_instead());
    rows
}

fn ranges() -> Vec<Row> {
    vec![
        row("none", Fault::None, file),
        row("ignore-range", Fault::IgnoreRange, file),
        row("ignore-if-range", Fault::IgnoreIfRange, file),
        row("range-early", Fault::RangeEarly(4096), file),
        row("range-late", Fault::RangeLate(4096), file),
        row("range-short", Fault::RangeShort(8), file),
        row("range-body-short", Fault::RangeBodyShort(1000), file),
        row("range-body-long", Fault::RangeBodyLong(1000), file),
        row(
            "range-without-content-range",
            Fault::RangeWithoutContentRange,
            file,
        ),
        row("range-unplaced", Fault::RangeUnplaced, file),
        row("range-unknown-total", Fault::RangeUnknownTotal, file),
        row("range-chunked", Fault::RangeChunked, file),
        row("range-garbage", Fault::RangeGarbage, file),
        row("not-satisfiable", Fault::NotSatisfiable, only_if_fresh),
        row(
            "not-satisfiable-bare",
            Fault::NotSatisfiableBare,
            only_if_fresh,
        ),
    ]
}

fn versions() -> Vec<Row> {
    vec![
        row("other-version", Fault::OtherVersion, other),
        row("other-etag", Fault::OtherEtag, file),
        row("weak-etag", Fault::WeakEtag, file),
        row("without-validators", Fault::WithoutValidators, file),
    ]
}

fn bodies() -> Vec<Row> {
    vec![
        row("truncate", Fault::Truncate(CUT), cut),
        row("chunked", Fault::Chunked, file),
        row("chunked-abort", Fault::ChunkedAbort(CUT), |cell, seed| {
            if cell.is_http2() {
                // An end of stream, without a length: that is how whole bodies end, too.
                short_unseen(cell, false)
            } else {
                cut(cell, seed)
            }
        }),
        row("close-delimited", Fault::CloseDelimited, |cell, _| {
            let judged = cell.validator == Validator::Digest;
            let placed = cell.asks_for_rest() && cell.validator.vouches();
            if cell.is_http2() || judged || placed {
                File
            } else {
                Unverified
            }
        }),
        row(
            "close-delimited-short",
            Fault::CloseDelimitedShort(CUT),
            |cell, _| short_unseen(cell, !cell.is_http2()),
        ),
        row("empty", Fault::Empty, |cell, _| {
            instead(cell, Object::bytes(""))
        }),
        row("too-long", Fault::TooLong(1000), |cell, _| {
            if cell.is_http2() && cell.is_always() {
                // The stream is broken off at the first byte too many, again and again.
                Perhaps(&[
                    ErrorKind::ResourceTimedOut,
                    ErrorKind::ValidatorUnstable,
                    ErrorKind::InvalidResponse,
                    ErrorKind::ResponseTooLarge,
                ])
            } else {
                File
            }
        }),
        row("gzip", Fault::Gzip, |_, _| {
            Fails(&[ErrorKind::UnexpectedEncoding])
        }),
        row("stall", Fault::Stall(CUT), cut_at_random),
        row("slow-body", Fault::SlowBody(400_000), file),
    ]
}

fn heads() -> Vec<Row> {
    let flood = Fault::HeaderFlood {
        count: 1000,
        value_bytes: 1000,
    };
    vec![
        row("delay", Fault::DelayMs(50), file),
        row("no-answer", Fault::NoAnswer, passes),
        row("close-before-headers", Fault::CloseBeforeHeaders, passes),
        row("reset-before-headers", Fault::ResetBeforeHeaders, passes),
        row("reset-in-headers", Fault::ResetInHeaders, passes),
        row("reset-after", Fault::ResetAfter(CUT), |cell, seed| {
            // What is in the buffers is lost: perhaps everything, and then nothing seems to change.
            cut_at_random(cell, seed)
        }),
        row("slow-headers", Fault::SlowHeadersMs(1), file),
        row("garbage", Fault::Garbage, |cell, seed| {
            if cell.is_http2() {
                passes(cell, seed)
            } else {
                Fails(&[ErrorKind::InvalidResponse])
            }
        }),
        disruptive(row("header-flood", flood, |cell, _| {
            if cell.is_http2() && !cell.is_always() {
                // It ends the connection for all, and nobody can tell who is to blame.
                Perhaps(TOO_LARGE)
            } else {
                Fails(TOO_LARGE)
            }
        })),
        row("no-continue", Fault::NoContinue, file),
        row(
            "content-disposition",
            Fault::ContentDisposition(b"x; filename=../x".to_vec()),
            file,
        ),
        disruptive(row("go-away", Fault::GoAway(CUT), cut_at_random)),
        disruptive(row("go-away-gracefully", Fault::GoAwayGracefully, file)),
        row("refused-stream", Fault::RefusedStream, passes),
    ]
}

fn answers_instead() -> Vec<Row> {
    let busy = Fault::Status {
        status: 503,
        retry_after: RetryAfter::Garbage,
    };
    let error = Fault::ErrorBody {
        status: 500,
        bytes: 200_000,
    };
    let secret = Fault::RequireAuthorization("Bearer x".to_owned());
    vec![
        row(
            "redirect",
            Fault::redirect(307, "/o/elsewhere"),
            |cell, _| {
                // There is no such range there, and the next answer is the right one.
                let asks_again = cell.validator == Validator::Digest && cell.asks_for_rest();
                if asks_again && !cell.is_always() {
                    File
                } else {
                    instead(cell, Object::bytes("elsewhere"))
                }
            },
        ),
        row("redirect-to-target", Fault::RedirectToTarget(302), file),
        row("redirect-loop", Fault::RedirectLoop, |_, _| {
            Fails(&[ErrorKind::TooManyRedirects])
        }),
        row("redirect-downgrade", Fault::RedirectDowngrade, |cell, _| {
            match cell.protocol {
                // It leads to where it comes from.
                crate::cells::Protocol::Plain => Fails(&[ErrorKind::TooManyRedirects]),
                _ => Fails(&[ErrorKind::RedirectRefused]),
            }
        }),
        row("unauthorized", Fault::Unauthorized, status),
        row(
            "unauthorized-on-range",
            Fault::UnauthorizedOnRange,
            |cell, seed| {
                if cell.asks_for_rest() {
                    status(cell, seed)
                } else {
                    File
                }
            },
        ),
        row("require-authorization", secret, status),
        row("expired-url", Fault::ExpiredUrl, status),
        row("proxy-unauthorized", Fault::ProxyUnauthorized, status),
        row("status", busy, passes),
        row("error-body", error, passes),
        row("captive-portal", Fault::CaptivePortal, |cell, _| {
            instead(cell, Object::bytes(PORTAL))
        }),
    ]
}

/// Whether a row says something of a cell.
pub fn applies(row: &Row, cell: &Cell) -> bool {
    match (&row.fault, cell.validator) {
        // Other bytes under the same date: a server that lies about what has changed when.
        (Fault::OtherVersion, Validator::Date) => !cell.asks_for_rest(),
        _ => true,
    }
}
