//! Which tasks come into the window, and which of those start (rules P2, P3, P6, P9).

use crate::clock::Moment;
use crate::conditions::SystemConditions;
use crate::engine::Engine;
use crate::engine::effect::{Effect, Event, EventKind};
use crate::engine::explain::task_info;
use crate::engine::policy::Needs;
use crate::engine::task::{Stage, StartTransfer, StopFor, Task};
use crate::engine::window::WINDOW_LIMIT;
use crate::store::{Claim, ClaimRequest, Phase, TaskRow};
use crate::task_id::TaskId;
use crate::task_state::{TaskState, WaitReason};
use crate::transport::TransferId;

/// The smallest window: enough to hide the commit of a claim behind small files.
const WINDOW_FLOOR: usize = 32;

/// The most files that are being made durable at a time: each holds a descriptor open.
const FINISHING_LIMIT: usize = 256;

/// What is known of the rows that are not in the window.
#[derive(Debug, Default)]
pub(super) struct ClaimState {
    in_flight: bool,
    /// Nothing more can be claimed until something changes.
    exhausted: bool,
    /// Something changed while a claim was under way.
    dirty: bool,
    /// The last claim looked past crowded hosts: their rows can be had when they have thinned out.
    passed_over_hosts: bool,
    /// When the next held row, or deadline of a row that is not in the window, is due.
    next_due: Option<Moment>,
    /// A platform's service has not yet said what it holds: a row claimed now could be one whose
    /// transfer goes on there, and would be started twice (rule W5).
    awaits_list: bool,
}

impl ClaimState {
    pub fn new(awaits_list: bool) -> ClaimState {
        ClaimState {
            awaits_list,
            ..ClaimState::default()
        }
    }

    pub fn listed(&mut self) {
        self.awaits_list = false;
        self.more_ready();
    }

    /// Rows may have become claimable.
    pub fn more_ready(&mut self) {
        self.exhausted = false;
        self.dirty = true;
    }

    pub fn next_due(&self) -> Option<Moment> {
        if self.in_flight { None } else { self.next_due }
    }

    /// A row outside the window will be due then.
    pub fn due_at(&mut self, now: Moment, moment: Moment) {
        let sooner = |old: &Moment| now.until_ms(*old) <= now.until_ms(moment);
        if !self.next_due.as_ref().is_some_and(sooner) {
            self.next_due = Some(moment);
        }
    }
}

impl Engine {
    /// Starts what may start, and claims more when the window runs low.
    pub(super) fn advance(&mut self, now: Moment) {
        if self.stopping {
            return;
        }
        self.start_queued(now);
        self.claim_more(now);
    }

    fn start_queued(&mut self, now: Moment) {
        while self.window.transferring() < self.config.max_concurrent_transfers
            && self.window.busy() - self.window.transferring() < FINISHING_LIMIT
        {
            let per_host = self.config.max_connections_per_host;
            let has_room = |task: &&Task| self.window.transferring_to(&task.row.host) < per_host;
            let Some(id) = self.window.queued().find(has_room).map(|task| task.row.id) else {
                break;
            };
            self.start(now, id);
        }
    }

    fn start(&mut self, now: Moment, id: TaskId) {
        let Some(task) = self.window.get_mut(id) else {
            return;
        };
        task.row.record.attempt_count = task.row.record.attempt_count.saturating_add(1);
        task.row.record.since_ms = now.wall_ms;
        task.last_reason = None;
        task.pace.told = task.row.record.received;
        task.pace.told_at_ms = now.uptime_ms;
        let transfer = TransferId {
            task: id,
            attempt: task.row.record.attempt_count,
        };
        let start = Effect::Start(Box::new(StartTransfer {
            id: transfer,
            row: std::sync::Arc::new(task.row.clone()),
        }));
        let record_first = self
            .config
            .outlives_process
            .then(|| crate::store::Change::Save {
                id,
                phase: Phase::Claimed,
                hold: None,
                deadline_ms: task.row.deadline_ms,
                record: task.row.record.clone(),
            });
        let stage = Stage::Transferring {
            attempt: transfer.attempt,
            began: now,
            stop: None,
        };
        self.window.set_stage(id, stage);
        // The claim is on record already. A service that outlives us also needs its attempt there.
        self.effects.push_back(match record_first {
            Some(change) => Effect::Commit {
                changes: vec![change],
                then: vec![start],
            },
            None => start,
        });
    }

