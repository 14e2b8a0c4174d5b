//! Opening a store: settings, version, damage. A damaged one is recovered and never stops the app
//! (rule D6); a newer one is not touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::fault::{Fault, SqlResult};
use super::places::{self, Listed, PlaceList};
use super::recover::{self, Note, Recovery};
use super::{columns, folder, ledger, schema};
use crate::clock::Moment;
use crate::error::{Error, ErrorKind, Result};

pub(super) const FILE_NAME: &str = "backhaul.sqlite3";
/// Lies beside a store that reported damage while it was open.
const SUSPECT_NAME: &str = "backhaul.suspect";
/// What SQLite keeps beside the database.
pub(super) const SIDE_SUFFIXES: [&str; 2] = ["-wal", "-shm"];

/// Smaller stores are checked at every open; bigger ones only when suspected.
const CHECKED_LIMIT_BYTES: i64 = 4 * 1024 * 1024;
/// Only another program that looks into the file can keep it locked.
const BUSY_TIMEOUT_MS: u64 = 1_000;
const CACHE_KIBIBYTES: i64 = 4 * 1024;
const LOG_LIMIT_BYTES: i64 = 4 * 1024 * 1024;
/// Pages in the log after which it is written back.
pub(super) const CHECKPOINT_PAGES: i64 = 1_000;
/// Every page size is a multiple of it.
const SECTOR_BYTES: u64 = 512;
const CACHED_STATEMENTS: usize = 64;
/// Never makes a file: that is [`create`]'s business. One thread uses the connection at a time.
pub(super) const FLAGS: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// A store that is ready.
#[derive(Debug)]
pub(super) struct Opened {
    pub db: Connection,
    pub token: String,
    /// None in memory.
    pub places: Option<Arc<PlaceList>>,
    /// The recovery that it came from, if sidecars may still bring tasks back.
    pub note: Option<Note>,
    /// A recovery that the app was not told of.
    pub recovery: Option<Recovery>,
}

/// Opens the store of `container`, whose lock the caller holds.
pub(super) fn open_file(container: &Path, now: Moment) -> Result<Opened> {
    let path = container.join(FILE_NAME);
    open_or_recover(container, &path, now)
        .and_then(|(db, token)| complete(container, db, token, now))
        .map_err(|fault| fault.into_error(Some(container)))
}

fn open_or_recover(container: &Path, path: &Path, now: Moment) -> SqlResult<(Connection, String)> {
    recover::go_on(path)?;
    let reason = if path.exists() {
        match connect(container, path) {
            Err(fault) if fault.is_corruption() => fault.reason(),
            connected => return connected,
        }
    } else {
        "the database is gone".to_owned()
    };
    let listed = places::read(container).unwrap_or_else(|error| {
        log::warn!("the places list cannot be read: {error}");
        Listed::default()
    });
    if !path.exists() && listed.token.is_none() {
        create(path, |db| insert_token(db, &new_token()))?;
    } else {
        recover::recover(path, &listed, &reason, now)?;
    }
    connect(container, path)
}

fn complete(container: &Path, db: Connection, token: String, now: Moment) -> SqlResult<Opened> {
    let note = recover::note(&db)?;
    let recovery = match &note {
        Some(note) if recover::is_untold(&db)? => Some(note.recovery(container)),
        _ => None,
    };
    let note = note.filter(|note| note.is_recent(now));
    let highest: Option<i64> = db.query_row(
        "SELECT MAX(seq) FROM sqlite_sequence WHERE name IN ('task', 'journal')",
        [],
        |row| row.get(0),
    )?;
    // Of sessions that have not been rebuilt the ledger knows nothing.
    let in_use = || match note {
        Some(_) => None,
        None => ledger::places(&db).ok(),
    };
    let places = PlaceList::open(container, &token, highest.unwrap_or(0), in_use);
    Ok(Opened {
        db,
        token,
        places: Some(Arc::new(places)),
        note,
        recovery,
    })
}

/// A store that lives as long as the process.
pub(super) fn open_memory() -> SqlResult<Opened> {
    let mut db = Connection::open_in_memory()?;
    keep_statements(&db)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    schema::migrate(&mut db)?;
    Ok(Opened {
        db,
        token: new_token(),
        places: None,
        note: None,
        recovery: None,
    })
}

/// Remembers that the store reported damage: the next open looks at all of it.
pub(super) fn mark_suspect(container: &Path) {
    if let Err(error) = folder::private_file(&container.join(SUSPECT_NAME)) {
        log::error!("the damage could not be noted: {error}");
    }
}

/// The store that was suspected is not in its place any more.
pub(super) fn clear_suspicion(container: &Path) {
    let _ = fs::remove_file(container.join(SUSPECT_NAME));
}

