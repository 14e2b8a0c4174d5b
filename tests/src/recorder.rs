//! A delegate that writes down every call, in order, and lets a test wait for what it needs to see.
//!
//! It never sleeps: a wait ends with the call that it waited for, or fails with everything that was
//! seen instead.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant, SystemTime};

use backhaul::transport::TransferId;
use backhaul::{
    DownloadedFile, Error, ErrorKind, Progress, Response, RestartReason, SessionDelegate,
    StoreRecovery, TaskId, TaskInfo, TaskMetrics, TaskState, WaitReason,
};

/// No test waits longer for anything.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// One call of a delegate method.
#[derive(Clone, Debug)]
pub struct Call {
    /// What the method was told of the task; none for calls about the session.
    pub task: Option<About>,
    /// Which method, with its arguments.
    pub what: What,
    /// When it was called.
    pub at: Instant,
    /// Where it was called.
    pub thread: ThreadId,
}

/// A copy of a [`TaskInfo`].
#[derive(Clone, Debug)]
pub struct About {
    /// The task.
    pub id: TaskId,
    /// The app's own name for it.
    pub caller_id: Option<String>,
    /// The app's free text.
    pub metadata: Option<String>,
    /// The app's tag.
    pub group: Option<String>,
    /// 0.0–1.0.
    pub priority: f32,
    /// As given.
    pub url: String,
    /// Where it stood.
    pub state: TaskState,
    /// The number of the event among the task's.
    pub sequence: Option<i64>,
    /// When it fails for taking too long.
    pub deadline: Option<SystemTime>,
}

/// A copy of an [`Error`].
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its kind.
    pub kind: ErrorKind,
    /// Its sentence.
    pub message: String,
    /// The answer that made the task fail.
    pub response: Option<Response>,
}

/// The methods of [`SessionDelegate`].
#[derive(Clone, Debug)]
pub enum What {
    /// `did_create_task`.
    Created,
    /// `task_is_waiting`.
    Waiting(WaitReason),
    /// `will_perform_redirection`: the status and the new URL.
    Redirecting(u16, String),
    /// `did_resume_at_offset`.
    ResumedAt(u64, Option<u64>),
    /// `did_receive_response`.
    Responded(Response),
    /// `did_restart`.
    Restarted(RestartReason, u64),
    /// `did_write_data`.
    Wrote(Progress),
    /// `did_finish_collecting_metrics`.
    Metrics(TaskMetrics),
    /// `did_finish_downloading_to`.
    Finished(Arrived),
    /// `did_complete`.
    Completed(Option<Failure>),
    /// `did_finish_events_for_background_session`.
    AllDelivered,
    /// `did_cancel_unknown_transfer`.
    CancelledUnknown(TransferId),
    /// `did_recover_store`.
    Recovered(StoreRecovery),
    /// `did_become_invalid`.
    Invalid,
}

/// A copy of a [`DownloadedFile`].
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Where it lies.
    pub location: std::path::PathBuf,
    /// Its length.
    pub len: u64,
    /// The answer it came with.
    pub response: Option<Response>,
    /// As there.
    pub validator_weak: bool,
    /// As there.
    pub length_unverified: bool,
}

impl What {
    /// The method's name, shortened: for assertions about order.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            What::Created => "created",
            What::Waiting(_) => "waiting",
            What::Redirecting(..) => "redirecting",
            What::ResumedAt(..) => "resumed",
            What::Responded(_) => "responded",
            What::Restarted(..) => "restarted",
            What::Wrote(_) => "wrote",
            What::Metrics(_) => "metrics",
            What::Finished(_) => "finished",
            What::Completed(None) => "completed",
            What::Completed(Some(_)) => "failed",
            What::AllDelivered => "all-delivered",
            What::CancelledUnknown(_) => "cancelled-unknown",
            What::Recovered(_) => "recovered",
            What::Invalid => "invalid",
        }
    }
}

/// Is called within each call, after it was written down.
type Hook = Box<dyn Fn(&Call) + Send + Sync>;

/// The delegate.
#[derive(Default)]
pub struct Recorder {
    calls: Mutex<Vec<Call>>,
    changed: Condvar,
    hook: Option<Hook>,
    refuses_redirects: bool,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

impl Recorder {
    /// One that only writes down.
    #[must_use]
    pub fn new() -> Arc<Recorder> {
        Arc::default()
    }

    /// One that does something within each call: it may block, panic or call the session.
    #[must_use]
    pub fn with_hook(hook: impl Fn(&Call) + Send + Sync + 'static) -> Arc<Recorder> {
        Arc::new(Recorder {
            hook: Some(Box::new(hook)),
            ..Recorder::default()
        })
    }

    /// One that answers no to redirects.
    #[must_use]
    pub fn refusing_redirects() -> Arc<Recorder> {
        Arc::new(Recorder {
            refuses_redirects: true,
            ..Recorder::default()
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every call so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.lock().clone()
    }

    /// The calls about one task, in order.
    #[must_use]
    pub fn calls_for(&self, id: TaskId) -> Vec<Call> {
        let is_about = |call: &&Call| call.task.as_ref().is_some_and(|task| task.id == id);
        self.lock().iter().filter(is_about).cloned().collect()
    }

    /// The names of the calls about one task; those in a row that are alike count as one.
    #[must_use]
    pub fn order_for(&self, id: TaskId) -> Vec<&'static str> {
        let calls = self.calls_for(id);
        let mut names: Vec<_> = calls.iter().map(|call| call.what.name()).collect();
        names.dedup();
        names
    }

    /// Waits until the calls so far are what the test waits for, and returns them.
    ///
    /// # Panics
    /// With all calls, if that does not happen in time.
    pub fn wait_for(&self, mut seen: impl FnMut(&[Call]) -> bool) -> Vec<Call> {
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), PATIENCE, |calls| !seen(calls));
        let (calls, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        let calls = calls.clone();
        assert!(!timeout.timed_out(), "waited in vain; calls: {calls:#?}");
        calls
    }

