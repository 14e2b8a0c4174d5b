//! Everything waits for a time one hour away: how often does a thread of the process wake?

use crate::Failure;
use crate::process::{Owned, switches};
use crate::row::{Row, Target, Unit};
use crate::workbench::{Workbench, text};
use backhaul_fault_server::{Fault, FaultServer, Object};
use std::thread;
use std::time::Duration;

const TASKS: usize = 8;
const RETRY_AFTER_S: u64 = 3600;

/// How long the process is watched, and the unit of the figure.
const WATCHED: Duration = Duration::from_secs(20);
const UNIT: Duration = Duration::from_secs(10);
/// After the last answer the process writes down what it decided, and closes what it no longer needs.
const SETTLE: Duration = Duration::from_secs(5);

const WAKES_LIMIT: f64 = 1.0;

/// Starts a `get` whose every task is told to come back in an hour, and watches its threads.
pub fn waiting(bench: &Workbench) -> Result<Vec<Row>, Failure> {
    let server = FaultServer::start()?;
    let place = bench.folder("idle")?;
    let mut words = bench.backhaul("get", &place);
    words.extend(["--into".to_owned(), text(&place.join("files"))]);
    for task in 0..TASKS {
        let name = format!("{task}.bin");
        server.put(&name, Object::generated(1, 1000));
        server.always(&name, Fault::retry_after(503, RETRY_AFTER_S));
        words.push(server.object_url(&name));
    }
    let process = Owned::start_silently(&words)?;
    let asked = server.wait_until(
        |state| state.request_count() >= TASKS as u64,
        Duration::from_secs(30),
    );
    if !asked {
        return Err("not every task was asked for".into());
    }
    thread::sleep(SETTLE);
    let wakes = busiest_thread(process.0.id())?;
    if server.requests().len() != TASKS {
        return Err("a task was asked for again before its hour".into());
    }
    let title = format!("{TASKS} tasks wait for an hour, wakes of the busiest thread");
    let limit = Target::AtMost(WAKES_LIMIT);
    Ok(vec![Row::alone(
        title,
        Unit::PerTenSeconds,
        vec![wakes],
        limit,
    )])
}

/// Wakes in ten seconds: what wakes must sleep again, and that is counted.
fn busiest_thread(pid: u32) -> Result<f64, Failure> {
    let before = switches(pid)?;
    thread::sleep(WATCHED);
    let after = switches(pid)?;
    let mut most = 0;
    for (thread, (name, count)) in after {
        let wakes = count - before.get(&thread).map_or(0, |(_, count)| *count);
        if wakes > 0 {
            eprintln!("  {name}: {wakes} in {} s", WATCHED.as_secs());
        }
        most = most.max(wakes);
    }
    Ok(most as f64 * UNIT.as_secs_f64() / WATCHED.as_secs_f64())
}
