//! Files put in their places, one or many; what a crash in between leaves.

use std::fs;
use std::io;

use rustix::io::Errno;

use super::*;

/// A whole part file with a sidecar.
fn sealed_job(paths: &PartPaths, bytes: &[u8]) -> FinishJob {
    let part = part_with(paths, bytes);
    let sidecar = Sidecar::create(paths, &progress("\"a\"", part.len())).unwrap();
    job(1, paths, &part, Some(sidecar))
}

fn record(paths: &PartPaths) -> Record<Progress> {
    Sidecar::read(&paths.sidecar).unwrap()
}

#[test]
fn a_finished_file_is_whole_at_its_destination_and_its_sidecar_stays_until_forgotten() {
    // rule D2
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    finish(sealed_job(&paths, b"whole")).unwrap();
    assert_eq!(fs::read(&paths.destination).unwrap(), b"whole");
    assert!(!paths.part.exists());
    assert_eq!(record(&paths).payload, progress("\"a\"", 5));
    assert_eq!(record(&paths).seal.unwrap().len, 5);

    forget_sidecar(&paths).unwrap();
    forget_sidecar(&paths).unwrap();
    assert_eq!(names_in(scratch.path()), ["file-1.bin"]);
}

#[test]
fn an_older_file_at_the_destination_is_replaced_at_once() {
    // rule D2
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    fs::write(&paths.destination, b"yesterday's, which was longer").unwrap();
    let part = part_with(&paths, b"today's");
    finish(job(1, &paths, &part, None)).unwrap();
    assert_eq!(fs::read(&paths.destination).unwrap(), b"today's");
}

#[test]
fn groups_of_every_size_are_finished_in_order_across_directories() {
    // rule D2
    for count in [0, 1, 7, 8, 40, GROUP_MAX_FILES as i64 + 3] {
        let scratch = scratch();
        let paths: Vec<PartPaths> = (0..count)
            .map(|task| paths_in(&scratch.path().join(format!("d{}", task % 3)), task))
            .collect();
        let jobs = paths.iter().zip(0..).map(|(paths, id)| {
            let part = part_with(paths, format!("body {id}").as_bytes());
            job(id, paths, &part, None)
        });
        let results = finish_group(jobs.collect());
        assert_eq!(results.len() as i64, count);
        for ((id, outcome), (paths, expected)) in results.into_iter().zip(paths.iter().zip(0..)) {
            assert_eq!(id, expected);
            outcome.unwrap();
            assert_eq!(
                fs::read_to_string(&paths.destination).unwrap(),
                format!("body {id}")
            );
        }
    }
}

#[test]
fn one_failing_file_does_not_fail_its_group() {
    // rule D2
    let scratch = scratch();
    let paths: Vec<PartPaths> = (0..12).map(|task| paths_in(scratch.path(), task)).collect();
    let parts: Vec<PartFile> = paths
        .iter()
        .map(|paths| part_with(paths, b"0123456789"))
        .collect();
    let mut jobs: Vec<FinishJob> = paths
        .iter()
        .zip(&parts)
        .zip(0..)
        .map(|((paths, part), id)| job(id, paths, part, None))
        .collect();
    fs::create_dir(&paths[2].destination).unwrap();
    fs::remove_file(&paths[4].part).unwrap();
    // Exchanged: the name is there, the bytes are someone else's.
    fs::remove_file(&paths[6].part).unwrap();
    fs::write(&paths[6].part, b"0123456789").unwrap();
    jobs[8].len = 11;
    parts[10].sync_handle().fail_for_good();

    for (id, outcome) in finish_group(jobs) {
        match id {
            2 => assert!(
                matches!(outcome, Err(FinishError::DestinationIsDirectory(_))),
                "{outcome:?}"
            ),
            4 | 6 => assert!(
                matches!(outcome, Err(FinishError::PartVanished)),
                "{outcome:?}"
            ),
            8 => assert!(
                matches!(
                    outcome,
                    Err(FinishError::WrongLength {
                        expected: 11,
                        found: 10
                    })
                ),
                "{outcome:?}"
            ),
            10 => assert!(matches!(outcome, Err(FinishError::Io(_))), "{outcome:?}"),
            _ => outcome.unwrap(),
        }
        let finished = paths[id as usize].destination.is_file();
        assert_eq!(finished, ![2, 4, 6, 8, 10].contains(&id), "task {id}");
    }
}

#[test]
fn bytes_of_a_write_that_failed_half_way_are_not_in_the_finished_file() {
    // rule D2
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let part = part_with(&paths, b"whole");
    fs::write(&paths.part, b"whole and a half").unwrap();
    finish(job(1, &paths, &part, None)).unwrap();
    assert_eq!(fs::read(&paths.destination).unwrap(), b"whole");
}

