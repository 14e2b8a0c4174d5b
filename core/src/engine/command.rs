//! What an app asks of one task: resume, suspend, cancel. All are idempotent (rule L).

use crate::clock::Moment;
use crate::engine::Engine;
use crate::engine::effect::Effect;
use crate::engine::policy::Needs;
use crate::engine::task::{Stage, StopFor};
use crate::error::{Error, ErrorKind};
use crate::store::{Change, Deadline, Hold, Phase};
use crate::task_id::TaskId;
use crate::task_state::WaitReason;

/// Names the caller that waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CommandToken(pub u64);

/// What to do. The answer comes when it is durable.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Command {
    Resume(CommandToken),
    Suspend(CommandToken),
    /// End it; its part file is removed.
    Cancel(CommandToken),
    /// End it, but leave the part file for resume data (L4).
    CancelKeepingPart(CommandToken),
}

impl Engine {
    pub(super) fn command(&mut self, now: Moment, id: TaskId, command: Command) {
        match command {
            Command::Resume(token) => self.resume(now, id, token),
            Command::Suspend(token) => self.interrupt(now, id, StopFor::Suspend, token),
            Command::Cancel(token) => self.interrupt(now, id, StopFor::Cancel, token),
            Command::CancelKeepingPart(token) => {
                self.interrupt(now, id, StopFor::CancelKeepingPart, token);
            }
        }
    }

    fn resume(&mut self, now: Moment, id: TaskId, token: CommandToken) {
        let in_background =
            self.config.rules.in_background_session() && !self.conditions.app_state.is_in_front();
        let mut starts = false;
        let Some(task) = self.window.get_mut(id) else {
            return self.effects.push_back(Effect::Reply(token, Ok(())));
        };
        match &mut task.stage {
            // Suspended and resumed again before the transfer had stopped: it goes on, once it has
            // wound down.
            Stage::Transferring {
                stop: Some(stop @ StopFor::Suspend),
                ..
            } => {
                *stop = StopFor::Conditions;
                self.effects.push_back(Effect::Reply(token, Ok(())));
            }
            Stage::Finishing {
                stop: stop @ Some(StopFor::Suspend),
            } => {
                *stop = None;
                self.effects.push_back(Effect::Reply(token, Ok(())));
            }
            Stage::Parked { phase } => {
                if *phase == Phase::Suspended && task.deadline.is_none() {
                    let deadline = Deadline::after(now, self.config.timeout_for_resource_ms);
                    task.row.deadline = Some(deadline);
                    task.deadline = Some(deadline.moment(now));
                    task.row.record.started_in_background = in_background;
                    starts = true;
                }
                // Asked for by a person who freed space, or knows that the network is back. What the
                // server or the app said about the time is kept.
                let is_kept = |hold: &Hold| {
                    let may_be_cut =
                        matches!(hold.reason, WaitReason::Storage | WaitReason::RetryBackoff);
                    !may_be_cut && hold.remaining_ms(now) > 0
                };
                let hold = task.row.hold.filter(is_kept);
                let phase = if hold.is_some() {
                    Phase::Held
                } else {
                    Phase::Ready
                };
                if starts && in_background {
                    self.starts_in_background(now);
                }
                self.decide_again(now, id);
                self.release(now, id, phase, hold, vec![Effect::Reply(token, Ok(()))]);
            }
            _ => self.effects.push_back(Effect::Reply(token, Ok(()))),
        }
    }

    /// Suspend and cancel: at once when nothing moves, else when the transfer has stopped.
    fn interrupt(&mut self, now: Moment, id: TaskId, why: StopFor, token: CommandToken) {
        let Some(task) = self.window.get_mut(id) else {
            return self.effects.push_back(Effect::Reply(token, Ok(())));
        };
        task.waiting_callers.push(token);
        match task.stage {
            Stage::Transferring { .. } | Stage::Finishing { .. } => self.stop(id, why),
            Stage::Queued | Stage::Parked { .. } => self.wind_down(now, id, why),
        }
    }

    /// What a stopped or never started task becomes. A wait that the server or the app imposed
    /// goes on (rule H2).
    pub(super) fn wind_down(&mut self, now: Moment, id: TaskId, why: StopFor) {
        let hold = self.window.get(id).and_then(|task| task.row.hold);
        let hold = hold.filter(|hold| hold.remaining_ms(now) > 0);
        match why {
            StopFor::Suspend => self.release(now, id, Phase::Suspended, hold, Vec::new()),
            StopFor::Conditions | StopFor::Shutdown => {
                let phase = if hold.is_some() {
                    Phase::Held
                } else {
                    Phase::Ready
                };
                self.release(now, id, phase, hold, Vec::new());
            }
            StopFor::TooLarge => {
                let refusal = self.window.get(id).and_then(|task| {
                    let rules = &self.config.rules;
                    rules.refusal(&task.row.options, &task.row.record)
                });
                let error = refusal.unwrap_or_else(|| {
                    Error::new(
                        ErrorKind::TooLargeForWatch,
                        "too large for this watch's session",
                    )
                });
                self.fail(now, id, error, true);
            }
            StopFor::Cancel => {
                let error = Error::new(ErrorKind::Cancelled, "the task was cancelled");
                self.fail(now, id, error, true);
            }
            StopFor::CancelKeepingPart => {
                let error = Error::new(
                    ErrorKind::Cancelled,
                    "the task was cancelled, keeping resume data",
                );
                self.fail(now, id, error, false);
            }
            StopFor::Deadline => {
                let error = Error::new(
                    ErrorKind::ResourceTimedOut,
                    "the task did not finish within timeout_for_resource; enqueue it again or allow more time",
                );
                self.fail(now, id, error, true);
            }
        }
    }

    /// Gives a task back to the store, which is the queue.
    pub(super) fn release(
        &mut self,
        now: Moment,
        id: TaskId,
        phase: Phase,
        hold: Option<Hold>,
        mut then: Vec<Effect>,
    ) {
        let Some(mut task) = self.window.remove(id) else {
            return;
        };
        let moved = task.saved_phase() != phase || task.row.hold != hold;
        if moved {
            task.row.record.since_ms = now.wall_ms;
        }
        let needs = Needs::from_bits(task.row.needs);
        self.will_be_due(now, (phase, hold, needs), task.next_check(now));
        then.extend(
            task.waiting_callers
                .drain(..)
                .map(|token| Effect::Reply(token, Ok(()))),
        );
        let change = Change::Save {
            id,
            phase,
            hold,
            needs: task.row.needs,
            deadline: task.row.deadline,
            relax_ms: task.row.relax_ms,
            record: task.row.record,
        };
        self.effects.push_back(Effect::Commit {
            changes: vec![change],
            then,
        });
    }

    /// A row goes back: claims that are under way know nothing of it.
    fn will_be_due(
        &mut self,
        now: Moment,
        (phase, hold, needs): (Phase, Option<Hold>, Needs),
        check: Option<Moment>,
    ) {
        match (phase, hold) {
            (Phase::Ready, _) => self.claims.more_ready(),
            (Phase::Held, Some(hold)) if hold.set.boot == now.boot => {
                let until = now.plus_ms(hold.remaining_ms(now));
                self.claims.held_until(now, until, needs);
            }
            // How long it lasts in this boot, the store knows: the next claim tells.
            (Phase::Held, _) => self.claims.more_ready(),
            // The next wake may have been for it.
            (Phase::Suspended, _) => self.claims.more_ready(),
            _ => {}
        }
        if let Some(check) = check {
            self.claims.check_at(now, check);
        }
    }
}
