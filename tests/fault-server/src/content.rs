//! The bytes of an object: given, or computed from a seed at any offset.
//!
//! Generated content is never held in memory, so that a test may serve 100 GiB. It must be the same
//! for the same seed on every machine and in every version: digests of it are written down elsewhere.

use bytes::Bytes;

/// The odd constant that splitmix64 steps by.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
/// Bytes made by one step.
const WORD_BYTES: u64 = 8;

/// What an object is made of.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Pseudo-random bytes: word `i` is splitmix64 of the mixed seed at `i`.
    Generated { seed: u64, len: u64 },
    /// Bytes that somebody gave us.
    Given(Bytes),
}

impl Content {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Content::Generated { len, .. } => *len,
            Content::Given(bytes) => bytes.len() as u64,
        }
    }

    /// Appends the bytes `offset..offset + count` to `out`. Past the end there is filler, so that a
    /// fault can send more than there is.
    pub(crate) fn append(&self, offset: u64, count: usize, out: &mut Vec<u8>) {
        match self {
            Content::Generated { seed, .. } => append_generated(*seed, offset, count, out),
            Content::Given(bytes) => {
                let wanted = out.len() + count;
                let start = usize::try_from(offset).map_or(bytes.len(), |at| at.min(bytes.len()));
                let end = start.saturating_add(count).min(bytes.len());
                out.extend_from_slice(&bytes[start..end]);
                out.resize(wanted, b'.');
            }
        }
    }

    /// Other bytes of the same length: what the object was, or will be, at another time.
    pub(crate) fn other_version(&self) -> Content {
        match self {
            Content::Generated { seed, len } => Content::Generated {
                seed: seed ^ STEP,
                len: *len,
            },
            Content::Given(bytes) => Content::Given(bytes.iter().map(|byte| !byte).collect()),
        }
    }
}

fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

fn append_generated(seed: u64, offset: u64, count: usize, out: &mut Vec<u8>) {
    // Mixed first: neighbouring seeds must not give the same stream one step apart.
    let base = mix(seed.wrapping_add(STEP));
    let word_at = |index: u64| mix(base.wrapping_add(index.wrapping_mul(STEP))).to_le_bytes();
    let start = out.len();
    out.resize(start + count, 0);
    let mut target = &mut out[start..];
    let mut index = offset / WORD_BYTES;

    // `offset % 8` is under 8: the cast loses nothing.
    let skip = (offset % WORD_BYTES) as usize;
    if skip > 0 {
        let tail = &word_at(index)[skip..];
        let take = tail.len().min(target.len());
        target[..take].copy_from_slice(&tail[..take]);
        target = &mut target[take..];
        index += 1;
    }
    let mut words = target.chunks_exact_mut(WORD_BYTES as usize);
    for word in &mut words {
        word.copy_from_slice(&word_at(index));
        index += 1;
    }
    let rest = words.into_remainder();
    let len = rest.len();
    rest.copy_from_slice(&word_at(index)[..len]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(content: &Content, offset: u64, count: usize) -> Vec<u8> {
        let mut out = Vec::new();
        content.append(offset, count, &mut out);
        out
    }

    #[test]
    fn any_offset_gives_the_same_bytes_as_reading_from_the_start() {
        let content = Content::Generated { seed: 7, len: 5000 };
        let whole = bytes(&content, 0, 5000);
        let mut offset = 1_usize;
        for step in 0..400_usize {
            offset = (offset * 31 + step) % 4990;
            let count = (step % 23).min(5000 - offset);
            assert_eq!(
                bytes(&content, offset as u64, count),
                whole[offset..offset + count],
                "{count} at {offset}"
            );
        }
    }

    #[test]
    fn the_content_of_a_seed_is_fixed_for_ever() {
        let content = Content::Generated { seed: 1, len: 16 };
        assert_eq!(
            bytes(&content, 0, 16),
            [
                0xb8, 0xd5, 0xc0, 0x82, 0xfc, 0x23, 0xe4, 0xdc, 0x1e, 0x61, 0x39, 0x74, 0x8, 0xab,
                0x41, 0x5e
            ],
            "digests written down elsewhere depend on this"
        );
    }

    #[test]
    fn seeds_and_versions_differ_everywhere() {
        let one = Content::Generated { seed: 1, len: 4096 };
        let two = Content::Generated { seed: 2, len: 4096 };
        for other in [&two, &one.other_version()] {
            let equal = bytes(&one, 0, 4096)
                .iter()
                .zip(bytes(other, 0, 4096))
                .filter(|(a, b)| **a == *b)
                .count();
            assert!(equal < 64, "{equal} of 4096 bytes agree");
        }
    }

    #[test]
    fn given_bytes_are_followed_by_filler() {
        let content = Content::Given(Bytes::from_static(b"abc"));
        assert_eq!(bytes(&content, 1, 4), b"bc..");
        assert_eq!(bytes(&content, 9, 2), b"..");
        assert_eq!(bytes(&content.other_version(), 0, 1), [!b'a']);
    }
}
