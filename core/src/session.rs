//! A session: the configuration, the delegate and the tasks under one identifier (rules S1–S8, C).

mod handle;
mod leaving;
mod open;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::clock;
use crate::conditions::SystemConditions;
use crate::configuration::{Background, Foreground, SessionConfiguration};
use crate::delegate::{DelegateQueue, SessionDelegate, StoreRecovery};
use crate::driver::{self, Mail, SessionStatus};
use crate::engine::policy::Needs;
use crate::engine::{state_of_row, task_info};
use crate::error::{Error, ErrorKind, Result};
use crate::inspector::JournalEvent;
use crate::new_task::Start;
use crate::request::Request;
use crate::resume_data::ResumeData;
use crate::store::Store;
#[cfg(feature = "testkit")]
use crate::store::TaskRow;
use crate::task::DownloadTask;
use crate::task_id::TaskId;
use crate::task_state::TaskInfo;
use crate::wake::WakeTicket;

use handle::Handle;

/// Tasks created in one call for which `did_create_task` is called. Past it the caller has the
/// handles, and a hundred thousand calls would only delay the others.
const CREATED_CALLS_LIMIT: usize = 256;

/// The longest page of tasks or events.
const PAGE_LIMIT: usize = 1000;

/// The session of a default or ephemeral configuration has no name; its store is its own.
const UNNAMED: &str = "";

/// Downloads for an app, by one configuration, told to one delegate.
///
/// Clones are handles to the same session. When the last handle (tasks are handles too) is dropped
/// without [`finish_tasks_and_invalidate`](Session::finish_tasks_and_invalidate), a background
/// session ends as if the process had died, only tidily: transfers stop and keep their bytes, and
/// the next session with the identifier goes on. The drop waits for that, at most ten seconds for
/// transfers, and for the delegate method that runs just now, unless it happens in one: then the session
/// ends after that.
///
/// **Threading.** Every method may be called on any thread, from within delegate methods too.
/// Methods that write return when the change is durable: a few milliseconds on most disks.
///
/// ```no_run
/// # use std::sync::Arc;
/// # struct App; impl backhaul::SessionDelegate for App {}
/// # fn main() -> Result<(), backhaul::Error> {
/// use backhaul::{Request, Session, SessionConfiguration};
///
/// let configuration = SessionConfiguration::background("com.example.maps")?;
/// let session = Session::background(configuration, Arc::new(App), Default::default())?;
/// session.download_task(Request::new("https://example.com/alps.mbtiles")?)?.resume()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Session(pub(crate) Arc<Handle>);

/// The delegate of a session that was made without one.
struct Nobody;
impl SessionDelegate for Nobody {}

impl Session {
    /// Makes a default or ephemeral session. It ends with the process (rule S8).
    ///
    /// # Errors
    /// [`ErrorKind::System`], [`ErrorKind::Tls`] for a root certificate that cannot be read,
    /// [`ErrorKind::InvalidDestination`] for a base directory that is not absolute.
    pub fn new(
        configuration: SessionConfiguration<Foreground>,
        delegate: Option<Arc<dyn SessionDelegate>>,
        queue: DelegateQueue,
    ) -> Result<Session> {
        let store = Store::in_memory(configuration.settings.machine.now())?;
        let delegate = delegate.unwrap_or_else(|| Arc::new(Nobody));
        Session::open(configuration.settings, store, None, None, delegate, queue)
    }

    /// Makes a background session, or makes it again after a launch: its tasks are there and go on
    /// (rule S7), and what the delegate missed is delivered. A session of this process with the identifier
    /// that is just ending, or whose delegate is just called, is waited for: at most five seconds.
    ///
    /// # Errors
    /// [`ErrorKind::SessionInUse`] when the identifier is held by a live session, in this process or
    /// another (rule C1); [`ErrorKind::ContainerInUse`] when another process holds the container;
    /// [`ErrorKind::StoreTooNew`], [`ErrorKind::Store`] when the store cannot be opened (a damaged
    /// one is replaced and reported, rule D6); and those of [`Session::new`].
    pub fn background(
        configuration: SessionConfiguration<Background>,
        delegate: Arc<dyn SessionDelegate>,
        queue: DelegateQueue,
    ) -> Result<Session> {
        let settings = configuration.settings;
        let container = settings
            .container
            .clone()
            .unwrap_or_else(crate::default_container);
        let identifier = settings.identifier.clone().unwrap_or_default();
        let opened = leaving::after(&container, &identifier, || {
            settings.machine.open_store(&container, &identifier)
        })?;
        let recovery = opened.recovery.map(StoreRecovery::from);
        let session = Session::open(
            settings,
            opened.store,
            opened.lock,
            recovery,
            delegate,
            queue,
        )?;
        leaving::note(&container, &identifier, &session.0.shared);
        Ok(session)
    }

