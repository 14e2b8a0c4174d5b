//! A delegate of the other language's that remembers its calls, and does what a test wants in them.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use backhaul_ffi::{
    CallbackError, DownloadedFile, ErrorInfo, Progress, Response, RestartReason, SessionDelegate,
    StoreRecovery, TaskInfo, TaskMetrics, TransferId, WaitReason,
};

use super::site::PATIENCE;

/// One call of the delegate.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    Created(i64),
    Waiting(i64, WaitReason),
    Redirecting(i64, String),
    Resumed(i64, u64),
    Responded(i64, u16),
    Restarted(i64, RestartReason),
    Progressed(i64, u64),
    Metrics(i64),
    File(i64, String),
    Completed(i64, Option<ErrorInfo>),
    EventsFinished,
    UnknownTransfer(TransferId),
    Recovered,
    Invalid,
}

/// What a delegate answers: told nothing, it returns.
pub type Answer = Box<dyn Fn(&Call) -> Result<(), CallbackError> + Send + Sync>;

/// Remembers its calls.
pub struct Recorder {
    told: Arc<Told>,
    answer: Answer,
}

/// What was told, for who waits for it. Outlives the delegate.
#[derive(Default)]
pub struct Told {
    calls: Mutex<Vec<Call>>,
    changed: Condvar,
}

impl Recorder {
    /// One that returns from every call.
    pub fn new() -> (Arc<Recorder>, Arc<Told>) {
        Recorder::answering(|_| Ok(()))
    }

    /// One that does something in each call. It is remembered before.
    pub fn answering(
        answer: impl Fn(&Call) -> Result<(), CallbackError> + Send + Sync + 'static,
    ) -> (Arc<Recorder>, Arc<Told>) {
        let told = Arc::new(Told::default());
        let recorder = Recorder {
            told: Arc::clone(&told),
            answer: Box::new(answer),
        };
        (Arc::new(recorder), told)
    }

    fn tell(&self, call: Call) -> Result<(), CallbackError> {
        self.told.lock().push(call.clone());
        self.told.changed.notify_all();
        (self.answer)(&call)
    }
}

impl Told {
    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many calls are like this.
    pub fn count(&self, is: impl Fn(&Call) -> bool) -> usize {
        self.lock().iter().filter(|call| is(call)).count()
    }

    /// Waits until so many calls are like this.
    pub fn wait_for(&self, count: usize, is: impl Fn(&Call) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut calls = self.lock();
        while calls.iter().filter(|call| is(call)).count() < count {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited in vain: {calls:#?}");
            calls = match self.changed.wait_timeout(calls, left) {
                Ok((calls, _)) => calls,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    /// Waits until the session has ended.
    pub fn wait_until_invalid(&self) {
        self.wait_for(1, |call| *call == Call::Invalid);
    }
}

impl SessionDelegate for Recorder {
    fn did_create_task(&self, task: TaskInfo) -> Result<(), CallbackError> {
        self.tell(Call::Created(task.id))
    }

    fn task_is_waiting(&self, task: TaskInfo, reason: WaitReason) -> Result<(), CallbackError> {
        self.tell(Call::Waiting(task.id, reason))
    }

    fn will_perform_redirection(
        &self,
        task: TaskInfo,
        _: Response,
        url: String,
    ) -> Result<bool, CallbackError> {
        self.tell(Call::Redirecting(task.id, url)).map(|()| true)
    }

    fn did_resume_at_offset(
        &self,
        task: TaskInfo,
        offset: u64,
        _: Option<u64>,
    ) -> Result<(), CallbackError> {
        self.tell(Call::Resumed(task.id, offset))
    }

    fn did_receive_response(
        &self,
        task: TaskInfo,
        response: Response,
    ) -> Result<(), CallbackError> {
        self.tell(Call::Responded(task.id, response.status))
    }

    fn did_restart(
        &self,
        task: TaskInfo,
        reason: RestartReason,
        _: u64,
    ) -> Result<(), CallbackError> {
        self.tell(Call::Restarted(task.id, reason))
    }

    fn did_write_data(&self, task: TaskInfo, progress: Progress) -> Result<(), CallbackError> {
        self.tell(Call::Progressed(task.id, progress.received))
    }

    fn did_finish_collecting_metrics(
        &self,
        task: TaskInfo,
        _: TaskMetrics,
    ) -> Result<(), CallbackError> {
        self.tell(Call::Metrics(task.id))
    }

    fn did_finish_downloading_to(
        &self,
        task: TaskInfo,
        file: DownloadedFile,
    ) -> Result<(), CallbackError> {
        self.tell(Call::File(task.id, file.location))
    }

    fn did_complete(&self, task: TaskInfo, error: Option<ErrorInfo>) -> Result<(), CallbackError> {
        self.tell(Call::Completed(task.id, error))
    }

    fn did_finish_events_for_background_session(&self) -> Result<(), CallbackError> {
        self.tell(Call::EventsFinished)
    }

    fn did_cancel_unknown_transfer(&self, transfer: TransferId) -> Result<(), CallbackError> {
        self.tell(Call::UnknownTransfer(transfer))
    }

    fn did_recover_store(&self, _: StoreRecovery) -> Result<(), CallbackError> {
        self.tell(Call::Recovered)
    }

    fn did_become_invalid(&self, _: Option<ErrorInfo>) -> Result<(), CallbackError> {
        self.tell(Call::Invalid)
    }
}
