//! Looking into a store that another process owns. Writes nothing, not even when it closes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::fault::{Fault, SqlResult};
use super::open::{self, FILE_NAME};
use super::rows::{JournalRow, SessionKey, TaskRow};
use super::{Store, journal, locks, read, schema, sessions};
use crate::error::{Error, ErrorKind, Result};
use crate::task_id::TaskId;

/// Older versions can lose a commit when two processes have the log open (the WAL-reset bug).
const SAFE_VERSION: i32 = 3_051_003;
const BUSY_TIMEOUT_MS: u64 = 1_000;

/// The read calls of [`Store`], on a connection of their own. All of them block.
pub(crate) struct StoreReader {
    db: Connection,
    container: PathBuf,
}

impl Store {
    /// Opens the store of `container` for looking only, also while another process owns it.
    ///
    /// # Errors
    /// [`ErrorKind::ContainerInUse`] when the SQLite in use is not safe for that;
    /// [`ErrorKind::StoreTooNew`]; [`ErrorKind::Store`] when there is no store, or one that was
    /// not opened since the app was updated.
    pub fn open_read_only(container: &Path) -> Result<StoreReader> {
        if rusqlite::version_number() < SAFE_VERSION {
            return Err(locks::container_in_use(container));
        }
        let db = connect(container).map_err(|fault| fault.into_error(Some(container)))?;
        Ok(StoreReader {
            db,
            container: container.to_owned(),
        })
    }
}

fn connect(container: &Path) -> SqlResult<Connection> {
    let path = container.join(FILE_NAME);
    if !path.exists() {
        return Err(no_store(container, "there is no store in"));
    }
    let db = Connection::open_with_flags(
        &path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    db.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    db.pragma_update(None, "query_only", true)?;
    if open::check_version(&db, container)? < schema::VERSION {
        return Err(no_store(
            container,
            "this version never opened the store in",
        ));
    }
    Ok(db)
}

fn no_store(container: &Path, what: &str) -> Fault {
    Fault::Typed(Error::new(
        ErrorKind::Store,
        format!("{what} {}; open a session there first", container.display()),
    ))
}

impl StoreReader {
    /// The identifiers of all sessions that the store knows.
    pub fn session_names(&self) -> Result<Vec<String>> {
        self.seen(sessions::names(&self.db))
    }

    /// The key of the session with this identifier, if the store knows it.
    pub fn find_session(&self, identifier: &str) -> Result<Option<SessionKey>> {
        self.seen(sessions::find(&self.db, identifier))
    }

    /// As [`Store::tasks`].
    pub fn tasks(
        &self,
        session: SessionKey,
        after: Option<TaskId>,
        limit: usize,
    ) -> Result<Vec<TaskRow>> {
        self.seen(read::tasks(&self.db, session, after, limit))
    }

    /// As [`Store::task`].
    pub fn task(&self, session: SessionKey, id: TaskId) -> Result<Option<TaskRow>> {
        self.seen(read::task(&self.db, session, id))
    }

    /// As [`Store::journal_after`].
    pub fn journal_after(
        &self,
        session: SessionKey,
        seq: i64,
        limit: usize,
        pending_only: bool,
    ) -> Result<Vec<JournalRow>> {
        self.seen(journal::after(&self.db, session, seq, limit, pending_only))
    }

    fn seen<T>(&self, read: SqlResult<T>) -> Result<T> {
        read.map_err(|fault| fault.into_error(Some(&self.container)))
    }
}
