//! Waits until nothing more can be done now, and says what is left. It is woken by what happens;
//! only when it seems that nothing does, it looks again twice a minute.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use backhaul::{Session, SessionStatus, TaskId, TaskState, WaitReason};

use crate::app::App;
use crate::exit::{Exit, Failure, Outcome};
use crate::pages;
use crate::place;
use crate::text;

/// How long to wait for a change before the queue is read again.
const RECHECK: Duration = Duration::from_secs(30);

/// How many tasks that wait for space are tried again at a time.
const TRIED_AGAIN: usize = 64;

/// How a wait ended.
#[derive(Debug)]
pub enum Waited {
    /// What was asked for has ended, and was told.
    Done,
    /// Tasks are left, but none is under way.
    NothingMoves,
    /// Every task that is left waits for space.
    FullDisk(Left),
    /// Every task that is left waits for longer than the patience.
    Later(Left),
}

/// The tasks that have not ended.
#[derive(Debug, Default)]
pub struct Left {
    /// How many wait for which reason.
    pub waiting: BTreeMap<&'static str, u64>,
    /// When the first of them is looked at again.
    pub next: Option<SystemTime>,
    storage: u64,
    live: u64,
    may_run: u64,
    needed_bytes: u64,
    needed_by: Option<String>,
    first_without_space: Vec<TaskId>,
}

/// Waits until `is_done`, or until nothing happens for longer than `patience`.
pub fn wait(
    session: &Session,
    app: &App,
    patience: Option<Duration>,
    is_done: impl Fn() -> bool,
) -> Outcome<Waited> {
    loop {
        let told = |status: &SessionStatus| is_done() && status.undelivered == 0;
        let status = session.wait_until(None, |status| {
            told(status) || is_over(status) || is_still(status)
        });
        if told(&status) {
            return Ok(Waited::Done);
        }
        // The status may lag a moment behind the queue, so the queue itself has the last word.
        let may_leave = is_over(&status)
            || status
                .waiting
                .iter()
                .all(|(reason, _)| *reason == WaitReason::Storage)
            || !is_soon(status.next_evaluation, patience);
        if may_leave {
            let left = Left::of(session, status.next_evaluation)?;
            if left.live == 0 {
                return Ok(Waited::NothingMoves);
            }
            if left.live == left.storage && app.saw_full_disk() {
                return Ok(Waited::FullDisk(left));
            }
            if left.live == left.storage {
                left.try_again(session)?;
                continue;
            }
            if left.may_run == 0 && !is_soon(left.next, patience) {
                return Ok(Waited::Later(left));
            }
        }
        session.wait_until(Some(RECHECK), |status| {
            told(status) || !(is_over(status) || is_still(status))
        });
    }
}

/// Nothing is resumed, and everything was told.
fn is_over(status: &SessionStatus) -> bool {
    status.closed || (status.active == 0 && status.undelivered == 0)
}

/// Nothing moves, and every task waits for something other than its turn.
fn is_still(status: &SessionStatus) -> bool {
    let waits_for_turn =
        |reason| matches!(reason, WaitReason::HostLimit | WaitReason::SessionLimit);
    let waiting: u64 = status.waiting.iter().map(|(_, count)| count).sum();
    status.transferring == 0
        && status.undelivered == 0
        && status.active > 0
        && waiting >= status.active
        && !status
            .waiting
            .iter()
            .any(|(reason, _)| waits_for_turn(*reason))
}

/// Whether the time comes within the patience. An unknown time is soon: something is under way.
fn is_soon(next: Option<SystemTime>, patience: Option<Duration>) -> bool {
    match (next, patience) {
        (Some(next), Some(patience)) => next <= SystemTime::now() + patience,
        _ => true,
    }
}

