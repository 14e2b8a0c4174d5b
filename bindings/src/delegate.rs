//! What an app is told (rules S6, L1, L2): the other language's delegate behind the core's trait.

use std::panic::resume_unwind;
use std::sync::Arc;

use crate::callback_error::{CallbackError, note};
use crate::error::ErrorInfo;
use crate::mirror::mirror;
use crate::response::Response;
use crate::task_info::{Progress, TaskInfo, TaskMetrics, WaitReason};
use crate::transport::TransferId;

mirror! {
    /// Why bytes that were already here were downloaded again (rule R7).
    RestartReason of backhaul::RestartReason, else ObjectChanged {
        /// Validator or length say that the object is another one now.
        ObjectChanged,
        /// Neither a strong validator nor a digest can vouch for the bytes to come.
        NoValidator,
        /// The server sent the whole object although a range was asked for.
        RangeIgnored,
        /// The server sent another range than the one asked for, or did not say which.
        RangeMismatch,
        /// Bytes sent again differ from those that were here.
        OverlapDiffers,
        /// The finished file did not have the expected digest.
        DigestMismatch,
    }
}

/// A file that arrived.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct DownloadedFile {
    /// Where it lies: an absolute path. It stays there.
    pub location: String,
    /// Its length.
    pub len: u64,
    /// The answer that it came with.
    pub response: Option<Response>,
    /// It was continued on an overlap comparison alone (rule R5).
    pub validator_weak: bool,
    /// Nothing vouches for its length (rule R8).
    pub length_unverified: bool,
}

impl From<&backhaul::DownloadedFile> for DownloadedFile {
    fn from(file: &backhaul::DownloadedFile) -> DownloadedFile {
        DownloadedFile {
            location: file.location.to_string_lossy().into_owned(),
            len: file.len,
            response: file.response.as_ref().map(Response::from),
            validator_weak: file.validator_weak,
            length_unverified: file.length_unverified,
        }
    }
}

/// A store that could not be read was moved aside (rule D6).
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct StoreRecovery {
    /// Where the damaged store lies now.
    pub moved_to: String,
    /// What was wrong with it.
    pub reason: String,
    /// Tasks of the container that could still be read in the damaged store.
    pub salvaged_tasks: u64,
    /// Tasks of this session that were made again from what lies beside their part files.
    pub rebuilt_tasks: u64,
    /// Those among the rebuilt whose metadata is lost.
    pub incomplete_tasks: u64,
}

impl From<&backhaul::StoreRecovery> for StoreRecovery {
    fn from(recovery: &backhaul::StoreRecovery) -> StoreRecovery {
        StoreRecovery {
            moved_to: recovery.moved_to.to_string_lossy().into_owned(),
            reason: recovery.reason.clone(),
            salvaged_tasks: recovery.salvaged_tasks,
            rebuilt_tasks: recovery.rebuilt_tasks,
            incomplete_tasks: recovery.incomplete_tasks,
        }
    }
}

/// Receives what happens in a session. Calls of one session come one at a time (rule L2), in the order
/// of rule L1; the methods of a task's end that fail leave it in the journal for the next launch (D4).
#[uniffi::export(foreign)]
pub trait SessionDelegate: Send + Sync {
    /// A task was created in this process.
    fn did_create_task(&self, task: TaskInfo) -> Result<(), CallbackError>;

    /// A task that could run does not, and why.
    fn task_is_waiting(&self, task: TaskInfo, reason: WaitReason) -> Result<(), CallbackError>;

    /// The server points elsewhere: whether to follow. Default and ephemeral sessions only (H3). One
    /// that fails does not follow.
    fn will_perform_redirection(
        &self,
        task: TaskInfo,
        response: Response,
        url: String,
    ) -> Result<bool, CallbackError>;

    /// The transfer goes on from a byte that an earlier attempt, or process, had reached.
    fn did_resume_at_offset(
        &self,
        task: TaskInfo,
        offset: u64,
        total: Option<u64>,
    ) -> Result<(), CallbackError>;

    /// The head of the answer is here, and the transfer begins at byte 0.
    fn did_receive_response(&self, task: TaskInfo, response: Response)
    -> Result<(), CallbackError>;

    /// What was received had to be thrown away, and why (rule R7).
    fn did_restart(
        &self,
        task: TaskInfo,
        reason: RestartReason,
        discarded: u64,
    ) -> Result<(), CallbackError>;

    /// Bytes came (rule E2): at most ten calls a second for each task.
    fn did_write_data(&self, task: TaskInfo, progress: Progress) -> Result<(), CallbackError>;

    /// What the task cost. Part of its end.
    fn did_finish_collecting_metrics(
        &self,
        task: TaskInfo,
        metrics: TaskMetrics,
    ) -> Result<(), CallbackError>;

