//! The phone as the stage of a scenario.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Phone;
use crate::error::{Error, ErrorKind, Result};
use crate::session::Session;
use crate::sim::promises::Wanted;
use crate::sim::scenario::{
    Enqueue, Is, NewTask, SCENARIO_SESSION, Scenario, ScenarioApp, SessionSetup, Stage, Standing,
    Step,
};
use crate::sim::trace::{Trace, What};
use crate::store::Phase;
use crate::task_id::TaskId;
use crate::task_state::TaskState;

/// A phone with the app of a scenario.
pub(in crate::sim) struct PhoneStage<A> {
    phone: Phone,
    app: Arc<A>,
    setup: SessionSetup,
    /// What the scenario calls the tasks that were made.
    tasks: BTreeMap<String, TaskId>,
}

impl<A: ScenarioApp> PhoneStage<A> {
    /// A phone of the scenario's seed and profile, with its objects, on unmetered Wi-Fi and a charger;
    /// the app is launched and active.
    pub fn set_up(scenario: &Scenario, app: Arc<A>) -> Result<PhoneStage<A>> {
        let phone = Phone::try_new(scenario.profile, scenario.seed, Arc::clone(&app) as _)?;
        for object in &scenario.objects {
            phone.put_object(object);
        }
        phone.open();
        Ok(PhoneStage {
            phone,
            app,
            setup: scenario.session.clone(),
            tasks: BTreeMap::new(),
        })
    }

    fn session(&self) -> Result<Session> {
        self.phone.session(SCENARIO_SESSION).ok_or_else(|| {
            let why = match self.phone.unmade_sessions().pop() {
                Some((_, error)) => format!("the app could not make its session: {error}"),
                None => "the app does not run".to_owned(),
            };
            Error::new(ErrorKind::System, why)
        })
    }

    /// The task that the scenario calls so, if it was made.
    fn task(&self, name: &str) -> Result<TaskId> {
        self.tasks.get(name).copied().ok_or_else(|| {
            let text = format!("the app could not make {name}");
            Error::new(ErrorKind::UnknownTask, text)
        })
    }

    /// What the scenario asks for, its names looked up.
    fn looked_up<'a>(&self, tasks: &'a [Enqueue]) -> Vec<NewTask<'a>> {
        let now = self.phone.now();
        let place_of = |name: &String| tasks.iter().position(|task| task.task == *name);
        let new_task = |task: &'a Enqueue| NewTask {
            asked: task,
            earliest: task.earliest.map(|delay| now + delay.duration()),
            digest: match task.knows_digest {
                true => self.phone.net().digest(&task.url),
                false => None,
            },
            // One that could not be made holds nothing up.
            after: task
                .after
                .iter()
                .filter(|name| place_of(name).is_none())
                .filter_map(|name| self.tasks.get(name).copied())
                .collect(),
            after_places: task.after.iter().filter_map(place_of).collect(),
        };
        tasks.iter().map(new_task).collect()
    }

    fn wanted(&self, task: &Enqueue) -> Wanted {
        let setup = &self.setup;
        Wanted {
            allows_cellular: setup.allows_cellular.unwrap_or(true) && !task.no_cellular,
            allows_expensive: setup.allows_expensive.unwrap_or(true) && !task.no_expensive,
            allows_constrained: setup.allows_constrained.unwrap_or(true) && !task.no_constrained,
        }
    }

    /// The app does something with a task. Something outside lets it: it is launched for that.
    fn act(&self, name: &str, act: impl FnOnce(&A, &Session, TaskId) -> Result<()>) -> Result<()> {
        let id = self.task(name)?;
        self.phone.run();
        act(&self.app, &self.session()?, id)?;
        self.phone.0.settle();
        Ok(())
    }

    /// All went well for a long time: every task has ended, and its end was told (rules S7, S11).
    pub(crate) fn everything_has_ended(&mut self) {
        let contents = match self.phone.0.medium.contents(SCENARIO_SESSION) {
            Ok(contents) => contents.unwrap_or_default(),
            Err(error) => panic!("the store cannot be read: {error}"),
        };
        for row in &contents.tasks {
            if !matches!(row.phase, Phase::Completed | Phase::Suspended) {
                let state = self.phone.state(SCENARIO_SESSION, row.id);
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

impl<A: ScenarioApp> Stage for PhoneStage<A> {
    fn enqueue(&mut self, tasks: &[Enqueue]) -> Result<()> {
        // Something outside made the app ask for files: it is launched for that.
        self.phone.run();
        let made = self
            .session()
            .and_then(|session| self.app.enqueue(&session, &self.looked_up(tasks)));
        let is_alive = self.phone.0.running().is_some();
        match made {
            Ok(ids) if is_alive => {
                for (task, id) in tasks.iter().zip(ids) {
                    self.tasks.insert(task.task.clone(), id);
                    self.phone.owes(SCENARIO_SESSION, id, self.wanted(task));
                    self.note(What::Created {
                        session: SCENARIO_SESSION.to_owned(),
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
        self.act(task, A::resume)
    }

    fn suspend(&mut self, task: &str) -> Result<()> {
        self.act(task, A::suspend)
    }

    fn cancel(&mut self, task: &str) -> Result<()> {
        self.act(task, A::cancel)
    }

    fn perform(&mut self, step: &Step) -> Result<()> {
        self.phone.perform(step)
    }

    fn advance_to_next(&mut self, at_most: Duration) -> Duration {
        self.phone.advance_to_next(at_most)
    }

    fn note(&mut self, what: What) {
        self.phone.0.world.note(what);
    }

    fn standing(&mut self, task: &str) -> Result<Standing> {
        let id = self.task(task)?;
        let contents = self
            .phone
            .0
            .medium
            .contents(SCENARIO_SESSION)?
            .unwrap_or_default();
        let row = contents.tasks.iter().find(|row| row.id == id);
        let row = row.ok_or_else(|| Error::new(ErrorKind::UnknownTask, "the task is lost"))?;
        let entry = contents.journal.iter().find(|entry| entry.task == id);
        let is = match self.phone.state(SCENARIO_SESSION, id) {
            Some(TaskState::Suspended) => Is::Suspended,
            Some(TaskState::Waiting(reason)) => Is::Waiting(Some(reason)),
            Some(TaskState::Completed) => match entry.map(|entry| &entry.outcome.result) {
                Some(Err(error)) => Is::Failed(Some(error.kind)),
                _ => Is::Completed,
            },
            _ => Is::Transferring,
        };
        Ok(Standing {
            is,
            received: row.record.received,
            file_version: self.phone.file_version(SCENARIO_SESSION, id),
            delivered: self.app.told(id)?,
        })
    }

    fn trace(&self) -> Trace {
        self.phone.trace()
    }
}
