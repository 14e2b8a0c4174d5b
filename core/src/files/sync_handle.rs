//! The part file as the syncing thread sees it.
//!
//! A checkpoint's `fdatasync` runs on a blocking thread while bytes are still being written; it
//! needs the file and nothing else. This module must never say "synced" after a sync of the same
//! file has failed.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Orders part files by age; see [`SyncHandle::opened_order`].
static OPENED: AtomicU64 = AtomicU64::new(0);

/// A cheap second hold on an open part file. Send it to a blocking thread and call
/// [`sync`](Self::sync) there.
#[derive(Debug, Clone)]
pub(crate) struct SyncHandle {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    file: File,
    opened_order: u64,
    /// Set for good by the first failed sync.
    sync_failed: AtomicBool,
}

impl SyncHandle {
    /// Takes the file over.
    pub(super) fn new(file: File) -> Self {
        let opened_order = OPENED.fetch_add(1, Ordering::SeqCst);
        SyncHandle {
            shared: Arc::new(Shared {
                file,
                opened_order,
                sync_failed: AtomicBool::new(false),
            }),
        }
    }

    /// Syncs every byte written before the call (`fdatasync`; `F_FULLFSYNC` on Apple). Take the
    /// part file's `len()` **before** calling: that, and no more, may then be recorded as durable
    /// (D3).
    ///
    /// It also starts write-back early, so that the last sync of a large file is short.
    ///
    /// # Errors
    /// The system's. After one failure every later call fails: the kernel marks pages whose
    /// write-back failed as clean, so a second sync would succeed over lost bytes. Open the part
    /// again at its recorded offset.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.check()?;
        self.shared
            .file
            .sync_data()
            .inspect_err(|_| self.shared.sync_failed.store(true, Ordering::SeqCst))
    }

    /// Refuses if a sync of this file has failed before.
    pub(super) fn check(&self) -> io::Result<()> {
        if self.shared.sync_failed.load(Ordering::SeqCst) {
            return Err(io::Error::other(
                "an earlier sync of this part file failed: its bytes are not to be trusted",
            ));
        }
        Ok(())
    }

    /// The file itself.
    pub(super) fn file(&self) -> &File {
        &self.shared.file
    }

    /// A smaller number was opened before any byte was written through a handle with a larger one.
    pub(super) fn opened_order(&self) -> u64 {
        self.shared.opened_order
    }

    /// What a failed sync does, for tests: no disk here fails on demand.
    #[cfg(test)]
    pub(super) fn fail_for_good(&self) {
        self.shared.sync_failed.store(true, Ordering::SeqCst);
    }
}
