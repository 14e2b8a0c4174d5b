//! The phone as the stage of a scenario.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{App, Phone};
use crate::clock::duration_ms;
use crate::conditions::{AppState, SystemConditions};
use crate::configuration::{ForceQuitPolicy, SessionConfiguration};
use crate::delegate::SessionDelegate;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::Launch;
use crate::plan::Plan;
use crate::request::{Destination, Request};
use crate::session::Session;
use crate::sim::promises::Wanted;
use crate::sim::scenario::{
    DiskError, DiskFaultStep, Enqueue, Is, NetworkStep, ObjectSetup, RangeSupport, Scenario,
    ServerFault, ServerStep, SessionSetup, Stage, Standing, Validator,
};
use crate::sim::trace::{Entry, Trace, What};
use crate::sim::{Captive, DiskFault, Fault, Object, Profile, Ranges, RetryAfter, Validators};
use crate::store::Phase;
use crate::task_id::TaskId;
use crate::task_state::TaskState;

/// The session of every scenario.
const SESSION: &str = "app";

/// A phone with the app of a scenario.
pub struct PhoneStage {
    phone: Phone,
    setup: SessionSetup,
    /// What the scenario calls the tasks that were made.
    tasks: BTreeMap<String, TaskId>,
}

/// The app of a scenario: one session, and nothing to do when it is told of something.
struct ScenarioApp {
    setup: SessionSetup,
    profile: Profile,
}

struct Nobody;
impl SessionDelegate for Nobody {}

impl App for ScenarioApp {
    fn sessions(&self) -> Vec<String> {
        vec![SESSION.to_owned()]
    }

    fn session(&self, identifier: &str) -> Option<Launch> {
        let setup = &self.setup;
        let mut session = match self.profile {
            Profile::Watch => SessionConfiguration::watch(identifier),
            Profile::Ios | Profile::Android => SessionConfiguration::background(identifier),
        }
        .ok()?
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
        Some(Launch::new(session, Arc::new(Nobody)))
    }
}

impl PhoneStage {
    /// The phone.
    #[must_use]
    pub fn phone(&self) -> &Phone {
        &self.phone
    }

    fn session(&self) -> Result<Session> {
        self.phone
            .session(SESSION)
            .ok_or_else(|| Error::new(ErrorKind::System, "the app does not run"))
    }

    /// The task that the scenario calls so, if it was made.
    fn task(&self, name: &str) -> Result<TaskId> {
        self.tasks.get(name).copied().ok_or_else(|| {
            let text = format!("the app could not make {name}");
            Error::new(ErrorKind::UnknownTask, text)
        })
    }

    fn request(&self, task: &Enqueue) -> Result<Request> {
        let mut request = Request::new(&task.url)?
            .destination(Destination::in_container(task.task.clone())?)
            .caller_id(task.task.clone())
            .allows_cellular_access(!task.no_cellular)
            .allows_expensive_network_access(!task.no_expensive)
            .allows_constrained_network_access(!task.no_constrained);
        if let Some(priority) = task.priority {
            request = request.priority(priority);
        }
        if let Some(earliest) = task.earliest {
            let wall_ms = self.phone.0.world.now().wall_ms + duration_ms(earliest.duration());
            let since = Duration::from_millis(wall_ms.unsigned_abs());
            request = request.earliest_begin_date(SystemTime::UNIX_EPOCH + since);
        }
        if let Some(discretionary) = task.discretionary {
            request = request.is_discretionary(discretionary);
        }
        if let Some(bytes) = task.expect_bytes {
            request = request.count_of_bytes_client_expects_to_receive(bytes.bytes());
        }
        if let Some(digest) = self
            .phone
            .net()
            .digest(&task.url)
            .filter(|_| task.knows_digest)
        {
            request = request.expected_digest(digest);
        }
        if let Some(group) = &task.group {
            request = request.group(group.clone());
        }
        Ok(request)
    }

    fn wanted(&self, task: &Enqueue) -> Wanted {
        let setup = &self.setup;
        Wanted {
            allows_cellular: setup.allows_cellular.unwrap_or(true) && !task.no_cellular,
            allows_expensive: setup.allows_expensive.unwrap_or(true) && !task.no_expensive,
            allows_constrained: setup.allows_constrained.unwrap_or(true) && !task.no_constrained,
        }
    }

    fn make(&self, tasks: &[Enqueue]) -> Result<Vec<TaskId>> {
        let session = self.session()?;
        let mut plan = Plan::new();
        let mut steps = BTreeMap::new();
        for task in tasks {
            let mut request = self.request(task)?;
            for earlier in task.after.iter().filter(|name| !is_among(tasks, name)) {
                if let Ok(id) = self.task(earlier) {
                    request = request.after(id);
                }
            }
            steps.insert(task.task.as_str(), plan.add(request));
        }
        for task in tasks {
            for earlier in task.after.iter().filter(|name| is_among(tasks, name)) {
                plan.after(steps[task.task.as_str()], steps[earlier.as_str()]);
            }
        }
        let suspended = tasks.iter().any(|task| task.suspended);
        let made = match tasks {
            [_] if suspended => {
                let request = self.request(&tasks[0])?;
                vec![session.download_task(request)?]
            }
            _ => session.enqueue_plan(plan)?,
        };
        Ok(made.iter().map(crate::DownloadTask::id).collect())
    }

