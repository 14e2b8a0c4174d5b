//! What the store holds, as plain values. No SQL here, and no decisions.

use serde::{Deserialize, Serialize};

use crate::after::After;
use crate::clock::Moment;
use crate::engine::policy::LaunchLimiter;
use crate::error::ErrorRecord;
use crate::request::RequestOptions;
use crate::response::Response;
use crate::task_id::TaskId;
use crate::task_state::{Attempt, TaskMetrics, WaitReason};

/// Where a row stands in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Waits for `resume`.
    Suspended = 0,
    /// May be claimed when its turn comes.
    Ready = 1,
    /// May not be claimed before `not_before`.
    Held = 2,
    /// In the memory of the live session. At the next open it is `Ready` again (lease epoch).
    Claimed = 3,
    /// Ended. The row stays for `explain` and for L5 until it is forgotten.
    Completed = 4,
}

/// A task as it is enqueued.
#[derive(Clone, Debug)]
pub(crate) struct NewTask {
    pub url: String,
    /// `host:port`, the unit of the per-host limit.
    pub host: String,
    pub base: String,
    pub path: String,
    pub caller_id: Option<String>,
    pub metadata: Option<String>,
    pub options: RequestOptions,
    /// Bits of [`crate::engine::policy::Needs`]: what must be true of the system for it to run.
    pub needs: i64,
    pub phase: Phase,
    /// With `Phase::Held`: until when, and why.
    pub hold: Option<Hold>,
    /// Smaller goes first (rule P3).
    pub rank: i64,
    /// None until resumed.
    pub deadline: Option<Deadline>,
    /// When its needs are to be decided again, in uptime of this boot (rule P4).
    pub relax_ms: Option<i64>,
    /// Started while the app was not in front.
    pub started_in_background: bool,
    pub created: Moment,
    /// The tasks that it comes after (rule L6).
    pub after: Vec<After>,
}

/// The only deadline of a task. A wall clock that jumps neither fires nor starves it (rule P7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline {
    /// By the wall clock as it was when it was set: what is shown, and what the queue is ordered by.
    pub wall_ms: i64,
    /// How long after the first `resume` it passes: it is never further away.
    pub delay_ms: i64,
    /// In uptime of the boot in which the store was opened: what counts.
    pub due_ms: i64,
}

impl Deadline {
    pub fn after(now: Moment, delay_ms: i64) -> Deadline {
        Deadline {
            wall_ms: now.wall_ms.saturating_add(delay_ms),
            delay_ms,
            due_ms: now.uptime_ms.saturating_add(delay_ms),
        }
    }

    pub fn remaining_ms(&self, now: Moment) -> i64 {
        let left_ms = self.due_ms.saturating_sub(now.uptime_ms);
        left_ms.clamp(0, self.delay_ms.max(0))
    }

    /// On both clocks, as they are now.
    pub fn moment(&self, now: Moment) -> Moment {
        now.plus_ms(self.remaining_ms(now))
    }
}

/// A not-before that survives restarts and clock changes (rules H2, P7).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hold {
    pub reason: WaitReason,
    /// When it was set: after a reboot or a clock jump the wait is never longer than `delay_ms`.
    pub set: Moment,
    pub delay_ms: i64,
}

impl Hold {
    pub fn until(&self) -> Moment {
        self.set.plus_ms(self.delay_ms)
    }

    /// How long from `now` it still holds: by uptime within one boot, by the wall clock otherwise,
    /// and never longer than the delay it was set with.
    pub fn remaining_ms(&self, now: Moment) -> i64 {
        now.until_ms(self.until()).min(self.delay_ms)
    }
}

/// The part of a task that changes while it runs. Stored as one value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    /// Attempts that failed in a row without a byte of progress: the exponent of the backoff.
    #[serde(skip_serializing_if = "is_default")]
    pub failures_in_a_row: u32,
    #[serde(skip_serializing_if = "is_default")]
    pub attempt_count: u32,
    #[serde(skip_serializing_if = "is_default")]
    pub received: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    #[serde(skip_serializing_if = "is_default")]
    pub discarded: u64,
    /// Since when it is in its state, wall clock.
    #[serde(skip_serializing_if = "is_default")]
    pub since_ms: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<ErrorRecord>,
    /// Body bytes that came over the network in all attempts.
    #[serde(skip_serializing_if = "is_default")]
    pub network_bytes: u64,
    /// It was started while the app was not in front: it is discretionary (rule C), and limited until
    /// its first attempt (rule P5).
    #[serde(skip_serializing_if = "is_default")]
    pub started_in_background: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A task as it is read back.
