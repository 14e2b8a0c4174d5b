//! A session: the configuration, the delegate and the tasks under one identifier (rules S1–S8, C).

use std::sync::Arc;
use std::time::SystemTime;

use backhaul::TaskId;

use crate::conditions::SystemConditions;
use crate::configuration::SessionConfiguration;
use crate::deferral_policy::{DeferralPolicy, Policy};
use crate::delegate::{Delegate, SessionDelegate};
use crate::download_task::DownloadTask;
use crate::error::{BackhaulError, Result};
use crate::executor::{DelegateExecutor, Executor};
use crate::inspector::JournalEvent;
use crate::plan::{PlanStep, plan_of};
use crate::request::Request;
use crate::runtime;
use crate::task_info::{TaskInfo, WaitReason};
use crate::transport::{ForeignTransport, PlatformTransport};
use crate::trust::{Evaluator, TrustEvaluator};
use crate::wake::{Scheduler, WakeScheduler, WakeTicket};

/// What a session is made of.
#[derive(uniffi::Record)]
pub struct SessionParts {
    /// How it behaves.
    pub configuration: SessionConfiguration,
    /// Who is told. Default and ephemeral sessions can do without (rule S2).
    pub delegate: Option<Arc<dyn SessionDelegate>>,
    /// Where the delegate is called; none for a thread of the session's own.
    pub executor: Option<Arc<dyn DelegateExecutor>>,
    /// What moves the bytes, in place of the built-in HTTP.
    pub transport: Option<Arc<dyn PlatformTransport>>,
    /// Who judges the certificates of servers (rule T6).
    pub trust_evaluator: Option<Arc<dyn TrustEvaluator>>,
    /// Who decides when transfers run, in place of the standard policy.
    pub deferral_policy: Option<Arc<dyn DeferralPolicy>>,
    /// Background sessions: who asks the platform for the next wake (rule P6).
    pub wake_scheduler: Option<Arc<dyn WakeScheduler>>,
}

/// How many tasks wait for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct WaitCount {
    /// The reason.
    pub reason: WaitReason,
    /// How many.
    pub count: u64,
}

/// What a session does right now.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SessionStatus {
    /// Tasks whose bytes move or are being made durable.
    pub transferring: u64,
    /// Tasks that were resumed and are not completed; transferring ones included.
    pub active: u64,
    /// Tasks that wait for `resume`.
    pub suspended: u64,
    /// Ends of tasks that the delegate has not yet acknowledged.
    pub undelivered: u64,
    /// When the next waiting task is looked at again at the latest.
    pub next_evaluation: Option<SystemTime>,
    /// How many tasks wait for which reason.
    pub waiting: Vec<WaitCount>,
    /// The session has ended.
    pub closed: bool,
}

impl From<backhaul::SessionStatus> for SessionStatus {
    fn from(status: backhaul::SessionStatus) -> SessionStatus {
        let count = |(reason, count): (backhaul::WaitReason, u64)| WaitCount {
            reason: reason.into(),
            count,
        };
        SessionStatus {
            transferring: status.transferring,
            active: status.active,
            suspended: status.suspended,
            undelivered: status.undelivered,
            next_evaluation: status.next_evaluation,
            waiting: status.waiting.into_iter().map(count).collect(),
            closed: status.closed,
        }
    }
}

/// Downloads for an app, by one configuration, told to one delegate. Every method may be called on any
/// thread, from within delegate methods too; those that write return when the change is durable.
#[derive(uniffi::Object)]
pub struct Session(pub(crate) backhaul::Session);

impl SessionParts {
    fn queue(&mut self) -> backhaul::DelegateQueue {
        match self.executor.take() {
            Some(executor) => backhaul::DelegateQueue::Custom(Arc::new(Executor(executor))),
            None => backhaul::DelegateQueue::Serial,
        }
    }