    /// All went well for a long time: every task has ended, and its end was told (rules S7, S11).
    pub(crate) fn everything_has_ended(&mut self) {
        let contents = match self.phone.0.medium.contents(SESSION) {
            Ok(contents) => contents.unwrap_or_default(),
            Err(error) => panic!("the store cannot be read: {error}"),
        };
        for row in &contents.tasks {
            if !matches!(row.phase, Phase::Completed | Phase::Suspended) {
                let state = self.phone.state(SESSION, row.id);
                let text = format!("task {} never ended: it is {state:?}", row.id);
                self.note(What::Broken { rule: "S7", text });
            }
        }
        for entry in contents.journal.iter().filter(|entry| !entry.acknowledged) {
            let text = format!("the end of task {} was never told", entry.task);
            self.note(What::Broken { rule: "S11", text });
        }
    }
}

fn is_among(tasks: &[Enqueue], name: &str) -> bool {
    tasks.iter().any(|task| task.task == name)
}

impl Stage for PhoneStage {
    fn set_up(scenario: &Scenario) -> Result<PhoneStage> {
        let profile = scenario.profile;
        let setup = scenario.session.clone();
        let app = ScenarioApp {
            setup: setup.clone(),
            profile,
        };
        let phone = Phone::new(profile, scenario.seed, Arc::new(app));
        let mut stage = PhoneStage {
            phone,
            setup,
            tasks: BTreeMap::new(),
        };
        for object in &scenario.objects {
            stage.put_object(object);
        }
        stage.phone.open();
        Ok(stage)
    }

