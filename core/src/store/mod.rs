//! The durable half: SQLite holds the tasks, the journal and the ledger of part files.
//!
//! [`Store`] is a handle to one thread that owns the only connection. A call either returns a
//! [`Reply`], which arrives when its transaction is durable, or blocks until then and says so. The
//! store decides nothing: what becomes of a task is the engine's business.

mod changes;
mod claim;
mod columns;
mod dependency;
mod enqueue;
mod fault;
mod folder;
mod forget;
#[cfg(feature = "testkit")]
mod inline;
mod journal;
mod launch;
mod ledger;
mod locks;
mod open;
mod origin;
mod places;
mod read;
mod read_only;
mod rebuild;
mod recover;
mod registry;
mod reply;
mod rows;
mod salvage;
mod schema;
mod sessions;
#[cfg(test)]
mod tests;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use fault::SqlResult;
use locks::ContainerLock;
use writer::{Counters, Pace, QUEUE_LIMIT, Request, Work, Writer};

use crate::clock::Moment;
use crate::error::{Error, ErrorKind, Result};

#[cfg(feature = "testkit")]
pub(crate) use inline::{EndedTask, Fate, Fates, Medium, Outline};
pub(crate) use locks::SessionLock;
#[cfg(test)]
pub(crate) use origin::Omitted;
pub(crate) use origin::{FoundOrigin, Origin, Provenance};
pub(crate) use places::{Place, PlaceList};
pub(crate) use read_only::StoreReader;
pub(crate) use rebuild::Rebuilt;
pub(crate) use recover::Recovery;
pub(crate) use reply::Reply;
pub(crate) use rows::*;

/// A handle to one container's store. Cheap to clone; the last one that is dropped waits for what
/// was asked and closes the store.
#[derive(Clone)]
pub(crate) struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    /// Of a simulation: then there is no thread.
    #[cfg(feature = "testkit")]
    inline: Option<Arc<inline::Inline>>,
    /// None only while closing: the thread ends when its senders are gone.
    sender: Option<SyncSender<Request>>,
    thread: Option<JoinHandle<()>>,
    token: String,
    /// None in memory and in a simulation: what ends with the process is not rebuilt.
    places: Option<Arc<PlaceList>>,
    /// The recovery that the store came from.
    note: Option<recover::Note>,
    /// When this process opened the store. Due times are counted in the boot of this moment.
    opened: Moment,
    #[cfg(test)]
    counters: Arc<Counters>,
    /// The container and its lock; none in memory.
    place: Option<(PathBuf, ContainerLock)>,
}

impl Store {
    /// Opens the store of `container`, which is made if missing. A damaged store is moved aside, and
    /// another made with what could be read of it: then the second value says so, until that has been
    /// [acknowledged](Store::acknowledge_recovery) (rule D6).
    ///
    /// # Errors
    /// [`ErrorKind::ContainerInUse`], [`ErrorKind::StoreTooNew`], [`ErrorKind::NoSpace`],
    /// [`ErrorKind::Store`].
    pub fn open(container: &Path, now: Moment) -> Result<(Store, Option<Recovery>)> {
        registry::open_shared(container, now)
    }

    /// A store that ends with its last handle (rule S8).
    pub fn in_memory(now: Moment) -> Result<Store> {
        let opened = open::open_memory().map_err(|fault| fault.into_error(None))?;
        let inner = Inner::start(opened, now, None)?;
        Ok(Store { inner })
    }

    /// Eight hexadecimal characters, made with the store: part of the names of part files.
    pub fn token(&self) -> &str {
        &self.inner.token
    }

    /// Whether a request is answered before it returns, on the thread that asks.
    fn is_inline(&self) -> bool {
        #[cfg(feature = "testkit")]
        return self.inner.inline.is_some();
        #[cfg(not(feature = "testkit"))]
        false
    }

    fn opened(&self) -> Moment {
        self.inner.opened
    }

    /// Lets the thread run `work` in a transaction.
    fn request<T, F>(&self, pace: Pace, work: F) -> Reply<T>
    where
        F: FnOnce(&Connection) -> SqlResult<T> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Work::new(work, reply));
        let request = Request { pace, job };
        #[cfg(feature = "testkit")]
        if let Some(inline) = &self.inner.inline {
            inline.request(request);
            return Reply::new(answer);
        }
        if let Some(sender) = &self.inner.sender {
            // A thread that is gone drops the job, and with it `reply`: the caller gets an error.
            let _ = sender.send(request);
        }
        Reply::new(answer)
    }
}

impl Inner {
    fn start(
        store: open::Opened,
        opened: Moment,
        place: Option<(PathBuf, ContainerLock)>,
    ) -> Result<Arc<Inner>> {
        let (sender, inbox) = mpsc::sync_channel(QUEUE_LIMIT);
        let counters = Arc::new(Counters::default());
        let path = place.as_ref().map(|(path, _)| path.clone());
        let writer = Writer::new(store.db, path, inbox, Arc::clone(&counters));
        let thread = std::thread::Builder::new()
            .name("backhaul-store".into())
            .spawn(move || writer.run())
            .map_err(|error| {
                Error::new(ErrorKind::System, "the store's thread could not be started")
                    .with_source(error)
            })?;
        Ok(Arc::new(Inner {
            #[cfg(feature = "testkit")]
            inline: None,
            sender: Some(sender),
            thread: Some(thread),
            token: store.token,
            places: store.places,
            note: store.note,
            opened,
            #[cfg(test)]
            counters,
            place,
        }))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        #[cfg(feature = "testkit")]
        if let Some(inline) = &self.inline {
            inline.flush();
        }
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            if thread.join().is_err() {
                log::error!("the store's thread panicked");
            }
        }
        if let Some((path, lock)) = self.place.take() {
            drop(lock);
            registry::closed(&path);
        }
    }
}

#[cfg(test)]
impl Store {
    /// How many transactions there were.
    fn transactions(&self) -> u64 {
        let counter = &self.inner.counters.transactions;
        counter.load(std::sync::atomic::Ordering::Relaxed)
    }
}
