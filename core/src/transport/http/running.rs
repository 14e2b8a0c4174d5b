//! What the transfers of one session share, and the list of those that run.
//!
//! Must never hold its lock while an event is sent, and must never let a transfer end without a last event.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::oneshot;

use super::client::Clients;
use super::limiter::Limiter;
use super::stop::Stop;
use super::waits::Waits;
use crate::configuration::{PlainHttp, Settings};
use crate::error::{Error, ErrorKind, Result};
use crate::task_state::TaskMetrics;
use crate::transport::{TransferEvent, TransferEvents, TransferId};

/// One session's side of the network.
pub(super) struct Shared {
    pub clients: Clients,
    /// None when the session has no bandwidth limit.
    pub limiter: Option<Limiter>,
    pub plain_http: PlainHttp,
    pub waits: Waits,
    /// Set once, before the first start.
    events: OnceLock<Arc<dyn TransferEvents>>,
    /// Every transfer that has not sent its last event. The sender is gone once a stop was asked for.
    running: Mutex<HashMap<TransferId, Option<oneshot::Sender<()>>>>,
    /// Transfers that were started so far; changed under the lock of the list.
    starts: AtomicU64,
}

impl Shared {
    pub fn new(settings: &Settings) -> Result<Shared> {
        Ok(Shared {
            clients: Clients::new(settings)?,
            limiter: settings.bandwidth_limit.map(Limiter::new),
            plain_http: settings.plain_http_hosts.clone(),
            waits: Waits::default(),
            events: OnceLock::new(),
            running: Mutex::default(),
            starts: AtomicU64::new(0),
        })
    }

    pub fn attach(&self, events: Arc<dyn TransferEvents>) {
        if self.events.set(events).is_err() {
            log::warn!("a transport was attached twice; the first session keeps its events");
        }
    }

    pub fn emit(&self, id: TransferId, event: TransferEvent) {
        if let Some(events) = self.events.get() {
            events.event(id, event);
        }
    }

    pub fn list(&self) {
        let ids = self.lock().keys().copied().collect();
        if let Some(events) = self.events.get() {
            events.listed(ids);
        }
    }

    /// Notes that a transfer runs. None if it does already.
    pub fn register(shared: &Arc<Shared>, id: TransferId) -> Option<(Running, Stop)> {
        let mut running = shared.lock();
        if running.contains_key(&id) {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        running.insert(id, Some(sender));
        shared.starts.fetch_add(1, Ordering::Relaxed);
        drop(running);
        let running = Running {
            shared: Arc::clone(shared),
            id,
            ended: false,
        };
        Some((running, Stop::new(receiver)))
    }

    /// Asks a transfer to stop. False if it does not run: nobody will answer.
    pub fn raise_stop(&self, id: TransferId) -> bool {
        let Some(sender) = self.lock().get_mut(&id).map(Option::take) else {
            return false;
        };
        if let Some(sender) = sender {
            // A transfer that is just ending no longer listens; its last event is on its way.
            let _ = sender.send(());
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TransferId, Option<oneshot::Sender<()>>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A transfer's place in the list. It is given up with the last event, by a panic if need be.
pub(super) struct Running {
    pub shared: Arc<Shared>,
    pub id: TransferId,
    ended: bool,
}

impl Running {
    pub fn emit(&self, event: TransferEvent) {
        self.shared.emit(self.id, event);
    }

    /// A number if no other transfer runs, the same as long as none has started: then no other can
    /// be to blame for the end of a connection.
    pub fn alone(&self) -> Option<u64> {
        let running = self.shared.lock();
        (running.len() <= 1).then(|| self.shared.starts.load(Ordering::Relaxed))
    }

    /// Sends the last event.
    pub fn end(mut self, event: TransferEvent) {
        self.ended = true;
        self.emit(event);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            let error = Error::new(
                ErrorKind::System,
                "a transfer was torn down before it ended; this is a bug",
            );
            self.emit(TransferEvent::Failed {
                error,
                retry_after_ms: None,
                metrics: TaskMetrics::default(),
                received: 0,
            });
        }
        // After the last event: a stop that comes in between has its answer on the way.
        self.shared.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SessionConfiguration;

    #[derive(Default)]
    struct Ends(Mutex<Vec<ErrorKind>>);

    impl TransferEvents for Ends {
        fn event(&self, _: TransferId, event: TransferEvent) {
            if let TransferEvent::Failed { error, .. } = event {
                self.0.lock().unwrap().push(error.kind());
            }
        }

        fn listed(&self, _: Vec<TransferId>) {}
    }

    #[test]
    fn a_transfer_that_panics_still_has_a_last_event() {
        let settings = SessionConfiguration::default().settings;
        let shared = Arc::new(Shared::new(&settings).unwrap());
        let ends = Arc::new(Ends::default());
        shared.attach(ends.clone());
        let id: TransferId = "1.1".parse().unwrap();

        let (running, _stop) = Shared::register(&shared, id).unwrap();
        assert!(Shared::register(&shared, id).is_none(), "it runs already");
        assert!(shared.raise_stop(id) && shared.raise_stop(id));
        drop(running);
        assert_eq!(*ends.0.lock().unwrap(), [ErrorKind::System]);
        assert!(!shared.raise_stop(id), "it is no longer listed");
    }
}