    /// What every kind has.
    fn apply<Kind>(
        self,
        mut core: backhaul::SessionConfiguration<Kind>,
    ) -> backhaul::SessionConfiguration<Kind> {
        if let Some(transport) = self.transport {
            core = core.transport(Arc::new(ForeignTransport::new(transport)));
        }
        if let Some(evaluator) = self.trust_evaluator {
            core = core.trust_evaluator(Arc::new(Evaluator(evaluator)));
        }
        if let Some(policy) = self.deferral_policy {
            core = core.deferral_policy(Arc::new(Policy(policy)));
        }
        core
    }

    /// The parts of a background session.
    pub(crate) fn into_launch(mut self) -> Result<backhaul::Launch> {
        let Some(configuration) = self.configuration.clone().background() else {
            return Err(BackhaulError::new(
                backhaul::ErrorKind::InvalidIdentifier,
                "only background sessions have an identifier and are made again at a launch",
            ));
        };
        let mut configuration = configuration?;
        if let Some(scheduler) = self.wake_scheduler.take() {
            configuration = configuration.wake_scheduler(Arc::new(Scheduler(scheduler)));
        }
        let Some(delegate) = self.delegate.take() else {
            return Err(BackhaulError::new(
                backhaul::ErrorKind::InvalidRequest,
                "a background session needs a delegate: it is told after the app has been away",
            ));
        };
        let queue = self.queue();
        let launch = backhaul::Launch::new(self.apply(configuration), Arc::new(Delegate(delegate)));
        Ok(launch.queue(queue))
    }
}

#[uniffi::export]
impl Session {
    /// Makes a session of any kind. A background session is made again with its tasks (rule S7).
    ///
    /// # Errors
    /// Those of the core's `Session::new` and `Session::background`, and `invalid_request` for a
    /// background session without a delegate (rule S2).
    #[uniffi::constructor]
    pub fn new(mut parts: SessionParts) -> Result<Arc<Session>> {
        let is_background = parts.configuration.clone().background().is_some();
        let session = if is_background {
            parts.into_launch()?.session()?
        } else {
            let configuration = parts.configuration.clone().foreground()?;
            let delegate = parts.delegate.take();
            let delegate =
                delegate.map(|d| Arc::new(Delegate(d)) as Arc<dyn backhaul::SessionDelegate>);
            let queue = parts.queue();
            backhaul::Session::new(parts.apply(configuration), delegate, queue)?
        };
        Ok(Arc::new(Session(session)))
    }

    /// The identifier of a background session.
    pub fn identifier(&self) -> Option<String> {
        self.0.identifier().map(str::to_owned)
    }

    /// Makes a download task, suspended (rule S3). It survives power loss when this returns (D1).
    pub fn download_task(&self, request: Request) -> Result<Arc<DownloadTask>> {
        let task = self.0.download_task(request.into_core()?)?;
        Ok(DownloadTask::shared(task))
    }

    /// Makes many tasks, suspended, in one commit: all of them, or none.
    pub fn download_tasks(&self, requests: Vec<Request>) -> Result<Vec<Arc<DownloadTask>>> {
        let requests: Result<Vec<_>> = requests.into_iter().map(Request::into_core).collect();
        let tasks = self.0.download_tasks(requests?)?;
        Ok(tasks.into_iter().map(DownloadTask::shared).collect())
    }

    /// Makes many tasks and resumes them, in one commit.
    pub fn enqueue(&self, requests: Vec<Request>) -> Result<Vec<Arc<DownloadTask>>> {
        let requests: Result<Vec<_>> = requests.into_iter().map(Request::into_core).collect();
        let tasks = self.0.enqueue(requests?.into_iter().map(Ok))?;
        Ok(tasks.into_iter().map(DownloadTask::shared).collect())
    }

    /// [`enqueue`](Session::enqueue) without blocking the caller.
    pub async fn enqueue_async(&self, requests: Vec<Request>) -> Result<Vec<Arc<DownloadTask>>> {
        let session = Session(self.0.clone());
        runtime::run(move || session.enqueue(requests)).await
    }

