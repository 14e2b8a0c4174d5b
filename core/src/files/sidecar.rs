//! The durable record beside a part file.
//!
//! Two slots are written in turn, in place; reading takes the valid one with the highest
//! generation, so a torn write costs one generation and never the record. What the payload means is
//! the caller's business. This module must never lie about order: a record may be older than the
//! bytes it stands beside, never newer (D3).
//!
//! **Why an ordinary write is not synced.** Progress is recorded only after the data's `fdatasync`.
//! Whichever of the recorded generations a power cut leaves, the bytes it speaks of are on disk: an
//! older one is merely pessimistic, and a few bytes are asked for again. A killed process loses
//! nothing, since the page cache is the kernel's. If the power fails while both slots are on their
//! way to a disk that tears pages, no slot may be left: that reads as [`SidecarError::Unreadable`],
//! and the transfer starts again from zero. Slow, and right.
//!
//! **When it is.** [`Sidecar::create`] (the entry must survive), [`Sidecar::replace`] (older
//! generations must not come back: they would vouch for bytes of another version, R9), and the
//! seal, which the finishing group syncs.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::directory::sync_directory;
use super::part_file::FILE_MODE;
use super::paths::PartPaths;
use super::seal::Seal;
use super::slot::{FORMAT_VERSION, PAYLOAD_MAX_BYTES, SLOT_BYTES, Slot};

/// What a sidecar says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record<P> {
    /// The caller's record.
    pub(crate) payload: P,
    /// Set once the part file was whole and about to be renamed; see
    /// [`recover_finished`](super::recover_finished).
    pub(crate) seal: Option<Seal>,
}

/// An open sidecar; the only writer of its file.
#[derive(Debug)]
pub(crate) struct Sidecar {
    file: File,
    /// The newest valid generation on file.
    generation: u64,
}

impl Sidecar {
    /// Makes the sidecar with its first record, and makes both the record and the file's name
    /// durable. What an earlier sidecar of this name said is gone. The directory must be there:
    /// open the part file first.
    ///
    /// # Errors
    /// [`SidecarError::TooLarge`], or the system's.
    pub(crate) fn create<P: Serialize>(
        paths: &PartPaths,
        first: &P,
    ) -> Result<Sidecar, SidecarError> {
        let payload = encode(first)?;
        let file = options()
            .create(true)
            .truncate(true)
            .mode(FILE_MODE)
            .open(&paths.sidecar)?;
        let mut sidecar = Sidecar {
            file,
            generation: 0,
        };
        sidecar.append(payload, None)?;
        sidecar.sync()?;
        sync_directory(paths.directory())?;
        Ok(sidecar)
    }

    /// Opens a sidecar to go on writing, and says what it says.
    ///
    /// # Errors
    /// As [`Sidecar::read`].
    pub(crate) fn open<P: DeserializeOwned>(
        paths: &PartPaths,
    ) -> Result<(Sidecar, Record<P>), SidecarError> {
        let file = options().open(&paths.sidecar)?;
        let newest = newest_slot(&file)?;
        let record = decode(&newest)?;
        Ok((
            Sidecar {
                file,
                generation: newest.generation,
            },
            record,
        ))
    }

    /// What the sidecar at `path` says.
    ///
    /// # Errors
    /// [`SidecarError::Missing`], [`SidecarError::Unreadable`] (no slot is whole),
    /// [`SidecarError::NewerVersion`], [`SidecarError::Payload`], or the system's.
    pub(crate) fn read<P: DeserializeOwned>(path: &Path) -> Result<Record<P>, SidecarError> {
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(no_follow())
            .open(path)?;
        decode(&newest_slot(&file)?)
    }

    /// Records progress. Not synced, on purpose: see the module. Only what a returned
    /// [`SyncHandle::sync`](super::SyncHandle::sync) covers may be recorded. It also takes a seal
    /// off.
    ///
    /// # Errors
    /// [`SidecarError::TooLarge`], or the system's; the older record then still stands.
    pub(crate) fn write<P: Serialize>(&mut self, payload: &P) -> Result<(), SidecarError> {
        self.append(encode(payload)?, None)
    }

    /// Puts `payload` in the place of everything recorded before, durably: when this returns, no
    /// older generation can come back. To be called before bytes of another version go into the
    /// part file (R4, R9). Two syncs; restarts are rare.
    ///
    /// # Errors
    /// As [`Sidecar::write`]. The part file must then be left as it is.
    pub(crate) fn replace<P: Serialize>(&mut self, payload: &P) -> Result<(), SidecarError> {
        let payload = encode(payload)?;
        // One slot after the other, so that at no moment both are on their way to the disk.
        self.append(payload.clone(), None)?;
        self.sync()?;
        self.append(payload, None)?;
        self.sync()
    }

