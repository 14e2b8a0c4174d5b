//! Growing, cutting back, reading again, reserving.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};

use super::*;

#[test]
fn bytes_behind_the_recorded_offset_are_cut_off() {
    // rule D3
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    drop(part_with(&paths, b"durable, and not yet recorded"));

    let (mut part, opened) = PartFile::open(&paths, 7).unwrap();
    assert_eq!((opened, part.len()), (Opened::AtOffset, 7));
    assert_eq!(fs::read(&paths.part).unwrap(), b"durable");
    part.write(b" again").unwrap();
    assert_eq!(fs::read(&paths.part).unwrap(), b"durable again");
}

#[test]
fn a_file_shorter_than_recorded_is_reported_and_starts_empty() {
    // rule D3
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    drop(part_with(&paths, b"1234567"));
    let (part, opened) = PartFile::open(&paths, 8).unwrap();
    assert_eq!((opened, part.len()), (Opened::Short { found_bytes: 7 }, 0));
    assert_eq!(fs::metadata(&paths.part).unwrap().len(), 0);

    fs::remove_file(&paths.part).unwrap();
    let (_, opened) = PartFile::open(&paths, 1).unwrap();
    assert_eq!(opened, Opened::Short { found_bytes: 0 });
}

#[test]
fn a_full_answer_empties_the_file_in_place() {
    // rule R4
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let mut part = part_with(&paths, b"the old version, which was longer");
    part.truncate().unwrap();
    assert_eq!(part.len(), 0);
    part.write(b"the new one").unwrap();
    assert_eq!(fs::read(&paths.part).unwrap(), b"the new one");
}

#[test]
fn part_files_are_the_users_alone_and_links_are_not_followed() {
    // rule T3
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    drop(part_with(&paths, b"x"));
    assert_eq!(mode_of(&paths.part), 0o600);

    let trap = paths_in(scratch.path(), 2);
    let victim = scratch.path().join("victim");
    fs::write(&victim, b"keep").unwrap();
    symlink(&victim, &trap.part).unwrap();
    assert!(PartFile::open(&trap, 0).is_err());
    assert_eq!(fs::read(&victim).unwrap(), b"keep");

    let taken = paths_in(scratch.path(), 3);
    fs::create_dir(&taken.part).unwrap();
    assert!(PartFile::open(&taken, 0).is_err());
}

#[test]
fn missing_parents_are_made_and_an_impossible_one_is_an_error() {
    let scratch = scratch();
    let deep = paths_in(&scratch.path().join("a/b/c"), 1);
    drop(part_with(&deep, b"x"));
    assert!(deep.part.is_file());

    let file = scratch.path().join("file");
    fs::write(&file, b"").unwrap();
    assert!(PartFile::open(&paths_in(&file, 2), 0).is_err());
    assert!(PartFile::open(&paths_in(&file.join("below"), 2), 0).is_err());
}

#[test]
fn what_was_written_reads_back_in_bounded_chunks_and_never_further() {
    // rule H6
    let scratch = scratch();
    let bytes: Vec<u8> = (0..700_000_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3])
        .collect();
    let part = part_with(&paths_in(scratch.path(), 1), &bytes);

    for length in [0, 1, 256 * 1024, 256 * 1024 + 1, bytes.len()] {
        let mut read = Vec::new();
        part.for_each_chunk(0..length as u64, |chunk| {
            assert!(chunk.len() <= 256 * 1024);
            read.extend_from_slice(chunk);
            Ok(())
        })
        .unwrap();
        assert_eq!(read, bytes[..length]);
    }
    let mut middle = Vec::new();
    part.for_each_chunk(100_000..600_000, |chunk| {
        middle.extend_from_slice(chunk);
        Ok(())
    })
    .unwrap();
    assert_eq!(middle, bytes[100_000..600_000]);
    let mut overlap = [0; 1000];
    part.read_at(699_000, &mut overlap).unwrap();
    assert_eq!(overlap, bytes[699_000..]);

    for bad in [
        part.read_at(699_001, &mut overlap),
        part.read_at(u64::MAX, &mut overlap),
    ] {
        assert_eq!(bad.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
    }
    assert!(
        part.for_each_chunk(0..bytes.len() as u64 + 1, |_| Ok(()))
            .is_err()
    );
}

