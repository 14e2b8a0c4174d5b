//! The one call of every launch (rule W5): the sessions that the store knows are made again, and what
//! the app no longer knows is reported. Nothing is delivered before its session is reconciled.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::conditions::SystemConditions;
use crate::configuration::{Background, PreviousExit, SessionConfiguration};
use crate::delegate::{DelegateQueue, SessionDelegate, StoreRecovery};
use crate::driver::{self, Machine};
use crate::error::{Error, ErrorKind, Result};
use crate::session::Session;
use crate::wake::{WakeScheduler, WakeTicket};

/// The background sessions of one container.
///
/// An app makes it first of all at every launch, in the foreground or for a wake, and keeps it. It
/// makes the sessions again that have tasks or undelivered ends; others are made with
/// [`open`](Backhaul::open) when the app wants them.
///
/// ```no_run
/// # use std::sync::Arc;
/// # struct App; impl backhaul::SessionDelegate for App {}
/// use backhaul::{Backhaul, Launch, LaunchOptions, SessionConfiguration, WakeTicket};
///
/// # fn main() -> Result<(), backhaul::Error> {
/// # let (container, complete) = ("/var/lib/example", || {});
/// let app: Arc<App> = Arc::new(App);
/// let backhaul = Backhaul::launch(container, LaunchOptions::default(), |identifier| {
///     let configuration = match identifier {
///         "com.example.maps" => SessionConfiguration::background(identifier).ok()?,
///         _ => return None,
///     };
///     Some(Launch::new(configuration, app.clone()))
/// })?;
/// // Where the platform wakes the app for a session:
/// backhaul.handle_background_events("com.example.maps", WakeTicket::new(complete));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Backhaul {
    container: PathBuf,
    options: LaunchOptions,
    state: Mutex<State>,
    unknown: Vec<String>,
    failed: Vec<(String, Error)>,
    recovery: Option<StoreRecovery>,
}

#[derive(Debug)]
struct State {
    sessions: Vec<Session>,
    conditions: Option<SystemConditions>,
}

/// What one session is made of.
#[derive(Clone)]
pub struct Launch {
    pub(crate) configuration: SessionConfiguration<Background>,
    delegate: Arc<dyn SessionDelegate>,
    queue: DelegateQueue,
}

impl Launch {
    /// A session with this configuration and delegate, which is called on a thread of the session's
    /// own.
    #[must_use]
    pub fn new(
        configuration: SessionConfiguration<Background>,
        delegate: Arc<dyn SessionDelegate>,
    ) -> Launch {
        Launch {
            configuration,
            delegate,
            queue: DelegateQueue::default(),
        }
    }

    /// The delegate is called there.
    #[must_use]
    pub fn queue(mut self, queue: DelegateQueue) -> Launch {
        self.queue = queue;
        self
    }

    /// Makes the session by itself, without the others of its container.
    ///
    /// # Errors
    /// As [`Session::background`].
    pub fn session(self) -> Result<Session> {
        Session::background(self.configuration, self.delegate, self.queue)
    }
}

impl std::fmt::Debug for Launch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Launch")
            .field("configuration", &self.configuration)
            .finish_non_exhaustive()
    }
}

/// What the platform says at a launch.
#[derive(Clone)]
pub struct LaunchOptions {
    conditions: Option<SystemConditions>,
    scheduler: Option<Arc<dyn WakeScheduler>>,
    previous_exit: PreviousExit,
    machine: Arc<dyn Machine>,
    simulate: Option<Simulate>,
}

/// What a simulation makes of a session's parts.
pub(crate) type Simulate = Arc<dyn Fn(Launch) -> Launch + Send + Sync>;

impl Default for LaunchOptions {
    /// The configurations say it all.
    fn default() -> LaunchOptions {
        LaunchOptions {
            conditions: None,
            scheduler: None,
            previous_exit: PreviousExit::default(),
            machine: driver::threads(),
            simulate: None,
        }
    }
}

impl std::fmt::Debug for LaunchOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LaunchOptions")
            .field("conditions", &self.conditions)
            .field("previous_exit", &self.previous_exit)
            .finish_non_exhaustive()
    }
}

impl LaunchOptions {
    /// What the system is like, for every session in place of what its configuration says. A launch
    /// in the background says so here: nothing that must not run then starts in between.
    #[must_use]
    pub fn conditions(mut self, conditions: SystemConditions) -> Self {
        self.conditions = Some(conditions);
        self
    }

    /// Who asks for wakes, for sessions whose configuration names nobody.
    #[must_use]
    pub fn wake_scheduler(mut self, scheduler: Arc<dyn WakeScheduler>) -> Self {
        self.scheduler = Some(scheduler);
        self
    }

    /// How the process before this one ended (rule W6). After a force-quit the tasks that it had in
    /// hand report that or go on, by each session's
    /// [`force_quit_policy`](SessionConfiguration::force_quit_policy): with a platform's service those
    /// that were started and that it no longer has; without one, all that were running or next in line.
    #[must_use]
    pub fn previous_exit(mut self, exit: PreviousExit) -> Self {
        self.previous_exit = exit;
        self
    }

    /// On another machine: a simulated process.
    #[cfg(feature = "testkit")]
    #[allow(dead_code, reason = "the simulator launches with it")]
    pub(crate) fn machine(mut self, machine: Arc<dyn Machine>) -> Self {
        self.machine = machine;
        self
    }

    /// Every session is made of what this makes of its parts.
    #[cfg(feature = "testkit")]
    pub(crate) fn simulated(mut self, simulate: Simulate) -> Self {
        self.simulate = Some(simulate);
        self
    }
}

