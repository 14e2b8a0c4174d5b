//! A stand-in for a system's own transfer service: it outlives sessions, and hands its events to
//! whichever transport is attached when they happen, or to the next one.
//!
//! It uses the public `transport` module only, as glue to a real service would.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use backhaul::transport::{
    Capabilities, FinishedTransfer, Transfer, TransferEvent, TransferEvents, TransferId, Transport,
};
use backhaul::{Error, ErrorKind, Headers, Response, TaskId, TaskMetrics};

use crate::recorder::PATIENCE;

/// The system's service. Clones are handles to the same one; no session owns it.
#[derive(Clone, Debug, Default)]
pub struct Service(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

/// What the service knows.
#[derive(Default)]
pub struct State {
    /// Of the process that is attached, if one is.
    events: Option<Arc<dyn TransferEvents>>,
    /// Transfers under way: the name, and what is fetched.
    pub running: BTreeMap<TransferId, String>,
    /// Ended while nobody was attached.
    undelivered: Vec<(TransferId, TransferEvent)>,
    /// Every transfer that was asked for, in order.
    pub started: Vec<TransferId>,
    /// Every transfer that it was told to stop, in order.
    pub stopped: Vec<TransferId>,
    /// Every task whose end is on record, in order.
    pub forgotten: Vec<TaskId>,
    /// How often it was asked for a list.
    pub lists: usize,
    /// It does not answer `list` before it is told to.
    withholds_list: bool,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("running", &self.running)
            .field("started", &self.started)
            .field("stopped", &self.stopped)
            .field("forgotten", &self.forgotten)
            .field("lists", &self.lists)
            .finish_non_exhaustive()
    }
}

impl Service {
    /// The glue that a session is configured with: a new one for each session.
    #[must_use]
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::new(Glue(self.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.0.changed.notify_all();
        result
    }

    /// The process dies: nobody hears events any more.
    pub fn detach(&self) {
        self.change(|state| state.events = None);
    }

    /// Waits until the service is in some state.
    ///
    /// # Panics
    /// If that does not happen in time.
    pub fn wait_for(&self, mut seen: impl FnMut(&State) -> bool) {
        let waited = self
            .0
            .changed
            .wait_timeout_while(self.lock(), PATIENCE, |state| !seen(state));
        let (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "waited in vain: {state:?}");
    }

    /// Holds back the answer to `list` until `answer_list`.
    pub fn withhold_list(&self) {
        self.change(|state| state.withholds_list = true);
    }

    /// Answers `list`.
    pub fn answer_list(&self) {
        let (events, running) = self.change(|state| {
            state.withholds_list = false;
            (
                state.events.clone(),
                state.running.keys().copied().collect(),
            )
        });
        if let Some(events) = events {
            events.listed(running);
        }
    }

    /// A transfer that no process asked for, as far as anybody remembers.
    pub fn invent(&self, id: TransferId) {
        self.change(|state| {
            state
                .running
                .insert(id, "https://example.com/forgotten".into())
        });
    }

    /// A transfer is gone without a word: a reboot, say.
    pub fn stop_silently(&self, id: TransferId) {
        self.change(|state| state.running.remove(&id));
    }

    /// A transfer arrives: its body lies in a file of the service's own.
    ///
    /// # Panics
    /// If it does not run.
    pub fn finish(&self, id: TransferId, bytes: &[u8], folder: &Path) -> PathBuf {
        let url = self.change(|state| state.running.remove(&id));
        let url = url.unwrap_or_else(|| panic!("transfer {id} does not run"));
        let file = folder.join(format!("service-{id}.tmp"));
        std::fs::write(&file, bytes).unwrap();
        let response = Response::new(url, 200, "HTTP/2.0", Headers::new());
        let len = bytes.len() as u64;
        let finished = FinishedTransfer::at(file.clone(), len, response, TaskMetrics::default());
        self.tell(id, TransferEvent::Finished(Box::new(finished)));
        file
    }

    /// A transfer fails.
    ///
    /// # Panics
    /// If it does not run.
    pub fn fail(&self, id: TransferId, kind: ErrorKind) {
        let known = self.change(|state| state.running.remove(&id));
        assert!(known.is_some(), "transfer {id} does not run");
        self.tell(
            id,
            TransferEvent::Failed {
                error: Error::new(kind, "the service gave up"),
                retry_after_ms: None,
                metrics: TaskMetrics::default(),
                received: 0,
            },
        );
    }

    /// Bytes come.
    pub fn progress(&self, id: TransferId, received: u64, total: Option<u64>) {
        self.tell(
            id,
            TransferEvent::Progressed {
                received,
                total,
                network_bytes: received,
            },
        );
    }

    fn tell(&self, id: TransferId, event: TransferEvent) {
        let mut state = self.lock();
        let Some(events) = state.events.clone() else {
            return state.undelivered.push((id, event));
        };
        drop(state);
        events.event(id, event);
    }
}

/// What a session holds of the service.
struct Glue(Service);

impl Transport for Glue {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            outlives_process: true,
            ..Capabilities::default()
        }
    }

    fn attach(&self, events: Arc<dyn TransferEvents>) {
        let missed = self.0.change(|state| {
            state.events = Some(Arc::clone(&events));
            std::mem::take(&mut state.undelivered)
        });
        for (id, event) in missed {
            events.event(id, event);
        }
    }

    fn start(&self, transfer: Transfer) {
        self.0.change(|state| {
            state.started.push(transfer.id);
            state.running.insert(transfer.id, transfer.url.to_string());
        });
    }

    fn stop(&self, id: TransferId) {
        let events = self.0.change(|state| {
            state.stopped.push(id);
            state.running.remove(&id);
            state.events.clone()
        });
        if let Some(events) = events {
            let metrics = TaskMetrics::default();
            events.event(
                id,
                TransferEvent::Stopped {
                    metrics,
                    received: 0,
                },
            );
        }
    }

    fn forget(&self, task: TaskId) {
        self.0.change(|state| state.forgotten.push(task));
    }

    fn list(&self) {
        let withheld = self.0.change(|state| {
            state.lists += 1;
            state.withholds_list
        });
        if !withheld {
            self.0.answer_list();
        }
    }
}
