//! What a scenario must keep beyond its format: names that exist, values in range, limits.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use url::Url;

use super::error::{ScenarioError, ScenarioErrorKind as Kind};
use super::expectation::Expectation;
use super::step::{Enqueue, ObjectSetup, ServerFault, Step};
use super::{Scenario, Span};
use crate::conditions::AppState;

/// Steps of one scenario.
const STEPS_LIMIT: usize = 10_000;
/// Tasks and objects of one scenario.
const NAMES_LIMIT: usize = 10_000;
/// How long a scenario may take: a year.
const DURATION_LIMIT_MS: u64 = 366 * 86_400_000;

/// What went wrong, before its place is known.
pub(super) type Wrong = (Kind, String);

impl Scenario {
    /// Checks what the format alone does not say. [`from_json`](Scenario::from_json) and the run do
    /// it as well; a scenario built in Rust can be checked before.
    ///
    /// # Errors
    /// [`ScenarioError`]: what is wrong, in which step, and what to write instead.
    pub fn check(&self) -> Result<(), ScenarioError> {
        let at = |place: String| move |(kind, text): Wrong| ScenarioError::new(kind, place, text);
        self.check_limits()?;
        let mut known = Known::default();
        for (index, object) in self.objects.iter().enumerate() {
            known
                .object(object)
                .map_err(at(format!("objects, number {}", index + 1)))?;
        }
        for (index, step) in self.steps.iter().enumerate() {
            known.step(step).map_err(at(place_of(index, step)))?;
        }
        for (index, expected) in self.expect.iter().enumerate() {
            known
                .expectation(expected)
                .map_err(at(place_of_end(index)))?;
        }
        Ok(())
    }

    fn check_limits(&self) -> Result<(), ScenarioError> {
        let error = |kind, text: String| Err(ScenarioError::new(kind, "the scenario", text));
        if self.name.trim().is_empty() {
            return error(Kind::Value, "it needs a `name`".to_owned());
        }
        let counts = [
            ("steps", self.steps.len(), STEPS_LIMIT),
            ("objects", self.objects.len(), NAMES_LIMIT),
            ("expectations", self.expect.len(), STEPS_LIMIT),
        ];
        for (what, count, limit) in counts {
            if count > limit {
                let text = format!("it has {count} {what}; {limit} are the limit");
                return error(Kind::TooLarge, text);
            }
        }
        let spans = self.steps.iter().map(|step| match step {
            Step::Advance(span) => span.duration(),
            Step::AdvanceUntil(until) => until.within.duration(),
            _ => Duration::ZERO,
        });
        let total = spans.fold(Duration::ZERO, Duration::saturating_add);
        if total > Duration::from_millis(DURATION_LIMIT_MS) {
            return error(Kind::TooLarge, "it takes more than a year".to_owned());
        }
        Ok(())
    }
}

/// What people call a step's place.
pub(super) fn place_of(index: usize, step: &Step) -> String {
    format!("step {} ({})", index + 1, step.name())
}

/// What people call the place of an expectation at the end.
pub(super) fn place_of_end(index: usize) -> String {
    format!("expect, number {}", index + 1)
}

/// What was named so far.
#[derive(Default)]
struct Known {
    tasks: BTreeSet<String>,
    /// URLs, each with its host.
    objects: BTreeMap<String, String>,
}

