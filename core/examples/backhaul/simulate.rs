//! `simulate`: days of a phone's life in milliseconds, or a scenario from a file. The log goes to
//! standard output; a broken promise is exit code 1.
//!
//! The simulator is a feature of the library, `testkit`: without it the command says how to get it.

#[cfg(feature = "testkit")]
mod tell;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::exit::Outcome;

/// `simulate`.
#[derive(Args, Debug)]
pub struct SimulateArgs {
    /// Decides everything that happens; the same seed gives the same log
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// How many days
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=31))]
    pub days: u32,
    /// Whose rules the platform follows
    #[arg(long, value_name = "ios|watch|android", default_value = "ios")]
    pub profile: ProfileArg,
    /// A scenario to play in place of random days; docs/scenarios.md describes the file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "days", "profile"])]
    pub scenario: Option<PathBuf>,
    /// The log as one JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Also draw a timeline
    #[arg(long, value_name = "FILE.svg")]
    pub plot: Option<PathBuf>,
}

/// Platforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileArg {
    /// An Apple phone
    Ios,
    /// An Apple watch
    Watch,
    /// Android
    Android,
}

/// Says how to get the simulator.
#[cfg(not(feature = "testkit"))]
pub fn simulate(_: &SimulateArgs) -> Outcome {
    Err(crate::exit::Failure::usage(
        "this build has no simulator; `cargo run --release --features testkit --example backhaul -- simulate` has it",
    ))
}

/// Plays random days, or a scenario.
#[cfg(feature = "testkit")]
pub fn simulate(args: &SimulateArgs) -> Outcome {
    use backhaul::sim::{Scenario, explore};
    simulate_in(
        args,
        |seed, days, profile| explore::day(seed, days, profile).trace,
        Scenario::play,
    )
}

/// Plays what is asked for in a world of the caller's.
#[cfg(feature = "testkit")]
pub fn simulate_in(
    args: &SimulateArgs,
    day: impl FnOnce(u64, u32, backhaul::sim::Profile) -> backhaul::sim::Trace,
    play: impl FnOnce(
        &backhaul::sim::Scenario,
    ) -> Result<backhaul::sim::Played, backhaul::sim::ScenarioError>,
) -> Outcome {
    match &args.scenario {
        None => tell::days(args, day),
        Some(file) => tell::scenario(args, file, play),
    }
}
