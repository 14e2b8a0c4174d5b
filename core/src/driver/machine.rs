//! What a session runs on: clocks, threads, timers, files and the place of the store.
//!
//! [`Threads`] is the real one. The simulator has another, where one thread does everything in an
//! order that a seed decides; nothing else in this crate knows which of them it runs on.

use std::fmt;
use std::future::Future;
use std::io::Read as _;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use once_cell::sync::Lazy;

use super::caller::Caller;
use super::{Driver, runtime};
use crate::clock::{self, Moment};
use crate::delegate::SessionDelegate;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{self, FinishError, FinishJob, PartPaths};
use crate::request::RequestOptions;
use crate::store::{Recovery, SessionLock, Store};
use crate::task_id::TaskId;
use crate::wake::{Desks, WakeDesk};

/// Work that is done elsewhere, once.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// Ends when its time has come.
pub(crate) type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The seam below a session.
pub(crate) trait Machine: fmt::Debug + Send + Sync {
    /// Reads the clocks.
    fn now(&self) -> Moment;

    /// Opens the store of a container for one of its sessions.
    ///
    /// # Errors
    /// Those of [`SessionLock::acquire`] and [`Store::open`].
    fn open_store(&self, container: &Path, identifier: &str) -> Result<OpenedStore>;

    /// Opens the store of a container to see what is in it: no session is held.
    ///
    /// # Errors
    /// Those of [`Store::open`].
    fn open_container(&self, container: &Path) -> Result<OpenedStore>;

    /// Where the sessions of a container say when they would be woken (rule P6).
    fn wake_desk(&self, container: &Path) -> Arc<WakeDesk>;

    /// Where the jitter of a session's pauses comes from.
    fn seed(&self) -> u64 {
        fastrand::u64(..)
    }

    /// The files.
    fn disk(&self) -> Arc<dyn Disk>;

    /// Runs the two halves of a session until both have ended.
    ///
    /// # Errors
    /// [`ErrorKind::System`] when no thread can be had.
    fn run(&self, driver: Driver, caller: Caller) -> Result<()>;

    /// Runs work that may block.
    fn blocking(&self, work: Job);

    /// Runs work that does not block, after a pause.
    fn later(&self, pause: Duration, work: Job);

    /// Sleeps on the thread that sessions run on.
    fn sleep_until(&self, due: Moment) -> Sleep;

    /// The delegate as it is called: a simulation listens.
    fn delegate(
        &self,
        identifier: &str,
        delegate: Arc<dyn SessionDelegate>,
    ) -> Arc<dyn SessionDelegate> {
        let _ = identifier;
        delegate
    }

    /// For who waits for a session without a thread of its own to wait for: does the next thing that
    /// there is to do. None where threads do it.
    fn step(&self) -> Option<Stepped> {
        None
    }
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stepped {
    /// Something was done.
    #[cfg(feature = "testkit")]
    Done,
    /// There is nothing to do at this moment.
    AtRest,
}

/// A store, and the lock on the session that it was opened for.
pub(crate) struct OpenedStore {
    pub store: Store,
    pub lock: Option<SessionLock>,
    pub recovery: Option<Recovery>,
}

/// What the driver does with files. Every call blocks.
pub(crate) trait Disk: fmt::Debug + Send + Sync {
    /// Makes received files durable and puts them in place (rule D2).
    fn finish(&self, group: Vec<FinishJob>) -> Vec<(i64, std::result::Result<(), FinishError>)>;

    /// Judges the file that a platform's service left, and makes it the part file of the task.
    ///
    /// # Errors
    /// Those of [`take_over`](super::take_over::take_over).
    fn take_over(
        &self,
        id: TaskId,
        received: &Path,
        paths: PartPaths,
        expected: &RequestOptions,
    ) -> Result<FinishJob>;

    /// Removes a part file and its sidecar.
    ///
    /// # Errors
    /// The system's; a file that is not there is none.
    fn remove_parts(&self, paths: &PartPaths) -> std::io::Result<()>;

    /// The beginning of a file that a platform's service left; nothing if it cannot be read.
    fn read_start(&self, path: &Path, limit_bytes: u64) -> Vec<u8> {
        let _ = (path, limit_bytes);
        Vec::new()
    }