impl Known {
    fn object(&mut self, object: &ObjectSetup) -> Result<(), Wrong> {
        let host = host_of(&object.url)?;
        self.objects.insert(object.url.clone(), host);
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<(), Wrong> {
        check_values(step)?;
        match step {
            Step::Enqueue(task) => self.enqueue(std::slice::from_ref(task)),
            Step::Plan(tasks) => self.enqueue(tasks),
            Step::Resume(task) | Step::Suspend(task) | Step::Cancel(task) => self.task(task),
            Step::AdvanceUntil(until) => self.expectation(&until.expect),
            Step::Object(object) if !self.objects.contains_key(&object.url) => Err((
                Kind::Unknown,
                format!(
                    "there is no object at {}; write it into `objects`",
                    object.url
                ),
            )),
            Step::Server(server) => {
                if !self.objects.values().any(|host| *host == server.host) {
                    let text = format!("no object is on {:?}; write the host of one", server.host);
                    return Err((Kind::Unknown, text));
                }
                Ok(())
            }
            Step::Expect(expected) => self.expectation(expected),
            _ => Ok(()),
        }
    }

    fn enqueue(&mut self, tasks: &[Enqueue]) -> Result<(), Wrong> {
        for task in tasks {
            if task.task.is_empty() {
                return Err(value("`task` needs a name"));
            }
            if !self.tasks.insert(task.task.clone()) || self.tasks.len() > NAMES_LIMIT {
                let text = format!(
                    "a task is called {:?} already; give it another name",
                    task.task
                );
                return Err((Kind::Value, text));
            }
            if task.priority.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
                return Err(value("`priority` goes from 0.0 to 1.0"));
            }
            let host = host_of(&task.url)?;
            match (task.size, self.objects.contains_key(&task.url)) {
                (None, false) => {
                    let text = format!(
                        "there is no object at {}; give its `size` here, or write it into `objects`",
                        task.url
                    );
                    return Err((Kind::Unknown, text));
                }
                (Some(_), true) => {
                    return Err(value("the object has a size already; leave out `size`"));
                }
                _ => {}
            }
            self.objects.insert(task.url.clone(), host);
        }
        for name in tasks.iter().flat_map(|task| &task.after) {
            self.task(name)?;
        }
        Ok(())
    }

    fn expectation(&self, expected: &Expectation) -> Result<(), Wrong> {
        let of_task = expected.is.is_some()
            || expected.file_version.is_some()
            || expected.received_at_least.is_some()
            || expected.delivered.is_some();
        let of_world = expected.wakes_at_most.is_some() || expected.wakes_at_least.is_some();
        match &expected.task {
            None if of_task => Err(value("it needs `task`, the name of the task it is about")),
            None if !of_world => Err(value("it expects nothing; write `task` and `is`, or wakes")),
            Some(_) if !of_task => Err(value("it expects nothing of its task; write `is`")),
            Some(task) => self.task(task),
            None => Ok(()),
        }
    }

    fn task(&self, name: &str) -> Result<(), Wrong> {
        if self.tasks.contains(name) {
            return Ok(());
        }
        let text = format!("no task is called {name:?} here; enqueue it in a step before");
        Err((Kind::Unknown, text))
    }
}

/// What is wrong with a step whatever was named before it.
pub(super) fn check_values(step: &Step) -> Result<(), Wrong> {
    match step {
        Step::Power(power) if power.battery_percent > Some(100) => {
            Err(value("`battery_percent` goes from 0 to 100"))
        }
        Step::Network(network) if network.rate.is_some_and(|rate| rate.bytes() == 0) => Err(value(
            "no byte a second is no network; write a `rate` above 0, or \"kind\": \"none\"",
        )),
        Step::App(AppState::Suspended | AppState::NotRunning) => Err(value(
            "the app goes to `active`, `frontmost` or `background`; the system suspends it, and `kill` ends it",
        )),
        Step::Advance(span) => positive(*span),
        Step::AdvanceUntil(until) => positive(until.within),
        Step::Object(object) => host_of(&object.url).map(drop),
        Step::Server(server) => match &server.fault {
            ServerFault::Status { code, .. } if !(300..600).contains(code) => {
                Err(value("a faulty status is 300 to 599"))
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn value(text: &str) -> Wrong {
    (Kind::Value, text.to_owned())
}

fn positive(span: Span) -> Result<(), Wrong> {
    if span.duration().is_zero() {
        return Err(value("no time passes; write such as \"1m\""));
    }
    Ok(())
}

fn host_of(url: &str) -> Result<String, Wrong> {
    let host = Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .and_then(|url| url.host_str().map(str::to_owned));
    host.ok_or_else(|| {
        let text = format!("{url:?} is no absolute URL; write https://host/path");
        (Kind::Value, text)
    })
}
