//! The tables, as migrations: only ever appended to.
//!
//! Phases are written as numbers because a partial index is used only when the statement repeats
//! its condition literally; the test below holds them against [`Phase`](super::rows::Phase).

use std::error::Error as _;

use rusqlite::{Connection, ErrorCode, ffi};
use rusqlite_migration::{M, Migrations};

use super::fault::{Fault, SqlResult};

/// `deadline_ms` of a task that has none.
pub(super) const NO_DEADLINE_MS: i64 = i64::MAX;
/// `check_ms` of a row that nobody must look at.
pub(super) const NO_CHECK_MS: i64 = i64::MAX;

const FIRST: &str = "
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value NOT NULL
) WITHOUT ROWID;

CREATE TABLE session (
    key        INTEGER PRIMARY KEY AUTOINCREMENT,
    identifier TEXT NOT NULL UNIQUE,
    -- Counts the owners: raised whenever somebody opens the session.
    epoch      INTEGER NOT NULL,
    -- Which boot the due times of held rows were computed in.
    boot       INTEGER NOT NULL
);

CREATE TABLE task (
    -- AUTOINCREMENT: an id is never used twice.
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    session     INTEGER NOT NULL,
    phase       INTEGER NOT NULL,
    needs       INTEGER NOT NULL,
    rank        INTEGER NOT NULL,
    -- The greatest number for none: it sorts behind every real one.
    deadline_ms INTEGER NOT NULL,
    created_ms  INTEGER NOT NULL,
    host        TEXT NOT NULL,
    base        TEXT NOT NULL,
    path        TEXT NOT NULL,
    url         TEXT NOT NULL,
    caller_id   TEXT,
    metadata    TEXT,
    options     TEXT,
    hold        TEXT,
    -- When the hold ends, in uptime of the boot of the session.
    due_ms      INTEGER,
    -- Of a claimed row: the phase that it goes back to when its owner is gone.
    lease_from  INTEGER,
    ended_ms    INTEGER,
    record      TEXT
);
-- Claiming in order, without looking at rows that may not run: needs and host first.
CREATE INDEX task_ready ON task(session, needs, host, rank, deadline_ms) WHERE phase = 1;
CREATE INDEX task_held ON task(session, due_ms) WHERE phase = 2;
CREATE INDEX task_deadline ON task(session, deadline_ms) WHERE phase < 3;
CREATE INDEX task_rest ON task(session, phase, ended_ms)
    WHERE phase = 0 OR phase = 3 OR phase = 4;
CREATE UNIQUE INDEX task_destination ON task(path, base) WHERE phase < 4;
CREATE UNIQUE INDEX task_caller ON task(session, caller_id) WHERE caller_id IS NOT NULL;

CREATE TABLE journal (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    session      INTEGER NOT NULL,
    task         INTEGER NOT NULL,
    task_seq     INTEGER NOT NULL,
    written_ms   INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL,
    outcome      TEXT NOT NULL
);
CREATE INDEX journal_pending ON journal(session, seq) WHERE acknowledged = 0;
CREATE UNIQUE INDEX journal_task ON journal(task, task_seq);

-- The ledger: part files that exist or may exist. Base and path again, because a row outlives
-- its task.
CREATE TABLE part_file (
    task    INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    base    TEXT NOT NULL,
    path    TEXT NOT NULL,
    -- Until when it is kept although its task has ended: for resume data.
    kept_until_ms INTEGER NOT NULL DEFAULT 0
);
";

/// Tasks that come after others (rule L6).
const DEPENDENCIES: &str = "
-- How many of the tasks that it comes after have not succeeded. While there is one, it is not ready.
ALTER TABLE task ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;
-- One of them ended without a file: why this one will, too.
ALTER TABLE task ADD COLUMN doomed TEXT;
CREATE INDEX task_doomed ON task(session, id) WHERE doomed IS NOT NULL AND phase < 3;

-- What a task still waits for.
CREATE TABLE dependency (
    waits_for INTEGER NOT NULL,
    task      INTEGER NOT NULL,
    PRIMARY KEY (waits_for, task)
) WITHOUT ROWID;
CREATE INDEX dependency_task ON dependency(task, waits_for);

