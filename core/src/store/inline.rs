//! A store without a thread, for simulations: each request is a transaction of its own, run by whoever
//! asks, over a database that outlives the simulated process.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use rusqlite::Connection;

use super::columns::{TASK, task_row};
use super::fault::SqlResult;
use super::rows::{JournalRow, SessionKey, TaskRow};
use super::writer::{Job, Pace, Request, Writer};
use super::{Inner, Store, fault, journal, open, read, sessions};
use crate::clock::Moment;
use crate::error::{Error, ErrorKind, Result};
use crate::task_id::TaskId;

/// Simulations are small.
const CONTENTS_LIMIT: usize = 10_000;

/// What becomes of the next transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is written.
    Runs,
    /// The disk refuses it.
    Fails(ErrorKind),
    /// The process that asked is dead: nothing happens, nobody is answered.
    Dropped,
}

/// Decides over the transactions of one process.
pub(crate) trait Fates: Send + Sync {
    /// Asked once for each transaction.
    fn of_transaction(&self) -> Fate;

    /// Runs this soon: what nobody waits for is written then.
    fn soon(&self, write: Box<dyn FnOnce() + Send>);
}

/// The database: what a process had committed is there for the next one.
#[derive(Clone)]
pub(crate) struct Medium {
    writer: Arc<Mutex<Writer>>,
    /// Counts transactions: who looks at the contents need not look twice.
    version: Arc<AtomicU64>,
    token: String,
}

impl fmt::Debug for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Medium")
    }
}

impl Medium {
    /// An empty store whose part files are marked with `token`.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    pub fn new(token: &str) -> Result<Medium> {
        let db = open::open_memory()
            .map_err(|fault| fault.into_error(None))?
            .db;
        // Nothing comes through it: its jobs are handed over.
        let (_, inbox) = mpsc::sync_channel(0);
        let writer = Writer::new(db, None, inbox, Arc::default());
        Ok(Medium {
            writer: Arc::new(Mutex::new(writer)),
            version: Arc::default(),
            token: token.to_owned(),
        })
    }

    /// What the disk holds of a session, whichever process asks, and whether one lives: its tasks and
    /// its journal. None if it does not know the session.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    pub fn contents(&self, identifier: &str) -> Result<Option<Contents>> {
        let writer = self.lock();
        let db = writer.connection();
        let read = || -> SqlResult<Option<Contents>> {
            let Some(session) = sessions::find(db, identifier)? else {
                return Ok(None);
            };
            Ok(Some(Contents {
                tasks: read::tasks(db, session, None, CONTENTS_LIMIT)?,
                journal: journal::after(db, session, 0, CONTENTS_LIMIT, false)?,
            }))
        };
        read().map_err(|fault| fault.into_error(None))
    }

    /// The same in outline.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    pub fn outline(&self, identifier: &str) -> Result<Outline> {
        let writer = self.lock();
        let db = writer.connection();
        let read = || match sessions::find(db, identifier)? {
            Some(session) => outline(db, session),
            None => Ok(Outline::default()),
        };
        read().map_err(|fault| fault.into_error(None))
    }

    /// Another number after every transaction that may have changed something.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session in outline: what can be read often, because nothing has to be parsed of what has ended.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    /// Tasks that have not ended.
    pub live: Vec<TaskRow>,
    pub ended: Vec<EndedTask>,
    pub journal: Vec<JournalLine>,
}

/// A task that has ended.
#[derive(Clone, Debug)]
pub(crate) struct EndedTask {
    pub id: TaskId,
    pub url: String,
    pub path: String,
}

/// A journal entry, without what it says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JournalLine {
    pub task: TaskId,
    pub task_seq: i64,
    pub acknowledged: bool,
    /// It tells of a file that arrived.
    pub arrived: bool,
}

fn outline(db: &Connection, session: SessionKey) -> SqlResult<Outline> {
    let mut outline = Outline::default();
    let mut live = db.prepare_cached(&format!(
        "SELECT {TASK} FROM task WHERE session = ?1 AND phase < 4 ORDER BY id"
    ))?;
    let mut rows = live.query([session.0])?;
    while let Some(row) = rows.next()? {
        outline.live.push(task_row(row)?);
    }
    let mut ended =
        db.prepare_cached("SELECT id, url, path FROM task WHERE session = ?1 AND phase = 4")?;
    let mut rows = ended.query([session.0])?;
    while let Some(row) = rows.next()? {
        outline.ended.push(EndedTask {
            id: TaskId(row.get(0)?),
            url: row.get(1)?,
            path: row.get(2)?,
        });
    }
    let mut journal = db.prepare_cached(
        "SELECT task, task_seq, acknowledged, json_type(outcome, '$.result.Ok') IS NOT NULL \
         FROM journal WHERE session = ?1 ORDER BY seq",
    )?;
    let mut rows = journal.query([session.0])?;
    while let Some(row) = rows.next()? {
        outline.journal.push(JournalLine {
            task: TaskId(row.get(0)?),
            task_seq: row.get(1)?,
            acknowledged: row.get(2)?,
            arrived: row.get(3)?,
        });
    }
    Ok(outline)
}

/// What [`Medium::contents`] reads.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub tasks: Vec<TaskRow>,
    pub journal: Vec<JournalRow>,
}

/// One process's way to the medium.
pub(super) struct Inline {
    medium: Medium,
    fates: Arc<dyn Fates>,
    /// Requests that nobody waits for go with the next one that somebody waits for.
    lazy: Mutex<VecDeque<Box<dyn Job>>>,
}

impl Inline {
    pub fn request(self: &Arc<Self>, request: Request) {
        let mut jobs = std::mem::take(&mut *self.lazy());
        let is_first = jobs.is_empty();
        jobs.push_back(request.job);
        if request.pace != Pace::Lazy {
            return self.write(jobs);
        }
        *self.lazy() = jobs;
        if is_first {
            let inline = Arc::clone(self);
            self.fates.soon(Box::new(move || inline.flush()));
        }
    }

    /// Writes what nobody waits for.
    pub fn flush(&self) {
        let jobs = std::mem::take(&mut *self.lazy());
        if !jobs.is_empty() {
            self.write(jobs);
        }
    }

    fn write(&self, mut jobs: VecDeque<Box<dyn Job>>) {
        match self.fates.of_transaction() {
            Fate::Runs => {
                self.medium.version.fetch_add(1, Ordering::Relaxed);
                while !jobs.is_empty() {
                    self.medium.lock().transact(&mut jobs);
                }
            }
            Fate::Fails(kind) => {
                let error = Error::new(kind, "the simulated disk refused the transaction");
                jobs.into_iter()
                    .for_each(|job| job.answer(Err(fault::copy(&error))));
            }
            Fate::Dropped => {}
        }
    }

    fn lazy(&self) -> MutexGuard<'_, VecDeque<Box<dyn Job>>> {
        self.lazy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// The store of a simulated process, from when it was opened.
    pub fn inline(medium: &Medium, fates: Arc<dyn Fates>, opened: Moment) -> Store {
        let inline = Inline {
            medium: medium.clone(),
            fates,
            lazy: Mutex::default(),
        };
        Store {
            inner: Arc::new(Inner {
                inline: Some(Arc::new(inline)),
                sender: None,
                thread: None,
                token: medium.token.clone(),
                places: None,
                note: None,
                opened,
                #[cfg(test)]
                counters: Arc::default(),
                place: None,
            }),
        }
    }
}