#[test]
fn a_file_cut_behind_our_back_is_an_error_not_zeroes() {
    // rule R9
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let part = part_with(&paths, &[7; 1000]);
    fs::OpenOptions::new()
        .write(true)
        .open(&paths.part)
        .unwrap()
        .set_len(500)
        .unwrap();
    let error = part.for_each_chunk(0..1000, |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
}

#[test]
fn a_sync_works_beside_writes_and_its_failure_is_final() {
    // rule D3
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let mut part = part_with(&paths, b"one");
    let handle = part.sync_handle();
    let syncing = std::thread::spawn(move || handle.sync());
    part.write(b"two").unwrap();
    syncing.join().unwrap().unwrap();

    part.sync_handle().fail_for_good();
    assert!(part.sync_handle().sync().is_err());
    assert!(matches!(
        finish(job(1, &paths, &part, None)),
        Err(FinishError::Io(_))
    ));
    assert!(paths.part.exists() && !paths.destination.exists());
}

#[test]
fn checkpoints_come_at_a_128th_within_bounds() {
    // rule D3
    let mib = 1024 * 1024;
    assert_eq!(checkpoint_interval_bytes(Some(0)), 128 * 1024);
    assert_eq!(checkpoint_interval_bytes(Some(20 * mib)), 160 * 1024);
    assert_eq!(checkpoint_interval_bytes(Some(1024 * mib)), 8 * mib);
    assert_eq!(checkpoint_interval_bytes(Some(u64::MAX)), 8 * mib);
    assert_eq!(checkpoint_interval_bytes(None), mib);
}

/// Bytes that the file takes on disk.
fn held_bytes(paths: &PartPaths) -> u64 {
    fs::metadata(&paths.part).unwrap().blocks() * 512
}

#[test]
#[cfg(target_os = "linux")]
fn a_reservation_never_shows_in_the_length_and_is_given_back() {
    // rule D9
    const TOTAL_BYTES: u64 = 8 * 1024 * 1024;
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let (mut part, _) = PartFile::open(&paths, 0).unwrap();
    part.reserve(TOTAL_BYTES).unwrap();
    part.reserve(TOTAL_BYTES).unwrap();
    if held_bytes(&paths) == 0 {
        println!("NOT RUN: this file system cannot reserve");
        return;
    }
    assert!(held_bytes(&paths) >= TOTAL_BYTES);
    assert_eq!(fs::metadata(&paths.part).unwrap().len(), 0);

    part.truncate().unwrap();
    assert_eq!(held_bytes(&paths), 0);
    part.reserve(TOTAL_BYTES).unwrap();
    assert!(held_bytes(&paths) >= TOTAL_BYTES);

    // A kill: the next process opens at the recorded offset, which is also the length.
    drop(part);
    let (mut part, _) = PartFile::open(&paths, 0).unwrap();
    assert_eq!(held_bytes(&paths), 0);

    // The body turned out shorter than announced: nothing stays behind the finished file's end.
    part.reserve(TOTAL_BYTES).unwrap();
    part.write(&[1; 5000]).unwrap();
    finish(job(1, &paths, &part, None)).unwrap();
    let finished = fs::metadata(&paths.destination).unwrap();
    assert_eq!(finished.len(), 5000);
    assert!(
        finished.blocks() * 512 <= 8192,
        "{} blocks",
        finished.blocks()
    );
}

#[test]
fn a_body_larger_than_the_disk_is_refused_with_numbers() {
    // rule D9
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let mut part = part_with(&paths, b"kept");
    match part.reserve(1 << 60) {
        Err(ReserveError::NoSpace {
            needed_bytes,
            available_bytes,
        }) => {
            assert_eq!(needed_bytes, (1 << 60) - 4);
            assert!(available_bytes > 0 && available_bytes < needed_bytes);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(fs::read(&paths.part).unwrap(), b"kept");
}
