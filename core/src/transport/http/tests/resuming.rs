//! Going on where an earlier attempt ended (rules R1 to R8, D3).

use backhaul_fault_server::Fault;

use super::*;

const LEN: u64 = 8_000_000;
const CUT: u64 = 3_000_000;

/// A first attempt that the connection broke in.
fn cut(room: &Room, name: &str, object: &Object) -> (Transfer, u64) {
    room.server.put(name, object.clone());
    room.server.script(name, vec![Fault::Truncate(CUT)]);
    let first = room.transfer(name);
    let (error, _, received) = room.run(&first).failed();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error}");
    assert!(error.is_retryable(), "rule R8");
    assert_eq!(received, CUT, "rule R8: its bytes are kept");
    room.server.clear_log();
    (next(&first), received)
}

#[test]
fn a_cut_transfer_goes_on() {
    // rule R2, rule R8
    let room = Room::new();
    let object = Object::generated(1, LEN);
    let (second, received) = cut(&room, "a", &object);
    let told = room.run(&second);
    assert_eq!((told.offsets(), told.restarts()), (vec![received], vec![]));
    room.assert_arrived(told, &second, &object);
    let request = &room.server.requests_for("a")[0];
    assert_eq!(request.range, Some(format!("bytes={received}-")));
    assert!(request.if_range.is_some());
    assert_eq!(room.server.bytes_sent("a"), LEN - received);
}

#[test]
fn a_stopped_transfer_keeps_its_bytes() {
    // rule D3
    let room = Room::new();
    let object = Object::generated(2, LEN);
    room.server.put("a", object.clone());
    room.server.limit_rate(Some(4_000_000));
    let first = room.transfer("a");
    let kept = room.run_until(&first, 500_000).stopped_at();
    assert!(kept >= 500_000, "{kept}");
    room.server.limit_rate(None);

    let second = next(&first);
    let told = room.run(&second);
    assert_eq!(told.offsets(), [kept]);
    room.assert_arrived(told, &second, &object);
}

#[test]
fn a_stop_is_heard_while_the_server_is_silent() {
    let room = Room::new();
    room.server.put("a", Object::generated(2, LEN));
    room.server.script("a", vec![Fault::NoAnswer]);
    let transfer = room.transfer("a");
    room.transport.start(transfer.clone());
    assert!(
        room.server
            .wait_until(|state| state.request_count() == 1, PATIENCE)
    );
    room.transport.stop(transfer.id);
    assert_eq!(room.told(transfer.id).stopped_at(), 0);
}

#[test]
fn an_object_that_changed_begins_again_in_the_same_answer() {
    // rule R4, rule R7
    let room = Room::new();
    let (second, _) = cut(&room, "a", &Object::generated(3, LEN));
    let changed = Object::generated(4, LEN);
    room.server.put("a", changed.clone());
    let told = room.run(&second);
    assert_eq!(told.restarts(), [RestartReason::ObjectChanged]);
    assert_eq!(told.offsets(), [0]);
    let finished = room.assert_arrived(told, &second, &changed);
    assert_eq!(finished.metrics.discarded, CUT);
    assert_eq!(room.server.requests_for("a").len(), 1);
}

#[test]
fn an_object_that_never_rests_is_given_up() {
    // rule R7
    let room = Room::new();
    let (mut transfer, _) = cut(&room, "a", &Object::generated(5, LEN));
    for version in 0..3 {
        room.server.put("a", Object::generated(6 + version, LEN));
        room.server.script("a", vec![Fault::Truncate(CUT)]);
        let told = room.run(&transfer);
        assert_eq!(told.restarts(), [RestartReason::ObjectChanged]);
        told.failed_with(ErrorKind::ConnectionLost);
        transfer = next(&transfer);
    }
    room.server.put("a", Object::generated(9, LEN));
    room.run(&transfer)
        .failed_with(ErrorKind::ValidatorUnstable);
}

#[test]
fn a_server_that_ignores_ranges_sends_all_of_it() {
    // rule R4
    let room = Room::new();
    let object = Object::generated(6, LEN);
    let (second, _) = cut(&room, "a", &object);
    room.server.always("a", Fault::IgnoreRange);
    let told = room.run(&second);
    assert_eq!(told.restarts(), [RestartReason::RangeIgnored]);
    room.assert_arrived(told, &second, &object);
    let requests = room.server.requests_for("a");
    let conditions: Vec<bool> = requests.iter().map(|r| r.if_range.is_some()).collect();
    assert_eq!(conditions, [true, false], "one plain Range is tried");
}