    /// The identifier of a background session.
    #[must_use]
    pub fn identifier(&self) -> Option<&str> {
        self.0.settings.identifier.as_deref()
    }

    /// Makes a download task, suspended (rule S3). It survives power loss when this returns (D1).
    ///
    /// # Errors
    /// Before anything is written: [`ErrorKind::PlainHttpNotAllowed`],
    /// [`ErrorKind::InvalidDestination`], [`ErrorKind::DestinationInUse`],
    /// [`ErrorKind::SecretNotStorable`] for a secret in a background session's request,
    /// [`ErrorKind::InvalidRequest`], [`ErrorKind::SessionInvalidated`]. Then
    /// [`ErrorKind::NoSpace`] and [`ErrorKind::Store`].
    pub fn download_task(&self, request: Request) -> Result<DownloadTask> {
        let tasks = self.create(std::iter::once(Ok(request)), false)?;
        tasks
            .into_iter()
            .next()
            .ok_or_else(|| Error::new(ErrorKind::Store, "the store made no task"))
    }

    /// Makes many tasks, suspended, in one commit: all of them, or none.
    ///
    /// # Errors
    /// As [`Session::download_task`].
    pub fn download_tasks(
        &self,
        requests: impl IntoIterator<Item = Request>,
    ) -> Result<Vec<DownloadTask>> {
        self.create(requests.into_iter().map(Ok), false)
    }

    /// Makes many tasks and resumes them, in one commit. The requests are streamed: only the handles
    /// are in memory together. They are drawn while the store's transaction is open: an iterator must
    /// not call the session. An `Err` among them, or any other error: nothing is written.
    ///
    /// # Errors
    /// The first `Err` of the requests; else as [`Session::download_task`].
    pub fn enqueue(
        &self,
        requests: impl IntoIterator<Item = Result<Request>>,
    ) -> Result<Vec<DownloadTask>> {
        self.create(requests.into_iter(), true)
    }

    /// Makes a task that goes on from what another one had when it was cancelled with
    /// [`DownloadTask::cancel_by_producing_resume_data`] (rule L4). Suspended.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidResumeData`] when it is damaged, of another version, or of another
    /// container; else as [`Session::download_task`].
    pub fn download_task_with_resume_data(&self, data: &ResumeData) -> Result<DownloadTask> {
        self.download_task(data.to_request(self.0.store.token())?)
    }

    fn create(
        &self,
        requests: impl Iterator<Item = Result<Request>>,
        resumed: bool,
    ) -> Result<Vec<DownloadTask>> {
        self.0.shared.check_usable()?;
        let now = self.0.settings.machine.now();
        let start = self.0.start(resumed);
        if start == Start::InBackground {
            // Before the tasks are there: the launch limiter must know before they could begin.
            self.0.mailbox.post(Mail::StartsInBackground);
        }
        let rows = requests.map(|request| self.0.new_task(request?, start, now));
        // Once every request is read: from then on the tasks may be there, and start.
        let mut hold = None;
        let held = std::iter::from_fn(|| {
            hold.get_or_insert_with(|| self.0.dispatcher.hold_for_creation());
            None
        });
        let made = self
            .0
            .store
            .enqueue(self.0.session, &mut rows.chain(held))?;
        let new = made.iter().filter(|task| !task.existed).count() as u64;
        let (active, suspended) = if resumed { (new, 0) } else { (0, new) };
        self.0.shared.note_new(active, suspended);
        self.0.mailbox.post(Mail::Enqueued);
        if made.len() <= CREATED_CALLS_LIMIT {
            let new = made.iter().filter(|task| !task.existed);
            for task in new {
                self.tell_created(task.id, now)?;
            }
        }
        drop(hold);
        Ok(made
            .into_iter()
            .map(|task| DownloadTask::new(self.clone(), task.id))
            .collect())
    }

    fn tell_created(&self, id: TaskId, now: clock::Moment) -> Result<()> {
        if let Some(row) = self.0.store.task(self.0.session, id).wait()? {
            let state = state_of_row(&row, Needs::NONE, now);
            self.0.dispatcher.created(task_info(&row, state));
        }
        Ok(())
    }

    /// The task with this id, completed ones included.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`], [`ErrorKind::Store`].
    pub fn task(&self, id: TaskId) -> Result<DownloadTask> {
        match self.0.store.task(self.0.session, id).wait()? {
            Some(_) => Ok(DownloadTask::new(self.clone(), id)),
            None => Err(driver::unknown_task(id)),
        }
    }