    fn enqueue(&mut self, tasks: &[Enqueue]) -> Result<()> {
        // Something outside made the app ask for files: it is launched for that.
        self.phone.run();
        let made = self.make(tasks);
        let is_alive = self.phone.0.running().is_some();
        match made {
            Ok(ids) if is_alive => {
                for (task, id) in tasks.iter().zip(ids) {
                    self.tasks.insert(task.task.clone(), id);
                    self.phone.owes(SESSION, id, self.wanted(task));
                    self.note(What::Created {
                        session: SESSION.to_owned(),
                        task: id.as_i64(),
                        url: task.url.clone(),
                    });
                }
                self.phone.0.settle();
                Ok(())
            }
            // It died before it could say what it had made.
            Ok(_) => Ok(()),
            Err(_) if !is_alive => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn resume(&mut self, task: &str) -> Result<()> {
        let id = self.task(task)?;
        self.phone.run();
        self.session()?.task(id)?.resume()?;
        self.phone.0.settle();
        Ok(())
    }

    fn suspend(&mut self, task: &str) -> Result<()> {
        let id = self.task(task)?;
        self.phone.run();
        self.session()?.task(id)?.suspend()?;
        self.phone.0.settle();
        Ok(())
    }

    fn cancel(&mut self, task: &str) -> Result<()> {
        let id = self.task(task)?;
        self.phone.run();
        self.session()?.task(id)?.cancel()?;
        self.phone.0.settle();
        Ok(())
    }

    fn network(&mut self, network: NetworkStep) {
        self.phone.net().captive(match network {
            NetworkStep {
                captive_unnoticed: true,
                ..
            } => Captive::Everything,
            NetworkStep { captive: true, .. } => Captive::Plain,
            _ => Captive::No,
        });
        if let Some(rate) = network.rate {
            self.phone.net().bytes_per_second(rate.bytes());
        }
        self.phone.set_conditions(|now| {
            now.network = network.kind;
            now.expensive = network.expensive;
            now.constrained = network.constrained;
            now.captive = network.captive;
        });
    }

    fn change_conditions(&mut self, change: &dyn Fn(&mut SystemConditions)) {
        self.phone.set_conditions(change);
    }

    fn app(&mut self, state: AppState) -> Result<()> {
        match state {
            AppState::Active => self.phone.open(),
            AppState::Frontmost => self.phone.frontmost(),
            _ => self.phone.background(),
        }
        Ok(())
    }

    fn kill(&mut self) {
        self.phone.kill();
    }

    fn kill_after_acts(&mut self, acts: u64) {
        self.phone.kill_after(acts);
    }

    fn force_quit(&mut self) {
        self.phone.force_quit();
    }

    fn launch(&mut self) -> Result<()> {
        self.phone.open();
        Ok(())
    }

    fn reboot(&mut self) {
        self.phone.reboot();
    }

    fn lose_power(&mut self) {
        self.phone.lose_power();
    }

    fn jump_clock(&mut self, by_ms: i64) {
        self.phone.jump(by_ms);
    }

    fn advance(&mut self, by: Duration) {
        self.phone.advance(by);
    }

    fn advance_to_next(&mut self, at_most: Duration) -> Duration {
        self.phone.advance_to_next(at_most)
    }

    fn put_object(&mut self, object: &ObjectSetup) {
        let net = self.phone.net();
        if net.content(&object.url).is_some() {
            net.resize(&object.url, object.size.bytes());
            return;
        }
        let validators = match object.validator {
            Validator::Strong => Validators::Strong,
            Validator::Weak => Validators::Weak,
            Validator::LastModified => Validators::LastModified,
            Validator::None => Validators::None,
            Validator::Fickle => Validators::Fickle,
        };
        let ranges = match object.ranges {
            RangeSupport::Honoured => Ranges::Honoured,
            RangeSupport::Ignored => Ranges::Ignored,
            RangeSupport::NotIfRange => Ranges::NotIfRange,
            RangeSupport::Unchecked => Ranges::Unchecked,
        };
        let there = Object::new(object.size.bytes())
            .validators(validators)
            .ranges(ranges)
            .repr_digest(object.digest);
        net.serve(&object.url, there);
    }

    fn server(&mut self, server: &ServerStep) {
        let net = self.phone.net();
        net.clear_faults(&server.host);
        let fault = match &server.fault {
            ServerFault::None => return,
            ServerFault::Down => Fault::Refused,
            ServerFault::Status { code, retry_after } => Fault::Status {
                status: *code,
                retry_after: retry_after.map(|span| RetryAfter::Seconds(span.duration().as_secs())),
            },
            ServerFault::Unsatisfiable => Fault::Unsatisfiable,
            ServerFault::Early(bytes) => Fault::Early {
                bytes: bytes.bytes(),
            },
            ServerFault::Late(bytes) => Fault::Late {
                bytes: bytes.bytes(),
            },
            ServerFault::NoContentRange => Fault::NoContentRange,
            ServerFault::EndsAfter(bytes) => Fault::Truncated {
                after_bytes: bytes.bytes(),
            },
            ServerFault::BreaksAfter(bytes) => Fault::Reset {
                after_bytes: bytes.bytes(),
            },
            ServerFault::StallsAfter(bytes) => Fault::Stall {
                after_bytes: bytes.bytes(),
            },
        };
        match server.times {
            Some(times) => net.fault_times(&server.host, fault, times),
            None => net.fault(&server.host, fault),
        }
    }

    fn free_disk(&mut self, bytes: u64) {
        let disk = self.phone.disk();
        disk.set_capacity(disk.used_bytes().saturating_add(bytes));
    }

    fn fail_disk(&mut self, fault: DiskFaultStep) {
        let disk = self.phone.disk();
        let nth = disk.writes() + fault.after_writes + 1;
        match fault.error {
            DiskError::NoSpace => disk.fail_write(nth, DiskFault::NoSpace),
            DiskError::Io => disk.fail_write(nth, DiskFault::Io),
        }
    }

    fn note(&mut self, what: What) {
        self.phone.0.world.note(what);
    }

    fn standing(&mut self, task: &str) -> Result<Standing> {
        let id = self.task(task)?;
        let contents = self.phone.0.medium.contents(SESSION)?.unwrap_or_default();
        let row = contents.tasks.iter().find(|row| row.id == id);
        let row = row.ok_or_else(|| Error::new(ErrorKind::UnknownTask, "the task is lost"))?;
        let entry = contents.journal.iter().find(|entry| entry.task == id);
        let is = match self.phone.state(SESSION, id) {
            Some(TaskState::Suspended) => Is::Suspended,
            Some(TaskState::Waiting(reason)) => Is::Waiting(Some(reason)),
            Some(TaskState::Completed) => match entry.map(|entry| &entry.outcome.result) {
                Some(Err(error)) => Is::Failed(Some(error.kind)),
                _ => Is::Completed,
            },
            _ => Is::Transferring,
        };
        let file = self.phone.file(&row.path);
        let whole = file.filter(|file| self.phone.net().ever_was(&row.url, file));
        let is_end = |entry: &&Entry| matches!(&entry.what, What::Delivered { task, .. } if *task == id.as_i64());
        let world = &self.phone.0.world;
        let delivered = world.with_trace(|trace| trace.entries().iter().filter(is_end).count());
        Ok(Standing {
            is,
            received: row.record.received,
            file_version: whole
                .and_then(|file| file.version())
                .map(|(_, version)| version),
            delivered: delivered as u64,
        })
    }

    fn trace(&self) -> Trace {
        self.phone.trace()
    }
}
