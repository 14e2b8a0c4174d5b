//! Time, bandwidth and space.

use std::time::Instant;

use backhaul_fault_server::Fault;

use super::*;

const SHORT: Duration = Duration::from_millis(300);

#[test]
fn silence_ends_the_attempt_and_keeps_the_bytes() {
    // rule R8
    let room = Room::new();
    let object = Object::generated(1, 4_000_000);
    room.server.put("a", object.clone());
    room.server.script("a", vec![Fault::Stall(1_500_000)]);
    let mut first = room.transfer("a");
    first.timeout_for_request = SHORT;
    let (error, _, received) = room.run(&first).failed();
    assert_eq!(error.kind(), ErrorKind::RequestTimedOut, "{error}");
    assert!(error.is_retryable() && error.is_timeout());
    assert_eq!(received, 1_500_000);

    let second = next(&first);
    let told = room.run(&second);
    assert_eq!(told.offsets(), [received]);
    room.assert_arrived(told, &second, &object);
}

#[test]
fn no_answer_at_all_is_silence_too() {
    let room = Room::new();
    room.server.put("a", Object::generated(1, 10));
    room.server
        .script("a", vec![Fault::NoAnswer, Fault::SlowHeadersMs(100)]);
    for _ in 0..2 {
        let mut transfer = room.transfer("a");
        transfer.timeout_for_request = SHORT;
        room.run(&transfer).failed_with(ErrorKind::RequestTimedOut);
    }
}

#[test]
fn a_slow_body_is_not_silence() {
    let room = Room::new();
    let object = Object::generated(2, 60_000);
    room.server.put("a", object.clone());
    room.server.script("a", vec![Fault::SlowBody(60_000)]);
    let mut transfer = room.transfer("a");
    transfer.timeout_for_request = SHORT;
    room.assert_arrived(room.run(&transfer), &transfer, &object);
}

#[test]
fn the_session_s_bandwidth_is_shared_and_kept() {
    let server = FaultServer::start().unwrap();
    let room = Room::with(server, |settings| settings.bandwidth_limit(Some(1_000_000)));
    let object = Object::generated(3, 300_000);
    room.server.put("a", object.clone());
    let transfers = [room.transfer("a"), room.transfer("a")].map(|mut transfer| {
        // Waiting for our own limit is no silence of the server's.
        transfer.timeout_for_request = SHORT;
        transfer
    });
    let began = Instant::now();
    for transfer in &transfers {
        room.transport.start(transfer.clone());
    }
    for transfer in &transfers {
        room.assert_arrived(room.told(transfer.id), transfer, &object);
    }
    let took = began.elapsed();
    assert!(
        took >= Duration::from_millis(500),
        "{took:?} for 0.6 s worth of bytes"
    );
}

#[test]
fn progress_is_told_at_most_ten_times_a_second() {
    // rule E2
    let room = Room::new();
    room.server.put("a", Object::generated(4, 1_000_000));
    room.server.script("a", vec![Fault::SlowBody(1_500_000)]);
    let began = Instant::now();
    let told = room.run(&room.transfer("a"));
    let most = began.elapsed().as_millis() / 100 + 1;
    let calls = told
        .events
        .iter()
        .filter(|event| matches!(event, TransferEvent::Progressed { .. }));
    let calls = calls.count() as u128;
    assert!((1..=most).contains(&calls), "{calls} of {most}");
}

#[test]
fn a_file_that_does_not_fit_is_not_begun() {
    // rule D9
    let room = Room::new();
    room.server.put("a", Object::generated(5, 1 << 50));
    let transfer = room.transfer("a");
    let (error, _, received) = room.run(&transfer).failed();
    assert_eq!(error.kind(), ErrorKind::NoSpace, "{error}");
    assert_eq!((error.needed_bytes(), received), (Some(1 << 50), 0));
    assert!(error.is_retryable());
}