impl Backhaul {
    /// Makes the sessions again that have something left to do or to tell. `make` gives the parts of
    /// the session with an identifier, or none if this version of the app no longer knows it: its
    /// tasks and undelivered ends stay in the store.
    ///
    /// # Errors
    /// [`ErrorKind::ContainerInUse`], [`ErrorKind::StoreTooNew`], [`ErrorKind::Store`] when the store
    /// cannot be opened. A session that cannot be made stops no other: see
    /// [`failed_sessions`](Backhaul::failed_sessions).
    pub fn launch(
        container: impl Into<PathBuf>,
        options: LaunchOptions,
        mut make: impl FnMut(&str) -> Option<Launch>,
    ) -> Result<Backhaul> {
        let container = container.into();
        // Kept open until its sessions hold it.
        let opened = options.machine.open_container(&container)?;
        let known = opened.store.unfinished_sessions().wait()?;
        let mut backhaul = Backhaul {
            state: Mutex::new(State {
                sessions: Vec::new(),
                conditions: options.conditions,
            }),
            container,
            options,
            unknown: Vec::new(),
            failed: Vec::new(),
            recovery: opened.recovery.map(StoreRecovery::from),
        };
        for identifier in known {
            let Some(launch) = make(&identifier) else {
                log::warn!(
                    "session {identifier:?} has tasks or events, and the app does not know it"
                );
                backhaul.unknown.push(identifier);
                continue;
            };
            let made = check_identifier(&launch, &identifier).and_then(|()| backhaul.make(launch));
            if let Err(error) = made {
                log::error!("session {identifier:?} could not be made again: {error}");
                backhaul.failed.push((identifier, error));
            }
        }
        if backhaul.recovery.is_some() {
            opened.store.acknowledge_recovery();
        }
        Ok(backhaul)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session with this identifier: the one that the launch made again, or else a new one, in
    /// this container, under the last conditions.
    ///
    /// # Errors
    /// As [`Session::background`].
    pub fn open(&self, launch: Launch) -> Result<Session> {
        let live = launch
            .configuration
            .identifier()
            .and_then(|identifier| self.session(identifier));
        match live {
            Some(session) => Ok(session),
            None => self.make(launch),
        }
    }

    fn make(&self, launch: Launch) -> Result<Session> {
        let launch = match &self.options.simulate {
            Some(simulate) => simulate(launch),
            None => launch,
        };
        let mut configuration = launch.configuration.container(&self.container);
        let settings = &mut configuration.settings;
        settings.machine = Arc::clone(&self.options.machine);
        settings.previous_exit = self.options.previous_exit;
        if settings.wake_scheduler.is_none() {
            settings.wake_scheduler = self.options.scheduler.clone();
        }
        if let Some(conditions) = self.lock().conditions {
            settings.conditions = conditions;
        }
        let session = Session::background(configuration, launch.delegate, launch.queue)?;
        let mut state = self.lock();
        // Those that have ended are no longer of use.
        state.sessions.retain(|session| !session.status().closed);
        state.sessions.push(session.clone());
        Ok(session)
    }

    /// The live session with this identifier.
    #[must_use]
    pub fn session(&self, identifier: &str) -> Option<Session> {
        let state = self.lock();
        let mut live = state.sessions.iter().filter(|s| !s.status().closed);
        live.find(|session| session.identifier() == Some(identifier))
            .cloned()
    }

    /// The sessions that the launch made again and those that were opened since.
    #[must_use]
    pub fn sessions(&self) -> Vec<Session> {
        self.lock().sessions.clone()
    }

    /// Identifiers that the store knows and `make` did not. Nothing of them is lost: a later launch
    /// that knows them goes on.
    #[must_use]
    pub fn unknown_sessions(&self) -> &[String] {
        &self.unknown
    }

    /// Sessions that could not be made again, and why.
    #[must_use]
    pub fn failed_sessions(&self) -> &[(String, Error)] {
        &self.failed
    }

    /// The store was damaged and has been replaced by an empty one (rule D6).
    #[must_use]
    pub fn recovery(&self) -> Option<&StoreRecovery> {
        self.recovery.as_ref()
    }

    /// The container's directory.
    #[must_use]
    pub fn container(&self) -> &Path {
        &self.container
    }

    /// Hands a wake to the session that it is for (rule S5). Without such a session it is completed
    /// at once: then this returns false.
    pub fn handle_background_events(&self, identifier: &str, ticket: WakeTicket) -> bool {
        match self.session(identifier) {
            Some(session) => {
                session.handle_background_events(ticket);
                true
            }
            None => false,
        }
    }

    /// Hands a wake that is for no session in particular to all of them: an app refresh, a job of
    /// `JobScheduler`. It is completed when the last one is done with it.
    pub fn handle_wake(&self, ticket: WakeTicket) {
        let sessions = self.sessions();
        for (session, ticket) in sessions.iter().zip(ticket.split(sessions.len())) {
            session.handle_background_events(ticket);
        }
    }

    /// The platform takes back the wakes that it lent, before their limit: every session's
    /// [`expire_background_events`](Session::expire_background_events).
    pub fn expire_background_events(&self) {
        for session in self.sessions() {
            session.expire_background_events();
        }
    }

    /// Tells every session what the system is like now (rule P2).
    pub fn set_conditions(&self, conditions: SystemConditions) {
        let sessions = {
            let mut state = self.lock();
            state.conditions = Some(conditions);
            state.sessions.clone()
        };
        for session in sessions {
            session.set_conditions(conditions);
        }
    }
}

fn check_identifier(launch: &Launch, identifier: &str) -> Result<()> {
    if launch.configuration.identifier() == Some(identifier) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidIdentifier,
        format!("the configuration for session {identifier:?} has another identifier"),
    ))
}
