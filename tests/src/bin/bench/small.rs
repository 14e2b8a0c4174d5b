//! Many small files over 8 connections. Ours makes each durable, journals it and tells of it; curl is
//! shown with a sync of the file system at the end, and without. aria2c syncs each file by itself.

use crate::Failure;
use crate::contest::{Commands, Contestant, Results, contest};
use crate::nginx::Nginx;
use crate::row::{Row, Target, Unit};
use crate::workbench::{Workbench, text};
use backhaul_fault_server::Object;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

const FILES: u64 = 1000;
const QUICK_FILES: u64 = 200;
const FILE_BYTES: u64 = 100_000;
const CONNECTIONS: &str = "8";

const WALL_LIMIT: f64 = 1.2;

const OURS: &str = "backhaul get --max 8";
const CURL_SYNC: &str = "curl -Z + sync -f";
const CURL: &str = "curl -Z, no sync";
const ARIA: &str = "aria2c -j8";

/// The lists that the contestants are given, in the forms that they read.
struct Lists {
    ours: PathBuf,
    curl: PathBuf,
    aria: PathBuf,
}

/// Ours against curl and aria2c.
pub fn many_files(bench: &Workbench) -> Result<Vec<Row>, Failure> {
    let server = Nginx::http(bench)?;
    let objects: Vec<Object> = (0..bench.size(FILES, QUICK_FILES))
        .map(|number| Object::generated(number, FILE_BYTES))
        .collect();
    for (number, object) in objects.iter().enumerate() {
        object.write_to(File::create(server.files.join(name(number)))?)?;
    }
    let lists = write_lists(bench, &server, objects.len())?;
    let contestants = contestants(bench, &lists, &objects);
    let results = contest(bench, &contestants)?;
    Ok(rows(&results, objects.len()))
}

fn name(number: usize) -> String {
    format!("{number:06}.bin")
}

fn write_lists(bench: &Workbench, server: &Nginx, count: usize) -> Result<Lists, Failure> {
    let folder = bench.folder("lists")?;
    let lists = Lists {
        ours: folder.join("ours"),
        curl: folder.join("curl"),
        aria: folder.join("aria"),
    };
    let urls: Vec<String> = (0..count).map(|number| server.url(&name(number))).collect();
    fs::write(&lists.ours, urls.join("\n"))?;
    fs::write(&lists.aria, urls.join("\n"))?;
    let lines = urls
        .iter()
        .map(|url| format!("url = \"{url}\"\nremote-name\n"));
    fs::write(&lists.curl, lines.collect::<String>())?;
    Ok(lists)
}

fn contestants<'a>(
    bench: &'a Workbench,
    lists: &'a Lists,
    objects: &'a [Object],
) -> Vec<Contestant<'a>> {
    let check = move |place: &Path| check(&place.join("files"), objects);
    let ours = move |place: &Path| {
        let mut words = bench.backhaul("get", place);
        words.extend(["--max", CONNECTIONS, "--from"].map(str::to_owned));
        words.extend([text(&lists.ours), "--into".into()]);
        words.push(text(&place.join("files")));
        words
    };
    let curl = move |place: &Path| {
        let words = [
            "curl",
            "--fail",
            "--silent",
            "--create-dirs",
            "--output-dir",
        ];
        let mut words = words.map(str::to_owned).to_vec();
        words.push(text(&place.join("files")));
        words.extend(["-Z", "--parallel-max", CONNECTIONS, "--config"].map(str::to_owned));
        words.push(text(&lists.curl));
        words
    };
    let aria = move |place: &Path| {
        let words = ["aria2c", "--quiet", "--no-conf", "-j", CONNECTIONS, "--dir"];
        let mut words = words.map(str::to_owned).to_vec();
        words.extend([text(&place.join("files")), "--input-file".into()]);
        words.push(text(&lists.aria));
        words
    };
    let sync = |place: &Path| vec!["sync".into(), "-f".into(), text(&place.join("files"))];
    let all: [(&'static str, Commands<'a>); 4] = [
        (OURS, Box::new(move |place| vec![ours(place)])),
        (
            CURL_SYNC,
            Box::new(move |place| vec![curl(place), sync(place)]),
        ),
        (CURL, Box::new(move |place| vec![curl(place)])),
        (ARIA, Box::new(move |place| vec![aria(place)])),
    ];
    all.into_iter()
        .map(|(name, commands)| Contestant {
            name,
            commands,
            check: Box::new(check),
        })
        .collect()
}

fn check(files: &Path, objects: &[Object]) -> Result<(), Failure> {
    for (number, object) in objects.iter().enumerate() {
        let file = files.join(name(number));
        if !object.matches_file(&file)? {
            return Err(format!("{} is wrong", file.display()).into());
        }
    }
    Ok(())
}

fn rows(results: &Results, count: usize) -> Vec<Row> {
    let wall = |name| results.figures(name, |sample| sample.wall_s);
    let cpu = |name| results.figures(name, |sample| sample.cpu_s);
    let peak = |name| results.figures(name, |sample| sample.peak_rss_mb);
    let title = format!("{count} × 100 KB");
    let walls = [
        (CURL_SYNC, Target::RatioAtMost(WALL_LIMIT)),
        (CURL, Target::None),
        (ARIA, Target::None),
    ];
    let mut rows: Vec<Row> = walls
        .into_iter()
        .map(|(peer, target)| {
            Row::alone(format!("{title}, wall"), Unit::Seconds, wall(OURS), target)
                .beside(peer, wall(peer))
        })
        .collect();
    rows.push(
        Row::alone(
            format!("{title}, CPU"),
            Unit::Seconds,
            cpu(OURS),
            Target::None,
        )
        .beside(CURL_SYNC, cpu(CURL_SYNC)),
    );
    rows.push(
        Row::alone(
            format!("{title}, peak RSS"),
            Unit::Megabytes,
            peak(OURS),
            Target::None,
        )
        .beside(CURL_SYNC, peak(CURL_SYNC)),
    );
    rows
}
