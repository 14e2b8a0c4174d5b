//! Where a task stands, and why (rules L, P1, E1).

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::task_id::TaskId;

/// The life of a task: `URLSession`'s four states, with `running` split in two so that a task that
/// does not move always says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// Not started, or paused: call [`resume`](crate::DownloadTask::resume).
    Suspended,
    /// Running: bytes move, or are being made durable.
    Transferring,
    /// Running, but held back.
    Waiting(WaitReason),
    /// Cancelled, and not yet wound down.
    Canceling,
    /// Ended: finished, failed or cancelled.
    Completed,
}

impl TaskState {
    /// The stable name: `suspended`, `transferring`, `waiting`, `canceling`, `completed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            TaskState::Suspended => "suspended",
            TaskState::Transferring => "transferring",
            TaskState::Waiting(_) => "waiting",
            TaskState::Canceling => "canceling",
            TaskState::Completed => "completed",
        }
    }

    /// Why it waits, if it does.
    #[must_use]
    pub fn reason(self) -> Option<WaitReason> {
        match self {
            TaskState::Waiting(reason) => Some(reason),
            TaskState::Suspended => Some(WaitReason::Suspended),
            _ => None,
        }
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])+ $name:ident = $text:literal, $unblocks:literal;)+) => {
        /// Why a task that could run does not (rule P1). New reasons may be added.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum WaitReason { $($(#[$doc])+ $name,)+ }

        impl WaitReason {
            /// The stable name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(WaitReason::$name => $text,)+ }
            }

            /// What would end the wait, as a sentence for people.
            #[must_use]
            pub fn unblocked_by(self) -> &'static str {
                match self { $(WaitReason::$name => $unblocks,)+ }
            }

            /// Every reason.
            pub const ALL: &'static [WaitReason] = &[$(WaitReason::$name,)+];
        }
    };
}

reasons! {
    /// Created or paused, and not resumed.
    Suspended = "suspended", "resume() on the task";
    /// The request said not to begin before a time.
    EarliestBeginDate = "earliest_begin_date", "the date that the request gave";
    /// There is no network.
    Connectivity = "connectivity", "a network";
    /// On a mobile network that the request or the session does not allow.
    CellularNotAllowed = "cellular_not_allowed", "Wi-Fi or a cable";
    /// On a network that costs money, which is not allowed.
    ExpensiveNotAllowed = "expensive_not_allowed", "a network that is not metered";
    /// Low Data Mode, which is not allowed.
    ConstrainedNotAllowed = "constrained_not_allowed", "Low Data Mode off, or another network";
    /// Discretionary work waits for a charger and an unmetered network.
    Discretionary = "discretionary", "a charger and an unmetered network";
    /// Discretionary work waits while the battery is being saved.
    LowPower = "low_power", "the end of the low-power mode";
    /// The device is too warm.
    Thermal = "thermal", "a cooler device";
    /// The volume has no room for the file.
    Storage = "storage", "free space on the destination's volume";
    /// The last attempt failed; the next one comes after a pause.
    RetryBackoff = "retry_backoff", "the end of the pause";
    /// The server said when to come back.
    RetryAfter = "retry_after", "the time that the server gave";
    /// As many transfers as allowed run to this host.
    HostLimit = "host_limit", "the end of another transfer to this host";
    /// As many transfers of this task's group as allowed run.
    GroupLimit = "group_limit", "the end of another transfer of its group";
    /// As many transfers as allowed run in this session, or others are ahead in the queue.
    SessionLimit = "session_limit", "the end of a transfer ahead of it";
    /// The app has no run time, or the transfer is too large for the wakes that a watch gets.
    WakeBudget = "wake_budget", "the next wake, or for a large transfer a charger and Wi-Fi";
    /// Work that was created in the background waits longer with each wake.
    LaunchRateLimit = "launch_rate_limit", "the app coming to the front, or the end of the pause";
    /// The server wants to know who asks.
    Authentication = "authentication", "credentials for the server";
    /// It comes after other tasks, which have not ended.
    Dependency = "dependency", "the tasks that it comes after";
    /// Its files cannot be written while the device is locked.
    ProtectedData = "protected_data", "the device being unlocked";
}

impl fmt::Display for WaitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an app sees of a task: a copy, taken at one moment.
#[derive(Debug)]
#[non_exhaustive]
pub struct TaskInfo {
    /// Its number.
    pub id: TaskId,
    /// The app's own name for it (L5).
    pub caller_id: Option<String>,
    /// The app's free text (L3).
    pub metadata: Option<String>,
    /// The app's tag for several tasks (L3).
    pub group: Option<String>,
    /// What it fetches, as given.
    pub url: String,
    /// Where the file will lie.
    pub destination: crate::Destination,
    /// Where it stands.
    pub state: TaskState,
    /// 0.0–1.0.
    pub priority: f32,
    /// Bytes in the part file or the finished file.
    pub received: u64,
    /// The whole length, once known.
    pub total: Option<u64>,
    /// When it fails for taking too long (`timeout_for_resource`).
    pub deadline: Option<SystemTime>,
    /// Why it ended without a file, once it has; or what the last attempt died of.
    pub error: Option<Error>,
    /// In the calls about a task's end: that event's number among the task's, the same when it is
    /// delivered again (rule D4).
    pub sequence: Option<i64>,
}

/// The answer to "why does this task not move?" (rule E1).
#[derive(Debug)]
#[non_exhaustive]
pub struct Explanation {
    /// The task.
    pub task: TaskInfo,
    /// Since when it is in this state.
    pub since: SystemTime,
    /// What would end the wait, as a sentence; none when it does not wait.
    pub unblocked_by: Option<String>,
    /// The tasks that it comes after and that have not succeeded yet, oldest first; at most sixteen
    /// (rule L6).
    pub after: Vec<TaskId>,
    /// When it is looked at again at the latest, if a time is known.
    pub next_evaluation: Option<SystemTime>,
    /// Bytes that were received and had to be thrown away (R7).
    pub discarded: u64,
    /// The last attempts, oldest first; at most eight.
    pub attempts: Vec<Attempt>,
    /// How many attempts there were in all.
    pub attempt_count: u32,
}

/// One attempt to move the bytes, as [`Explanation`] lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// When it began, in milliseconds since the Unix epoch.
    pub began_ms: i64,
    /// How long it took.
    pub took_ms: i64,
    /// Bytes received in it.
    pub received: u64,
    /// How it ended, as a sentence.
    pub outcome: String,
}

/// How fast and how far (rule E2). At most ten a second for each task, and one last exact one.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
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

/// What an attempt cost, given before the task ends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskMetrics {
    /// From the request until the head of the answer.
    pub first_byte: Duration,
    /// From the request until the last byte.
    pub duration: Duration,
    /// Body bytes that came over the network, in all attempts.
    pub received: u64,
    /// Of those, bytes that were thrown away (R7).
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_says_what_ends_it() {
        // rule P1
        for reason in WaitReason::ALL {
            assert!(!reason.unblocked_by().is_empty());
            let json = serde_json::to_string(reason).unwrap();
            assert_eq!(json, format!("\"{reason}\""), "one spelling everywhere");
        }
    }
}
