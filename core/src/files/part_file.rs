//! The file that grows: one download's bytes so far.
//!
//! Bytes are only ever appended at `len`, which starts at the offset that was recorded as durable
//! (D3). This module must never keep a byte past the recorded offset from an earlier process, and
//! never read past `len`.
//!
//! **Before bytes of another version go into a part file** (after [`PartFile::truncate`] or
//! [`Opened::Short`]) the old record must be durably replaced:
//! [`Sidecar::replace`](super::Sidecar::replace) first, then write. Otherwise a power cut can leave
//! the old validator and offset beside the new version's bytes, and the next resume would splice
//! the two (R9).

use std::fs::OpenOptions;
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileExt, OpenOptionsExt};

use super::chunks::for_each_chunk;
use super::directory::create_durably;
use super::paths::PartPaths;
use super::reserve::{ReserveError, reserve};
use super::sync_handle::SyncHandle;

/// Part files are the user's alone (T3).
pub(super) const FILE_MODE: u32 = 0o600;

/// A checkpoint is due after this share of the file, so a kill costs under one percent of it.
const CHECKPOINTS_PER_FILE: u64 = 128;
/// No checkpoint sooner than this: syncing more often costs more than the bytes are worth.
const CHECKPOINT_MIN_BYTES: u64 = 128 * 1024;
/// And none later than this, which also starts write-back early on a large file.
const CHECKPOINT_MAX_BYTES: u64 = 8 * 1024 * 1024;
/// When nobody knows how long the file is.
const CHECKPOINT_UNKNOWN_TOTAL_BYTES: u64 = 1024 * 1024;

/// Bytes to write between two checkpoints of a file of `total` bytes.
pub(crate) fn checkpoint_interval_bytes(total: Option<u64>) -> u64 {
    match total {
        Some(total) => {
            (total / CHECKPOINTS_PER_FILE).clamp(CHECKPOINT_MIN_BYTES, CHECKPOINT_MAX_BYTES)
        }
        None => CHECKPOINT_UNKNOWN_TOTAL_BYTES,
    }
}

/// What was found when a part file was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opened {
    /// The bytes up to the recorded offset are there; what lay behind was cut off.
    AtOffset,
    /// Fewer bytes than were recorded: someone cut or deleted the file. It is empty now; the
    /// transfer starts again.
    Short {
        /// How many there were.
        found_bytes: u64,
    },
}

/// An open part file. One writer; checkpoints go through [`PartFile::sync_handle`].
#[derive(Debug)]
pub(crate) struct PartFile {
    handle: SyncHandle,
    /// Where the next byte goes.
    len: u64,
    /// Up to where blocks are held for this file, if beyond `len`.
    reserved_to: u64,
}

impl PartFile {
    /// Opens or makes the part file, and cuts it back to `durable_offset` (D3). Missing parent
    /// directories are made, durably. A reservation left by an earlier process is given back;
    /// reserve again.
    ///
    /// # Errors
    /// The system's; also when the name is taken by something that is not a plain file. Links are
    /// not followed.
    pub(crate) fn open(paths: &PartPaths, durable_offset: u64) -> io::Result<(PartFile, Opened)> {
        create_durably(paths.directory())?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(FILE_MODE)
            .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits() as i32)
            .open(&paths.part)?;
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the part file's name is taken by something else",
            ));
        }
        let (len, opened) = if found.len() < durable_offset {
            (
                0,
                Opened::Short {
                    found_bytes: found.len(),
                },
            )
        } else {
            (durable_offset, Opened::AtOffset)
        };
        // Even at the right length: this also frees blocks held behind the end.
        file.set_len(len)?;
        if file.metadata()?.len() != len {
            return Err(io::Error::other(
                "the part file did not take the length it was given",
            ));
        }
        Ok((
            PartFile {
                handle: SyncHandle::new(file),
                len,
                reserved_to: len,
            },
            opened,
        ))
    }

    /// Bytes written, synced or not.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Appends at `len`. On an error `len` stays, and the next write goes to the same place.
    ///
    /// # Errors
    /// The system's; a full disk has the kind `StorageFull` or `QuotaExceeded`.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.handle.file().write_all_at(bytes, self.len)?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Empties the file in place (R4). The reservation is given back with the bytes. See the
    /// module's note on what must be recorded before.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn truncate(&mut self) -> io::Result<()> {
        self.handle.file().set_len(0)?;
        self.len = 0;
        self.reserved_to = 0;
        Ok(())
    }

    /// Fills `buffer` from `offset`, for comparing an overlap (R3, R5).
    ///
    /// # Errors
    /// `InvalidInput` when the range does not lie within `len`; the system's; `UnexpectedEof` when
    /// the file was cut.
    pub(crate) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.check_within(offset, buffer.len() as u64)?;
        self.handle.file().read_exact_at(buffer, offset)
    }

    /// Hands the bytes of `range` to `visit` in order, in chunks of at most 256 KiB: for hashing
    /// again what an earlier process wrote (H6).
    ///
    /// # Errors
    /// As [`PartFile::read_at`], or the first error of `visit`.
    pub(crate) fn for_each_chunk(
        &self,
        range: Range<u64>,
        visit: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        self.check_within(range.start, range.end.saturating_sub(range.start))?;
        for_each_chunk(self.handle.file(), range, visit)
    }

    /// Holds room for the file to grow to `total` bytes (D9). Where the file system can, blocks are
    /// held without changing the length; elsewhere, and below 1 MiB, the free space is only
    /// compared. Asking twice is free.
    ///
    /// # Errors
    /// [`ReserveError::NoSpace`] with the bytes needed and there; nothing stays held then.
    pub(crate) fn reserve(&mut self, total: u64) -> Result<(), ReserveError> {
        let held_to = self.reserved_to.max(self.len);
        if total <= held_to {
            return Ok(());
        }
        // Until the outcome is known: an error may have given everything back.
        self.reserved_to = self.len;
        if reserve(self.handle.file(), self.len, held_to, total)? {
            self.reserved_to = total;
        }
        Ok(())
    }

    /// A hold on the file for syncing on another thread, and for [`FinishJob`](super::FinishJob).
    pub(crate) fn sync_handle(&self) -> SyncHandle {
        self.handle.clone()
    }

    fn check_within(&self, offset: u64, length: u64) -> io::Result<()> {
        match offset.checked_add(length) {
            Some(end) if end <= self.len => Ok(()),
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a read past the bytes that were written",
            )),
        }
    }
}
