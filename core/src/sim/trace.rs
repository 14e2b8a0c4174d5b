//! What happened in a simulated world, in order: the log, and what the plot is drawn from.

use serde::Serialize;

use crate::conditions::{AppState, SystemConditions};
use crate::task_state::WaitReason;

/// Everything that happened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    entries: Vec<Entry>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// True time since the world began, in milliseconds: no clock that somebody set.
    pub at_ms: i64,
    /// What it was.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// A process of the app began.
    Launched {
        /// Counts processes from 1.
        process: u64,
    },
    /// The process ended, and how: `killed`, `force_quit`, `crashed`.
    Ended {
        /// Which.
        process: u64,
        /// How.
        how: &'static str,
    },
    /// The power went: what was not synced is gone.
    PowerLost,
    /// The device started again.
    Rebooted,
    /// Somebody set the wall clock.
    ClockSet {
        /// By how much.
        by_ms: i64,
    },
    /// The app went to another state (rule W1).
    App {
        /// Which.
        state: AppState,
    },
    /// The system changed.
    Conditions {
        /// What it is like now.
        conditions: SystemConditions,
    },
    /// An object on a server is another one now.
    ObjectChanged {
        /// Which.
        url: String,
        /// Its number.
        version: u64,
    },
    /// A task was made.
    Created {
        /// Which session.
        session: String,
        /// Which task.
        task: i64,
        /// What it fetches.
        url: String,
    },
    /// A transfer began to move bytes.
    Started {
        /// Which session.
        session: String,
        /// Which task.
        task: i64,
        /// Which attempt.
        attempt: u32,
    },
    /// It stopped, failed or finished.
    Stopped {
        /// Which session.
        session: String,
        /// Which task.
        task: i64,
        /// Which attempt.
        attempt: u32,
        /// `finished`, `stopped`, `failed`, `killed`.
        how: &'static str,
        /// Bytes of the file that are here.
        received: u64,
    },
    /// A task waits.
    Waiting {
        /// Which session.
        session: String,
        /// Which task.
        task: i64,
        /// Why.
        reason: WaitReason,
    },
    /// The delegate was told of a task's end, and returned.
    Delivered {
        /// Which session.
        session: String,
        /// Which task.
        task: i64,
        /// Its number among the task's events (rule D4).
        sequence: i64,
        /// None for a file that arrived; else the kind of the error.
        error: Option<String>,
    },
    /// `did_finish_events_for_background_session`.
    EventsFinished {
        /// Which session.
        session: String,
    },
    /// The app asked for a wake.
    WakeAsked {
        /// True time from which on it is wanted.
        at_ms: i64,
        /// What must hold, in words.
        constraints: String,
    },
    /// The platform lent one.
    WakeLent {
        /// Which ticket.
        ticket: u64,
        /// How long it may take.
        limit_ms: i64,
    },
    /// It was given back.
    WakeCompleted {
        /// Which ticket.
        ticket: u64,
    },
    /// A line of a scenario, or of the app under test.
    Said {
        /// What.
        text: String,
    },
    /// A promise was broken.
    Broken {
        /// Which rule.
        rule: &'static str,
        /// How.
        text: String,
    },
}

impl Trace {
    pub(crate) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// All of it.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
