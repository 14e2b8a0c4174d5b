//! Where a task stands, and why (rules L, P1, E1), as values.

use std::time::{Duration, SystemTime};

use crate::error::ErrorInfo;
use crate::mirror::mirror;
use crate::request::Destination;

mirror! {
    /// Why a task that could run does not (rule P1).
    WaitReason of backhaul::WaitReason, else SessionLimit {
        /// Created or paused, and not resumed.
        Suspended,
        /// The request said not to begin before a time.
        EarliestBeginDate,
        /// There is no network.
        Connectivity,
        /// On a mobile network that is not allowed.
        CellularNotAllowed,
        /// On a network that costs money, which is not allowed.
        ExpensiveNotAllowed,
        /// Low Data Mode, which is not allowed.
        ConstrainedNotAllowed,
        /// Discretionary work waits for a charger and an unmetered network.
        Discretionary,
        /// Discretionary work waits while the battery is being saved.
        LowPower,
        /// The device is too warm.
        Thermal,
        /// The volume has no room for the file.
        Storage,
        /// The last attempt failed; the next one comes after a pause.
        RetryBackoff,
        /// The server said when to come back.
        RetryAfter,
        /// As many transfers as allowed run to this host.
        HostLimit,
        /// As many transfers of this task's group as allowed run.
        GroupLimit,
        /// As many transfers as allowed run in this session, or others are ahead in the queue.
        SessionLimit,
        /// The app has no run time, or the transfer is too large for the wakes that a watch gets.
        WakeBudget,
        /// Work that was created in the background waits longer with each wake.
        LaunchRateLimit,
        /// The server wants to know who asks.
        Authentication,
        /// It comes after other tasks, which have not ended.
        Dependency,
        /// Its files cannot be written while the device is locked.
        ProtectedData,
    }
}

/// The stable name of a reason.
#[uniffi::export]
#[must_use]
pub fn wait_reason_name(reason: WaitReason) -> String {
    backhaul::WaitReason::from(reason).as_str().to_owned()
}

/// What would end the wait, as a sentence for people.
#[uniffi::export]
#[must_use]
pub fn wait_reason_unblocked_by(reason: WaitReason) -> String {
    backhaul::WaitReason::from(reason).unblocked_by().to_owned()
}

/// The life of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum TaskState {
    /// Not started, or paused.
    Suspended,
    /// Running: bytes move, or are being made durable.
    Transferring,
    /// Running, but held back.
    Waiting {
        /// Why.
        reason: WaitReason,
    },
    /// Cancelled, and not yet wound down.
    Canceling,
    /// Ended: finished, failed or cancelled.
    Completed,
}

impl From<backhaul::TaskState> for TaskState {
    fn from(state: backhaul::TaskState) -> TaskState {
        match state {
            backhaul::TaskState::Suspended => TaskState::Suspended,
            backhaul::TaskState::Transferring => TaskState::Transferring,
            backhaul::TaskState::Waiting(reason) => TaskState::Waiting {
                reason: reason.into(),
            },
            backhaul::TaskState::Canceling => TaskState::Canceling,
            backhaul::TaskState::Completed => TaskState::Completed,
        }
    }
}

/// What an app sees of a task: a copy, taken at one moment.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct TaskInfo {
    /// Its number.
    pub id: i64,
    /// The app's own name for it.
    pub caller_id: Option<String>,
    /// The app's free text.
    pub metadata: Option<String>,
    /// The app's tag for several tasks.
    pub group: Option<String>,
    /// What it fetches, as given.
    pub url: String,
    /// Where the file will lie.
    pub destination: Destination,
    /// Where it stands.
    pub state: TaskState,
    /// 0.0 to 1.0.
    pub priority: f32,
    /// Bytes in the part file or the finished file.
    pub received: u64,
    /// The whole length, once known.
    pub total: Option<u64>,
    /// When it fails for taking too long.
    pub deadline: Option<SystemTime>,
    /// Why it ended without a file, once it has; or what the last attempt died of.
    pub error: Option<ErrorInfo>,
    /// In the calls about a task's end: that event's number among the task's, the same when it is
    /// delivered again (rule D4).
    pub sequence: Option<i64>,
}

impl From<&backhaul::TaskInfo> for TaskInfo {
    fn from(task: &backhaul::TaskInfo) -> TaskInfo {
        TaskInfo {
            id: task.id.as_i64(),
            caller_id: task.caller_id.clone(),
            metadata: task.metadata.clone(),
            group: task.group.clone(),
            url: task.url.clone(),
            destination: Destination::from(&task.destination),
            state: task.state.into(),
            priority: task.priority,
            received: task.received,
            total: task.total,
            deadline: task.deadline,
            error: task.error.as_ref().map(ErrorInfo::from),
            sequence: task.sequence,
        }
    }
}