    /// The task that the app named so, if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    pub fn task_with_caller_id(&self, caller_id: &str) -> Result<Option<DownloadTask>> {
        let found = self
            .0
            .store
            .find_by_caller_id(self.0.session, caller_id)
            .wait()?;
        Ok(found.map(|row| DownloadTask::new(self.clone(), row.id)))
    }

    /// A page of the session's tasks in the order of their ids, completed ones included; at most
    /// 1,000.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    pub fn tasks_after(&self, after: Option<TaskId>, limit: usize) -> Result<Vec<TaskInfo>> {
        let limit = limit.min(PAGE_LIMIT);
        self.0.ask(|answer| Mail::Tasks {
            after,
            limit,
            answer,
        })
    }

    /// A page of the journal: the ends of tasks after `sequence`, delivered ones included.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    pub fn events_after(&self, sequence: i64, limit: usize) -> Result<Vec<JournalEvent>> {
        let limit = limit.min(PAGE_LIMIT);
        let rows = self
            .0
            .store
            .journal_after(self.0.session, sequence, limit, false)
            .wait()?;
        Ok(rows.into_iter().map(JournalEvent::from).collect())
    }

    /// Where tasks stand whose rows were just read.
    #[cfg(feature = "testkit")]
    pub(crate) fn states(&self, rows: &[TaskRow]) -> Result<Vec<(TaskId, crate::TaskState)>> {
        let rows = rows.to_vec();
        self.0.ask(|answer| Mail::States(rows, answer))
    }

    /// What the session does right now.
    #[must_use]
    pub fn status(&self) -> SessionStatus {
        self.0.shared.status()
    }

    /// Waits until `done` says yes, the session has ended or the time is up, and returns the last
    /// status. Wakes on changes only. Not for delegate methods: it would wait for itself.
    pub fn wait_until(
        &self,
        timeout: Option<Duration>,
        done: impl FnMut(&SessionStatus) -> bool,
    ) -> SessionStatus {
        self.0.wait_until(timeout, done)
    }

    /// Tells the session what the system is like now (rule P2). Running transfers that are no
    /// longer allowed stop and keep their bytes; waiting ones are looked at again.
    pub fn set_conditions(&self, conditions: SystemConditions) {
        let is_in_front = conditions.app_state.is_in_front();
        self.0.is_in_front.store(is_in_front, Ordering::Relaxed);
        self.0.mailbox.post(Mail::Conditions(conditions));
    }

    /// Hands a wake of the platform to the session, in one call (rule S5). When nothing moves and
    /// nothing more can run now, what the journal holds has been delivered and
    /// `did_finish_events_for_background_session` has returned, the ticket is completed, on the
    /// delegate queue. A session that has ended completes it at once.
    ///
    /// Shortly before the limit of the ticket, transfers of this process stop unless the app is in
    /// front or another wake goes on; they keep their bytes and wait as `wake_budget`. At the limit the
    /// ticket is completed whatever the delegate does: what it was not told then stays in the
    /// journal (rule W3).
    pub fn handle_background_events(&self, ticket: WakeTicket) {
        self.0.mailbox.post(Mail::Wake(ticket));
    }

    /// The platform takes back the wakes that it lent, before their limit: watchOS's
    /// `expirationHandler`, Android's `onStopJob`. Transfers of an app that is not in front stop and keep
    /// their bytes, what is journaled is delivered, and every ticket is completed within two seconds.
    pub fn expire_background_events(&self) {
        self.0.mailbox.post(Mail::WakesExpire);
    }

    /// Takes no new tasks, finishes those there are, calls `did_become_invalid`, and ends (C3).
    /// Returns at once. A task that is suspended keeps the session until it is resumed or cancelled.
    pub fn finish_tasks_and_invalidate(&self) {
        self.0.shared.invalidate();
        self.0.mailbox.post(Mail::Invalidate { cancel: false });
    }

    /// Takes no new tasks, cancels those there are, calls `did_become_invalid`, and ends (C3).
    /// Returns at once.
    pub fn invalidate_and_cancel(&self) {
        self.0.shared.invalidate();
        self.0.mailbox.post(Mail::Invalidate { cancel: true });
    }

    /// Removes completed tasks whose end was delivered. Their caller ids are free again; their
    /// files stay. Tasks that nobody forgets are removed seven days after their end.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when one of them is not completed or not yet delivered,
    /// [`ErrorKind::UnknownTask`], [`ErrorKind::Store`]: then none is removed.
    pub fn forget(&self, ids: &[TaskId]) -> Result<()> {
        self.0.store.forget(self.0.session, ids).wait()
    }

    /// Replaces the free text of some tasks (rule L3), in one commit.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`], [`ErrorKind::Store`].
    pub fn set_metadata(&self, ids: &[TaskId], text: &str) -> Result<()> {
        let (ids, text) = (ids.to_vec(), text.to_owned());
        self.0.ask(|answer| Mail::SetMetadata { ids, text, answer })
    }
}
