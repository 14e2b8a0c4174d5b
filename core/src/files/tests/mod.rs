//! The rules of this module, against a real disk.

mod finish;
mod full_disk;
mod part_file;
mod sidecar;

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::reserve::available_bytes_beside;
use super::sidecar::Record;
use super::*;

/// Bytes that this process may still write to the volume of `directory`.
fn available_bytes(directory: &Path) -> u64 {
    available_bytes_beside(fs::File::open(directory).unwrap()).unwrap()
}

/// What a caller might record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    validator: String,
    offset: u64,
}

fn progress(validator: &str, offset: u64) -> Progress {
    Progress {
        validator: validator.to_owned(),
        offset,
    }
}

fn scratch() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn paths_in(directory: &Path, task: i64) -> PartPaths {
    PartPaths::new(&directory.join(format!("file-{task}.bin")), "7f3a", task)
}

/// A part file with these bytes written, not yet synced.
fn part_with(paths: &PartPaths, bytes: &[u8]) -> PartFile {
    let (mut part, opened) = PartFile::open(paths, 0).unwrap();
    assert_eq!(opened, Opened::AtOffset);
    part.write(bytes).unwrap();
    part
}

fn job(id: i64, paths: &PartPaths, part: &PartFile, sidecar: Option<Sidecar>) -> FinishJob {
    FinishJob {
        id,
        paths: paths.clone(),
        file: BodyHandle::Real(part.sync_handle()),
        len: part.len(),
        sidecar,
    }
}

/// Finishes one file.
fn finish(job: FinishJob) -> Result<(), FinishError> {
    finish_group(vec![job]).pop().unwrap().1
}

fn mode_of(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Names left in a directory, sorted.
fn names_in(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