#[test]
fn a_crash_between_rename_and_commit_is_recognised() {
    // rule D2
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    finish(sealed_job(&paths, b"whole")).unwrap();
    // A new process finds the sidecar; the store still says "running".
    let sealed = record(&paths).seal.unwrap();
    assert!(recover_finished(&paths, &sealed).unwrap());
}

#[test]
fn a_crash_before_the_rename_is_not_taken_for_a_finished_file() {
    // rule D2
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    finish(sealed_job(&paths, b"whole")).unwrap();
    let sealed = record(&paths).seal.unwrap();
    fs::rename(&paths.destination, &paths.part).unwrap();
    assert!(!recover_finished(&paths, &sealed).unwrap());
    // And the part file can still be finished from its recorded offset.
    let (part, opened) = PartFile::open(&paths, 5).unwrap();
    assert_eq!(opened, Opened::AtOffset);
    finish(job(1, &paths, &part, None)).unwrap();
    assert_eq!(fs::read(&paths.destination).unwrap(), b"whole");
}

#[test]
fn a_strangers_file_of_the_same_name_and_length_is_not_ours() {
    // rule R9
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    finish(sealed_job(&paths, b"whole")).unwrap();
    let sealed = record(&paths).seal.unwrap();

    let stranger = scratch.path().join("stranger");
    fs::write(&stranger, b"WHOLE").unwrap();
    fs::rename(&stranger, &paths.destination).unwrap();
    assert!(!recover_finished(&paths, &sealed).unwrap());
    // Nor is ours once it was cut, and nor is nothing.
    fs::write(&paths.destination, b"WHO").unwrap();
    assert!(!recover_finished(&paths, &sealed).unwrap());
    fs::remove_file(&paths.destination).unwrap();
    assert!(!recover_finished(&paths, &sealed).unwrap());
}

#[test]
fn finishing_again_after_the_rename_is_success() {
    // rule D2
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let part = part_with(&paths, b"whole");
    finish(job(1, &paths, &part, None)).unwrap();
    finish(job(1, &paths, &part, None)).unwrap();
    assert_eq!(fs::read(&paths.destination).unwrap(), b"whole");
}

#[test]
fn progress_after_a_seal_takes_it_off() {
    // rule D3
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    finish(sealed_job(&paths, b"whole")).unwrap();
    let (mut sidecar, found): (_, Record<Progress>) = Sidecar::open(&paths).unwrap();
    assert!(found.seal.is_some());
    sidecar.write(&progress("\"a\"", 1)).unwrap();
    assert_eq!(record(&paths).seal, None);
}

#[test]
fn a_sidecar_that_cannot_be_sealed_does_not_hold_the_file_back() {
    // rule D2
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let sealed = sealed_job(&paths, b"whole");
    fs::write(&paths.sidecar, b"garbage").unwrap();
    finish(sealed).unwrap();
    assert_eq!(fs::read(&paths.destination).unwrap(), b"whole");
}

#[test]
fn the_ledger_removes_what_is_there_and_only_that_again_and_again() {
    // rule D8
    let scratch = scratch();
    let ours = paths_in(scratch.path(), 1);
    let other = paths_in(scratch.path(), 2);
    for paths in [&ours, &other] {
        drop(part_with(paths, b"x"));
        drop(Sidecar::create(paths, &progress("\"a\"", 0)).unwrap());
    }
    fs::write(&ours.destination, b"keep").unwrap();
    remove_parts(&ours).unwrap();
    remove_parts(&ours).unwrap();
    assert_eq!(
        names_in(scratch.path()),
        [
            ".backhaul-7f3a-2.part",
            ".backhaul-7f3a-2.state",
            "file-1.bin"
        ]
    );
    // Half done, and the whole directory gone.
    fs::remove_file(&other.part).unwrap();
    remove_parts(&other).unwrap();
    remove_parts(&paths_in(&scratch.path().join("missing"), 3)).unwrap();
}

#[test]
fn the_systems_answers_have_types() {
    // rule E3
    let error = |errno: Errno| FinishError::from(io::Error::from(errno));
    assert!(matches!(error(Errno::NOSPC), FinishError::NoSpace(_)));
    assert!(matches!(error(Errno::DQUOT), FinishError::NoSpace(_)));
    assert!(matches!(error(Errno::ACCESS), FinishError::NotWritable(_)));
    assert!(matches!(error(Errno::PERM), FinishError::NotWritable(_)));
    assert!(matches!(error(Errno::ROFS), FinishError::NotWritable(_)));
    assert!(matches!(
        error(Errno::ISDIR),
        FinishError::DestinationIsDirectory(_)
    ));
    assert!(matches!(error(Errno::XDEV), FinishError::OtherVolume(_)));
    assert!(matches!(error(Errno::IO), FinishError::Io(_)));
}