    fn window_size(&self) -> usize {
        (self.config.max_concurrent_transfers * 4).clamp(WINDOW_FLOOR, WINDOW_LIMIT / 2)
    }

    fn claim_more(&mut self, now: Moment) {
        if self.claims.in_flight || self.claims.awaits_list {
            return;
        }
        let size = self.window_size();
        let low = self.window.queued_len() <= size / 4;
        // Newcomers may be more urgent than what is queued here: they are let in past the size.
        let wanted = if self.claims.dirty {
            WINDOW_LIMIT
        } else {
            size
        };
        if self.claims.exhausted || self.window.len() >= wanted || !(low || self.claims.dirty) {
            return;
        }
        let crowded = self.window.crowded_hosts(self.host_share());
        self.claims.in_flight = true;
        self.claims.dirty = false;
        self.claims.passed_over_hosts = !crowded.is_empty();
        self.effects.push_back(Effect::Claim(ClaimRequest {
            now,
            limit: size
                .min(WINDOW_LIMIT.saturating_sub(self.window.len()))
                .min(size / 2)
                .max(1),
            full_hosts: crowded,
            unmet_needs: Needs::unmet(&self.conditions),
        }));
    }

    /// How much of the window one host may take up before claims look past it.
    fn host_share(&self) -> usize {
        self.window_size() / 2 + self.config.max_connections_per_host
    }

    pub(super) fn claimed(&mut self, now: Moment, claim: Claim) {
        self.claims.in_flight = false;
        self.claims.exhausted = !claim.more && !self.claims.dirty;
        // A task that was put on hold while the claim was under way is not in its answer.
        if let Some(ms) = claim.next_due_ms {
            self.claims.due_at(now, now.plus_ms(ms));
        }
        for row in claim.rows {
            self.admit(now, row);
        }
    }

    fn admit(&mut self, now: Moment, row: TaskRow) {
        let id = row.id;
        if self.window.get(id).is_some() {
            return;
        }
        let blocked = Needs(row.needs).blocked_by(&self.conditions);
        let mut task = Task::new(row, Stage::Queued, now);
        task.row.hold = None;
        let overdue = task
            .deadline
            .is_some_and(|deadline| now.until_ms(deadline) == 0);
        self.window.insert(task);
        if overdue {
            self.wind_down(now, id, StopFor::Deadline);
        } else if let Some(reason) = blocked {
            self.hold_back(now, id, reason);
        } else if self.stopping {
            self.wind_down(now, id, StopFor::Shutdown);
        }
    }

    /// Rows that were loaded for a command.
    pub(super) fn loaded(&mut self, now: Moment, rows: Vec<TaskRow>) {
        for row in rows {
            if self.window.get(row.id).is_none() {
                let phase = row.phase;
                self.window
                    .insert(Task::new(row, Stage::Parked { phase }, now));
            }
        }
    }

    /// A transfer that went on without us is ours again, under the attempt it was started with. One
    /// of another attempt, or of a task that waits, is stopped, and the row goes back.
    pub(super) fn adopted(&mut self, now: Moment, row: TaskRow, transfer: TransferId) {
        let id = row.id;
        if self.window.get(id).is_some() {
            return;
        }
        let (phase, hold) = (row.phase, row.hold);
        if phase != Phase::Ready || row.record.attempt_count != transfer.attempt {
            log::warn!("transfer {transfer} of the system's service is not the task's: stopped");
            self.effects.push_back(Effect::Stop(transfer));
            let parked = Task::new(row, Stage::Parked { phase }, now);
            self.window.insert(parked);
            self.release(now, id, phase, hold, Vec::new());
            if let Some(hold) = hold {
                self.claims.due_at(now, hold.until());
            }
            return self.claims.more_ready();
        }
        let blocked = Needs(row.needs).blocked_by(&self.conditions);
        let stage = Stage::Transferring {
            attempt: transfer.attempt,
            began: now,
            stop: None,
        };
        self.window.insert(Task::new(row, stage, now));
        if let Some(reason) = blocked {
            self.hold_back(now, id, reason);
        }
    }