    /// Adds to the newest record that the part file is whole and about to be renamed. Not synced
    /// here.
    pub(super) fn seal(&mut self, seal: Seal) -> Result<(), SidecarError> {
        let newest = newest_slot(&self.file)?;
        if newest.generation != self.generation {
            // Someone else wrote: sealing would vouch for a record that is not ours.
            return Err(SidecarError::Unreadable);
        }
        self.append(newest.payload, Some(seal))
    }

    /// `fdatasync` of the record.
    pub(super) fn sync(&self) -> Result<(), SidecarError> {
        Ok(self.file.sync_data()?)
    }

    /// The only place that writes: the next generation into the slot that the newest one is not in.
    fn append(&mut self, payload: Vec<u8>, seal: Option<Seal>) -> Result<(), SidecarError> {
        let bytes = payload.len();
        let generation = self.generation + 1;
        let slot = Slot {
            version: FORMAT_VERSION,
            generation,
            seal,
            payload,
        };
        let encoded = slot.encode().ok_or(SidecarError::TooLarge {
            bytes,
            limit_bytes: PAYLOAD_MAX_BYTES,
        })?;
        self.file.write_all_at(&encoded, slot_offset(generation))?;
        self.generation = generation;
        Ok(())
    }
}

/// Generations alternate between the two slots.
fn slot_offset(generation: u64) -> u64 {
    (generation % 2) * SLOT_BYTES as u64
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(no_follow());
    options
}

fn no_follow() -> i32 {
    rustix::fs::OFlags::NOFOLLOW.bits() as i32
}

fn encode<P: Serialize>(payload: &P) -> Result<Vec<u8>, SidecarError> {
    let payload = serde_json::to_vec(payload).map_err(SidecarError::Payload)?;
    if payload.len() > PAYLOAD_MAX_BYTES {
        return Err(SidecarError::TooLarge {
            bytes: payload.len(),
            limit_bytes: PAYLOAD_MAX_BYTES,
        });
    }
    Ok(payload)
}

fn decode<P: DeserializeOwned>(slot: &Slot) -> Result<Record<P>, SidecarError> {
    let payload = serde_json::from_slice(&slot.payload).map_err(SidecarError::Payload)?;
    Ok(Record {
        payload,
        seal: slot.seal,
    })
}

/// The valid slot with the highest generation.
fn newest_slot(file: &File) -> Result<Slot, SidecarError> {
    let mut slots = Vec::with_capacity(2);
    for offset in [0, SLOT_BYTES as u64] {
        let mut bytes = [0; SLOT_BYTES];
        let length = read_up_to(file, &mut bytes, offset)?;
        slots.extend(Slot::decode(&bytes[..length]));
    }
    let newest = slots
        .into_iter()
        .max_by_key(|slot| slot.generation)
        .ok_or(SidecarError::Unreadable)?;
    if newest.version > FORMAT_VERSION {
        return Err(SidecarError::NewerVersion {
            found: newest.version,
            supported: FORMAT_VERSION,
        });
    }
    Ok(newest)
}

/// Fills as much of `buffer` as the file has. An error is not taken for an end: a record that
/// cannot be read now may be readable once the device is unlocked.
fn read_up_to(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Why a sidecar could not be read or written.
#[derive(Debug)]
pub(crate) enum SidecarError {
    /// There is none.
    Missing,
    /// No slot is whole: torn twice, or not ours. The transfer starts again from zero.
    Unreadable,
    /// Written by a newer Backhaul. It is not to be overwritten by guessing.
    NewerVersion {
        /// The version on file.
        found: u32,
        /// The newest that this program reads.
        supported: u32,
    },
    /// The record does not fit a slot.
    TooLarge {
        /// The record's length.
        bytes: usize,
        /// The most that fits.
        limit_bytes: usize,
    },
    /// The slot is whole, but its payload is not what the caller expects.
    Payload(serde_json::Error),
    /// The system's.
    Io(io::Error),
}

impl From<io::Error> for SidecarError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => SidecarError::Missing,
            _ => SidecarError::Io(error),
        }
    }
}

impl fmt::Display for SidecarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SidecarError::Missing => f.write_str("there is no sidecar"),
            SidecarError::Unreadable => f.write_str("no slot of the sidecar is whole"),
            SidecarError::NewerVersion { found, supported } => {
                write!(
                    f,
                    "the sidecar has format version {found}; this program reads up to {supported}"
                )
            }
            SidecarError::TooLarge { bytes, limit_bytes } => {
                write!(
                    f,
                    "a record of {bytes} bytes does not fit the sidecar's {limit_bytes}"
                )
            }
            SidecarError::Payload(error) => {
                write!(f, "the sidecar's record is not understood: {error}")
            }
            SidecarError::Io(error) => {
                write!(f, "the sidecar could not be read or written: {error}")
            }
        }
    }
}

impl std::error::Error for SidecarError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SidecarError::Payload(error) => Some(error),
            SidecarError::Io(error) => Some(error),
            _ => None,
        }
    }
}
