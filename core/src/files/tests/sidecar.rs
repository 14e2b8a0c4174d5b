//! Torn, cut, foreign and replaced records.

use std::fs;

use super::super::slot::{FORMAT_VERSION, HEADER_BYTES, PAYLOAD_MAX_BYTES, SLOT_BYTES, Slot};
use super::*;

type Read = Result<Record<Progress>, SidecarError>;

/// A sidecar whose newest record is `older` then `newest`; its bytes, and where the newest slot
/// begins.
fn two_generations(paths: &PartPaths) -> (Vec<u8>, usize) {
    let mut sidecar = Sidecar::create(paths, &progress("\"a\"", 100)).unwrap();
    sidecar.write(&progress("\"a\"", 200)).unwrap();
    // Generation 1 is in the second slot, generation 2 in the first.
    (fs::read(&paths.sidecar).unwrap(), 0)
}

fn offset_read(paths: &PartPaths) -> u64 {
    let read: Read = Sidecar::read(&paths.sidecar);
    read.unwrap().payload.offset
}

#[test]
fn the_newest_record_is_read_and_writing_goes_on_after_opening() {
    // rule D3
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    drop(Sidecar::create(&paths, &progress("\"a\"", 0)).unwrap());
    for offset in 1..=5 {
        let (mut sidecar, record): (_, Record<Progress>) = Sidecar::open(&paths).unwrap();
        assert_eq!(
            record,
            Record {
                payload: progress("\"a\"", offset - 1),
                seal: None
            }
        );
        sidecar.write(&progress("\"a\"", offset)).unwrap();
    }
    assert_eq!(offset_read(&paths), 5);
    assert!(fs::metadata(&paths.sidecar).unwrap().len() <= 2 * SLOT_BYTES as u64);
}

#[test]
fn sidecars_are_the_users_alone() {
    // rule T3
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    drop(Sidecar::create(&paths, &progress("\"a\"", 0)).unwrap());
    assert_eq!(mode_of(&paths.sidecar), 0o600);
}

#[test]
fn every_garbled_byte_of_the_newest_slot_leaves_the_older_generation() {
    // rule D3
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let (whole, newest) = two_generations(&paths);
    let used = HEADER_BYTES + serde_json::to_vec(&progress("\"a\"", 200)).unwrap().len();
    for at in newest..newest + used {
        let mut garbled = whole.clone();
        garbled[at] ^= 0x5A;
        fs::write(&paths.sidecar, &garbled).unwrap();
        assert_eq!(offset_read(&paths), 100, "byte {at}");
    }
}

#[test]
fn every_prefix_of_a_slot_write_leaves_a_readable_record() {
    // rule D3
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let (before, _) = two_generations(&paths);
    let (mut sidecar, _): (_, Record<Progress>) = Sidecar::open(&paths).unwrap();
    // Longer than the one it overwrites, so that old and new bytes mix in every way.
    sidecar.write(&progress("\"another\"", 300)).unwrap();
    let after = fs::read(&paths.sidecar).unwrap();

    let written = SLOT_BYTES..after.len();
    for end in written.clone() {
        let mut torn = before.clone();
        torn.truncate(torn.len().max(end));
        if torn.len() < end {
            torn.resize(end, 0);
        }
        torn[written.start..end].copy_from_slice(&after[written.start..end]);
        fs::write(&paths.sidecar, &torn).unwrap();
        assert_eq!(offset_read(&paths), 200, "cut at byte {end}");
        // And writing goes on from there, over the torn slot.
        let (mut sidecar, _): (_, Record<Progress>) = Sidecar::open(&paths).unwrap();
        sidecar.write(&progress("\"a\"", 250)).unwrap();
        assert_eq!(offset_read(&paths), 250, "cut at byte {end}");
    }
    fs::write(&paths.sidecar, &after).unwrap();
    assert_eq!(offset_read(&paths), 300);
}

