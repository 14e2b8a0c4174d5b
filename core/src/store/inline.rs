//! A store without a thread, for simulations: each request is a transaction of its own, run by whoever
//! asks, over a database that outlives the simulated process.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use super::writer::{Job, Pace, Request, Writer};
use super::{Inner, Store, fault, open};
use crate::clock::Moment;
use crate::error::{Error, ErrorKind, Result};

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
}

/// The database: what a process had committed is there for the next one.
#[derive(Clone)]
pub(crate) struct Medium {
    writer: Arc<Mutex<Writer>>,
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
        let (db, _) = open::open_memory().map_err(|fault| fault.into_error(None))?;
        // Nothing comes through it: its jobs are handed over.
        let (_, inbox) = mpsc::sync_channel(0);
        let writer = Writer::new(db, None, inbox, Arc::default());
        Ok(Medium {
            writer: Arc::new(Mutex::new(writer)),
            token: token.to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One process's way to the medium.
pub(super) struct Inline {
    medium: Medium,
    fates: Arc<dyn Fates>,
    /// Requests that nobody waits for go with the next one that somebody waits for.
    lazy: Mutex<VecDeque<Box<dyn Job>>>,
}

impl Inline {
    pub fn request(&self, request: Request) {
        let mut jobs = std::mem::take(&mut *self.lazy());
        jobs.push_back(request.job);
        if request.pace == Pace::Lazy {
            *self.lazy() = jobs;
            return;
        }
        self.write(jobs);
    }

    /// Writes what is left, as an orderly end does.
    pub fn close(&self) {
        let jobs = std::mem::take(&mut *self.lazy());
        if !jobs.is_empty() {
            self.write(jobs);
        }
    }

    fn write(&self, mut jobs: VecDeque<Box<dyn Job>>) {
        match self.fates.of_transaction() {
            Fate::Runs => {
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
                inline: Some(inline),
                sender: None,
                thread: None,
                token: medium.token.clone(),
                opened,
                #[cfg(test)]
                counters: Arc::default(),
                place: None,
            }),
        }
    }
}
