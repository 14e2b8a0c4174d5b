//! What moves bytes. The seam between our decisions and the network.
//!
//! Two kinds of transport fit it: HTTP in this process (the feature `http`), and a platform's own transfer
//! service, which goes on while the app is dead and hands its events to a *later* process. So a
//! transfer is named by values that the service can keep ([`TransferId`]), everything it needs is in
//! one plain value ([`Transfer`]), and events carry the name, never a channel or a closure of the
//! process that started it. A transport decides nothing about retries, order or deadlines.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::configuration::StatusPolicy;
use crate::engine::resume::{RestartReason, ResumePolicy};
use crate::error::Error;
use crate::files::{FinishJob, PartPaths, SidecarError};
use crate::protocol::{Digest, Headers};
use crate::response::Response;
use crate::store::{FoundOrigin, Provenance};
use crate::task_id::TaskId;
use crate::task_state::TaskMetrics;

#[cfg(feature = "http")]
pub(crate) mod http;

/// Whether a part file holds something that a transfer could go on from (rule L4).
pub(crate) fn is_resumable(paths: &PartPaths) -> bool {
    #[cfg(feature = "http")]
    return http::is_resumable(paths);
    #[cfg(not(feature = "http"))]
    {
        let _ = paths;
        false
    }
}

/// Says in the sidecar that its task has ended, and that what is here waits for somebody with resume
/// data (rule L4): a rebuild must not bring a cancelled task back (rule D6). Blocks for a moment.
pub(crate) fn mark_ended(paths: &PartPaths) {
    #[cfg(feature = "http")]
    http::mark_ended(paths);
    #[cfg(not(feature = "http"))]
    let _ = paths;
}

/// The task of a sidecar; none if a version wrote it that did not say. Blocks for a moment.
///
/// # Errors
/// As [`Sidecar::read`](crate::files::Sidecar::read).
pub(crate) fn origin_in(
    sidecar: &std::path::Path,
) -> std::result::Result<Option<FoundOrigin>, SidecarError> {
    #[cfg(feature = "http")]
    return http::origin_in(sidecar);
    #[cfg(not(feature = "http"))]
    {
        let _ = sidecar;
        Ok(None)
    }
}

/// Moves bytes for a session.
///
/// Methods are called from one thread, the one that every session runs on: they must not block, and
/// must not call a session, which would wait for itself. They answer through the [`TransferEvents`]
/// that [`attach`](Transport::attach) gave.
pub trait Transport: Send + Sync + 'static {
    /// What it can do. Asked once, before `attach`.
    fn capabilities(&self) -> Capabilities;

    /// Where events go. Called once; events of transfers that an earlier process started may be
    /// sent as soon as this returns.
    fn attach(&self, events: Arc<dyn TransferEvents>);

    /// Starts a transfer. Starting one that already runs does nothing.
    fn start(&self, transfer: Transfer);

    /// Stops a transfer, keeping what it received. Answered by [`TransferEvent::Stopped`] unless
    /// another last event is already on its way; for an unknown transfer too.
    fn stop(&self, id: TransferId);

    /// Asks which transfers the service holds, of whichever process. Answered once by
    /// [`TransferEvents::listed`]; nothing is started before. A transfer that ended while no process
    /// lived is held until its last event was sent. Only called when it outlives the process.
    fn list(&self);

    /// The end of a task is on record: what is kept of its transfers, received bodies and resume data,
    /// is of no more use. Not answered.
    fn forget(&self, task: TaskId) {
        let _ = task;
    }
}

/// What a transport can do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Capabilities {
    /// Transfers go on while no process of the app lives: their events may come later.
    pub outlives_process: bool,
    /// The most transfers it should hold at a time, if there is such a number.
    pub window: Option<usize>,
}

/// Receives a transport's events. Any thread; returns at once.
pub trait TransferEvents: Send + Sync + 'static {
    /// Something happened to a transfer.
    fn event(&self, id: TransferId, event: TransferEvent);

    /// The answer to [`Transport::list`].
    fn listed(&self, transfers: Vec<TransferId>);
}

/// The name of one attempt to move one task's bytes. Its text form fits a platform's
/// `taskDescription`.
///
/// ```
/// use backhaul::transport::TransferId;
/// let id: TransferId = "17.3".parse().unwrap();
/// assert_eq!(id.to_string(), "17.3");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransferId {
    /// The task.
    pub task: TaskId,
    /// Which attempt of it: events of an older attempt are ignored.
    pub attempt: u32,
}

impl fmt::Display for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.task, self.attempt)
    }
}

/// The text is not the name of a transfer.
#[derive(Debug, PartialEq, Eq)]
pub struct ParseTransferIdError;

impl FromStr for TransferId {
    type Err = ParseTransferIdError;

    fn from_str(text: &str) -> Result<TransferId, ParseTransferIdError> {
        let (task, attempt) = text.split_once('.').ok_or(ParseTransferIdError)?;
        Ok(TransferId {
            task: task.parse().map_err(|_| ParseTransferIdError)?,
            attempt: attempt.parse().map_err(|_| ParseTransferIdError)?,
        })
    }
}

