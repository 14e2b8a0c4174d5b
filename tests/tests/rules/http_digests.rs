//! Digests of whole files (rule H6).

use backhaul::{Digest, ErrorKind, RestartReason};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::{Fixture, Recorder, What};
use sha2::{Digest as _, Sha512};

const LEN: u64 = 300_000;

fn object() -> Object {
    Object::generated(1, LEN)
}

fn sha256(object: &Object) -> Digest {
    Digest::sha256_hex(&object.sha256()).unwrap()
}

fn sha512(object: &Object) -> Digest {
    let mut bytes = Vec::new();
    object.write_to(&mut bytes).unwrap();
    let hex: String = Sha512::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Digest::sha512_hex(&hex).unwrap()
}

#[test]
fn the_callers_digest_is_verified_across_resumes() {
    // rule H6
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let other = Object::generated(9, LEN);
    let table = [
        ("right256", sha256(&object()), None),
        ("right512", sha512(&object()), None),
        ("wrong256", sha256(&other), Some(ErrorKind::DigestMismatch)),
        ("wrong512", sha512(&other), Some(ErrorKind::DigestMismatch)),
    ];
    for (name, digest, expected) in table {
        fixture.server.put(name, object());
        let cuts = vec![Fault::Truncate(100_000), Fault::ResetAfter(50_000)];
        fixture.server.script(name, cuts);
        let request = fixture.request(name).expected_digest(digest);
        let task = session.download_task(request).unwrap();
        task.resume().unwrap();
        let kind = delegate.wait_for_end(task.id()).map(|failure| failure.kind);
        assert_eq!(kind, expected, "{name}");
        assert_eq!(fixture.file(name).exists(), expected.is_none());
        assert!(delegate.order_for(task.id()).contains(&"resumed"), "{name}");
    }
    fixture.assert_no_leftovers();
}

#[test]
fn a_wrong_digest_from_the_first_byte_is_not_fetched_again() {
    // rule H6
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.put("a", object());
    let request = fixture
        .request("a")
        .expected_digest(sha256(&Object::generated(9, LEN)));
    let task = session.download_task(request).unwrap();
    task.resume().unwrap();
    let failure = delegate.wait_for_failure(task.id());
    assert_eq!(failure.kind, ErrorKind::DigestMismatch);
    assert_eq!(fixture.server.requests().len(), 1);
}

#[test]
fn the_servers_digest_is_verified_across_resumes() {
    // rule H6
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let table = [
        ("right", object().repr_digest(), None),
        (
            "wrong",
            object().wrong_digest(),
            Some(ErrorKind::DigestMismatch),
        ),
    ];
    for (name, object, expected) in table {
        fixture.server.script(name, vec![Fault::Truncate(100_000)]);
        let task = fixture.fetch(&session, name, &object);
        let kind = delegate.wait_for_end(task.id()).map(|failure| failure.kind);
        assert_eq!(kind, expected, "{name}");
        assert_eq!(fixture.file(name).exists(), expected.is_none());
    }
    fixture.assert_no_leftovers();
}

#[test]
fn a_digest_stands_in_for_a_validator() {
    // rule R5, rule H6
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let bare = [object().without_validators(), object().weak_etag()];
    for (number, object) in bare.into_iter().enumerate() {
        let name = format!("o{number}");
        fixture.server.put(&name, object.clone());
        fixture.server.script(&name, vec![Fault::Truncate(200_000)]);
        let request = fixture.request(&name).expected_digest(sha256(&object));
        let task = session.download_task(request).unwrap();
        task.resume().unwrap();
        let arrived = delegate.wait_for_file(task.id());
        assert!(!arrived.validator_weak, "the digest has judged it");
        let asked = &fixture.server.requests_for(&name)[1];
        assert_eq!(
            asked.range.as_deref(),
            Some("bytes=134464-"),
            "64 KiB are compared"
        );
        assert_eq!(asked.if_range, None);
        fixture.assert_arrived(&name, &object);
    }
}

#[test]
fn a_splice_is_found_and_fetched_again_once() {
    // rule R5, rule R9, rule H6
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    // Two versions that agree where the overlap is compared: only the first bytes differ.
    let mut bytes = Vec::new();
    object().write_to(&mut bytes).unwrap();
    let new = Object::bytes(bytes.clone()).without_validators();
    bytes[0] ^= 1;
    let old = Object::bytes(bytes).without_validators();
    fixture.server.put("a", old);
    fixture.server.script("a", vec![Fault::Stall(200_000)]);
    let request = fixture.request("a").expected_digest(sha256(&new));
    let task = session.download_task(request).unwrap();
    task.resume().unwrap();
    delegate.wait_for_call(
        task.id(),
        |what| matches!(what, What::Wrote(progress) if progress.received == 200_000),
    );
    task.suspend().unwrap();
    fixture.server.put("a", new.clone());
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
    let reason = RestartReason::DigestMismatch;
    delegate.wait_for_call(
        task.id(),
        |what| matches!(what, What::Restarted(why, LEN) if *why == reason),
    );
    fixture.assert_arrived("a", &new);
}

#[test]
fn a_file_without_a_length_is_flagged_unless_something_vouches_for_it() {
    // rule R8
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let bare = fixture.request("a");
    let table = [
        (bare.clone(), true),
        (bare.clone().expected_size(LEN), false),
        (bare.expected_digest(sha256(&object())), false),
    ];
    fixture.server.put("a", object());
    fixture.server.always("a", Fault::CloseDelimited);
    for (request, flagged) in table {
        let task = session.download_task(request).unwrap();
        task.resume().unwrap();
        let arrived = delegate.wait_for_file(task.id());
        assert_eq!(arrived.length_unverified, flagged);
        fixture.assert_arrived("a", &object());
    }
}
