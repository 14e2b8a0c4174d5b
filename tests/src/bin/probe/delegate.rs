//! The app's delegate: it writes each call down before it does anything else.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use backhaul::{DownloadedFile, Error, SessionDelegate, StoreRecovery, TaskInfo};
use backhaul_tests::process::calls::Call;
use backhaul_tests::process::plan::Manner;
use serde_json::json;

use crate::out::say;

/// See the module.
#[derive(Debug)]
pub struct Delegate {
    log: File,
    manner: Manner,
    ends: AtomicU32,
}

impl Delegate {
    /// Appends to `log`.
    pub fn new(log: &Path, manner: Manner) -> Delegate {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .unwrap();
        Delegate {
            log,
            manner,
            ends: AtomicU32::new(0),
        }
    }

    fn note(&self, call: &Call) {
        let mut line = serde_json::to_vec(call).unwrap();
        line.push(b'\n');
        // One write, so that a kill leaves the line whole or leaves none.
        (&self.log).write_all(&line).unwrap();
    }
}

fn call(name: &str, task: &TaskInfo) -> Call {
    Call {
        pid: std::process::id(),
        call: name.to_owned(),
        task: task.id.as_i64(),
        caller_id: task.caller_id.clone().unwrap_or_default(),
        sequence: task.sequence,
        received: task.received,
        error: None,
        in_place: false,
    }
}

impl SessionDelegate for Delegate {
    fn did_resume_at_offset(&self, task: &TaskInfo, offset: u64, _: Option<u64>) {
        self.note(&Call {
            received: offset,
            ..call("did_resume_at_offset", task)
        });
    }

    fn did_finish_downloading_to(&self, task: &TaskInfo, file: &DownloadedFile) {
        let found = file.location.metadata().map(|found| found.len());
        let in_place = found.is_ok_and(|len| len == file.len);
        self.note(&Call {
            in_place,
            ..call("did_finish_downloading_to", task)
        });
    }

    fn did_complete(&self, task: &TaskInfo, error: Option<&Error>) {
        let error = error.map(|error| error.kind().as_str().to_owned());
        let call = Call {
            error,
            ..call("did_complete", task)
        };
        self.note(&call);
        say(&json!({"say": "did_complete", "caller": call.caller_id, "error": call.error}));
        let count = self.ends.fetch_add(1, Ordering::Relaxed) + 1;
        match self.manner {
            Manner::SlowMs(ms) => std::thread::sleep(Duration::from_millis(ms)),
            Manner::StuckAt(at) if at == count => loop {
                std::thread::park();
            },
            Manner::AbortAt(at) if at == count => std::process::abort(),
            Manner::PanicAt(at) if at == count => panic!("as planned"),
            _ => {}
        }
    }

    fn did_recover_store(&self, recovery: &StoreRecovery) {
        say(&json!({
            "say": "recovered",
            "moved_to": recovery.moved_to,
            "reason": recovery.reason,
            "salvaged": recovery.salvaged_tasks,
            "rebuilt": recovery.rebuilt_tasks,
        }));
    }
}
