//! What a transport says about transfers: those of this process, and those that a platform's service
//! carried on while no process lived (rule W5).
//!
//! An event may come before the row of its task is in memory, even before the list that the service
//! was asked for: then the row is fetched first. It must never be lost: the service says it once.

use std::path::Path;

use crate::configuration::ForceQuitPolicy;
use crate::driver::Driver;
use crate::driver::mail::Mail;
use crate::driver::waiting_store::Resolved;
use crate::engine::{Accepted, Input, Refusal, judge_handed_over};
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Phase, TaskRow};
use crate::transport::{FinishedTransfer, ReceivedBody, TransferEvent, TransferId};

/// Of the body of an answer that is no success, so much is kept.
const SIDE_BODY_LIMIT_BYTES: u64 = 64 * 1024;

impl Driver {
    /// The service's answer: what it holds is ours again, and what it does not hold may start.
    /// Later answers say only that nothing is on its way any more.
    pub(super) fn listed(&mut self, transfers: Vec<TransferId>) {
        if !self.list_answered() {
            return;
        }
        self.end_in_hand(&transfers);
        for transfer in transfers {
            self.adopt(transfer, None);
        }
        self.feed(Input::Listed);
    }

    /// The user ended the process before this one by force: tasks that it had in hand, and nobody
    /// else has now, report that (rule W6). Asked for before anything else is claimed.
    pub(super) fn end_in_hand(&mut self, still_held: &[TransferId]) {
        let mut ids = std::mem::take(&mut self.in_hand);
        ids.retain(|id| {
            let is_held = still_held.iter().any(|transfer| transfer.task == *id);
            !is_held && !self.engine.contains(*id)
        });
        if ids.is_empty() {
            return;
        }
        let reply = self.store.claim_by_id(self.session, &ids, self.now());
        self.waiting
            .push(async move { Resolved::InHand(reply.await.map(|claim| claim.rows)) });
    }

    pub(super) fn in_hand_claimed(&mut self, rows: Result<Vec<TaskRow>>) {
        let rows = rows.unwrap_or_else(|error| {
            log::error!("tasks that were ended by force could not be read, they go on: {error}");
            Vec::new()
        });
        for row in rows {
            let error = Error::new(
                ErrorKind::UserForceQuit,
                "the user ended the app by force; enqueue the task again if it is still wanted",
            );
            self.feed(Input::Ended(Box::new(row), error));
        }
    }

    fn adopt(&mut self, transfer: TransferId, event: Option<TransferEvent>) {
        let reply = self
            .store
            .claim_by_id(self.session, &[transfer.task], self.now());
        let row = self.store.task(self.session, transfer.task);
        self.waiting.push(async move {
            let rows = reply.await.map(|claim| claim.rows);
            let row = row.await.ok().flatten();
            Resolved::Adopted {
                transfer,
                rows,
                has_ended: row.is_some_and(|row| row.phase == Phase::Completed),
                event,
            }
        });
    }

    pub(super) fn adopted(
        &mut self,
        transfer: TransferId,
        rows: Result<Vec<TaskRow>>,
        has_ended: bool,
        event: Option<TransferEvent>,
    ) {
        match rows.map(|rows| rows.into_iter().next()) {
            Ok(Some(row)) => self.feed(Input::Adopted(Box::new(row), transfer)),
            Ok(None) if self.engine.contains(transfer.task) => {}
            Ok(None) if has_ended => {
                // The process before this one died before it could say that the end is on record.
                self.transport.stop(transfer);
                self.transport.forget(transfer.task);
            }
            Ok(None) => {
                log::warn!("transfer {transfer} of the system's service has no task: stopped");
                self.transport.stop(transfer);
                self.dispatcher.cancelled(transfer);
            }
            Err(error) => {
                log::error!("the task of transfer {transfer} could not be read: {error}");
                // The service says it once: it is kept until the store can be read again.
                if let Some(event) = event {
                    self.post_later(Mail::Transfer(transfer, event));
                }
                return;
            }
        }
        if let Some(event) = event {
            self.known_transfer_event(transfer, event);
        }
    }

    pub(super) fn transfer_event(&mut self, id: TransferId, event: TransferEvent) {
        let is_known = self.engine.contains(id.task);
        if is_known || !self.transport.capabilities().outlives_process {
            self.known_transfer_event(id, event);
        } else if matches!(event, TransferEvent::Stopped { .. }) {
            // The answer to a stop needs no row of its own, but one may be on its way.
            self.waiting.push(async move { Resolved::Late(id, event) });
        } else {
            self.adopt(id, Some(event));
        }
    }

    /// Keeps the body until the engine wants it. What a service hands over is judged first: it takes
    /// every answer for the file.
    fn body_came(&mut self, id: TransferId, mut finished: Box<FinishedTransfer>) -> TransferEvent {
        let body = finished.take_body();
        if let ReceivedBody::Elsewhere(file) = &body {
            match self.judge_body(id, &finished) {
                Ok(accepted) => {
                    finished.validator_weak = accepted.validator_weak;
                    finished.length_unverified = accepted.length_unverified;
                }
                Err(refusal) => {
                    let error = self.with_body_of(refusal.error, file);
                    self.drop_file(file);
                    return TransferEvent::Failed {
                        error,
                        retry_after_ms: refusal.retry_after_ms,
                        metrics: finished.metrics,
                        received: 0,
                    };
                }
            }
        }
        self.filing.received(id.task, body);
        TransferEvent::Finished(finished)
    }

    /// One that no task waits for is not judged: it is removed in any case.
    fn judge_body(
        &self,
        id: TransferId,
        finished: &FinishedTransfer,
    ) -> std::result::Result<Accepted, Refusal> {
        let now = self.now();
        let Some((row, _)) = self.engine.state(now, id.task) else {
            return Ok(Accepted::default());
        };
        judge_handed_over(
            &finished.response,
            finished.len(),
            (&row.url, &row.options),
            &self.settings,
            now.wall_ms,
        )
    }

    /// A refusal by status carries the beginning of what the server said (rule H5).
    fn with_body_of(&self, error: Error, file: &Path) -> Error {
        match error.response().cloned() {
            Some(mut response) => {
                response.body = self.machine.disk().read_start(file, SIDE_BODY_LIMIT_BYTES);
                error.with_response(response)
            }
            None => error,
        }
    }

    fn drop_file(&self, file: &Path) {
        match self.machine.disk().remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                log::warn!("a file that the system's service left could not be removed: {error}");
            }
            _ => {}
        }
    }

    pub(super) fn known_transfer_event(&mut self, id: TransferId, event: TransferEvent) {
        let brought_bytes = match &event {
            TransferEvent::Progressed { network_bytes, .. } => *network_bytes > 0,
            TransferEvent::Finished(_) => true,
            _ => false,
        };
        if brought_bytes {
            self.run_time_was_useful();
        }
        let event = match event {
            TransferEvent::Failed {
                error,
                metrics,
                received,
                ..
            } if error.kind() == ErrorKind::UserForceQuit
                && self.settings.force_quit == ForceQuitPolicy::Requeue =>
            {
                // As if it had stopped by itself: it goes on when it may (rule W6).
                TransferEvent::Stopped { metrics, received }
            }
            TransferEvent::Finished(finished) => self.body_came(id, finished),
            event => event,
        };
        self.feed(Input::Transfer(id, event));
        // A body that the engine did not want: of an older attempt, or of a task that is gone.
        if let Some(ReceivedBody::Elsewhere(file)) = self.filing.unwanted(id.task) {
            self.drop_file(&file);
        }
    }
}
