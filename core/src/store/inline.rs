//! A store without a thread, for simulations: each request is a transaction of its own, run by whoever
//! asks, over a database that outlives the simulated process.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use super::fault::SqlResult;
use super::rows::{JournalRow, TaskRow};
use super::writer::{Job, Pace, Request, Writer};
use super::{Inner, Store, fault, journal, open, read, sessions};
use crate::clock::Moment;
use crate::error::{Error, ErrorKind, Result};

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

    /// Another number after every transaction that may have changed something.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
