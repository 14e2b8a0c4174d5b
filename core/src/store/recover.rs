//! A damaged store: what can be read of it goes into a new one, it is moved aside, and the new one
//! takes its place (rule D6). Tasks that only their sidecars still know are made again later, when
//! their session opens: see [`rebuild`](super::rebuild).
//!
//! The new store is whole before the damaged one is touched, and has a name of its own until then; so
//! a kill at any point either finds that name and goes on, or does not and begins again.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::fault::SqlResult;
use super::places::{ID_BLOCK, Listed};
use super::salvage::{self, Salvaged};
use super::{folder, open};
use crate::clock::Moment;

/// For so long sidecars are looked for when a session opens: far longer than tasks live.
const KEPT_FOR_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// What had to be done to open a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recovery {
    /// Where the damaged store lies now; nothing lies there if it was gone.
    pub moved_to: PathBuf,
    /// What was wrong with it.
    pub reason: String,
    /// Tasks of the container that had not ended and could still be read.
    pub salvaged_tasks: u64,
    /// Tasks of the session that its sidecars brought back.
    pub rebuilt_tasks: u64,
    /// Those of them whose metadata did not fit their sidecar.
    pub incomplete_tasks: u64,
}

/// What a store remembers of the recovery that it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    at_ms: i64,
    /// A file name in the container.
    moved_to: String,
    reason: String,
    salvaged_tasks: u64,
    /// Ids up to this one were given out before.
    pub highest: i64,
}

impl Note {
    pub fn recovery(&self, container: &Path) -> Recovery {
        Recovery {
            moved_to: container.join(&self.moved_to),
            reason: self.reason.clone(),
            salvaged_tasks: self.salvaged_tasks,
            rebuilt_tasks: 0,
            incomplete_tasks: 0,
        }
    }

    /// Whether sidecars may still bring tasks back.
    pub fn is_recent(&self, now: Moment) -> bool {
        now.wall_ms.saturating_sub(self.at_ms) < KEPT_FOR_MS
    }
}

/// The recovery that the store came from.
pub(super) fn note(db: &Connection) -> SqlResult<Option<Note>> {
    let note: Option<String> = db
        .query_row(
            "SELECT value FROM meta WHERE name = 'recovery'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    Ok(note.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// Whether the app has not been told of the recovery.
pub(super) fn is_untold(db: &Connection) -> SqlResult<bool> {
    Ok(db.query_row(
        "SELECT EXISTS (SELECT 1 FROM meta WHERE name = 'untold')",
        [],
        |row| row.get(0),
    )?)
}

pub(super) fn acknowledge(db: &Connection) -> SqlResult<()> {
    db.execute("DELETE FROM meta WHERE name = 'untold'", [])?;
    Ok(())
}

/// Makes a store in the place of one that is damaged or gone.
pub(super) fn recover(path: &Path, listed: &Listed, reason: &str, now: Moment) -> SqlResult<()> {
    let aside = free_name(path, now.wall_ms);
    let damaged = path.exists().then_some(path);
    let make = |damaged: Option<&Path>| {
        open::create(&rebuilt(path), |db| {
            fill(db, damaged, listed, |salvaged_tasks, highest| Note {
                at_ms: now.wall_ms,
                moved_to: file_name(&aside),
                reason: reason.to_owned(),
                salvaged_tasks,
                highest,
            })
        })
    };
    match make(damaged) {
        Err(fault) if damaged.is_some() => {
            log::warn!("nothing of the store could be kept: {}", fault.reason());
            make(None)?;
        }
        made => made?,
    }
    go_on(path)
}

/// Puts a store that a recovery has made into its place.
pub(super) fn go_on(path: &Path) -> SqlResult<()> {
    let rebuilt = rebuilt(path);
    if !rebuilt.exists() {
        return Ok(());
    }
    let note = Connection::open_with_flags(&rebuilt, open::FLAGS)
        .map_err(Into::into)
        .and_then(|db| note(&db));
    let Ok(Some(note)) = note else {
        log::warn!("what a recovery left cannot be used");
        return Ok(fs::remove_file(&rebuilt)?);
    };
    move_aside(path, &path.with_file_name(&note.moved_to))?;
    fs::rename(&rebuilt, path)?;
    if let Some(container) = path.parent() {
        folder::sync_directory(container);
        open::clear_suspicion(container);
    }
    log::warn!(
        "the store was damaged ({}) and lies now in {}",
        note.reason,
        note.moved_to
    );
    Ok(())
}

fn rebuilt(path: &Path) -> PathBuf {
    open::beside(path, ".rebuilt")
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Everything that the new store knows from the beginning.
fn fill(
    db: &Connection,
    damaged: Option<&Path>,
    listed: &Listed,
    note: impl FnOnce(u64, i64) -> Note,
) -> SqlResult<()> {
    let salvaged = match damaged {
        Some(damaged) => salvage::copy(damaged, db)?,
        None => Salvaged::default(),
    };
    for session in &listed.sessions {
        db.execute(
            "INSERT OR IGNORE INTO session (key, identifier, epoch, boot) VALUES (?1, ?2, 0, -1)",
            params![session.key, session.identifier],
        )?;
    }
    let salvaged_tasks = salvage::check(db)?;
    let highest = match listed.ids {
        ids if ids >= salvaged.highest => ids,
        _ => salvaged.highest.saturating_add(ID_BLOCK),
    };
    // No number is ever given out twice, to tasks nor to entries of the journal.
    for table in ["task", "journal"] {
        db.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
        db.execute(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
            params![table, highest],
        )?;
    }
    // The part files carry the old one.
    let token = listed.token.clone().or(salvaged.token);
    open::insert_token(db, &token.unwrap_or_else(open::new_token))?;
    let note = serde_json::to_string(&note(salvaged_tasks, highest))?;
    db.execute(
        "INSERT INTO meta (name, value) VALUES ('recovery', ?1), ('untold', 1)",
        [note],
    )?;
    Ok(())
}

fn free_name(path: &Path, wall_ms: i64) -> PathBuf {
    let mut stamp = wall_ms;
    loop {
        let aside = open::beside(path, &format!(".corrupt-{stamp}"));
        if !aside.exists() {
            return aside;
        }
        stamp += 1;
    }
}

/// Renames the database and its side files; side files first, so that a kill in between never leaves an
/// old log beside a fresh database. May be repeated.
fn move_aside(path: &Path, aside: &Path) -> std::io::Result<()> {
    for suffix in open::SIDE_SUFFIXES {
        let side = open::beside(path, suffix);
        if side.exists() {
            fs::rename(&side, open::beside(aside, suffix))?;
        }
    }
    if path.exists() {
        fs::rename(path, aside)?;
    }
    Ok(())
}
