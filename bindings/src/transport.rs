//! A platform's own transfer service in place of the built-in HTTP: the seam to `URLSession`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use backhaul::TaskId;
use backhaul::transport as core;
use once_cell::sync::OnceCell;

use crate::callback_error::{CallbackError, note};
use crate::configuration::{ResumePolicy, StatusPolicy};
use crate::delegate::RestartReason;
use crate::digest::Digest;
use crate::error::ErrorKind;
use crate::response::{HeaderField, Response};
use crate::task_info::TaskMetrics;

/// The name of one attempt to move one task's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Record)]
pub struct TransferId {
    /// The task.
    pub task: i64,
    /// Which attempt of it.
    pub attempt: u32,
}

impl From<core::TransferId> for TransferId {
    fn from(id: core::TransferId) -> TransferId {
        TransferId {
            task: id.task.as_i64(),
            attempt: id.attempt,
        }
    }
}

impl From<TransferId> for core::TransferId {
    fn from(id: TransferId) -> core::TransferId {
        core::TransferId {
            task: TaskId::from_i64(id.task),
            attempt: id.attempt,
        }
    }
}

/// The text that fits a platform's `taskDescription`.
#[uniffi::export]
#[must_use]
pub fn transfer_id_text(id: TransferId) -> String {
    core::TransferId::from(id).to_string()
}

/// The name that a `taskDescription` holds, if it is one of ours.
#[uniffi::export]
#[must_use]
pub fn transfer_id_of(text: String) -> Option<TransferId> {
    text.parse::<core::TransferId>().ok().map(TransferId::from)
}

/// What a transport can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct TransportCapabilities {
    /// Transfers go on while no process of the app lives: their events may come later.
    pub outlives_process: bool,
    /// The most transfers it should hold at a time, if there is such a number.
    pub window: Option<u32>,
}

/// Everything a transport needs to know to move one file.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Transfer {
    /// Its name.
    pub id: TransferId,
    /// What to fetch.
    pub url: String,
    /// The request's fields, the session's additional ones already among them.
    pub headers: Vec<HeaderField>,
    /// Names of fields that never cross to another origin.
    pub secret_headers: Vec<String>,
    /// The exact length, if the app knows it. Judged by the core.
    pub expected_size: Option<u64>,
    /// The digest, if the app knows it. Judged by the core.
    pub expected_digest: Option<Digest>,
    /// How long it may go without a byte.
    pub timeout_for_request: Duration,
    /// Which answers are files. Judged by the core.
    pub status_policy: StatusPolicy,
    /// When it may go on without a strong validator.
    pub resume_policy: ResumePolicy,
    /// Whether the delegate is asked about redirects.
    pub asks_about_redirects: bool,
    /// Whether the platform may choose the time.
    pub is_discretionary: bool,
    /// Whether it may use a mobile network. A platform whose transfers outlive the process must keep to
    /// this and to the two below by itself.
    pub allows_cellular: bool,
    /// Whether it may use a network that costs money by volume.
    pub allows_expensive: bool,
    /// Whether it may use a network on which the user wants little traffic.
    pub allows_constrained: bool,
    /// Where the file will lie in the end: an absolute path. The core puts it there.
    pub destination: String,
}

impl From<&core::Transfer> for Transfer {
    fn from(transfer: &core::Transfer) -> Transfer {
        let field = |(name, value): (&str, &str)| HeaderField {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        Transfer {
            id: transfer.id.into(),
            url: transfer.url.to_string(),
            headers: transfer.headers.iter().map(field).collect(),
            secret_headers: transfer.secret_headers.clone(),
            expected_size: transfer.expected_size,
            expected_digest: transfer.expected_digest.as_ref().map(Digest::of),
            timeout_for_request: transfer.timeout_for_request,
            status_policy: transfer.status_policy.into(),
            resume_policy: transfer.resume_policy.into(),
            asks_about_redirects: transfer.asks_about_redirects,
            is_discretionary: transfer.is_discretionary,
            allows_cellular: transfer.allows_cellular,
            allows_expensive: transfer.allows_expensive,
            allows_constrained: transfer.allows_constrained,
            destination: transfer.destination().to_string_lossy().into_owned(),
        }
    }
}

/// Moves bytes for a session. Methods are called from one thread, the one that every session runs on:
/// they must not block, and must not call a session. They answer through the [`TransferEvents`] that
/// `attach` gave.
#[uniffi::export(foreign)]
pub trait PlatformTransport: Send + Sync {
    /// What it can do. Asked once, before `attach`.
    fn capabilities(&self) -> Result<TransportCapabilities, CallbackError>;

