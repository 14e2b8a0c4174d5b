//! The one thread that touches the database, and the group commit.
//!
//! It takes one request and everything that is queued behind it, runs them in one transaction,
//! each in a savepoint so that one that fails does not spoil its neighbours, commits once (one
//! sync of the disk), and only then answers. It never lets a request's panic end it, and never
//! leaves a caller without an answer.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::{self, Fault, SqlResult};
use super::open;
use crate::error::{Error, ErrorKind, Result};

/// Requests that wait for the thread before their callers do.
pub(super) const QUEUE_LIMIT: usize = 1024;
/// Requests that share one transaction.
const BATCH_LIMIT: usize = 512;
/// How long requests that nobody waits for may wait for company.
const LAZY_WAIT_MS: u64 = 50;

/// How a request may be combined with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// With others, at once.
    Grouped,
    /// With others, and nobody waits for it.
    Lazy,
    /// In a transaction of its own, without a savepoint: it is too big to be remembered twice.
    Alone,
}

/// Something to do in a transaction, and somebody to tell.
pub(super) trait Job: Send {
    /// Runs inside the transaction. May be rolled back afterwards.
    fn run(&mut self, db: &Connection) -> SqlResult<()>;
    /// Runs after the transaction: `outcome` says whether its effects are durable.
    fn answer(self: Box<Self>, outcome: Result<()>);
}

/// A job as it waits for the thread.
pub(super) struct Request {
    pub pace: Pace,
    pub job: Box<dyn Job>,
}

