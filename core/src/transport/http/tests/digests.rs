//! The digest of the whole file, across resumptions (rule H6).

use backhaul_fault_server::Fault;

use super::*;
use crate::protocol::digest::Digest;

const LEN: usize = 6_000_000;
const CUT: u64 = 2_000_000;

fn digest_of(object: &Object) -> Option<Digest> {
    Some(Digest::sha256_hex(&object.sha256()).unwrap())
}

/// Two versions that differ only in the first byte: no overlap shows it.
fn versions() -> (Object, Object) {
    let mut bytes = vec![0_u8; LEN];
    let old = Object::bytes(bytes.clone()).without_validators();
    bytes[0] = 1;
    (old, Object::bytes(bytes).without_validators())
}

#[test]
fn a_right_digest_is_a_file_and_a_wrong_one_is_none() {
    // rule H6
    let room = Room::new();
    let object = Object::generated(1, LEN as u64);
    room.server.put("a", object.clone());
    let mut transfer = room.transfer("a");
    transfer.expected_digest = digest_of(&object);
    room.assert_arrived(room.run(&transfer), &transfer, &object);

    let mut transfer = room.transfer("a");
    transfer.expected_digest = digest_of(&Object::generated(2, 5));
    let told = room.run(&transfer);
    assert_eq!(told.restarts(), [], "from zero it would be no better again");
    told.failed_with(ErrorKind::DigestMismatch);
}

#[test]
fn the_server_s_own_digest_counts() {
    // rule H6
    let room = Room::new();
    let object = Object::generated(3, LEN as u64);
    room.server.put("right", object.clone().repr_digest());
    room.server.put("wrong", object.clone().wrong_digest());
    let transfer = room.transfer("right");
    room.assert_arrived(room.run(&transfer), &transfer, &object);
    let transfer = room.transfer("wrong");
    room.run(&transfer).failed_with(ErrorKind::DigestMismatch);
}

#[test]
fn a_digest_spans_a_resumption() {
    // rule H6, rule R5
    for with_validators in [true, false] {
        let room = Room::new();
        let mut object = Object::generated(4, LEN as u64).repr_digest();
        if !with_validators {
            object = object.without_validators();
        }
        room.server.put("a", object.clone());
        room.server.script("a", vec![Fault::Truncate(CUT)]);
        let first = room.transfer("a");
        room.run(&first).failed_with(ErrorKind::ConnectionLost);

        let second = next(&first);
        let told = room.run(&second);
        assert_eq!((told.offsets(), told.restarts()), (vec![CUT], vec![]));
        assert!(!room.assert_arrived(told, &second, &object).validator_weak);
    }
}

#[test]
fn a_splice_that_only_the_digest_shows_begins_again_once() {
    // rule R5, rule R9
    let room = Room::new();
    let (old, new) = versions();
    room.server.put("a", old);
    room.server.script("a", vec![Fault::Truncate(CUT)]);
    let mut first = room.transfer("a");
    first.expected_digest = digest_of(&new);
    room.run(&first).failed_with(ErrorKind::ConnectionLost);

    room.server.put("a", new.clone());
    let second = next(&first);
    let told = room.run(&second);
    assert_eq!(told.restarts(), [RestartReason::DigestMismatch]);
    assert_eq!(told.offsets(), [CUT, 0]);
    room.assert_arrived(told, &second, &new);
}
