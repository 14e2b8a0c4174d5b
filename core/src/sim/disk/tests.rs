//! What is on the disk after each thing that can happen to it.

use super::*;
use crate::driver::Disk;
use crate::error::ErrorKind;
use crate::files::{BodyHandle, FinishError, FinishJob, PartPaths};
use crate::protocol::DigestAlgorithm;
use crate::protocol::validator::Validator;
use crate::request::RequestOptions;
use crate::task_id::TaskId;

fn disk(seed: u64) -> (SimDisk, ProcessDisk, Life) {
    let disk = SimDisk::new(&World::new(seed));
    let life = Life::new();
    (disk.clone(), disk.of(&life), life)
}

fn paths(task: i64) -> PartPaths {
    let destination = format!("/files/{task}.bin");
    PartPaths::new(Path::new(&destination), "7f3a", task)
}

fn part(disk: &ProcessDisk, paths: &PartPaths, content: &Content) -> u64 {
    match disk.open_part(paths).unwrap() {
        Found::Part { file, .. } => {
            disk.write_part(file, 0, content).unwrap();
            file
        }
        Found::InPlace { .. } => panic!("it is new"),
    }
}

fn job(task: i64, file: u64, len: u64) -> FinishJob {
    FinishJob {
        id: task,
        paths: paths(task),
        file: BodyHandle::Simulated(file),
        len,
        sidecar: None,
    }
}

/// A record that a transfer could go on from.
fn record(offset: u64) -> Record {
    let mut headers = crate::Headers::new();
    headers.insert("etag", "\"v1\"").unwrap();
    Record {
        offset,
        validator: Validator::from_headers(&headers),
        ..Record::default()
    }
}

#[test]
fn one_file_s_failure_touches_no_other() {
    // rule D2
    let (all, disk, _) = disk(1);
    let content = Content::whole(1, 1, 100);
    let short = part(&disk, &paths(1), &content);
    let right = part(&disk, &paths(2), &content);
    let mut results = disk.finish(vec![job(1, short, 101), job(2, right, 100)]);
    assert!(matches!(results.pop(), Some((2, Ok(())))));
    let Some((1, Err(FinishError::WrongLength { found: 100, .. }))) = results.pop() else {
        panic!("it is too short");
    };
    assert_eq!(all.durable_file("/files/2.bin"), Some(content));
    assert_eq!(all.part_files(), [paths(1).part]);
    // A call may be repeated.
    assert!(disk.finish(vec![job(2, right, 100)])[0].1.is_ok());
}

#[test]
fn what_was_synced_survives_every_loss_of_power() {
    // rule D3
    let (mut seen_whole, mut seen_cut) = (false, false);
    for seed in 0..100 {
        let (all, disk, _) = disk(seed);
        let content = Content::whole(1, 1, 100);
        let paths = paths(1);
        let file = part(&disk, &paths, &content.part(0, 60));
        disk.checkpoint(&paths, file, &record(60)).unwrap();
        disk.write_part(file, 60, &content.part(60, 40)).unwrap();
        all.lose_power();
        let left = all.file(&paths.part).unwrap();
        assert_eq!(left, content.part(0, left.len()));
        assert!(left.len() >= 60, "{left:?}");
        seen_whole |= left.len() == 100;
        seen_cut |= left.len() == 60;
        let Found::Part { record, .. } = disk.open_part(&paths).unwrap() else {
            panic!("it is not whole");
        };
        assert_eq!(record.offset, 60);
        assert_eq!(all.file(&paths.part).unwrap().len(), 60);
    }
    assert!(seen_whole && seen_cut);
}

#[test]
fn a_dead_process_changes_nothing() {
    let (all, disk, life) = disk(1);
    let content = Content::whole(1, 1, 100);
    let file = part(&disk, &paths(1), &content);
    life.end();
    assert!(
        disk.write_part(file, 0, &Content::whole(1, 2, 100))
            .is_err()
    );
    assert!(disk.finish(vec![job(1, file, 100)])[0].1.is_err());
    assert!(disk.remove_parts(&paths(1)).is_err());
    assert_eq!(all.file(paths(1).part), Some(content));
    assert_eq!(all.files().len(), 1);
}

#[test]
fn what_a_service_received_is_judged_and_taken_over() {
    // rule H6
    let (all, disk, _) = disk(1);
    let content = Content::whole(1, 1, 100);
    let received = Path::new("/system/one");
    let expecting = |digest| RequestOptions {
        expected_digest: Some(digest),
        ..RequestOptions::default()
    };
    let right = content.digest(DigestAlgorithm::Sha512);
    let id = TaskId::from_i64(1);
    for (expected, kind) in [
        (
            expecting(Content::default().digest(DigestAlgorithm::Sha256)),
            Some(ErrorKind::DigestMismatch),
        ),
        (expecting(right), None),
    ] {
        all.put(received, content.clone()).unwrap();
        match disk.take_over(id, received, paths(1), &expected) {
            Err(error) => assert_eq!(Some(error.kind()), kind),
            Ok(job) => {
                assert_eq!(kind, None);
                assert!(disk.finish(vec![job])[0].1.is_ok());
            }
        }
        assert_eq!(all.file(received), None);
    }
    assert_eq!(all.durable_file("/files/1.bin"), Some(content));
}

#[test]
fn a_part_goes_over_to_the_task_that_goes_on_from_it() {
    // rule L4
    let (all, disk, _) = disk(1);
    let file = part(&disk, &paths(1), &Content::whole(1, 1, 100));
    assert!(!disk.is_resumable(&paths(1)), "nothing is on record");
    disk.checkpoint(&paths(1), file, &record(100)).unwrap();
    assert!(disk.is_resumable(&paths(1)));
    disk.adopt_part(&paths(1), &paths(2));
    assert!(!disk.is_resumable(&paths(1)) && disk.is_resumable(&paths(2)));
    disk.remove_parts(&paths(2)).unwrap();
    assert!(all.files().is_empty());
    all.lose_power();
    assert!(all.files().is_empty(), "removed for good");
}

#[test]
fn a_full_disk_takes_what_fits() {
    // rule D9
    let (all, disk, _) = disk(1);
    all.set_capacity(100);
    let file = part(&disk, &paths(1), &Content::whole(1, 1, 80));
    assert!(disk.reserve(80, 101).unwrap().is_err());
    assert!(disk.reserve(80, 100).unwrap().is_ok());
    let rest = Content::whole(1, 1, 200).part(80, 120);
    let error = disk.write_part(file, 80, &rest).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!((all.used_bytes(), all.free_bytes()), (100, 0));
}
