//! How much room a volume has.
//!
//! A number that was true a moment ago: it may be shown and compared, it must never be taken for a
//! reservation.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;

/// Bytes that this process may still write to the volume of `directory` (D9).
///
/// # Errors
/// The directory does not exist or cannot be asked.
pub(crate) fn available_bytes(directory: &Path) -> io::Result<u64> {
    Ok(bytes_of(&rustix::fs::statvfs(directory)?))
}

/// The same, of the volume that holds an open file.
pub(super) fn available_bytes_beside(file: impl AsFd) -> io::Result<u64> {
    Ok(bytes_of(&rustix::fs::fstatvfs(file)?))
}

/// Blocks open to everyone: those kept back for the administrator are not ours to promise.
fn bytes_of(volume: &rustix::fs::StatVfs) -> u64 {
    volume.f_bavail.saturating_mul(volume.f_frsize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_tells_its_room_and_a_missing_directory_is_an_error() {
        // rule D9
        let scratch = tempfile::tempdir().unwrap();
        assert!(available_bytes(scratch.path()).unwrap() > 0);
        let missing = available_bytes(&scratch.path().join("missing")).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
