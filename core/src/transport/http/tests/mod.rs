//! The transport against a server that misbehaves, without engine or store.

mod answers;
mod digests;
mod limits;
mod redirects;
mod resuming;
mod secure;
mod whole;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use backhaul_fault_server::{FaultServer, Object};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::*;
use crate::SessionConfiguration;
use crate::engine::resume::{RestartReason, ResumePolicy};
use crate::error::{Error, ErrorKind};
use crate::files::{PartPaths, finish_group};
use crate::protocol::headers::Headers;
use crate::task_id::TaskId;
use crate::transport::{FinishedTransfer, ReceivedBody};

/// Nothing here takes as long, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A transfer of task 1, attempt 1.
pub(super) fn transfer(url: &str, destination: &str) -> Transfer {
    Transfer {
        id: "1.1".parse().unwrap(),
        url: url::Url::parse(url).unwrap(),
        headers: Headers::new(),
        secret_headers: Vec::new(),
        expected_size: None,
        expected_digest: None,
        timeout_for_request: PATIENCE,
        status_policy: Default::default(),
        resume_policy: ResumePolicy::Strict,
        asks_about_redirects: false,
        is_discretionary: false,
        allows_cellular: true,
        allows_expensive: true,
        allows_constrained: true,
        paths: PartPaths::new(Path::new(destination), "t", 1),
        provenance: None,
    }
}

/// Everything that a transport said.
#[derive(Default)]
struct Heard {
    events: Mutex<Vec<(TransferId, TransferEvent)>>,
    changed: Condvar,
    refuses_redirects: AtomicBool,
}

impl TransferEvents for Heard {
    fn event(&self, id: TransferId, mut event: TransferEvent) {
        if let TransferEvent::Redirecting { reply, .. } = &mut event {
            let unused = crate::transport::RedirectReply::new(drop);
            let reply = std::mem::replace(reply, unused);
            reply.answer(!self.refuses_redirects.load(Ordering::SeqCst));
        }
        self.events.lock().unwrap().push((id, event));
        self.changed.notify_all();
    }

    fn listed(&self, _: Vec<TransferId>) {}
}

impl Heard {
    /// Waits until `found` finds something, asked again after each event.
    fn wait<T>(
        &self,
        mut found: impl FnMut(&mut Vec<(TransferId, TransferEvent)>) -> Option<T>,
    ) -> T {
        let mut events = self.events.lock().unwrap();
        loop {
            if let Some(found) = found(&mut events) {
                return found;
            }
            let (next, timeout) = self.changed.wait_timeout(events, PATIENCE).unwrap();
            assert!(!timeout.timed_out(), "heard only {next:#?}");
            events = next;
        }
    }
}

/// A server, a transport on a runtime of one thread, and a folder for the files.
struct Room {
    server: FaultServer,
    heard: Arc<Heard>,
    transport: HttpTransport,
    folder: TempDir,
    /// Tasks made so far.
    tasks: AtomicI64,
    /// Ends the runtime's thread.
    runtime: Option<(oneshot::Sender<()>, std::thread::JoinHandle<()>)>,
}

/// One attempt, as it was told.
struct Told {
    events: Vec<TransferEvent>,
}

impl Room {
    fn new() -> Room {
        Room::with(FaultServer::start().unwrap(), |settings| settings)
    }

