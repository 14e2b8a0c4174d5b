//! What a session is and what it outlives (section S of the contract).

use std::sync::Arc;

use backhaul::{
    DelegateQueue, ErrorKind, Request, Session, SessionConfiguration, TaskState, WaitReason,
};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::fixture::{Never, told};
use backhaul_tests::{Fixture, PATIENCE, Recorder, What, files};

#[test]
fn a_background_configuration_has_an_identifier() {
    // rule S1
    let made = SessionConfiguration::background("com.example.maps").unwrap();
    assert_eq!(made.identifier(), Some("com.example.maps"));
    let long = "x".repeat(1025);
    for identifier in ["", " \t", long.as_str()] {
        let error = SessionConfiguration::background(identifier).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidIdentifier);
    }
}

#[test]
fn a_session_is_made_from_configuration_delegate_and_queue() {
    // rule S2
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = Session::background(
        fixture.background("com.example.s2"),
        told(&delegate),
        DelegateQueue::Serial,
    )
    .unwrap();
    let task = fixture.fetch(&session, "a", &Object::generated(1, 10));
    delegate.wait_for_file(task.id());
    // A default session needs no delegate.
    let silent = Session::new(fixture.foreground(), None, DelegateQueue::Serial).unwrap();
    let task = fixture.fetch(&silent, "b", &Object::generated(2, 10));
    let done = silent.wait_until(Some(PATIENCE), |status| {
        status.active == 0 && status.undelivered == 0
    });
    assert_eq!(done.active, 0);
    assert_eq!(task.info().unwrap().state, TaskState::Completed);
    fixture.assert_arrived("b", &Object::generated(2, 10));
}

#[test]
fn a_task_is_created_suspended() {
    // rule S3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.put("a", Object::generated(1, 10));
    let task = session.download_task(fixture.request("a")).unwrap();
    let info = task.info().unwrap();
    assert_eq!(info.state, TaskState::Suspended);
    assert_eq!(info.deadline, None, "the clock does not run yet");
    // Another task goes all the way meanwhile.
    let other = fixture.fetch(&session, "b", &Object::generated(1, 10));
    delegate.wait_for_file(other.id());
    assert!(fixture.server.requests_for("a").is_empty());
    assert_eq!(delegate.order_for(task.id()), ["created"]);
}

#[test]
fn resume_starts_it() {
    // rule S4
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let object = Object::generated(1, 10);
    fixture.server.put("a", object.clone());
    let task = session.download_task(fixture.request("a")).unwrap();
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
    assert_eq!(fixture.server.requests_for("a").len(), 1);
    fixture.assert_arrived("a", &object);
}

#[test]
fn the_delegate_receives_all_of_it() {
    // rule S6
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let object = Object::generated(1, 300_000).content_type("application/x-map");
    let task = fixture.fetch(&session, "a", &object);
    let arrived = delegate.wait_for_file(task.id());
    assert_eq!(arrived.location, fixture.file("a"));
    assert_eq!(arrived.len, 300_000);
    for call in delegate.calls_for(task.id()) {
        match call.what {
            What::Responded(response) => {
                assert_eq!(
                    (response.status(), response.http_version()),
                    (200, "HTTP/1.1")
                );
                assert_eq!(
                    response.headers().get("content-type"),
                    Some("application/x-map")
                );
                assert_eq!(response.url(), fixture.server.object_url("a"));
            }
            What::Wrote(progress) => assert_eq!(progress.total, Some(300_000)),
            What::Metrics(metrics) => {
                assert_eq!((metrics.received, metrics.discarded), (300_000, 0));
                assert_eq!((metrics.attempts, metrics.redirects), (1, 0));
                assert_eq!(metrics.http_version, "HTTP/1.1");
                let address = metrics.remote_address.unwrap();
                assert!(address.starts_with("127.0.0.1"), "{address}");
                assert!(metrics.duration >= metrics.first_byte);
            }
            _ => {}
        }
    }
    delegate.wait_for(|calls| {
        calls
            .iter()
            .any(|call| matches!(call.what, What::AllDelivered))
    });
}

#[test]
fn a_background_session_goes_on_where_it_was() {
    // rule S7, rule D3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let object = Object::generated(1, 400_000);
    fixture.server.script("a", vec![Fault::Stall(250_000)]);
    let task = fixture.fetch(&session, "a", &object);
    let suspended = session
        .download_task(fixture.request("b").caller_id("later"))
        .unwrap();
    delegate.wait_for_call(
        task.id(),
        |what| matches!(what, What::Wrote(progress) if progress.received == 250_000),
    );
    let (id, later) = (task.id(), suspended.id());
    drop((task, suspended, session));

    let again = Recorder::new();
    let session = fixture.session(&again);
    again.wait_for_file(id);
    fixture.assert_arrived("a", &object);
    let resumed = again.wait_for_call(id, |what| matches!(what, What::ResumedAt(..)));
    assert!(matches!(
        resumed.what,
        What::ResumedAt(250_000, Some(400_000))
    ));
    assert_eq!(
        fixture.server.bytes_sent("a"),
        400_000,
        "no byte came twice"
    );
    let found = session.task_with_caller_id("later").unwrap().unwrap();
    assert_eq!(found.id(), later);
    assert_eq!(found.info().unwrap().state, TaskState::Suspended);
}

