//! What to ask for, given what we hold.
//!
//! Must never put a weak validator into `If-Range`, and never ask for a range whose answer could not
//! be judged.

use super::{COMPARED_OVERLAP_BYTES, Expectations, PartState, ResumePolicy};
use crate::protocol::headers::{Headers, InvalidHeader};

/// One request, as far as resuming goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    /// The object from its first byte to its last.
    Whole,
    /// The object from some byte on.
    Range(RangeAsk),
}

/// An open-ended range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RangeAsk {
    /// The first byte asked for.
    pub(crate) from: u64,
    /// Where our bytes end. What is asked for before that is compared, not written.
    pub(crate) append_at: u64,
    /// The strong validator that the server is to check.
    pub(crate) if_range: Option<String>,
}

/// Decides what to ask for. The table is in the [module's text](super).
pub(crate) fn ask(part: Option<&PartState>, exp: &Expectations) -> Ask {
    let Some(part) = part.filter(|part| part.offset > 0 && part.fits(exp)) else {
        return Ask::Whole;
    };
    let if_range = part.validator.if_range();
    let more_to_come = part
        .known_total(exp)
        .is_some_and(|total| part.offset < total);
    let compare_bytes = match exp.policy {
        ResumePolicy::Strict if if_range.is_some() && more_to_come => 0,
        ResumePolicy::Strict if if_range.is_some() => 1,
        ResumePolicy::Strict if !exp.digest => return Ask::Whole,
        ResumePolicy::Strict | ResumePolicy::Lenient => COMPARED_OVERLAP_BYTES,
    };
    let from = part.offset.saturating_sub(compare_bytes);
    Ask::Range(RangeAsk {
        from,
        append_at: part.offset,
        if_range,
    })
}

impl Ask {
    /// The same without `If-Range`, for [`Verdict::RetryPlainRange`](super::Verdict::RetryPlainRange).
    pub(crate) fn plain(&self) -> Self {
        match self {
            Self::Whole => Self::Whole,
            Self::Range(range) => Self::Range(RangeAsk {
                if_range: None,
                ..range.clone()
            }),
        }
    }

    /// Sets the fields that make this request (rule R2), in place of any that are there.
    ///
    /// # Errors
    ///
    /// If the request has no room for them.
    pub(crate) fn set_headers(&self, headers: &mut Headers) -> Result<(), InvalidHeader> {
        headers.remove("range");
        headers.remove("if-range");
        headers.insert("accept-encoding", "identity")?;
        if let Self::Range(range) = self {
            headers.insert("range", &format!("bytes={}-", range.from))?;
            if let Some(validator) = &range.if_range {
                headers.insert("if-range", validator)?;
            }
        }
        Ok(())
    }
}
