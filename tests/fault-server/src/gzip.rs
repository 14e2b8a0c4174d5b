//! The gzip form of an object, without compression: valid, and made without a library for it.

use crate::content::Content;

/// The longest stored block of DEFLATE.
const MAX_BLOCK_BYTES: u64 = 65_535;

/// Encodes all of `content`. The result is held in memory.
pub(crate) fn gzip(content: &Content) -> Vec<u8> {
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let total = content.len();
    let mut out = HEADER.to_vec();
    let mut sum = crc32fast::Hasher::new();
    let mut offset = 0;
    loop {
        let len = (total - offset).min(MAX_BLOCK_BYTES);
        let is_last = offset + len == total;
        // At most MAX_BLOCK_BYTES.
        let len_16 = len as u16;
        out.push(u8::from(is_last));
        out.extend_from_slice(&len_16.to_le_bytes());
        out.extend_from_slice(&(!len_16).to_le_bytes());
        let start = out.len();
        content.append(offset, len as usize, &mut out);
        sum.update(&out[start..]);
        offset += len;
        if is_last {
            break;
        }
    }
    out.extend_from_slice(&sum.finalize().to_le_bytes());
    // The format wants the length modulo 2^32.
    out.extend_from_slice(&(total as u32).to_le_bytes());
    out
}
