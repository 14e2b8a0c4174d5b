//! Reading what was written again, a piece at a time.
//!
//! Memory stays bounded however long the file is. A file that ends too soon is an error: this module
//! must never hand out fewer bytes than it was asked for.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

/// How much of a file is in memory at a time.
const CHUNK_BYTES: u64 = 256 * 1024;

/// Hands the bytes of `range` to `visit` in order, in chunks of at most 256 KiB: for hashing again
/// what an earlier process wrote (H6), and for copying to another volume. The file's own position
/// is not used.
///
/// # Errors
/// The system's; `UnexpectedEof` when the file is shorter; or the first error of `visit`.
pub(crate) fn for_each_chunk(
    file: &File,
    range: Range<u64>,
    mut visit: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let Range { start: mut at, end } = range;
    let mut buffer = vec![0; end.saturating_sub(at).min(CHUNK_BYTES) as usize];
    while at < end {
        let take = (end - at).min(CHUNK_BYTES) as usize;
        let chunk = &mut buffer[..take];
        file.read_exact_at(chunk, at)?;
        visit(chunk)?;
        at += take as u64;
    }
    Ok(())
}
