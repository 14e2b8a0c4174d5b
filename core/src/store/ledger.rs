//! The ledger of part files: what may lie on the disk, written down before it is made (rule D8).
//! Nothing is ever deleted because its name looks like ours.

use rusqlite::params;

use super::rows::{PartRow, SessionKey};
use super::writer::Pace;
use super::{Reply, Store};
use crate::task_id::TaskId;

impl Store {
    /// Part files whose task has ended or is forgotten: the session removes them when it opens.
    pub fn part_rows(&self, session: SessionKey) -> Reply<Vec<PartRow>> {
        self.request(Pace::Grouped, move |db| {
            let mut orphans = db.prepare_cached(
                "SELECT part_file.task, part_file.base, part_file.path FROM part_file \
                 LEFT JOIN task ON task.id = part_file.task \
                 WHERE part_file.session = ?1 AND (task.id IS NULL OR task.phase = 4) \
                 ORDER BY part_file.task",
            )?;
            let rows = orphans.query_map([session.0], |row| {
                Ok(PartRow {
                    task: TaskId(row.get(0)?),
                    base: row.get(1)?,
                    path: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The part files of these tasks are gone from the disk.
    pub fn part_removed(&self, session: SessionKey, ids: &[TaskId]) -> Reply<()> {
        let ids = ids.to_vec();
        self.request(Pace::Grouped, move |db| {
            let mut remove =
                db.prepare_cached("DELETE FROM part_file WHERE task = ?1 AND session = ?2")?;
            for id in ids {
                remove.execute(params![id.0, session.0])?;
            }
            Ok(())
        })
    }
}