#[test]
fn a_file_cut_to_any_length_never_yields_a_wrong_record() {
    // rule T7
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let (whole, _) = two_generations(&paths);
    let payload_bytes = serde_json::to_vec(&progress("\"a\"", 200)).unwrap().len();
    for length in 0..whole.len() {
        fs::write(&paths.sidecar, &whole[..length]).unwrap();
        let read: Read = Sidecar::read(&paths.sidecar);
        if length < HEADER_BYTES + payload_bytes {
            assert!(
                matches!(read, Err(SidecarError::Unreadable)),
                "length {length}"
            );
        } else {
            assert_eq!(read.unwrap().payload.offset, 200, "length {length}");
        }
    }
}

#[test]
fn after_a_replacement_no_slot_remembers_the_old_version() {
    // rule R9
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let mut sidecar = Sidecar::create(&paths, &progress("\"a\"", 100)).unwrap();
    sidecar.write(&progress("\"a\"", 200)).unwrap();
    sidecar.replace(&progress("\"b\"", 0)).unwrap();
    // Whichever slot a power cut destroys next.
    let whole = fs::read(&paths.sidecar).unwrap();
    for slot in [0, SLOT_BYTES] {
        let mut torn = whole.clone();
        torn[slot + 20] ^= 1;
        fs::write(&paths.sidecar, &torn).unwrap();
        let read: Read = Sidecar::read(&paths.sidecar);
        assert_eq!(read.unwrap().payload, progress("\"b\"", 0));
    }
}

#[test]
fn a_new_sidecar_forgets_what_an_earlier_one_of_its_name_said() {
    // rule R9
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let (_, _) = two_generations(&paths);
    drop(Sidecar::create(&paths, &progress("\"b\"", 0)).unwrap());
    assert_eq!(offset_read(&paths), 0);
}

#[test]
fn a_newer_format_is_told_apart_from_a_torn_slot_and_left_alone() {
    // rule D6
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let (whole, newest) = two_generations(&paths);
    let newer = Slot {
        version: FORMAT_VERSION + 1,
        generation: 3,
        seal: None,
        payload: b"\xFFnot JSON".to_vec(),
    };
    let mut bytes = whole;
    let encoded = newer.encode().unwrap();
    bytes[newest..newest + encoded.len()].copy_from_slice(&encoded);
    fs::write(&paths.sidecar, &bytes).unwrap();
    let read: Read = Sidecar::read(&paths.sidecar);
    assert!(
        matches!(
            read,
            Err(SidecarError::NewerVersion {
                found: 2,
                supported: 1
            })
        ),
        "{read:?}"
    );
    assert_eq!(fs::read(&paths.sidecar).unwrap(), bytes);
}

#[test]
fn a_record_too_large_is_refused_and_the_older_one_stands() {
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let mut sidecar = Sidecar::create(&paths, &progress("\"a\"", 100)).unwrap();
    let huge = progress(&"x".repeat(PAYLOAD_MAX_BYTES), 200);
    for refused in [sidecar.write(&huge), sidecar.replace(&huge)] {
        assert!(matches!(
            refused,
            Err(SidecarError::TooLarge {
                limit_bytes: PAYLOAD_MAX_BYTES,
                ..
            })
        ));
    }
    assert_eq!(offset_read(&paths), 100);
    assert!(matches!(
        Sidecar::create(&paths, &huge),
        Err(SidecarError::TooLarge { .. })
    ));
    assert_eq!(offset_read(&paths), 100);
}

#[test]
fn no_sidecar_and_a_foreign_payload_are_typed_errors() {
    let scratch = scratch();
    let paths = paths_in(scratch.path(), 1);
    let read: Read = Sidecar::read(&paths.sidecar);
    assert!(matches!(read, Err(SidecarError::Missing)));
    drop(Sidecar::create(&paths, &["not", "progress"]).unwrap());
    let read: Read = Sidecar::read(&paths.sidecar);
    assert!(matches!(read, Err(SidecarError::Payload(_))));
}
