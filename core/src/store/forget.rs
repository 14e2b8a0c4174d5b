//! Forgetting tasks that have ended and whose end was told. Part files are not forgotten with
//! them: the ledger keeps its rows until the files are gone (rule D8).

use rusqlite::{Connection, OptionalExtension, params};

use super::columns::limit;
use super::fault::{Fault, SqlResult};
use super::rows::{Phase, SessionKey};
use super::writer::Pace;
use super::{Reply, Store};
use crate::clock::Moment;
use crate::error::{Error, ErrorKind};
use crate::task_id::TaskId;

/// How long an ended task stays for `explain` and for its caller id (rule L5).
const KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Rows that one call prunes.
const PRUNED_LIMIT: usize = 500;

const IS_PENDING: &str =
    "EXISTS (SELECT 1 FROM journal WHERE journal.task = task.id AND acknowledged = 0)";

impl Store {
    /// Forgets these tasks and their journal entries, all or none.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`]; [`ErrorKind::InvalidRequest`] for a task that has not ended or
    /// whose end was not acknowledged.
    pub fn forget(&self, session: SessionKey, ids: &[TaskId]) -> Reply<()> {
        let ids = ids.to_vec();
        self.request(Pace::Grouped, move |db| {
            for id in ids {
                check_forgettable(db, session, id)?;
                remove(db, id)?;
            }
            Ok(())
        })
    }

    /// Forgets tasks that ended more than 7 days ago, at most 500, and says how many. Called by
    /// `open_session`; worth calling again while the answer is not 0.
    pub fn prune(&self, session: SessionKey, now: Moment) -> Reply<usize> {
        self.request(Pace::Lazy, move |db| {
            let before_ms = now.wall_ms.saturating_sub(KEPT_MS);
            let old: Vec<i64> = db
                .prepare_cached(&format!(
                    "SELECT id FROM task WHERE session = ?1 AND phase = 4 AND ended_ms < ?2 \
                     AND NOT {IS_PENDING} ORDER BY ended_ms LIMIT ?3"
                ))?
                .query_map(params![session.0, before_ms, limit(PRUNED_LIMIT)], |row| {
                    row.get(0)
                })?
                .collect::<rusqlite::Result<_>>()?;
            for id in &old {
                remove(db, TaskId(*id))?;
            }
            Ok(old.len())
        })
    }
}

fn check_forgettable(db: &Connection, session: SessionKey, id: TaskId) -> SqlResult<()> {
    let state: Option<(i64, bool)> = db
        .prepare_cached(&format!(
            "SELECT phase, {IS_PENDING} FROM task WHERE id = ?1 AND session = ?2"
        ))?
        .query_row(params![id.0, session.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (kind, message) = match state {
        None => (
            ErrorKind::UnknownTask,
            format!("task {id} is not in this session"),
        ),
        Some((phase, _)) if phase != Phase::Completed as i64 => (
            ErrorKind::InvalidRequest,
            format!("task {id} has not ended; cancel it first"),
        ),
        Some((_, true)) => (
            ErrorKind::InvalidRequest,
            format!("the end of task {id} was not acknowledged; let its delegate be told first"),
        ),
        Some((_, false)) => return Ok(()),
    };
    Err(Fault::Typed(Error::new(kind, message)))
}

fn remove(db: &Connection, id: TaskId) -> SqlResult<()> {
    db.prepare_cached("DELETE FROM journal WHERE task = ?1")?
        .execute([id.0])?;
    db.prepare_cached("DELETE FROM task WHERE id = ?1")?
        .execute([id.0])?;
    Ok(())
}
