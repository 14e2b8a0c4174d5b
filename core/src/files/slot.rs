//! One slot of a sidecar: how a record is laid out in bytes.
//!
//! Bytes from a disk are not to be trusted (T7): a slot is valid as a whole or it is nothing. This
//! module does no I/O and must never fail in any other way than "not a valid slot".
//!
//! | bytes | what, little-endian |
//! |---|---|
//! | 0–7 | magic |
//! | 8–11 | CRC-32 of everything from byte 12 to the payload's end |
//! | 12–15 | format version |
//! | 16–23 | generation |
//! | 24–27 | payload length |
//! | 28–31 | 1 if sealed, else 0 |
//! | 32–59 | the seal: inode, length, mtime seconds (8 each), mtime nanoseconds (4) |
//! | 60–63 | zero |
//! | 64– | payload |
//!
//! The header's shape is fixed for all versions, so that an old program can tell a newer record
//! from a torn one.

use super::seal::Seal;

/// One slot's room in the file. Slots begin on 4 KiB pages of their own: writing one never touches
/// the other's.
pub(super) const SLOT_BYTES: usize = 8 * 1024;
/// What precedes the payload.
pub(super) const HEADER_BYTES: usize = 64;
/// The largest payload that fits.
pub(crate) const PAYLOAD_MAX_BYTES: usize = SLOT_BYTES - HEADER_BYTES;
/// What this program writes, and the newest that it reads.
pub(super) const FORMAT_VERSION: u32 = 1;

const MAGIC: [u8; 8] = *b"BKHLSIDE";
const SEALED: u32 = 1;

/// A valid slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) version: u32,
    pub(super) generation: u64,
    pub(super) seal: Option<Seal>,
    pub(super) payload: Vec<u8>,
}

impl Slot {
    /// The slot's bytes; those behind the payload are not written. None if the payload does not
    /// fit.
    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        if self.payload.len() > PAYLOAD_MAX_BYTES {
            return None;
        }
        let seal = self.seal.unwrap_or_default();
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.payload.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&self.version.to_le_bytes());
        bytes.extend_from_slice(&self.generation.to_le_bytes());
        bytes.extend_from_slice(&(self.payload.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&(if self.seal.is_some() { SEALED } else { 0 }).to_le_bytes());
        bytes.extend_from_slice(&seal.inode.to_le_bytes());
        bytes.extend_from_slice(&seal.len.to_le_bytes());
        bytes.extend_from_slice(&seal.modified_s.to_le_bytes());
        bytes.extend_from_slice(&seal.modified_ns.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&self.payload);
        let crc = crc32fast::hash(&bytes[12..]);
        bytes[8..12].copy_from_slice(&crc.to_le_bytes());
        Some(bytes)
    }

    /// The slot that `bytes` begin with, if it is whole.
    pub(super) fn decode(bytes: &[u8]) -> Option<Slot> {
        if bytes.get(..8)? != MAGIC.as_slice() {
            return None;
        }
        let length = u32_at(bytes, 24)? as usize;
        if length > PAYLOAD_MAX_BYTES {
            return None;
        }
        let payload = bytes.get(HEADER_BYTES..HEADER_BYTES + length)?;
        if crc32fast::hash(&bytes[12..HEADER_BYTES + length]) != u32_at(bytes, 8)? {
            return None;
        }
        let seal = Seal {
            inode: u64_at(bytes, 32)?,
            len: u64_at(bytes, 40)?,
            modified_s: u64_at(bytes, 48)? as i64,
            modified_ns: u32_at(bytes, 56)?,
        };
        Some(Slot {
            version: u32_at(bytes, 12)?,
            generation: u64_at(bytes, 16)?,
            seal: (u32_at(bytes, 28)? == SEALED).then_some(seal),
            payload: payload.to_vec(),
        })
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot() -> Slot {
        let seal = Seal {
            inode: 7,
            len: 9,
            modified_s: -1,
            modified_ns: 999_999_999,
        };
        Slot {
            version: FORMAT_VERSION,
            generation: 41,
            seal: Some(seal),
            payload: b"{\"offset\":1}".to_vec(),
        }
    }

    #[test]
    fn a_slot_reads_back_as_it_was_written() {
        let sealed = slot();
        let open = Slot {
            seal: None,
            payload: vec![b'x'; PAYLOAD_MAX_BYTES],
            ..slot()
        };
        for slot in [sealed, open] {
            let bytes = slot.encode().unwrap();
            assert!(bytes.len() <= SLOT_BYTES);
            assert_eq!(Slot::decode(&bytes), Some(slot));
        }
        let too_large = Slot {
            payload: vec![0; PAYLOAD_MAX_BYTES + 1],
            ..slot()
        };
        assert_eq!(too_large.encode(), None);
    }

    #[test]
    fn no_flipped_bit_and_no_cut_is_taken_for_a_slot() {
        // rule T7
        let bytes = slot().encode().unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut garbled = bytes.clone();
            garbled[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Slot::decode(&garbled), None, "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert_eq!(Slot::decode(&bytes[..length]), None, "length {length}");
        }
    }
}
