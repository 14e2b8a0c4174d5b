//! What an answer means for the bytes we hold.
//!
//! Must never let a byte be appended that is not shown to belong behind the ones that are there
//! (rule R9). Where in doubt the verdict is to begin again: that costs time, the other way costs a file.

use super::{
    Ask, COMPARED_OVERLAP_BYTES, Expectations, MAX_OVERLAP_BYTES, PartState, RangeAsk,
    RestartReason, ResumeError, ResumePolicy,
};
use crate::mutation::{Mutation, is_broken};
use crate::protocol::content_range::ContentRange;
use crate::protocol::headers::Headers;
use crate::protocol::number::digits;
use crate::protocol::validator::{Agreement, Validator};

/// The head of an answer, after redirects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) headers: &'a Headers,
}

/// What to do with the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Compare the first `overlap` bytes of the body with the part file's last; then append the rest.
    Append {
        /// Where the part file ends and appending begins.
        at: u64,
        /// Of the body, to be compared and not written. If they differ: ask for the whole.
        overlap: u64,
        /// The position of the body's last byte. There may be more after it to ask for later.
        last: u64,
        total: Option<u64>,
        /// Only the overlap vouches for the append: to be reported with the result (rule R5).
        validator_weak: bool,
    },
    /// The body is the whole object: truncate the part file and stream from zero, in this response.
    Replace {
        /// Why bytes that we held are lost; `None` if we held none.
        reason: Option<RestartReason>,
        total: Option<u64>,
    },
    /// Drop this response; ask once more for the range, without `If-Range` (rule R4).
    RetryPlainRange,
    /// Drop this response and what we hold; ask for the whole.
    AskWhole { reason: RestartReason },
    /// Drop this response: every byte is here. A known digest is still to be checked.
    Complete,
    /// Drop this response: it cannot become the file.
    Failed(ResumeError),
    /// Not about resuming: retry or fail by the status.
    NotOk { status: u16 },
}

/// Judges the head of an answer to `ask`, which was made for the same `part`: an ask for another one
/// is judged as if it had been for the whole, so that nothing is appended in the wrong place.
/// The table is in the [module's text](super).
pub(crate) fn judge(
    ask: &Ask,
    part: Option<&PartState>,
    exp: &Expectations,
    answer: &Answer<'_>,
) -> Verdict {
    let &Answer { status, headers } = answer;
    if !matches!(status, 200 | 206 | 416) {
        return Verdict::NotOk { status };
    }
    if status != 416 {
        if let Some(coding) = content_coding(headers) {
            return Verdict::Failed(ResumeError::ContentEncoded { coding });
        }
    }
    let resumed = match (ask, part) {
        (Ask::Range(range), Some(part)) if range.append_at == part.offset => {
            Some(Resumed::new(range, part, exp, headers))
        }
        _ => None,
    };
    match (status, resumed) {
        (200, resumed) => whole(resumed.as_ref(), part, exp, headers),
        (206, Some(resumed)) => resumed.partial(),
        (206, None) => Verdict::Failed(ResumeError::UnaskedRange),
        (_, Some(resumed)) => resumed.unsatisfied(),
        (_, None) => Verdict::NotOk { status },
    }
}

/// A 200: always usable, the question is only whether something better can be had.
fn whole(
    resumed: Option<&Resumed<'_>>,
    part: Option<&PartState>,
    exp: &Expectations,
    headers: &Headers,
) -> Verdict {
    let total = content_length(headers);
    if let (Some(expected), Some(declared)) = (exp.size, total) {
        if expected != declared {
            return Verdict::Failed(ResumeError::SizeMismatch { expected, declared });
        }
    }
    match resumed {
        Some(resumed) => resumed.whole(total),
        None => {
            let reason = part.filter(|part| part.offset > 0).map(|part| {
                if part.fits(exp) {
                    RestartReason::NoValidator
                } else {
                    RestartReason::ObjectChanged
                }
            });
            Verdict::Replace { reason, total }
        }
    }
}

/// An answer to a range that was asked for.
struct Resumed<'a> {
    range: &'a RangeAsk,
    part: &'a PartState,
    exp: &'a Expectations,
    headers: &'a Headers,
    agreement: Agreement,
}

impl<'a> Resumed<'a> {
    fn new(
        range: &'a RangeAsk,
        part: &'a PartState,
        exp: &'a Expectations,
        headers: &'a Headers,
    ) -> Self {
        let agreement = part.validator.agreement(&Validator::from_headers(headers));
        Self {
            range,
            part,
            exp,
            headers,
            agreement,
        }
    }

    /// Whether validator or length say that the object is not the one we hold a part of.
    fn changed(&self, total: Option<u64>) -> bool {
        let length_differs = match (self.part.known_total(self.exp), total) {
            (Some(ours), Some(theirs)) => ours != theirs,
            _ => false,
        };
        length_differs || self.agreement == Agreement::Differs
    }

