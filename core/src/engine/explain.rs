//! What an app sees of a task, and why it waits (rules E1, P1).

use crate::clock::Moment;
use crate::conditions::SystemConditions;
use crate::engine::policy::Needs;
use crate::engine::task::{Stage, StopFor};
use crate::engine::{Engine, dependency};
use crate::error::Error;
use crate::request::{DEFAULT_PRIORITY, Destination};
use crate::store::{Hold, Phase, TaskRow};
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
            Stage::Parked { .. } => state_of_row(&task.row, &self.conditions, now),
        };
        Some((&task.row, state))
    }

    fn queued_reason(&self, row: &TaskRow) -> WaitReason {
        let to_host = self.window.transferring_to(&row.host);
        match Needs(row.needs).blocked_by(&self.conditions) {
            Some(reason) => reason,
            None if to_host >= self.config.max_connections_per_host => WaitReason::HostLimit,
            None => WaitReason::SessionLimit,
        }
    }

    /// How many tasks in the window wait for which reason.
    pub fn waiting_counts(&self) -> Vec<(WaitReason, u64)> {
        let mut counts: Vec<(WaitReason, u64)> = Vec::new();
        for task in self.window.queued() {
            let reason = self.queued_reason(&task.row);
            match counts.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, count)) => *count += 1,
                None => counts.push((reason, 1)),
            }
        }
        counts
    }
}

/// The state of a task that is in no window: by its row alone.
pub(crate) fn state_of_row(row: &TaskRow, conditions: &SystemConditions, now: Moment) -> TaskState {
    let queued = || match Needs(row.needs).blocked_by(conditions) {
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
        deadline: row.deadline_ms.map(|wall_ms| {
            Moment {
                wall_ms,
                uptime_ms: 0,
                boot: 0,
            }
            .system_time()
        }),
        error: row.record.last_error.clone().map(Error::from),
        sequence: None,
    }
}

/// Why a task stands where it stands.
pub(crate) fn explanation(row: &TaskRow, state: TaskState, now: Moment) -> Explanation {
    let waits_for_time =
        |_: &Hold| matches!(state, TaskState::Waiting(why) if why != WaitReason::Dependency);
    let held = row.hold.filter(waits_for_time);
    let next = match held {
        Some(hold) => Some(now.plus_ms(hold.remaining_ms(now)).system_time()),
        None if state == TaskState::Completed => None,
        None => row.deadline_ms.map(|wall_ms| {
            Moment {
                wall_ms,
                uptime_ms: 0,
                boot: 0,
            }
            .system_time()
        }),
    };
    let since_ms = if row.record.since_ms == 0 {
        row.created_ms
    } else {
        row.record.since_ms
    };
    Explanation {
        since: Moment {
            wall_ms: since_ms,
            uptime_ms: 0,
            boot: 0,
        }
        .system_time(),
        unblocked_by: state.reason().map(|reason| match reason {
            WaitReason::Dependency => dependency::unblocked_by(row),
            reason => reason.unblocked_by().to_owned(),
        }),
        after: row.after.clone(),
        next_evaluation: next,
        discarded: row.record.discarded,
        attempts: row.record.attempts.clone(),
        attempt_count: row.record.attempt_count,
        task: task_info(row, state),
    }
}
