//! The sessions of a container, and what happens to a session's rows when somebody opens it.

use rusqlite::{Connection, OptionalExtension, params};

use super::Store;
use super::columns::{due_ms, json};
use super::fault::SqlResult;
use super::rows::{Hold, SessionKey};
use super::writer::Pace;
use crate::clock::Moment;
use crate::error::Result;

impl Store {
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
    db.execute("DELETE FROM meta WHERE name = 'untold'", [])?;
    db.prepare_cached(
        "UPDATE task SET phase = COALESCE(lease_from, 1), lease_from = NULL \
         WHERE session = ?1 AND phase = 3",
    )?
    .execute([key])?;
    // Boot 0 is no boot: there the wall clock has to be asked every time.
    if boot != opened.boot || boot == 0 {
        recount_holds(db, session, opened)?;
    }
    Ok(session)
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
