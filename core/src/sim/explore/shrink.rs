//! Makes a plan that breaks a promise smaller, as long as it breaks that promise.

use super::{Outcome, run};
use crate::sim::scenario::{Scenario, Step};

/// Plays that one shrinking may take.
const PLAYS_LIMIT: usize = 400;

/// The same breach, in fewer steps: chunks of steps are left out, large ones first, and what still
/// breaks the same rule is kept. What was played last comes back with what happened then.
#[must_use]
pub fn shrink(outcome: Outcome) -> Outcome {
    let Some(breach) = outcome.broken.first().map(Breach::of) else {
        return outcome;
    };
    let mut best = outcome;
    let mut plays = 0;
    let mut chunk = (best.scenario.steps.len() / 2).max(1);
    while plays < PLAYS_LIMIT {
        let mut start = 0;
        let mut has_shrunk = false;
        while start < best.scenario.steps.len() && plays < PLAYS_LIMIT {
            let tried = without(&best.scenario, start, chunk);
            plays += 1;
            let played = tried.map(run);
            match played.filter(|played| breach.is_in(played)) {
                Some(played) => {
                    best = played;
                    has_shrunk = true;
                }
                None => start += chunk,
            }
        }
        if chunk == 1 && !has_shrunk {
            break;
        }
        chunk = (chunk / 2).max(1);
    }
    tidy(best, &breach)
}

/// What was broken, without the numbers in it: the same breach has others in a smaller plan.
struct Breach(&'static str, String);

impl Breach {
    fn of((rule, text): &(&'static str, String)) -> Breach {
        let words = text.chars().filter(|c| !c.is_ascii_digit());
        Breach(rule, words.collect())
    }

    fn is_in(&self, outcome: &Outcome) -> bool {
        let same = |broken| {
            let Breach(rule, text) = Breach::of(broken);
            rule == self.0 && text == self.1
        };
        outcome.broken.iter().any(same)
    }
}

/// The scenario without some steps, if it still makes sense.
fn without(scenario: &Scenario, start: usize, count: usize) -> Option<Scenario> {
    let mut smaller = scenario.clone();
    let end = (start + count).min(smaller.steps.len());
    smaller.steps.drain(start..end);
    // Steps about a task that is no longer enqueued make it senseless: they go too.
    let known = names(&smaller);
    smaller.steps.retain(|step| match step {
        Step::Resume(task) | Step::Suspend(task) | Step::Cancel(task) => known.contains(task),
        _ => true,
    });
    for step in &mut smaller.steps {
        match step {
            Step::Enqueue(task) => task.after.retain(|name| known.contains(name)),
            Step::Plan(tasks) => tasks
                .iter_mut()
                .for_each(|task| task.after.retain(|name| known.contains(name))),
            _ => {}
        }
    }
    smaller.check().is_ok().then_some(smaller)
}

fn names(scenario: &Scenario) -> Vec<String> {
    let enqueued = scenario.steps.iter().flat_map(|step| match step {
        Step::Enqueue(task) => std::slice::from_ref(task),
        Step::Plan(tasks) => tasks.as_slice(),
        _ => &[],
    });
    enqueued.map(|task| task.task.clone()).collect()
}

/// Objects that nobody asks for any more are left out.
fn tidy(mut outcome: Outcome, breach: &Breach) -> Outcome {
    let scenario = &outcome.scenario;
    let urls: Vec<String> = scenario
        .steps
        .iter()
        .flat_map(|step| match step {
            Step::Enqueue(task) => std::slice::from_ref(task),
            Step::Plan(tasks) => tasks.as_slice(),
            _ => &[],
        })
        .map(|task| task.url.clone())
        .collect();
    let mut tidied = scenario.clone();
    let is_used = |url: &String| urls.contains(url);
    tidied.objects.retain(|object| is_used(&object.url));
    tidied.steps.retain(|step| match step {
        Step::Object(object) => is_used(&object.url),
        _ => true,
    });
    let played = run(tidied);
    if breach.is_in(&played) {
        outcome = played;
    }
    outcome
}
