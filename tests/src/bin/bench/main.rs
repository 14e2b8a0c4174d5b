//! The benchmarks: Backhaul's command-line host beside curl and aria2c, and its jar beside OkHttp, on this
//! machine, in one run.
//!
//! Peers and ours alternate, each starts in a fresh folder on a file system that was synced before,
//! and medians are compared: what else the machine does meets all alike. Every figure that has a
//! target is judged, and one that could not be measured says so; a missed target is not an error.
//! Nothing here may contact anything but loopback.

mod arguments;
mod certificate;
mod contest;
mod crossings;
mod first_request;
mod idle;
mod jvm;
mod kill;
mod large;
mod measure;
mod nginx;
mod process;
mod queue;
mod report;
mod row;
mod small;
mod swift;
mod workbench;

use arguments::{Arguments, Topic};
use clap::Parser as _;
use row::Row;
use std::error::Error;
use std::process::ExitCode;
use workbench::Workbench;

/// What went wrong, in words for whoever ran this.
type Failure = Box<dyn Error>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every topic was measured.
fn run(arguments: &Arguments) -> Result<bool, Failure> {
    let bench = Workbench::new(arguments)?;
    let mut rows = Vec::new();
    let mut all_measured = true;
    for topic in arguments.topics() {
        eprintln!("{}", topic.title());
        match measure_topic(&bench, topic) {
            Ok(found) => rows.extend(found),
            Err(error) => {
                all_measured = false;
                rows.push(Row::not_run(topic.title(), &error.to_string()));
            }
        }
    }
    if arguments.json {
        println!("{}", report::json(arguments, &rows));
    } else {
        print!("{}", report::table(arguments, &rows));
    }
    Ok(all_measured)
}

fn measure_topic(bench: &Workbench, topic: Topic) -> Result<Vec<Row>, Failure> {
    match topic {
        Topic::Large => large::over_http(bench),
        Topic::Tls => large::over_tls(bench),
        Topic::Small => small::many_files(bench),
        Topic::Queue => queue::long_queue(bench),
        Topic::Idle => idle::waiting(bench),
        Topic::Kill => kill::received_again(bench),
        Topic::Jvm => jvm::on_the_jvm(bench),
        Topic::Swift => swift::in_swift(bench),
    }
}
