//! Directory entries made durable.
//!
//! A file's own sync does not promise that its name survives a power cut; the directory's does
//! (D2). This module must never remove anything.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Makes every entry of `directory` as it is now survive power loss.
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Makes `directory` and its missing parents, and makes their names durable: a file synced into a
/// directory whose own name is lost is lost too.
pub(super) fn create_durably(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let missing: Vec<PathBuf> = directory
        .ancestors()
        .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
        .map(Path::to_path_buf)
        .collect();
    fs::create_dir_all(directory)?;
    for made in missing.iter().rev() {
        match made.parent() {
            Some(parent) if parent != Path::new("") => sync_directory(parent)?,
            _ => sync_directory(Path::new("."))?,
        }
    }
    Ok(())
}

/// Removes nothing that is not there: `NotFound` is success. True if there was something.
pub(super) fn was_removed(result: io::Result<()>) -> io::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
