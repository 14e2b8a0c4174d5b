//! Contestants that take turns.

use crate::Failure;
use crate::measure::{Sample, measure, settle};
use crate::workbench::Workbench;
use std::path::Path;

/// Makes a contestant's commands, for a fresh folder to work in.
pub type Commands<'a> = Box<dyn Fn(&Path) -> Vec<Vec<String>> + 'a>;
/// Fails if what a contestant left in its folder is wrong.
pub type Check<'a> = Box<dyn Fn(&Path) -> Result<(), Failure> + 'a>;

/// One way of doing a thing.
pub struct Contestant<'a> {
    /// For the table.
    pub name: &'static str,
    /// What it does.
    pub commands: Commands<'a>,
    /// Whether it did it right.
    pub check: Check<'a>,
}

/// What the contestants took.
pub struct Results(Vec<(&'static str, Vec<Sample>)>);

impl Results {
    /// One figure of a contestant, for every round.
    pub fn figures(&self, name: &str, figure: impl Fn(&Sample) -> f64) -> Vec<f64> {
        let found = self.0.iter().find(|(found, _)| *found == name);
        let samples = found.map_or(&[][..], |(_, samples)| samples);
        samples.iter().map(figure).collect()
    }
}

/// Runs each contestant once a round. Who begins changes from round to round.
pub fn contest(bench: &Workbench, contestants: &[Contestant<'_>]) -> Result<Results, Failure> {
    let mut results: Vec<_> = contestants
        .iter()
        .map(|contestant| (contestant.name, Vec::new()))
        .collect();
    for round in 0..bench.rounds {
        for turn in 0..contestants.len() {
            let index = (round + turn) % contestants.len();
            let sample = run_once(bench, &contestants[index])?;
            eprintln!("  {:32} {:8.3} s", contestants[index].name, sample.wall_s);
            results[index].1.push(sample);
        }
    }
    Ok(Results(results))
}

fn run_once(bench: &Workbench, contestant: &Contestant<'_>) -> Result<Sample, Failure> {
    let place = bench.place()?;
    let place = place.path();
    settle(place)?;
    let sample = measure(&(contestant.commands)(place), place)?;
    (contestant.check)(place).map_err(|error| format!("{}: {error}", contestant.name))?;
    Ok(sample)
}
