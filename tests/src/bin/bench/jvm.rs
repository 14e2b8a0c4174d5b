//! The jar: one large file against OkHttp and against the command-line host, and what a call costs.

use crate::Failure;
use crate::contest::{Contestant, contest};
use crate::crossings::{crossings, figure, said};
use crate::large::{self, LARGE_BYTES, QUICK_LARGE_BYTES};
use crate::measure::Sample;
use crate::nginx::Nginx;
use crate::row::{Row, Target, Unit};
use crate::workbench::{Workbench, text};
use backhaul_fault_server::Object;
use std::cell::RefCell;
use std::path::Path;

const OKHTTP_WALL_LIMIT: f64 = 1.0;
const OKHTTP_RSS_LIMIT: f64 = 0.7;
const HOST_WALL_LIMIT: f64 = 1.1;
const HEAP_LIMIT_MB: f64 = 10.0;
const CROSSING_LIMIT_US: f64 = 10.0;

/// Of the file before the large one, which has the JVM load its classes.
const SMALL_BYTES: u64 = 1_000;

const OURS: &str = "Backhaul, JVM";
const OURS_AGAIN: &str = "Backhaul, JVM, the next one";
const OKHTTP_SYNC: &str = "OkHttp 5 + force";
const OKHTTP: &str = "OkHttp 5, no force";
const HOST: &str = "backhaul get";

/// All of it.
pub fn on_the_jvm(bench: &Workbench) -> Result<Vec<Row>, Failure> {
    let mut rows = large_file(bench)?;
    rows.extend(calls(bench)?);
    Ok(rows)
}

fn large_file(bench: &Workbench) -> Result<Vec<Row>, Failure> {
    let server = Nginx::http(bench)?;
    let object = Object::generated(1, bench.size(LARGE_BYTES, QUICK_LARGE_BYTES));
    large::serve(&server, "large", &object)?;
    large::serve(&server, "small", &Object::generated(2, SMALL_BYTES))?;
    let url = server.url("large");
    let small_url = server.url("small");
    // Fails here, before anything runs, if there is no JVM.
    let words = bench.jvm("DownloadKt", &[])?;
    let on_jvm = |how: &'static str, place: &Path| {
        let mut words = words.clone();
        words.extend([how.to_owned(), url.clone(), text(place)]);
        vec![words]
    };
    let again_on_jvm = |place: &Path| {
        let mut commands = on_jvm("backhaul", place);
        commands[0].push(small_url.clone());
        commands
    };
    let host = |place: &Path| {
        let mut words = bench.backhaul("get", place);
        words.extend([
            "--output".to_owned(),
            text(&place.join("file")),
            url.clone(),
        ]);
        vec![words]
    };
    // What ours says of itself: seconds without the start of the JVM, and the heap.
    let (alone_s, again_s) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let heap_mb = RefCell::new(Vec::new());
    let contestants = [
        Contestant {
            name: OURS,
            commands: Box::new(|place| on_jvm("backhaul", place)),
            check: Box::new(|place| {
                let said = said(place)?;
                alone_s.borrow_mut().push(figure(&said, "seconds")?);
                heap_mb.borrow_mut().push(figure(&said, "heap_mb")?);
                large::check(place, &object)
            }),
        },
        Contestant {
            name: OURS_AGAIN,
            commands: Box::new(again_on_jvm),
            check: Box::new(|place| {
                again_s.borrow_mut().push(figure(&said(place)?, "seconds")?);
                large::check(place, &object)
            }),
        },
        Contestant {
            name: OKHTTP_SYNC,
            commands: Box::new(|place| on_jvm("okhttp-sync", place)),
            check: Box::new(|place| large::check(place, &object)),
        },
        Contestant {
            name: OKHTTP,
            commands: Box::new(|place| on_jvm("okhttp", place)),
            check: Box::new(|place| large::check(place, &object)),
        },
        Contestant {
            name: HOST,
            commands: Box::new(host),
            check: Box::new(|place| large::check(place, &object)),
        },
    ];
    let results = contest(bench, &contestants)?;
    drop(contestants);
    let wall = |name| results.figures(name, |sample: &Sample| sample.wall_s);
    let peak = |name| results.figures(name, |sample: &Sample| sample.peak_rss_mb);
    let title = |what: &str| format!("JVM, {} MiB, {what}", object.len() >> 20);
    let (seconds, megabytes) = (Unit::Seconds, Unit::Megabytes);
    Ok(vec![
        Row::alone(
            title("wall"),
            seconds,
            wall(OURS),
            Target::RatioAtMost(OKHTTP_WALL_LIMIT),
        )
        .beside(OKHTTP_SYNC, wall(OKHTTP_SYNC)),
        Row::alone(title("wall"), seconds, wall(OURS), Target::None).beside(OKHTTP, wall(OKHTTP)),
        Row::alone(
            title("peak RSS"),
            megabytes,
            peak(OURS),
            Target::RatioAtMost(OKHTTP_RSS_LIMIT),
        )
        .beside(OKHTTP_SYNC, peak(OKHTTP_SYNC)),
        Row::alone(
            title("wall without the JVM's start"),
            seconds,
            alone_s.into_inner(),
            Target::RatioAtMost(HOST_WALL_LIMIT),
        )
        .beside(HOST, wall(HOST)),
        Row::alone(
            title("wall, not the first download"),
            seconds,
            again_s.into_inner(),
            Target::None,
        )
        .beside(HOST, wall(HOST)),
        Row::alone(
            title("peak heap above idle"),
            megabytes,
            heap_mb.into_inner(),
            Target::AtMost(HEAP_LIMIT_MB),
        ),
    ])
}

fn calls(bench: &Workbench) -> Result<Vec<Row>, Failure> {
    let limit = Target::AtMost(CROSSING_LIMIT_US);
    let kinds = [
        ("call_us", "JVM, a call into the library", limit),
        ("callback_us", "JVM, a call out of it", limit),
        (
            "delegate_us",
            "JVM, a delegate told of a task",
            Target::None,
        ),
    ];
    crossings(bench, kinds, |place| bench.jvm("CallsKt", &[&text(place)]))
}
