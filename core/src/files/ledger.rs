//! Removal of what a task left behind.
//!
//! The store's ledger says which files those are; this module must never find files by pattern
//! (D8). Both calls may be repeated: the ledger's row goes only after they returned.

use std::fs;
use std::io;

use super::directory::{sync_directory, was_removed};
use super::paths::PartPaths;

/// Removes a task's part file and sidecar, durably. Nothing there is success.
///
/// # Errors
/// The system's; the ledger's row must stay then.
pub(crate) fn remove_parts(paths: &PartPaths) -> io::Result<()> {
    // The sidecar first. A part file alone says nothing; a sidecar alone would bring a cancelled
    // task back, should the store ever have to be rebuilt from sidecars (D6).
    let sidecar = was_removed(fs::remove_file(&paths.sidecar))?;
    let part = was_removed(fs::remove_file(&paths.part))?;
    if sidecar || part {
        sync_directory(paths.directory())?;
    }
    Ok(())
}

/// Removes the sidecar of a finished task, once the store has committed that it is finished. Until
/// then the sidecar's seal is the only proof.
///
/// # Errors
/// The system's.
pub(crate) fn forget_sidecar(paths: &PartPaths) -> io::Result<()> {
    if was_removed(fs::remove_file(&paths.sidecar))? {
        sync_directory(paths.directory())?;
    }
    Ok(())
}