    /// Where events go. Called once; events of transfers that an earlier process started may be sent as
    /// soon as this returns.
    fn attach(&self, events: Arc<TransferEvents>) -> Result<(), CallbackError>;

    /// Starts a transfer. Starting one that already runs does nothing. One that fails is a failed
    /// attempt.
    fn start(&self, transfer: Transfer) -> Result<(), CallbackError>;

    /// Stops a transfer. Answered by `stopped` unless another last event is already on its way; for an
    /// unknown transfer too.
    fn stop(&self, id: TransferId) -> Result<(), CallbackError>;

    /// Asks which transfers the service holds, of whichever process. Answered once by `listed`; nothing
    /// is started before.
    fn list(&self) -> Result<(), CallbackError>;

    /// The end of a task is on record: what is kept of its transfers, received bodies and resume data,
    /// is of no more use. Not answered.
    fn forget(&self, task: i64) -> Result<(), CallbackError>;
}

/// Waits for the answer to a question about a redirect.
#[uniffi::export(foreign)]
pub trait RedirectAnswer: Send + Sync {
    /// Whether to follow it, or to take it as the answer. Called once, on any thread.
    fn decided(&self, follow: bool) -> Result<(), CallbackError>;
}

/// Receives a transport's events. Any thread; returns at once. The last event of a transfer is
/// `finished`, `failed` or `stopped`.
#[derive(uniffi::Object)]
pub struct TransferEvents(Arc<dyn core::TransferEvents>);

#[uniffi::export]
impl TransferEvents {
    /// The server points elsewhere. Only where the transfer asks about redirects.
    pub fn redirecting(
        &self,
        id: TransferId,
        response: Response,
        url: String,
        answer: Arc<dyn RedirectAnswer>,
    ) {
        let answer = move |follow| note("a redirect's answer", answer.decided(follow));
        self.send(
            id,
            core::TransferEvent::Redirecting {
                response: response.into(),
                url,
                reply: core::RedirectReply::new(answer),
            },
        );
    }

    /// An answer that will be used began: at byte 0, or further on.
    pub fn responded(&self, id: TransferId, response: Response, offset: u64, total: Option<u64>) {
        self.send(
            id,
            core::TransferEvent::Responded {
                response: response.into(),
                offset,
                total,
            },
        );
    }

    /// What was received is thrown away, and the transfer begins again at byte 0.
    pub fn restarted(&self, id: TransferId, reason: RestartReason, discarded: u64) {
        let reason = reason.into();
        self.send(id, core::TransferEvent::Restarted { reason, discarded });
    }

    /// Bytes came. Said as often as it is: the delegate is told at most ten times a second (rule E2).
    pub fn progressed(
        &self,
        id: TransferId,
        received: u64,
        total: Option<u64>,
        network_bytes: u64,
    ) {
        self.send(
            id,
            core::TransferEvent::Progressed {
                received,
                total,
                network_bytes,
            },
        );
    }

    /// The body lies whole in a file of the platform's, which is ours from now on: it must not go away
    /// by itself. The core judges status, length and digest, and moves it to its destination.
    pub fn finished(
        &self,
        id: TransferId,
        file: String,
        len: u64,
        response: Response,
        metrics: TaskMetrics,
    ) {
        let file = PathBuf::from(file);
        let finished = core::FinishedTransfer::at(file, len, response.into(), metrics.into());
        self.send(id, core::TransferEvent::Finished(Box::new(finished)));
    }

