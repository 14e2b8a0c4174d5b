//! One store for each container of a process: sessions that share a container share the store,
//! its thread and its lock.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use once_cell::sync::Lazy;

use super::fault::Fault;
use super::locks::ContainerLock;
use super::open;
use super::recover::Recovery;
use super::{Inner, Store, folder};
use crate::clock::Moment;
use crate::error::Result;

/// By canonical path. An entry whose store is gone belongs to one that is just closing.
static OPEN: Lazy<Mutex<HashMap<PathBuf, Weak<Inner>>>> = Lazy::new(Mutex::default);
static CLOSED: Condvar = Condvar::new();

type Entries = MutexGuard<'static, HashMap<PathBuf, Weak<Inner>>>;

fn entries() -> Entries {
    // The map is whole between any two statements, so a panic elsewhere cannot have hurt it.
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The store of `container`: the one that is open in this process, or a new one.
pub(super) fn open_shared(container: &Path, now: Moment) -> Result<(Store, Option<Recovery>)> {
    let store_fault = |error: std::io::Error| Fault::from(error).into_error(Some(container));
    folder::private_directory(container).map_err(store_fault)?;
    let path = container.canonicalize().map_err(store_fault)?;
    let mut open = entries();
    loop {
        match open.get(&path).map(Weak::upgrade) {
            None => break,
            Some(Some(inner)) => return Ok((Store { inner }, None)),
            Some(None) => open = CLOSED.wait(open).unwrap_or_else(PoisonError::into_inner),
        }
    }
    let lock = ContainerLock::acquire(&path)?;
    let opened = open::open_file(&path, now)?;
    let recovery = opened.recovery.clone();
    let inner = Inner::start(opened, now, Some((path.clone(), lock)))?;
    open.insert(path, Arc::downgrade(&inner));
    Ok((Store { inner }, recovery))
}

/// The store of `path` is closed and its lock is free.
pub(super) fn closed(path: &Path) {
    entries().remove(path);
    CLOSED.notify_all();
}