    /// The file is at its destination, whole and synced (rule D2). Part of the task's end.
    fn did_finish_downloading_to(
        &self,
        task: TaskInfo,
        file: DownloadedFile,
    ) -> Result<(), CallbackError>;

    /// The task ended. Always the last call about it.
    fn did_complete(&self, task: TaskInfo, error: Option<ErrorInfo>) -> Result<(), CallbackError>;

    /// Everything that the journal held has been delivered.
    fn did_finish_events_for_background_session(&self) -> Result<(), CallbackError>;

    /// A platform's service carried on a transfer that the store knows nothing of (rule W5).
    fn did_cancel_unknown_transfer(&self, transfer: TransferId) -> Result<(), CallbackError>;

    /// The store was damaged and has been replaced (rule D6).
    fn did_recover_store(&self, recovery: StoreRecovery) -> Result<(), CallbackError>;

    /// The last call of all. The delegate is released, and the identifier is free, when it returns.
    fn did_become_invalid(&self, error: Option<ErrorInfo>) -> Result<(), CallbackError>;
}

/// The other language's delegate as the core's.
pub(crate) struct Delegate(pub Arc<dyn SessionDelegate>);

/// A method of a task's end failed: to the core that is a delegate that panicked, which leaves the end in
/// the journal. Without the panic hook: nothing is wrong here.
fn end(result: Result<(), CallbackError>) {
    if let Err(error) = result {
        log::error!("a delegate method failed; its task's end is told again: {error}");
        resume_unwind(Box::new(error));
    }
}

impl backhaul::SessionDelegate for Delegate {
    fn did_create_task(&self, task: &backhaul::TaskInfo) {
        note("didCreateTask", self.0.did_create_task(task.into()));
    }

    fn task_is_waiting(&self, task: &backhaul::TaskInfo, reason: backhaul::WaitReason) {
        let told = self.0.task_is_waiting(task.into(), reason.into());
        note("taskIsWaiting", told);
    }

    fn will_perform_redirection(
        &self,
        task: &backhaul::TaskInfo,
        response: &backhaul::Response,
        url: &str,
    ) -> bool {
        let asked = self
            .0
            .will_perform_redirection(task.into(), response.into(), url.to_owned());
        asked.unwrap_or_else(|error| {
            log::error!("willPerformHTTPRedirection failed, the redirect is not followed: {error}");
            false
        })
    }

    fn did_resume_at_offset(&self, task: &backhaul::TaskInfo, offset: u64, total: Option<u64>) {
        let told = self.0.did_resume_at_offset(task.into(), offset, total);
        note("didResumeAtOffset", told);
    }

    fn did_receive_response(&self, task: &backhaul::TaskInfo, response: &backhaul::Response) {
        let told = self.0.did_receive_response(task.into(), response.into());
        note("didReceiveResponse", told);
    }

    fn did_restart(
        &self,
        task: &backhaul::TaskInfo,
        reason: backhaul::RestartReason,
        discarded: u64,
    ) {
        let told = self.0.did_restart(task.into(), reason.into(), discarded);
        note("didRestart", told);
    }

    fn did_write_data(&self, task: &backhaul::TaskInfo, progress: backhaul::Progress) {
        let told = self.0.did_write_data(task.into(), progress.into());
        note("didWriteData", told);
    }

    fn did_finish_collecting_metrics(
        &self,
        task: &backhaul::TaskInfo,
        metrics: &backhaul::TaskMetrics,
    ) {
        end(self
            .0
            .did_finish_collecting_metrics(task.into(), metrics.into()));
    }

    fn did_finish_downloading_to(
        &self,
        task: &backhaul::TaskInfo,
        file: &backhaul::DownloadedFile,
    ) {
        end(self.0.did_finish_downloading_to(task.into(), file.into()));
    }

    fn did_complete(&self, task: &backhaul::TaskInfo, error: Option<&backhaul::Error>) {
        end(self.0.did_complete(task.into(), error.map(ErrorInfo::from)));
    }

    fn did_finish_events_for_background_session(&self) {
        let told = self.0.did_finish_events_for_background_session();
        note("didFinishEvents", told);
    }

    fn did_cancel_unknown_transfer(&self, transfer: backhaul::transport::TransferId) {
        let told = self.0.did_cancel_unknown_transfer(transfer.into());
        note("didCancelUnknownTransfer", told);
    }

    fn did_recover_store(&self, recovery: &backhaul::StoreRecovery) {
        let told = self.0.did_recover_store(recovery.into());
        note("didRecoverStore", told);
    }

    fn did_become_invalid(&self, error: Option<&backhaul::Error>) {
        let told = self.0.did_become_invalid(error.map(ErrorInfo::from));
        note("didBecomeInvalid", told);
    }
}
