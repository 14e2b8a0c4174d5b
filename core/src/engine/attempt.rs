//! What follows from one attempt to move a task's bytes: its events, and its end.

use crate::clock::Moment;
use crate::engine::Engine;
use crate::engine::effect::{Effect, Event, EventKind};
use crate::engine::explain::task_info;
use crate::engine::retry;
use crate::engine::task::{Stage, StopFor, Task};
use crate::error::{Error, ErrorKind};
use crate::store::{Change, Finished, Outcome, PartRow, Phase, Record};
use crate::task_id::TaskId;
use crate::task_state::{Attempt, Progress, TaskMetrics, TaskState};
use crate::transport::{TransferEvent, TransferId};

/// How many attempts a task remembers (E1).
const ATTEMPTS_KEPT: usize = 8;

impl Engine {
    pub(super) fn transfer_event(&mut self, now: Moment, id: TransferId, event: TransferEvent) {
        let Some(task) = self.window.get_mut(id.task) else {
            return;
        };
        let is_current =
            matches!(task.stage, Stage::Transferring { attempt, .. } if attempt == id.attempt);
        if !is_current {
            return;
        }
        match event {
            TransferEvent::Redirecting {
                response,
                url,
                reply,
            } => {
                self.notify(
                    id.task,
                    EventKind::Redirecting {
                        response,
                        url,
                        reply,
                    },
                );
            }
            TransferEvent::Responded {
                response,
                offset,
                total,
            } => {
                let is_news = total.is_some() && task.row.record.total != total;
                task.row.record.received = offset;
                task.row.record.total = total;
                task.pace.told = offset;
                task.pace.told_at_ms = now.uptime_ms;
                self.notify(
                    id.task,
                    match offset {
                        0 => EventKind::Responded(response),
                        _ => EventKind::ResumedAt { offset, total },
                    },
                );
                if is_news {
                    self.length_known(now, id.task);
                }
            }
            TransferEvent::Restarted { reason, discarded } => {
                task.row.record.discarded += discarded;
                task.row.record.received = 0;
                task.pace.told = 0;
                self.notify(id.task, EventKind::Restarted { reason, discarded });
            }
            TransferEvent::Progressed {
                received, total, ..
            } => {
                let is_news = total.is_some() && task.row.record.total != total;
                task.row.record.received = received;
                task.row.record.total = total;
                task.pace.is_behind = true;
                if task.pace.pause_ms(now.uptime_ms) == 0 {
                    self.tell_progress(now, id.task);
                }
                if is_news {
                    self.length_known(now, id.task);
                }
            }
            TransferEvent::Finished(finished) => self.body_is_here(now, id.task, *finished),
            TransferEvent::Failed {
                error,
                retry_after_ms,
                metrics,
                received,
            } => {
                self.end_attempt(now, id.task, &error.to_string(), &metrics, received);
                self.attempt_failed(now, id.task, error, retry_after_ms);
            }
            TransferEvent::Stopped { metrics, received } => {
                self.end_attempt(now, id.task, "stopped", &metrics, received);
                self.stopped(now, id.task);
            }
        }
    }

    fn notify(&mut self, id: TaskId, kind: EventKind) {
        let Some(task) = self.window.get(id) else {
            return;
        };
        let info = task_info(&task.row, TaskState::Transferring);
        self.effects
            .push_back(Effect::Notify(Box::new(Event { task: info, kind })));
    }

    pub(super) fn tell_progress(&mut self, now: Moment, id: TaskId) {
        let Some(task) = self.window.get_mut(id) else {
            return;
        };
        let received = task.row.record.received;
        let written = task.pace.advance(now.uptime_ms, received);
        let progress = Progress {
            written,
            received,
            total: task.row.record.total,
            throughput: task.pace.throughput,
        };
        self.notify(id, EventKind::Progressed(progress));
    }

    /// Every byte was received and judged right. The last, exact progress call comes now (E2).
    fn body_is_here(
        &mut self,
        now: Moment,
        id: TaskId,
        finished: crate::transport::FinishedTransfer,
    ) {
        let Some(task) = self.window.get_mut(id) else {
            return;
        };
        // That the system or the end of the session stopped it matters no more.
        let stop = task.stop().filter(|why| *why >= StopFor::Suspend);
        let len = finished.len();
        task.row.record.received = len;
        task.row.record.total = Some(len);
        let untold = task.pace.told != len || len == 0;
        task.leaves_sidecar = finished.leaves_sidecar;
        task.finished = Some(Finished {
            len,
            response: Some(finished.response),
            validator_weak: finished.validator_weak,
            length_unverified: finished.length_unverified,
        });
        if untold {
            self.tell_progress(now, id);
        }
        self.end_attempt(now, id, "finished", &finished.metrics, len);
        if let Some(task) = self.window.get_mut(id) {
            task.metrics = finished.metrics;
        }
        self.window.set_stage(id, Stage::Finishing { stop });
        self.effects.push_back(Effect::Finish(id));
    }

    /// The file is in place and synced (D2), or could not be put there.
    pub(super) fn filed(&mut self, now: Moment, id: TaskId, result: Result<(), Error>) {
        let Some(task) = self.window.get_mut(id) else {
            return;
        };
        match (result, task.finished.take()) {
            (Ok(()), Some(finished)) => {
                task.row.record.last_error = None;
                self.complete(now, id, Ok(finished));
            }
            (Ok(()), None) => {
                let error = Error::new(
                    ErrorKind::System,
                    "a file was put in place that no attempt finished",
                );
                self.complete(now, id, Err(error));
            }
            (Err(error), _) => {
                if let Some(last) = task.row.record.attempts.last_mut() {
                    last.outcome = error.to_string();
                }
                self.attempt_failed(now, id, error, None);
            }
        }
    }