    /// Rule P2: every task in memory is looked at again; those in the store are, by the next claim.
    pub(super) fn conditions_changed(&mut self, now: Moment, conditions: SystemConditions) {
        if self.conditions == conditions {
            return;
        }
        self.conditions = conditions;
        let blocked: Vec<(TaskId, WaitReason)> = self
            .window
            .iter()
            .filter_map(|task| {
                Some((
                    task.row.id,
                    Needs(task.row.needs).blocked_by(&self.conditions)?,
                ))
            })
            .collect();
        for (id, reason) in blocked {
            self.hold_back(now, id, reason);
        }
        self.claims.more_ready();
    }

    /// The system no longer lets this task run.
    fn hold_back(&mut self, now: Moment, id: TaskId, reason: WaitReason) {
        let Some(task) = self.window.get_mut(id) else {
            return;
        };
        match &mut task.stage {
            Stage::Transferring {
                attempt,
                stop: stop @ None,
                ..
            } => {
                *stop = Some(StopFor::Conditions);
                let transfer = TransferId {
                    task: id,
                    attempt: *attempt,
                };
                self.effects.push_back(Effect::Stop(transfer));
            }
            Stage::Queued => {
                self.tell_waiting(id, reason);
                self.release(now, id, Phase::Ready, None, Vec::new());
            }
            _ => {}
        }
    }

    /// Tells the delegate why a task waits, once for each reason.
    pub(super) fn tell_waiting(&mut self, id: TaskId, reason: WaitReason) {
        let Some(task) = self.window.get_mut(id) else {
            return;
        };
        if task.last_reason == Some(reason) {
            return;
        }
        task.last_reason = Some(reason);
        let info = task_info(&task.row, TaskState::Waiting(reason));
        self.effects.push_back(Effect::Notify(Box::new(Event {
            task: info,
            kind: EventKind::Waiting(reason),
        })));
    }

    /// A transfer ended: hosts that a claim looked past may have thinned out.
    pub(super) fn place_freed(&mut self) {
        if self.claims.passed_over_hosts && self.window.crowded_hosts(self.host_share()).is_empty()
        {
            self.claims.passed_over_hosts = false;
            self.claims.exhausted = false;
        }
    }

    pub(super) fn tick(&mut self, now: Moment) {
        if self
            .claims
            .next_due
            .is_some_and(|due| now.until_ms(due) == 0)
        {
            self.claims.next_due = None;
            self.claims.more_ready();
        }
        let is_overdue = |task: &&Task| task.deadline.is_some_and(|at| now.until_ms(at) == 0);
        let overdue: Vec<TaskId> = self
            .window
            .iter()
            .filter(is_overdue)
            .map(|task| task.row.id)
            .collect();
        for id in overdue {
            self.out_of_time(now, id);
        }
    }

    fn out_of_time(&mut self, now: Moment, id: TaskId) {
        let Some(task) = self.window.get_mut(id) else {
            return;
        };
        // Asked once: what follows is the transfer's answer.
        task.deadline = None;
        match &mut task.stage {
            Stage::Queued => self.wind_down(now, id, StopFor::Deadline),
            Stage::Transferring { attempt, stop, .. } => {
                let transfer = TransferId {
                    task: id,
                    attempt: *attempt,
                };
                let already =
                    stop.replace(stop.map_or(StopFor::Deadline, |s| s.stronger(StopFor::Deadline)));
                if already.is_none() {
                    self.effects.push_back(Effect::Stop(transfer));
                }
            }
            Stage::Parked { .. } | Stage::Finishing => {}
        }
    }

    pub(super) fn shutdown(&mut self) {
        self.stopping = true;
        let running: Vec<TaskId> = self
            .window
            .iter()
            .filter(|t| t.is_transferring())
            .map(|t| t.row.id)
            .collect();
        for id in running {
            let Some(task) = self.window.get_mut(id) else {
                continue;
            };
            if let Stage::Transferring {
                attempt,
                stop: stop @ None,
                ..
            } = &mut task.stage
            {
                *stop = Some(StopFor::Shutdown);
                let transfer = TransferId {
                    task: id,
                    attempt: *attempt,
                };
                // What lives on without us is left alone.
                if !self.config.outlives_process {
                    self.effects.push_back(Effect::Stop(transfer));
                }
            }
        }
    }
}
