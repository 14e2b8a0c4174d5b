//! Tasks that come after others (rule L6).
//!
//! A row counts what it waits for and is held until that is nothing. The transaction that ends a task
//! only notes that its fate is known; claims carry that on to those that come after it, a bounded
//! number at a time, so neither a long chain nor a task that thousands wait for makes a long
//! transaction. What a crash interrupts, the next claim goes on with.
//!
//! An edge always leads from a newer row to an older one, so rows never wait in a circle.

use rusqlite::{Connection, OptionalExtension, params};

use super::columns::{due_ms, json, limit, text};
use super::fault::{Fault, SqlResult};
use super::rows::{Doom, EnqueuedTask, Hold, Outcome, Phase, SessionKey, TaskRow};
use crate::after::After;
use crate::clock::Moment;
use crate::error::{Error, ErrorKind, ErrorRecord};
use crate::task_id::TaskId;

/// Edges that one claim follows; when more are left, the next claim follows at once.
const SPREAD_LIMIT: usize = 1_000;
/// Rows that come after one that failed, which one claim brings besides those it was asked for.
const DOOMED_LIMIT: usize = 64;
/// Tasks that `explain` names.
const NAMED_LIMIT: usize = 16;

pub(super) const DOOMED: &str = "SELECT id FROM task WHERE session = ?1 AND doomed IS NOT NULL \
     AND phase < 3 ORDER BY id LIMIT ?2";
pub(super) const SETTLED: &str =
    "SELECT task, doom FROM settled WHERE session = ?1 ORDER BY task LIMIT 1";
pub(super) const DEPENDANTS: &str =
    "SELECT task FROM dependency WHERE waits_for = ?1 ORDER BY task LIMIT ?2";
pub(super) const AHEAD: &str =
    "SELECT waits_for FROM dependency WHERE task = ?1 ORDER BY waits_for LIMIT ?2";

/// What a new row comes after.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Those that have not ended.
    live: Vec<TaskId>,
    /// One of them ended without a file.
    pub doom: Option<Doom>,
}

impl Ahead {
    /// How many are in the way. One that failed will always be.
    pub fn waits(&self) -> i64 {
        limit(self.live.len()) + i64::from(self.doom.is_some())
    }

    /// The row exists now, under this id.
    pub fn link(&self, db: &Connection, id: TaskId) -> SqlResult<()> {
        for ahead in &self.live {
            db.prepare_cached("INSERT INTO dependency (waits_for, task) VALUES (?1, ?2)")?
                .execute(params![ahead.0, id.0])?;
        }
        Ok(())
    }
}

/// Looks at what a new row comes after. Those that succeeded are not in the way.
pub(super) fn ahead(
    db: &Connection,
    session: SessionKey,
    after: &[After],
    made: &[EnqueuedTask],
) -> SqlResult<Ahead> {
    let mut ids = Vec::with_capacity(after.len());
    for after in after {
        ids.push(match after {
            After::Task(id) => *id,
            After::Made(place) => match made.get(*place) {
                Some(made) => made.id,
                None => return Err(not_made(*place)),
            },
        });
    }
    ids.sort_unstable();
    ids.dedup();
    let mut ahead = Ahead::default();
    for id in ids {
        if is_live(db, session, id)? {
            ahead.live.push(id);
        } else if ahead.doom.is_none() {
            ahead.doom = doom_of_ended(db, id)?;
        }
    }
    Ok(ahead)
}

fn not_made(place: usize) -> Fault {
    Fault::Typed(Error::new(
        ErrorKind::InvalidRequest,
        format!("a task cannot come after number {place} of its call, which is made later"),
    ))
}

fn is_live(db: &Connection, session: SessionKey, id: TaskId) -> SqlResult<bool> {
    let found: Option<(i64, i64)> = db
        .prepare_cached("SELECT session, phase FROM task WHERE id = ?1")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (kind, message) = match found {
        None => (
            ErrorKind::UnknownTask,
            format!(
                "a task cannot come after task {id}, which was never made or is forgotten; leave that out"
            ),
        ),
        Some((owner, _)) if owner != session.0 => (
            ErrorKind::InvalidRequest,
            format!(
                "a task cannot come after task {id}, which is of another session; make both in one"
            ),
        ),
        Some((_, phase)) => return Ok(phase != Phase::Completed as i64),
    };
    Err(Fault::Typed(Error::new(kind, message)))
}

/// How a task that has ended ended; none if well.
pub(super) fn doom_of_ended(db: &Connection, id: TaskId) -> SqlResult<Option<Doom>> {
    let outcome = db
        .prepare_cached(
            "SELECT outcome FROM journal WHERE task = ?1 ORDER BY task_seq DESC LIMIT 1",
        )?
        .query_row([id.0], |row| Ok(json::<Outcome>(row, 0)))
        .optional()?
        .transpose()?
        .flatten();
    match outcome {
        Some(outcome) => doom(db, id, &outcome),
        None => Ok(None),
    }
}

/// What the end of a task means for those that come after it.
fn doom(db: &Connection, id: TaskId, outcome: &Outcome) -> SqlResult<Option<Doom>> {
    let Err(error) = &outcome.result else {
        return Ok(None);
    };
    if error.kind == ErrorKind::DependencyFailed {
        if let Some(own) = doom_of(db, id)? {
            return Ok(Some(own.passed_on_by(id)));
        }
    }
    let cause = ErrorRecord {
        kind: error.kind,
        message: error.message.clone(),
        needed_bytes: None,
        response: None,
    };
    Ok(Some(Doom {
        after: id,
        root: id,
        cause,
    }))
}

impl Doom {
    /// For what comes after a task that has this doom.
    fn passed_on_by(self, id: TaskId) -> Doom {
        Doom { after: id, ..self }
    }
}