#[derive(Clone, Debug)]
pub(crate) struct TaskRow {
    pub id: TaskId,
    pub url: String,
    pub host: String,
    pub base: String,
    pub path: String,
    pub caller_id: Option<String>,
    pub metadata: Option<String>,
    pub options: RequestOptions,
    pub needs: i64,
    pub phase: Phase,
    pub hold: Option<Hold>,
    pub rank: i64,
    pub deadline: Option<Deadline>,
    /// When its needs are to be decided again, in uptime of this boot; never behind the deadline.
    pub relax_ms: Option<i64>,
    pub created_ms: i64,
    pub record: Record,
    /// How many of the tasks that it comes after have not succeeded (rule L6).
    pub waits: u32,
    /// The first of them, where one row was asked for.
    pub after: Vec<TaskId>,
    /// One of them ended without a file: so must this one.
    pub doomed: Option<Doom>,
}

/// Why a task cannot run any more: one that it comes after ended without a file (rule L6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Doom {
    /// The one that it comes after.
    pub after: TaskId,
    /// Where it began: the same, or one further ahead.
    pub root: TaskId,
    /// What that one died of, without the server's answer.
    pub cause: ErrorRecord,
}

/// A change that the engine decided; all changes of one commit are one transaction.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// The task stands here now.
    Save {
        id: TaskId,
        phase: Phase,
        hold: Option<Hold>,
        needs: i64,
        deadline: Option<Deadline>,
        relax_ms: Option<i64>,
        record: Record,
    },
    /// The task ended: its row, and in the same transaction the journal entry (rule D4). Its
    /// `part_file` row goes too if `part_is_gone`, and is marked as kept for resume data (L4) if
    /// `keeps_part`: the sweep at open then leaves the file alone for seven days.
    Complete {
        id: TaskId,
        record: Record,
        outcome: Box<Outcome>,
        part_is_gone: bool,
        keeps_part: bool,
    },
    /// The session's launch limiter stands here now (rule P5).
    SaveLimiter(LaunchLimiter),
}

/// How a task ended; the journal's payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub result: Result<Finished, ErrorRecord>,
    pub metrics: TaskMetrics,
}

/// A file that arrived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Finished {
    pub len: u64,
    pub response: Option<Response>,
    #[serde(default)]
    pub validator_weak: bool,
    #[serde(default)]
    pub length_unverified: bool,
}

/// One thing the delegate must still be told, or was told (rule D4).
#[derive(Clone, Debug)]
pub(crate) struct JournalRow {
    /// Order of the container.
    pub seq: i64,
    pub task: TaskId,
    /// Order of the task.
    pub task_seq: i64,
    pub written_ms: i64,
    pub acknowledged: bool,
    pub outcome: Outcome,
}

/// What a claim brought.
#[derive(Debug, Default)]
pub(crate) struct Claim {
    pub rows: Vec<TaskRow>,
    /// Whether more rows were claimable than the limit let through.
    pub more: bool,
    /// How long until the next held row may be claimed, and what that row needs.
    pub next_held: Option<(i64, i64)>,
    /// How long until a row that is not claimed must be looked at: its needs relax, or its deadline
    /// passes.
    pub next_check_ms: Option<i64>,
    /// The needs of rows that are ready and that the claim stepped over, each once.
    pub blocked: Vec<i64>,
}

/// Which rows to claim.
#[derive(Clone, Debug)]
pub(crate) struct ClaimRequest {
    pub now: Moment,
    pub limit: usize,
    /// Hosts that run as many transfers as allowed.
    pub full_hosts: Vec<String>,
    /// Bits of `needs` that the system does not satisfy now: rows with one of them stay.
    pub unmet_needs: i64,
}

/// How many rows of a session stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub suspended: u64,
    pub ready: u64,
    pub held: u64,
    pub claimed: u64,
    pub completed: u64,
    pub unacknowledged: u64,
}

/// A part file that exists or may exist (rule D8).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PartRow {
    pub task: TaskId,
    pub base: String,
    pub path: String,
}

/// A session in its store, from [`Store::open_session`](super::Store::open_session).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SessionKey(pub i64);

/// What became of one task of an enqueue call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EnqueuedTask {
    pub id: TaskId,
    /// The session already had a task with this caller id: this is that one, unchanged (rule L5).
    pub existed: bool,
}

/// What a commit wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Committed {
    /// One for each [`Change::Complete`], in their order.
    pub journal: Vec<JournalMark>,
    /// Other tasks may go on, or must end, because of it: it is worth claiming again (rule L6).
    pub moves_others: bool,
}

/// Where a journal entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JournalMark {
    pub task: TaskId,
    pub seq: i64,
    pub task_seq: i64,
    pub written_ms: i64,
}

impl JournalMark {
    /// The entry that stands there.
    pub fn entry(&self, outcome: Outcome) -> JournalRow {
        JournalRow {
            seq: self.seq,
            task: self.task,
            task_seq: self.task_seq,
            written_ms: self.written_ms,
            acknowledged: false,
            outcome,
        }
    }
}
