//! What an app sees of a task, and why it waits (rules E1, P1).

use crate::clock::Moment;
use crate::engine::policy::Needs;
use crate::engine::task::{Stage, StopFor};
use crate::engine::{Engine, dependency};
use crate::error::Error;
use crate::request::{DEFAULT_PRIORITY, Destination};
use crate::store::{Phase, TaskRow};
use crate::task_id::TaskId;
use crate::task_state::{Explanation, TaskInfo, TaskState, WaitReason};

impl Engine {
    /// The state of a task in the window.
    pub fn state(&self, now: Moment, id: TaskId) -> Option<(&TaskRow, TaskState)> {
        let task = self.window.get(id)?;
        let state = match task.stage {
            Stage::Transferring {
                stop: Some(StopFor::Cancel | StopFor::CancelKeepingPart),
                ..
            } => TaskState::Canceling,
            Stage::Transferring {
                stop: Some(StopFor::Suspend),
                ..
            } => TaskState::Suspended,
            Stage::Transferring { .. } | Stage::Finishing { .. } => TaskState::Transferring,
            Stage::Queued => TaskState::Waiting(self.queued_reason(&task.row)),
            Stage::Parked { .. } => state_of_row(&task.row, self.unmet, now),
        };
        Some((&task.row, state))
    }

    fn queued_reason(&self, row: &TaskRow) -> WaitReason {
        let blocked = Needs::from_bits(row.needs).blocked_by(self.unmet);
        let reason = blocked.or_else(|| self.full(row));
        reason.unwrap_or(WaitReason::SessionLimit)
    }

    /// How many tasks wait for which reason: those in the window, and of the ready rows outside it,
    /// counted by their needs, those that the conditions hold back.
    pub fn waiting_counts(&self, ready: &[(i64, u64)]) -> Vec<(WaitReason, u64)> {
        let in_window = self.window.queued();
        let in_window = in_window.map(|task| (self.queued_reason(&task.row), 1));
        let outside = ready.iter().filter_map(|(needs, count)| {
            let reason = Needs::from_bits(*needs).blocked_by(self.unmet())?;
            Some((reason, *count))
        });
        let mut counts: Vec<(WaitReason, u64)> = Vec::new();
        for (reason, more) in in_window.chain(outside) {
            match counts.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, count)) => *count += more,
                None => counts.push((reason, more)),
            }
        }
        counts
    }
}

/// The state of a task that is in no window: by its row alone.
pub(crate) fn state_of_row(row: &TaskRow, unmet: Needs, now: Moment) -> TaskState {
    let queued = || match Needs::from_bits(row.needs).blocked_by(unmet) {
        Some(reason) => TaskState::Waiting(reason),
        None => TaskState::Waiting(WaitReason::SessionLimit),
    };
    match (row.phase, row.hold) {
        (Phase::Suspended, _) => TaskState::Suspended,
        (Phase::Completed, _) => TaskState::Completed,
        (Phase::Claimed, _) => TaskState::Transferring,
        (Phase::Held, _) if row.waits > 0 => TaskState::Waiting(WaitReason::Dependency),
        (Phase::Held, Some(hold)) if hold.remaining_ms(now) > 0 => TaskState::Waiting(hold.reason),
        (Phase::Held | Phase::Ready, _) => queued(),
    }
}

/// The copy of a row that an app gets.
pub(crate) fn task_info(row: &TaskRow, state: TaskState) -> TaskInfo {
    TaskInfo {
        id: row.id,
        caller_id: row.caller_id.clone(),
        metadata: row.metadata.clone(),
        group: row.options.group.clone(),
        url: row.url.clone(),
        destination: Destination::from_store(row.base.clone(), row.path.clone()),
        state,
        priority: row.options.priority.unwrap_or(DEFAULT_PRIORITY),
        received: row.record.received,
        total: row.record.total.or(row.options.expected_size),
        deadline: row.deadline.map(|deadline| at_wall(deadline.wall_ms)),
        error: row.record.last_error.clone().map(Error::from),
        sequence: None,
    }
}

/// A wall-clock time as the standard library's type.
fn at_wall(wall_ms: i64) -> std::time::SystemTime {
    let moment = Moment {
        wall_ms,
        uptime_ms: 0,
        boot: 0,
    };
    moment.system_time()
}

/// When a task's state could change by time alone.
fn next_evaluation(
    row: &TaskRow,
    state: TaskState,
    now: Moment,
    limiter_opens: Option<Moment>,
) -> Option<Moment> {
    let deadline = row.deadline.map(|deadline| deadline.moment(now));
    let relaxes = row
        .relax_ms
        .map(|at| now.plus_ms((at - now.uptime_ms).max(0)));
    let first = |a: Option<Moment>| {
        let both = a.into_iter().chain(deadline);
        both.min_by_key(|moment| now.until_ms(*moment))
    };
    // What comes after others waits for no time, although it may be held until one.
    let waits_for_others = state == TaskState::Waiting(WaitReason::Dependency);
    match (state, row.hold.filter(|_| !waits_for_others)) {
        (TaskState::Completed, _) => None,
        (TaskState::Waiting(WaitReason::Dependency), _) => deadline,
        (TaskState::Waiting(_), Some(hold)) => Some(now.plus_ms(hold.remaining_ms(now))),
        (TaskState::Waiting(WaitReason::LaunchRateLimit), None) => first(limiter_opens),
        // Those do not relax.
        (
            TaskState::Waiting(
                WaitReason::SessionLimit | WaitReason::HostLimit | WaitReason::GroupLimit,
            ),
            None,
        ) => deadline,
        (TaskState::Waiting(_), None) => first(relaxes),
        _ => deadline,
    }
}

/// Why a task stands where it stands. `limiter_opens` is the launch limiter's time, for those who
/// know it.
pub(crate) fn explanation(
    row: &TaskRow,
    state: TaskState,
    now: Moment,
    limiter_opens: Option<Moment>,
) -> Explanation {
    let next = next_evaluation(row, state, now, limiter_opens);
    let since_ms = if row.record.since_ms == 0 {
        row.created_ms
    } else {
        row.record.since_ms
    };
    Explanation {
        since: at_wall(since_ms),
        unblocked_by: state.reason().map(|reason| match reason {
            WaitReason::Dependency => dependency::unblocked_by(row),
            reason => reason.unblocked_by().to_owned(),
        }),
        after: row.after.clone(),
        next_evaluation: next.map(Moment::system_time),
        discarded: row.record.discarded,
        attempts: row.record.attempts.clone(),
        attempt_count: row.record.attempt_count,
        task: task_info(row, state),
    }
}