    /// The attempt failed, with a sentence for people that holds neither user-info nor query values of a
    /// URL; `received` bytes stay. `retry_after` is when the server wants to be asked again.
    pub fn failed(
        &self,
        id: TransferId,
        kind: ErrorKind,
        reason: String,
        retry_after: Option<Duration>,
        metrics: TaskMetrics,
        received: u64,
    ) {
        let ms = |after: Duration| u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        self.send(
            id,
            core::TransferEvent::Failed {
                error: backhaul::Error::new(kind.into(), reason),
                retry_after_ms: retry_after.map(ms),
                metrics: metrics.into(),
                received,
            },
        );
    }

    /// It was stopped as asked; `received` bytes stay.
    pub fn stopped(&self, id: TransferId, metrics: TaskMetrics, received: u64) {
        let metrics = metrics.into();
        self.send(id, core::TransferEvent::Stopped { metrics, received });
    }

    /// The answer to `list`.
    pub fn listed(&self, transfers: Vec<TransferId>) {
        let ids = transfers.into_iter().map(core::TransferId::from);
        self.0.listed(ids.collect());
    }
}

impl TransferEvents {
    fn send(&self, id: TransferId, event: core::TransferEvent) {
        self.0.event(id.into(), event);
    }
}

/// The other language's transport as the core's.
pub(crate) struct ForeignTransport {
    foreign: Arc<dyn PlatformTransport>,
    /// Where it is said that the other side failed.
    events: OnceCell<Arc<dyn core::TransferEvents>>,
}

impl ForeignTransport {
    pub fn new(foreign: Arc<dyn PlatformTransport>) -> ForeignTransport {
        ForeignTransport {
            foreign,
            events: OnceCell::new(),
        }
    }

    fn tell(&self, tell: impl FnOnce(&dyn core::TransferEvents)) {
        if let Some(events) = self.events.get() {
            tell(events.as_ref());
        }
    }
}

impl core::Transport for ForeignTransport {
    fn capabilities(&self) -> core::Capabilities {
        match self.foreign.capabilities() {
            Ok(can) => core::Capabilities {
                outlives_process: can.outlives_process,
                window: can.window.and_then(|window| usize::try_from(window).ok()),
            },
            Err(error) => {
                log::error!("the transport does not say what it can do: {error}");
                core::Capabilities::default()
            }
        }
    }

    fn attach(&self, events: Arc<dyn core::TransferEvents>) {
        // Once: the core attaches a transport one time.
        let _ = self.events.set(Arc::clone(&events));
        let events = Arc::new(TransferEvents(events));
        note("attaching the transport", self.foreign.attach(events));
    }

    fn start(&self, transfer: core::Transfer) {
        if let Err(error) = self.foreign.start(Transfer::from(&transfer)) {
            let reason = format!("the transport could not start: {error}");
            self.tell(|events| {
                let failed = core::TransferEvent::Failed {
                    error: backhaul::Error::new(backhaul::ErrorKind::System, reason),
                    retry_after_ms: None,
                    metrics: backhaul::TaskMetrics::default(),
                    received: 0,
                };
                events.event(transfer.id, failed);
            });
        }
    }

    fn stop(&self, id: core::TransferId) {
        if let Err(error) = self.foreign.stop(id.into()) {
            log::error!("the transport could not stop {id}: {error}");
            self.tell(|events| {
                let stopped = core::TransferEvent::Stopped {
                    metrics: backhaul::TaskMetrics::default(),
                    received: 0,
                };
                events.event(id, stopped);
            });
        }
    }

    fn list(&self) {
        if let Err(error) = self.foreign.list() {
            // Nothing would ever start without an answer; what runs is started again.
            log::error!("the transport does not list its transfers: {error}");
            self.tell(|events| events.listed(Vec::new()));
        }
    }

    fn forget(&self, task: TaskId) {
        note(
            "forgetting an ended task",
            self.foreign.forget(task.as_i64()),
        );
    }
}
