//! Playing a scenario.

use std::fmt;
use std::sync::Arc;

use super::Scenario;
use super::app::{PlainApp, ScenarioApp};
use super::check::{place_of, place_of_end};
use super::error::{ScenarioError, ScenarioErrorKind};
use super::expectation::Expectation;
use super::stage::Stage;
use super::step::{AdvanceUntil, Enqueue, ObjectSetup, Step};
use crate::error::Result;
use crate::sim::phone::PhoneStage;
use crate::sim::{Trace, What};

/// Things that may happen while one expectation is waited for: more is a world that goes in circles.
const MOMENTS_LIMIT: u32 = 1_000_000;

/// How a scenario went.
#[derive(Clone, Debug)]
pub struct Played {
    /// Everything that happened.
    pub trace: Trace,
    /// Expectations that were not met.
    pub unmet: Vec<Unmet>,
}

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// Where in the scenario.
    pub place: String,
    /// What was expected, and what is so.
    pub text: String,
}

impl Played {
    /// Everything was as expected, and no promise was broken.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.unmet.is_empty() && self.trace.broken().next().is_none()
    }
}

/// What went wrong, a line each; nothing if all is right.
impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for unmet in &self.unmet {
            writeln!(f, "{}: {}", unmet.place, unmet.text)?;
        }
        for broken in self.trace.broken() {
            writeln!(f, "{broken}")?;
        }
        Ok(())
    }
}

impl Scenario {
    /// Plays it, from the first step to the last. Expectations that are not met are collected; they
    /// do not end it.
    ///
    /// # Errors
    /// [`ScenarioErrorKind::Refused`] when the phone does not do a step, and what
    /// [`check`](Scenario::check) finds.
    pub fn play(&self) -> std::result::Result<Played, ScenarioError> {
        self.play_with(Arc::new(PlainApp::new(self.profile, self.session.clone())))
    }

    /// Plays it with an app of the caller's, which does what the steps say that the app does: through
    /// another language's API, say.
    ///
    /// # Errors
    /// As [`play`](Scenario::play); what the app could not do is a step that is refused.
    pub fn play_with<A: ScenarioApp>(
        &self,
        app: Arc<A>,
    ) -> std::result::Result<Played, ScenarioError> {
        self.check()?;
        let stage = PhoneStage::set_up(self, app).map_err(refused("the scenario"))?;
        self.play_on(stage)
    }

    fn play_on<S: Stage>(&self, stage: S) -> std::result::Result<Played, ScenarioError> {
        let mut play = Play::new(stage);
        for (index, step) in self.steps.iter().enumerate() {
            let place = place_of(index, step);
            play.step(step, &place).map_err(refused(&place))?;
        }
        for (index, expected) in self.expect.iter().enumerate() {
            let place = place_of_end(index);
            play.expect(expected, &place).map_err(refused(&place))?;
        }
        Ok(Played {
            trace: play.stage.trace(),
            unmet: play.unmet,
        })
    }
}

fn refused(place: &str) -> impl FnOnce(crate::Error) -> ScenarioError {
    move |error| ScenarioError::new(ScenarioErrorKind::Refused, place, error.to_string())
}

/// A scenario on its way.
pub(in crate::sim) struct Play<S> {
    stage: S,
    unmet: Vec<Unmet>,
}

impl<S: Stage> Play<S> {
    pub fn new(stage: S) -> Play<S> {
        Play {
            stage,
            unmet: Vec::new(),
        }
    }

    pub fn stage(&mut self) -> &mut S {
        &mut self.stage
    }

    pub fn step(&mut self, step: &Step, place: &str) -> Result<()> {
        match step {
            Step::Enqueue(task) => self.enqueue(std::slice::from_ref(task)),
            Step::Plan(tasks) => self.enqueue(tasks),
            Step::Resume(task) => self.stage.resume(task),
            Step::Suspend(task) => self.stage.suspend(task),
            Step::Cancel(task) => self.stage.cancel(task),
            Step::Expect(expected) => self.expect(expected, place),
            Step::AdvanceUntil(until) => self.advance_until(until, place),
            happens => self.stage.perform(happens),
        }
    }

    fn enqueue(&mut self, tasks: &[Enqueue]) -> Result<()> {
        for task in tasks {
            if let Some(size) = task.size {
                let object = ObjectSetup::new(&task.url, size.bytes());
                self.stage.perform(&Step::Object(object))?;
            }
        }
        self.stage.enqueue(tasks)
    }

    fn expect(&mut self, expected: &Expectation, place: &str) -> Result<()> {
        if let Some(instead) = self.instead_of(expected)? {
            self.unmet(place, format!("expected that {expected}, but {instead}"));
        }
        Ok(())
    }

    fn advance_until(&mut self, until: &AdvanceUntil, place: &str) -> Result<()> {
        let mut left = until.within.duration();
        for _ in 0..MOMENTS_LIMIT {
            let Some(instead) = self.instead_of(&until.expect)? else {
                return Ok(());
            };
            if left.is_zero() {
                let (expected, within) = (&until.expect, until.within);
                let text = format!("expected within {within} that {expected}, but {instead}");
                self.unmet(place, text);
                return Ok(());
            }
            left = left.saturating_sub(self.stage.advance_to_next(left));
        }
        let text = format!("waited for {MOMENTS_LIMIT} things to happen, in vain");
        self.unmet(place, text);
        Ok(())
    }

