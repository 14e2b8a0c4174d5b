//! The resume ladder: what to ask a server for, and what its answer means for the bytes we hold
//! (rules R1 to R9).
//!
//! Pure decisions on small values. The promise is R9: no sequence of crashes, answers and changes of
//! the object ever yields a file that mixes two versions and is reported as a success. So bytes are
//! appended only to bytes that are *shown* to be of the same version, and silence shows nothing.
//!
//! **Asking.** "Strong" is a strong `ETag`, else a strong `Last-Modified`; "digest" is a digest that
//! will judge the whole file.
//!
//! | we hold | policy | request |
//! |---|---|---|
//! | nothing, or more than the size we know | any | whole |
//! | strong, more to come | strict | `Range` from our end, `If-Range` |
//! | strong, all of it or total unknown | strict | `Range` from our last byte, `If-Range` |
//! | strong | lenient | `Range` from 64 KiB before our end, `If-Range` |
//! | no strong, no digest | strict | whole |
//! | no strong, digest | strict | `Range` from 64 KiB before our end |
//! | no strong | lenient | the same |
//!
//! When every byte may be here already, the last one is asked for again: that is always satisfiable
//! and its 206 names the version, while the 416 to a request past the end mostly names nothing.
//!
//! **Judging the answer to a `Range`.** "Agrees" is [`Agreement`]; a known total that differs counts as
//! "differs" in every row.
//!
//! | status | validator | and | verdict |
//! |---|---|---|---|
//! | 200, 206 | any | `Content-Encoding` | failed: these are not the file's bytes |
//! | 200 | any | length is not the expected one | failed |
//! | 200 | strongly | we hold all of it | complete |
//! | 200 | strongly | `If-Range` was sent | retry with a plain `Range` |
//! | 200 | any other | | replace, in the same response |
//! | 206 | differs | | whole: object changed |
//! | 206 | any | no, bad or late `Content-Range`, multipart, over 1 MiB early | whole: range mismatch |
//! | 206 | strongly | | append, after comparing any overlap |
//! | 206 | weakly, silent | digest | the same |
//! | 206 | weakly, silent | lenient | the same, flagged `validator_weak` |
//! | 206 | weakly, silent | strict | whole: no validator |
//! | 416 | differs, or total below our end | | whole: object changed |
//! | 416 | strongly, or digest | total is our end | complete |
//! | 416 | any other | | whole |
//! | other | | | not ok: the retry policy's business |
//!
//! **What the caller owes.**
//! - On [`Verdict::Replace`], the part file is cut to zero and the answer's validator, total and digest
//!   are recorded with offset zero before the first byte is written.
//! - On [`Verdict::Append`], the validator on record stays as it is, and so does the digest; only an
//!   unknown total is filled in. A `validator_weak` sticks to the part until the next replacement.
//! - An overlap that differs is [`RestartReason::OverlapDiffers`]: drop the answer, ask for the whole.
//! - On [`Verdict::AskWhole`], the bytes held are given up: the next [`judge`] gets `None` for the part.

mod ask;
mod body;
mod judge;
mod reason;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

#[cfg(doc)]
use crate::protocol::validator::Agreement;
use crate::protocol::validator::Validator;

pub(crate) use ask::{Ask, RangeAsk, ask};
pub(crate) use body::BodyEnd;
pub(crate) use judge::{Answer, Verdict, judge};
pub(crate) use reason::{MAX_DIGEST_RESTARTS, MAX_RESTARTS_IN_A_ROW, ResumeError};
pub use reason::{RestartReason, ResumePolicy};

/// How much is compared where no strong validator vouches for what follows (rule R5).
const COMPARED_OVERLAP_BYTES: u64 = 64 * 1024;
/// A server may start this much early before we would rather begin again (rule R3).
const MAX_OVERLAP_BYTES: u64 = 1024 * 1024;

/// What we durably hold of an object (rules D3, R1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartState {
    /// How many bytes, from the object's first on.
    pub(crate) offset: u64,
    /// The length of the object, as far as an answer told.
    pub(crate) total: Option<u64>,
    /// Of the answer that the first byte came from.
    pub(crate) validator: Validator,
}

/// What is known of the object beforehand, and how strict to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Expectations {
    /// The size that the caller expects.
    pub(crate) size: Option<u64>,
    /// Whether a digest will judge the whole file: the caller's, or one that the server gave with the
    /// answer that the first byte came from.
    pub(crate) digest: bool,
    pub(crate) policy: ResumePolicy,
}

impl PartState {
    /// The length of the object: what the server said, else what the caller expects.
    fn known_total(&self, exp: &Expectations) -> Option<u64> {
        self.total.or(exp.size)
    }

    /// Whether what we hold can be the beginning of what is expected.
    fn fits(&self, exp: &Expectations) -> bool {
        let as_expected = match (self.total, exp.size) {
            (Some(total), Some(size)) => total == size,
            _ => true,
        };
        as_expected
            && self
                .known_total(exp)
                .is_none_or(|total| self.offset <= total)
    }
}
