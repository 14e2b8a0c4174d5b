//! What a task carries with it (rules L3, L5), and who goes first (rule P3).

use std::time::{Duration, SystemTime};

use backhaul::{ErrorKind, TaskId, TaskState, WaitReason};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::fixture::start;
use backhaul_tests::{Fixture, PATIENCE, Recorder, What};

#[test]
fn what_the_app_said_of_a_task_comes_back_with_every_call() {
    // rule L3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.put("a", Object::generated(1, 100_000));
    let request = fixture
        .request("a")
        .caller_id("alps")
        .metadata("{\"sheet\": 7}")
        .group("maps")
        .priority(0.75)
        .count_of_bytes_client_expects_to_receive(100_000)
        .count_of_bytes_client_expects_to_send(200);
    let task = session.download_task(request).unwrap();
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
    let calls = delegate.calls_for(task.id());
    assert!(calls.len() >= 5);
    for call in calls {
        let about = call.task.unwrap();
        assert_eq!(about.caller_id.as_deref(), Some("alps"));
        assert_eq!(about.metadata.as_deref(), Some("{\"sheet\": 7}"));
        assert_eq!(about.group.as_deref(), Some("maps"));
        assert!((about.priority - 0.75).abs() < f32::EPSILON);
        assert_eq!(about.url, fixture.server.object_url("a"));
    }
    drop((task, session));
    let session = fixture.session(&Recorder::new());
    let info = &session.tasks_after(None, 10).unwrap()[0];
    assert_eq!(info.metadata.as_deref(), Some("{\"sheet\": 7}"));
    assert_eq!(
        (info.destination.base(), info.destination.path()),
        ("container", "a")
    );
    assert_eq!((info.received, info.total), (100_000, Some(100_000)));
}

#[test]
fn metadata_can_be_replaced_while_a_task_lives() {
    // rule L3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::Stall(50_000)]);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 100_000));
    delegate.wait_for_call(task.id(), |what| matches!(what, What::Wrote(_)));
    task.set_metadata("new").unwrap();
    assert_eq!(task.info().unwrap().metadata.as_deref(), Some("new"));
    task.suspend().unwrap();
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
    let end = delegate.wait_for_call(task.id(), |what| matches!(what, What::Completed(_)));
    assert_eq!(end.task.unwrap().metadata.as_deref(), Some("new"));
    let stranger = TaskId::from_i64(4711);
    let error = session
        .set_metadata(&[task.id(), stranger], "none")
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownTask);
    assert_eq!(task.info().unwrap().metadata.as_deref(), Some("new"));
}

#[test]
fn one_caller_id_is_one_task() {
    // rule L5
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.put("a", Object::generated(1, 10));
    let request = || fixture.request("a").caller_id("alps");
    let first = session.download_task(request()).unwrap();
    assert_eq!(session.download_task(request()).unwrap().id(), first.id());
    let both = session.enqueue([Ok(request()), Ok(request())]).unwrap();
    assert!(both.iter().all(|task| task.id() == first.id()));
    assert_eq!(
        first.info().unwrap().state,
        TaskState::Suspended,
        "the first task as it is"
    );
    first.resume().unwrap();
    delegate.wait_for_file(first.id());
    assert_eq!(session.download_task(request()).unwrap().id(), first.id());
    let created = delegate
        .calls()
        .iter()
        .filter(|call| matches!(call.what, What::Created))
        .count();
    assert_eq!(created, 1);
    let settled = |status: &backhaul::SessionStatus| status.undelivered == 0;
    session.wait_until(Some(PATIENCE), settled);

    // In another session the name is another's; once forgotten it is free.
    let other = start(fixture.background("com.example.other"), &Recorder::new());
    let theirs = other.download_task(request()).unwrap();
    assert_ne!(theirs.id(), first.id());
    theirs.cancel().unwrap();
    session.forget(&[first.id()]).unwrap();
    assert_eq!(first.info().unwrap_err().kind(), ErrorKind::UnknownTask);
    assert_ne!(session.download_task(request()).unwrap().id(), first.id());
    assert_eq!(fixture.server.requests_for("a").len(), 1);
}

#[test]
fn priority_goes_first_then_deadline_then_age() {
    // rule P3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let configuration = fixture
        .background("com.example.p3")
        .max_concurrent_transfers(1);
    let session = start(configuration, &delegate);
    fixture.server.script("blocker", vec![Fault::DelayMs(300)]);
    fixture.fetch(&session, "blocker", &Object::generated(1, 10));
    let request = |name: &str, priority| {
        fixture.server.put(name, Object::generated(1, 10));
        fixture.request(name).priority(priority)
    };
    // A deadline counts from the first resume: that of the last one here is the latest.
    let patient = session.download_task(request("patient", 0.5)).unwrap();
    let batch = [("low", 0.1), ("old", 0.5), ("young", 0.5), ("high", 0.9)];
    let requests = batch.map(|(name, priority)| Ok(request(name, priority)));
    let mut tasks = session.enqueue(requests).unwrap();
    fixture.wait_for_server(|server| server.request_count() > 0);
    patient.resume().unwrap();
    tasks.push(patient);
    for task in &tasks {
        delegate.wait_for_file(task.id());
    }
    let requests = fixture.server.requests();
    let order: Vec<_> = requests.into_iter().filter_map(|r| r.name).collect();
    assert_eq!(order, ["blocker", "high", "old", "young", "patient", "low"]);
}

