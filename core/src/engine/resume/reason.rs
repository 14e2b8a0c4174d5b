//! Why a transfer began again, or could not go on: the words that users and apps are shown.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many restarts in a row an object that keeps changing is granted (rule R7).
pub(crate) const MAX_RESTARTS_IN_A_ROW: u32 = 3;
/// How many times a file with the wrong digest is downloaded again (rule R5).
pub(crate) const MAX_DIGEST_RESTARTS: u32 = 1;

/// How much proof a resumption needs that the object is still the same (rule R5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResumePolicy {
    /// A strong validator, or a digest of the whole file. Without either, the transfer starts again.
    #[default]
    Strict,
    /// Where there is neither, 64 KiB before the resume point that compare equal are enough. The
    /// result is then marked `validator_weak`: it may mix two versions that differ only before those.
    Lenient,
}

/// Why bytes that were already here were downloaded again (rule R7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RestartReason {
    /// Validator or length say that the object is another one now.
    ObjectChanged,
    /// Neither a strong validator nor a digest can vouch for the bytes to come.
    NoValidator,
    /// The server sent the whole object although a range was asked for.
    RangeIgnored,
    /// The server sent another range than the one asked for, or did not say which.
    RangeMismatch,
    /// Bytes sent again differ from those that were here.
    OverlapDiffers,
    /// The finished file did not have the expected digest.
    DigestMismatch,
}

impl RestartReason {
    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ObjectChanged => "object_changed",
            Self::NoValidator => "no_validator",
            Self::RangeIgnored => "range_ignored",
            Self::RangeMismatch => "range_mismatch",
            Self::OverlapDiffers => "overlap_differs",
            Self::DigestMismatch => "digest_mismatch",
        }
    }

    /// Whether this restart counts towards [`MAX_RESTARTS_IN_A_ROW`]: the object itself moved.
    pub(crate) fn counts_as_change(self) -> bool {
        matches!(self, Self::ObjectChanged | Self::OverlapDiffers)
    }
}

impl fmt::Display for RestartReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ObjectChanged => "the file on the server changed",
            Self::NoValidator => {
                "the server offers nothing to tell whether its file is still the same"
            }
            Self::RangeIgnored => "the server ignores the range it is asked for",
            Self::RangeMismatch => "the server did not send the range it was asked for",
            Self::OverlapDiffers => "bytes that the server sent again differ from the first time",
            Self::DigestMismatch => "the finished file did not have the expected digest",
        })
    }
}

/// An answer that no restart makes better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ResumeError {
    /// We asked for the file's own bytes; what comes is something else that decodes to them.
    ContentEncoded { coding: String },
    /// The object is not of the size that the caller expects (rule T5).
    SizeMismatch { expected: u64, declared: u64 },
    /// A part of the object where the whole was asked for.
    UnaskedRange,
}

impl fmt::Display for ResumeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ContentEncoded { coding } => {
                write!(
                    f,
                    "the server sent the file with content coding {coding:?} though asked for none"
                )
            }
            Self::SizeMismatch { expected, declared } => {
                write!(
                    f,
                    "the server's file is {declared} bytes long; {expected} were expected"
                )
            }
            Self::UnaskedRange => {
                f.write_str("the server sent a part of the file where the whole was asked for")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_moving_object_counts() {
        // rule R7
        use RestartReason::{
            DigestMismatch, NoValidator, ObjectChanged, OverlapDiffers, RangeIgnored, RangeMismatch,
        };
        let all = [
            ObjectChanged,
            NoValidator,
            RangeIgnored,
            RangeMismatch,
            OverlapDiffers,
            DigestMismatch,
        ];
        let counted: Vec<_> = all
            .into_iter()
            .filter(|reason| reason.counts_as_change())
            .collect();
        assert_eq!(counted, [ObjectChanged, OverlapDiffers]);
    }

    #[test]
    fn stored_names_are_stable() {
        assert_eq!(
            serde_json::to_string(&RestartReason::ObjectChanged).unwrap(),
            "\"object_changed\""
        );
        assert_eq!(
            serde_json::to_string(&ResumePolicy::default()).unwrap(),
            "\"strict\""
        );
    }
}