/// Everything a transport needs to know to move one file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Transfer {
    /// Its name.
    pub id: TransferId,
    /// What to fetch.
    pub url: url::Url,
    /// The request's fields, the session's additional ones already among them.
    pub headers: Headers,
    /// Names of fields that never cross to another origin.
    pub secret_headers: Vec<String>,
    /// The exact length, if the app knows it.
    pub expected_size: Option<u64>,
    /// The digest, if the app knows it.
    pub expected_digest: Option<Digest>,
    /// How long it may go without a byte.
    pub timeout_for_request: Duration,
    /// Which answers are files.
    pub status_policy: StatusPolicy,
    /// When it may go on without a strong validator.
    pub resume_policy: ResumePolicy,
    /// Whether the delegate is asked about redirects.
    pub asks_about_redirects: bool,
    /// Whether the platform may choose the time.
    pub is_discretionary: bool,
    /// Whether it may use a mobile network. Where transfers outlive the process, the platform must
    /// keep to this and to the two below by itself: nobody is there to stop it.
    pub allows_cellular: bool,
    /// Whether it may use a network that costs money by volume.
    pub allows_expensive: bool,
    /// Whether it may use a network on which the user wants little traffic.
    pub allows_constrained: bool,
    pub(crate) paths: PartPaths,
    /// What its sidecar is to say of the task; none if the task ends with the process.
    pub(crate) provenance: Option<Arc<Provenance>>,
}

impl Transfer {
    /// Where the file will lie in the end.
    #[must_use]
    pub fn destination(&self) -> &std::path::Path {
        &self.paths.destination
    }
}

/// What happens to a transfer. The last event of one is `Finished`, `Failed` or `Stopped`.
#[derive(Debug)]
#[non_exhaustive]
pub enum TransferEvent {
    /// The server points elsewhere, and waits for the answer.
    Redirecting {
        /// The redirect.
        response: Response,
        /// Where to.
        url: String,
        /// Whether to go there.
        reply: RedirectReply,
    },
    /// An answer that will be used began: at byte 0, or further on.
    Responded {
        /// Its head.
        response: Response,
        /// The byte the file goes on from.
        offset: u64,
        /// The whole length, if known.
        total: Option<u64>,
    },
    /// What was received is thrown away, and the transfer begins again at byte 0.
    Restarted {
        /// Why.
        reason: RestartReason,
        /// How many bytes were lost.
        discarded: u64,
    },
    /// Bytes came.
    Progressed {
        /// Bytes of the file that are here.
        received: u64,
        /// The whole length, if known.
        total: Option<u64>,
        /// Body bytes that this attempt got from the network so far.
        network_bytes: u64,
    },
    /// Every byte is here and was judged right; not yet durable, not yet in place.
    Finished(Box<FinishedTransfer>),
    /// The attempt failed. What was received stays, unless `Restarted` said otherwise.
    Failed {
        /// Why.
        error: Error,
        /// When the server wants to be asked again, in milliseconds from now.
        retry_after_ms: Option<u64>,
        /// What it cost so far.
        metrics: TaskMetrics,
        /// Bytes of the file that are here.
        received: u64,
    },
    /// It was stopped as asked.
    Stopped {
        /// What it cost so far.
        metrics: TaskMetrics,
        /// Bytes of the file that are durable here.
        received: u64,
    },
}

/// A body that arrived whole.
#[derive(Debug)]
#[non_exhaustive]
pub struct FinishedTransfer {
    pub(crate) body: ReceivedBody,
    pub(crate) len: u64,
    /// A sidecar lies beside it, to be removed once the end is on record.
    pub(crate) leaves_sidecar: bool,
    /// The answer.
    pub response: Response,
    /// What it cost.
    pub metrics: TaskMetrics,
    /// See [`DownloadedFile::validator_weak`](crate::DownloadedFile::validator_weak).
    pub validator_weak: bool,
    /// See [`DownloadedFile::length_unverified`](crate::DownloadedFile::length_unverified).
    pub length_unverified: bool,
}

impl FinishedTransfer {
    /// A body that a platform's service left in a file of its own, which is ours from now on.
    #[must_use]
    pub fn at(
        file: PathBuf,
        len: u64,
        response: Response,
        metrics: TaskMetrics,
    ) -> FinishedTransfer {
        FinishedTransfer {
            body: ReceivedBody::Elsewhere(file),
            len,
            leaves_sidecar: false,
            response,
            metrics,
            validator_weak: false,
            length_unverified: false,
        }
    }
}

impl FinishedTransfer {
    /// The body's length.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Takes the body out: the driver keeps it, the engine needs only what is known of it.
    pub(crate) fn take_body(&mut self) -> ReceivedBody {
        std::mem::replace(&mut self.body, ReceivedBody::AlreadyFiled)
    }
}

/// Where the bytes lie.
#[derive(Debug)]
pub(crate) enum ReceivedBody {
    /// In the part file.
    InPlace(FinishJob),
    /// At the destination: an earlier process died between the rename and the commit.
    AlreadyFiled,
    /// In a file that the platform made.
    Elsewhere(PathBuf),
}

/// The way back for a question about a redirect. Dropped without an answer, it says yes.
pub struct RedirectReply(Option<Box<dyn FnOnce(bool) + Send>>);

impl RedirectReply {
    /// What a transport makes: `answer` is called once, with whether to follow.
    #[must_use]
    pub fn new(answer: impl FnOnce(bool) + Send + 'static) -> RedirectReply {
        RedirectReply(Some(Box::new(answer)))
    }

    /// Follows the redirect, or takes it as the answer.
    pub fn answer(mut self, follow: bool) {
        self.give(follow);
    }

    fn give(&mut self, follow: bool) {
        if let Some(answer) = self.0.take() {
            answer(follow);
        }
    }
}

impl Drop for RedirectReply {
    fn drop(&mut self) {
        self.give(true);
    }
}

impl fmt::Debug for RedirectReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedirectReply")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_redirect_is_answered_once_and_silence_says_yes() {
        // rule H3
        let (sender, answers) = mpsc::channel();
        let reply = |sender: &mpsc::Sender<bool>| {
            let sender = sender.clone();
            RedirectReply::new(move |follow| sender.send(follow).unwrap())
        };
        reply(&sender).answer(false);
        drop(reply(&sender));
        drop(sender);
        assert_eq!(answers.iter().collect::<Vec<_>>(), [false, true]);
    }
}