    fn with(
        server: FaultServer,
        configure: impl FnOnce(SessionConfiguration) -> SessionConfiguration,
    ) -> Room {
        let configuration = SessionConfiguration::default().allow_plain_http("127.0.0.1");
        let settings = configure(configuration).settings;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let transport = HttpTransport::new(&settings, runtime.handle().clone()).unwrap();
        let heard = Arc::new(Heard::default());
        transport.attach(heard.clone());
        let (end, ended) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let _ = runtime.block_on(ended);
        });
        Room {
            server,
            heard,
            transport,
            folder: tempfile::tempdir().unwrap(),
            tasks: AtomicI64::new(0),
            runtime: Some((end, thread)),
        }
    }

    /// A new task's first attempt for an object.
    fn transfer(&self, name: &str) -> Transfer {
        let number = self.tasks.fetch_add(1, Ordering::SeqCst) + 1;
        let destination = self.folder.path().join(format!("{name}-{number}"));
        let mut transfer = transfer(&self.server.object_url(name), destination.to_str().unwrap());
        transfer.id.task = TaskId::from_i64(number);
        transfer.paths = PartPaths::new(&destination, "t", number);
        transfer
    }

    /// Makes an attempt, to its end.
    fn run(&self, transfer: &Transfer) -> Told {
        self.transport.start(transfer.clone());
        self.told(transfer.id)
    }

    /// Waits for the end of an attempt.
    fn told(&self, id: TransferId) -> Told {
        let events = self.heard.wait(|events| {
            events
                .iter()
                .any(|(of, event)| *of == id && is_last(event))
                .then(|| {
                    let all = std::mem::take(events);
                    let (ours, others) = all.into_iter().partition(|(of, _)| *of == id);
                    *events = others;
                    let ours: Vec<(TransferId, TransferEvent)> = ours;
                    ours.into_iter().map(|(_, event)| event).collect::<Vec<_>>()
                })
        });
        assert!(
            events.iter().rev().skip(1).all(|event| !is_last(event)),
            "{events:#?}"
        );
        Told { events }
    }

    /// Makes an attempt that stops once `bytes` are here.
    fn run_until(&self, transfer: &Transfer, bytes: u64) -> Told {
        let id = transfer.id;
        self.transport.start(transfer.clone());
        self.heard.wait(|events| {
            let enough = |event: &TransferEvent| matches!(event, TransferEvent::Progressed { received, .. } if *received >= bytes);
            events.iter().any(|(of, event)| *of == id && enough(event)).then_some(())
        });
        self.transport.stop(id);
        self.told(id)
    }

    /// The file is put in its place, and is the object.
    fn assert_arrived(&self, told: Told, transfer: &Transfer, object: &Object) -> FinishedTransfer {
        let mut finished = told.finished();
        match finished.take_body() {
            ReceivedBody::InPlace(job) => {
                assert_eq!(job.len, finished.len());
                assert!(
                    finish_group(vec![job])
                        .iter()
                        .all(|(_, filed)| filed.is_ok())
                );
            }
            ReceivedBody::AlreadyFiled => {}
            ReceivedBody::Elsewhere(_) => panic!("not by this transport"),
        }
        let difference = object.first_difference(transfer.destination()).unwrap();
        assert_eq!(difference, None, "byte where the file differs");
        finished
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.runtime.take() {
            let _ = end.send(());
            let _ = thread.join();
        }
    }
}

/// The next attempt of the same task.
fn next(transfer: &Transfer) -> Transfer {
    let mut next = transfer.clone();
    next.id.attempt += 1;
    next
}

fn is_last(event: &TransferEvent) -> bool {
    use TransferEvent::{Failed, Finished, Stopped};
    matches!(event, Finished(_) | Failed { .. } | Stopped { .. })
}

impl Told {
    fn finished(mut self) -> FinishedTransfer {
        match self.events.pop() {
            Some(TransferEvent::Finished(finished)) => *finished,
            other => panic!("{other:#?} after {:#?}", self.events),
        }
    }

    /// Error, `Retry-After`, and bytes kept.
    fn failed(mut self) -> (Error, Option<u64>, u64) {
        match self.events.pop() {
            Some(TransferEvent::Failed {
                error,
                retry_after_ms,
                received,
                ..
            }) => (error, retry_after_ms, received),
            other => panic!("{other:#?} after {:#?}", self.events),
        }
    }

    fn failed_with(self, kind: ErrorKind) -> Error {
        let error = self.failed().0;
        assert_eq!(error.kind(), kind, "{error}");
        error
    }

    fn stopped_at(mut self) -> u64 {
        match self.events.pop() {
            Some(TransferEvent::Stopped { received, .. }) => received,
            other => panic!("{other:#?} after {:#?}", self.events),
        }
    }

    fn restarts(&self) -> Vec<RestartReason> {
        let reason = |event: &TransferEvent| match event {
            TransferEvent::Restarted { reason, discarded } => {
                assert!(*discarded > 0, "a restart that cost nothing is none");
                Some(*reason)
            }
            _ => None,
        };
        self.events.iter().filter_map(reason).collect()
    }

    /// Where the answers that were used began.
    fn offsets(&self) -> Vec<u64> {
        let offset = |event: &TransferEvent| match event {
            TransferEvent::Responded { offset, .. } => Some(*offset),
            _ => None,
        };
        self.events.iter().filter_map(offset).collect()
    }
}
