//! Redirects that asked us to wait before following them (rule H2).
//!
//! The wait itself is the engine's, which keeps it across restarts: the attempt ends, and the next one begins
//! when the time has come. All that is kept here is that the wait was served, since a server that says
//! `Retry-After` with every redirect would otherwise hold a task back for ever. After a restart of the
//! process one wait may be served twice.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::task_id::TaskId;

/// Tasks remembered; past it all are forgotten, which costs each of them one more wait.
const TASKS_MAX: usize = 1024;
/// The engine's clock counts whole milliseconds, and may be this much early.
const EARLY: Duration = Duration::from_millis(20);

/// When each task may follow its redirect.
#[derive(Default)]
pub(super) struct Waits {
    until: Mutex<HashMap<TaskId, Instant>>,
}

impl Waits {
    /// How long a redirect that asks to wait for `asked` is still to be held back; none if no longer.
    pub fn remaining(&self, task: TaskId, now: Instant, asked: Duration) -> Option<Duration> {
        if asked.is_zero() {
            return None;
        }
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= TASKS_MAX && !until.contains_key(&task) {
            until.clear();
        }
        // Far in the future and never are the same here: the engine caps what it is told.
        let first = now.checked_add(asked).unwrap_or(now);
        let due = *until.entry(task).or_insert(first);
        let left = due.saturating_duration_since(now);
        (left > EARLY).then_some(left)
    }

    pub fn forget(&self, task: TaskId) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.remove(&task);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_served_once() {
        // rule H2
        let (waits, task, now) = (Waits::default(), TaskId::from_i64(1), Instant::now());
        let second = Duration::from_secs(1);
        assert_eq!(waits.remaining(task, now, second), Some(second));
        let half = now + second / 2;
        assert_eq!(waits.remaining(task, half, second), Some(second / 2));
        assert_eq!(waits.remaining(task, now + second, second), None);
        assert_eq!(waits.remaining(task, now + second * 9, second), None);
        assert_eq!(waits.remaining(task, now, Duration::ZERO), None);

        waits.forget(task);
        assert_eq!(waits.remaining(task, now, second), Some(second));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (waits, now) = (Waits::default(), Instant::now());
        for task in 0..3 * TASKS_MAX as i64 {
            waits.remaining(TaskId::from_i64(task), now, Duration::from_secs(1));
        }
        assert!(waits.until.lock().unwrap().len() <= TASKS_MAX);
    }
}
