//! The command line. Flags are stable: scripts and tests rely on them.

use std::path::PathBuf;
use std::time::Duration;

use backhaul::TaskId;
use clap::{Args, Parser, Subcommand};

use crate::conditions::{ConditionArgs, KEYS_HELP};
use crate::constraints::ConstraintArgs;
use crate::units;

/// Downloads that survive anything.
#[derive(Debug, Parser)]
#[command(
    name = "backhaul",
    version,
    about = "Downloads that survive anything: kill it, start it again, and every file arrives once, whole and right.",
    after_help = AFTER_HELP
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  everything asked for is done
  1  at least one file did not arrive, or something failed that is not listed here
  2  the command line, a URL or a list is wrong; nothing was written
  3  tasks still wait; run again later
  4  another process holds the session or the container
  5  no space on a volume; the tasks stay queued
  6  a folder or file cannot be written
  7  no task with this id
  8  the store cannot be read or written

Environment: RUST_LOG=debug shows what happens inside; NO_COLOR turns colours off.";

const GET_HELP: &str = "\
Examples:
  backhaul get https://example.com/alps.mbtiles
  backhaul get https://example.com/alps.mbtiles --output maps/alps.mbtiles --sha256 9f86d081…
  backhaul get --from urls.txt --into maps --limit-rate 2M --json
  backhaul get https://example.com/alps.mbtiles --no-cellular --conditions network=cellular
  backhaul get https://example.com/alps.mbtiles --earliest 2h --discretionary
A list has one URL a line, and may have a name after a tab; - reads standard input.
Exit code 0 only when every file is right; `backhaul --help` lists the others.";

const RUN_HELP: &str = "\
Pauses and dates of up to 60 seconds are waited for. What only another network, a charger or another
task could start is not: it leaves at once. Exit code 0: nothing is left; 3: tasks still wait, and it
says why and until when.

Examples:
  until backhaul run; do sleep 60; done
  backhaul run --conditions network=cellular,expensive,power=battery,battery=40
  backhaul run --wake-limit 25s --conditions network=wifi,app=background";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Download files and wait for them; run it again after a kill and it goes on
    #[command(after_help = format!("{GET_HELP}\n\n{KEYS_HELP}"))]
    Get(GetArgs),
    /// Queue downloads and return as soon as they are durable
    #[command(after_help = "\
Examples:
  backhaul enqueue https://example.com/a.bin https://example.com/b.bin --into files
  find-urls | backhaul enqueue --from - --into files && backhaul run
  backhaul enqueue https://example.com/map.zip --no-cellular --discretionary --expect-bytes 200M
  backhaul enqueue https://example.com/news.json --earliest 2027-01-31T06:00:00Z
  backhaul enqueue https://example.com/index.db --after 7      # once task 7 has arrived")]
    Enqueue(EnqueueArgs),
    /// One wake: finish what is pending, tell what ended, and leave
    #[command(after_help = format!("{RUN_HELP}\n\n{KEYS_HELP}"))]
    Run(RunArgs),
    /// List tasks, also while another process runs them
    List(InspectArgs),
    /// Say why a task does not move, and what was tried
    Explain(ExplainArgs),
    /// List the journal: every end of a task, and whether it was told
    Events(InspectArgs),
    /// Pause tasks; they keep their bytes
    Pause(IdsArgs),
    /// Let paused tasks go on at the next `run` or `get`
    Resume(IdsArgs),
    /// Cancel tasks and remove what they received
    Cancel(IdsArgs),
    /// Watch it survive two kills, a changed file and a bad server; needs no network
    Demo(DemoArgs),
    /// Play days of a phone's life, decided by a seed, and hold every promise against them
    #[command(after_help = "\
Examples:
  backhaul simulate --seed 7 --profile android
  backhaul simulate --days 7 --profile watch --json
  backhaul simulate --scenario tests/scenarios/a_day.json --plot day.svg
Exit code 1 when a promise is broken. The same seed gives the same log, byte for byte. Days are followed
by nine calm ones, in which everything must end. Needs a build with `--features testkit`.")]
    Simulate(crate::simulate::SimulateArgs),
}

/// Which container and session, and how to say things.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// The container: the folder of the store [default: backhaul in the user's data folder]
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The session [default: cli; list, explain and events look into all]
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// One JSON object a line: id, url, destination, state, reason, received, total, error
    #[arg(long)]
    pub json: bool,
}

