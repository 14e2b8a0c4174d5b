//! The ledger of part files: what may lie on the disk, written down before it is made (rule D8).
//! Nothing is ever deleted because its name looks like ours.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::fault::SqlResult;
use super::places::Place;
use super::rows::{PartRow, SessionKey};
use super::writer::Pace;
use super::{Reply, Store};
use crate::clock::Moment;
use crate::task_id::TaskId;

impl Store {
    /// Part files whose task has ended or is forgotten: the session removes them when it opens.
    /// Those kept for resume data (L4) stay until their time is over.
    pub fn part_rows(&self, session: SessionKey, now: Moment) -> Reply<Vec<PartRow>> {
        self.request(Pace::Grouped, move |db| {
            let mut orphans = db.prepare_cached(
                "SELECT part_file.task, part_file.base, part_file.path FROM part_file \
                 LEFT JOIN task ON task.id = part_file.task \
                 WHERE part_file.session = ?1 AND (task.id IS NULL OR task.phase = 4) \
                 AND part_file.kept_until_ms <= ?2 \
                 ORDER BY part_file.task",
            )?;
            let rows = orphans.query_map(params![session.0, now.wall_ms], part_row)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Every part file of the session: what a session that does not outlive the process takes with
    /// it (rule S8).
    pub fn all_part_rows(&self, session: SessionKey) -> Reply<Vec<PartRow>> {
        self.request(Pace::Grouped, move |db| {
            let mut parts =
                db.prepare_cached("SELECT task, base, path FROM part_file WHERE session = ?1")?;
            let rows = parts.query_map([session.0], part_row)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The part files and sidecars of these tasks are gone from the disk. Durable soon: a row that a
    /// crash leaves behind is looked at again when the session opens.
    pub fn part_removed(&self, session: SessionKey, ids: &[TaskId]) -> Reply<()> {
        let ids = ids.to_vec();
        self.request(Pace::Lazy, move |db| {
            let mut remove =
                db.prepare_cached("DELETE FROM part_file WHERE task = ?1 AND session = ?2")?;
            for id in ids {
                remove.execute(params![id.0, session.0])?;
            }
            Ok(())
        })
    }
}

/// The directories of all of them.
pub(super) fn places(db: &Connection) -> SqlResult<BTreeSet<Place>> {
    let mut parts = db.prepare("SELECT base, path FROM part_file")?;
    let mut rows = parts.query([])?;
    let mut places = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let (base, path): (String, String) = (row.get(0)?, row.get(1)?);
        places.insert(Place::of(&base, &path));
    }
    Ok(places)
}

fn part_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<PartRow> {
    Ok(PartRow {
        task: TaskId(row.get(0)?),
        base: row.get(1)?,
        path: row.get(2)?,
    })
}

/// How long a part file waits for somebody to use its resume data.
const KEPT_FOR_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// A part file that nobody but a sidecar knew of, of a task that has ended (rule L4).
pub(super) fn insert_kept(
    db: &Connection,
    session: SessionKey,
    part: &PartRow,
    now: Moment,
) -> SqlResult<()> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO part_file (task, session, base, path, kept_until_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        part.task.0,
        session.0,
        part.base,
        part.path,
        now.wall_ms.saturating_add(KEPT_FOR_MS)
    ])?;
    Ok(())
}

/// The task has ended, and its part file stays for resume data (rule L4).
pub(super) fn keep(db: &Connection, id: TaskId, ended_ms: i64) -> SqlResult<()> {
    db.prepare_cached("UPDATE part_file SET kept_until_ms = ?2 WHERE task = ?1")?
        .execute(params![id.0, ended_ms.saturating_add(KEPT_FOR_MS)])?;
    Ok(())
}
