//! What vouches for the bytes of a file that is to be finished: its open descriptor, or, on a
//! simulated disk, its number. A name vouches for nothing.

use std::io;

use super::sync_handle::SyncHandle;

/// A hold on a body.
#[derive(Debug)]
pub(crate) enum BodyHandle {
    /// An open file.
    Real(SyncHandle),
    /// A file of the simulator's disk.
    #[cfg(feature = "testkit")]
    Simulated(u64),
}

impl BodyHandle {
    /// The open file.
    ///
    /// # Errors
    /// When it is on no real disk: whoever asks has mixed up two machines.
    pub(super) fn real(&self) -> io::Result<&SyncHandle> {
        match self {
            BodyHandle::Real(handle) => Ok(handle),
            #[cfg(feature = "testkit")]
            BodyHandle::Simulated(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}
