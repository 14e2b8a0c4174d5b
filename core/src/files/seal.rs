//! The seal: how a finished file is known again after a crash.
//!
//! Between the rename and the store's commit the part file is gone and the store still says
//! "running". The seal, written before the rename, tells a file that is already finished from a
//! stranger's. This module must never call a file finished on its name and length alone.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;

use super::directory::sync_directory;
use super::paths::PartPaths;

/// What a rename keeps: the file's identity, length and time of last write.
///
/// The device number is left out on purpose. Sidecar and file lie in one directory, so it
/// distinguishes nothing; and many systems number their volumes anew at each boot, after which
/// every seal would be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seal {
    /// The part file's inode.
    pub(crate) inode: u64,
    /// Its length in bytes.
    pub(crate) len: u64,
    /// When it was last written: seconds since 1970.
    pub(crate) modified_s: i64,
    /// And the nanoseconds of that: an inode number that was given to another file does not pass.
    pub(crate) modified_ns: u32,
}

impl Seal {
    /// The seal of a file as it is now.
    pub(super) fn of(file: &Metadata) -> Seal {
        Seal {
            inode: file.ino(),
            len: file.len(),
            modified_s: file.mtime(),
            modified_ns: u32::try_from(file.mtime_nsec()).unwrap_or_default(),
        }
    }
}

/// After a crash: is the sealed file already at its destination, durably? The caller may then
/// commit the task as finished. False means: go on from the part file, or start again.
///
/// # Errors
/// The system's: nothing is known then.
pub(crate) fn recover_finished(paths: &PartPaths, sealed: &Seal) -> io::Result<bool> {
    if metadata_of(&paths.part)?.is_some() {
        return Ok(false);
    }
    let finished = metadata_of(&paths.destination)?
        .is_some_and(|found| found.is_file() && Seal::of(&found) == *sealed);
    if finished {
        // The crash may have come before the rename was synced (D2).
        sync_directory(paths.directory())?;
    }
    Ok(finished)
}

/// What stands at `path`, links not followed; none if nothing does.
pub(super) fn metadata_of(path: &std::path::Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
