//! Directories and files that only the app's own user may read (rule T3).

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Bits that let anybody else in.
const OTHERS_MODE: u32 = 0o077;

/// Makes `path` and what is missing above it; `path` itself is closed to other users.
pub(super) fn private_directory(path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        if let Some(parent) = path.parent() {
            // The new name must survive power loss too (rule D1).
            sync_directory(parent);
        }
    }
    close_to_others(path, 0o700);
    Ok(())
}

/// Opens `path` for reading and writing, made with mode 0600 if missing.
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    close_to_others(path, 0o600);
    Ok(file)
}

/// Best effort: some file systems cannot, and refuse or ignore it.
pub(super) fn sync_directory(path: &Path) {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    if let Err(error) = File::open(path).and_then(|directory| directory.sync_all()) {
        log::debug!("{} was not synced: {error}", path.display());
    }
}

/// A directory that belongs to another user cannot be changed; what we put in it is private
/// anyway, so this only warns.
fn close_to_others(path: &Path, mode: u32) {
    let closed = path.metadata().and_then(|metadata| {
        if metadata.permissions().mode() & OTHERS_MODE == 0 {
            return Ok(());
        }
        std::fs::set_permissions(path, Permissions::from_mode(mode))
    });
    if let Err(error) = closed {
        log::warn!("{} stays open to other users: {error}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn others_are_shut_out_of_new_and_of_old_ones() {
        // rule T3
        let scratch = tempfile::tempdir().unwrap();
        let directory = scratch.path().join("a/b");
        private_directory(&directory).unwrap();
        assert_eq!(mode(&directory), 0o700);
        std::fs::set_permissions(&directory, Permissions::from_mode(0o755)).unwrap();
        private_directory(&directory).unwrap();
        assert_eq!(mode(&directory), 0o700);

        let file = directory.join("file");
        std::fs::write(&file, "kept").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        private_file(&file).unwrap();
        assert_eq!(mode(&file), 0o600);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "kept");
        private_file(&directory.join("new")).unwrap();
        assert_eq!(mode(&directory.join("new")), 0o600);
    }
}
