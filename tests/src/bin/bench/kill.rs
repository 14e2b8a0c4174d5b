//! What is received a second time after a kill in the middle of several files.

use crate::Failure;
use crate::process::Owned;
use crate::row::{Row, Target, Unit};
use crate::workbench::{Workbench, text};
use backhaul_fault_server::{FaultServer, Object};
use std::path::Path;
use std::time::Duration;

const FILES: u64 = 8;
const FILE_BYTES: u64 = 20_000_000;
const QUICK_FILE_BYTES: u64 = 5_000_000;
/// Of each answer, in bytes a second: slow enough for a kill to land where it is meant to.
const RATE: u64 = 8_000_000;

const AGAIN_LIMIT_PERCENT: f64 = 2.0;

/// No run may take longer.
const LIMIT: Duration = Duration::from_secs(60);

/// Kills a `get` at another point in each round, lets a second one finish, and counts.
pub fn received_again(bench: &Workbench) -> Result<Vec<Row>, Failure> {
    let file_bytes = bench.size(FILE_BYTES, QUICK_FILE_BYTES);
    let mut again = Vec::new();
    for round in 0..bench.rounds {
        // Spread over the whole way: 10 %, 30 % … of five rounds.
        let part = (round as f64 + 0.5) / bench.rounds as f64;
        let percent = one_round(bench, file_bytes, part)?;
        eprintln!(
            "  killed at {:.0} %: {percent:.2} % received again",
            part * 100.0
        );
        again.push(percent);
    }
    let title = format!(
        "{FILES} × {} MB, killed once, received again",
        file_bytes / 1_000_000
    );
    let limit = Target::AtMost(AGAIN_LIMIT_PERCENT);
    Ok(vec![Row::alone(title, Unit::Percent, again, limit)])
}

fn one_round(bench: &Workbench, file_bytes: u64, part: f64) -> Result<f64, Failure> {
    let server = FaultServer::start()?;
    server.limit_rate(Some(RATE));
    let place = bench.place()?;
    let place = place.path();
    let names: Vec<String> = (0..FILES).map(|number| format!("{number}.bin")).collect();
    let object = |number: usize| Object::generated(number as u64, file_bytes);
    for (number, name) in names.iter().enumerate() {
        server.put(name, object(number));
    }
    let total = FILES * file_bytes;
    let kill_at = (total as f64 * part) as u64;
    let mut process = start(bench, place, &server, &names)?;
    let reached = server.wait_until(
        |state| names.iter().map(|name| state.bytes_sent(name)).sum::<u64>() >= kill_at,
        LIMIT,
    );
    process.kill()?;
    if !reached {
        return Err(format!("{kill_at} bytes were not sent within {LIMIT:?}").into());
    }
    finish(start(bench, place, &server, &names)?)?;
    for (number, name) in names.iter().enumerate() {
        if !object(number).matches_file(place.join("files").join(name))? {
            return Err(format!("{name} is wrong").into());
        }
    }
    let sent: u64 = names.iter().map(|name| server.bytes_sent(name)).sum();
    let again = sent
        .checked_sub(total)
        .ok_or("fewer bytes were sent than there are")?;
    Ok(again as f64 * 100.0 / total as f64)
}

fn start(
    bench: &Workbench,
    place: &Path,
    server: &FaultServer,
    names: &[String],
) -> Result<Owned, Failure> {
    let mut words = bench.backhaul("get", place);
    words.extend(["--into".to_owned(), text(&place.join("files"))]);
    words.extend(names.iter().map(|name| server.object_url(name)));
    Owned::start_silently(&words)
}

fn finish(mut process: Owned) -> Result<(), Failure> {
    let began = std::time::Instant::now();
    loop {
        match process.0.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("the second run ended with {status}").into()),
            None if began.elapsed() > LIMIT => {
                return Err(format!("the second run did not end within {LIMIT:?}").into());
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}
