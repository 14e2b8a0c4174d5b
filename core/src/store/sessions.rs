//! The sessions of a container, and what happens to a session's rows when somebody opens it.

use rusqlite::{Connection, OptionalExtension, params};

use super::columns::{due_ms, json, text_unless_default};
use super::fault::SqlResult;
use super::rows::{Hold, SessionKey};
use super::schema::NO_DEADLINE_MS;
use super::writer::Pace;
use super::{Reply, Store};
use crate::clock::Moment;
use crate::engine::policy::LaunchLimiter;
use crate::error::Result;

/// What is left, within nothing and the whole delay, from the moment of the open.
const RECOUNT_DEADLINES: &str = "UPDATE task SET (deadline_due_ms, check_ms) = (SELECT due, \
     CASE WHEN check_ms < deadline_due_ms THEN due - (deadline_due_ms - check_ms) ELSE due END \
     FROM (SELECT ?3 + MIN(MAX(deadline_ms - ?4, 0), timeout_ms) AS due)) \
     WHERE session = ?1 AND phase < 4 AND deadline_ms != ?2 AND timeout_ms IS NOT NULL";

impl Store {
    /// The state of a session's launch limiter (rule P5).
    pub fn limiter(&self, session: SessionKey) -> Reply<LaunchLimiter> {
        self.request(Pace::Grouped, move |db| limiter(db, session))
    }

    /// Takes over the session with this identifier, which is made if the store does not know it.
    /// The caller holds its [`SessionLock`](super::SessionLock).
    ///
    /// Rows that a dead owner had claimed go back where they came from (rule W5), holds of an
    /// earlier boot are counted in this one (rule H2), and old ended rows are forgotten.
    pub fn open_session(&self, identifier: &str, now: Moment) -> Result<SessionKey> {
        let opened = self.opened();
        let name = identifier.to_owned();
        let session = self
            .request(Pace::Grouped, move |db| take_over(db, &name, opened))
            .wait()?;
        self.note_session(session, identifier);
        // Nobody waits for it.
        drop(self.prune(session, now));
        Ok(session)
    }
}

/// The identifiers of all sessions that this store knows.
pub(super) fn names(db: &Connection) -> SqlResult<Vec<String>> {
    let mut names = db.prepare_cached("SELECT identifier FROM session ORDER BY key")?;
    let rows = names.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn find(db: &Connection, identifier: &str) -> SqlResult<Option<SessionKey>> {
    let mut find = db.prepare_cached("SELECT key FROM session WHERE identifier = ?1")?;
    let key = find.query_row([identifier], |row| row.get(0)).optional()?;
    Ok(key.map(SessionKey))
}

fn take_over(db: &Connection, identifier: &str, opened: Moment) -> SqlResult<SessionKey> {
    db.prepare_cached(
        "INSERT INTO session (identifier, epoch, boot) VALUES (?1, 0, ?2) \
         ON CONFLICT (identifier) DO NOTHING",
    )?
    .execute(params![identifier, opened.boot])?;
    let (key, boot): (i64, i64) = db
        .prepare_cached("SELECT key, boot FROM session WHERE identifier = ?1")?
        .query_row([identifier], |row| Ok((row.get(0)?, row.get(1)?)))?;
    db.prepare_cached("UPDATE session SET epoch = epoch + 1, boot = ?2 WHERE key = ?1")?
        .execute(params![key, opened.boot])?;
    let session = SessionKey(key);
    db.prepare_cached(
        "UPDATE task SET phase = COALESCE(lease_from, 1), lease_from = NULL \
         WHERE session = ?1 AND phase = 3",
    )?
    .execute([key])?;
    // Boot 0 is no boot: there the wall clock has to be asked every time.
    if boot != opened.boot || boot == 0 {
        recount_holds(db, session, opened)?;
        recount_deadlines(db, session, opened)?;
    }
    Ok(session)
}

/// The state of the session's launch limiter, as it was saved.
fn limiter(db: &Connection, session: SessionKey) -> SqlResult<LaunchLimiter> {
    let mut find = db.prepare_cached("SELECT limiter FROM session WHERE key = ?1")?;
    let found = find
        .query_row([session.0], |row| Ok(json(row, 0)))
        .optional()?;
    Ok(found.transpose()?.flatten().unwrap_or_default())
}

pub(super) fn save_limiter(
    db: &Connection,
    session: SessionKey,
    limiter: &LaunchLimiter,
) -> SqlResult<()> {
    db.prepare_cached("UPDATE session SET limiter = ?2 WHERE key = ?1")?
        .execute(params![session.0, text_unless_default(limiter)?])?;
    Ok(())
}

/// Of a deadline that was set in an earlier boot, what the wall clock leaves counts, and never more
/// than it was set for (rule P7). The times at which needs relax keep their distance from it.
fn recount_deadlines(db: &Connection, session: SessionKey, opened: Moment) -> SqlResult<()> {
    db.prepare_cached(RECOUNT_DEADLINES)?.execute(params![
        session.0,
        NO_DEADLINE_MS,
        opened.uptime_ms,
        opened.wall_ms
    ])?;
    Ok(())
}

/// Due times are uptimes of one boot; after another boot they are counted again.
fn recount_holds(db: &Connection, session: SessionKey, opened: Moment) -> SqlResult<()> {
    let mut held = db.prepare_cached(
        "SELECT id, hold FROM task WHERE session = ?1 AND phase = 2 AND waits = 0",
    )?;
    let mut rows = held.query([session.0])?;
    let mut due = Vec::new();
    while let Some(row) = rows.next()? {
        let hold: Option<Hold> = json(row, 1)?;
        let id: i64 = row.get(0)?;
        due.push((id, hold.map_or(i64::MIN, |hold| due_ms(&hold, opened))));
    }
    let mut update = db.prepare_cached("UPDATE task SET due_ms = ?2 WHERE id = ?1")?;
    for (id, due) in due {
        update.execute(params![id, due])?;
    }
    Ok(())
}
