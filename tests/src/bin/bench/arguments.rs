//! The command line.

use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Measures Backhaul beside curl and aria2c, on loopback.
#[derive(Debug, Parser)]
#[command(
    name = "tests/run bench",
    version,
    after_help = "\
Examples:
  tests/run bench                        the whole table, some minutes
  tests/run bench --quick                smaller and fewer, about a minute; too noisy to judge by
  tests/run bench --only large --only tls --rounds 9
  tests/run bench --only jvm             Kotlin's part alone
  tests/run bench --json >bench.json     every sample, for comparing runs

Needs nginx, curl and aria2c, for the JVM's part Java 17 and Maven, some 4 GiB of free disk, and a machine
with little else to do.
A missed target is shown, and is not an error; the exit code is 1 if something could not be measured."
)]
pub struct Arguments {
    /// Smaller sizes and fewer rounds
    #[arg(long)]
    pub quick: bool,
    /// JSON with every sample instead of the table
    #[arg(long)]
    pub json: bool,
    /// Only this; may be given several times
    #[arg(long, value_name = "TOPIC")]
    only: Vec<Topic>,
    /// How often each is run [default: 5, and 3 with --quick]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=99))]
    rounds: Option<u16>,
    /// The command-line host, built for release
    #[arg(long, value_name = "FILE", hide = true)]
    pub backhaul: PathBuf,
    /// Where files are written
    #[arg(long, value_name = "DIR", hide = true)]
    pub dir: PathBuf,
    /// The programs for the JVM: a class path
    #[arg(long, value_name = "PATHS", hide = true)]
    pub jvm_class_path: Option<String>,
    /// Where the native library that they use is
    #[arg(long, value_name = "DIR", hide = true, requires = "jvm_class_path")]
    pub jvm_library_path: Option<PathBuf>,
    /// How the program in Swift is called, word by word
    #[arg(long, value_name = "WORD", hide = true)]
    pub swift_calls: Vec<String>,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Topic {
    /// One large file over http
    Large,
    /// One large file over TLS 1.3
    Tls,
    /// Many small files
    Small,
    /// A long queue: enqueue, restore, memory
    Queue,
    /// Everything waits
    Idle,
    /// Bytes received again after a kill
    Kill,
    /// One large file on the JVM, and what a call costs there
    Jvm,
    /// What a call costs in Swift
    Swift,
}

impl Topic {
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Topic::Large => "one large file, http",
            Topic::Tls => "one large file, TLS 1.3",
            Topic::Small => "many small files",
            Topic::Queue => "a long queue",
            Topic::Idle => "idle",
            Topic::Kill => "after a kill",
            Topic::Jvm => "on the JVM",
            Topic::Swift => "in Swift",
        }
    }
}

impl Arguments {
    /// What to measure, in the table's order.
    pub fn topics(&self) -> Vec<Topic> {
        let wanted = |topic: &Topic| self.only.is_empty() || self.only.contains(topic);
        let all = Topic::value_variants().iter().copied();
        all.filter(wanted).collect()
    }

    /// How often each is run.
    pub fn rounds(&self) -> usize {
        let default = if self.quick { 3 } else { 5 };
        self.rounds.unwrap_or(default).into()
    }
}
