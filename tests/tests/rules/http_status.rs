//! Which answers are files (rules H5, T5), and how they are asked for (rules R2, H7).

use std::time::Duration;

use backhaul::{ErrorKind, StatusPolicy};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::fixture::{request_to, start, start_foreground};
use backhaul_tests::{Fixture, Recorder, What, long_path};

#[test]
fn a_failure_carries_the_answer_and_never_becomes_the_file() {
    // rule H5, rule T5
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let table = [(1_000, 1_000), (65_536, 65_536), (5_000_000, 65_536)];
    for (bytes, kept) in table {
        let name = format!("e{bytes}");
        fixture
            .server
            .always(&name, Fault::ErrorBody { status: 404, bytes });
        let task = fixture.fetch(&session, &name, &Object::generated(1, 1_000));
        let failure = delegate.wait_for_failure(task.id());
        assert_eq!(failure.kind, ErrorKind::HttpStatus);
        let response = failure.response.unwrap();
        assert_eq!((response.status(), response.body().len()), (404, kept));
        assert!(response.body().iter().all(|byte| *byte == b'x'));
        assert_eq!(response.headers().get("content-type"), Some("text/plain"));
        assert!(!fixture.file(&name).exists());
        assert!(!delegate.order_for(task.id()).contains(&"responded"));
    }
    fixture.assert_no_leftovers();
    // The journal has it too.
    let events = session.events_after(0, 10).unwrap();
    let error = events[0].error.as_ref().unwrap();
    assert_eq!(error.status(), Some(404));
    assert_eq!(error.response().unwrap().body().len(), 1_000);
}

#[test]
fn an_error_page_as_a_file_is_an_option() {
    // rule H5
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let configuration = fixture.background("any").status_policy(StatusPolicy::Any);
    let session = start(configuration, &delegate);
    fixture.server.always("a", Fault::status(404));
    let task = fixture.fetch(&session, "a", &Object::generated(1, 1_000));
    let arrived = delegate.wait_for_file(task.id());
    assert_eq!(arrived.response.unwrap().status(), 404);
    assert_eq!(std::fs::read(fixture.file("a")).unwrap(), b"status 404\n");
    fixture.assert_no_leftovers();
}

#[test]
fn the_page_of_a_portal_is_no_file_of_a_known_size_or_digest() {
    // rule H5, rule H6
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let object = Object::generated(1, 1_000);
    let digest = backhaul::Digest::sha256_hex(&object.sha256()).unwrap();
    fixture.server.put("a", object);
    fixture.server.always("a", Fault::CaptivePortal);
    let table = [
        (
            fixture.request("a").expected_size(1_000),
            ErrorKind::SizeMismatch,
        ),
        (
            fixture.request("a").expected_digest(digest),
            ErrorKind::DigestMismatch,
        ),
    ];
    for (request, kind) in table {
        let task = session.download_task(request).unwrap();
        task.resume().unwrap();
        assert_eq!(delegate.wait_for_failure(task.id()).kind, kind);
        assert!(!fixture.file("a").exists());
    }
    fixture.assert_no_leftovers();
}

#[test]
fn files_are_asked_for_as_they_are() {
    // rule R2
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let configuration = fixture
        .background("r2")
        .additional_header("X-App", "maps")
        .unwrap();
    let configuration = configuration
        .additional_header("X-Kind", "session")
        .unwrap();
    let session = start(configuration, &delegate);
    let object = Object::generated(1, 200_000).etag("\"v1\"");
    fixture.server.put("a", object.clone());
    fixture.server.script("a", vec![Fault::Truncate(100_000)]);
    let request = fixture.request("a").header("X-Kind", "request").unwrap();
    let task = session.download_task(request).unwrap();
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
    let asked = fixture.server.requests_for("a");
    assert_eq!(asked.len(), 2);
    for request in &asked {
        assert_eq!(request.method, "GET");
        assert_eq!(request.header("accept-encoding"), Some("identity"));
        assert_eq!(request.header("x-app"), Some("maps"));
        assert_eq!(
            request.header("x-kind"),
            Some("request"),
            "the request's own wins"
        );
    }
    assert_eq!((&asked[0].range, &asked[0].if_range), (&None, &None));
    assert_eq!(asked[1].range.as_deref(), Some("bytes=100000-"));
    assert_eq!(asked[1].if_range.as_deref(), Some("\"v1\""));
    fixture.assert_arrived("a", &object);
}

