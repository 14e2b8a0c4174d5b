//! Progress bars on standard error: one for each file in flight, one for all. On a terminal only,
//! drawn when something happens and never by a timer.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::sync::{Mutex, PoisonError};

use backhaul::{TaskId, TaskInfo};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::place;
use crate::text;

/// The most bars for files: as many lines as a small terminal has.
const BAR_LIMIT: usize = 20;

/// The bars, or none.
#[derive(Default)]
pub struct Bars(Option<Drawn>);

struct Drawn {
    multi: MultiProgress,
    state: Mutex<State>,
}

struct State {
    total: ProgressBar,
    files: HashMap<TaskId, ProgressBar>,
    received_bytes: u64,
}

impl Bars {
    /// Bars for so many files, if standard error is a terminal.
    pub fn new(files: u64) -> Bars {
        if !io::stderr().is_terminal() {
            return Bars(None);
        }
        let multi = MultiProgress::new();
        let total = multi.add(ProgressBar::new(files));
        total.set_style(style(
            "{bar:30.green/black} {pos} of {len} files  {msg}  {elapsed}",
        ));
        let state = State {
            total,
            files: HashMap::new(),
            received_bytes: 0,
        };
        Bars(Some(Drawn {
            multi,
            state: Mutex::new(state),
        }))
    }

    /// How many files there are in all.
    pub fn set_files(&self, files: u64) {
        self.with(|_, state| state.total.set_length(files));
    }

    /// Bytes came.
    pub fn moved(&self, task: &TaskInfo, received: u64, total: Option<u64>, written: u64) {
        self.with(|multi, state| {
            state.received_bytes += written;
            state.total.set_message(text::bytes(state.received_bytes));
            if state.files.len() >= BAR_LIMIT && !state.files.contains_key(&task.id) {
                return;
            }
            let bar = state.files.entry(task.id).or_insert_with(|| {
                let bar = multi.insert_before(&state.total, ProgressBar::no_length());
                bar.set_style(style(
                    "{bar:30.cyan/black} {binary_bytes:>10} of {binary_total_bytes:10} {binary_bytes_per_sec:>12}  {wide_msg}",
                ));
                // What was there before must not look like speed.
                bar.set_position(received.saturating_sub(written));
                bar.reset_eta();
                bar.set_message(file_name(task));
                bar
            });
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_position(received);
        });
    }

    /// Nothing moves for this task now.
    pub fn gone(&self, id: TaskId) {
        self.with(|multi, state| {
            if let Some(bar) = state.files.remove(&id) {
                bar.finish_and_clear();
                multi.remove(&bar);
            }
        });
    }

    /// A task ended.
    pub fn ended(&self, id: TaskId) {
        self.gone(id);
        self.with(|_, state| state.total.inc(1));
    }

    /// Takes the bars away while something else is written.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(drawn) => drawn.multi.suspend(write),
            None => write(),
        }
    }

    /// Takes them away for good.
    pub fn clear(&self) {
        self.with(|multi, state| {
            state.total.finish_and_clear();
            // The terminal may be gone: nothing to do about it.
            let _ = multi.clear();
        });
    }

    fn with(&self, change: impl FnOnce(&MultiProgress, &mut State)) {
        if let Some(drawn) = &self.0 {
            change(
                &drawn.multi,
                &mut drawn.state.lock().unwrap_or_else(PoisonError::into_inner),
            );
        }
    }
}

fn file_name(task: &TaskInfo) -> String {
    let path = place::path_of(&task.destination);
    let name = path.as_deref().and_then(|path| path.file_name());
    name.map_or_else(
        || task.destination.path().to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The template is ours and right; if it ever is not, a plain bar is better than none.
pub fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━━╌")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_right() {
        for template in [
            "{binary_bytes_per_sec:>12} {wide_msg}",
            "{bar:30.cyan/black} {binary_bytes:>10}",
        ] {
            assert!(ProgressStyle::with_template(template).is_ok());
        }
    }
}
