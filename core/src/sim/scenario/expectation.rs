//! What a scenario expects to be so.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::values::{Size, written_as_text};
use crate::error::ErrorKind;
use crate::task_state::WaitReason;

/// Something that should be so. All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expectation {
    /// Which task it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// How the task stands, also while no process lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<Is>,
    /// Which version of the object the file at its destination is, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_version: Option<u64>,
    /// At least so many bytes of the task are here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at_least: Option<Size>,
    /// How often the delegate was told of the task's end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered: Option<u64>,
    /// The platform lent no more wakes than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wakes_at_most: Option<u64>,
    /// The platform lent at least so many wakes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wakes_at_least: Option<u64>,
}

/// How a task stands, written as one word: `completed`, `waiting:connectivity`, `failed:http_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Is {
    /// Not started, or paused.
    Suspended,
    /// Bytes move, or nothing would hinder them.
    Transferring,
    /// Held back; for this reason, if one is given.
    Waiting(Option<WaitReason>),
    /// Transferring or waiting.
    Running,
    /// The file is there.
    Completed,
    /// Ended without a file; with this kind of error, if one is given. A cancelled task is
    /// `failed:cancelled`.
    Failed(Option<ErrorKind>),
}

written_as_text! { Is }

impl Is {
    /// Whether a task that stands as `self` is as `wanted`.
    #[must_use]
    pub fn fits(self, wanted: Is) -> bool {
        match (self, wanted) {
            (Is::Waiting(_), Is::Waiting(None) | Is::Running)
            | (Is::Transferring, Is::Running)
            | (Is::Failed(_), Is::Failed(None)) => true,
            (is, wanted) => is == wanted,
        }
    }
}

impl From<WaitReason> for Is {
    /// It waits for this reason.
    fn from(reason: WaitReason) -> Is {
        Is::Waiting(Some(reason))
    }
}

impl From<ErrorKind> for Is {
    /// It failed with this kind.
    fn from(kind: ErrorKind) -> Is {
        Is::Failed(Some(kind))
    }
}

impl fmt::Display for Is {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Is::Suspended => f.write_str("suspended"),
            Is::Transferring => f.write_str("transferring"),
            Is::Running => f.write_str("running"),
            Is::Completed => f.write_str("completed"),
            Is::Waiting(None) => f.write_str("waiting"),
            Is::Waiting(Some(reason)) => write!(f, "waiting:{reason}"),
            Is::Failed(None) => f.write_str("failed"),
            Is::Failed(Some(kind)) => write!(f, "failed:{kind}"),
        }
    }
}

impl FromStr for Is {
    type Err = String;

    fn from_str(text: &str) -> Result<Is, String> {
        let (word, detail) = match text.split_once(':') {
            Some((word, detail)) => (word, Some(detail)),
            None => (text, None),
        };
        Ok(match (word, detail) {
            ("suspended", None) => Is::Suspended,
            ("transferring", None) => Is::Transferring,
            ("running", None) => Is::Running,
            ("completed", None) => Is::Completed,
            ("waiting", detail) => Is::Waiting(
                detail
                    .map(|name| named(name, "reason", WaitReason::ALL, WaitReason::as_str))
                    .transpose()?,
            ),
            ("failed", detail) => Is::Failed(
                detail
                    .map(|name| named(name, "error", ErrorKind::ALL, ErrorKind::as_str))
                    .transpose()?,
            ),
            _ => {
                return Err(format!(
                    "{text:?} is no state; write suspended, transferring, waiting, waiting:REASON, running, completed, failed or failed:ERROR"
                ));
            }
        })
    }
}

fn named<T: Copy>(
    name: &str,
    what: &str,
    all: &[T],
    as_str: fn(T) -> &'static str,
) -> Result<T, String> {
    let found = all.iter().copied().find(|value| as_str(*value) == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = all.iter().copied().map(as_str).collect();
        format!(
            "there is no {what} {name:?}; write one of {}",
            names.join(", ")
        )
    })
}

/// What is expected, in words.
impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        words.extend(self.is.map(|is| format!("is {is}")));
        words.extend(
            self.file_version
                .map(|v| format!("has version {v} as its file")),
        );
        words.extend(self.received_at_least.map(|b| format!("has {b} or more")));
        words.extend(self.delivered.map(|n| format!("was delivered {n} times")));
        words.extend(self.wakes_at_most.map(|n| format!("{n} wakes or fewer")));
        words.extend(self.wakes_at_least.map(|n| format!("{n} wakes or more")));
        if let Some(task) = &self.task {
            write!(f, "{task} ")?;
        }
        f.write_str(&words.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_written_as_they_are_read() {
        let reasons = WaitReason::ALL.iter().map(|r| Is::Waiting(Some(*r)));
        let kinds = ErrorKind::ALL.iter().map(|k| Is::Failed(Some(*k)));
        let plain = [
            Is::Suspended,
            Is::Transferring,
            Is::Waiting(None),
            Is::Running,
            Is::Completed,
            Is::Failed(None),
        ];
        for is in plain.into_iter().chain(reasons).chain(kinds) {
            assert_eq!(is.to_string().parse::<Is>().unwrap(), is);
        }
        for wrong in [
            "",
            "waiting:",
            "waiting:rain",
            "failed:x",
            "completed:x",
            "done",
        ] {
            assert!(wrong.parse::<Is>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_wish_without_a_detail_takes_any() {
        let waits = Is::Waiting(Some(WaitReason::Thermal));
        assert!(waits.fits(Is::Waiting(None)) && waits.fits(Is::Running) && waits.fits(waits));
        assert!(!waits.fits(Is::Waiting(Some(WaitReason::Storage))));
        assert!(!Is::Completed.fits(Is::Running));
        assert!(!Is::Failed(None).fits(Is::Failed(Some(ErrorKind::Cancelled))));
    }
}