    /// Notes what an attempt did, for `explain` and for the backoff.
    fn end_attempt(
        &mut self,
        now: Moment,
        id: TaskId,
        outcome: &str,
        metrics: &TaskMetrics,
        received: u64,
    ) {
        let Some(task) = self.window.get_mut(id) else {
            return;
        };
        let Stage::Transferring { began, .. } = task.stage else {
            return;
        };
        let record = &mut task.row.record;
        let progressed = received > task.received_at_start;
        record.failures_in_a_row = if progressed {
            0
        } else {
            record.failures_in_a_row
        };
        record.received = received;
        task.pace.is_behind = false;
        record.network_bytes += metrics.received;
        if record.attempts.len() == ATTEMPTS_KEPT {
            record.attempts.remove(0);
        }
        record.attempts.push(Attempt {
            began_ms: began.wall_ms,
            took_ms: began.until_ms(now),
            received: metrics.received,
            outcome: outcome.to_owned(),
        });
    }

    fn attempt_failed(
        &mut self,
        now: Moment,
        id: TaskId,
        error: Error,
        retry_after_ms: Option<u64>,
    ) {
        let Some(task) = self.window.get_mut(id) else {
            return;
        };
        let stop = task.stop();
        if stop.is_none() && !error.is_retryable() {
            return self.fail(now, id, error, true);
        }
        let record = &mut task.row.record;
        record.failures_in_a_row = record.failures_in_a_row.saturating_add(1);
        record.last_error = Some(error.to_record());
        let (failures, policy) = (record.failures_in_a_row, self.config.retry);
        let hold = retry::hold_after_failure(
            &error,
            failures,
            retry_after_ms,
            policy,
            now,
            &mut self.jitter,
        );
        // It failed while it was being stopped: what the stop was for comes first, and of the pause
        // only the server's word is left.
        if let Some(why) = stop {
            if let Some(task) = self.window.get_mut(id) {
                task.row.hold = retry_after_ms.map(|_| hold);
            }
            return self.wind_down(now, id, why);
        }
        self.tell_waiting(id, hold.reason);
        self.release(now, id, Phase::Held, Some(hold), Vec::new());
    }

    fn stopped(&mut self, now: Moment, id: TaskId) {
        let Some(task) = self.window.get(id) else {
            return;
        };
        // Unless asked to, the platform stopped it by itself: it goes on when it may.
        let why = task.stop().unwrap_or(StopFor::Conditions);
        if why == StopFor::Conditions {
            let needs = crate::engine::policy::Needs::from_bits(task.row.needs);
            if let Some(reason) = needs.blocked_by(self.unmet) {
                self.tell_waiting(id, reason);
            }
        }
        self.wind_down(now, id, why);
    }

    /// The task ends with an error.
    pub(super) fn fail(&mut self, now: Moment, id: TaskId, error: Error, remove_part: bool) {
        if let Some(task) = self.window.get_mut(id) {
            task.keeps_part = !remove_part;
        }
        self.complete(now, id, Err(error));
    }

    /// The task ends: its row and its journal entry in one transaction, then the delegate (D4).
    fn complete(&mut self, now: Moment, id: TaskId, result: Result<Finished, Error>) {
        let Some(mut task) = self.window.remove(id) else {
            return;
        };
        // What the last claim saw of the store is true no more: the next wake may be for nothing.
        if let Stage::Parked { .. } = task.stage {
            self.claims.more_ready();
        }
        task.row.record.since_ms = now.wall_ms;
        let part = PartRow {
            task: id,
            base: task.row.base.clone(),
            path: task.row.path.clone(),
        };
        let mut then = Vec::with_capacity(3);
        match &result {
            Ok(_) if task.leaves_sidecar => then.push(Effect::ForgetSidecar(part)),
            Ok(_) => {}
            Err(_) if !task.keeps_part => then.push(Effect::RemovePart(part)),
            Err(_) => {}
        }
        task.row.record.last_error = result.as_ref().err().map(Error::to_record);
        let outcome = Box::new(Outcome {
            metrics: total_metrics(&task, &task.row.record),
            result: result.map_err(|error| error.to_record()),
        });
        let info = task_info(&task.row, TaskState::Completed);
        then.push(Effect::Deliver(Box::new(info), outcome.clone()));
        then.extend(
            task.waiting_callers
                .drain(..)
                .map(|token| Effect::Reply(token, Ok(()))),
        );
        let change = Change::Complete {
            id,
            // Not while a sidecar is there: the ledger knows it until it is removed (D8).
            part_is_gone: outcome.result.is_ok() && !task.leaves_sidecar,
            record: task.row.record,
            keeps_part: task.keeps_part,
            outcome,
        };
        self.effects.push_back(Effect::Commit {
            changes: vec![change],
            then,
        });
    }
}

/// The last attempt's times with the sums over all attempts.
fn total_metrics(task: &Task, record: &Record) -> TaskMetrics {
    TaskMetrics {
        received: record.network_bytes,
        discarded: record.discarded,
        attempts: record.attempt_count,
        ..task.metrics.clone()
    }
}
