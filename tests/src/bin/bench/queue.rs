//! A long queue: how fast it is made durable, how soon a new process asks for the first file of it,
//! and what it costs in memory.

use crate::Failure;
use crate::first_request::FirstRequest;
use crate::measure::{measure, settle};
use crate::process::{Owned, peak_rss_bytes};
use crate::row::{Row, Target, Unit};
use crate::workbench::{Workbench, text};
use backhaul::{Destination, Request, Session, SessionConfiguration, SessionDelegate};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

const TASKS: u64 = 100_000;
const QUICK_TASKS: u64 = 10_000;

const ENQUEUE_LIMIT_PER_SECOND: f64 = 100_000.0;
const FIRST_REQUEST_LIMIT_MS: f64 = 80.0;
const RSS_LIMIT_MB: f64 = 32.0;

/// No start may take longer.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);
/// After the first request the process goes on to all its connections, and has then what it needs.
const SETTLE: Duration = Duration::from_secs(1);

/// All of it.
pub fn long_queue(bench: &Workbench) -> Result<Vec<Row>, Failure> {
    let tasks = bench.size(TASKS, QUICK_TASKS);
    let server = FirstRequest::listen()?;
    let folder = bench.folder("queue")?;
    let list = folder.join("list");
    let lines = (0..tasks).map(|number| format!("{}\n", server.url(&name(number))));
    fs::write(&list, lines.collect::<String>())?;

    let (mut by_process, mut by_call) = (Vec::new(), Vec::new());
    for round in 0..bench.rounds {
        let place = folder.join(format!("place-{round}"));
        fs::create_dir(&place)?;
        by_process.push(tasks as f64 / enqueue_by_process(bench, &list, &place)?);
        let place = folder.join(format!("call-{round}"));
        fs::create_dir(&place)?;
        by_call.push(tasks as f64 / enqueue_by_call(tasks, &place)?);
        eprintln!(
            "  enqueue: {:.0} and {:.0} /s",
            by_call[round], by_process[round]
        );
    }
    let (first_ms, rss_mb) = restores(bench, &server, &folder)?;
    let limit = Target::AtLeast(ENQUEUE_LIMIT_PER_SECOND);
    let title = |what: &str| format!("{tasks} tasks, {what}");
    Ok(vec![
        Row::alone(
            title("one call that returns when durable"),
            Unit::PerSecond,
            by_call,
            limit,
        ),
        Row::alone(
            title("whole `enqueue` process"),
            Unit::PerSecond,
            by_process,
            limit,
        ),
        Row::alone(
            title("process start to first request"),
            Unit::Milliseconds,
            first_ms,
            Target::AtMost(FIRST_REQUEST_LIMIT_MS),
        ),
        Row::alone(
            title("peak RSS"),
            Unit::Megabytes,
            rss_mb,
            Target::AtMost(RSS_LIMIT_MB),
        ),
    ])
}

fn name(number: u64) -> String {
    format!("{number:06}.bin")
}

/// Seconds for the command-line host: start, reading the list, checks, commit, end.
fn enqueue_by_process(bench: &Workbench, list: &Path, place: &Path) -> Result<f64, Failure> {
    settle(place)?;
    let mut words = bench.backhaul("enqueue", place);
    words.extend(["--from".to_owned(), text(list), "--into".to_owned()]);
    words.push(text(&place.join("files")));
    Ok(measure(&[words], place)?.wall_s)
}

struct Nobody;
impl SessionDelegate for Nobody {}

/// Seconds for the call that an app makes.
fn enqueue_by_call(tasks: u64, place: &Path) -> Result<f64, Failure> {
    // One of its own: its requests are nobody's first.
    let server = FirstRequest::listen()?;
    let requests = (0..tasks).map(|number| {
        let name = name(number);
        let destination = Destination::in_container(name.as_str())?;
        Ok(Request::new(server.url(&name).as_str())?.destination(destination))
    });
    let configuration = SessionConfiguration::background("bench")?
        .container(place)
        .allow_plain_http("127.0.0.1");
    let session = Session::background(configuration, Arc::new(Nobody), Default::default())?;
    settle(place)?;
    let began = Instant::now();
    let made = session.enqueue(requests)?;
    let took = began.elapsed().as_secs_f64();
    if made.len() as u64 != tasks {
        return Err(format!("{} tasks of {tasks} were made", made.len()).into());
    }
    Ok(took)
}

/// Milliseconds to the first request, and memory: a new process for each queue, killed afterwards.
fn restores(
    bench: &Workbench,
    server: &FirstRequest,
    folder: &Path,
) -> Result<(Vec<f64>, Vec<f64>), Failure> {
    let (mut first_ms, mut rss_mb) = (Vec::new(), Vec::new());
    for round in 0..bench.rounds {
        let place: PathBuf = folder.join(format!("place-{round}"));
        settle(&place)?;
        server.forget();
        let words = bench.backhaul("run", &place);
        let began = Instant::now();
        let mut process = Owned::start_silently(&words)?;
        let came = server.next(REQUEST_LIMIT)?;
        first_ms.push((came - began).as_secs_f64() * 1e3);
        thread::sleep(SETTLE);
        let peak = peak_rss_bytes(process.0.id()).ok_or("`run` ended before its time")?;
        rss_mb.push(peak as f64 / 1e6);
        process.kill()?;
        eprintln!(
            "  restore: {:.0} ms, {:.1} MB",
            first_ms[round], rss_mb[round]
        );
    }
    Ok((first_ms, rss_mb))
}