    /// Rule R4.
    fn whole(&self, total: Option<u64>) -> Verdict {
        if let (true, Some(total)) = (is_broken(Mutation::AppendWhole), total) {
            let (at, end) = (self.part.offset, self.part.offset + total);
            return Verdict::Append {
                at,
                overlap: 0,
                last: end.saturating_sub(1),
                total: Some(end),
                validator_weak: false,
            };
        }
        if self.changed(total) {
            return Verdict::Replace {
                reason: Some(RestartReason::ObjectChanged),
                total,
            };
        }
        let known = total.or(self.part.known_total(self.exp));
        if self.agreement == Agreement::Strong {
            if known == Some(self.part.offset) {
                return Verdict::Complete;
            }
            let ranges_work = self
                .headers
                .get("accept-ranges")
                .is_none_or(|unit| !unit.eq_ignore_ascii_case("none"));
            if self.range.if_range.is_some() && ranges_work {
                return Verdict::RetryPlainRange;
            }
        }
        Verdict::Replace {
            reason: Some(RestartReason::RangeIgnored),
            total,
        }
    }

    /// Rules R3 and R5.
    fn partial(&self) -> Verdict {
        let mismatch = Verdict::AskWhole {
            reason: RestartReason::RangeMismatch,
        };
        let range = ContentRange::from_headers(self.headers);
        let total = match range {
            Some(ContentRange::Bytes { total, .. }) => total,
            Some(ContentRange::Unsatisfied { total }) => Some(total),
            None => None,
        };
        if self.changed(total) {
            return Verdict::AskWhole {
                reason: RestartReason::ObjectChanged,
            };
        }
        let Some(ContentRange::Bytes { first, last, total }) = range else {
            return mismatch;
        };
        let at = self.range.append_at;
        let Some(overlap) = self.overlap(first, last) else {
            return mismatch;
        };
        let known = self.part.known_total(self.exp);
        if let (None, Some(known)) = (total, known) {
            // A server that no longer knows the length must at least know the version.
            if self.agreement != Agreement::Strong || last >= known {
                return mismatch;
            }
        }
        let total = total.or(known);
        // Without a byte for us, unless there is none left, the next answer would be no better.
        if last < at && total != Some(at) {
            return mismatch;
        }
        match self.trust(overlap) {
            Some(validator_weak) => Verdict::Append {
                at,
                overlap,
                last,
                total,
                validator_weak,
            },
            None => Verdict::AskWhole {
                reason: RestartReason::NoValidator,
            },
        }
    }

    /// How much of the body we hold already. `None` if the body is not the range asked for.
    fn overlap(&self, first: u64, last: u64) -> Option<u64> {
        let at = self.range.append_at;
        let length = last - first + 1;
        let length_agrees = content_length(self.headers).is_none_or(|declared| declared == length);
        if is_multipart(self.headers) || !length_agrees || first > self.range.from || last + 1 < at
        {
            return None;
        }
        at.checked_sub(first)
            .filter(|overlap| *overlap <= MAX_OVERLAP_BYTES)
    }

    /// Whether the body may be appended, and if so, whether the result must be flagged. Nothing here
    /// leans on `If-Range` having been sent: servers that ignore it answer as if they had checked.
    fn trust(&self, overlap: u64) -> Option<bool> {
        if self.agreement == Agreement::Strong || self.exp.digest {
            return Some(false);
        }
        let compared = overlap >= COMPARED_OVERLAP_BYTES.min(self.range.append_at);
        (self.exp.policy == ResumePolicy::Lenient && compared).then_some(true)
    }

    /// Rule R6.
    fn unsatisfied(&self) -> Verdict {
        let Some(ContentRange::Unsatisfied { total }) = ContentRange::from_headers(self.headers)
        else {
            return Verdict::AskWhole {
                reason: RestartReason::RangeMismatch,
            };
        };
        let reason = if self.changed(Some(total)) || total < self.part.offset {
            RestartReason::ObjectChanged
        } else if total > self.part.offset {
            RestartReason::RangeMismatch
        } else if self.agreement == Agreement::Strong || self.exp.digest {
            return Verdict::Complete;
        } else {
            RestartReason::NoValidator
        };
        Verdict::AskWhole { reason }
    }
}

/// The coding that the body is in, if it is in any.
fn content_coding(headers: &Headers) -> Option<String> {
    let codings = headers
        .get_all("content-encoding")
        .flat_map(|value| value.split(','))
        .map(str::trim);
    let mut real =
        codings.filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"));
    real.next().map(str::to_owned)
}

fn content_length(headers: &Headers) -> Option<u64> {
    headers.get("content-length").and_then(digits)
}

fn is_multipart(headers: &Headers) -> bool {
    let kind = headers.get("content-type").unwrap_or_default();
    let media_type = kind.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("multipart/byteranges")
}
