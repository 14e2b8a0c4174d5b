//! Tasks that come after others (rule L6). Which may run, the store knows; here is what becomes of one
//! that never will, and what an app is told of one that waits.

use crate::clock::Moment;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::store::{Doom, TaskRow};
use crate::task_id::TaskId;
use crate::task_state::WaitReason;

impl Engine {
    /// Ends a task that comes after one that ended without a file. Whether it was one.
    pub(super) fn end_if_doomed(&mut self, now: Moment, id: TaskId) -> bool {
        let doom = self.window.get(id).and_then(|task| task.row.doomed.clone());
        let Some(doom) = doom else {
            return false;
        };
        self.fail(now, id, error(doom), true);
        true
    }
}

fn error(doom: Doom) -> Error {
    let Doom { after, root, cause } = doom;
    let became = match cause.kind {
        ErrorKind::Cancelled => "was cancelled",
        _ => "failed",
    };
    let message = if after == root {
        format!(
            "task {root}, which this one comes after, {became}; when that is settled, enqueue both again"
        )
    } else {
        format!(
            "task {after}, which this one comes after, could not run because task {root} {became}; when that is settled, enqueue them again"
        )
    };
    Error::new(ErrorKind::DependencyFailed, message).with_source(Error::from(cause))
}

/// What would end the wait, with the names of those waited for.
pub(super) fn unblocked_by(row: &TaskRow) -> String {
    let what = WaitReason::Dependency.unblocked_by();
    if row.after.is_empty() {
        return what.to_owned();
    }
    let names: Vec<String> = row.after.iter().map(TaskId::to_string).collect();
    let waits = usize::try_from(row.waits).unwrap_or(usize::MAX);
    match waits.saturating_sub(names.len()) {
        0 => format!("{what}: {}", names.join(", ")),
        more => format!("{what}: {} and {more} more", names.join(", ")),
    }
}
