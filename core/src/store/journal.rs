//! What the delegate must still be told, in order, until it was told (rule D4).

use rusqlite::{Connection, Row, params};

use super::columns::{json, limit};
use super::fault::{Fault, SqlResult};
use super::rows::{JournalRow, SessionKey};
use super::writer::Pace;
use super::{Reply, Store};
use crate::task_id::TaskId;

/// The columns that [`journal_row`] reads, in its order.
pub(super) const COLUMNS: &str = "seq, task, task_seq, written_ms, acknowledged, outcome";

impl Store {
    /// Up to `limit` entries behind `seq` (0: from the first), oldest first; `pending_only` leaves
    /// out those that were acknowledged.
    pub fn journal_after(
        &self,
        session: SessionKey,
        seq: i64,
        limit: usize,
        pending_only: bool,
    ) -> Reply<Vec<JournalRow>> {
        self.request(Pace::Grouped, move |db| {
            after(db, session, seq, limit, pending_only)
        })
    }

    /// How a task ended: its last entry; none while it has not ended.
    pub fn journal_of(&self, session: SessionKey, task: TaskId) -> Reply<Option<JournalRow>> {
        self.request(Pace::Grouped, move |db| {
            let mut last = db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM journal WHERE task = ?1 AND session = ?2 \
                 ORDER BY task_seq DESC LIMIT 1"
            ))?;
            let mut rows = last.query(params![task.0, session.0])?;
            rows.next()?.map(journal_row).transpose()
        })
    }

    /// The delegate was told these. Durable soon, and at the latest with the next commit: told
    /// twice is allowed, lost is not. The entries stay until their task is forgotten.
    pub fn acknowledge(&self, session: SessionKey, seqs: Vec<i64>) {
        let told = self.request(Pace::Lazy, move |db| {
            let mut acknowledge = db.prepare_cached(
                "UPDATE journal SET acknowledged = 1 WHERE seq = ?1 AND session = ?2",
            )?;
            for seq in seqs {
                acknowledge.execute(params![seq, session.0])?;
            }
            Ok(())
        });
        // Nobody waits: an acknowledgement that fails means that the entry is delivered again.
        drop(told);
    }
}

pub(super) fn after(
    db: &Connection,
    session: SessionKey,
    seq: i64,
    count: usize,
    pending_only: bool,
) -> SqlResult<Vec<JournalRow>> {
    let pending = if pending_only {
        "AND acknowledged = 0"
    } else {
        ""
    };
    let mut entries = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM journal WHERE session = ?1 {pending} AND seq > ?2 \
         ORDER BY seq LIMIT ?3"
    ))?;
    let mut rows = entries.query(params![session.0, seq, limit(count)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(journal_row(row)?);
    }
    Ok(found)
}

/// A row of [`COLUMNS`].
pub(super) fn journal_row(row: &Row<'_>) -> SqlResult<JournalRow> {
    Ok(JournalRow {
        seq: row.get(0)?,
        task: TaskId(row.get(1)?),
        task_seq: row.get(2)?,
        written_ms: row.get(3)?,
        acknowledged: row.get(4)?,
        outcome: json(row, 5)?
            .ok_or_else(|| Fault::Garbled("a journal entry without an outcome".into()))?,
    })
}
