//! One large file: ours against curl followed by a sync of the file, and curl alone beside them.

use crate::Failure;
use crate::contest::{Contestant, Results, contest};
use crate::measure::Sample;
use crate::nginx::Nginx;
use crate::row::{Row, Target, Unit};
use crate::workbench::{Workbench, text};
use backhaul_fault_server::Object;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// The size that the targets are for.
pub const LARGE_BYTES: u64 = 1 << 30;
pub const QUICK_LARGE_BYTES: u64 = 128 << 20;
/// A file whose memory is compared with the large one's.
const MEDIUM_BYTES: u64 = 64 << 20;

const WALL_LIMIT: f64 = 0.7;
const TLS_WALL_LIMIT: f64 = 0.9;
const CPU_LIMIT: f64 = 0.8;
const PEAK_RSS_LIMIT_MB: f64 = 28.0;
/// What counts as constant: the size of a few buffers that may or may not be in use.
const PEAK_RSS_GROWTH_LIMIT_MB: f64 = 2.0;

const OURS: &str = "backhaul get";
const OURS_MEDIUM: &str = "backhaul get, 64 MiB";
const CURL_SYNC: &str = "curl + sync -d";
const CURL: &str = "curl, no sync";

/// Over plain http.
pub fn over_http(bench: &Workbench) -> Result<Vec<Row>, Failure> {
    let server = Nginx::http(bench)?;
    let results = race(bench, &server)?;
    let title = title(bench, "http");
    let cpu_limit = Target::RatioAtMost(CPU_LIMIT);
    let mut rows = shared_rows(&results, &title, WALL_LIMIT, cpu_limit);
    let peak = |name| results.figures(name, |sample| sample.peak_rss_mb);
    let growth = peak(OURS)
        .iter()
        .zip(peak(OURS_MEDIUM))
        .map(|(large, medium)| large - medium)
        .collect();
    rows.push(Row::alone(
        format!("{title}, peak RSS above 64 MiB's"),
        Unit::Megabytes,
        growth,
        Target::AtMost(PEAK_RSS_GROWTH_LIMIT_MB),
    ));
    Ok(rows)
}

/// Over TLS 1.3.
pub fn over_tls(bench: &Workbench) -> Result<Vec<Row>, Failure> {
    let server = Nginx::tls(bench)?;
    let results = race(bench, &server)?;
    let title = title(bench, "TLS 1.3");
    Ok(shared_rows(&results, &title, TLS_WALL_LIMIT, Target::None))
}

fn title(bench: &Workbench, scheme: &str) -> String {
    format!("{} MiB, {scheme}", large_bytes(bench) >> 20)
}

fn large_bytes(bench: &Workbench) -> u64 {
    bench.size(LARGE_BYTES, QUICK_LARGE_BYTES)
}

fn race(bench: &Workbench, server: &Nginx) -> Result<Results, Failure> {
    let large = Object::generated(1, large_bytes(bench));
    let medium = Object::generated(2, MEDIUM_BYTES);
    serve(server, "large", &large)?;
    serve(server, "medium", &medium)?;
    let curl = |place: &Path| {
        let mut words = vec![
            "curl".to_owned(),
            "--fail".to_owned(),
            "--silent".to_owned(),
        ];
        words.extend(server.trust());
        words.extend(["--output".to_owned(), text(&place.join("file"))]);
        words.push(server.url("large"));
        words
    };
    let sync = |place: &Path| vec!["sync".into(), "-d".into(), text(&place.join("file"))];
    let contestants = [
        ours(bench, server, OURS, "large", &large),
        Contestant {
            name: CURL_SYNC,
            commands: Box::new(|place| vec![curl(place), sync(place)]),
            check: Box::new(|place| check(place, &large)),
        },
        Contestant {
            name: CURL,
            commands: Box::new(|place| vec![curl(place)]),
            check: Box::new(|place| check(place, &large)),
        },
        ours(bench, server, OURS_MEDIUM, "medium", &medium),
    ];
    contest(bench, &contestants)
}

fn ours<'a>(
    bench: &'a Workbench,
    server: &'a Nginx,
    name: &'static str,
    file: &'static str,
    object: &'a Object,
) -> Contestant<'a> {
    let commands = move |place: &Path| {
        let mut words = bench.backhaul("get", place);
        words.extend(server.trust());
        words.extend(["--output".to_owned(), text(&place.join("file"))]);
        words.push(server.url(file));
        vec![words]
    };
    Contestant {
        name,
        commands: Box::new(commands),
        check: Box::new(move |place| check(place, object)),
    }
}

/// Puts an object where the server finds it.
pub fn serve(server: &Nginx, name: &str, object: &Object) -> Result<(), Failure> {
    let file = File::create(server.files.join(name))?;
    Ok(object.write_to(BufWriter::with_capacity(1 << 20, file))?)
}

/// Whether `file` in the folder is the object.
pub fn check(place: &Path, object: &Object) -> Result<(), Failure> {
    match object.first_difference(place.join("file"))? {
        None => Ok(()),
        Some(offset) => Err(format!("the file is wrong at byte {offset}").into()),
    }
}

fn shared_rows(results: &Results, title: &str, wall_limit: f64, cpu_limit: Target) -> Vec<Row> {
    let wall = |name| results.figures(name, |sample: &Sample| sample.wall_s);
    let cpu = |name| results.figures(name, |sample: &Sample| sample.cpu_s);
    let peak = |name| results.figures(name, |sample: &Sample| sample.peak_rss_mb);
    let (seconds, none) = (Unit::Seconds, Target::None);
    let wall_limit = Target::RatioAtMost(wall_limit);
    let wall_title = format!("{title}, wall");
    vec![
        Row::alone(&wall_title, seconds, wall(OURS), wall_limit).beside(CURL_SYNC, wall(CURL_SYNC)),
        Row::alone(&wall_title, seconds, wall(OURS), none).beside(CURL, wall(CURL)),
        Row::alone(format!("{title}, CPU"), seconds, cpu(OURS), cpu_limit)
            .beside(CURL_SYNC, cpu(CURL_SYNC)),
        Row::alone(
            format!("{title}, peak RSS"),
            Unit::Megabytes,
            peak(OURS),
            Target::AtMost(PEAK_RSS_LIMIT_MB),
        )
        .beside(CURL_SYNC, peak(CURL_SYNC)),
    ]
}
