//! TLS and HTTP/2 (rules T1, H7).

use backhaul_fault_server::Fault;

use super::*;

const LEN: u64 = 6_000_000;

fn secure_room(http2: bool) -> Room {
    let server = FaultServer::builder()
        .tls(true)
        .http2(http2)
        .start()
        .unwrap();
    let root = server.ca_certificate_pem().unwrap().to_owned();
    Room::with(server, |settings| settings.root_certificate(root))
}

#[test]
fn https_by_either_protocol() {
    // rule H7
    for (http2, version) in [(false, "HTTP/1.1"), (true, "HTTP/2.0")] {
        let room = secure_room(http2);
        let object = Object::generated(1, LEN);
        room.server.put("a", object.clone());
        room.server.script("a", vec![Fault::Truncate(1_000_000)]);
        let first = room.transfer("a");
        let (error, _, received) = room.run(&first).failed();
        assert!(error.is_retryable(), "{error}");
        let second = next(&first);
        let told = room.run(&second);
        assert_eq!((told.offsets(), told.restarts()), (vec![received], vec![]));
        let finished = room.assert_arrived(told, &second, &object);
        assert_eq!(finished.metrics.http_version, version);
    }
}

#[test]
fn a_stranger_s_certificate_is_refused() {
    // rule T1
    let server = FaultServer::builder().tls(true).start().unwrap();
    server.put("a", Object::generated(1, 10));
    let room = Room::with(server, |settings| settings);
    let error = room.run(&room.transfer("a")).failed_with(ErrorKind::Tls);
    assert!(!error.is_retryable());
    assert_eq!(room.server.requests_for("a").len(), 0);
}

#[test]
fn a_redirect_never_leaves_tls() {
    // rule H3
    let room = secure_room(false);
    room.server.put("a", Object::generated(1, 10));
    room.server.script("a", vec![Fault::RedirectDowngrade]);
    room.run(&room.transfer("a"))
        .failed_with(ErrorKind::RedirectRefused);
}

#[test]
fn http2_streams_that_end_badly_are_retried() {
    // rule H1
    let room = secure_room(true);
    room.server.put("a", Object::generated(2, LEN));
    let faults = [
        Fault::GoAway(500_000),
        Fault::ResetAfter(500_000),
        Fault::ResetBeforeHeaders,
    ];
    for fault in faults {
        room.server.script("a", vec![fault.clone()]);
        let transfer = room.transfer("a");
        let error = room.run(&transfer).failed().0;
        assert_eq!(
            error.kind(),
            ErrorKind::ConnectionLost,
            "{fault:?}: {error}"
        );
    }
    let object = Object::generated(2, LEN);
    for fault in [Fault::RefusedStream, Fault::GoAwayGracefully] {
        room.server.script("a", vec![fault.clone()]);
        let mut transfer = room.transfer("a");
        // A server that closes behind its GOAWAY may cut off what is still on the wire.
        let told = loop {
            let told = room.run(&transfer);
            match told.events.last() {
                Some(TransferEvent::Failed { error, .. }) => assert!(error.is_retryable()),
                _ => break told,
            }
            transfer = next(&transfer);
        };
        room.assert_arrived(told, &transfer, &object);
    }
}

#[test]
fn a_flood_of_header_fields_is_refused_over_http2_too() {
    // rule T5
    let room = secure_room(true);
    room.server.put("a", Object::generated(3, 10));
    for count in [8, 20, 100] {
        let value_bytes = 10_000;
        let flood = Fault::HeaderFlood { count, value_bytes };
        room.server.script("a", vec![flood]);
        let transfer = room.transfer("a");
        let error = room.run(&transfer).failed().0;
        assert_eq!(
            error.kind(),
            ErrorKind::ResponseTooLarge,
            "{count}: {error}"
        );
    }
}
