//! What a policy knows of a task.

use std::time::Duration;

/// What is known of a task when its needs are decided. New facts may be added.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TaskFacts {
    /// It belongs to a background session.
    pub in_background_session: bool,
    /// It waits for a network rather than fail. Always true in background sessions.
    pub waits_for_connectivity: bool,
    /// The system may choose the time: the session says so, or the task was started in the
    /// background.
    pub is_discretionary: bool,
    /// It was started while the app was not in front.
    pub started_in_background: bool,
    /// An attempt was made.
    pub was_attempted: bool,
    /// Request and session allow mobile networks.
    pub allows_cellular: bool,
    /// Request and session allow networks that cost money by volume.
    pub allows_expensive: bool,
    /// Request and session allow networks in Low Data Mode.
    pub allows_constrained: bool,
    /// When its file can be written.
    pub file_protection: FileProtection,
    /// The file's length, as the server or the request say it, else what the app expects.
    pub expected_bytes: Option<u64>,
    /// How many bytes are here.
    pub received_bytes: u64,
    /// The limits of a watch.
    pub watch: Option<WatchBudget>,
    /// How long ago it was resumed.
    pub elapsed: Duration,
    /// How long it may take from there, waiting included; none until it is resumed.
    pub time_limit: Option<Duration>,
    /// From 0.0 to 1.0.
    pub priority: f32,
    /// The tag that it shares with others.
    pub group: Option<String>,
}

impl TaskFacts {
    /// How long until its deadline.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        Some(self.time_limit?.saturating_sub(self.elapsed))
    }

    /// It is larger than what a watch transfers at any time (rule P8).
    #[must_use]
    pub fn is_large_for_watch(&self) -> bool {
        match (self.watch, self.expected_bytes) {
            (Some(watch), Some(bytes)) => bytes > watch.small_transfer_limit_bytes,
            _ => false,
        }
    }
}

/// When a session's files can be written. The core waits accordingly; the platform's layer gives the
/// files their class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileProtection {
    /// Always, once the device was unlocked after a start: Apple's
    /// `completeUntilFirstUserAuthentication`, and every other platform.
    #[default]
    UntilFirstUnlock,
    /// Only while the device is unlocked: Apple's `complete`. Tasks wait as `protected_data`.
    Complete,
}

/// What a watch transfers at any time, and what it makes of the rest (rule P8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchBudget {
    /// Transfers up to this length run in any wake.
    pub small_transfer_limit_bytes: u64,
    /// What becomes of larger ones.
    pub large_transfers: LargeTransfers,
}

/// What becomes of a transfer that is too large for the wakes of a watch (rule P8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LargeTransfers {
    /// It waits for a charger and Wi-Fi, as `wake_budget`.
    #[default]
    Hold,
    /// It is refused: when it is made, or when the server says how long the file is.
    Refuse,
}
