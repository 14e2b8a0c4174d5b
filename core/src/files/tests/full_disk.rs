//! A disk that is really full, and one that is really read-only: a small tmpfs, if this process may
//! mount one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::*;

const DISK_BYTES: u64 = 4 * 1024 * 1024;

/// Unmounts when dropped, before the directory below goes.
struct Mount(PathBuf);

impl Drop for Mount {
    fn drop(&mut self) {
        run("umount", &["-l"], &[&self.0]);
    }
}

fn run(program: &str, options: &[&str], paths: &[&Path]) -> bool {
    let mut command = Command::new(program);
    command
        .args(options)
        .args(paths)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A tmpfs of `DISK_BYTES` under `scratch`. None, said aloud, where mounting is not allowed.
fn small_disk(scratch: &TempDir) -> Option<Mount> {
    let at = scratch.path().join("disk");
    fs::create_dir(&at).unwrap();
    let size = format!("size={DISK_BYTES}");
    if !cfg!(target_os = "linux") || !run("mount", &["-t", "tmpfs", "-o", &size, "tmpfs"], &[&at]) {
        println!("NOT RUN: this process may not mount a tmpfs");
        return None;
    }
    Some(Mount(at))
}

#[test]
fn a_full_disk_is_known_before_bytes_are_asked_for() {
    // rule D9
    let scratch = scratch();
    let Some(disk) = small_disk(&scratch) else {
        return;
    };
    let (mut one, _) = PartFile::open(&paths_in(&disk.0, 1), 0).unwrap();
    let (mut two, _) = PartFile::open(&paths_in(&disk.0, 2), 0).unwrap();
    one.reserve(3 * 1024 * 1024).unwrap();
    // Nothing was written yet, and still the second has no room: the first one's is held.
    match two.reserve(2 * 1024 * 1024) {
        Err(ReserveError::NoSpace {
            needed_bytes,
            available_bytes,
        }) => {
            assert_eq!(
                (needed_bytes, available_bytes),
                (2 * 1024 * 1024, 1024 * 1024)
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(available_bytes(&disk.0), 1024 * 1024);
    // The first one turns out to be in the way no longer.
    one.truncate().unwrap();
    two.reserve(2 * 1024 * 1024).unwrap();
}

#[test]
fn a_disk_that_fills_up_while_writing_loses_nothing_that_was_written() {
    // rule D9
    let scratch = scratch();
    let Some(disk) = small_disk(&scratch) else {
        return;
    };
    let paths = paths_in(&disk.0, 1);
    let hog = disk.0.join("hog");
    let mut part = part_with(&paths, &[1; 100_000]);
    fs::write(&hog, vec![0; (DISK_BYTES - 200_000) as usize]).unwrap();

    let error = part.write(&[2; 400_000]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    assert_eq!(part.len(), 100_000);

    fs::remove_file(&hog).unwrap();
    part.write(&[3; 400_000]).unwrap();
    finish(job(1, &paths, &part, None)).unwrap();
    let finished = fs::read(&paths.destination).unwrap();
    assert_eq!(finished.len(), 500_000);
    assert!(finished[..100_000].iter().all(|byte| *byte == 1));
    assert!(finished[100_000..].iter().all(|byte| *byte == 3));
}

#[test]
fn a_sidecar_on_a_full_disk_keeps_its_older_record() {
    // rule D9
    let scratch = scratch();
    let Some(disk) = small_disk(&scratch) else {
        return;
    };
    let paths = paths_in(&disk.0, 1);
    let mut sidecar = Sidecar::create(&paths, &progress("\"a\"", 100)).unwrap();
    let hog = fs::File::create(disk.0.join("hog")).unwrap();
    rustix::fs::fallocate(
        &hog,
        rustix::fs::FallocateFlags::empty(),
        0,
        available_bytes(&disk.0),
    )
    .unwrap();

    assert!(matches!(
        sidecar.write(&progress("\"a\"", 200)),
        Err(SidecarError::Io(_))
    ));
    let read: Record<Progress> = Sidecar::read(&paths.sidecar).unwrap();
    assert_eq!(read.payload.offset, 100);
    hog.set_len(0).unwrap();
    sidecar.write(&progress("\"a\"", 300)).unwrap();
    let read: Record<Progress> = Sidecar::read(&paths.sidecar).unwrap();
    assert_eq!(read.payload.offset, 300);
}

#[test]
fn a_destination_that_became_read_only_is_a_typed_error_and_keeps_the_part() {
    // rule D2
    let scratch = scratch();
    let Some(disk) = small_disk(&scratch) else {
        return;
    };
    let view = scratch.path().join("view");
    fs::create_dir(&view).unwrap();
    if !run("mount", &["--bind"], &[&disk.0, &view]) {
        println!("NOT RUN: this process may not bind a mount");
        return;
    }
    let view = Mount(view);
    assert!(run("mount", &["-o", "remount,bind,ro"], &[&view.0]));

    let part = part_with(&paths_in(&disk.0, 1), b"whole");
    let read_only = paths_in(&view.0, 1);
    let outcome = finish(job(1, &read_only, &part, None));
    assert!(
        matches!(outcome, Err(FinishError::NotWritable(_))),
        "{outcome:?}"
    );
    assert!(read_only.part.exists());
    assert!(PartFile::open(&paths_in(&view.0, 2), 0).is_err());
}
