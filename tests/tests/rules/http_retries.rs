//! Trying again (rules H1, H2).

use std::time::{Duration, Instant, SystemTime};

use backhaul::{ErrorKind, TaskState, WaitReason};
use backhaul_fault_server::{Fault, Object, RetryAfter};
use backhaul_tests::{Fixture, Recorder, What};

#[test]
fn what_may_pass_is_tried_again() {
    // rule H1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let object = Object::generated(1, 200_000);
    let table = [
        Fault::status(408),
        Fault::status(429),
        Fault::status(500),
        Fault::status(502),
        Fault::status(503),
        Fault::status(504),
        Fault::ResetBeforeHeaders,
        Fault::CloseBeforeHeaders,
        Fault::ResetInHeaders,
        Fault::ResetAfter(100_000),
        Fault::Truncate(100_000),
    ];
    let mut tasks = Vec::new();
    for (number, fault) in table.iter().enumerate() {
        let name = format!("o{number}");
        fixture
            .server
            .script(&name, vec![fault.clone(), fault.clone()]);
        tasks.push((name.clone(), fixture.fetch(&session, &name, &object)));
    }
    for ((name, task), fault) in tasks.iter().zip(&table) {
        delegate.wait_for_file(task.id());
        backhaul_tests::files::assert_is(&fixture.file(name), &object);
        // The rest of the file may fit in what comes before the second cut.
        let least = match fault {
            Fault::ResetAfter(_) | Fault::Truncate(_) => 2,
            _ => 3,
        };
        let requests = fixture.server.requests_for(name).len();
        assert!(requests >= least, "{fault:?}: {requests} requests");
    }
    fixture.assert_no_leftovers();
}

#[test]
fn what_does_not_pass_is_not() {
    // rule H1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    for status in [400, 401, 403, 404, 405, 407, 410, 414, 451] {
        let name = format!("s{status}");
        fixture.server.script(&name, vec![Fault::status(status)]);
        let task = fixture.fetch(&session, &name, &Object::generated(1, 100));
        let failure = delegate.wait_for_failure(task.id());
        assert_eq!(failure.kind, ErrorKind::HttpStatus);
        assert_eq!(failure.response.unwrap().status(), status);
        assert_eq!(fixture.server.requests_for(&name).len(), 1);
    }
}

#[test]
fn a_server_that_is_away_is_waited_for() {
    // rule H1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.stop();
    let object = Object::generated(1, 200_000);
    let task = fixture.fetch(&session, "a", &object);
    delegate.wait_for_call(task.id(), |what| matches!(what, What::Waiting(_)));
    let error = task.info().unwrap().error.unwrap();
    assert_eq!(error.kind(), ErrorKind::CannotConnect);
    fixture.server.restart().unwrap();
    delegate.wait_for_file(task.id());
    fixture.assert_arrived("a", &object);
}

#[test]
fn a_server_that_goes_away_in_the_middle_is_waited_for() {
    // rule H1, rule R8
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::Stall(250_000)]);
    let object = Object::generated(1, 400_000);
    let task = fixture.fetch(&session, "a", &object);
    delegate.wait_for_call(
        task.id(),
        |what| matches!(what, What::Wrote(progress) if progress.received == 250_000),
    );
    fixture.server.stop();
    delegate.wait_for_call(task.id(), |what| matches!(what, What::Waiting(_)));
    fixture.server.restart().unwrap();
    delegate.wait_for_file(task.id());
    assert_eq!(
        fixture.server.bytes_sent("a"),
        400_000,
        "no byte came twice"
    );
    fixture.assert_arrived("a", &object);
}

