//! Looks into a container from outside: what is queued, why it waits, what was delivered.

use std::path::Path;
use std::time::SystemTime;

use crate::clock::{self, Moment};
use crate::conditions::SystemConditions;
use crate::engine::policy::{DeferralPolicy, Needs, StandardPolicy};
use crate::engine::{explanation, state_of_row, task_info};
use crate::error::{Error, ErrorKind, Result};
use crate::store::{JournalRow, Store, StoreReader};
use crate::task_id::TaskId;
use crate::task_state::{Explanation, TaskInfo};

/// Reads a container's store, also while a process runs its sessions.
///
/// It changes nothing and takes no lock. What it shows is what the store last recorded: a task that
/// another process moves right now is `transferring`, with the bytes of its last record.
pub struct Inspector {
    reader: StoreReader,
    /// What the system is said not to satisfy.
    unmet: Needs,
}

impl std::fmt::Debug for Inspector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspector").finish_non_exhaustive()
    }
}

/// The end of a task, as the journal has it (rule D4).
#[derive(Debug)]
#[non_exhaustive]
pub struct JournalEvent {
    /// Its place in the container's journal.
    pub sequence: i64,
    /// The task.
    pub task: TaskId,
    /// Its place among the task's events.
    pub task_sequence: i64,
    /// When it was written.
    pub written: SystemTime,
    /// Whether the delegate was told, and returned.
    pub acknowledged: bool,
    /// Why the task ended without a file, if it did.
    pub error: Option<Error>,
    /// The finished file's length.
    pub len: Option<u64>,
}

impl Inspector {
    /// Opens the container's store for reading.
    ///
    /// # Errors
    /// [`ErrorKind::Store`] when there is none or it cannot be read; [`ErrorKind::ContainerInUse`]
    /// when another process holds it and the linked SQLite is too old to read beside it.
    pub fn open(container: impl AsRef<Path>) -> Result<Inspector> {
        Ok(Inspector {
            reader: Store::open_read_only(container.as_ref())?,
            unmet: Needs::NONE,
        })
    }

    /// What the system is like: decides why a task is said to wait. A stranger cannot know what the
    /// owner was told, so without this nothing is held back by conditions.
    #[must_use]
    pub fn conditions(mut self, conditions: SystemConditions) -> Inspector {
        self.unmet = StandardPolicy.unmet(&conditions);
        self
    }

    /// The identifiers of the sessions that the container knows.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    pub fn session_identifiers(&self) -> Result<Vec<String>> {
        self.reader.session_names()
    }

    /// As [`Session::tasks_after`](crate::Session::tasks_after).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidIdentifier`] for a session that the container does not know.
    pub fn tasks_after(
        &self,
        session: &str,
        after: Option<TaskId>,
        limit: usize,
    ) -> Result<Vec<TaskInfo>> {
        let now = clock::now();
        let rows = self.reader.tasks(self.key(session)?, after, limit)?;
        let info = |row| task_info(row, state_of_row(row, self.unmet, now));
        Ok(rows.iter().map(info).collect())
    }

    /// As [`Inspector::tasks_after`], with why each task stands where it stands (rule E1).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidIdentifier`] for a session that the container does not know.
    pub fn explanations_after(
        &self,
        session: &str,
        after: Option<TaskId>,
        limit: usize,
    ) -> Result<Vec<Explanation>> {
        let now = clock::now();
        let rows = self.reader.tasks(self.key(session)?, after, limit)?;
        let explain = |row| explanation(row, state_of_row(row, self.unmet, now), now, None);
        Ok(rows.iter().map(explain).collect())
    }

    /// As [`DownloadTask::explain`](crate::DownloadTask::explain).
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`], [`ErrorKind::InvalidIdentifier`].
    pub fn explain(&self, session: &str, id: TaskId) -> Result<Explanation> {
        let now = clock::now();
        let row = self.reader.task(self.key(session)?, id)?;
        let row = row.ok_or_else(|| crate::driver::unknown_task(id))?;
        let state = state_of_row(&row, self.unmet, now);
        Ok(explanation(&row, state, now, None))
    }

    /// As [`Session::events_after`](crate::Session::events_after).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidIdentifier`] for a session that the container does not know.
    pub fn events_after(
        &self,
        session: &str,
        sequence: i64,
        limit: usize,
    ) -> Result<Vec<JournalEvent>> {
        let rows = self
            .reader
            .journal_after(self.key(session)?, sequence, limit, false)?;
        Ok(rows.into_iter().map(JournalEvent::from).collect())
    }

    fn key(&self, session: &str) -> Result<crate::store::SessionKey> {
        self.reader.find_session(session)?.ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidIdentifier,
                format!("the container has no session {session:?}; list the sessions to see which there are"),
            )
        })
    }
}

impl From<JournalRow> for JournalEvent {
    fn from(row: JournalRow) -> JournalEvent {
        let (error, len) = match row.outcome.result {
            Ok(finished) => (None, Some(finished.len)),
            Err(record) => (Some(Error::from(record)), None),
        };
        JournalEvent {
            sequence: row.seq,
            task: row.task,
            task_sequence: row.task_seq,
            written: Moment {
                wall_ms: row.written_ms,
                uptime_ms: 0,
                boot: 0,
            }
            .system_time(),
            acknowledged: row.acknowledged,
            error,
            len,
        }
    }
}
