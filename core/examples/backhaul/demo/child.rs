//! The app process of the demo: `get --json` of this very program.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use crate::demo::files::Files;
use crate::demo::watch::Watch;
use crate::exit::{Exit, Failure, Outcome};

/// The folder of the files, below that of the demo.
pub const FILES: &str = "files";

/// The app. Dropped while it runs, it is killed: no process outlives the demo.
pub struct App {
    child: Child,
    /// Told when the app's output ends.
    ended: Receiver<()>,
    log: PathBuf,
}

impl App {
    /// Starts it, with the same order every time.
    pub fn start(folder: &Path, files: &Files, watch: &Arc<Watch>) -> Outcome<App> {
        let failed = |error: std::io::Error| Failure::io("cannot start the app", &error);
        let (list, log) = (folder.join("list.txt"), folder.join("app.log"));
        fs::write(&list, files.list()).map_err(failed)?;
        let mut child = Command::new(std::env::current_exe().map_err(failed)?)
            .args(["get", "--json", "--events", "--session", "demo"])
            .arg("--root")
            .arg(folder.join("container"))
            .arg("--into")
            .arg(folder.join(FILES))
            .arg("--from")
            .arg(list)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).map_err(failed)?)
            .spawn()
            .map_err(failed)?;
        let (tell, ended) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            let watch = Arc::clone(watch);
            thread::spawn(move || {
                read(stdout, &watch);
                // Nobody waits any more after a failure.
                let _ = tell.send(());
            });
        }
        Ok(App { child, ended, log })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: no handler, no clean-up, no last word.
    pub fn kill(mut self) -> Outcome<()> {
        let failed = |error: std::io::Error| Failure::io("cannot kill the app", &error);
        self.child.kill().map_err(failed)?;
        self.child.wait().map_err(failed)?;
        // What it had said before is read to the end.
        let _ = self.ended.recv();
        Ok(())
    }

    /// Waits until it ends by itself, with every file right.
    pub fn finish(mut self, timeout: Duration) -> Outcome<()> {
        if self.ended.recv_timeout(timeout).is_err() {
            return Err(self.gave_up());
        }
        match self.child.wait() {
            Ok(status) if status.success() => Ok(()),
            _ => Err(self.gave_up()),
        }
    }

    /// Why the demo cannot go on.
    pub fn gave_up(&self) -> Failure {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let last = log.lines().last().unwrap_or("it said nothing");
        Failure::new(
            Exit::Failed,
            format!("the app did not get on ({last}); run it again with RUST_LOG=debug"),
        )
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // It may have ended long ago: then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line that a kill cut short is no object, and is passed over.
fn read(stdout: ChildStdout, watch: &Watch) {
    let lines = BufReader::new(stdout).lines().map_while(Result::ok);
    for event in lines.filter_map(|line| serde_json::from_str(&line).ok()) {
        watch.see(&event);
    }
}
