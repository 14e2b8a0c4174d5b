//! Real processes for the tests: start them, wait for what they do, kill them with no warning.
//!
//! A [`Process`] is killed and reaped when it is dropped, whatever the test does. Waiting is always
//! for something that the process, the server or the disk says ([`Event`]); nothing here sleeps.
//! This module must never leave a process behind.

#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

pub mod calls;
pub mod check;
pub mod example;
pub mod plan;
pub mod scene;
pub mod seed;
#[cfg(target_os = "linux")]
pub mod volume;
#[cfg(target_os = "linux")]
pub mod watch;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// No test waits longer for anything.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Something that a test waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The process printed a line.
    Line(String),
    /// It closed its standard output: it has ended, or is about to.
    Closed,
    /// Something else posted through [`Process::sender`]: a file changed, bytes were sent.
    Mark(String),
}

/// A child process whose standard output is read line by line.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// Open for as long as the process shall live: the probe ends with its standard input.
    input: Option<ChildStdin>,
    events: Receiver<Event>,
    sender: Sender<Event>,
    /// Everything it said so far, for failure messages.
    said: Vec<String>,
    is_closed: bool,
    complaints: Option<JoinHandle<String>>,
}

impl Process {
    /// Starts `program`.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start<A: AsRef<OsStr>>(
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> Process {
        Process::start_on(mpsc::channel(), program, arguments)
    }

    /// Starts `program`, posting to a channel that others post to already.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start_on<A: AsRef<OsStr>>(
        (sender, events): (Sender<Event>, Receiver<Event>),
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> Process {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let lines = sender.clone();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if lines.send(Event::Line(line)).is_err() {
                    return;
                }
            }
            // The test may have ended meanwhile.
            let _ = lines.send(Event::Closed);
        });
        let mut errors = child.stderr.take().expect("it is piped");
        let complaints = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = errors.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        Process {
            input: child.stdin.take(),
            child,
            events,
            sender,
            said: Vec::new(),
            is_closed: false,
            complaints: Some(complaints),
        }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Posts events of other sources to whoever waits for this process.
    pub fn sender(&self) -> Sender<Event> {
        self.sender.clone()
    }

    /// Writes a line to its standard input. A process that is gone does not mind.
    pub fn tell(&mut self, line: &str) {
        if let Some(input) = &mut self.input {
            let _ = writeln!(input, "{line}");
        }
    }

    /// The first event that `wanted` says yes to; `None` if the output was closed before.
    ///
    /// # Panics
    /// After [`PATIENCE`].
    pub fn wait_for(&mut self, what: &str, wanted: impl Fn(&Event) -> bool) -> Option<Event> {
        let end = Instant::now() + PATIENCE;
        while !self.is_closed {
            let left = end.saturating_duration_since(Instant::now());
            let event = match self.events.recv_timeout(left) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let _ = self.child.kill();
                    let (_, complaints) = self.reap();
                    let said = &self.said;
                    panic!("no {what} in {PATIENCE:?}; it said {said:#?} {complaints}")
                }
            };
            match &event {
                Event::Line(line) => self.said.push(line.clone()),
                Event::Closed => self.is_closed = true,
                Event::Mark(_) => {}
            }
            if wanted(&event) {
                return Some(event);
            }
        }
        None
    }

    /// Waits for a line that contains `part`, and returns it.
    ///
    /// # Panics
    /// After [`PATIENCE`], or when the process ends without having said it.
    pub fn line(&mut self, part: &str) -> String {
        let found = self.wait_for(
            part,
            |event| matches!(event, Event::Line(l) if l.contains(part)),
        );
        match found {
            Some(Event::Line(line)) => line,
            _ => {
                let said = self.said.clone();
                let (status, complaints) = self.reap();
                panic!("it ended ({status}) without {part:?}; it said {said:#?} {complaints}")
            }
        }
    }

    /// Kills it with SIGKILL, and returns when it is gone.
    pub fn kill(mut self) -> Ended {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.ended()
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    /// After [`PATIENCE`].
    pub fn wait(mut self) -> Ended {
        self.wait_for("end", |event| *event == Event::Closed);
        self.ended()
    }

    /// Takes its standard input away, which ends the probe in an orderly way, and waits.
    ///
    /// # Panics
    /// After [`PATIENCE`].
    pub fn quit(mut self) -> Ended {
        self.input = None;
        self.wait()
    }

    fn ended(mut self) -> Ended {
        let (status, complaints) = self.reap();
        let mut lines = std::mem::take(&mut self.said);
        lines.extend(self.events.try_iter().filter_map(|event| match event {
            Event::Line(line) => Some(line),
            Event::Closed | Event::Mark(_) => None,
        }));
        Ended {
            status,
            lines,
            complaints,
        }
    }

    fn reap(&mut self) -> (ExitStatus, String) {
        self.input = None;
        let status = self.child.wait().expect("a child can be waited for");
        let complaints = self.complaints.take().and_then(|thread| thread.join().ok());
        (status, complaints.unwrap_or_default())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is left of a process.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// What it said on its standard output.
    pub lines: Vec<String>,
    /// What it said on its standard error.
    pub complaints: String,
}

impl Ended {
    /// The last line that contains `part`.
    pub fn said(&self, part: &str) -> Option<&str> {
        let mut found = self.lines.iter().rev().filter(|line| line.contains(part));
        found.next().map(String::as_str)
    }
}