#[test]
fn a_default_session_does_not_outlive_itself() {
    // rule S8, rule D8
    let fixture = Fixture::new();
    for configuration in [
        fixture.foreground(),
        SessionConfiguration::ephemeral()
            .container(fixture.container())
            .allow_plain_http("127.0.0.1"),
    ] {
        let delegate = Recorder::new();
        let queue = DelegateQueue::Serial;
        let session = Session::new(configuration, Some(told(&delegate)), queue).unwrap();
        fixture.server.script("a", vec![Fault::Stall(250_000)]);
        let task = fixture.fetch(&session, "a", &Object::generated(1, 400_000));
        delegate.wait_for_call(task.id(), |what| matches!(what, What::Wrote(_)));
        assert!(!files::leftovers(fixture.container()).is_empty());
        drop((task, session));
        assert_eq!(
            files::files_below(fixture.container()),
            [] as [std::path::PathBuf; 0]
        );
    }
    let session = fixture.default_session(&Recorder::new());
    assert!(session.tasks_after(None, 10).unwrap().is_empty());
}

#[test]
fn what_was_not_delivered_comes_at_the_next_launch() {
    // rule D4, rule S7
    let fixture = Fixture::new();
    let deaf = Recorder::new();
    let session = Session::background(
        fixture.background("com.example.test"),
        told(&deaf),
        DelegateQueue::Custom(Arc::new(Never)),
    )
    .unwrap();
    let object = Object::generated(1, 10_000);
    let task = fixture.fetch(&session, "a", &object);
    let arrived = |status: &backhaul::SessionStatus| status.active == 0 && status.undelivered == 1;
    assert_eq!(session.wait_until(Some(PATIENCE), arrived).undelivered, 1);
    let id = task.id();
    drop((task, session));
    assert!(deaf.calls().is_empty());

    let delegate = Recorder::new();
    let _session = fixture.session(&delegate);
    delegate.wait_for_file(id);
    assert_eq!(delegate.order_for(id), ["metrics", "finished", "completed"]);
    assert_eq!(fixture.server.requests_for("a").len(), 1);
    fixture.assert_arrived("a", &object);
}

#[test]
fn impossible_requests_are_errors_before_anything_is_written() {
    // rule C2
    let fixture = Fixture::new();
    let session = fixture.session(&Recorder::new());
    let url = fixture.server.object_url("a");
    let kind = |request: Request| session.download_task(request).unwrap_err().kind();
    let with = |name, value| fixture.request("a").header(name, value).unwrap();
    assert_eq!(kind(with("Range", "bytes=5-")), ErrorKind::InvalidHeader);
    assert_eq!(
        kind(with("accept-encoding", "gzip")),
        ErrorKind::InvalidHeader
    );
    assert_eq!(kind(with("Host", "elsewhere")), ErrorKind::InvalidHeader);
    assert_eq!(
        kind(Request::new("https://example.com/").unwrap()),
        ErrorKind::InvalidDestination
    );
    let unknown = backhaul::Destination::in_base("documents", "a").unwrap();
    let request = Request::new(&url).unwrap().destination(unknown);
    assert_eq!(kind(request), ErrorKind::InvalidDestination);
    let long = "x".repeat(64 * 1024 + 1);
    assert_eq!(
        kind(fixture.request("a").metadata(long)),
        ErrorKind::InvalidRequest
    );
    let plain = Request::new("http://example.com/a").unwrap();
    assert_eq!(kind(plain), ErrorKind::PlainHttpNotAllowed);

    // One bad request among many: none is made.
    let many = (0..600).map(|number| match number {
        599 => Request::new("ftp://example.com/"),
        _ => Ok(fixture.request(&format!("o{number}"))),
    });
    assert_eq!(
        session.enqueue(many).unwrap_err().kind(),
        ErrorKind::UnsupportedScheme
    );
    let twice = [fixture.request("b"), fixture.request("b")];
    let error = session.download_tasks(twice).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DestinationInUse);
    assert!(session.tasks_after(None, 10).unwrap().is_empty());
}

#[test]
fn commands_may_come_in_any_number_and_order() {
    // rule S4, rule C2
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let object = Object::generated(1, 400_000);
    fixture.server.script("a", vec![Fault::Stall(250_000)]);
    let task = fixture.fetch(&session, "a", &object);
    task.resume().unwrap();
    delegate.wait_for_call(task.id(), |what| matches!(what, What::Wrote(_)));
    task.suspend().unwrap();
    task.suspend().unwrap();
    assert_eq!(task.info().unwrap().state, TaskState::Suspended);
    assert_eq!(
        task.info().unwrap().state.reason(),
        Some(WaitReason::Suspended)
    );
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
    task.resume().unwrap();
    task.suspend().unwrap();
    task.cancel().unwrap();
    assert_eq!(task.info().unwrap().state, TaskState::Completed);
    assert!(
        task.info().unwrap().error.is_none(),
        "it arrived, and that stays so"
    );
    fixture.assert_arrived("a", &object);
    let ends = delegate.calls_for(task.id());
    let ends = ends
        .iter()
        .filter(|call| matches!(call.what, What::Completed(_)));
    assert_eq!(ends.count(), 1);
}
