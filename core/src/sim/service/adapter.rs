//! What one session of one process holds of the service.

use std::sync::Arc;

use super::item::{Item, Kept, Stage};
use super::{Attached, Key, TransferService, WINDOW};
use crate::sim::life::Life;
use crate::sim::trace::What;
use crate::task_id::TaskId;
use crate::transport::{
    Capabilities, Transfer, TransferEvent, TransferEvents, TransferId, Transport,
};

/// How long the service's answers take.
const ANSWER_MS: std::ops::RangeInclusive<i64> = 1..=50;

/// The service as a [`Transport`]. Inert once its process is dead.
pub(crate) struct ServiceTransport {
    service: TransferService,
    identifier: String,
    life: Life,
}

impl TransferService {
    /// Makes the transport of a session, in a process. Without launch events nothing wakes the app
    /// for it.
    pub fn transport(
        &self,
        identifier: &str,
        sends_launch_events: bool,
        life: &Life,
    ) -> Arc<ServiceTransport> {
        let mut state = self.lock();
        let session = state.sessions.entry(identifier.to_owned()).or_default();
        session.sends_launch_events = sends_launch_events;
        Arc::new(ServiceTransport {
            service: self.clone(),
            identifier: identifier.to_owned(),
            life: life.clone(),
        })
    }

    fn start(&self, key: &Key, transfer: Transfer) {
        let now_ms = self.now_ms();
        let count = {
            let mut state = self.lock();
            let is_in_front = state.app.is_in_front();
            let delay_ms = if is_in_front {
                0
            } else {
                state.limiter.delay_ms()
            };
            let session = state.sessions.entry(key.session.clone()).or_default();
            if session.items.contains_key(&key.id) {
                return;
            }
            // Resume data is good for one attempt.
            let kept: Kept = session.resume.remove(&key.id.task).unwrap_or_default();
            let item = Item {
                is_discretionary: transfer.is_discretionary || !is_in_front,
                transfer,
                not_before_ms: now_ms + delay_ms,
                asked_at_ms: now_ms,
                kept,
                stage: Stage::Waiting,
                epoch: 0,
                breaks: 0,
                network_bytes: 0,
            };
            session.items.insert(key.id, item);
            session.items.values().filter(|i| !i.is_ended()).count()
        };
        if count > WINDOW {
            self.0.world.note(What::Broken {
                rule: "P9",
                text: format!("the service holds {count} transfers, its window is {WINDOW}"),
            });
        }
        self.consider(key, 0);
    }

    /// The answer to a stop; none if the last event is on its way.
    fn stop(&self, key: &Key) -> Option<TransferEvent> {
        self.cut(key);
        let mut state = self.lock();
        let session = state.sessions.get_mut(&key.session)?;
        if session.items.get(&key.id).is_some_and(Item::is_ended) {
            return None;
        }
        let mut received = 0;
        if let Some(item) = session.items.remove(&key.id) {
            if let Some(kept) = item.kept.if_resumable() {
                received = kept.len();
                session.keep(key.id.task, kept);
            }
        }
        Some(TransferEvent::Stopped {
            metrics: Default::default(),
            received,
        })
    }
}

impl ServiceTransport {
    /// Lets the service do something for this process a little later, if that still lives then.
    fn soon(&self, work: impl FnOnce(&TransferService) + Send + 'static) {
        let delay_ms = self.service.lock().rng.i64(ANSWER_MS);
        let life = self.life.clone();
        self.service.later(delay_ms, move |service| {
            if life.is_alive() {
                work(service);
            }
        });
    }

    fn events(&self) -> Option<Arc<dyn TransferEvents>> {
        let state = self.service.lock();
        let attached = state.sessions.get(&self.identifier)?.attached.as_ref()?;
        Some(Arc::clone(&attached.events))
    }

    fn key(&self, id: TransferId) -> Key {
        Key {
            session: self.identifier.clone(),
            id,
        }
    }
}

impl Transport for ServiceTransport {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            outlives_process: true,
            window: Some(WINDOW),
        }
    }

    fn attach(&self, events: Arc<dyn TransferEvents>) {
        if !self.life.act() {
            return;
        }
        if let Some(session) = self.service.lock().sessions.get_mut(&self.identifier) {
            session.attached = Some(Attached {
                life: self.life.clone(),
                events,
            });
        }
        let session = self.identifier.clone();
        self.soon(move |service| service.deliver(&session));
    }

    fn start(&self, transfer: Transfer) {
        if self.life.act() {
            self.service.start(&self.key(transfer.id), transfer);
        }
    }

    fn stop(&self, id: TransferId) {
        if !self.life.act() {
            return;
        }
        let (answer, events) = (self.service.stop(&self.key(id)), self.events());
        if let (Some(answer), Some(events)) = (answer, events) {
            self.soon(move |_| events.event(id, answer));
        }
    }

    fn forget(&self, task: TaskId) {
        if !self.life.act() {
            return;
        }
        if let Some(session) = self.service.lock().sessions.get_mut(&self.identifier) {
            session.resume.remove(&task);
        }
    }

    fn list(&self) {
        if !self.life.act() {
            return;
        }
        let Some(events) = self.events() else { return };
        let session = self.identifier.clone();
        self.soon(move |service| {
            // What has ended and was not told yet is still held.
            let ids = service
                .lock()
                .sessions
                .get(&session)
                .map(|session| session.items.keys().copied().collect())
                .unwrap_or_default();
            events.listed(ids);
        });
    }
}
