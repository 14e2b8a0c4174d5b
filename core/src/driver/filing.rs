//! Brings received bodies to their destinations, in groups (rule D2).
//!
//! While one group is being synced, the next one gathers: the slower the disk, the larger the
//! groups, and one sync serves up to 256 small files.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use crate::driver::Driver;
use crate::driver::mail::Mail;
use crate::engine::Input;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{FinishError, FinishJob, GROUP_MAX_FILES, PartPaths};
use crate::store::PartRow;
use crate::task_id::TaskId;
use crate::transport::ReceivedBody;

/// From this many files on, a group shares one sync.
const GROUP_WORTH_FILES: usize = 8;

/// How long a smaller group waits for others while transfers run. A file alone in its session is
/// finished at once.
const GATHER_PAUSE: Duration = Duration::from_millis(4);

/// Bodies between the last byte and the rename.
#[derive(Default)]
pub(super) struct Filing {
    /// Received; the engine has not yet said to finish them.
    received: HashMap<TaskId, ReceivedBody>,
    /// The next group.
    gathering: Vec<FinishJob>,
    /// A group is on its way.
    busy: bool,
    /// The small group that gathers has until a set time to grow.
    waits: bool,
}

impl Filing {
    pub fn received(&mut self, id: TaskId, body: ReceivedBody) {
        self.received.insert(id, body);
    }

    /// A body that nobody asked to finish.
    pub fn unwanted(&mut self, id: TaskId) -> Option<ReceivedBody> {
        self.received.remove(&id)
    }
}

impl Driver {
    pub(super) fn finish(&mut self, id: TaskId) {
        match self.filing.received.remove(&id) {
            Some(ReceivedBody::InPlace(job)) => {
                self.filing.gathering.push(job);
                self.file_group();
            }
            Some(ReceivedBody::AlreadyFiled) => self.feed(Input::Filed(id, Ok(()))),
            Some(ReceivedBody::Elsewhere(file)) => self.take_over(id, file),
            None => {
                let error = Error::new(ErrorKind::File, "the received body is gone");
                self.feed(Input::Filed(id, Err(error)));
            }
        }
    }

    /// A platform's service left the body in a file of its own: it becomes our part file.
    fn take_over(&mut self, id: TaskId, file: std::path::PathBuf) {
        let Some((row, _)) = self.engine.state(self.now(), id) else {
            return;
        };
        let paths = self.places.paths(id, &row.base, &row.path);
        let expected = row.options.clone();
        let (mailbox, disk) = (self.mailbox.clone(), self.machine.disk());
        self.machine.blocking(Box::new(move || {
            let job = paths.and_then(|paths| disk.take_over(id, &file, paths, &expected));
            mailbox.post(Mail::Taken(id, job));
        }));
    }

    pub(super) fn taken(&mut self, id: TaskId, job: Result<FinishJob>) {
        match job {
            Ok(job) => {
                self.filing.gathering.push(job);
                self.file_group();
            }
            Err(error) => self.feed(Input::Filed(id, Err(error))),
        }
    }

    fn file_group(&mut self) {
        if self.filing.busy || self.filing.gathering.is_empty() || self.waits_for_more() {
            return;
        }
        self.start_group();
    }

    fn start_group(&mut self) {
        self.filing.busy = true;
        let count = self.filing.gathering.len().min(GROUP_MAX_FILES);
        let group: Vec<FinishJob> = self.filing.gathering.drain(..count).collect();
        let (mailbox, disk) = (self.mailbox.clone(), self.machine.disk());
        self.machine.blocking(Box::new(move || {
            let results = disk.finish(group);
            let results = results
                .into_iter()
                .map(|(id, result)| (TaskId::from_i64(id), result.map_err(file_error)));
            mailbox.post(Mail::Filed(results.collect()));
        }));
    }

    /// Whether a group is small and others may soon join it: then one sync will serve them too.
    fn waits_for_more(&mut self) -> bool {
        let gathered = self.filing.gathering.len();
        if gathered >= GROUP_WORTH_FILES || self.engine.busy() <= gathered {
            return false;
        }
        if !std::mem::replace(&mut self.filing.waits, true) {
            let mailbox = self.mailbox.clone();
            self.machine
                .later(GATHER_PAUSE, Box::new(move || mailbox.post(Mail::Gathered)));
        }
        true
    }

    /// The group had its time to grow.
    pub(super) fn gathered(&mut self) {
        self.filing.waits = false;
        if !self.filing.busy && !self.filing.gathering.is_empty() {
            self.start_group();
        }
    }

    pub(super) fn filed(&mut self, results: Vec<(TaskId, Result<()>)>) {
        self.filing.busy = false;
        for (id, result) in results {
            self.feed(Input::Filed(id, result));
        }
        self.file_group();
    }

    /// What a task that ended has left: its part file and sidecar, or a sidecar alone. What cannot be
    /// removed stays in the ledger, and the next launch tries again (D8).
    pub(super) fn remove_part(&self, part: &PartRow) {
        if self.places.remove_part(part, self.machine.disk().as_ref()) {
            self.store.part_removed(self.session, &[part.task]).detach();
        }
    }
}

/// Says what a file system refused, and what to do about it.
pub(crate) fn file_error(error: FinishError) -> Error {
    let (kind, message) = match &error {
        FinishError::NoSpace(_) => (
            ErrorKind::NoSpace,
            "no space left on the destination's volume; free some",
        ),
        FinishError::NotWritable(_) => (
            ErrorKind::DestinationNotWritable,
            "the destination's folder cannot be written; check its permissions",
        ),
        FinishError::DestinationIsDirectory(_) => (
            ErrorKind::DestinationNotWritable,
            "the destination is a folder; choose a file name",
        ),
        FinishError::OtherVolume(_) => (
            ErrorKind::File,
            "the part file and the destination are on different volumes",
        ),
        FinishError::PartVanished => (
            ErrorKind::ConnectionLost,
            "the part file was removed behind our back; it is downloaded again",
        ),
        FinishError::WrongLength { .. } => (
            ErrorKind::ConnectionLost,
            "the part file was changed behind our back; it is downloaded again",
        ),
        FinishError::Io(_) => (ErrorKind::File, "the file could not be put in place"),
    };
    Error::new(kind, message).with_source(error)
}

/// Gives the part file of a cancelled task to the one that goes on from its resume data (L4).
/// Without it the new task begins at zero, so nothing is lost by a failure.
pub(super) fn adopt_part(old: &PartPaths, new: &PartPaths) {
    let rename = |from: &Path, to: &Path| match std::fs::rename(from, to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            log::warn!(
                "a part file could not be taken over, the transfer starts from zero: {error}"
            );
        }
        _ => {}
    };
    if !new.part.exists() {
        rename(&old.part, &new.part);
        rename(&old.sidecar, &new.sidecar);
    }
}
