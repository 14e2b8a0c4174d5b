//! Disk space asked for before bytes are (D9).
//!
//! "The disk is full" should be known before the radio is used, with the number of bytes that are
//! missing. A reservation must never show: not in the file's length, and not as blocks behind the
//! end of a finished file.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;

/// Below this a file is only compared with the room that is left. Reserving costs a file-system
/// transaction, which a small file pays in proportion and wins little by: it is whole on disk a
/// moment later.
const RESERVE_MIN_BYTES: u64 = 1024 * 1024;

/// Makes sure that `file`, which has `len` bytes and holds blocks up to `held_to`, can grow to
/// `to`. True if blocks are now held for all of it; after [`ReserveError::NoSpace`] none are held
/// behind `len`.
pub(super) fn reserve(file: &File, len: u64, held_to: u64, to: u64) -> Result<bool, ReserveError> {
    let needed_bytes = to.saturating_sub(held_to);
    let available_bytes = available_bytes_beside(file)?;
    // Asked first: a reservation that cannot succeed would take what is left, if only for a moment.
    if available_bytes < needed_bytes {
        file.set_len(len)?;
        return Err(ReserveError::NoSpace {
            needed_bytes,
            available_bytes,
        });
    }
    if to < RESERVE_MIN_BYTES {
        return Ok(false);
    }
    match hold_blocks(file, held_to, needed_bytes) {
        Ok(held) => Ok(held),
        Err(error) if is_no_space(&error) => {
            // What was taken before the room ran out is given back; the length stays.
            file.set_len(len)?;
            let available_bytes = match error.kind() {
                // A quota does not say how much of it is left.
                io::ErrorKind::QuotaExceeded => 0,
                _ => available_bytes_beside(file)?,
            };
            Err(ReserveError::NoSpace {
                needed_bytes,
                available_bytes,
            })
        }
        Err(error) => Err(ReserveError::Io(error)),
    }
}

/// Bytes that this process may still write to the volume that holds an open file. A number that
/// was true a moment ago: it may be shown and compared, it must never be taken for a reservation.
pub(super) fn available_bytes_beside(file: impl AsFd) -> io::Result<u64> {
    let volume = rustix::fs::fstatvfs(file)?;
    // Blocks open to everyone: those kept back for the administrator are not ours to promise.
    Ok(volume.f_bavail.saturating_mul(volume.f_frsize))
}

/// Holds blocks behind the file's end without changing its length. False where the file system
/// cannot: the comparison above is then all there is.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn hold_blocks(file: &File, from: u64, needed_bytes: u64) -> io::Result<bool> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::{Errno, retry_on_intr};
    match retry_on_intr(|| fallocate(file, FallocateFlags::KEEP_SIZE, from, needed_bytes)) {
        Ok(()) => Ok(true),
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Elsewhere (Apple's preallocation, through a safe call, changes the length) only the comparison
/// is made.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn hold_blocks(_file: &File, _from: u64, _needed_bytes: u64) -> io::Result<bool> {
    Ok(false)
}

/// Is this the disk, or the user's share of it, being full?
pub(super) fn is_no_space(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// Why space could not be reserved.
#[derive(Debug)]
pub(crate) enum ReserveError {
    /// The volume, or the quota, has no room. A reason to wait, not a failure (D9).
    NoSpace {
        /// Bytes still to be stored.
        needed_bytes: u64,
        /// Bytes that there are; 0 when a quota stands in the way.
        available_bytes: u64,
    },
    /// Anything else, such as a length that the file system cannot hold at all.
    Io(io::Error),
}

impl From<io::Error> for ReserveError {
    fn from(error: io::Error) -> Self {
        ReserveError::Io(error)
    }
}

impl fmt::Display for ReserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReserveError::NoSpace {
                needed_bytes,
                available_bytes,
            } => {
                write!(
                    f,
                    "{needed_bytes} bytes are needed and {available_bytes} are free"
                )
            }
            ReserveError::Io(error) => write!(f, "disk space could not be reserved: {error}"),
        }
    }
}

impl std::error::Error for ReserveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReserveError::NoSpace { .. } => None,
            ReserveError::Io(error) => Some(error),
        }
    }
}
