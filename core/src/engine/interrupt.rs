//! What stops a transfer or holds a task back without the app asking: the system's state, a deadline,
//! the end of the session (rules P1, P2, C).

use crate::clock::Moment;
use crate::conditions::SystemConditions;
use crate::engine::Engine;
use crate::engine::effect::{Effect, Event, EventKind};
use crate::engine::explain::task_info;
use crate::engine::policy::Needs;
use crate::engine::task::{Stage, StopFor, Task};
use crate::store::{Change, Phase};
use crate::task_id::TaskId;
use crate::task_state::{TaskState, WaitReason};
use crate::transport::TransferId;

impl Engine {
    /// Rule P2: every task in memory is looked at again; those in the store are, by the next claim.
    pub(super) fn conditions_changed(&mut self, now: Moment, conditions: SystemConditions) {
        if self.conditions == conditions {
            return;
        }
        self.conditions = conditions;
        self.unmet_by_policy = self.config.rules.unmet(&conditions);
        if conditions.app_state.is_in_front() && self.limiter.reset() {
            self.save_limiter();
        }
        self.judge(now);
    }

    /// Holds back what may no longer run, and looks for what now may. The conditions are not all of
    /// it: a wake ends, and the launch limiter opens. A platform's service minds both by itself.
    pub(super) fn judge(&mut self, now: Moment) {
        let on_our_own = !self.config.outlives_process && !self.conditions.app_state.is_in_front();
        let asleep = on_our_own && !self.awake;
        let limited = on_our_own && self.limiter.opens(now).is_some();
        let unmet = self.unmet_by_policy | Needs::AWAKE.when(asleep) | Needs::RATE.when(limited);
        if self.unmet == unmet {
            return;
        }
        self.unmet = unmet;
        let reason = |task: &Task| Needs::from_bits(task.row.needs).blocked_by(unmet);
        let blocked: Vec<(TaskId, WaitReason)> = self
            .window
            .iter()
            .filter_map(|task| Some((task.row.id, reason(task)?)))
            .collect();
        for (id, reason) in blocked {
            self.hold_back(now, id, reason);
        }
        self.claims.more_ready();
    }

    /// Work is about to be started in the background: it waits, the longer the more often (rule P5).
    pub(super) fn starts_in_background(&mut self, now: Moment) {
        let is_limited = !self.config.outlives_process && !self.conditions.app_state.is_in_front();
        if is_limited && self.limiter.work_started(now) {
            self.save_limiter();
            self.judge(now);
        }
    }

    fn save_limiter(&mut self) {
        self.effects.push_back(Effect::Commit {
            changes: vec![Change::SaveLimiter(self.limiter)],
            then: Vec::new(),
        });
    }

    /// When the launch limiter opens, while it holds anything back.
    pub fn launches_at(&self, now: Moment) -> Option<Moment> {
        let is_limited = self.unmet.contains(Needs::RATE);
        self.limiter.opens(now).filter(|_| is_limited)
    }

    /// When the launch limiter opens, if something waits for nothing else.
    pub(super) fn limiter_opens(&self, now: Moment) -> Option<Moment> {
        let waits = |needs: &Needs| *needs & self.unmet == Needs::RATE;
        let opens = self.limiter.opens(now)?;
        self.claims.blocked().iter().any(waits).then_some(opens)
    }

    /// Asks the policy again what a task in the window needs.
    pub(super) fn decide_again(&mut self, now: Moment, id: TaskId) {
        if let Some(task) = self.window.get_mut(id) {
            let row = &mut task.row;
            let rules = &self.config.rules;
            let decision = rules.decide(now, &row.options, &row.record, row.deadline);
            (row.needs, row.relax_ms) = (decision.needs, decision.relax_ms);
        }
    }

    /// The length of a file became known, which the policy may have been waiting for (rule P8).
    pub(super) fn length_known(&mut self, now: Moment, id: TaskId) {
        let Some(task) = self.window.get(id) else {
            return;
        };
        let rules = &self.config.rules;
        if rules.refusal(&task.row.options, &task.row.record).is_some() {
            return self.stop(id, StopFor::TooLarge);
        }
        self.decide_again(now, id);
        let needs = self
            .window
            .get(id)
            .map(|task| Needs::from_bits(task.row.needs));
        if let Some(reason) = needs.and_then(|needs| needs.blocked_by(self.unmet)) {
            self.hold_back(now, id, reason);
        }
    }

    /// The system no longer lets this task run.
    pub(super) fn hold_back(&mut self, now: Moment, id: TaskId, reason: WaitReason) {
        let Some(task) = self.window.get(id) else {
            return;
        };
        match task.stage {
            Stage::Transferring { .. } => self.stop(id, StopFor::Conditions),
            Stage::Queued => {
                self.tell_waiting(id, reason);
                self.release(now, id, Phase::Ready, None, Vec::new());
            }
            Stage::Parked { .. } | Stage::Finishing { .. } => {}
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

    /// The time that `next_timeout` gave came.
    pub(super) fn tick(&mut self, now: Moment) {
        self.claims.tick(now);
        let is_overdue = |task: &&Task| {
            task.pending_deadline()
                .is_some_and(|at| now.until_ms(at) == 0)
        };
        let overdue: Vec<TaskId> = self
            .window
            .iter()
            .filter(is_overdue)
            .map(|task| task.row.id)
            .collect();
        for id in overdue {
            self.out_of_time(now, id);
        }
        let is_due = |task: &&Task| task.pace.is_behind && task.pace.pause_ms(now.uptime_ms) == 0;
        let behind = self.window.iter().filter(is_due);
        let behind: Vec<TaskId> = behind.map(|task| task.row.id).collect();
        for id in behind {
            self.tell_progress(now, id);
        }
    }

    fn out_of_time(&mut self, now: Moment, id: TaskId) {
        let Some(task) = self.window.get_mut(id) else {
            return;
        };
        // Asked once: what follows is the transfer's answer.
        task.deadline = None;
        if task.is_transferring() {
            self.stop(id, StopFor::Deadline);
        } else {
            self.wind_down(now, id, StopFor::Deadline);
        }
    }

    pub(super) fn shutdown(&mut self) {
        self.stopping = true;
        // What lives on without us is left alone.
        if self.config.outlives_process {
            return;
        }
        let running: Vec<TaskId> = self
            .window
            .iter()
            .filter(|t| t.is_transferring())
            .map(|t| t.row.id)
            .collect();
        for id in running {
            self.stop(id, StopFor::Shutdown);
        }
    }

    /// Stops what a task does. What is being stopped already is not told again; the stronger reason
    /// counts. A file that is being put in place is not stopped: it ends well in a moment, or the
    /// reason counts then.
    pub(super) fn stop(&mut self, id: TaskId, why: StopFor) {
        let Some(task) = self.window.get_mut(id) else {
            return;
        };
        let (attempt, stop) = match &mut task.stage {
            Stage::Transferring { attempt, stop, .. } => (Some(*attempt), stop),
            Stage::Finishing { stop } => (None, stop),
            Stage::Queued | Stage::Parked { .. } => return,
        };
        let already = stop.replace(stop.map_or(why, |old| old.stronger(why)));
        let Some(attempt) = attempt.filter(|_| already.is_none()) else {
            return;
        };
        let stop = Effect::Stop(TransferId { task: id, attempt });
        // Where the start waits for its commit, the stop goes behind that: it must not overtake it.
        self.effects.push_back(if self.config.outlives_process {
            Effect::Commit {
                changes: Vec::new(),
                then: vec![stop],
            }
        } else {
            stop
        });
    }
}
