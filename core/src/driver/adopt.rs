//! What a transport says about transfers: those of this process, and those that a platform's service
//! carried on while no process lived (rule W5).
//!
//! An event may come before the row of its task is in memory, even before the list that the service
//! was asked for: then the row is fetched first. It must never be lost: the service says it once.

use crate::driver::Driver;
use crate::driver::mail::Mail;
use crate::driver::waiting_store::Resolved;
use crate::engine::Input;
use crate::error::Result;
use crate::store::TaskRow;
use crate::transport::{ReceivedBody, TransferEvent, TransferId};

impl Driver {
    /// The service's answer: what it holds is ours again, and what it does not hold may start.
    pub(super) fn listed(&mut self, transfers: Vec<TransferId>) {
        for transfer in transfers {
            self.adopt(transfer, None);
        }
        self.feed(Input::Listed);
    }

    fn adopt(&mut self, transfer: TransferId, event: Option<TransferEvent>) {
        let reply = self
            .store
            .claim_by_id(self.session, &[transfer.task], self.now());
        self.waiting.push(async move {
            Resolved::Adopted {
                transfer,
                rows: reply.await.map(|claim| claim.rows),
                event,
            }
        });
    }

    pub(super) fn adopted(
        &mut self,
        transfer: TransferId,
        rows: Result<Vec<TaskRow>>,
        event: Option<TransferEvent>,
    ) {
        match rows.map(|rows| rows.into_iter().next()) {
            Ok(Some(row)) => self.feed(Input::Adopted(Box::new(row), transfer)),
            Ok(None) if self.engine.contains(transfer.task) => {}
            Ok(None) => {
                log::warn!("transfer {transfer} of the system's service has no task: stopped");
                self.transport.stop(transfer);
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

    pub(super) fn known_transfer_event(&mut self, id: TransferId, event: TransferEvent) {
        let event = match event {
            TransferEvent::Finished(mut finished) => {
                self.filing.received(id.task, finished.take_body());
                TransferEvent::Finished(finished)
            }
            event => event,
        };
        self.feed(Input::Transfer(id, event));
        // A body that the engine did not want: of an older attempt, or of a task that is gone.
        if let Some(ReceivedBody::Elsewhere(file)) = self.filing.unwanted(id.task) {
            if let Err(error) = self.machine.disk().remove_file(&file) {
                log::warn!("a file that the system's service left could not be removed: {error}");
            }
        }
    }
}
