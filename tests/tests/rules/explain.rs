//! Being understood: why a task waits, how far it is, what went wrong (rules E1, E2, E3, P1).

use std::time::{Duration, SystemTime};

use backhaul::{DownloadTask, ErrorKind, Inspector, RetryPolicy, TaskState, WaitReason};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::fixture::{start, start_foreground};
use backhaul_tests::{Fixture, Recorder, What};

const HOUR: Duration = Duration::from_secs(3600);

fn assert_explained(task: &DownloadTask, reason: WaitReason) {
    let explained = task.explain().unwrap();
    assert_eq!(explained.task.state.reason(), Some(reason));
    assert_eq!(
        explained.unblocked_by.as_deref(),
        Some(reason.unblocked_by())
    );
    let age = explained.since.elapsed().unwrap_or_default();
    assert!(age < Duration::from_secs(60), "{reason}: since {age:?}");
}

#[test]
fn every_wait_that_needs_no_platform_says_why() {
    // rule E1, rule P1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let configuration = fixture
        .background("com.example.e1")
        .max_connections_per_host(2)
        .max_concurrent_transfers(3);
    let session = start(configuration, &delegate);
    let fetch = |name: &str, fault: Fault| {
        fixture.server.always(name, fault);
        fixture.fetch(&session, name, &Object::generated(1, 100_000))
    };
    let suspended = session.download_task(fixture.request("suspended")).unwrap();
    assert_explained(&suspended, WaitReason::Suspended);

    let told = fetch("told", Fault::retry_after(503, 3600));
    delegate.wait_for_call(told.id(), |what| matches!(what, What::Waiting(_)));
    assert_explained(&told, WaitReason::RetryAfter);

    let runs = ["one", "two"].map(|name| fetch(name, Fault::Stall(50_000)));
    for task in &runs {
        delegate.wait_for_call(task.id(), |what| matches!(what, What::Wrote(_)));
        let explained = task.explain().unwrap();
        assert_eq!(explained.task.state, TaskState::Transferring);
        assert_eq!(explained.unblocked_by, None);
    }
    let third = fetch("third", Fault::None);
    assert_explained(&third, WaitReason::HostLimit);

    let elsewhere = backhaul_fault_server::FaultServer::start().unwrap();
    let far = |name: &str| {
        elsewhere.put(name, Object::generated(1, 100_000));
        elsewhere.always(name, Fault::Stall(50_000));
        let request = backhaul_tests::fixture::request_to(&elsewhere.object_url(name), name);
        let task = session.download_task(request).unwrap();
        task.resume().unwrap();
        task
    };
    let last_place = far("far");
    delegate.wait_for_call(last_place.id(), |what| matches!(what, What::Wrote(_)));
    assert_explained(&far("farther"), WaitReason::SessionLimit);
    let idle = |status: &backhaul::SessionStatus| status.transferring == 3;
    assert_eq!(session.wait_until(Some(HOUR / 60), idle).transferring, 3);
}

#[test]
fn a_pause_between_attempts_says_when_it_ends_and_what_was_tried() {
    // rule E1, rule H1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let retry = RetryPolicy {
        base: HOUR,
        cap: HOUR,
    };
    let configuration = fixture.background("com.example.e1").retry_policy(retry);
    let session = start(configuration, &delegate);
    fixture.server.script("a", vec![Fault::Truncate(50_000)]);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 100_000));
    delegate.wait_for_call(task.id(), |what| matches!(what, What::Waiting(_)));
    assert_explained(&task, WaitReason::RetryBackoff);
    let explained = task.explain().unwrap();
    assert!(explained.next_evaluation.unwrap() <= SystemTime::now() + HOUR);
    assert_eq!((explained.attempt_count, explained.attempts.len()), (1, 1));
    assert_eq!(explained.attempts[0].received, 50_000);
    assert!(!explained.attempts[0].outcome.is_empty());
    let error = explained.task.error.unwrap();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert_eq!(explained.task.received, 50_000);

    // From outside, and at the next launch, it says the same.
    let inspector = Inspector::open(fixture.container()).unwrap();
    let seen = inspector.explain("com.example.e1", task.id()).unwrap();
    assert_eq!(seen.task.state, explained.task.state);
    assert_eq!(seen.attempts, explained.attempts);
    assert_eq!(inspector.session_identifiers().unwrap(), ["com.example.e1"]);
    let id = task.id();
    drop((task, session));
    let session = start(fixture.background("com.example.e1"), &Recorder::new());
    let again = session.task(id).unwrap().explain().unwrap();
    assert_eq!(again.task.state, explained.task.state);
    assert_eq!(again.attempts, explained.attempts);
}