impl Left {
    /// Reads the queue.
    fn of(session: &Session, next: Option<SystemTime>) -> Outcome<Left> {
        let mut left = Left {
            next,
            ..Left::default()
        };
        for task in pages::tasks(|after, limit| session.tasks_after(after, limit)) {
            let task = task?;
            if task.state == TaskState::Completed {
                continue;
            }
            if task.state != TaskState::Suspended {
                left.live += 1;
            }
            match task.state.reason() {
                Some(reason) => *left.waiting.entry(reason.as_str()).or_default() += 1,
                None => left.may_run += 1,
            }
            match task.state.reason() {
                Some(WaitReason::HostLimit | WaitReason::SessionLimit) => left.may_run += 1,
                Some(WaitReason::Storage) => {
                    left.storage += 1;
                    if left.first_without_space.len() < TRIED_AGAIN {
                        left.first_without_space.push(task.id);
                    }
                    let error = task.error.as_ref();
                    let needed_bytes = error.and_then(backhaul::Error::needed_bytes).unwrap_or(0);
                    if needed_bytes >= left.needed_bytes {
                        left.needed_bytes = needed_bytes;
                        left.needed_by = place::path_of(&task.destination)
                            .map(|path| path.display().to_string());
                    }
                }
                _ => {}
            }
        }
        Ok(left)
    }

    /// An earlier process found the disk full. There may be space by now, and nobody else would say so
    /// before the pause ends.
    fn try_again(&self, session: &Session) -> Outcome<()> {
        for id in &self.first_without_space {
            let task = session.task(*id)?;
            task.suspend()?;
            task.resume()?;
        }
        Ok(())
    }

    /// How many tasks have not ended, paused ones included.
    pub fn count(&self) -> u64 {
        self.waiting.values().sum()
    }

    /// The full disk, as one line.
    pub fn full_disk(&self) -> Failure {
        let (count, bytes) = (text::tasks(self.storage), self.needed_bytes);
        let place = self.needed_by.as_deref().unwrap_or("a file");
        let needs = match bytes {
            0 => "needs more space".to_owned(),
            bytes => format!("needs {bytes} bytes"),
        };
        let message = format!(
            "no space on the volume: {place} {needs} ({count} waiting); free some and run it again, nothing is lost"
        );
        Failure::new(Exit::NoSpace, message)
    }

    /// `2 retry_after, 1 storage`.
    pub fn reasons(&self) -> String {
        let reasons: Vec<String> = self
            .waiting
            .iter()
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        reasons.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn still() -> SessionStatus {
        let mut status = SessionStatus::default();
        status.active = 1;
        status.waiting = vec![(WaitReason::RetryAfter, 1)];
        status
    }

    #[test]
    fn it_is_still_only_when_nothing_moves_and_nothing_can_start() {
        assert!(is_still(&still()));
        let moving: [fn(&mut SessionStatus); 4] = [
            |status| status.transferring = 1,
            |status| status.undelivered = 1,
            |status| status.waiting.push((WaitReason::SessionLimit, 1)),
            |status| status.active = 2,
        ];
        for change in moving {
            let mut status = still();
            change(&mut status);
            assert!(!is_still(&status), "{status:?}");
        }
    }

    #[test]
    fn only_what_is_due_within_the_patience_is_waited_for() {
        let next = Some(SystemTime::now() + Duration::from_secs(90));
        assert!(!is_soon(next, Some(Duration::from_secs(60))));
        assert!(is_soon(next, Some(Duration::from_secs(120))));
        assert!(is_soon(next, None), "`get` has all the time there is");
        assert!(is_soon(None, Some(Duration::from_secs(60))));
    }

    #[test]
    fn a_full_disk_says_how_much_is_needed_where() {
        // rule D9
        let left = Left {
            storage: 2,
            needed_bytes: 7,
            needed_by: Some("/d/a".into()),
            ..Left::default()
        };
        let failure = left.full_disk();
        assert_eq!(failure.exit, Exit::NoSpace);
        assert!(
            failure.to_string().contains("/d/a needs 7 bytes"),
            "{failure}"
        );
    }
}
