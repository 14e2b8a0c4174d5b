//! What an app is told (rules S6, L1, L2).

use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::resume::RestartReason;
use crate::error::Error;
use crate::response::Response;
use crate::store::{Finished, Recovery};
use crate::task_state::{Progress, TaskInfo, TaskMetrics, WaitReason};
use crate::transport::TransferId;

/// Receives what happens in a session. Every method has a default that does nothing.
///
/// **Threading.** Calls of one session come one at a time, on its delegate queue (rule L2). No lock
/// of ours is held: a delegate may call the session, suspend, cancel or enqueue. A slow delegate
/// delays only its own session's calls.
///
/// **Order of one task's calls** (rule L1): `did_create_task`, `will_perform_redirection`,
/// `did_resume_at_offset` or `did_receive_response`, `did_write_data`,
/// `did_finish_collecting_metrics`, `did_finish_downloading_to`, `did_complete`. Attempts that are
/// made again repeat the middle; `task_is_waiting` and `did_restart` come in between.
///
/// **While the app is not in front** the ends of a background session's tasks are told together
/// ([`DeliveryPolicy`](crate::DeliveryPolicy)), and calls that tell no end are not made: they are for
/// screens.
///
/// **A delegate that falls far behind** misses calls that tell no end, progress first: they are not
/// kept.
///
/// **The end of a task is never lost** (rule D4): it is in the journal before these methods are
/// called, and leaves it when they have returned. A process that dies, or a method that panics, in
/// the middle finds the same calls again at the next launch:
/// [`TaskInfo::sequence`] is the same number then.
pub trait SessionDelegate: Send + Sync + 'static {
    /// A task was created in this process. Not called for the tasks of one call that makes more than
    /// 256 of them: the caller has their handles.
    fn did_create_task(&self, task: &TaskInfo) {
        let _ = task;
    }

    /// A task that could run does not, and why.
    fn task_is_waiting(&self, task: &TaskInfo, reason: WaitReason) {
        let _ = (task, reason);
    }

    /// The server points elsewhere. Asked in default and ephemeral sessions only (rule H3);
    /// background sessions follow. Return false to take the redirect itself as the answer.
    fn will_perform_redirection(&self, task: &TaskInfo, response: &Response, url: &str) -> bool {
        let _ = (task, response, url);
        true
    }

    /// The transfer goes on from a byte that an earlier attempt, or process, had reached.
    fn did_resume_at_offset(&self, task: &TaskInfo, offset: u64, total: Option<u64>) {
        let _ = (task, offset, total);
    }

    /// The head of the answer is here, and the transfer begins at byte 0.
    fn did_receive_response(&self, task: &TaskInfo, response: &Response) {
        let _ = (task, response);
    }

    /// What was received had to be thrown away, and why (rule R7).
    fn did_restart(&self, task: &TaskInfo, reason: RestartReason, discarded: u64) {
        let _ = (task, reason, discarded);
    }

    /// Bytes came (rule E2): at most ten calls a second for each task.
    fn did_write_data(&self, task: &TaskInfo, progress: Progress) {
        let _ = (task, progress);
    }

    /// What the task cost.
    fn did_finish_collecting_metrics(&self, task: &TaskInfo, metrics: &TaskMetrics) {
        let _ = (task, metrics);
    }

    /// The file is at its destination, whole and synced (rule D2). It stays there: nothing has to
    /// be moved before this returns.
    fn did_finish_downloading_to(&self, task: &TaskInfo, file: &DownloadedFile) {
        let _ = (task, file);
    }

    /// The task ended: with no error after `did_finish_downloading_to`, else with one. Always the
    /// last call about a task.
    fn did_complete(&self, task: &TaskInfo, error: Option<&Error>) {
        let _ = (task, error);
    }

    /// Everything that the journal held has been delivered. Called again after later ends.
    fn did_finish_events_for_background_session(&self) {}

    /// A platform's service carried on a transfer that the store knows nothing of: it was cancelled
    /// (rule W5).
    fn did_cancel_unknown_transfer(&self, transfer: TransferId) {
        let _ = transfer;
    }

    /// The store was damaged and has been replaced by one with what could be saved (rule D6). The tasks
    /// that are back go on; the app enqueues again what it misses. Told to the first session that opens,
    /// and to every session that has tasks made again; once more after the next start, if no call
    /// has returned.
    fn did_recover_store(&self, recovery: &StoreRecovery) {
        let _ = recovery;
    }

    /// The last call of all. The delegate is released, and the identifier is free again, when it
    /// returns (rule C3).
    fn did_become_invalid(&self, error: Option<&Error>) {
        let _ = error;
    }
}

/// A file that arrived.
#[derive(Debug)]
#[non_exhaustive]
pub struct DownloadedFile {
    /// Where it lies.
    pub location: PathBuf,
    /// Its length.
    pub len: u64,
    /// The answer that it came with.
    pub response: Option<Response>,
    /// It was continued on an overlap comparison alone (`ResumePolicy::Lenient`, rule R5).
    pub validator_weak: bool,
    /// The server ended it by closing the connection, and nothing else vouches for its length (R8).
    pub length_unverified: bool,
}

impl DownloadedFile {
    pub(crate) fn new(finished: Finished, location: PathBuf) -> DownloadedFile {
        DownloadedFile {
            location,
            len: finished.len,
            response: finished.response,
            validator_weak: finished.validator_weak,
            length_unverified: finished.length_unverified,
        }
    }
}

/// A store that could not be read was moved aside (rule D6).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoreRecovery {
    /// Where the damaged store lies now; nothing lies there if it was gone.
    pub moved_to: PathBuf,
    /// What was wrong with it.
    pub reason: String,
    /// Tasks of the container that had not ended and could still be read in the damaged store.
    pub salvaged_tasks: u64,
    /// Tasks of this session that were made again, beyond those, from what lies beside their part files.
    pub rebuilt_tasks: u64,
    /// Those among the rebuilt whose metadata is lost: it did not fit beside the part file.
    pub incomplete_tasks: u64,
}

impl From<Recovery> for StoreRecovery {
    fn from(recovery: Recovery) -> StoreRecovery {
        StoreRecovery {
            moved_to: recovery.moved_to,
            reason: recovery.reason,
            salvaged_tasks: recovery.salvaged_tasks,
            rebuilt_tasks: recovery.rebuilt_tasks,
            incomplete_tasks: recovery.incomplete_tasks,
        }
    }
}

/// Where a delegate's methods are called (rule S2).
#[derive(Clone, Default)]
pub enum DelegateQueue {
    /// A thread of the session's own.
    #[default]
    Serial,
    /// An executor of the app: its main thread, a dispatch queue. The next call is handed over
    /// when the one before has returned.
    Custom(Arc<dyn Executor>),
}

/// Runs work somewhere: the seam to main threads, dispatch queues and event loops.
pub trait Executor: Send + Sync + 'static {
    /// Runs `work` once, on whichever thread the executor stands for. May return before it ran.
    fn execute(&self, work: Box<dyn FnOnce() + Send>);
}

impl std::fmt::Debug for DelegateQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            DelegateQueue::Serial => "Serial",
            DelegateQueue::Custom(_) => "Custom",
        })
    }
}