/// One attempt to move the bytes.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Attempt {
    /// When it began.
    pub began: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// Bytes received in it.
    pub received: u64,
    /// How it ended, as a sentence.
    pub outcome: String,
}

impl From<&backhaul::Attempt> for Attempt {
    fn from(attempt: &backhaul::Attempt) -> Attempt {
        let began = Duration::from_millis(u64::try_from(attempt.began_ms).unwrap_or(0));
        Attempt {
            began: SystemTime::UNIX_EPOCH + began,
            took: Duration::from_millis(u64::try_from(attempt.took_ms).unwrap_or(0)),
            received: attempt.received,
            outcome: attempt.outcome.clone(),
        }
    }
}

/// The answer to "why does this task not move?" (rule E1).
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Explanation {
    /// The task.
    pub task: TaskInfo,
    /// Since when it is in this state.
    pub since: SystemTime,
    /// What would end the wait, as a sentence; none when it does not wait.
    pub unblocked_by: Option<String>,
    /// The tasks that it comes after and that have not succeeded yet; at most sixteen (rule L6).
    pub after: Vec<i64>,
    /// When it is looked at again at the latest, if a time is known.
    pub next_evaluation: Option<SystemTime>,
    /// Bytes that were received and had to be thrown away (rule R7).
    pub discarded: u64,
    /// The last attempts, oldest first; at most eight.
    pub attempts: Vec<Attempt>,
    /// How many attempts there were in all.
    pub attempt_count: u32,
}

impl From<backhaul::Explanation> for Explanation {
    fn from(explanation: backhaul::Explanation) -> Explanation {
        Explanation {
            task: TaskInfo::from(&explanation.task),
            since: explanation.since,
            unblocked_by: explanation.unblocked_by,
            after: explanation.after.iter().map(|id| id.as_i64()).collect(),
            next_evaluation: explanation.next_evaluation,
            discarded: explanation.discarded,
            attempts: explanation.attempts.iter().map(Attempt::from).collect(),
            attempt_count: explanation.attempt_count,
        }
    }
}

/// How fast and how far (rule E2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Progress {
    /// Bytes that came since the last call.
    pub written: u64,
    /// Bytes of the file that are here.
    pub received: u64,
    /// The whole length, if known.
    pub total: Option<u64>,
    /// Bytes a second, over the last second or so.
    pub throughput: u64,
}

impl From<backhaul::Progress> for Progress {
    fn from(progress: backhaul::Progress) -> Progress {
        Progress {
            written: progress.written,
            received: progress.received,
            total: progress.total,
            throughput: progress.throughput,
        }
    }
}

/// What a task cost.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct TaskMetrics {
    /// From the request until the head of the answer.
    pub first_byte: Duration,
    /// From the request until the last byte.
    pub duration: Duration,
    /// Body bytes that came over the network, in all attempts.
    pub received: u64,
    /// Of those, bytes that were thrown away (rule R7).
    pub discarded: u64,
    /// Attempts made.
    pub attempts: u32,
    /// Redirects followed in the last attempt.
    pub redirects: u32,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub http_version: String,
    /// The server's address.
    pub remote_address: Option<String>,
}

impl From<&backhaul::TaskMetrics> for TaskMetrics {
    fn from(metrics: &backhaul::TaskMetrics) -> TaskMetrics {
        TaskMetrics {
            first_byte: metrics.first_byte,
            duration: metrics.duration,
            received: metrics.received,
            discarded: metrics.discarded,
            attempts: metrics.attempts,
            redirects: metrics.redirects,
            http_version: metrics.http_version.clone(),
            remote_address: metrics.remote_address.clone(),
        }
    }
}

impl From<TaskMetrics> for backhaul::TaskMetrics {
    fn from(metrics: TaskMetrics) -> backhaul::TaskMetrics {
        let mut core = backhaul::TaskMetrics::default();
        core.first_byte = metrics.first_byte;
        core.duration = metrics.duration;
        core.received = metrics.received;
        core.discarded = metrics.discarded;
        core.attempts = metrics.attempts;
        core.redirects = metrics.redirects;
        core.http_version = metrics.http_version;
        core.remote_address = metrics.remote_address;
        core
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_of_the_core_has_its_own_here() {
        // rule P1
        for reason in backhaul::WaitReason::ALL {
            let back = backhaul::WaitReason::from(WaitReason::from(*reason));
            assert_eq!(back, *reason);
            assert_eq!(wait_reason_name((*reason).into()), reason.as_str());
        }
    }
}
