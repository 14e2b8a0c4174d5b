//! What `--json` prints: one object a line. The keys of a task are stable; new ones may be added.

use std::path::Path;

use backhaul::{Error, Explanation, JournalEvent, TaskInfo};
use serde::Serialize;
use serde_json::Value;

use crate::place;
use crate::text;

/// A task.
#[derive(Debug, Serialize)]
pub struct Task<'a> {
    id: i64,
    url: &'a str,
    destination: String,
    state: &'static str,
    reason: Option<&'static str>,
    received: u64,
    total: Option<u64>,
    error: Option<Problem>,
}

/// An error.
#[derive(Debug, PartialEq, Serialize)]
pub struct Problem {
    kind: &'static str,
    message: String,
    status: Option<u16>,
    needed_bytes: Option<u64>,
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Problem {
        Problem {
            kind: error.kind().as_str(),
            message: error.to_string(),
            status: error.status(),
            needed_bytes: error.needed_bytes(),
        }
    }
}

/// A task with why it stands where it stands.
#[derive(Debug, Serialize)]
struct Reasons<'a> {
    #[serde(flatten)]
    task: Task<'a>,
    since_ms: i64,
    unblocked_by: Option<&'a str>,
    next_evaluation_ms: Option<i64>,
    deadline_ms: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Attempts<'a> {
    #[serde(flatten)]
    reasons: Reasons<'a>,
    after: Vec<i64>,
    discarded: u64,
    attempt_count: u32,
    attempts: &'a [backhaul::Attempt],
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    sequence: i64,
    session: &'a str,
    id: i64,
    task_sequence: i64,
    written_ms: i64,
    acknowledged: bool,
    received: Option<u64>,
    error: Option<Problem>,
}

#[derive(Debug, Serialize)]
struct Step<'a> {
    event: &'static str,
    id: i64,
    destination: String,
    #[serde(flatten)]
    details: &'a Value,
}

/// A task of a list.
pub fn listed(found: &Explanation, container: &Path) -> String {
    line(&reasons(found, container))
}

/// A task as it stands.
pub fn task(task: &TaskInfo, container: &Path) -> String {
    line(&describe(task, task.error.as_ref(), container))
}

/// A task that ended, with or without an error.
pub fn ended(task: &TaskInfo, error: Option<&Error>, container: &Path) -> String {
    line(&describe(task, error, container))
}

/// Why a task stands where it stands.
pub fn explanation(found: &Explanation, container: &Path) -> String {
    line(&Attempts {
        reasons: reasons(found, container),
        after: found.after.iter().map(|id| id.as_i64()).collect(),
        discarded: found.discarded,
        attempt_count: found.attempt_count,
        attempts: &found.attempts,
    })
}

/// An entry of the journal.
pub fn event(event: &JournalEvent, session: &str) -> String {
    line(&Entry {
        sequence: event.sequence,
        session,
        id: event.task.as_i64(),
        task_sequence: event.task_sequence,
        written_ms: text::epoch_ms(event.written),
        acknowledged: event.acknowledged,
        received: event.len,
        error: event.error.as_ref().map(Problem::from),
    })
}

/// Something that happened to a task on its way (`get --json --events`).
pub fn step(event: &'static str, task: &TaskInfo, container: &Path, details: &Value) -> String {
    let destination = place::shown(&task.destination, container);
    line(&Step {
        event,
        id: task.id.as_i64(),
        destination,
        details,
    })
}

fn reasons<'a>(found: &'a Explanation, container: &Path) -> Reasons<'a> {
    Reasons {
        task: describe(&found.task, found.task.error.as_ref(), container),
        since_ms: text::epoch_ms(found.since),
        unblocked_by: found.unblocked_by.as_deref(),
        next_evaluation_ms: found.next_evaluation.map(text::epoch_ms),
        deadline_ms: found.task.deadline.map(text::epoch_ms),
    }
}

fn describe<'a>(task: &'a TaskInfo, error: Option<&Error>, container: &Path) -> Task<'a> {
    Task {
        id: task.id.as_i64(),
        url: &task.url,
        destination: place::shown(&task.destination, container),
        state: task.state.as_str(),
        reason: task.state.reason().map(backhaul::WaitReason::as_str),
        received: task.received,
        total: task.total,
        error: error.map(Problem::from),
    }
}

fn line(value: &impl Serialize) -> String {
    // Plain structs of numbers and strings always have a JSON form.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_a_task_are_stable() {
        let task = Task {
            id: 1,
            url: "https://h/a",
            destination: "/d/a".to_owned(),
            state: "waiting",
            reason: Some("retry_after"),
            received: 2,
            total: None,
            error: None,
        };
        assert_eq!(
            line(&task),
            r#"{"id":1,"url":"https://h/a","destination":"/d/a","state":"waiting","reason":"retry_after","received":2,"total":null,"error":null}"#
        );
    }

    #[test]
    fn an_error_has_a_stable_kind() {
        // rule E3
        let error = backhaul::SessionConfiguration::background("").unwrap_err();
        let problem = Problem::from(&error);
        assert_eq!((problem.kind, problem.status), ("invalid_identifier", None));
    }

    #[test]
    fn a_step_is_one_flat_object() {
        let details = serde_json::json!({"received": 3});
        let step = Step {
            event: "progress",
            id: 1,
            destination: "/d/a".into(),
            details: &details,
        };
        assert_eq!(
            line(&step),
            r#"{"event":"progress","id":1,"destination":"/d/a","received":3}"#
        );
    }
}
