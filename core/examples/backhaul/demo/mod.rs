//! `demo`: a bad server and an app that is killed twice, in one terminal and without a network.
//!
//! The app is this program itself, running `get` as a process of its own. It is told nothing of the
//! demo and gets no help: it is killed with SIGKILL, at whatever instruction it is.

mod child;
mod files;
mod report;
mod watch;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::args::DemoArgs;
use crate::exit::{Exit, Failure, Outcome};
use crate::text;
use child::App;
use files::Files;
use report::Report;
use watch::Watch;

/// The app is killed when the server has sent these parts of all bytes, in percent.
const KILLS_AT_PERCENT: [u64; 2] = [20, 55];

/// The longest that any step may take.
const STEP_TIMEOUT: Duration = Duration::from_secs(15);

/// Shows it.
pub fn demo(args: &DemoArgs) -> Outcome {
    let folder = tempfile::Builder::new()
        .prefix("backhaul-demo-")
        .tempdir()
        .map_err(|error| Failure::io("cannot make a folder for the demo", &error))?;
    let report = play(args, &folder)?;
    report.print(args.json);
    match report.is_right() {
        true => Ok(Exit::Done),
        false => Err(Failure::new(
            Exit::Failed,
            "a file is wrong; please report this as a bug",
        )),
    }
}

fn play(args: &DemoArgs, folder: &TempDir) -> Outcome<Report> {
    let began = Instant::now();
    let files = Files::serve()?;
    let watch = Arc::new(Watch::new(args.json, &files));
    let (count, all_bytes) = (files.count(), files.total_bytes());
    watch.say(&format!(
        "A bad server on 127.0.0.1:{} has {count} files, {} in all.",
        files.port(),
        text::bytes(all_bytes)
    ));
    for (number, percent) in KILLS_AT_PERCENT.into_iter().enumerate() {
        let app = App::start(folder.path(), &files, &watch)?;
        watch.say(&format!("The app starts (process {}).", app.id()));
        if !files.wait_until_sent(all_bytes * percent / 100, STEP_TIMEOUT) {
            return Err(app.gave_up());
        }
        app.kill()?;
        watch.say(&format!(
            "kill -9, after {}.",
            text::bytes(files.sent_bytes())
        ));
        if number == 0 {
            let name = files.replace_one();
            watch.say(&format!("The server gets another version of {name}."));
        }
    }
    let app = App::start(folder.path(), &files, &watch)?;
    watch.say(&format!(
        "The app starts (process {}), and is left alone.",
        app.id()
    ));
    app.finish(STEP_TIMEOUT)?;
    watch.say("The app says that every file is there.");
    watch.clear();
    Report::new(
        &folder.path().join(child::FILES),
        &files,
        &watch,
        KILLS_AT_PERCENT.len(),
        began.elapsed(),
    )
}