    /// Removes a file that a platform's service left and nobody wants.
    ///
    /// # Errors
    /// The system's.
    fn remove_file(&self, path: &Path) -> std::io::Result<()>;

    /// Gives the part file of one task to another (rule L4).
    fn adopt_part(&self, old: &PartPaths, new: &PartPaths);

    /// Whether a part file holds something that a transfer could go on from (rule L4).
    fn is_resumable(&self, paths: &PartPaths) -> bool {
        crate::transport::is_resumable(paths)
    }
}

/// The real machine: threads, timers and files of the system.
#[derive(Debug)]
struct Threads;

/// The machine of every session that is not simulated.
pub(crate) fn threads() -> Arc<dyn Machine> {
    static THREADS: Lazy<Arc<Threads>> = Lazy::new(|| Arc::new(Threads));
    Arc::clone(&THREADS) as Arc<dyn Machine>
}

impl Machine for Threads {
    fn now(&self) -> Moment {
        clock::now()
    }

    fn open_store(&self, container: &Path, identifier: &str) -> Result<OpenedStore> {
        let lock = SessionLock::acquire(container, identifier)?;
        let opened = self.open_container(container)?;
        Ok(OpenedStore {
            lock: Some(lock),
            ..opened
        })
    }

    fn open_container(&self, container: &Path) -> Result<OpenedStore> {
        let (store, recovery) = Store::open(container, clock::now())?;
        Ok(OpenedStore {
            store,
            lock: None,
            recovery,
        })
    }

    fn wake_desk(&self, container: &Path) -> Arc<WakeDesk> {
        static DESKS: Lazy<Desks> = Lazy::new(Desks::default);
        let path = container.canonicalize();
        DESKS.of(path.as_deref().unwrap_or(container))
    }

    fn disk(&self) -> Arc<dyn Disk> {
        Arc::new(RealDisk)
    }

    fn run(&self, driver: Driver, caller: Caller) -> Result<()> {
        let runtime = runtime::handle()?;
        std::thread::Builder::new()
            .name("backhaul-delegate".to_owned())
            .spawn(move || caller.run())
            .map_err(|source| {
                Error::new(
                    ErrorKind::System,
                    "cannot start the delegate's thread; free some threads",
                )
                .with_source(source)
            })?;
        runtime.spawn(driver.run());
        Ok(())
    }

    fn blocking(&self, work: Job) {
        tokio::task::spawn_blocking(work);
    }

    fn later(&self, pause: Duration, work: Job) {
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            work();
        });
    }

    fn sleep_until(&self, due: Moment) -> Sleep {
        let delay_ms = u64::try_from(self.now().until_ms(due)).unwrap_or(0);
        Box::pin(tokio::time::sleep(Duration::from_millis(delay_ms)))
    }
}

/// The disk of the machine.
#[derive(Debug)]
struct RealDisk;

impl Disk for RealDisk {
    fn finish(&self, group: Vec<FinishJob>) -> Vec<(i64, std::result::Result<(), FinishError>)> {
        files::finish_group(group)
    }

    fn take_over(
        &self,
        id: TaskId,
        received: &Path,
        paths: PartPaths,
        expected: &RequestOptions,
    ) -> Result<FinishJob> {
        super::take_over::take_over(id, received, paths, expected)
    }

    fn remove_parts(&self, paths: &PartPaths) -> std::io::Result<()> {
        files::remove_parts(paths)
    }

    fn read_start(&self, path: &Path, limit_bytes: u64) -> Vec<u8> {
        let mut start = Vec::new();
        let read = std::fs::File::open(path)
            .and_then(|file| file.take(limit_bytes).read_to_end(&mut start));
        if let Err(error) = read {
            log::warn!("what the server said could not be read: {error}");
        }
        start
    }

    fn remove_file(&self, path: &Path) -> std::io::Result<()> {
        std::fs::remove_file(path)
    }

    fn adopt_part(&self, old: &PartPaths, new: &PartPaths) {
        super::filing::adopt_part(old, new);
    }
}
