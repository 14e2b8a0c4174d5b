//! What the audience sees while the app lives and dies: a bar for each file, and the story in lines.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};
use serde::Serialize;
use serde_json::Value;

use crate::bars;
use crate::demo::files::Files;
use crate::out::{Colour, Out};
use crate::text;

/// A file that had to begin again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Restart {
    /// Its name.
    pub file: String,
    /// Why.
    pub reason: String,
    /// How often.
    pub times: u64,
    /// Bytes that were thrown away.
    pub discarded: u64,
}

/// The audience.
pub struct Watch {
    began: Instant,
    out: Out,
    is_silent: bool,
    multi: MultiProgress,
    bars: BTreeMap<String, ProgressBar>,
    restarts: Mutex<Vec<Restart>>,
}

impl Watch {
    /// Bars on a terminal; lines unless `is_silent`.
    pub fn new(is_silent: bool, files: &Files) -> Watch {
        let target = match is_silent || !io::stderr().is_terminal() {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr(),
        };
        let multi = MultiProgress::with_draw_target(target);
        let bar = |name: &str, len: u64| {
            let bar = multi.add(ProgressBar::new(len));
            bar.set_style(bars::style("  {prefix:<11} {bar:30.cyan/black} {binary_bytes:>10} of {binary_total_bytes:10}  {wide_msg}"));
            bar.set_prefix(name.to_owned());
            (name.to_owned(), bar)
        };
        let bars = files
            .expected()
            .iter()
            .map(|file| bar(file.name, file.object.len()))
            .collect();
        Watch {
            began: Instant::now(),
            out: Out::new(),
            is_silent,
            multi,
            bars,
            restarts: Mutex::default(),
        }
    }

    /// A line of the story.
    pub fn say(&self, line: &str) {
        if !self.is_silent {
            let seconds = self.began.elapsed().as_secs_f64();
            let time = self.out.paint(Colour::Grey, &format!("{seconds:>5.1} s"));
            self.multi
                .suspend(|| self.out.line(format_args!("{time}  {line}")));
        }
    }

    /// Something that the app said.
    pub fn see(&self, said: &Value) {
        let number = |key: &str| said[key].as_u64();
        let path = Path::new(said["destination"].as_str().unwrap_or_default());
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Some(bar) = self.bars.get(&name) else {
            return;
        };
        if let Some(total) = number("total") {
            bar.set_length(total);
        }
        if let Some(received) = number("received") {
            bar.set_position(received);
        }
        match said["event"].as_str() {
            Some("began") => bar.set_message(""),
            Some("resumed") => {
                let place = text::bytes(number("received").unwrap_or(0));
                bar.set_message(format!("goes on at {place}"));
            }
            Some("restarted") => {
                let reason = said["reason"].as_str().unwrap_or_default();
                bar.set_position(0);
                bar.set_message(format!("begins again: {reason}"));
                self.note_restart(&name, reason, number("discarded").unwrap_or(0));
            }
            Some("waiting") => {
                bar.set_message(format!(
                    "waits: {}",
                    said["reason"].as_str().unwrap_or_default()
                ));
            }
            None if said["error"].is_null() => bar.set_message("done"),
            None => bar.set_message("failed"),
            Some(_) => {}
        }
    }

    fn note_restart(&self, file: &str, reason: &str, discarded: u64) {
        let mut restarts = self.restarts();
        match restarts
            .iter_mut()
            .find(|known| known.file == file && known.reason == reason)
        {
            Some(known) => {
                known.times += 1;
                known.discarded += discarded;
            }
            None => {
                let (file, reason) = (file.to_owned(), reason.to_owned());
                restarts.push(Restart {
                    file,
                    reason,
                    times: 1,
                    discarded,
                });
            }
        }
    }

    /// What had to begin again.
    pub fn restarts(&self) -> MutexGuard<'_, Vec<Restart>> {
        self.restarts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the bars away.
    pub fn clear(&self) {
        self.bars.values().for_each(ProgressBar::finish_and_clear);
        // The terminal may be gone: nothing to do about it.
        let _ = self.multi.clear();
    }
}
