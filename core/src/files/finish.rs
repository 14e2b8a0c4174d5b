//! Finished files, put in their places in groups (D2).
//!
//! For every file of a group, in this order: check its length, seal its sidecar, sync its bytes,
//! rename it, sync its directory. Only then may the caller commit and tell anyone. This module must
//! never rename a file whose bytes are not synced, and one file's failure must never touch
//! another's.
//!
//! A call may be repeated after a crash or an error: a file that is already at its destination is
//! only synced again.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::body_handle::BodyHandle;
use super::directory::sync_directory;
use super::group_sync::sync_each;
use super::paths::PartPaths;
use super::reserve::is_no_space;
use super::seal::{Seal, metadata_of};
use super::sidecar::Sidecar;
use super::sync_handle::SyncHandle;

/// Files that share one round of syncs. More are taken in rounds of this size, so that the first of
/// a long queue do not wait for the last.
pub(crate) const GROUP_MAX_FILES: usize = 256;

/// `st_blocks` counts in this unit on every Unix.
const STAT_BLOCK_BYTES: u64 = 512;

/// One file whose bytes are all written and judged.
#[derive(Debug)]
pub(crate) struct FinishJob {
    /// The caller's name for it.
    pub(crate) id: i64,
    /// Where it is and where it goes.
    pub(crate) paths: PartPaths,
    /// The open part file: a descriptor vouches for the bytes, a name does not.
    pub(crate) file: BodyHandle,
    /// How long it must be.
    pub(crate) len: u64,
    /// Its sidecar, if it has one; the file stays until [`forget_sidecar`](super::forget_sidecar).
    pub(crate) sidecar: Option<Sidecar>,
}

/// Finishes every job and says how each went, in order. Blocks for as long as the disk needs.
pub(crate) fn finish_group(jobs: Vec<FinishJob>) -> Vec<(i64, Result<(), FinishError>)> {
    let mut results = Vec::with_capacity(jobs.len());
    let mut jobs = jobs.into_iter();
    loop {
        let mut group: Vec<Pending> = jobs
            .by_ref()
            .take(GROUP_MAX_FILES)
            .map(Pending::new)
            .collect();
        if group.is_empty() {
            return results;
        }
        for_each_alive(&mut group, check_and_seal);
        sync_bytes(&mut group);
        for_each_alive(&mut group, put_in_place);
        sync_directories(&mut group);
        results.extend(
            group
                .into_iter()
                .map(|pending| (pending.job.id, pending.outcome)),
        );
    }
}

/// A job and how it went so far.
struct Pending {
    job: FinishJob,
    outcome: Result<(), FinishError>,
}

impl Pending {
    fn new(job: FinishJob) -> Self {
        Pending {
            job,
            outcome: Ok(()),
        }
    }
}

fn for_each_alive(group: &mut [Pending], step: impl Fn(&mut FinishJob) -> Result<(), FinishError>) {
    for pending in group.iter_mut().filter(|pending| pending.outcome.is_ok()) {
        pending.outcome = step(&mut pending.job);
    }
}

/// Brings the file to its exact length and size on disk, and seals the sidecar with what will be
/// renamed.
fn check_and_seal(job: &mut FinishJob) -> Result<(), FinishError> {
    let file = job.file.real()?.file();
    let mut found = file.metadata()?;
    if found.len() < job.len {
        return Err(FinishError::WrongLength {
            expected: job.len,
            found: found.len(),
        });
    }
    // Blocks held behind the end, or the rest of a write that failed half way, are given back (D9).
    let block = found.blksize().max(1);
    let room = job.len.div_ceil(block).saturating_mul(block);
    if found.len() > job.len || found.blocks().saturating_mul(STAT_BLOCK_BYTES) > room {
        file.set_len(job.len)?;
        found = file.metadata()?;
    }
    if let Some(sidecar) = &mut job.sidecar {
        // Without a seal a crash in the next milliseconds costs a second download, not a wrong
        // file: no reason to fail.
        if let Err(error) = sidecar.seal(Seal::of(&found)) {
            log::warn!("task {}: the sidecar could not be sealed: {error}", job.id);
        }
    }
    Ok(())
}