impl Common {
    /// The container's folder.
    pub fn container(&self) -> PathBuf {
        self.root
            .clone()
            .unwrap_or_else(backhaul::default_container)
    }

    /// The session to open.
    pub fn session_id(&self) -> &str {
        self.session.as_deref().unwrap_or("cli")
    }
}

/// What to fetch, and where to.
#[derive(Args, Debug)]
pub struct SourceArgs {
    /// What to fetch: absolute https or http URLs
    #[arg(
        value_name = "URL",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    pub urls: Vec<String>,
    /// A list: one URL a line, and perhaps a tab and a name; - is standard input
    #[arg(long, value_name = "FILE|-")]
    pub from: Option<PathBuf>,
    /// The folder for the files; made if missing [default: the current one]
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    pub into: Option<PathBuf>,
    /// The file for a single URL
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub output: Option<PathBuf>,
    /// SHA-256 that the file of a single URL must have
    #[arg(long, value_name = "HEX", conflicts_with = "from")]
    pub sha256: Option<String>,
}

/// How to move bytes.
#[derive(Args, Clone, Debug)]
pub struct TransferArgs {
    /// Bytes a second for all files together, such as 500k or 2M
    #[arg(long, value_name = "RATE", value_parser = units::bytes)]
    pub limit_rate: Option<u64>,
    /// Files at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=128))]
    pub max: u16,
    /// How long a file may take, waits included, such as 30s, 5m, 2h or 7d [default: 7d]
    #[arg(long, value_name = "D", value_parser = units::duration)]
    pub timeout_for_resource: Option<Duration>,
    /// Certificate authorities to trust beside the system's, as PEM
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
}

/// `get`.
#[derive(Args, Debug)]
pub struct GetArgs {
    #[command(flatten)]
    pub source: SourceArgs,
    #[command(flatten)]
    pub constraints: ConstraintArgs,
    #[command(flatten)]
    pub transfer: TransferArgs,
    #[command(flatten)]
    pub conditions: ConditionArgs,
    #[command(flatten)]
    pub common: Common,
    /// Also write what happens to a file on its way, as objects with the key `event` (for the demo)
    #[arg(long, hide = true, requires = "json")]
    pub events: bool,
}

/// `enqueue`.
#[derive(Args, Debug)]
pub struct EnqueueArgs {
    #[command(flatten)]
    pub source: SourceArgs,
    #[command(flatten)]
    pub constraints: ConstraintArgs,
    #[command(flatten)]
    pub transfer: TransferArgs,
    #[command(flatten)]
    pub common: Common,
}

/// `run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    #[command(flatten)]
    pub transfer: TransferArgs,
    #[command(flatten)]
    pub conditions: ConditionArgs,
    /// The time that the system lends, such as 25s: by then it has left. Implies app=background where
    /// --conditions does not say [default with app=background: 25s; else none]
    #[arg(long, value_name = "D", value_parser = units::duration)]
    pub wake_limit: Option<Duration>,
    #[command(flatten)]
    pub common: Common,
}

/// `list` and `events`.
#[derive(Args, Debug)]
pub struct InspectArgs {
    #[command(flatten)]
    pub common: Common,
}

/// `explain`.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The task, as `list` shows it
    #[arg(value_name = "ID")]
    pub id: TaskId,
    #[command(flatten)]
    pub common: Common,
}

/// `pause`, `resume` and `cancel`.
#[derive(Args, Debug)]
pub struct IdsArgs {
    /// The tasks, as `list` shows them
    #[arg(
        value_name = "ID",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub ids: Vec<TaskId>,
    /// Every task of the session that has not ended
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub common: Common,
}

/// `demo`.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Only the result, as one JSON object
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_list_excludes_what_is_for_a_single_url() {
        let parse = |args: &[&str]| Cli::try_parse_from([&["backhaul"], args].concat()).is_ok();
        assert!(parse(&["get", "https://h/a", "--output", "x"]));
        assert!(parse(&["get", "--from", "-", "--into", "x"]));
        assert!(!parse(&["get"]));
        assert!(!parse(&["get", "--from", "l", "--output", "x"]));
        assert!(!parse(&["get", "--from", "l", "--sha256", "00"]));
        assert!(!parse(&["get", "https://h/a", "--from", "l"]));
        assert!(!parse(&["cancel"]));
        assert!(!parse(&["cancel", "1", "--all"]));
    }
}
