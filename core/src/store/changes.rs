//! What the engine decided, made durable: state and journal in one transaction (rule D4).

use rusqlite::{Connection, params};

use super::columns::{check_column, deadline_column, due_ms, text};
use super::fault::{Fault, SqlResult};
use super::rows::{
    Change, Committed, Deadline, Hold, JournalMark, Outcome, Phase, Record, SessionKey,
};
use super::sessions::save_limiter;
use super::writer::Pace;
use super::{Reply, Store, dependency, ledger};
use crate::error::{Error, ErrorKind};
use crate::task_id::TaskId;

impl Store {
    /// Makes all of `changes` durable, or none.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`] when a task is not in this session or has ended;
    /// [`ErrorKind::InvalidRequest`] for a `Save` that ends a task.
    pub fn commit(&self, session: SessionKey, changes: Vec<Change>) -> Reply<Committed> {
        let opened = self.opened();
        self.request(Pace::Grouped, move |db| {
            let mut committed = Committed::default();
            for change in changes {
                match change {
                    Change::Save {
                        id,
                        phase,
                        hold,
                        needs,
                        deadline,
                        relax_ms,
                        record,
                    } => {
                        let due = hold.map(|hold| due_ms(&hold, opened));
                        let timing = (needs, deadline, relax_ms);
                        save(db, (session, id), (phase, hold, due), timing, &record)?;
                        committed.moves_others |= dependency::is_doomed(db, id)?;
                    }
                    Change::SaveLimiter(limiter) => save_limiter(db, session, &limiter)?,
                    Change::Complete {
                        id,
                        record,
                        outcome,
                        part_is_gone,
                        keeps_part,
                    } => {
                        let mark = complete(db, session, id, &record, &outcome)?;
                        committed.journal.push(mark);
                        committed.moves_others |= dependency::ended(db, session, id, &outcome)?;
                        if part_is_gone {
                            db.prepare_cached("DELETE FROM part_file WHERE task = ?1")?
                                .execute([id.0])?;
                        }
                        if keeps_part {
                            ledger::keep(db, id, record.since_ms)?;
                        }
                    }
                }
            }
            Ok(committed)
        })
    }

    /// Gives these tasks another metadata text (rule L3).
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`]; then none is changed.
    pub fn set_metadata(
        &self,
        session: SessionKey,
        ids: &[TaskId],
        metadata: Option<String>,
    ) -> Reply<()> {
        let ids = ids.to_vec();
        self.request(Pace::Grouped, move |db| {
            let mut set =
                db.prepare_cached("UPDATE task SET metadata = ?3 WHERE id = ?1 AND session = ?2")?;
            for id in ids {
                one_row(set.execute(params![id.0, session.0, metadata])?, id)?;
            }
            Ok(())
        })
    }
}

fn save(
    db: &Connection,
    (session, id): (SessionKey, TaskId),
    (phase, hold, due): (Phase, Option<Hold>, Option<i64>),
    (needs, deadline, relax_ms): (i64, Option<Deadline>, Option<i64>),
    record: &Record,
) -> SqlResult<()> {
    // Where the row goes when its owner dies: a hold must outlive the owner (rule H2).
    let lease_from = match (phase, hold) {
        (Phase::Completed, _) => {
            return Err(Fault::Typed(Error::new(
                ErrorKind::InvalidRequest,
                "a task ends by Complete, which writes its journal entry",
            )));
        }
        (Phase::Claimed, Some(_)) => Some(Phase::Held as i64),
        (Phase::Claimed, None) => Some(Phase::Ready as i64),
        _ => None,
    };
    // A row that is held for no reason would never come out.
    let due = match phase {
        Phase::Held => Some(due.unwrap_or(i64::MIN)),
        _ => due,
    };
    let changed = db
        .prepare_cached(
            // What comes after others is not ready before they have ended, whatever is asked (L6).
            "UPDATE task SET phase = CASE WHEN ?3 = 1 AND waits > 0 THEN 2 ELSE ?3 END, \
             hold = ?4, due_ms = CASE WHEN waits > 0 THEN NULL ELSE ?5 END, deadline_ms = ?6, \
             record = ?7, lease_from = ?8, needs = ?9, timeout_ms = ?10, deadline_due_ms = ?11, \
             check_ms = ?12 WHERE id = ?1 AND session = ?2 AND phase < 4",
        )?
        .execute(params![
            id.0,
            session.0,
            phase as i64,
            hold.map(|hold| text(&hold)).transpose()?,
            due,
            deadline_column(deadline),
            text(record)?,
            lease_from,
            needs,
            deadline.map(|deadline| deadline.delay_ms),
            deadline.map(|deadline| deadline.due_ms),
            check_column(deadline, relax_ms),
        ])?;
    one_row(changed, id)
}

fn complete(
    db: &Connection,
    session: SessionKey,
    id: TaskId,
    record: &Record,
    outcome: &Outcome,
) -> SqlResult<JournalMark> {
    let changed = db
        .prepare_cached(
            "UPDATE task SET phase = 4, hold = NULL, due_ms = NULL, lease_from = NULL, \
             record = ?3, ended_ms = ?4 WHERE id = ?1 AND session = ?2 AND phase < 4",
        )?
        .execute(params![id.0, session.0, text(record)?, record.since_ms])?;
    one_row(changed, id)?;
    let task_seq: i64 = db
        .prepare_cached("SELECT COALESCE(MAX(task_seq), 0) + 1 FROM journal WHERE task = ?1")?
        .query_row([id.0], |row| row.get(0))?;
    db.prepare_cached(
        "INSERT INTO journal (session, task, task_seq, written_ms, acknowledged, outcome) \
         VALUES (?1, ?2, ?3, ?4, 0, ?5)",
    )?
    .execute(params![
        session.0,
        id.0,
        task_seq,
        record.since_ms,
        text(outcome)?
    ])?;
    Ok(JournalMark {
        task: id,
        seq: db.last_insert_rowid(),
        task_seq,
        written_ms: record.since_ms,
    })
}

fn one_row(changed: usize, id: TaskId) -> SqlResult<()> {
    if changed == 1 {
        return Ok(());
    }
    Err(Fault::Typed(Error::new(
        ErrorKind::UnknownTask,
        format!("task {id} is not in this session, or has ended"),
    )))
}
