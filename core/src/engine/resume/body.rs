//! How long the body must be, and what its end means (rules R8, T5).
//!
//! Must never take the end of a connection for the end of a file.

use super::{Expectations, Verdict};

/// The positions in the object that a body runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BodyPlan {
    /// Of the body's first byte.
    pub(crate) first: u64,
    /// One past the body's last byte, if declared or expected. No byte from here on may be written.
    pub(crate) end: Option<u64>,
    /// The length of the object, if declared or expected.
    pub(crate) total: Option<u64>,
    digest: bool,
}

/// What the end of a body means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyEnd {
    /// The whole object is here.
    Complete,
    /// Perhaps the whole object is here: only the close of the connection says so.
    LengthUnverified,
    /// The answer kept its word, but the object goes on, or may go on: ask for the rest.
    MoreToAsk,
    /// Cut short. Retryable; the bytes are kept.
    Early,
    /// More bytes than declared or expected.
    TooLong,
}

impl Verdict {
    /// The plan of the body, for the verdicts that use it.
    pub(crate) fn body_plan(&self, exp: &Expectations) -> Option<BodyPlan> {
        let digest = exp.digest;
        match *self {
            Self::Append {
                at,
                overlap,
                last,
                total,
                ..
            } => Some(BodyPlan {
                first: at - overlap,
                end: Some(last + 1),
                total,
                digest,
            }),
            Self::Replace { total, .. } => {
                let total = total.or(exp.size);
                Some(BodyPlan {
                    first: 0,
                    end: total,
                    total,
                    digest,
                })
            }
            _ => None,
        }
    }
}

impl BodyPlan {
    /// What it means that the body ended before `position`. `framed` says that the protocol itself
    /// marked that end: the length, the last chunk, the end of the HTTP/2 stream. A transport error is
    /// not an end to ask this about: it is [`BodyEnd::Early`].
    pub(crate) fn judge_end(&self, position: u64, framed: bool) -> BodyEnd {
        match self.end {
            Some(end) if position < end => BodyEnd::Early,
            Some(end) if position > end => BodyEnd::TooLong,
            Some(end) if self.total == Some(end) => BodyEnd::Complete,
            Some(_) => BodyEnd::MoreToAsk,
            None if framed || self.digest => BodyEnd::Complete,
            None => BodyEnd::LengthUnverified,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(last: u64, total: Option<u64>) -> Verdict {
        Verdict::Append {
            at: 100,
            overlap: 40,
            last,
            total,
            validator_weak: false,
        }
    }

    fn replace(total: Option<u64>) -> Verdict {
        Verdict::Replace {
            reason: None,
            total,
        }
    }

    #[test]
    fn what_the_end_of_a_body_means() {
        // rule R8, rule T5
        use BodyEnd::{Complete, Early, LengthUnverified, MoreToAsk, TooLong};
        let plain = Expectations::default();
        let digest = Expectations {
            digest: true,
            ..plain.clone()
        };
        let sized = Expectations {
            size: Some(200),
            ..plain.clone()
        };
        let table = [
            (append(199, Some(200)), &plain, 199, true, Early),
            (append(199, Some(200)), &plain, 200, false, Complete),
            (append(199, Some(200)), &plain, 201, true, TooLong),
            (append(149, Some(200)), &plain, 150, true, MoreToAsk),
            (append(149, None), &plain, 150, true, MoreToAsk),
            (replace(Some(200)), &plain, 0, true, Early),
            (replace(Some(200)), &plain, 200, false, Complete),
            (replace(Some(0)), &plain, 0, false, Complete),
            (replace(None), &plain, 7, true, Complete),
            (replace(None), &plain, 7, false, LengthUnverified),
            (replace(None), &digest, 7, false, Complete),
            (replace(None), &sized, 199, false, Early),
            (replace(None), &sized, 200, false, Complete),
            (replace(None), &sized, 201, true, TooLong),
        ];
        for (verdict, exp, position, framed, expected) in table {
            let plan = verdict.body_plan(exp).unwrap();
            assert_eq!(
                plan.judge_end(position, framed),
                expected,
                "{verdict:?} {exp:?} {position} {framed}"
            );
        }
    }

    #[test]
    fn where_a_body_begins() {
        let exp = Expectations::default();
        assert_eq!(
            append(199, None).body_plan(&exp).map(|plan| plan.first),
            Some(60)
        );
        assert_eq!(
            replace(None).body_plan(&exp).map(|plan| plan.first),
            Some(0)
        );
        assert_eq!(Verdict::RetryPlainRange.body_plan(&exp), None);
    }
}
