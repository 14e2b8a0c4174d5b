//! Takes what can still be read out of a damaged database (rule D6).
//!
//! Tables are read in the order of their keys. Where a page cannot be read, what lies behind it is
//! looked for from the other end and in halves, so one bad page costs its own rows. Nothing that comes
//! out is trusted: every row is read again as any row is, and goes if it means nothing (rule T7). Must
//! never write to the damaged file.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row, Statement, params_from_iter};

use super::columns::{self, TASK};
use super::fault::SqlResult;
use super::rows::Doom;
use super::{journal, open};
use crate::error::{ErrorKind, ErrorRecord};
use crate::task_id::TaskId;

/// The tables, and what their rows are found by.
const TABLES: [(&str, &str); 6] = [
    ("session", "key"),
    ("task", "id"),
    ("journal", "seq"),
    ("part_file", "task"),
    ("dependency", "waits_for"),
    ("settled", "task"),
];
/// Attempts to read a part of one table.
const READS_LIMIT: u32 = 4_096;
/// How far behind the last row rows are looked for when nothing says where they end.
const BLIND_KEYS: i64 = 1_000_000;

/// What came out besides rows.
#[derive(Debug, Default)]
pub(super) struct Salvaged {
    pub token: Option<String>,
    /// The highest number that a task or a journal entry is known to have had.
    pub highest: i64,
}

/// Copies what can be read of `damaged` into the empty tables of `fresh`.
pub(super) fn copy(damaged: &Path, fresh: &Connection) -> SqlResult<Salvaged> {
    let old = Connection::open_with_flags(damaged, open::FLAGS)?;
    old.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    old.pragma_update(None, "query_only", true)?;
    old.pragma_update(None, "cell_size_check", true)?;
    // Not to write one: it lets SQLite read a file that is shorter than it says.
    old.pragma_update(None, "writable_schema", true)?;
    let highest = old
        .query_row(
            "SELECT MAX(seq) FROM sqlite_sequence WHERE name IN ('task', 'journal')",
            [],
            |row| row.get::<_, Option<i64>>(0),
        )
        .ok()
        .flatten();
    let mut salvaged = Salvaged {
        token: open::token(&old).ok(),
        highest: highest.unwrap_or(0),
    };
    for (table, key) in TABLES {
        match copy_table(&old, fresh, table, key) {
            Ok(count) => log::info!("{count} rows of {table} could be read"),
            Err(fault) => log::warn!("nothing of {table} can be read: {}", fault.reason()),
        }
    }
    let known: i64 = fresh.query_row(
        "SELECT MAX(COALESCE((SELECT MAX(id) FROM task), 0), \
         COALESCE((SELECT MAX(seq) FROM journal), 0))",
        [],
        |row| row.get(0),
    )?;
    salvaged.highest = salvaged.highest.max(known);
    Ok(salvaged)
}

fn columns_of(db: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    db.prepare("SELECT name FROM pragma_table_info(?1)")?
        .query_map([table], |row| row.get(0))?
        .collect()
}

/// Copies the columns that both have: the damaged one may be of an older version.
fn copy_table(old: &Connection, fresh: &Connection, table: &str, key: &str) -> SqlResult<u64> {
    let theirs = columns_of(old, table)?;
    let mut names = columns_of(fresh, table)?;
    names.retain(|name| theirs.contains(name));
    let list = names.join(", ");
    let places = vec!["?"; names.len()].join(", ");
    let read = |order: &str| {
        old.prepare(&format!(
            "SELECT {key}, {list} FROM {table} WHERE {key} > ?1 AND {key} <= ?2 ORDER BY {key} {order}"
        ))
    };
    let mut walk = Walk {
        forward: read("ASC")?,
        backward: read("DESC")?,
        insert: fresh.prepare(&format!(
            "INSERT OR IGNORE INTO {table} ({list}) VALUES ({places})"
        ))?,
        reads: 0,
        copied: 0,
    };
    let last = old
        .query_row(&format!("SELECT MAX({key}) FROM {table}"), [], |row| {
            row.get::<_, Option<i64>>(0)
        })
        .or_else(|_| {
            old.query_row(
                "SELECT MAX(seq) FROM sqlite_sequence WHERE name = ?1",
                [table],
                |row| row.get(0),
            )
        });
    walk.all(last.ok().map(|last| last.unwrap_or(0)))?;
    Ok(walk.copied)
}

/// A way through one table.
struct Walk<'old, 'fresh> {
    forward: Statement<'old>,
    backward: Statement<'old>,
    insert: Statement<'fresh>,
    reads: u32,
    copied: u64,
}

/// How far a read came.
enum Reached {
    End,
    /// The last key that could be read, if there is one.
    Stuck(Option<i64>),
}

impl Walk<'_, '_> {
    /// Every row with a key above zero that can be reached.
    fn all(&mut self, last: Option<i64>) -> SqlResult<()> {
        let mut low = 0;
        if last.is_none() {
            match self.read(true, 0, i64::MAX)? {
                Reached::End => return Ok(()),
                Reached::Stuck(key) => low = key.unwrap_or(0),
            }
        }
        let mut spans = vec![(low, last.unwrap_or(low.saturating_add(BLIND_KEYS)))];
        while let Some((low, high)) = spans.pop() {
            if low >= high || self.reads >= READS_LIMIT {
                continue;
            }
            let low = match self.read(true, low, high)? {
                Reached::End => continue,
                Reached::Stuck(key) => key.unwrap_or(low),
            };
            let high = match self.read(false, low, high)? {
                Reached::End => continue,
                Reached::Stuck(key) => key.map_or(high, |key| key - 1),
            };
            if high - low > 1 {
                let middle = low + (high - low) / 2;
                spans.push((middle, high));
                spans.push((low, middle));
            }
        }
        Ok(())
    }

