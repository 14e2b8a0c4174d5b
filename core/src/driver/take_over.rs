//! Judges a body that a platform's service received, and makes it our part file.
//!
//! The service checked neither length nor digest; a body that is wrong is never put in place (H6).

use std::fs::File;
use std::io;
use std::path::Path;

use crate::driver::filing::file_error;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{
    BodyHandle, FinishError, FinishJob, PartFile, PartPaths, for_each_chunk, remove_parts,
};
use crate::protocol::Hasher;
use crate::request::RequestOptions;
use crate::task_id::TaskId;

/// Makes the file that the service left the part file of the task, ready to be put in place. The
/// service's file is gone then, in every case. Blocking.
///
/// # Errors
/// [`ErrorKind::SizeMismatch`], [`ErrorKind::DigestMismatch`]; [`ErrorKind::NoSpace`] and the other
/// kinds of the file system when it cannot be read, moved or copied.
pub(super) fn take_over(
    id: TaskId,
    received: &Path,
    paths: PartPaths,
    expected: &RequestOptions,
) -> Result<FinishJob> {
    let taken = judge(received, expected).and_then(|(file, len)| {
        let part = move_or_copy(received, &file, len, &paths).map_err(cannot)?;
        Ok((part, len))
    });
    // Copied, or of no use: either way nobody else removes it.
    if let Err(error) = std::fs::remove_file(received) {
        if error.kind() != io::ErrorKind::NotFound {
            log::warn!("a file that the system's service left could not be removed: {error}");
        }
    }
    let (part, len) = taken?;
    Ok(FinishJob {
        id: id.as_i64(),
        paths,
        file: BodyHandle::Real(part.sync_handle()),
        len,
        sidecar: None,
    })
}

fn cannot(source: io::Error) -> Error {
    file_error(FinishError::from(source))
}

fn move_or_copy(received: &Path, file: &File, len: u64, paths: &PartPaths) -> io::Result<PartFile> {
    // What an earlier attempt, by another transport, recorded is not true of these bytes (R9).
    remove_parts(paths)?;
    if std::fs::rename(received, &paths.part).is_ok() {
        return Ok(PartFile::open(paths, len)?.0);
    }
    // Another volume, or the destination's folder is still to be made: the bytes are copied.
    let (mut part, _) = PartFile::open(paths, 0)?;
    for_each_chunk(file, 0..len, |chunk| part.write(chunk))?;
    Ok(part)
}

/// The open file and its length, if it is what the app expects.
fn judge(received: &Path, expected: &RequestOptions) -> Result<(File, u64)> {
    let file = File::open(received).map_err(cannot)?;
    let len = file.metadata().map_err(cannot)?.len();
    if expected.expected_size.is_some_and(|size| size != len) {
        return Err(Error::new(
            ErrorKind::SizeMismatch,
            format!("the file has {len} bytes, another length was expected"),
        ));
    }
    let Some(digest) = &expected.expected_digest else {
        return Ok((file, len));
    };
    let mut hasher = Hasher::new(digest.algorithm());
    let read = for_each_chunk(&file, 0..len, |chunk| {
        hasher.update(chunk);
        Ok(())
    });
    read.map_err(cannot)?;
    if hasher.finish() != *digest {
        return Err(Error::new(
            ErrorKind::DigestMismatch,
            "the file's digest is not the expected one",
        ));
    }
    Ok((file, len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Sidecar;
    use crate::protocol::DigestAlgorithm;
    use std::fs;

    #[test]
    fn no_record_of_older_bytes_stays_beside_the_new_ones() {
        // rule R9
        let scratch = tempfile::tempdir().unwrap();
        let paths = PartPaths::new(&scratch.path().join("maps/alps.bin"), "7f3a", 1);
        let (mut older, _) = PartFile::open(&paths, 0).unwrap();
        older.write(b"older and longer").unwrap();
        Sidecar::create(&paths, &"a record").unwrap();
        let received = scratch.path().join("from the system");
        fs::write(&received, b"newer").unwrap();

        let job = take_over(
            TaskId::from_i64(1),
            &received,
            paths.clone(),
            &RequestOptions::default(),
        )
        .unwrap();
        assert_eq!(job.len, 5);
        assert_eq!(fs::read(&paths.part).unwrap(), b"newer");
        assert!(!paths.sidecar.exists() && !received.exists());
    }

    #[test]
    fn a_wrong_file_is_removed_and_what_was_here_stays() {
        // rule H6
        let scratch = tempfile::tempdir().unwrap();
        let paths = PartPaths::new(&scratch.path().join("alps.bin"), "7f3a", 1);
        let (mut part, _) = PartFile::open(&paths, 0).unwrap();
        part.write(b"right so far").unwrap();
        let received = scratch.path().join("from the system");
        fs::write(&received, b"wrong").unwrap();

        let expected = RequestOptions {
            expected_digest: Some(Hasher::new(DigestAlgorithm::Sha256).finish()),
            ..RequestOptions::default()
        };
        let error =
            take_over(TaskId::from_i64(1), &received, paths.clone(), &expected).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DigestMismatch);
        assert!(!received.exists());
        assert_eq!(fs::read(&paths.part).unwrap(), b"right so far");
    }
}