-- Tasks whose fate is known, and whose dependants have not all been told of it.
CREATE TABLE settled (
    task    INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    -- NULL: it succeeded.
    doom    TEXT
);
CREATE INDEX settled_session ON settled(session, task);
";

/// Deadlines are counted by uptime, and rows have a time at which their needs relax. Boot -1 is none:
/// the next open counts the new columns.
const CHECKS: &str = "
-- How long after the first resume the deadline passes.
ALTER TABLE task ADD COLUMN timeout_ms INTEGER;
-- The deadline in uptime of the boot of the session.
ALTER TABLE task ADD COLUMN deadline_due_ms INTEGER;
-- When the row must be looked at, in the same uptime: its needs relax, or its deadline passes. The
-- greatest number for never.
ALTER TABLE task ADD COLUMN check_ms INTEGER NOT NULL DEFAULT 9223372036854775807;
ALTER TABLE session ADD COLUMN limiter TEXT;
UPDATE task SET timeout_ms = MAX(deadline_ms - created_ms, 0), deadline_due_ms = 0, check_ms = 0
    WHERE deadline_ms != 9223372036854775807;
UPDATE session SET boot = -1;
DROP INDEX task_deadline;
CREATE INDEX task_check ON task(session, check_ms) WHERE phase < 3;
";

const STEPS: &[M<'static>] = &[M::up(FIRST), M::up(DEPENDENCIES), M::up(CHECKS)];

/// The `user_version` that this build writes.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// Brings the tables up to [`VERSION`].
pub(super) fn migrate(db: &mut Connection) -> SqlResult<()> {
    Migrations::from_slice(STEPS)
        .to_latest(db)
        .map_err(|error| match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => unless_not_ours(err),
            other => Fault::Garbled(other.to_string()),
        })
}

/// Our statements are right: when SQLite finds one wrong, the tables are not those that the
/// version number promised, and the database is not ours.
pub(super) fn unless_not_ours(error: rusqlite::Error) -> Fault {
    let failure = error.source().and_then(|source| source.downcast_ref());
    match failure {
        Some(ffi::Error {
            code: ErrorCode::Unknown,
            ..
        }) => Fault::Garbled(error.to_string()),
        _ => Fault::Sql(error),
    }
}

/// The version of the store in `db`.
pub(super) fn version(db: &Connection) -> SqlResult<i64> {
    Ok(db.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::rows::Phase;

    #[test]
    fn the_steps_build_and_arrive_at_the_version() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db).unwrap();
        assert_eq!(version(&db).unwrap(), VERSION);
        assert!(Migrations::from_slice(STEPS).validate().is_ok());
    }

    #[test]
    fn deadlines_of_an_older_store_are_counted_at_the_next_open() {
        // rule P7
        let mut db = Connection::open_in_memory().unwrap();
        Migrations::from_slice(&STEPS[..1])
            .to_latest(&mut db)
            .unwrap();
        db.execute_batch(
            "INSERT INTO session VALUES (1, 'main', 1, 7);
             INSERT INTO task (session, phase, needs, rank, deadline_ms, created_ms, host, base,
                 path, url) VALUES (1, 1, 1, 0, 900, 200, 'h', 'b', 'p', 'u')",
        )
        .unwrap();
        migrate(&mut db).unwrap();
        let boot: i64 = db
            .query_row("SELECT boot FROM session", [], |row| row.get(0))
            .unwrap();
        let (timeout_ms, check_ms): (i64, i64) = db
            .query_row("SELECT timeout_ms, check_ms FROM task", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!((boot, timeout_ms, check_ms), (-1, 700, 0));
    }

    #[test]
    fn the_numbers_in_the_statements_are_the_phases() {
        let phases = [
            Phase::Suspended,
            Phase::Ready,
            Phase::Held,
            Phase::Claimed,
            Phase::Completed,
        ];
        assert_eq!(phases.map(|phase| phase as i64), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn tables_of_somebody_else_are_no_store() {
        // rule D6
        let mut db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE task (theirs TEXT)").unwrap();
        assert!(migrate(&mut db).unwrap_err().is_corruption());
    }
}
