//! The name of a task.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A task's number: unique in its container for ever, never used twice.
///
/// ```
/// let id: backhaul::TaskId = "42".parse().unwrap();
/// assert_eq!(id.to_string(), "42");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub(crate) i64);

impl TaskId {
    /// The number itself, for bindings and for a platform's `taskDescription`.
    #[must_use]
    pub fn as_i64(self) -> i64 {
        self.0
    }

    /// The id with this number. It need not exist.
    #[must_use]
    pub fn from_i64(number: i64) -> TaskId {
        TaskId(number)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TaskId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<TaskId, Self::Err> {
        text.parse().map(TaskId)
    }
}
