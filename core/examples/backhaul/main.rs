//! `backhaul`, a small real app on the public API of the library: a command-line downloader that
//! can be killed at any instant.
//!
//! It must never know more of the library than any other app could: what it needs is public.
//!
//! `get` reads the order once to check it ([`plan`]), opens the session ([`open`]), goes on with what
//! earlier processes left and queues the rest ([`attach`]), and waits ([`wait`]) while the delegate
//! ([`app`]) says how each file ended. The other commands are parts of that.

mod app;
mod args;
mod attach;
mod bars;
mod conditions;
mod constraints;
mod demo;
mod exit;
mod get;
mod hosts;
mod inspect;
mod json;
mod left;
mod open;
mod out;
mod pages;
mod place;
mod plan;
mod queue;
mod run;
mod simulate;
mod source;
mod text;
mod units;
mod wait;
mod wants;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::args::{Cli, Command};
use crate::exit::{Exit, Outcome};
use crate::queue::Change;

fn main() -> ExitCode {
    let level = env_logger::Env::default().default_filter_or("warn");
    env_logger::Builder::from_env(level).init();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(said) => return usage(&said),
    };
    match dispatch(&cli.command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            out::note(&failure);
            failure.exit.into()
        }
    }
}

fn dispatch(command: &Command) -> Outcome {
    match command {
        Command::Get(args) => get::get(args),
        Command::Enqueue(args) => queue::enqueue(args),
        Command::Run(args) => run::run(args),
        Command::List(args) => inspect::list(args),
        Command::Explain(args) => inspect::explain(args),
        Command::Events(args) => inspect::events(args),
        Command::Pause(args) => queue::change(args, Change::Pause),
        Command::Resume(args) => queue::change(args, Change::Resume),
        Command::Cancel(args) => queue::change(args, Change::Cancel),
        Command::Demo(args) => demo::demo(args),
        Command::Simulate(args) => simulate::simulate(args),
    }
}

/// Help and version go to standard output as they are; a mistake is one line like any other.
fn usage(said: &clap::Error) -> ExitCode {
    if !said.use_stderr() || said.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // Who closed the pipe has read enough.
        let _ = said.print();
        return if said.use_stderr() {
            Exit::Usage.into()
        } else {
            Exit::Done.into()
        };
    }
    let text = said.to_string();
    let wrong = text
        .lines()
        .take_while(|line| !line.is_empty())
        .map(str::trim);
    let wrong = wrong.collect::<Vec<_>>().join(" ");
    let wrong = wrong.trim_start_matches("error: ");
    out::note(format_args!(
        "{wrong}; `backhaul --help` shows what there is"
    ));
    Exit::Usage.into()
}
