//! The tasks that have not ended: why, and what would let them go on.

use std::collections::BTreeMap;
use std::time::SystemTime;

use backhaul::{Session, TaskId, TaskInfo, TaskState, WaitReason};

use crate::exit::{Exit, Failure, Outcome};
use crate::pages;
use crate::place;
use crate::text;

/// How many tasks that wait for space are tried again at a time.
const TRIED_AGAIN: usize = 64;

/// The tasks that have not ended.
#[derive(Debug, Default)]
pub struct Left {
    /// How many are in which state: the reason of those that wait.
    pub waiting: BTreeMap<&'static str, u64>,
    /// When the first of them is looked at again.
    pub next: Option<SystemTime>,
    /// Those that are not paused.
    pub live: u64,
    /// Of those, how many move or wait for their turn.
    pub may_run: u64,
    /// And how many wait for a time to come.
    pub timed: u64,
    storage: u64,
    needed_bytes: u64,
    needed_by: Option<String>,
    first_without_space: Vec<TaskId>,
}

impl Left {
    /// Reads the queue.
    pub fn of(session: &Session, next: Option<SystemTime>) -> Outcome<Left> {
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
            let reason = task.state.reason();
            let name = reason.map_or(task.state.as_str(), WaitReason::as_str);
            *left.waiting.entry(name).or_default() += 1;
            left.may_run += u64::from(reason.is_none_or(is_turn));
            left.timed += u64::from(reason.is_some_and(is_timed));
            if reason == Some(WaitReason::Storage) {
                left.add_without_space(&task);
            }
        }
        Ok(left)
    }

    fn add_without_space(&mut self, task: &TaskInfo) {
        self.storage += 1;
        if self.first_without_space.len() < TRIED_AGAIN {
            self.first_without_space.push(task.id);
        }
        let error = task.error.as_ref();
        let needed_bytes = error.and_then(backhaul::Error::needed_bytes).unwrap_or(0);
        if needed_bytes >= self.needed_bytes {
            self.needed_bytes = needed_bytes;
            self.needed_by =
                place::path_of(&task.destination).map(|path| path.display().to_string());
        }
    }

    /// Nothing but space is missing.
    pub fn is_all_storage(&self) -> bool {
        self.live == self.storage
    }

    /// An earlier process found the disk full. There may be space by now, and nobody else would say so
    /// before the pause ends.
    pub fn try_again(&self, session: &Session) -> Outcome<()> {
        for id in &self.first_without_space {
            let task = session.task(*id)?;
            task.suspend()?;
            task.resume()?;
        }
        Ok(())
    }

    /// How many tasks have not ended, paused ones included.
    pub fn tasks(&self) -> String {
        text::tasks(self.waiting.values().sum())
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

    /// What would let them go on, but for their turn and for `resume`.
    pub fn unblocked_by(&self) -> String {
        let waited_for = WaitReason::ALL
            .iter()
            .filter(|reason| **reason != WaitReason::Suspended && !is_turn(**reason))
            .filter(|reason| self.waiting.contains_key(reason.as_str()));
        let sentences: Vec<&str> = waited_for.map(|reason| reason.unblocked_by()).collect();
        sentences.join(", ")
    }

    /// Why they are left, and what to do, as one line.
    pub fn later(&self, now: SystemTime) -> String {
        let until = self.unblocked_by();
        let next = match self.next {
            Some(next) if self.timed > 0 => {
                let due = text::moment(next, now);
                format!("the first is due {due}; run it again then")
            }
            _ if until.is_empty() => "run it again".to_owned(),
            Some(next) => {
                let latest = text::moment(next, now);
                format!("it takes {until}; run it again then, at the latest {latest}")
            }
            None => format!("it takes {until}; run it again then"),
        };
        let (count, reasons) = (self.tasks(), self.reasons());
        format!("{count} still waiting ({reasons}); {next}")
    }
}

/// It would run if others did not.
pub fn is_turn(reason: WaitReason) -> bool {
    use WaitReason::{GroupLimit, HostLimit, SessionLimit};
    matches!(reason, GroupLimit | HostLimit | SessionLimit)
}

/// It runs when a time has come, whatever the system is like.
pub fn is_timed(reason: WaitReason) -> bool {
    use WaitReason::{EarliestBeginDate, LaunchRateLimit, RetryAfter, RetryBackoff, Storage};
    matches!(
        reason,
        EarliestBeginDate | LaunchRateLimit | RetryAfter | RetryBackoff | Storage
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn left(waiting: &[(&'static str, u64)], timed: u64, next_seconds: u64) -> Left {
        Left {
            waiting: waiting.iter().copied().collect(),
            timed,
            next: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(next_seconds)),
            ..Left::default()
        }
    }

    #[test]
    fn what_waits_is_said_with_why_and_until_when() {
        // rule P1
        let now = SystemTime::UNIX_EPOCH;
        assert_eq!(
            left(&[("retry_after", 2), ("storage", 1)], 3, 300).later(now),
            "3 tasks still waiting (2 retry_after, 1 storage); the first is due in 5 min; run it again then"
        );
        assert_eq!(
            left(&[("cellular_not_allowed", 1)], 0, 7200).later(now),
            "1 task still waiting (1 cellular_not_allowed); it takes Wi-Fi or a cable; run it again then, at the latest in 2 h 0 min"
        );
        assert_eq!(
            left(&[("transferring", 2)], 0, 0).later(now),
            "2 tasks still waiting (2 transferring); run it again"
        );
    }

    #[test]
    fn each_reason_that_is_no_turn_says_what_it_takes() {
        // rule P1
        for reason in WaitReason::ALL {
            let waits = left(&[(reason.as_str(), 1)], 0, 0).unblocked_by();
            let is_for_the_user = *reason == WaitReason::Suspended || is_turn(*reason);
            assert_eq!(waits.is_empty(), is_for_the_user, "{reason}");
        }
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
