//! The app of a scenario: what only an app's own code can do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::step::Enqueue;
use super::{Profile, SessionSetup};
use crate::configuration::{ForceQuitPolicy, SessionConfiguration};
use crate::delegate::SessionDelegate;
use crate::error::{Error, Result};
use crate::launch::Launch;
use crate::plan::Plan;
use crate::protocol::Digest;
use crate::request::{Destination, Request};
use crate::session::Session;
use crate::sim::phone::App;
use crate::task_id::TaskId;
use crate::task_state::TaskInfo;

/// The identifier of the session of every scenario.
pub const SCENARIO_SESSION: &str = "app";

/// An app that scenarios can be played with: it makes the session `app` by the scenario's
/// [`SessionSetup`], and does what the steps say that the app does. Another language plays with one of
/// its own, so that its API is what is tested.
///
/// # Errors
/// Of every method: what the library answered. The play ends then, unless the process died of it.
pub trait ScenarioApp: App {
    /// Enqueues tasks in one commit and resumes them; their ids in that order. A single one may have to
    /// stay suspended.
    fn enqueue(&self, session: &Session, tasks: &[NewTask<'_>]) -> Result<Vec<TaskId>>;
    /// Resumes a task.
    fn resume(&self, session: &Session, task: TaskId) -> Result<()>;
    /// Pauses a task.
    fn suspend(&self, session: &Session, task: TaskId) -> Result<()>;
    /// Cancels a task.
    fn cancel(&self, session: &Session, task: TaskId) -> Result<()>;
    /// How often its delegate was told of the task's end, over all processes.
    fn told(&self, task: TaskId) -> Result<u64>;
}

/// A task that the app asks for, with nothing left to look up.
#[derive(Clone, Debug)]
pub struct NewTask<'a> {
    /// As the scenario says it.
    pub asked: &'a Enqueue,
    /// Not before this time of the phone's clock.
    pub earliest: Option<SystemTime>,
    /// The object's digest, if the app knows it.
    pub digest: Option<Digest>,
    /// Tasks made before that it comes after.
    pub after: Vec<TaskId>,
    /// Tasks of the same list that it comes after, by their places.
    pub after_places: Vec<usize>,
}

/// The app of this crate's own plays: plain Rust on the public API.
pub(in crate::sim) struct PlainApp {
    profile: Profile,
    setup: SessionSetup,
    told: Told,
}

/// How often each task's end was told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<BTreeMap<TaskId, u64>>>);

impl Told {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<TaskId, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionDelegate for Told {
    fn did_complete(&self, task: &TaskInfo, _: Option<&Error>) {
        *self.lock().entry(task.id).or_default() += 1;
    }
}

impl PlainApp {
    pub fn new(profile: Profile, setup: SessionSetup) -> PlainApp {
        PlainApp {
            profile,
            setup,
            told: Told::default(),
        }
    }
}

impl App for PlainApp {
    fn sessions(&self) -> Result<Vec<String>> {
        Ok(vec![SCENARIO_SESSION.to_owned()])
    }

    fn session(&self, identifier: &str) -> Result<Option<Launch>> {
        let setup = &self.setup;
        let session = match self.profile {
            Profile::Watch => SessionConfiguration::watch(identifier),
            Profile::Ios | Profile::Android => SessionConfiguration::background(identifier),
        };
        let mut session = session?
            .allows_cellular_access(setup.allows_cellular.unwrap_or(true))
            .allows_expensive_network_access(setup.allows_expensive.unwrap_or(true))
            .allows_constrained_network_access(setup.allows_constrained.unwrap_or(true))
            .sends_launch_events(setup.sends_launch_events.unwrap_or(true))
            .force_quit_policy(match setup.requeues_after_force_quit {
                Some(true) => ForceQuitPolicy::Requeue,
                _ => ForceQuitPolicy::Report,
            });
        if let Some(discretionary) = setup.discretionary {
            session = session.is_discretionary(discretionary);
        }
        if let Some(timeout) = setup.timeout_for_request {
            session = session.timeout_for_request(timeout.duration());
        }
        if let Some(timeout) = setup.timeout_for_resource {
            session = session.timeout_for_resource(timeout.duration());
        }
        if let Some(transfers) = setup.max_concurrent_transfers {
            session = session.max_concurrent_transfers(usize::from(transfers));
        }
        if let Some(connections) = setup.max_connections_per_host {
            session = session.max_connections_per_host(usize::from(connections));
        }
        Ok(Some(Launch::new(session, Arc::new(self.told.clone()))))
    }
}

impl ScenarioApp for PlainApp {
    fn enqueue(&self, session: &Session, tasks: &[NewTask<'_>]) -> Result<Vec<TaskId>> {
        if let [task] = tasks {
            if task.asked.suspended {
                return Ok(vec![session.download_task(request(task)?)?.id()]);
            }
        }
        let mut plan = Plan::new();
        let mut steps = Vec::new();
        for task in tasks {
            steps.push(plan.add(request(task)?));
        }
        for (task, step) in tasks.iter().zip(&steps) {
            for place in &task.after_places {
                plan.after(*step, steps[*place]);
            }
        }
        let made = session.enqueue_plan(plan)?;
        Ok(made.iter().map(crate::DownloadTask::id).collect())
    }

    fn resume(&self, session: &Session, task: TaskId) -> Result<()> {
        session.task(task)?.resume()
    }

    fn suspend(&self, session: &Session, task: TaskId) -> Result<()> {
        session.task(task)?.suspend()
    }

    fn cancel(&self, session: &Session, task: TaskId) -> Result<()> {
        session.task(task)?.cancel()
    }

    fn told(&self, task: TaskId) -> Result<u64> {
        Ok(self.told.lock().get(&task).copied().unwrap_or(0))
    }
}

fn request(task: &NewTask<'_>) -> Result<Request> {
    let asked = task.asked;
    let mut request = Request::new(&asked.url)?
        .destination(Destination::in_container(asked.task.clone())?)
        .caller_id(asked.task.clone())
        .allows_cellular_access(!asked.no_cellular)
        .allows_expensive_network_access(!asked.no_expensive)
        .allows_constrained_network_access(!asked.no_constrained);
    if let Some(priority) = asked.priority {
        request = request.priority(priority);
    }
    if let Some(earliest) = task.earliest {
        request = request.earliest_begin_date(earliest);
    }
    if let Some(discretionary) = asked.discretionary {
        request = request.is_discretionary(discretionary);
    }
    if let Some(bytes) = asked.expect_bytes {
        request = request.count_of_bytes_client_expects_to_receive(bytes.bytes());
    }
    if let Some(digest) = &task.digest {
        request = request.expected_digest(digest.clone());
    }
    if let Some(group) = &asked.group {
        request = request.group(group.clone());
    }
    for earlier in &task.after {
        request = request.after(*earlier);
    }
    Ok(request)
}