    /// Makes the tasks of a plan and resumes them, in one commit (rule L6).
    pub fn enqueue_plan(&self, steps: Vec<PlanStep>) -> Result<Vec<Arc<DownloadTask>>> {
        let tasks = self.0.enqueue_plan(plan_of(steps)?)?;
        Ok(tasks.into_iter().map(DownloadTask::shared).collect())
    }

    /// Makes a task that goes on from what another one had when it was cancelled (rule L4). Suspended.
    pub fn download_task_with_resume_data(&self, data: String) -> Result<Arc<DownloadTask>> {
        let task = self.0.download_task_with_resume_data(&data.parse()?)?;
        Ok(DownloadTask::shared(task))
    }

    /// The task with this id, completed ones included.
    pub fn task(&self, id: i64) -> Result<Arc<DownloadTask>> {
        let task = self.0.task(TaskId::from_i64(id))?;
        Ok(DownloadTask::shared(task))
    }

    /// The task that the app named so, if there is one.
    pub fn task_with_caller_id(&self, caller_id: String) -> Result<Option<Arc<DownloadTask>>> {
        let task = self.0.task_with_caller_id(&caller_id)?;
        Ok(task.map(DownloadTask::shared))
    }

    /// A page of the session's tasks in the order of their ids; at most 1,000.
    pub fn tasks_after(&self, after: Option<i64>, limit: u32) -> Result<Vec<TaskInfo>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let tasks = self.0.tasks_after(after.map(TaskId::from_i64), limit)?;
        Ok(tasks.iter().map(TaskInfo::from).collect())
    }

    /// [`tasks_after`](Session::tasks_after) without blocking the caller.
    pub async fn tasks_after_async(&self, after: Option<i64>, limit: u32) -> Result<Vec<TaskInfo>> {
        let session = Session(self.0.clone());
        runtime::run(move || session.tasks_after(after, limit)).await
    }

    /// A page of the journal: the ends of tasks after `sequence`, delivered ones included.
    pub fn events_after(&self, sequence: i64, limit: u32) -> Result<Vec<JournalEvent>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let events = self.0.events_after(sequence, limit)?;
        Ok(events.iter().map(JournalEvent::from).collect())
    }

    /// What the session does right now.
    pub fn status(&self) -> SessionStatus {
        self.0.status().into()
    }

    /// Tells the session what the system is like now (rule P2).
    pub fn set_conditions(&self, conditions: SystemConditions) {
        self.0.set_conditions(conditions.into());
    }

    /// Hands a wake of the platform to the session (rule S5). False if the ticket was used before.
    pub fn handle_background_events(&self, ticket: Arc<WakeTicket>) -> bool {
        let ticket = ticket.take();
        let is_new = ticket.is_some();
        if let Some(ticket) = ticket {
            self.0.handle_background_events(ticket);
        }
        is_new
    }

    /// The platform takes back the wakes that it lent, before their limit.
    pub fn expire_background_events(&self) {
        self.0.expire_background_events();
    }

    /// Takes no new tasks, finishes those there are, calls `did_become_invalid`, and ends (C3).
    pub fn finish_tasks_and_invalidate(&self) {
        self.0.finish_tasks_and_invalidate();
    }

    /// Takes no new tasks, cancels those there are, calls `did_become_invalid`, and ends (C3).
    pub fn invalidate_and_cancel(&self) {
        self.0.invalidate_and_cancel();
    }

    /// Removes completed tasks whose end was delivered. Their files stay.
    pub fn forget(&self, ids: Vec<i64>) -> Result<()> {
        let ids: Vec<_> = ids.into_iter().map(TaskId::from_i64).collect();
        Ok(self.0.forget(&ids)?)
    }

    /// Replaces the free text of some tasks (rule L3), in one commit.
    pub fn set_metadata(&self, ids: Vec<i64>, text: String) -> Result<()> {
        let ids: Vec<_> = ids.into_iter().map(TaskId::from_i64).collect();
        Ok(self.0.set_metadata(&ids, &text)?)
    }
}