#[test]
fn without_a_validator_the_transfer_begins_again() {
    // rule R5
    let room = Room::new();
    let object = Object::generated(7, LEN).without_validators();
    let (second, _) = cut(&room, "a", &object);
    let told = room.run(&second);
    assert_eq!(told.restarts(), [RestartReason::NoValidator]);
    room.assert_arrived(told, &second, &object);
}

#[test]
fn the_lenient_compare_an_overlap_and_say_so() {
    // rule R5
    let room = Room::new();
    let object = Object::generated(8, LEN).without_validators();
    let (mut second, received) = cut(&room, "a", &object);
    second.resume_policy = ResumePolicy::Lenient;
    let told = room.run(&second);
    assert_eq!((told.offsets(), told.restarts()), (vec![received], vec![]));
    assert!(room.assert_arrived(told, &second, &object).validator_weak);

    let (mut second, _) = cut(&room, "b", &object);
    second.resume_policy = ResumePolicy::Lenient;
    let changed = Object::generated(9, LEN).without_validators();
    room.server.put("b", changed.clone());
    let told = room.run(&second);
    assert_eq!(told.restarts(), [RestartReason::OverlapDiffers]);
    assert!(!room.assert_arrived(told, &second, &changed).validator_weak);
}

#[test]
fn ranges_that_begin_early_are_compared_and_short_ones_go_on() {
    // rule R3
    let room = Room::new();
    let object = Object::generated(10, LEN);
    let (second, received) = cut(&room, "a", &object);
    let faults = vec![Fault::RangeEarly(4096), Fault::RangeShort(1_000_000)];
    room.server.script("a", faults);
    let told = room.run(&second);
    assert_eq!((told.offsets(), told.restarts()), (vec![received], vec![]));
    room.assert_arrived(told, &second, &object);

    let (second, _) = cut(&room, "b", &object);
    room.server.script("b", vec![Fault::RangeShort(1_000_000)]);
    let told = room.run(&second);
    assert_eq!(told.restarts(), []);
    room.assert_arrived(told, &second, &object);
    assert_eq!(
        room.server.requests_for("b").len(),
        2,
        "the rest was asked for"
    );
}

#[test]
fn ranges_that_were_not_asked_for_begin_again() {
    // rule R3
    let object = Object::generated(11, LEN);
    for fault in [
        Fault::RangeLate(1000),
        Fault::RangeWithoutContentRange,
        Fault::RangeGarbage,
        Fault::RangeUnplaced,
        Fault::NotSatisfiableBare,
    ] {
        let room = Room::new();
        let (second, _) = cut(&room, "a", &object);
        room.server.script("a", vec![fault.clone()]);
        let told = room.run(&second);
        assert_eq!(told.restarts(), [RestartReason::RangeMismatch], "{fault:?}");
        room.assert_arrived(told, &second, &object);
    }
}

#[test]
fn a_file_that_is_all_here_is_only_asked_about() {
    // rule R6
    let room = Room::new();
    let object = Object::generated(12, LEN);
    room.server.put("a", object.clone());
    room.server.script("a", vec![Fault::ChunkedAbort(LEN)]);
    let first = room.transfer("a");
    let (_, _, received) = room.run(&first).failed();
    assert_eq!(received, LEN, "everything but the last chunk");
    let second = next(&first);
    let told = room.run(&second);
    assert_eq!(told.restarts(), []);
    let finished = room.assert_arrived(told, &second, &object);
    assert!(
        finished.metrics.received <= 1,
        "{}",
        finished.metrics.received
    );
}

#[test]
fn a_lost_part_file_and_a_broken_record_begin_again() {
    // rule D3
    let room = Room::new();
    let object = Object::generated(13, LEN);
    let (second, _) = cut(&room, "a", &object);
    std::fs::remove_file(&second.paths.part).unwrap();
    let told = room.run(&second);
    assert_eq!(told.offsets(), [0]);
    room.assert_arrived(told, &second, &object);

    let (second, _) = cut(&room, "b", &object);
    std::fs::write(&second.paths.sidecar, [7; 20_000]).unwrap();
    assert!(!is_resumable(&second.paths));
    let told = room.run(&second);
    assert_eq!(told.offsets(), [0]);
    room.assert_arrived(told, &second, &object);
}

#[test]
fn what_can_be_resumed_is_known() {
    // rule L4
    let room = Room::new();
    let (second, _) = cut(&room, "a", &Object::generated(14, LEN));
    assert!(is_resumable(&second.paths));
    let (weak, _) = cut(&room, "b", &Object::generated(14, LEN).weak_etag());
    assert!(!is_resumable(&weak.paths));
    std::fs::write(&second.paths.part, "short").unwrap();
    assert!(!is_resumable(&second.paths));
}
