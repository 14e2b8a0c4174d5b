//! Judges a body that a platform's service received, and makes it our part file.
//!
//! The service checked neither length nor digest; a body that is wrong is never put in place (H6).

use std::fs::File;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::files::{FinishJob, PartFile, PartPaths, for_each_chunk};
use crate::protocol::Hasher;
use crate::request::RequestOptions;
use crate::task_id::TaskId;

/// Makes the file that the service left the part file of the task, ready to be put in place. One
/// that is wrong is removed. Blocking.
///
/// # Errors
/// [`ErrorKind::SizeMismatch`], [`ErrorKind::DigestMismatch`]; [`ErrorKind::File`] when it cannot be
/// read, moved or copied.
pub(super) fn take_over(
    id: TaskId,
    received: &Path,
    paths: PartPaths,
    expected: &RequestOptions,
) -> Result<FinishJob> {
    let cannot = |source: std::io::Error| {
        Error::new(
            ErrorKind::File,
            "the file that the system's transfer service left could not be taken over",
        )
        .with_source(source)
    };
    let file = File::open(received).map_err(cannot)?;
    let len = file.metadata().map_err(cannot)?.len();
    judge(&file, len, expected).inspect_err(|_| {
        // It is ours, and of no use.
        let _ = std::fs::remove_file(received);
    })?;
    let in_place = std::fs::rename(received, &paths.part).is_ok();
    let (mut part, _) = PartFile::open(&paths, if in_place { len } else { 0 }).map_err(cannot)?;
    if !in_place {
        // Another volume: the bytes are copied.
        for_each_chunk(&file, 0..len, |chunk| part.write(chunk)).map_err(cannot)?;
        std::fs::remove_file(received).map_err(cannot)?;
    }
    Ok(FinishJob {
        id: id.as_i64(),
        paths,
        file: part.sync_handle(),
        len,
        sidecar: None,
    })
}

fn judge(file: &File, len: u64, expected: &RequestOptions) -> Result<()> {
    if expected.expected_size.is_some_and(|size| size != len) {
        return Err(Error::new(
            ErrorKind::SizeMismatch,
            format!("the file has {len} bytes, another length was expected"),
        ));
    }
    let Some(digest) = &expected.expected_digest else {
        return Ok(());
    };
    let mut hasher = Hasher::new(digest.algorithm());
    let read = for_each_chunk(file, 0..len, |chunk| {
        hasher.update(chunk);
        Ok(())
    });
    read.map_err(|source| {
        Error::new(ErrorKind::File, "the received file could not be read").with_source(source)
    })?;
    if hasher.finish() != *digest {
        return Err(Error::new(
            ErrorKind::DigestMismatch,
            "the file's digest is not the expected one",
        ));
    }
    Ok(())
}