    /// Copies rows with keys in `low < key <= high` until the end, or until one cannot be read. Errors
    /// are those of writing.
    fn read(&mut self, is_forward: bool, low: i64, high: i64) -> SqlResult<Reached> {
        self.reads += 1;
        let statement = match is_forward {
            true => &mut self.forward,
            false => &mut self.backward,
        };
        let mut reached = None;
        let Ok(mut rows) = statement.query([low, high]) else {
            return Ok(Reached::Stuck(None));
        };
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(Reached::End),
                Err(_) => return Ok(Reached::Stuck(reached)),
            };
            let Ok(key) = row.get::<_, i64>(0) else {
                return Ok(Reached::Stuck(reached));
            };
            // A tree whose pages point the wrong way must not be walked in a circle.
            let is_onward = reached.is_none_or(|last| match is_forward {
                true => key >= last,
                false => key <= last,
            });
            if !is_onward || key <= low || key > high {
                return Ok(Reached::Stuck(reached));
            }
            reached = Some(key);
            if let Some(values) = values(row) {
                // What breaks a constraint is garbled.
                match self.insert.execute(params_from_iter(values)) {
                    Ok(count) => self.copied += count as u64,
                    Err(error) if is_refused(&error) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
}

fn is_refused(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::ConstraintViolation | rusqlite::ErrorCode::TypeMismatch)
    )
}

/// The columns behind the first, unless one is text that is none.
fn values(row: &Row<'_>) -> Option<Vec<Value>> {
    let count = row.as_ref().column_count();
    let mut values = Vec::with_capacity(count);
    for column in 1..count {
        values.push(match row.get_ref(column).ok()? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Real(number) => Value::Real(number),
            ValueRef::Text(text) => Value::Text(std::str::from_utf8(text).ok()?.to_owned()),
            ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        });
    }
    Some(values)
}

/// Throws out what means nothing, and makes the rest agree with itself. Returns how many tasks are left
/// that have not ended.
pub(super) fn check(db: &Connection) -> SqlResult<u64> {
    remove_garbled(
        db,
        &format!("SELECT {TASK} FROM task"),
        "task",
        "id",
        |row| columns::task_row(row).map(drop),
    )?;
    let entries = format!("SELECT {} FROM journal", journal::COLUMNS);
    remove_garbled(db, &entries, "journal", "seq", |row| {
        journal::journal_row(row).map(drop)
    })?;
    remove_garbled(
        db,
        "SELECT task, doom FROM settled",
        "settled",
        "task",
        |row| columns::json::<Doom>(row, 1).map(drop),
    )?;
    // Boot -1 is none: the times that depend on it are counted again when the session opens.
    db.execute_batch(
        "DELETE FROM session WHERE typeof(identifier) != 'text' OR typeof(epoch) != 'integer';
         UPDATE session SET boot = -1, limiter = NULL;
         UPDATE task SET timeout_ms = MAX(deadline_ms - created_ms, 0), deadline_due_ms = 0, check_ms = 0
             WHERE deadline_ms != 9223372036854775807
             AND (typeof(timeout_ms) != 'integer' OR typeof(deadline_due_ms) != 'integer');
         DELETE FROM task WHERE session NOT IN (SELECT key FROM session);
         UPDATE task SET lease_from = NULL WHERE lease_from NOT IN (0, 1, 2);
         DELETE FROM journal WHERE task NOT IN (SELECT id FROM task);
         DELETE FROM part_file WHERE typeof(base) != 'text' OR typeof(path) != 'text'
             OR typeof(session) != 'integer' OR typeof(kept_until_ms) != 'integer';
         DELETE FROM dependency WHERE task NOT IN (SELECT id FROM task);",
    )?;
    doom_those_with_lost_edges(db)?;
    let left = db.query_row("SELECT COUNT(*) FROM task WHERE phase < 4", [], |row| {
        row.get::<_, i64>(0)
    })?;
    Ok(left.unsigned_abs())
}

/// Deletes the rows that `read` finds nothing in.
fn remove_garbled(
    db: &Connection,
    select: &str,
    table: &str,
    key: &str,
    read: impl Fn(&Row<'_>) -> SqlResult<()>,
) -> SqlResult<()> {
    let mut garbled = Vec::new();
    let mut statement = db.prepare(select)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Err(fault) = read(row) {
            let id: i64 = row.get(0)?;
            log::warn!("row {id} of {table} is garbled: {}", fault.reason());
            garbled.push(id);
        }
    }
    let mut delete = db.prepare(&format!("DELETE FROM {table} WHERE {key} = ?1"))?;
    for id in garbled {
        delete.execute([id])?;
    }
    Ok(())
}

/// A task that waits for more than is known must not run too early, nor wait for ever (rule L6): it
/// ends, and says why.
fn doom_those_with_lost_edges(db: &Connection) -> SqlResult<()> {
    let mut find = db.prepare(
        "SELECT id FROM task WHERE phase < 4 AND doomed IS NULL AND waits > \
         (SELECT COUNT(*) FROM dependency WHERE dependency.task = task.id)",
    )?;
    let ids: Vec<i64> = find
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut doom = db.prepare("UPDATE task SET doomed = ?2 WHERE id = ?1")?;
    for id in ids {
        doom.execute((id, columns::text(&lost(TaskId(id)))?))?;
    }
    Ok(())
}

/// Why a task ends that comes after one which the damage took.
pub(super) fn lost(task: TaskId) -> Doom {
    Doom {
        after: task,
        root: task,
        cause: ErrorRecord {
            kind: ErrorKind::StoreCorrupt,
            message: "what this task comes after was lost with the damaged store; enqueue it again"
                .to_owned(),
            needed_bytes: None,
            response: None,
        },
    }
}
