//! HTTP in the simulated process: the real resume ladder over the simulated network and disk.
//!
//! It does what the real in-process transport does, and decides as little: when an attempt is made
//! is the engine's business, what an answer means the ladder's. It must never say that bytes are
//! here which are not durable (rule D3), and does nothing once its process is dead.

mod attempt;
mod body;
mod ending;
mod held;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use attempt::Attempt;
use ending::End;

use super::content::Content;
use super::disk::ProcessDisk;
use super::life::Life;
use super::net::{Failure, Net, Receiver};
use super::trace::What;
use super::world::World;
use crate::response::Response;
use crate::task_state::TaskMetrics;
use crate::transport::{
    Capabilities, Transfer, TransferEvent, TransferEvents, TransferId, Transport,
};

/// How long opening or closing a part file takes.
const FILE_WORK_MS: std::ops::RangeInclusive<i64> = 1..=20;

/// Transfers in one process, for one session.
#[derive(Clone)]
pub(crate) struct SimHttp(Arc<Inner>);

struct Inner {
    world: World,
    net: Net,
    disk: ProcessDisk,
    life: Life,
    session: String,
    /// Set once, before the first start.
    events: OnceLock<Arc<dyn TransferEvents>>,
    running: Mutex<BTreeMap<TransferId, Running>>,
}

/// A transfer that has not sent its last event.
enum Running {
    /// The part file is not open yet.
    Opens(Box<Transfer>),
    Asks(Box<Attempt>),
    /// It is in the hands of an event right now.
    Away,
}

impl SimHttp {
    /// For one session of the process that `life` is the life of.
    pub fn new(world: &World, net: &Net, disk: ProcessDisk, life: &Life, session: &str) -> SimHttp {
        SimHttp(Arc::new(Inner {
            world: world.clone(),
            net: net.clone(),
            disk,
            life: life.clone(),
            session: session.to_owned(),
            events: OnceLock::new(),
            running: Mutex::default(),
        }))
    }

    /// For the trace: the process died, and its transfers with it.
    pub fn note_killed(&self) {
        let running = std::mem::take(&mut *self.0.lock());
        for (id, state) in running {
            let received = match state {
                Running::Asks(attempt) => attempt.durable(),
                Running::Opens(_) | Running::Away => 0,
            };
            self.0.note_stopped(id, "killed", received);
        }
    }

    /// Transfers that have not ended.
    pub fn running(&self) -> Vec<TransferId> {
        self.0.lock().keys().copied().collect()
    }
}

impl Transport for SimHttp {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    fn attach(&self, events: Arc<dyn TransferEvents>) {
        if self.0.events.set(events).is_err() {
            log::warn!("a transport was attached twice; the first session keeps its events");
        }
    }

    fn start(&self, transfer: Transfer) {
        let inner = &self.0;
        let id = transfer.id;
        if inner.lock().contains_key(&id) || !inner.life.act() {
            return;
        }
        inner.lock().insert(id, Running::Opens(Box::new(transfer)));
        inner.world.note(What::Started {
            session: inner.session.clone(),
            task: id.task.as_i64(),
            attempt: id.attempt,
        });
        inner.soon(move |inner| Inner::open(&inner, id));
    }

    fn stop(&self, id: TransferId) {
        let inner = &self.0;
        if !inner.life.act() {
            return;
        }
        // What it has is made durable first. If it ends meanwhile, that is the answer.
        inner.soon(move |inner| inner.stop(id));
    }

    fn list(&self) {
        let ids = self.running();
        if let Some(events) = self.0.events.get() {
            events.listed(ids);
        }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<TransferId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something after the time that file work takes.
    fn soon(self: &Arc<Self>, work: impl FnOnce(Arc<Inner>) + Send + 'static) {
        let inner = Arc::clone(self);
        let delay_ms = self.world.draw(|rng| rng.i64(FILE_WORK_MS));
        let work = Box::new(move || work(inner));
        self.world.after(delay_ms, Some(&self.life), work);
    }

    fn emit(&self, id: TransferId, event: TransferEvent) {
        if !self.life.is_alive() {
            return;
        }
        if let Some(events) = self.events.get() {
            events.event(id, event);
        }
    }

    /// Sends the last event of a transfer.
    fn end(&self, id: TransferId, event: TransferEvent) {
        if !self.life.is_alive() {
            return;
        }
        let (how, received) = match &event {
            TransferEvent::Finished(finished) => ("finished", finished.len()),
            TransferEvent::Stopped { received, .. } => ("stopped", *received),
            TransferEvent::Failed { received, .. } => ("failed", *received),
            _ => ("failed", 0),
        };
        self.lock().remove(&id);
        self.note_stopped(id, how, received);
        self.emit(id, event);
    }

    fn note_stopped(&self, id: TransferId, how: &'static str, received: u64) {
        self.world.note(What::Stopped {
            session: self.session.clone(),
            task: id.task.as_i64(),
            attempt: id.attempt,
            how,
            received,
        });
    }

    fn open(inner: &Arc<Inner>, id: TransferId) {
        let taken = inner.take(id);
        if let Some(Running::Opens(transfer)) = taken {
            if let Some(attempt) = Attempt::open(inner, *transfer) {
                inner.put_back(id, attempt);
            }
        }
    }

    fn stop(&self, id: TransferId) {
        match self.take(id) {
            Some(Running::Asks(attempt)) => attempt.wind_down(self, End::Stopped),
            Some(Running::Opens(_)) => self.end(id, stopped(0)),
            Some(Running::Away) => {}
            // It ended, and said so; or it never ran, and somebody waits for an answer.
            None => self.emit(id, stopped(0)),
        }
    }

    /// Takes a transfer out, for an event to work on it: what that calls may look here.
    fn take(&self, id: TransferId) -> Option<Running> {
        let mut running = self.lock();
        let state = running.get_mut(&id)?;
        Some(std::mem::replace(state, Running::Away))
    }

    fn put_back(&self, id: TransferId, attempt: Box<Attempt>) {
        self.lock().insert(id, Running::Asks(attempt));
    }
}

fn stopped(received: u64) -> TransferEvent {
    TransferEvent::Stopped {
        metrics: TaskMetrics::default(),
        received,
    }
}

/// Leads what the network says to the attempt that asked.
struct Ear {
    inner: Weak<Inner>,
    id: TransferId,
}

impl Ear {
    fn hear(
        &self,
        connection: u64,
        work: impl FnOnce(&Arc<Inner>, Box<Attempt>) -> Option<Box<Attempt>>,
    ) {
        let Some(inner) = self.inner.upgrade() else {
            return;
        };
        match inner.take(self.id) {
            Some(Running::Asks(attempt)) if attempt.listens_to(connection) => {
                if let Some(attempt) = work(&inner, attempt) {
                    inner.put_back(self.id, attempt);
                }
            }
            // Of a connection that it has given up.
            Some(other) => {
                inner.lock().insert(self.id, other);
            }
            None => {}
        }
    }
}

impl Receiver for Ear {
    fn head(&self, connection: u64, head: Response) {
        self.hear(connection, |inner, attempt| attempt.head(inner, head));
    }

    fn piece(&self, connection: u64, piece: Content) {
        self.hear(connection, |inner, attempt| attempt.piece(inner, &piece));
    }

    fn end(&self, connection: u64, result: Result<(), Failure>) {
        self.hear(connection, |inner, attempt| {
            attempt.body_ended(inner, result)
        });
    }
}
