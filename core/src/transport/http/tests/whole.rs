//! Downloads without a fault.

use super::*;

#[test]
fn a_file_arrives_whole() {
    let room = Room::new();
    let object = Object::generated(1, 5_000_000);
    room.server.put("a", object.clone());
    let transfer = room.transfer("a");
    let told = room.run(&transfer);
    assert_eq!(told.offsets(), [0]);
    let finished = room.assert_arrived(told, &transfer, &object);

    assert!(!finished.length_unverified && !finished.validator_weak);
    assert_eq!(finished.response.status(), 200);
    let metrics = finished.metrics;
    assert_eq!(metrics.received, 5_000_000);
    assert_eq!(metrics.http_version, "HTTP/1.1");
    assert!(metrics.duration >= metrics.first_byte && metrics.first_byte > Duration::ZERO);
    let port = room.server.port();
    assert_eq!(metrics.remote_address, Some(format!("127.0.0.1:{port}")));
    let request = &room.server.requests_for("a")[0];
    assert_eq!(
        request.header("accept-encoding"),
        Some("identity"),
        "rule R2"
    );
    let agent = request.header("user-agent").unwrap();
    assert!(agent.starts_with("backhaul/"), "{agent}");
}

#[test]
fn small_files_share_a_connection_and_pay_for_no_record() {
    let room = Room::new();
    let object = Object::generated(2, 100_000);
    room.server.put("s", object.clone());
    for _ in 0..20 {
        let transfer = room.transfer("s");
        let told = room.run(&transfer);
        assert!(!transfer.paths.sidecar.exists());
        room.assert_arrived(told, &transfer, &object);
    }
    let connections = std::cell::Cell::new(0);
    let seen = |state: &backhaul_fault_server::ServerState| {
        connections.set(state.connections_made());
        true
    };
    assert!(room.server.wait_until(seen, PATIENCE));
    assert_eq!(connections.get(), 1);
}

#[test]
fn an_empty_file_and_a_chunked_one_arrive() {
    let room = Room::new();
    let empty = Object::generated(1, 0);
    room.server.put("empty", empty.clone());
    let transfer = room.transfer("empty");
    room.assert_arrived(room.run(&transfer), &transfer, &empty);

    let object = Object::generated(3, 3_000_000);
    room.server.put("chunked", object.clone());
    room.server
        .script("chunked", vec![backhaul_fault_server::Fault::Chunked]);
    let transfer = room.transfer("chunked");
    let finished = room.assert_arrived(room.run(&transfer), &transfer, &object);
    assert!(
        !finished.length_unverified,
        "rule R8: the last chunk marks the end"
    );
}

#[test]
fn starting_twice_does_nothing_and_stopping_a_stranger_is_answered() {
    let room = Room::new();
    let object = Object::generated(4, 2_000_000);
    room.server.put("a", object.clone());
    let transfer = room.transfer("a");
    room.transport.start(transfer.clone());
    let told = room.run(&transfer);
    room.assert_arrived(told, &transfer, &object);
    assert_eq!(room.server.requests_for("a").len(), 1);

    let stranger = next(&transfer).id;
    room.transport.stop(stranger);
    assert_eq!(room.told(stranger).stopped_at(), 0);
}

#[test]
fn a_file_that_a_crash_left_in_its_place_is_not_downloaded_again() {
    // rule D2
    let room = Room::new();
    let object = Object::generated(5, 3_000_000);
    room.server.put("a", object.clone());
    let first = room.transfer("a");
    // Renamed and sealed, and then nobody was told.
    room.assert_arrived(room.run(&first), &first, &object);
    assert!(first.paths.sidecar.exists());

    let second = next(&first);
    let finished = room.assert_arrived(room.run(&second), &second, &object);
    assert_eq!((finished.len(), finished.metrics.received), (3_000_000, 0));
    assert_eq!(room.server.requests_for("a").len(), 1);
}