/// A closure as a job: its value is kept back until the commit.
pub(super) struct Work<F, T> {
    work: Option<F>,
    value: Option<T>,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Work<F, T> {
    pub fn new(work: F, reply: oneshot::Sender<Result<T>>) -> Work<F, T> {
        Work {
            work: Some(work),
            value: None,
            reply,
        }
    }
}

impl<F, T> Job for Work<F, T>
where
    F: FnOnce(&Connection) -> SqlResult<T> + Send,
    T: Send,
{
    fn run(&mut self, db: &Connection) -> SqlResult<()> {
        if let Some(work) = self.work.take() {
            self.value = Some(work(db)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<()>) {
        let Work { value, reply, .. } = *self;
        // The caller may have gone; what was asked is done all the same.
        let _ = reply.send(outcome.and_then(|()| value.ok_or_else(fault::closed)));
    }
}

/// How much was done, to see how well requests share transactions.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub transactions: AtomicU64,
    pub requests: AtomicU64,
}

/// What the thread owns.
pub(super) struct Writer {
    db: Connection,
    /// The container; none for a store in memory.
    place: Option<PathBuf>,
    inbox: Receiver<Request>,
    /// A request that may not join the batch that was just gathered.
    next: Option<Request>,
    counters: Arc<Counters>,
}

impl Writer {
    pub fn new(
        db: Connection,
        place: Option<PathBuf>,
        inbox: Receiver<Request>,
        counters: Arc<Counters>,
    ) -> Writer {
        Writer {
            db,
            place,
            inbox,
            next: None,
            counters,
        }
    }

    #[cfg(feature = "testkit")]
    pub fn connection(&self) -> &Connection {
        &self.db
    }

    /// Serves until the last handle is gone and everything asked for is done.
    pub fn run(mut self) {
        while let Some((pace, mut jobs)) = self.gather() {
            if pace == Pace::Alone {
                self.run_alone(&mut jobs);
            }
            while !jobs.is_empty() {
                self.transact(&mut jobs);
            }
        }
        if let Err((_, error)) = self.db.close() {
            log::warn!("the store was not closed cleanly: {error}");
        }
        log::debug!("store closed after {:?}", self.counters);
    }

    /// Waits for a request, then takes what is queued behind it.
    fn gather(&mut self) -> Option<(Pace, VecDeque<Box<dyn Job>>)> {
        let first = match self.next.take() {
            Some(request) => request,
            None => self.inbox.recv().ok()?,
        };
        let mut pace = first.pace;
        let mut jobs = VecDeque::from([first.job]);
        let lazy_until = Instant::now() + Duration::from_millis(LAZY_WAIT_MS);
        while pace != Pace::Alone && jobs.len() < BATCH_LIMIT {
            let patience = match pace {
                Pace::Lazy => lazy_until.saturating_duration_since(Instant::now()),
                _ => Duration::ZERO,
            };
            match self.inbox.recv_timeout(patience) {
                Ok(request) if request.pace == Pace::Alone => {
                    self.next = Some(request);
                    break;
                }
                Ok(request) => {
                    if request.pace == Pace::Grouped {
                        pace = Pace::Grouped;
                    }
                    jobs.push_back(request.job);
                }
                Err(_) => break,
            }
        }
        Some((pace, jobs))
    }

    /// A big transaction: its log is written back after the answer, not before it, and emptied, so
    /// that the next start does not read it again.
    fn run_alone(&mut self, jobs: &mut VecDeque<Box<dyn Job>>) {
        let checkpoint_pages =
            |pages: i64| self.db.pragma_update(None, "wal_autocheckpoint", pages);
        let postponed = checkpoint_pages(0);
        self.transact(jobs);
        let resumed = checkpoint_pages(open::CHECKPOINT_PAGES)
            .and_then(|()| self.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
        if let Err(error) = postponed.and(resumed) {
            log::warn!("the store's log was not written back: {error}");
        }
    }

    /// One transaction with as many of `jobs` as it survives: all, unless SQLite gives it up.
    pub(super) fn transact(&self, jobs: &mut VecDeque<Box<dyn Job>>) {
        self.counters.transactions.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = self.execute("BEGIN IMMEDIATE") {
            return fail(jobs.drain(..), &error);
        }
        let shared = jobs.len() > 1;
        let mut done = Vec::with_capacity(jobs.len());
        while let Some(mut job) = jobs.pop_front() {
            self.counters.requests.fetch_add(1, Ordering::Relaxed);
            match self.run_job(&mut *job, shared) {
                Ok(()) => done.push(job),
                Err(error) => {
                    let lost = self.db.is_autocommit();
                    if lost {
                        fail(done.drain(..), &error);
                    }
                    job.answer(Err(error));
                    if lost {
                        return;
                    }
                }
            }
        }
        match self.execute("COMMIT") {
            Ok(()) => done.into_iter().for_each(|job| job.answer(Ok(()))),
            Err(error) => {
                self.roll_back();
                fail(done.into_iter(), &error);
            }
        }
    }

    /// Runs one job so that its failure leaves nothing of it behind.
    fn run_job(&self, job: &mut dyn Job, shared: bool) -> Result<()> {
        if shared {
            self.execute("SAVEPOINT one")?;
        }
        let ran = match catch_unwind(AssertUnwindSafe(|| job.run(&self.db))) {
            Ok(Ok(())) if shared => self.execute("RELEASE one"),
            Ok(ran) => ran.map_err(|fault| self.error(fault)),
            Err(_) => Err(Error::new(
                ErrorKind::Store,
                "the store failed inside; this is a bug, please report it",
            )),
        };
        if ran.is_err() {
            let undone = shared
                && self
                    .execute("ROLLBACK TO one")
                    .and_then(|()| self.execute("RELEASE one"))
                    .is_ok();
            // Also when SQLite has given up the whole transaction: then this finds nothing to do.
            if !undone {
                self.roll_back();
            }
        }
        ran
    }

    fn roll_back(&self) {
        if !self.db.is_autocommit() {
            if let Err(error) = self.execute("ROLLBACK") {
                log::error!("the store could not roll back: {error}");
            }
        }
    }

    fn execute(&self, sql: &str) -> Result<()> {
        let ran = self.db.prepare_cached(sql).and_then(|mut s| s.execute([]));
        ran.map(|_| ()).map_err(|error| self.error(error.into()))
    }

    /// The public error; damage is also noted for the next open (rule D6).
    fn error(&self, fault: Fault) -> Error {
        if fault.is_corruption() {
            if let Some(place) = &self.place {
                open::mark_suspect(place);
            }
        }
        fault.into_error(self.place.as_deref())
    }
}

fn fail(jobs: impl Iterator<Item = Box<dyn Job>>, error: &Error) {
    jobs.for_each(|job| job.answer(Err(fault::copy(error))));
}