#[test]
fn both_protocols_are_spoken() {
    // rule H7
    for (fixture, version) in [
        (Fixture::new(), "HTTP/1.1"),
        (Fixture::tls(), "HTTP/1.1"),
        (Fixture::http2(), "HTTP/2.0"),
    ] {
        let delegate = Recorder::new();
        let session = fixture.session(&delegate);
        fixture
            .server
            .script("a", vec![Fault::ResetAfter(1_000_000)]);
        let object = Object::generated(1, 3_000_000);
        let task = fixture.fetch(&session, "a", &object);
        let arrived = delegate.wait_for_file(task.id());
        assert_eq!(arrived.response.unwrap().http_version(), version);
        let metrics = delegate.wait_for_call(task.id(), |what| matches!(what, What::Metrics(_)));
        assert!(matches!(metrics.what, What::Metrics(metrics) if metrics.http_version == version));
        fixture.assert_arrived("a", &object);
    }
}

#[test]
fn a_long_path_is_not_the_limit() {
    // rule H7
    // 100 ms there and back. With the window that HTTP/2 begins with, 64 KiB, 6 MiB take ten seconds.
    const LEN: u64 = 6 * 1024 * 1024;
    for fixture in [Fixture::http2(), Fixture::tls()] {
        let delegate = Recorder::new();
        let session = fixture.session(&delegate);
        let object = Object::generated(1, LEN);
        fixture.server.put("a", object.clone());
        let port = long_path::to(fixture.server.port(), Duration::from_millis(50));
        let url = format!("https://127.0.0.1:{port}/o/a");
        let task = session.download_task(request_to(&url, "a")).unwrap();
        task.resume().unwrap();
        delegate.wait_for_file(task.id());
        let metrics = delegate.wait_for_call(task.id(), |what| matches!(what, What::Metrics(_)));
        let What::Metrics(metrics) = metrics.what else {
            unreachable!()
        };
        assert!(
            metrics.first_byte >= Duration::from_millis(100),
            "{metrics:?}"
        );
        assert!(metrics.duration < Duration::from_secs(4), "{metrics:?}");
        fixture.assert_arrived("a", &object);
    }
}

#[test]
fn streams_share_a_connection() {
    // rule H7
    let fixture = Fixture::http2();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    // The first one makes the connection.
    let object = Object::generated(1, 50_000);
    let first = fixture.fetch(&session, "first", &object);
    delegate.wait_for_file(first.id());
    fixture.server.clear_log();
    let tasks: Vec<_> = (0..20)
        .map(|number| fixture.fetch(&session, &format!("o{number}"), &object))
        .collect();
    for task in &tasks {
        delegate.wait_for_file(task.id());
    }
    fixture.wait_for_server(|server| server.connections_made() == 0);
    fixture.assert_no_leftovers();
}

#[test]
fn a_host_gets_no_more_connections_than_allowed() {
    // rule H7
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let configuration = fixture.foreground().max_connections_per_host(3);
    let session = start_foreground(configuration, &delegate);
    let tasks: Vec<_> = (0..12)
        .map(|number| {
            let name = format!("o{number}");
            fixture.server.script(&name, vec![Fault::DelayMs(50)]);
            fixture.fetch(&session, &name, &Object::generated(1, 50_000))
        })
        .collect();
    for task in &tasks {
        delegate.wait_for_file(task.id());
    }
    fixture.wait_for_server(|server| server.connections_peak() == 3);
}