fn connect(container: &Path, path: &Path) -> SqlResult<(Connection, String)> {
    // SQLite gives its side files the mode of the database.
    drop(folder::private_file(path)?);
    check_length(path)?;
    let mut db = Connection::open_with_flags(path, FLAGS)?;
    // Until we know that it is ours, not even closing it may change it.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    db.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    check_version(&db, container)?;
    set_up(&db)?;
    let suspect = container.join(SUSPECT_NAME);
    let is_suspect = suspect.exists();
    if is_suspect || content_bytes(&db)? <= CHECKED_LIMIT_BYTES {
        check_structure(&db)?;
    }
    schema::migrate(&mut db)?;
    if is_suspect {
        columns::check_all(&db)?;
        fs::remove_file(&suspect)?;
    }
    let token = token(&db)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok((db, token))
}

/// A store is born whole, under another name: so an empty file with its name is always damage,
/// and never the trace of a kill.
pub(super) fn create(
    path: &Path,
    fill: impl FnOnce(&Connection) -> SqlResult<()>,
) -> SqlResult<()> {
    let unborn = beside(path, ".new");
    for stale in ["", "-journal"].map(|suffix| beside(&unborn, suffix)) {
        if stale.exists() {
            fs::remove_file(stale)?;
        }
    }
    // A log without its database would be taken for the new one's.
    for suffix in SIDE_SUFFIXES {
        let _ = fs::remove_file(beside(path, suffix));
    }
    drop(folder::private_file(&unborn)?);
    let mut db = Connection::open_with_flags(&unborn, FLAGS)?;
    schema::migrate(&mut db)?;
    let filling = db.transaction()?;
    fill(&filling)?;
    filling.commit()?;
    db.close().map_err(|(_, error)| error)?;
    fs::rename(&unborn, path)?;
    if let Some(container) = path.parent() {
        folder::sync_directory(container);
    }
    Ok(())
}

pub(super) fn insert_token(db: &Connection, token: &str) -> SqlResult<()> {
    db.execute(
        "INSERT INTO meta (name, value) VALUES ('token', ?1)",
        [token],
    )?;
    Ok(())
}

/// Refuses a store that a newer version wrote.
pub(super) fn check_version(db: &Connection, container: &Path) -> SqlResult<i64> {
    let version = schema::version(db)?;
    if version > schema::VERSION {
        return Err(Fault::Typed(Error::new(
            ErrorKind::StoreTooNew,
            format!(
                "the store in {} was written by a newer version (format {version}, this one knows {}); update the app",
                container.display(),
                schema::VERSION
            ),
        )));
    }
    if version < 1 {
        return Err(Fault::Garbled(format!("no store has version {version}")));
    }
    Ok(version)
}

fn set_up(db: &Connection) -> SqlResult<()> {
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        // A file system without shared memory: slower, as durable.
        log::warn!("the store runs with journal mode {mode}");
    }
    db.pragma_update(None, "synchronous", "FULL")?;
    // Where fsync does not reach the medium (Apple), use what does (rule D1).
    db.pragma_update(None, "fullfsync", true)?;
    db.pragma_update(None, "checkpoint_fullfsync", true)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "cache_size", -CACHE_KIBIBYTES)?;
    db.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    let _: i64 =
        db.pragma_update_and_check(None, "journal_size_limit", LOG_LIMIT_BYTES, |r| r.get(0))?;
    keep_statements(db)
}

/// Statements are compiled once. Without the plan guarantee SQLite would compile those that touch
/// a partial index again for each new value, which costs more than running them.
fn keep_statements(db: &Connection) -> SqlResult<()> {
    db.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// SQLite reads the missing end of a last page as zeros, and an empty file as an empty database.
/// With a log beside it the length says nothing: the log holds what is missing.
fn check_length(path: &Path) -> SqlResult<()> {
    let log = len_bytes(&beside(path, SIDE_SUFFIXES[0]));
    let len = len_bytes(path);
    if log == 0 && (len == 0 || len % SECTOR_BYTES != 0) {
        return Err(Fault::Garbled(format!(
            "the file ends in the middle of a page, at {len} bytes"
        )));
    }
    Ok(())
}

/// How much a check would read: what is still in the log counts too.
fn content_bytes(db: &Connection) -> SqlResult<i64> {
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok(pragma("page_count")?.saturating_mul(pragma("page_size")?))
}

fn check_structure(db: &Connection) -> SqlResult<()> {
    let verdict: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(Fault::Garbled(verdict))
}

/// The store's own mark, made with it: names of part files carry it, so that two stores never take
/// each other's for their own. A store that takes the place of a damaged one goes on with its mark.
pub(super) fn new_token() -> String {
    format!("{:08x}", fastrand::u32(..))
}

pub(super) fn token(db: &Connection) -> SqlResult<String> {
    let token: Option<String> = db
        .query_row("SELECT value FROM meta WHERE name = 'token'", [], |row| {
            row.get(0)
        })
        .optional()
        .map_err(schema::unless_not_ours)?;
    token
        .filter(|token| token.len() == 8 && token.bytes().all(|b| b.is_ascii_hexdigit()))
        .ok_or_else(|| Fault::Garbled("the store's token is damaged".into()))
}

fn len_bytes(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
