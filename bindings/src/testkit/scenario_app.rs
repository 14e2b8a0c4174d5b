//! The app of a scenario in another language: its API does what the steps say that the app does.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use backhaul::sim::{
    App, NewTask, Profile, SCENARIO_SESSION, Scenario, ScenarioApp, SessionSetup, Span,
};
use backhaul::{Error, ErrorKind, TaskId};

use crate::background_sessions::BackgroundSessions;
use crate::callback_error::CallbackError;
use crate::digest::Digest;
use crate::session::SessionParts;

/// The session that a scenario's app makes. What is none keeps a background session's default.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ScenarioSession {
    /// Its identifier.
    pub identifier: String,
    /// With the limits of a watch.
    pub is_watch: bool,
    /// Whether the system may choose the time.
    pub is_discretionary: Option<bool>,
    /// How long an attempt may go without a byte.
    pub timeout_for_request: Option<Duration>,
    /// How long a task may take, waits included.
    pub timeout_for_resource: Option<Duration>,
    /// Whether mobile networks may be used.
    pub allows_cellular: bool,
    /// Whether networks that cost money may be used.
    pub allows_expensive: bool,
    /// Whether networks in Low Data Mode may be used.
    pub allows_constrained: bool,
    /// Whether the app is woken for its events.
    pub sends_launch_events: bool,
    /// Transfers at a time in all.
    pub max_concurrent_transfers: Option<u32>,
    /// Transfers at a time to one host.
    pub max_connections_per_host: Option<u32>,
    /// Tasks that a force-quit ended are asked for again, rather than reported as cancelled.
    pub requeues_after_force_quit: bool,
}

/// A task that a scenario's app asks for: its caller id is its name, and its destination in the container
/// as well.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct ScenarioTask {
    /// Its name.
    pub name: String,
    /// Where the object is.
    pub url: String,
    /// From 0.0 to 1.0.
    pub priority: Option<f32>,
    /// Not before this time.
    pub earliest_begin_date: Option<SystemTime>,
    /// Whether mobile networks may be used.
    pub allows_cellular: bool,
    /// Whether networks that cost money may be used.
    pub allows_expensive: bool,
    /// Whether networks in Low Data Mode may be used.
    pub allows_constrained: bool,
    /// Whether the system may choose the time.
    pub is_discretionary: Option<bool>,
    /// How many bytes the app says will come.
    pub expected_bytes: Option<u64>,
    /// The object's digest.
    pub expected_digest: Option<Digest>,
    /// A tag for several tasks.
    pub group: Option<String>,
    /// Tasks made before that must succeed first.
    pub after: Vec<i64>,
    /// Tasks of the same list that must succeed first: their places in it, from 0.
    pub after_places: Vec<u32>,
}

/// Plays the app of a scenario: with its language's own API, which is what is tested by it. Called on the
/// thread that plays. What it throws ends the play, with the step's place and the text.
#[uniffi::export(foreign)]
pub trait ScenarioHost: Send + Sync {
    /// The parts of the app's session. Called at every launch.
    fn make_session(&self, session: ScenarioSession) -> Result<SessionParts, CallbackError>;

    /// The session is made, and its delegate was not called yet. It is the one that the following is about,
    /// until the next launch.
    fn launched(&self, sessions: Arc<BackgroundSessions>) -> Result<(), CallbackError>;

    /// Makes tasks and resumes them in one commit; their ids in that order.
    fn enqueue(&self, tasks: Vec<ScenarioTask>) -> Result<Vec<i64>, CallbackError>;

    /// Makes one task, which stays suspended; its id.
    fn make_task(&self, task: ScenarioTask) -> Result<i64, CallbackError>;

    /// Resumes a task.
    fn resume(&self, task: i64) -> Result<(), CallbackError>;

    /// Pauses a task.
    fn suspend(&self, task: i64) -> Result<(), CallbackError>;

    /// Cancels a task.
    fn cancel(&self, task: i64) -> Result<(), CallbackError>;

    /// How often the session's delegate was told of the task's end, over all launches.
    fn told(&self, task: i64) -> Result<u64, CallbackError>;
}

/// The other language's app of one scenario as the core's.
pub(super) struct HostApp {
    host: Arc<dyn ScenarioHost>,
    session: ScenarioSession,
}