#[test]
fn a_task_does_not_begin_before_its_date() {
    // rule L3, rule P1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.put("soon", Object::generated(1, 10));
    fixture.server.put("late", Object::generated(1, 10));
    let begun = SystemTime::now();
    let at = |seconds| begun + Duration::from_millis(seconds);
    let soon = fixture.request("soon").earliest_begin_date(at(700));
    let late = fixture.request("late").earliest_begin_date(at(3_600_000));
    let tasks = session.enqueue([Ok(soon), Ok(late)]).unwrap();
    let explained = tasks[1].explain().unwrap();
    let reason = TaskState::Waiting(WaitReason::EarliestBeginDate);
    assert_eq!(explained.task.state, reason);
    let next = explained
        .next_evaluation
        .unwrap()
        .duration_since(begun)
        .unwrap();
    assert!(next.as_secs().abs_diff(3600) <= 1, "{next:?}");
    delegate.wait_for_file(tasks[0].id());
    assert!(begun.elapsed().unwrap() >= Duration::from_millis(690));
    assert!(fixture.server.requests_for("late").is_empty());

    // The date survives a pause and a launch.
    tasks[1].suspend().unwrap();
    tasks[1].resume().unwrap();
    assert_eq!(tasks[1].info().unwrap().state, reason);
    let id = tasks[1].id();
    drop((tasks, session));
    let session = fixture.session(&Recorder::new());
    assert_eq!(session.task(id).unwrap().info().unwrap().state, reason);
}

#[test]
fn the_deadline_is_the_only_one_and_is_shown() {
    // rule H1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let configuration = fixture
        .background("com.example.deadline")
        .timeout_for_resource(Duration::from_millis(600));
    let session = start(configuration, &delegate);
    fixture.server.always("stalls", Fault::Stall(50_000));
    fixture.server.always("refuses", Fault::status(503));
    let stalls = fixture.fetch(&session, "stalls", &Object::generated(1, 100_000));
    let refuses = fixture.fetch(&session, "refuses", &Object::generated(1, 100_000));
    assert!(stalls.info().unwrap().deadline.is_some());
    for task in [stalls, refuses] {
        let failure = delegate.wait_for_failure(task.id());
        assert_eq!(failure.kind, ErrorKind::ResourceTimedOut);
    }
    fixture.assert_no_leftovers();
}

#[test]
fn a_slow_host_does_not_hold_up_another() {
    // rule P3, rule P9
    let slow = Fixture::new();
    let quick = backhaul_fault_server::FaultServer::start().unwrap();
    let delegate = Recorder::new();
    let session = slow.session(&delegate);
    let many: Vec<_> = (0..150)
        .map(|number| {
            let name = format!("slow{number}");
            slow.server.put(&name, Object::generated(1, 100_000));
            slow.server.always(&name, Fault::NoAnswer);
            Ok(slow.request(&name))
        })
        .collect();
    session.enqueue(many).unwrap();
    quick.put("a", Object::generated(2, 100));
    let request = backhaul_tests::fixture::request_to(&quick.object_url("a"), "quick");
    let task = session.download_task(request).unwrap();
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
}

#[test]
fn a_task_that_has_ended_still_knows_its_file() {
    // rule D4, rule R8
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.always("b", Fault::CloseDelimited);
    fixture.server.always("c", Fault::status(404));
    let suspended = session.download_task(fixture.request("a")).unwrap();
    let arrives = fixture.fetch(&session, "b", &Object::generated(1, 100));
    let fails = fixture.fetch(&session, "c", &Object::generated(1, 100));
    delegate.wait_for_file(arrives.id());
    delegate.wait_for_failure(fails.id());

    assert!(suspended.file().unwrap().is_none());
    let file = arrives.file().unwrap().unwrap();
    assert_eq!((file.location, file.len), (fixture.file("b"), 100));
    assert_eq!(file.response.unwrap().status(), 200);
    assert!(file.length_unverified && !file.validator_weak);
    let failure = fails.file().unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::HttpStatus);
    assert_eq!(failure.response().unwrap().status(), 404);

    let status = session.wait_until(Some(PATIENCE), |status| status.undelivered == 0);
    assert_eq!(status.undelivered, 0);
    session.forget(&[arrives.id()]).unwrap();
    let forgotten = arrives.file().unwrap_err();
    assert_eq!(forgotten.kind(), ErrorKind::UnknownTask);
}