#[test]
fn the_last_attempts_are_remembered_and_no_more() {
    // rule E1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::status(503); 10]);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 1_000));
    delegate.wait_for_file(task.id());
    let explained = task.explain().unwrap();
    assert_eq!((explained.attempt_count, explained.attempts.len()), (11, 8));
    assert_eq!(explained.attempts[7].outcome, "finished");
    assert_eq!(explained.task.state, TaskState::Completed);
    assert_eq!(
        (explained.next_evaluation, explained.unblocked_by),
        (None, None)
    );
}

#[test]
fn progress_is_told_ten_times_a_second_and_a_last_time_exactly() {
    // rule E2
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.limit_rate(Some(1_000_000));
    let task = fixture.fetch(&session, "a", &Object::generated(1, 1_200_000));
    delegate.wait_for_file(task.id());
    let calls = delegate.calls_for(task.id());
    let told: Vec<_> = calls
        .iter()
        .filter_map(|call| match call.what {
            What::Wrote(progress) => Some((call.at, progress)),
            _ => None,
        })
        .collect();
    let took = told.last().unwrap().0 - told[0].0;
    let most = 10.0 * took.as_secs_f64() + 2.0;
    assert!(
        told.len() as f64 <= most,
        "{} calls in {took:?}",
        told.len()
    );
    assert!(told.len() >= 4, "{} calls in {took:?}", told.len());
    let written: u64 = told.iter().map(|(_, progress)| progress.written).sum();
    assert_eq!(written, 1_200_000);
    assert!(
        told.windows(2)
            .all(|pair| pair[0].1.received < pair[1].1.received)
    );
    let last = told.last().unwrap().1;
    assert_eq!((last.received, last.total), (1_200_000, Some(1_200_000)));
    let middle = told[told.len() / 2].1.throughput;
    assert!(
        (300_000..3_000_000).contains(&middle),
        "{middle} bytes a second"
    );
}

#[test]
fn an_empty_file_has_its_exact_progress_too() {
    // rule E2
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let object = Object::generated(1, 0);
    let task = fixture.fetch(&session, "a", &object);
    assert_eq!(delegate.wait_for_file(task.id()).len, 0);
    let told = delegate.wait_for_call(task.id(), |what| matches!(what, What::Wrote(_)));
    let What::Wrote(progress) = told.what else {
        unreachable!()
    };
    assert_eq!((progress.received, progress.total), (0, Some(0)));
    fixture.assert_arrived("a", &object);
}

#[test]
fn no_message_shows_a_credential() {
    // rule E3
    let fixture = Fixture::new();
    let plain = fixture.server.object_url("a");
    let secret = plain.replacen("http://", "http://user:s3cret-pass@", 1) + "?token=s3cret-query";
    let delegate = Recorder::new();
    let configuration = fixture
        .foreground()
        .timeout_for_resource(Duration::from_secs(1));
    let session = start_foreground(configuration, &delegate);
    let faults = [
        Fault::status(404),
        Fault::ResetBeforeHeaders,
        Fault::Garbage,
        Fault::RedirectLoop,
        Fault::RedirectDowngrade,
        Fault::redirect(
            302,
            "http://user:s3cret-pass@127.0.0.2/x?token=s3cret-query",
        ),
        Fault::redirect(302, "ftp://user:s3cret-pass@127.0.0.1/x?token=s3cret-query"),
        Fault::Gzip,
        Fault::TooLong(10),
        Fault::NoAnswer,
    ];
    for fault in faults {
        fixture.server.put("a", Object::generated(1, 1_000));
        fixture.server.always("a", fault.clone());
        let request = backhaul_tests::fixture::request_to(&secret, "a");
        assert!(!request.redacted_url().contains("s3cret"));
        let task = session.download_task(request).unwrap();
        task.resume().unwrap();
        let failure = delegate.wait_for_end(task.id());
        let explained = task.explain().unwrap();
        let mut said = failure.map_or_else(String::new, |failure| failure.message);
        for attempt in explained.attempts {
            said += &attempt.outcome;
        }
        if let Some(error) = &explained.task.error {
            said += &format!("{error} {error:?} {}", error.message());
            let source = std::error::Error::source(error);
            said += &source.map_or_else(String::new, ToString::to_string);
        }
        assert!(!said.contains("s3cret"), "{fault:?}: {said}");
    }
}

#[test]
fn messages_of_conflicts_show_no_query() {
    // rule E3
    let fixture = Fixture::new();
    let session = fixture.session(&Recorder::new());
    let url = fixture.server.object_url("a") + "?token=s3cret";
    let request = || backhaul_tests::fixture::request_to(&url, "a");
    session.download_task(request()).unwrap();
    let error = session.download_task(request()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DestinationInUse);
    assert!(!error.to_string().contains("s3cret"), "{error}");
}
