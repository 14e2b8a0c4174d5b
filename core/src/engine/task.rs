//! One task in the window.

use std::sync::Arc;

use crate::clock::Moment;
use crate::engine::command::CommandToken;
use crate::store::{Phase, TaskRow};
use crate::transport::TransferId;

/// A task that the engine holds in memory.
#[derive(Debug)]
pub(crate) struct Task {
    pub row: TaskRow,
    /// The row's deadline on both clocks, so that a clock that jumps does not fire it.
    pub deadline: Option<Moment>,
    pub stage: Stage,
    /// Who waits for this task to have stopped.
    pub waiting_callers: Vec<CommandToken>,
    /// Where the progress calls got to, and when.
    pub pace: Pace,
    /// Bytes of the file that were here when it came into the window.
    pub received_at_start: u64,
    /// What arrived, between the last byte and the commit.
    pub finished: Option<crate::store::Finished>,
    /// Its sidecar is still there, and is removed when its end is on record.
    pub leaves_sidecar: bool,
    /// What the last attempt cost.
    pub metrics: crate::task_state::TaskMetrics,
    /// It ends without a file, and its part file stays for resume data.
    pub keeps_part: bool,
    /// What the delegate was last told that it waits for.
    pub last_reason: Option<crate::task_state::WaitReason>,
}

/// Where it stands.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Waits for a place among the transfers.
    Queued,
    /// Was loaded for a command only: not part of the queue.
    Parked { phase: Phase },
    /// Bytes move.
    Transferring {
        attempt: u32,
        began: Moment,
        stop: Option<StopFor>,
    },
    /// Every byte is here; the file is being made durable and put in place.
    Finishing {
        /// What the app asked for meanwhile: it counts if the file cannot be put in place.
        stop: Option<StopFor>,
    },
}

/// Why a transfer is being stopped. Later ones are stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StopFor {
    /// The system's state was withdrawn (P2).
    Conditions,
    /// The session ends.
    Shutdown,
    /// The app paused it.
    Suspend,
    /// It is longer than a watch's session takes.
    TooLarge,
    /// The deadline passed.
    Deadline,
    /// The app cancelled it, and wants resume data.
    CancelKeepingPart,
    /// The app cancelled it.
    Cancel,
}

impl StopFor {
    pub fn stronger(self, other: StopFor) -> StopFor {
        self.max(other)
    }
}

/// At most ten progress calls a second for each task (rule E2), whatever its transport sends.
const PROGRESS_INTERVAL_MS: i64 = 100;

/// Measures throughput between progress calls, and keeps them apart.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    pub told: u64,
    pub told_at_ms: i64,
    pub throughput: u64,
    /// When the last call was made.
    called_at_ms: Option<i64>,
    /// Bytes came for which it was too soon: a call is due.
    pub is_behind: bool,
}

impl Pace {
    /// How long until a call may be made.
    pub fn pause_ms(&self, now_ms: i64) -> i64 {
        self.called_at_ms
            .map_or(0, |called| (called + PROGRESS_INTERVAL_MS - now_ms).max(0))
    }

    /// Bytes a second since the last call, smoothed.
    pub fn advance(&mut self, now_ms: i64, received: u64) -> u64 {
        let new = received.saturating_sub(self.told);
        let elapsed_ms = u64::try_from(now_ms - self.told_at_ms).unwrap_or(0).max(1);
        let current = new.saturating_mul(1000) / elapsed_ms;
        self.throughput = if self.throughput == 0 {
            current
        } else {
            (self.throughput * 3 + current) / 4
        };
        self.told = received;
        self.told_at_ms = now_ms;
        self.called_at_ms = Some(now_ms);
        self.is_behind = false;
        new
    }
}

/// What the driver needs to start a transfer.
#[derive(Clone, Debug)]
pub(crate) struct StartTransfer {
    pub id: TransferId,
    pub row: Arc<TaskRow>,
}

impl Task {
    pub fn new(row: TaskRow, stage: Stage, now: Moment) -> Task {
        let deadline = row.deadline.map(|deadline| deadline.moment(now));
        Task {
            received_at_start: row.record.received,
            finished: None,
            leaves_sidecar: false,
            metrics: crate::task_state::TaskMetrics::default(),
            keeps_part: false,
            row,
            deadline,
            stage,
            waiting_callers: Vec::new(),
            pace: Pace::default(),
            last_reason: None,
        }
    }

    /// Where it stands in the queue: smaller goes first (rule P3).
    pub fn order(&self) -> (i64, i64, crate::task_id::TaskId) {
        (
            self.row.rank,
            self.row.deadline.map_or(i64::MAX, |end| end.wall_ms),
            self.row.id,
        )
    }

    /// Why it is being stopped, if it is.
    pub fn stop(&self) -> Option<StopFor> {
        match self.stage {
            Stage::Transferring { stop, .. } | Stage::Finishing { stop } => stop,
            Stage::Queued | Stage::Parked { .. } => None,
        }
    }

    /// Its deadline, unless nothing can make it miss it any more, or it waits for a command only.
    pub fn pending_deadline(&self) -> Option<Moment> {
        match self.stage {
            Stage::Queued | Stage::Transferring { .. } => self.deadline,
            Stage::Parked { .. } | Stage::Finishing { .. } => None,
        }
    }

    /// Its needs are to be decided again.
    pub fn is_relaxing(&self, now: Moment) -> bool {
        self.row.relax_ms.is_some_and(|at| at <= now.uptime_ms)
    }

    /// When somebody must look at it, once it is back in the store.
    pub fn next_check(&self, now: Moment) -> Option<Moment> {
        let relaxes = self.row.relax_ms.map(|at| now.plus_ms(at - now.uptime_ms));
        let both = self.deadline.into_iter().chain(relaxes);
        both.min_by_key(|moment| now.until_ms(*moment))
    }

    pub fn is_transferring(&self) -> bool {
        matches!(self.stage, Stage::Transferring { .. })
    }

    /// The phase that the store has for it, as far as an app can tell.
    pub fn saved_phase(&self) -> Phase {
        match self.stage {
            Stage::Parked { phase } => phase,
            Stage::Queued => Phase::Ready,
            Stage::Transferring { .. } | Stage::Finishing { .. } => Phase::Claimed,
        }
    }
}
