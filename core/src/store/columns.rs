//! Values as columns and back. What is read is never trusted: a value that means nothing is
//! damage, not a panic (rule T7).

use rusqlite::{Connection, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault::{Fault, SqlResult};
use super::journal;
use super::rows::{Deadline, Doom, Hold, Phase, Record, TaskRow};
use super::schema::{NO_CHECK_MS, NO_DEADLINE_MS};
use crate::clock::Moment;
use crate::task_id::TaskId;

/// The columns that [`task_row`] reads, in its order.
pub(super) const TASK: &str = "id, url, host, base, path, caller_id, metadata, options, needs, \
     phase, hold, rank, deadline_ms, created_ms, record, timeout_ms, deadline_due_ms, check_ms, \
     waits, doomed";

/// A row of [`TASK`].
pub(super) fn task_row(row: &Row<'_>) -> SqlResult<TaskRow> {
    let created_ms = row.get(13)?;
    let deadline = deadline(row)?;
    let check_ms: i64 = row.get(17)?;
    let last_ms = deadline.map_or(NO_CHECK_MS, |deadline| deadline.due_ms);
    Ok(TaskRow {
        id: TaskId(row.get(0)?),
        url: row.get(1)?,
        host: row.get(2)?,
        base: row.get(3)?,
        path: row.get(4)?,
        caller_id: row.get(5)?,
        metadata: row.get(6)?,
        options: json(row, 7)?.unwrap_or_default(),
        needs: row.get(8)?,
        phase: phase(row.get(9)?)?,
        hold: json(row, 10)?,
        rank: row.get(11)?,
        deadline,
        relax_ms: Some(check_ms).filter(|at| *at < last_ms),
        created_ms,
        // A task that nothing happened to yet is in its state since it was made.
        record: json(row, 14)?.unwrap_or_else(|| Record {
            since_ms: created_ms,
            ..Record::default()
        }),
        waits: row.get(18)?,
        after: Vec::new(),
        doomed: json(row, 19)?,
    })
}

/// A value stored as JSON text; NULL is none.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> SqlResult<Option<T>> {
    match row.get_ref(column)?.as_str_or_null() {
        Ok(None) => Ok(None),
        Ok(Some(text)) => Ok(Some(serde_json::from_str(text)?)),
        Err(error) => Err(Fault::Garbled(error.to_string())),
    }
}

/// A value as JSON text.
pub(super) fn text<T: Serialize>(value: &T) -> SqlResult<String> {
    Ok(serde_json::to_string(value)?)
}

/// A value as JSON text; its default takes no room.
pub(super) fn text_unless_default<T>(value: &T) -> SqlResult<Option<String>>
where
    T: Serialize + Default + PartialEq,
{
    if *value == T::default() {
        return Ok(None);
    }
    text(value).map(Some)
}

fn phase(number: i64) -> SqlResult<Phase> {
    let phases = [
        Phase::Suspended,
        Phase::Ready,
        Phase::Held,
        Phase::Claimed,
        Phase::Completed,
    ];
    phases
        .into_iter()
        .find(|phase| *phase as i64 == number)
        .ok_or_else(|| Fault::Garbled(format!("no phase has the number {number}")))
}

fn deadline(row: &Row<'_>) -> SqlResult<Option<Deadline>> {
    let wall_ms = row.get(12)?;
    let (delay_ms, due_ms): (Option<i64>, Option<i64>) = (row.get(15)?, row.get(16)?);
    let counted = delay_ms.zip(due_ms).filter(|_| wall_ms != NO_DEADLINE_MS);
    Ok(counted.map(|(delay_ms, due_ms)| Deadline {
        wall_ms,
        delay_ms,
        due_ms,
    }))
}

pub(super) fn deadline_column(deadline: Option<Deadline>) -> i64 {
    deadline.map_or(NO_DEADLINE_MS, |deadline| deadline.wall_ms)
}

/// When somebody must look at the row: its needs relax, or its deadline passes.
pub(super) fn check_column(deadline: Option<Deadline>, relax_ms: Option<i64>) -> i64 {
    let due_ms = deadline.map(|deadline| deadline.due_ms);
    due_ms
        .into_iter()
        .chain(relax_ms)
        .min()
        .unwrap_or(NO_CHECK_MS)
}

/// When a hold ends, in the uptime of the boot of `opened` (rule P7).
///
/// A hold that was set since then counts by uptime. An older one is measured by what is left of it
/// at `opened`, so every row of the store can be compared by one number, whatever the wall clock
/// does. Where the system does not tell boots apart (`boot` 0), a hold is taken for newer than
/// `opened` only if both clocks say so.
pub(super) fn due_ms(hold: &Hold, opened: Moment) -> i64 {
    let same_boot = hold.set.boot == opened.boot
        && (opened.boot != 0
            || (hold.set.uptime_ms >= opened.uptime_ms && hold.set.wall_ms >= opened.wall_ms));
    if same_boot {
        hold.until().uptime_ms
    } else {
        opened.uptime_ms.saturating_add(hold.remaining_ms(opened))
    }
}

/// A count for `LIMIT`.
pub(super) fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Reads everything once: after damage was reported, a file whose structure is sound may still
/// hold values that are not.
pub(super) fn check_all(db: &Connection) -> SqlResult<()> {
    let mut tasks = db.prepare(&format!("SELECT {TASK} FROM task"))?;
    let mut rows = tasks.query([])?;
    while let Some(row) = rows.next()? {
        task_row(row)?;
    }
    let mut entries = db.prepare(&format!("SELECT {} FROM journal", journal::COLUMNS))?;
    let mut rows = entries.query([])?;
    while let Some(row) = rows.next()? {
        journal::journal_row(row)?;
    }
    let mut settled = db.prepare("SELECT doom FROM settled")?;
    let mut rows = settled.query([])?;
    while let Some(row) = rows.next()? {
        json::<Doom>(row, 0)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task_state::WaitReason;

    fn at(wall_ms: i64, uptime_ms: i64, boot: i64) -> Moment {
        Moment {
            wall_ms,
            uptime_ms,
            boot,
        }
    }

    fn hold(set: Moment) -> Hold {
        Hold {
            reason: WaitReason::RetryAfter,
            set,
            delay_ms: 1_000,
        }
    }

    #[test]
    fn a_hold_of_this_boot_counts_by_uptime() {
        // rule P7
        let opened = at(50_000, 500, 7);
        assert_eq!(due_ms(&hold(at(1, 600, 7)), opened), 1_600);
        assert_eq!(due_ms(&hold(at(99_999_999, 400, 7)), opened), 1_400);
    }

    #[test]
    fn a_hold_of_another_boot_keeps_what_is_left_and_never_more() {
        // rule H2
        let opened = at(50_000, 500, 7);
        assert_eq!(due_ms(&hold(at(49_400, 9_000, 6)), opened), 900);
        assert_eq!(due_ms(&hold(at(10_000, 9_000, 6)), opened), 500);
        assert_eq!(due_ms(&hold(at(90_000, 9_000, 6)), opened), 1_500);
    }

    #[test]
    fn without_boot_ids_only_holds_of_this_process_count_by_uptime() {
        // rule P7
        let opened = at(50_000, 500, 0);
        assert_eq!(due_ms(&hold(at(50_100, 600, 0)), opened), 1_600);
        assert_eq!(due_ms(&hold(at(49_400, 9_000, 0)), opened), 900);
    }
}
