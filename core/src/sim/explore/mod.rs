//! Random days of a phone: a seed makes a plan, the plan runs against the real sessions and a simple
//! model, and a plan that breaks a promise is shrunk to what is needed for that.

mod calm;
mod plan;
mod shrink;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::Profile;
use super::phone::PhoneStage;
use super::scenario::{PlainApp, Play, Scenario, Stage};
use super::trace::{Trace, What};

pub use plan::plan;
pub use shrink::shrink;

/// How a plan went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was played.
    pub scenario: Scenario,
    /// Everything that happened.
    pub trace: Trace,
    /// The promises that were broken, as rule and text.
    pub broken: Vec<(&'static str, String)>,
}

/// Plays random days: so many, of one phone, decided by one seed.
///
/// ```
/// use backhaul::sim::{Profile, explore};
/// let outcome = explore::day(7, 1, Profile::Android);
/// assert_eq!(outcome.broken, []);
/// ```
#[must_use]
pub fn day(seed: u64, days: u32, profile: Profile) -> Outcome {
    run(plan(seed, days, profile))
}

/// Plays a scenario to its end, whatever the phone refuses on the way: then the app has bad luck, and
/// goes on. Nine calm days follow, after which every task must have ended, and the app must have been
/// told.
#[must_use]
pub fn run(scenario: Scenario) -> Outcome {
    let app = PlainApp::new(scenario.profile, scenario.session.clone());
    let trace = match PhoneStage::set_up(&scenario, Arc::new(app)) {
        Ok(stage) => play(&scenario, stage),
        Err(error) => panic!("the phone cannot be set up: {error}"),
    };
    let broken = trace
        .entries()
        .iter()
        .filter_map(|entry| match &entry.what {
            What::Broken { rule, text } => Some((*rule, text.clone())),
            _ => None,
        });
    Outcome {
        broken: broken.collect(),
        trace,
        scenario,
    }
}

fn play(scenario: &Scenario, stage: PhoneStage<PlainApp>) -> Trace {
    let mut play = Play::new(stage);
    for step in scenario.steps.iter().chain(&calm::calm_days(scenario)) {
        let refused = play.step(step, "");
        if let Err(error) = refused {
            let text = format!("{} was refused: {error}", step.name());
            play.stage().note(What::Said { text });
        }
    }
    play.stage().everything_has_ended();
    play.stage().trace()
}
