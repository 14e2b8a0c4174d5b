//! A task's handle.

use crate::delegate::DownloadedFile;
use crate::driver::{self, Mail};
use crate::engine::Command;
use crate::error::{Error, ErrorKind, Result};
use crate::resume_data::ResumeData;
use crate::session::Session;
use crate::task_id::TaskId;
use crate::task_state::{Explanation, TaskInfo};

/// A handle to a download. Cheap to clone; keeps its session alive.
///
/// `resume`, `suspend` and `cancel` may be called any number of times, in any order; each returns
/// when the change is durable. For a running transfer that is when it has stopped, and while the
/// volume is full it is when there is room again.
#[derive(Clone, Debug)]
pub struct DownloadTask {
    session: Session,
    id: TaskId,
}

impl DownloadTask {
    pub(crate) fn new(session: Session, id: TaskId) -> DownloadTask {
        DownloadTask { session, id }
    }

    /// The task's number.
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.id
    }

    /// The session it belongs to.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Where it stands now.
    ///
    /// # Errors
    /// As [`explain`](DownloadTask::explain).
    pub fn info(&self) -> Result<TaskInfo> {
        self.explain().map(|explanation| explanation.task)
    }

    /// Where it stands, why, since when, and what would change that (rule E1).
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`] once it was forgotten, [`ErrorKind::SessionInvalidated`] once the
    /// session has ended, [`ErrorKind::Store`].
    pub fn explain(&self) -> Result<Explanation> {
        self.session.0.ask(|answer| Mail::Explain(self.id, answer))
    }

    /// The finished file, also after the delegate was told of it; none while the task has not ended
    /// (rule D4).
    ///
    /// # Errors
    /// Why the task ended without a file; [`ErrorKind::InvalidDestination`] when this launch does not
    /// name its base directory, [`ErrorKind::UnknownTask`] once it was forgotten, [`ErrorKind::Store`].
    pub fn file(&self) -> Result<Option<DownloadedFile>> {
        let (store, key) = self.session.0.store();
        let Some(task) = store.task(key, self.id).wait()? else {
            return Err(driver::unknown_task(self.id));
        };
        let Some(entry) = store.journal_of(key, self.id).wait()? else {
            return Ok(None);
        };
        let finished = entry.outcome.result?;
        let location = self
            .session
            .0
            .places()
            .destination(&task.base, &task.path)?;
        Ok(Some(DownloadedFile::new(finished, location)))
    }

    /// Starts it, or lets it go on (rule S4). One that waits for space, or pauses after a failed
    /// attempt, is tried at once. Does nothing if it runs or has ended. Tasks that were there before
    /// [`Session::finish_tasks_and_invalidate`] can still be resumed after it.
    ///
    /// # Errors
    /// [`ErrorKind::SessionInvalidated`], [`ErrorKind::UnknownTask`], [`ErrorKind::Store`].
    pub fn resume(&self) -> Result<()> {
        self.command(Command::Resume)?;
        self.session.0.note_resumed();
        Ok(())
    }

    /// Pauses it; its bytes stay. Suspending twice needs one `resume` only.
    ///
    /// # Errors
    /// As [`resume`](DownloadTask::resume).
    pub fn suspend(&self) -> Result<()> {
        self.command(Command::Suspend)
    }

    /// Ends it: `did_complete` with [`ErrorKind::Cancelled`]; its part file is removed (rule L4).
    ///
    /// # Errors
    /// As [`resume`](DownloadTask::resume).
    pub fn cancel(&self) -> Result<()> {
        self.command(Command::Cancel)
    }

    /// Ends it like [`cancel`](DownloadTask::cancel) and gives back what another task can go on
    /// from, with [`Session::download_task_with_resume_data`] (rule L4). None if the server offers
    /// nothing that a transfer could be resumed by, or nothing was received: the part file is
    /// removed then. Otherwise it is kept for seven days.
    ///
    /// # Errors
    /// As [`resume`](DownloadTask::resume); [`ErrorKind::InvalidDestination`] when this launch does not
    /// name its base directory, [`ErrorKind::File`] when a part file of no use cannot be removed.
    pub fn cancel_by_producing_resume_data(&self) -> Result<Option<ResumeData>> {
        self.command(Command::CancelKeepingPart)?;
        let (store, key) = self.session.0.store();
        let Some(row) = store.task(key, self.id).wait()? else {
            return Ok(None);
        };
        let paths = self
            .session
            .0
            .places()
            .paths(row.id, &row.base, &row.path)?;
        let disk = self.session.0.disk();
        let data = ResumeData::of(&row, &paths, disk.as_ref(), store.token());
        let cancelled = row
            .record
            .last_error
            .as_ref()
            .is_some_and(|e| e.kind == ErrorKind::Cancelled);
        if data.is_none() && cancelled {
            // Nothing can go on from it: it is swept like any other part file.
            disk.remove_parts(&paths).map_err(|source| {
                Error::new(ErrorKind::File, "the part file cannot be removed").with_source(source)
            })?;
            store.part_removed(key, &[row.id]).detach();
        }
        if data.is_some() && cancelled {
            crate::transport::mark_ended(&paths);
        }
        Ok(data.filter(|_| cancelled))
    }

    /// Replaces its free text (rule L3).
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`], [`ErrorKind::Store`].
    pub fn set_metadata(&self, text: &str) -> Result<()> {
        self.session.set_metadata(&[self.id], text)
    }

    fn command(&self, command: fn(crate::engine::CommandToken) -> Command) -> Result<()> {
        self.session
            .0
            .ask(|answer| Mail::Command(self.id, command, answer))
    }
}