#[test]
fn silence_ends_an_attempt_and_not_the_task() {
    // rule H1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let configuration = fixture
        .background("com.example.silence")
        .timeout_for_request(Duration::from_millis(300));
    let session = backhaul_tests::fixture::start(configuration, &delegate);
    let object = Object::generated(1, 200_000);
    let faults = [
        Fault::NoAnswer,
        Fault::Stall(100_000),
        Fault::DelayMs(1_500),
    ];
    let tasks = faults.clone().map(|fault| {
        let name = format!("{fault:?}").replace(['(', ')'], "-");
        fixture.server.script(&name, vec![fault]);
        (name.clone(), fixture.fetch(&session, &name, &object))
    });
    for (name, task) in tasks {
        delegate.wait_for_file(task.id());
        backhaul_tests::files::assert_is(&fixture.file(&name), &object);
        let explained = task.explain().unwrap();
        assert_eq!(explained.attempt_count, 2, "{name}");
    }
}

#[test]
fn the_server_says_when_to_come_back() {
    // rule H2
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let after = |status, retry_after| Fault::Status {
        status,
        retry_after,
    };
    let table = [
        ("seconds", after(503, RetryAfter::Seconds(1))),
        ("busy", after(429, RetryAfter::Seconds(1))),
        ("date", after(503, RetryAfter::Date(2))),
    ];
    let begun = Instant::now();
    let tasks = table.clone().map(|(name, fault)| {
        fixture.server.script(name, vec![fault]);
        fixture.fetch(&session, name, &Object::generated(1, 1_000))
    });
    let garbled = after(503, RetryAfter::Garbage);
    fixture.server.script("garbled", vec![garbled]);
    let garbled = fixture.fetch(&session, "garbled", &Object::generated(1, 1_000));
    delegate.wait_for_file(garbled.id());
    assert!(
        begun.elapsed() < Duration::from_millis(900),
        "an ordinary pause"
    );
    for task in &tasks {
        delegate.wait_for_file(task.id());
        // A date has whole seconds: it may be almost one nearer than it says.
        assert!(begun.elapsed() >= Duration::from_millis(990));
        let waited = |what: &What| matches!(what, What::Waiting(WaitReason::RetryAfter));
        delegate.wait_for_call(task.id(), waited);
    }
}

#[test]
fn the_servers_word_survives_a_launch() {
    // rule H2, rule E1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.always("a", Fault::retry_after(503, 3600));
    let task = fixture.fetch(&session, "a", &Object::generated(1, 1_000));
    delegate.wait_for_call(task.id(), |what| matches!(what, What::Waiting(_)));
    let id = task.id();
    drop((task, session));

    let again = Recorder::new();
    let session = fixture.session(&again);
    let other = fixture.fetch(&session, "b", &Object::generated(1, 1_000));
    again.wait_for_file(other.id());
    let task = session.task(id).unwrap();
    let explained = task.explain().unwrap();
    assert_eq!(
        explained.task.state,
        TaskState::Waiting(WaitReason::RetryAfter)
    );
    let left = explained
        .next_evaluation
        .unwrap()
        .duration_since(SystemTime::now())
        .unwrap();
    assert!((3500..=3600).contains(&left.as_secs()), "{left:?}");
    assert_eq!(fixture.server.requests_for("a").len(), 1);
    let waiting =
        |status: &backhaul::SessionStatus| status.waiting.contains(&(WaitReason::RetryAfter, 1));
    let status = session.wait_until(Some(Duration::from_secs(10)), waiting);
    assert!(waiting(&status), "{status:?}");
    // Neither a pause nor a network that comes and goes is a way around it.
    task.suspend().unwrap();
    task.resume().unwrap();
    assert_eq!(
        task.info().unwrap().state,
        TaskState::Waiting(WaitReason::RetryAfter)
    );
}

#[test]
fn a_redirect_may_ask_for_patience() {
    // rule H2
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let to = fixture.server.url("/t/a");
    let fault = Fault::Redirect {
        status: 302,
        to,
        retry_after: RetryAfter::Seconds(1),
    };
    fixture.server.script("a", vec![fault]);
    let begun = Instant::now();
    let object = Object::generated(1, 1_000);
    let task = fixture.fetch(&session, "a", &object);
    delegate.wait_for_file(task.id());
    assert!(begun.elapsed() >= Duration::from_secs(1));
    fixture.assert_arrived("a", &object);
}
