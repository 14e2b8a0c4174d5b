//! Looks into a container from outside: what is queued, why it waits, what was delivered.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use backhaul::TaskId;

use crate::conditions::SystemConditions;
use crate::error::{ErrorInfo, Result};
use crate::task_info::{Explanation, TaskInfo};

/// The end of a task, as the journal has it (rule D4).
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct JournalEvent {
    /// Its place in the container's journal.
    pub sequence: i64,
    /// The task.
    pub task: i64,
    /// Its place among the task's events.
    pub task_sequence: i64,
    /// When it was written.
    pub written: SystemTime,
    /// Whether the delegate was told, and returned.
    pub acknowledged: bool,
    /// Why the task ended without a file, if it did.
    pub error: Option<ErrorInfo>,
    /// The finished file's length.
    pub len: Option<u64>,
}

impl From<&backhaul::JournalEvent> for JournalEvent {
    fn from(event: &backhaul::JournalEvent) -> JournalEvent {
        JournalEvent {
            sequence: event.sequence,
            task: event.task.as_i64(),
            task_sequence: event.task_sequence,
            written: event.written,
            acknowledged: event.acknowledged,
            error: event.error.as_ref().map(ErrorInfo::from),
            len: event.len,
        }
    }
}

/// Reads a container's store, also while a process runs its sessions. Changes nothing, takes no lock.
#[derive(uniffi::Object)]
pub struct Inspector(Mutex<backhaul::Inspector>);

impl Inspector {
    /// One reader at a time: it is a connection to a database.
    fn reader(&self) -> MutexGuard<'_, backhaul::Inspector> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[uniffi::export]
impl Inspector {
    /// Opens the container's store for reading. `conditions` decide why a task is said to wait.
    ///
    /// # Errors
    /// `store` when there is none or it cannot be read, `container_in_use`.
    #[uniffi::constructor]
    pub fn open(container: String, conditions: Option<SystemConditions>) -> Result<Arc<Inspector>> {
        let mut inspector = backhaul::Inspector::open(container)?;
        if let Some(conditions) = conditions {
            inspector = inspector.conditions(conditions.into());
        }
        Ok(Arc::new(Inspector(Mutex::new(inspector))))
    }

    /// The identifiers of the sessions that the container knows.
    pub fn session_identifiers(&self) -> Result<Vec<String>> {
        Ok(self.reader().session_identifiers()?)
    }

    /// A page of a session's tasks in the order of their ids.
    pub fn tasks_after(
        &self,
        session: String,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<TaskInfo>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let after = after.map(TaskId::from_i64);
        let tasks = self.reader().tasks_after(&session, after, limit)?;
        Ok(tasks.iter().map(TaskInfo::from).collect())
    }

    /// Where a task stands, and why (rule E1).
    pub fn explain(&self, session: String, id: i64) -> Result<Explanation> {
        Ok(self
            .reader()
            .explain(&session, TaskId::from_i64(id))?
            .into())
    }

    /// A page of a session's journal.
    pub fn events_after(
        &self,
        session: String,
        sequence: i64,
        limit: u32,
    ) -> Result<Vec<JournalEvent>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let events = self.reader().events_after(&session, sequence, limit)?;
        Ok(events.iter().map(JournalEvent::from).collect())
    }
}