    /// What is so instead of what was expected; none if it is met.
    fn instead_of(&mut self, expected: &Expectation) -> Result<Option<String>> {
        let mut instead = Vec::new();
        if let Some(task) = &expected.task {
            let now = self.stage.standing(task)?;
            if expected.is.is_some_and(|wanted| !now.is.fits(wanted)) {
                instead.push(format!("it is {}", now.is));
            }
            if expected.file_version.is_some() && now.file_version != expected.file_version {
                instead.push(match now.file_version {
                    Some(version) => format!("its file is version {version}"),
                    None => "there is no whole file".to_owned(),
                });
            }
            if expected
                .received_at_least
                .is_some_and(|b| now.received < b.bytes())
            {
                instead.push(format!("{} bytes are here", now.received));
            }
            if expected.delivered.is_some_and(|n| now.delivered != n) {
                instead.push(format!("it was delivered {} times", now.delivered));
            }
        }
        if expected.wakes_at_most.is_some() || expected.wakes_at_least.is_some() {
            let wakes = self.stage.trace().wakes();
            if expected.wakes_at_most.is_some_and(|most| wakes > most)
                || expected.wakes_at_least.is_some_and(|least| wakes < least)
            {
                instead.push(format!("{wakes} wakes were lent"));
            }
        }
        Ok((!instead.is_empty()).then(|| instead.join(", and ")))
    }

    fn unmet(&mut self, place: &str, text: String) {
        self.stage.note(What::Unmet {
            place: place.to_owned(),
            text: text.clone(),
        });
        self.unmet.push(Unmet {
            place: place.to_owned(),
            text,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::toy::Toy;
    use super::super::{Expectation, Is, NetworkStep, ScenarioErrorKind, minutes, seconds};
    use super::*;
    use crate::conditions::Network;
    use crate::task_state::WaitReason;

    // The toy moves one MiB a second.
    fn story() -> Scenario {
        Scenario::new("toy")
            .enqueue(Enqueue::new("a", "https://h/a").size(60 << 20))
            .advance(seconds(10))
    }

    #[test]
    fn a_story_goes_as_expected() {
        let played = story()
            .expect(Expectation::task("a", Is::Transferring).received_at_least(10 << 20))
            .network(NetworkStep::new(Network::None))
            .advance(minutes(5))
            .expect(Expectation::task("a", WaitReason::Connectivity))
            .kill()
            .launch()
            .network(NetworkStep::new(Network::Wifi))
            .advance_until(Expectation::task("a", Is::Completed), minutes(1))
            .say("here it is")
            .finally(
                Expectation::task("a", Is::Completed)
                    .file_version(1)
                    .delivered(1),
            )
            .finally(Expectation::wakes_at_most(0))
            .play_on(Toy::launched())
            .unwrap();
        assert!(played.is_right(), "{played}");
        let log = played.trace.to_log();
        assert!(
            log.contains("here it is") && log.contains("launched"),
            "{log}"
        );
        let seconds = played.trace.entries().last().unwrap().at_ms / 1000;
        assert_eq!(
            seconds,
            10 + 300 + 50,
            "it waited as long as needed and no longer"
        );
    }

    #[test]
    fn what_is_not_met_is_said_with_its_place_and_does_not_end_it() {
        let played = story()
            .expect(Expectation::task("a", Is::Completed).file_version(2))
            .advance_until(Expectation::task("a", Is::Failed(None)), minutes(2))
            .finally(Expectation::task("a", Is::Completed).delivered(7))
            .finally(Expectation::wakes_at_least(1))
            .play_on(Toy::launched())
            .unwrap();
        let said: Vec<String> = played.to_string().lines().map(str::to_owned).collect();
        assert_eq!(
            said,
            [
                "step 3 (expect): expected that a is completed and has version 2 as its file, but it is transferring, and there is no whole file",
                "step 4 (advance_until): expected within 2m that a is failed, but it is completed",
                "expect, number 1: expected that a is completed and was delivered 7 times, but it was delivered 1 times",
                "expect, number 2: expected that 1 wakes or more, but 0 wakes were lent",
            ]
        );
        assert!(!played.is_right());
    }

    #[test]
    fn a_broken_promise_is_never_right() {
        let mut played = story().play_on(Toy::launched()).unwrap();
        assert!(played.is_right());
        played.trace.extend([crate::sim::Entry {
            at_ms: 0,
            what: What::Broken {
                rule: "D4",
                text: "lost".to_owned(),
            },
        }]);
        assert!(!played.is_right());
    }

    #[test]
    fn what_the_phone_refuses_ends_it_with_its_place() {
        let dead = story().kill().suspend("a");
        let error = dead.play_on(Toy::launched()).unwrap_err();
        assert_eq!(error.kind(), ScenarioErrorKind::Refused);
        assert_eq!(error.place(), "step 4 (suspend)");
    }

    #[test]
    fn a_mistake_is_found_before_anything_is_played() {
        let error = Scenario::new("x").suspend("a").play().unwrap_err();
        assert_eq!(error.kind(), ScenarioErrorKind::Unknown);
    }
}
