//! What delegates were told, over all the processes that a test killed.
//!
//! The probe appends one line before it does anything else in a call, with one `write`: what stands
//! in the file was told, however the process died a moment later.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// One call of a delegate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The process.
    pub pid: u32,
    /// The method.
    pub call: String,
    /// The task; 0 in calls that are about none.
    pub task: i64,
    /// The app's name for it.
    #[serde(default)]
    pub caller_id: String,
    /// The number of the end among the task's.
    pub sequence: Option<i64>,
    /// Bytes, as the task said then.
    pub received: u64,
    /// The kind of the error.
    pub error: Option<String>,
    /// In `did_finish_downloading_to`: the file was there, with the length that was told.
    #[serde(default)]
    pub in_place: bool,
}

/// Reads a log. A last line without an end is that of a process which died while it wrote.
///
/// # Panics
/// If another line cannot be read.
pub fn read(log: &Path) -> Vec<Call> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    whole
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}

/// The ends that were told: each task's, in the order in which they were told.
pub fn ends(calls: &[Call]) -> BTreeMap<i64, Vec<&Call>> {
    let mut ends: BTreeMap<i64, Vec<&Call>> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.call == "did_complete") {
        ends.entry(call.task).or_default().push(call);
    }
    ends
}

/// Checks what holds for every log of every test (rules D2, D4, L1): an end that is told again is
/// the same end, a file was there when it was announced, and nothing about a task follows its end
/// in one process.
///
/// # Panics
/// If one does not.
pub fn check(calls: &[Call]) {
    for (task, told) in ends(calls) {
        let first = told[0];
        for again in &told {
            assert!(
                again.sequence.is_some(),
                "task {task}: an end without a number"
            );
            assert_eq!(
                (again.sequence, &again.error),
                (first.sequence, &first.error),
                "task {task} ended in two ways"
            );
        }
    }
    let mut last: BTreeMap<(u32, i64), &Call> = BTreeMap::new();
    for call in calls {
        if call.call == "did_finish_downloading_to" {
            assert!(call.in_place, "announced before it was there: {call:?}");
        }
        let before = last.insert((call.pid, call.task), call);
        let Some(before) = before.filter(|_| call.task != 0) else {
            continue;
        };
        // A delegate that panicked is told again in the same process only after a restart.
        assert_ne!(
            before.call, "did_complete",
            "{call:?} came after the end of its task"
        );
        if call.call == "did_complete" && call.error.is_none() {
            assert_eq!(before.call, "did_finish_downloading_to", "before {call:?}");
        }
    }
}