fn doom_of(db: &Connection, id: TaskId) -> SqlResult<Option<Doom>> {
    db.prepare_cached("SELECT doomed FROM task WHERE id = ?1")?
        .query_row([id.0], |row| Ok(json(row, 0)))?
}

/// Whether this row waits to be ended because of another.
pub(super) fn is_doomed(db: &Connection, id: TaskId) -> SqlResult<bool> {
    Ok(db
        .prepare_cached("SELECT doomed IS NOT NULL FROM task WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))?)
}

/// A task has ended, in this transaction. Whether others waited for it.
pub(super) fn ended(
    db: &Connection,
    session: SessionKey,
    id: TaskId,
    outcome: &Outcome,
) -> SqlResult<bool> {
    db.prepare_cached("DELETE FROM dependency WHERE task = ?1")?
        .execute([id.0])?;
    if !has_dependants(db, id)? {
        return Ok(false);
    }
    settle(db, session, id, doom(db, id, outcome)?.as_ref())?;
    Ok(true)
}

fn has_dependants(db: &Connection, id: TaskId) -> SqlResult<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM dependency WHERE waits_for = ?1)")?
        .query_row([id.0], |row| row.get(0))?)
}

/// Notes that the fate of a task is known. The first word counts.
fn settle(db: &Connection, session: SessionKey, id: TaskId, doom: Option<&Doom>) -> SqlResult<()> {
    db.prepare_cached("INSERT OR IGNORE INTO settled (task, session, doom) VALUES (?1, ?2, ?3)")?
        .execute(params![id.0, session.0, doom.map(text).transpose()?])?;
    Ok(())
}

/// Carries what is settled on to those that come after it, as far as one claim may.
pub(super) fn spread(db: &Connection, session: SessionKey, opened: Moment) -> SqlResult<()> {
    let mut left = SPREAD_LIMIT;
    while left > 0 {
        let settled = db
            .prepare_cached(SETTLED)?
            .query_row([session.0], |row| Ok((row.get(0)?, json(row, 1))))
            .optional()?;
        let Some((ahead, doom)) = settled else {
            return Ok(());
        };
        let (ahead, doom): (i64, Option<Doom>) = (ahead, doom?);
        let dependants: Vec<i64> = db
            .prepare_cached(DEPENDANTS)?
            .query_map(params![ahead, limit(left)], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for id in &dependants {
            db.prepare_cached("DELETE FROM dependency WHERE waits_for = ?1 AND task = ?2")?
                .execute(params![ahead, id])?;
            match &doom {
                Some(doom) => condemn(db, session, TaskId(*id), doom)?,
                None => relieve(db, TaskId(*id), opened)?,
            }
        }
        if dependants.len() < left {
            db.prepare_cached("DELETE FROM settled WHERE task = ?1")?
                .execute([ahead])?;
        }
        left = left.saturating_sub(dependants.len().max(1));
    }
    Ok(())
}

/// One that it came after has ended without a file. It still counts as waiting for that one: it never
/// becomes ready. What comes after it need not wait for its end to be on record.
fn condemn(db: &Connection, session: SessionKey, id: TaskId, doom: &Doom) -> SqlResult<()> {
    let changed = db
        .prepare_cached("UPDATE task SET doomed = ?2 WHERE id = ?1 AND doomed IS NULL")?
        .execute(params![id.0, text(doom)?])?;
    if changed == 1 && has_dependants(db, id)? {
        settle(db, session, id, Some(&doom.clone().passed_on_by(id)))?;
    }
    Ok(())
}

/// One that it came after has succeeded. After the last, it is ready when its own time has come.
fn relieve(db: &Connection, id: TaskId, opened: Moment) -> SqlResult<()> {
    let (waits, phase, hold): (i64, i64, _) = db
        .prepare_cached(
            "UPDATE task SET waits = waits - 1 WHERE id = ?1 RETURNING waits, phase, hold",
        )?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, json(row, 2))))?;
    if waits > 0 {
        return Ok(());
    }
    let hold: Option<Hold> = hold?;
    if phase == Phase::Held as i64 && hold.is_none() {
        db.prepare_cached("UPDATE task SET phase = 1 WHERE id = ?1")?
            .execute([id.0])?;
        return Ok(());
    }
    // One that is claimed for a command may yet go back to where it was held.
    let due = hold.map_or(i64::MIN, |hold| due_ms(&hold, opened));
    db.prepare_cached("UPDATE task SET due_ms = ?2 WHERE id = ?1")?
        .execute(params![id.0, due])?;
    Ok(())
}

/// Rows that must end because of another, whatever else they wait for.
pub(super) fn doomed(db: &Connection, session: SessionKey) -> SqlResult<Vec<TaskId>> {
    let mut doomed = db.prepare_cached(DOOMED)?;
    let rows = doomed.query_map(params![session.0, limit(DOOMED_LIMIT)], |row| {
        row.get(0).map(TaskId)
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether the next claim has more of this to do.
pub(super) fn is_spreading(db: &Connection, session: SessionKey) -> SqlResult<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM settled WHERE session = ?1) OR EXISTS (SELECT 1 FROM task \
             WHERE session = ?1 AND doomed IS NOT NULL AND phase < 3)",
        )?
        .query_row([session.0], |row| row.get(0))?)
}

/// Says which tasks a row waits for.
pub(super) fn name(db: &Connection, row: &mut TaskRow) -> SqlResult<()> {
    if row.waits == 0 {
        return Ok(());
    }
    let mut ahead = db.prepare_cached(AHEAD)?;
    let ids = ahead.query_map(params![row.id.0, limit(NAMED_LIMIT)], |row| {
        row.get(0).map(TaskId)
    })?;
    row.after = ids.collect::<rusqlite::Result<_>>()?;
    Ok(())
}