impl HostApp {
    pub fn new(host: Arc<dyn ScenarioHost>, scenario: &Scenario) -> HostApp {
        HostApp {
            host,
            session: session_of(scenario.profile, &scenario.session),
        }
    }
}

impl App for HostApp {
    fn sessions(&self) -> backhaul::Result<Vec<String>> {
        Ok(vec![self.session.identifier.clone()])
    }

    fn session(&self, _: &str) -> backhaul::Result<Option<backhaul::Launch>> {
        let parts = self.host.make_session(self.session.clone())?;
        Ok(Some(parts.into_launch()?))
    }

    fn launched(
        &self,
        backhaul: Arc<backhaul::Backhaul>,
        unmade: Vec<(String, backhaul::Error)>,
    ) -> backhaul::Result<()> {
        Ok(self
            .host
            .launched(BackgroundSessions::of(backhaul, unmade))?)
    }
}

impl ScenarioApp for HostApp {
    fn enqueue(
        &self,
        _: &backhaul::Session,
        tasks: &[NewTask<'_>],
    ) -> backhaul::Result<Vec<TaskId>> {
        let made = match tasks {
            [task] if task.asked.suspended => {
                vec![self.host.make_task(ScenarioTask::from(task))?]
            }
            tasks => {
                let tasks = tasks.iter().map(ScenarioTask::from).collect();
                self.host.enqueue(tasks)?
            }
        };
        if made.len() != tasks.len() {
            let text = format!("the app made {} tasks of {}", made.len(), tasks.len());
            return Err(Error::new(ErrorKind::System, text));
        }
        Ok(made.into_iter().map(TaskId::from_i64).collect())
    }

    fn resume(&self, _: &backhaul::Session, task: TaskId) -> backhaul::Result<()> {
        Ok(self.host.resume(task.as_i64())?)
    }

    fn suspend(&self, _: &backhaul::Session, task: TaskId) -> backhaul::Result<()> {
        Ok(self.host.suspend(task.as_i64())?)
    }

    fn cancel(&self, _: &backhaul::Session, task: TaskId) -> backhaul::Result<()> {
        Ok(self.host.cancel(task.as_i64())?)
    }

    fn told(&self, task: TaskId) -> backhaul::Result<u64> {
        Ok(self.host.told(task.as_i64())?)
    }
}

fn session_of(profile: Profile, setup: &SessionSetup) -> ScenarioSession {
    ScenarioSession {
        identifier: SCENARIO_SESSION.to_owned(),
        is_watch: profile == Profile::Watch,
        is_discretionary: setup.discretionary,
        timeout_for_request: setup.timeout_for_request.map(Span::duration),
        timeout_for_resource: setup.timeout_for_resource.map(Span::duration),
        allows_cellular: setup.allows_cellular.unwrap_or(true),
        allows_expensive: setup.allows_expensive.unwrap_or(true),
        allows_constrained: setup.allows_constrained.unwrap_or(true),
        sends_launch_events: setup.sends_launch_events.unwrap_or(true),
        max_concurrent_transfers: setup.max_concurrent_transfers.map(u32::from),
        max_connections_per_host: setup.max_connections_per_host.map(u32::from),
        requeues_after_force_quit: setup.requeues_after_force_quit.unwrap_or(false),
    }
}

impl From<&NewTask<'_>> for ScenarioTask {
    fn from(task: &NewTask<'_>) -> ScenarioTask {
        let asked = task.asked;
        let place = |place: &usize| u32::try_from(*place).unwrap_or(u32::MAX);
        ScenarioTask {
            name: asked.task.clone(),
            url: asked.url.clone(),
            priority: asked.priority,
            earliest_begin_date: task.earliest,
            allows_cellular: !asked.no_cellular,
            allows_expensive: !asked.no_expensive,
            allows_constrained: !asked.no_constrained,
            is_discretionary: asked.discretionary,
            expected_bytes: asked.expect_bytes.map(backhaul::sim::Size::bytes),
            expected_digest: task.digest.as_ref().map(Digest::of),
            group: asked.group.clone(),
            after: task.after.iter().map(|id| id.as_i64()).collect(),
            after_places: task.after_places.iter().map(place).collect(),
        }
    }
}