fn sync_bytes(group: &mut [Pending]) {
    let mut alive: Vec<&mut Pending> = group
        .iter_mut()
        .filter(|pending| pending.outcome.is_ok() && pending.job.file.real().is_ok())
        .collect();
    let handles: Vec<SyncHandle> = alive
        .iter()
        .filter_map(|pending| pending.job.file.real().ok().cloned())
        .collect();
    let synced = sync_each(&handles);
    for (pending, outcome) in alive.iter_mut().zip(synced.outcomes) {
        pending.outcome = outcome.map_err(FinishError::from);
        match &pending.job.sidecar {
            Some(sidecar) if !synced.whole_volume => {
                // As with sealing: only a second download is at stake.
                if let Err(error) = sidecar.sync() {
                    log::warn!(
                        "task {}: the sidecar could not be synced: {error}",
                        pending.job.id
                    );
                }
            }
            _ => {}
        }
    }
}

/// Renames the part file, if the open file is still what bears its name.
fn put_in_place(job: &mut FinishJob) -> Result<(), FinishError> {
    if is_at(job, &job.paths.destination)? {
        return Ok(());
    }
    if !is_at(job, &job.paths.part)? {
        return Err(FinishError::PartVanished);
    }
    fs::rename(&job.paths.part, &job.paths.destination)?;
    if !is_at(job, &job.paths.destination)? {
        return Err(FinishError::PartVanished);
    }
    Ok(())
}

/// Does `path` name the job's open file?
fn is_at(job: &FinishJob, path: &Path) -> io::Result<bool> {
    let open = job.file.real()?.file().metadata()?;
    Ok(metadata_of(path)?
        .is_some_and(|named| (named.dev(), named.ino()) == (open.dev(), open.ino())))
}

/// One sync per distinct directory.
fn sync_directories(group: &mut [Pending]) {
    let mut synced: BTreeMap<&Path, io::Result<()>> = BTreeMap::new();
    for pending in group.iter_mut().filter(|pending| pending.outcome.is_ok()) {
        let directory = pending.job.paths.directory();
        let outcome = synced
            .entry(directory)
            .or_insert_with(|| sync_directory(directory));
        if let Err(error) = outcome {
            pending.outcome = Err(FinishError::from(same_error(error)));
        }
    }
}

/// Several files may fail with one error, which cannot be cloned.
fn same_error(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

/// Why a file is not at its destination.
#[derive(Debug)]
pub(crate) enum FinishError {
    /// The disk or the user's quota is full.
    NoSpace(io::Error),
    /// The destination's directory may not be written to.
    NotWritable(io::Error),
    /// A directory stands at the destination.
    DestinationIsDirectory(io::Error),
    /// The destination is on another volume than the part file.
    OtherVolume(io::Error),
    /// The part file was removed or exchanged behind our back.
    PartVanished,
    /// The part file is shorter than what was written to it.
    WrongLength {
        /// Bytes that there should be.
        expected: u64,
        /// Bytes that there are.
        found: u64,
    },
    /// Anything else. If it came from syncing, the bytes since the last checkpoint are not to be
    /// trusted.
    Io(io::Error),
}

impl From<io::Error> for FinishError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{CrossesDevices, IsADirectory, PermissionDenied, ReadOnlyFilesystem};
        match error.kind() {
            _ if is_no_space(&error) => FinishError::NoSpace(error),
            PermissionDenied | ReadOnlyFilesystem => FinishError::NotWritable(error),
            IsADirectory => FinishError::DestinationIsDirectory(error),
            CrossesDevices => FinishError::OtherVolume(error),
            _ => FinishError::Io(error),
        }
    }
}

impl fmt::Display for FinishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FinishError::NoSpace(error) => write!(f, "no space to finish the file: {error}"),
            FinishError::NotWritable(error) => {
                write!(f, "the destination cannot be written to: {error}")
            }
            FinishError::DestinationIsDirectory(_) => f.write_str("the destination is a directory"),
            FinishError::OtherVolume(_) => {
                f.write_str("the destination is on another volume than its part file")
            }
            FinishError::PartVanished => f.write_str("the part file was removed or exchanged"),
            FinishError::WrongLength { expected, found } => {
                write!(f, "the part file has {found} bytes instead of {expected}")
            }
            FinishError::Io(error) => write!(f, "the file could not be finished: {error}"),
        }
    }
}

impl std::error::Error for FinishError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            FinishError::NoSpace(error)
            | FinishError::NotWritable(error)
            | FinishError::DestinationIsDirectory(error)
            | FinishError::OtherVolume(error)
            | FinishError::Io(error) => Some(error),
            FinishError::PartVanished | FinishError::WrongLength { .. } => None,
        }
    }
}