    /// Waits for a call about one task.
    pub fn wait_for_call(&self, id: TaskId, mut seen: impl FnMut(&What) -> bool) -> Call {
        let mut found = None;
        self.wait_for(|calls| {
            let is_it = |call: &&Call| {
                call.task.as_ref().is_some_and(|task| task.id == id) && seen(&call.what)
            };
            found = calls.iter().find(is_it).cloned();
            found.is_some()
        });
        found.unwrap()
    }

    /// Waits for the last call about a task: its error, or none.
    pub fn wait_for_end(&self, id: TaskId) -> Option<Failure> {
        let call = self.wait_for_call(id, |what| matches!(what, What::Completed(_)));
        match call.what {
            What::Completed(failure) => failure,
            _ => None,
        }
    }

    /// Waits for the end of a task that arrives.
    ///
    /// # Panics
    /// If it fails.
    pub fn wait_for_file(&self, id: TaskId) -> Arrived {
        let failure = self.wait_for_end(id);
        assert!(failure.is_none(), "task {id} failed: {failure:?}");
        let found = self
            .calls_for(id)
            .into_iter()
            .find_map(|call| match call.what {
                What::Finished(arrived) => Some(arrived),
                _ => None,
            });
        found.unwrap_or_else(|| panic!("task {id} completed without a file"))
    }

    /// Waits for the end of a task that fails.
    ///
    /// # Panics
    /// If it arrives.
    pub fn wait_for_failure(&self, id: TaskId) -> Failure {
        let failure = self.wait_for_end(id);
        failure.unwrap_or_else(|| panic!("task {id} did not fail"))
    }

    /// Waits for `did_become_invalid`.
    pub fn wait_for_invalid(&self) -> Vec<Call> {
        self.wait_for(|calls| calls.iter().any(|call| matches!(call.what, What::Invalid)))
    }

    fn note(&self, task: Option<&TaskInfo>, what: What) {
        let call = Call {
            task: task.map(About::of),
            what,
            at: Instant::now(),
            thread: std::thread::current().id(),
        };
        self.lock().push(call.clone());
        self.changed.notify_all();
        if let Some(hook) = &self.hook {
            hook(&call);
        }
    }
}

impl About {
    fn of(info: &TaskInfo) -> About {
        About {
            id: info.id,
            caller_id: info.caller_id.clone(),
            metadata: info.metadata.clone(),
            group: info.group.clone(),
            priority: info.priority,
            url: info.url.clone(),
            state: info.state,
            sequence: info.sequence,
            deadline: info.deadline,
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Failure {
        Failure {
            kind: error.kind(),
            message: error.to_string(),
            response: error.response().cloned(),
        }
    }
}

impl SessionDelegate for Recorder {
    fn did_create_task(&self, task: &TaskInfo) {
        self.note(Some(task), What::Created);
    }

    fn task_is_waiting(&self, task: &TaskInfo, reason: WaitReason) {
        self.note(Some(task), What::Waiting(reason));
    }

    fn will_perform_redirection(&self, task: &TaskInfo, response: &Response, url: &str) -> bool {
        let what = What::Redirecting(response.status(), url.to_owned());
        self.note(Some(task), what);
        !self.refuses_redirects
    }

    fn did_resume_at_offset(&self, task: &TaskInfo, offset: u64, total: Option<u64>) {
        self.note(Some(task), What::ResumedAt(offset, total));
    }

    fn did_receive_response(&self, task: &TaskInfo, response: &Response) {
        self.note(Some(task), What::Responded(response.clone()));
    }

    fn did_restart(&self, task: &TaskInfo, reason: RestartReason, discarded: u64) {
        self.note(Some(task), What::Restarted(reason, discarded));
    }

    fn did_write_data(&self, task: &TaskInfo, progress: Progress) {
        self.note(Some(task), What::Wrote(progress));
    }

    fn did_finish_collecting_metrics(&self, task: &TaskInfo, metrics: &TaskMetrics) {
        self.note(Some(task), What::Metrics(metrics.clone()));
    }

    fn did_finish_downloading_to(&self, task: &TaskInfo, file: &DownloadedFile) {
        let arrived = Arrived {
            location: file.location.clone(),
            len: file.len,
            response: file.response.clone(),
            validator_weak: file.validator_weak,
            length_unverified: file.length_unverified,
        };
        self.note(Some(task), What::Finished(arrived));
    }

    fn did_complete(&self, task: &TaskInfo, error: Option<&Error>) {
        self.note(Some(task), What::Completed(error.map(Failure::from)));
    }

    fn did_finish_events_for_background_session(&self) {
        self.note(None, What::AllDelivered);
    }

    fn did_cancel_unknown_transfer(&self, transfer: TransferId) {
        self.note(None, What::CancelledUnknown(transfer));
    }

    fn did_recover_store(&self, recovery: &StoreRecovery) {
        self.note(None, What::Recovered(recovery.clone()));
    }

    fn did_become_invalid(&self, _: Option<&Error>) {
        self.note(None, What::Invalid);
    }
}
