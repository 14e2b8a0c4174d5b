//! Looking at tasks. The same statements serve the owner and a reader of another process.

use rusqlite::{Connection, OptionalExtension, params};

use super::columns::{TASK, limit, task_row};
use super::fault::SqlResult;
use super::rows::{Counts, SessionKey, TaskRow};
use super::writer::Pace;
use super::{Reply, Store, dependency};
use crate::task_id::TaskId;
use crate::task_state::WaitReason;

impl Store {
    /// Up to `limit` tasks of the session in the order of their ids, behind `after`.
    pub fn tasks(
        &self,
        session: SessionKey,
        after: Option<TaskId>,
        limit: usize,
    ) -> Reply<Vec<TaskRow>> {
        self.request(Pace::Grouped, move |db| tasks(db, session, after, limit))
    }

    /// One task of the session.
    pub fn task(&self, session: SessionKey, id: TaskId) -> Reply<Option<TaskRow>> {
        self.request(Pace::Grouped, move |db| task(db, session, id))
    }

    /// The task with the app's own name for it (rule L5).
    pub fn find_by_caller_id(
        &self,
        session: SessionKey,
        caller_id: &str,
    ) -> Reply<Option<TaskRow>> {
        let caller_id = caller_id.to_owned();
        self.request(Pace::Grouped, move |db| {
            let row = db
                .prepare_cached(&format!(
                    "SELECT {TASK} FROM task WHERE session = ?1 AND caller_id = ?2"
                ))?
                .query_row(params![session.0, caller_id], |row| Ok(task_row(row)))
                .optional()?;
            row.transpose()
        })
    }

    /// How many held rows wait for which reason. Looks at each of them.
    pub fn held_reasons(&self, session: SessionKey) -> Reply<Vec<(WaitReason, u64)>> {
        self.request(Pace::Grouped, move |db| held_reasons(db, session))
    }

    /// How many ready rows need what of the system. Reads an index entry for each.
    pub fn ready_needs(&self, session: SessionKey) -> Reply<Vec<(i64, u64)>> {
        self.request(Pace::Grouped, move |db| ready_needs(db, session))
    }

    /// Whether tasks stand where: one for some, zero for none. However many there are, a few reads.
    /// Ends that were not acknowledged are counted: each one that is told is taken from that number,
    /// and it may reach zero only with the last.
    pub fn any(&self, session: SessionKey) -> Reply<Counts> {
        self.request(Pace::Grouped, move |db| counted(db, ANY, session))
    }

    /// How many tasks stand where. Reads an index entry for each: not for every turn of a loop.
    pub fn counts(&self, session: SessionKey) -> Reply<Counts> {
        self.request(Pace::Grouped, move |db| counted(db, COUNTS, session))
    }
}

pub(super) fn tasks(
    db: &Connection,
    session: SessionKey,
    after: Option<TaskId>,
    count: usize,
) -> SqlResult<Vec<TaskRow>> {
    let after = after.map_or(i64::MIN, TaskId::as_i64);
    let mut page = db.prepare_cached(&format!(
        "SELECT {TASK} FROM task WHERE +session = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
    ))?;
    let mut rows = page.query(params![session.0, after, limit(count)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(task_row(row)?);
    }
    Ok(found)
}

pub(super) fn task(db: &Connection, session: SessionKey, id: TaskId) -> SqlResult<Option<TaskRow>> {
    let row = db
        .prepare_cached(&format!(
            "SELECT {TASK} FROM task WHERE id = ?1 AND session = ?2"
        ))?
        .query_row(params![id.0, session.0], |row| Ok(task_row(row)))
        .optional()?;
    let mut row = row.transpose()?;
    if let Some(row) = &mut row {
        dependency::name(db, row)?;
    }
    Ok(row)
}

fn held_reasons(db: &Connection, session: SessionKey) -> SqlResult<Vec<(WaitReason, u64)>> {
    let mut reasons = db.prepare_cached(
        "SELECT CASE WHEN waits > 0 THEN 'dependency' ELSE json_extract(hold, '$.reason') END, \
         COUNT(*) FROM task \
         WHERE session = ?1 AND phase = 2 AND (hold IS NOT NULL OR waits > 0) GROUP BY 1",
    )?;
    let mut rows = reasons.query([session.0])?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let reason = WaitReason::ALL
            .iter()
            .find(|reason| reason.as_str() == name);
        if let Some(reason) = reason {
            counts.push((*reason, row.get(1).map(i64::unsigned_abs)?));
        }
    }
    Ok(counts)
}

fn ready_needs(db: &Connection, session: SessionKey) -> SqlResult<Vec<(i64, u64)>> {
    let mut needs = db.prepare_cached(
        "SELECT needs, COUNT(*) FROM task WHERE session = ?1 AND phase = 1 GROUP BY needs",
    )?;
    let mut rows = needs.query([session.0])?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        counts.push((row.get(0)?, row.get(1).map(i64::unsigned_abs)?));
    }
    Ok(counts)
}

pub(super) const COUNTS: &str = "SELECT \
     (SELECT COUNT(*) FROM task WHERE session = ?1 AND phase = 0), \
     (SELECT COUNT(*) FROM task WHERE session = ?1 AND phase = 1), \
     (SELECT COUNT(*) FROM task WHERE session = ?1 AND phase = 2), \
     (SELECT COUNT(*) FROM task WHERE session = ?1 AND phase = 3), \
     (SELECT COUNT(*) FROM task WHERE session = ?1 AND phase = 4), \
     (SELECT COUNT(*) FROM journal WHERE session = ?1 AND acknowledged = 0)";

const ANY: &str = "SELECT \
     EXISTS (SELECT 1 FROM task WHERE session = ?1 AND phase = 0), \
     EXISTS (SELECT 1 FROM task WHERE session = ?1 AND phase = 1), \
     EXISTS (SELECT 1 FROM task WHERE session = ?1 AND phase = 2), \
     EXISTS (SELECT 1 FROM task WHERE session = ?1 AND phase = 3), \
     EXISTS (SELECT 1 FROM task WHERE session = ?1 AND phase = 4), \
     (SELECT COUNT(*) FROM journal WHERE session = ?1 AND acknowledged = 0)";

fn counted(db: &Connection, sql: &str, session: SessionKey) -> SqlResult<Counts> {
    let mut counts = db.prepare_cached(sql)?;
    Ok(counts.query_row([session.0], |row| {
        let count = |column| row.get(column).map(i64::unsigned_abs);
        Ok(Counts {
            suspended: count(0)?,
            ready: count(1)?,
            held: count(2)?,
            claimed: count(3)?,
            completed: count(4)?,
            unacknowledged: count(5)?,
        })
    })?)
}
