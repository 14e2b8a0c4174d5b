//! The app: the delegate of its session. It says how each task ended and keeps count; it never
//! decides anything about transfers.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use backhaul::{
    Error, Progress, Response, RestartReason, SessionDelegate, StoreRecovery, TaskInfo, WaitReason,
};
use serde_json::{Value, json};

use crate::args::Common;
use crate::bars::Bars;
use crate::json;
use crate::out::{Colour, Out, note};
use crate::place;
use crate::source;
use crate::text;
use crate::wants::{Settled, Wants};

/// How things are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// Lines for people.
    Human,
    /// An object for each task that ended.
    Json,
    /// And one for each thing that happens to a task on its way.
    JsonEvents,
}

/// The delegate of `get` and `run`.
pub struct App {
    container: PathBuf,
    voice: Voice,
    out: Out,
    bars: Bars,
    wants: Mutex<Wants>,
    saw_full_disk: AtomicBool,
}

impl App {
    /// An app that was asked for `wants`.
    pub fn new(common: &Common, events: bool, wants: Wants) -> App {
        let voice = match (common.json, events) {
            (true, true) => Voice::JsonEvents,
            (true, false) => Voice::Json,
            _ => Voice::Human,
        };
        App {
            container: common.container(),
            voice,
            out: Out::new(),
            bars: Bars::new(wants.len() as u64),
            wants: Mutex::new(wants),
            saw_full_disk: AtomicBool::new(false),
        }
    }

    /// What was asked for.
    pub fn wants(&self) -> MutexGuard<'_, Wants> {
        self.wants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it speaks to programs.
    pub fn speaks_json(&self) -> bool {
        self.voice != Voice::Human
    }

    /// The bars.
    pub fn bars(&self) -> &Bars {
        &self.bars
    }

    /// Whether a task was told to wait for space, in this process.
    pub fn saw_full_disk(&self) -> bool {
        self.saw_full_disk.load(Ordering::Relaxed)
    }

    /// A task ended, now or in an earlier process.
    pub fn settle(&self, task: &TaskInfo, error: Option<&Error>) {
        let settled = self.wants().settle(task, error);
        if settled == Settled::Tell {
            self.bars.ended(task.id);
            self.bars.aside(|| self.tell(task, error));
        }
    }

    /// Says where a task stands, or how it ended.
    pub fn tell(&self, task: &TaskInfo, error: Option<&Error>) {
        let line = match self.voice {
            Voice::Human => self.sentence(task, error),
            Voice::Json | Voice::JsonEvents => json::ended(task, error, &self.container),
        };
        self.out.line(line);
    }

    fn sentence(&self, task: &TaskInfo, error: Option<&Error>) -> String {
        let place = place::shown(&task.destination, &self.container);
        match error {
            None => {
                let word = self.out.paint(Colour::Green, "done  ");
                format!("{word}  {place}  {}", text::bytes(task.received))
            }
            Some(error) => {
                let word = if error.is_cancelled() {
                    "gone  "
                } else {
                    "failed"
                };
                let word = self.out.paint(Colour::Red, word);
                format!("{word}  {place}  {error} ({})", source::redacted(&task.url))
            }
        }
    }

    fn step(&self, event: &'static str, task: &TaskInfo, details: &Value) {
        if self.voice == Voice::JsonEvents {
            self.out
                .line(json::step(event, task, &self.container, details));
        }
    }
}

impl SessionDelegate for App {
    fn task_is_waiting(&self, task: &TaskInfo, reason: WaitReason) {
        if reason == WaitReason::Storage {
            self.saw_full_disk.store(true, Ordering::Relaxed);
        }
        let place = place::shown(&task.destination, &self.container);
        log::info!("{place} waits: {reason}, until {}", reason.unblocked_by());
        self.bars.gone(task.id);
        self.step("waiting", task, &json!({ "reason": reason.as_str() }));
    }

    fn did_resume_at_offset(&self, task: &TaskInfo, offset: u64, total: Option<u64>) {
        self.bars.moved(task, offset, total, 0);
        self.step(
            "resumed",
            task,
            &json!({ "received": offset, "total": total }),
        );
    }

    fn did_receive_response(&self, task: &TaskInfo, response: &Response) {
        self.bars.moved(task, 0, task.total, 0);
        self.step(
            "began",
            task,
            &json!({ "status": response.status(), "total": task.total }),
        );
    }

    fn did_restart(&self, task: &TaskInfo, reason: RestartReason, discarded: u64) {
        let place = place::shown(&task.destination, &self.container);
        log::info!("{place} begins again: {reason}; {discarded} bytes discarded");
        let details = json!({ "reason": reason.to_string(), "discarded": discarded });
        self.step("restarted", task, &details);
    }

    fn did_write_data(&self, task: &TaskInfo, progress: Progress) {
        self.bars
            .moved(task, progress.received, progress.total, progress.written);
        let details = json!({ "received": progress.received, "total": progress.total });
        self.step("progress", task, &details);
    }

    fn did_complete(&self, task: &TaskInfo, error: Option<&Error>) {
        self.settle(task, error);
    }

    fn did_recover_store(&self, recovery: &StoreRecovery) {
        let (place, reason) = (recovery.moved_to.display(), &recovery.reason);
        self.bars.aside(|| note(format!("the store was damaged ({reason}) and was moved to {place}; tasks that were queued there may have to be given again")));
    }
}
