//! Tasks that come after others, through the public API, against a real server (rule L6).
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see in helpers"
)]

use std::time::{Duration, SystemTime};

use backhaul::{DownloadTask, ErrorKind, Inspector, Plan, Request, TaskId, TaskState, WaitReason};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::{Fixture, Recorder};

const WAITS: TaskState = TaskState::Waiting(WaitReason::Dependency);

fn state(task: &DownloadTask) -> TaskState {
    task.info().unwrap().state
}

fn object(name: &str) -> Object {
    Object::generated(name.len() as u64, 50_000)
}

/// A request for an object that the server has, named as it is.
fn step(fixture: &Fixture, name: &str) -> Request {
    fixture.server.put(name, object(name));
    fixture.request(name).caller_id(name)
}

fn asked_for(fixture: &Fixture, name: &str) -> usize {
    fixture.server.requests_for(name).len()
}

#[test]
fn a_plan_arrives_in_its_order() {
    // rule L6
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let mut plan = Plan::new();
    let [index, west, east, head] =
        ["index", "west", "east", "head"].map(|name| plan.add(step(&fixture, name)));
    plan.after(index, west).after(index, east);
    plan.after(west, head).after(east, head);
    let tasks = session.enqueue_plan(plan).unwrap();
    for (task, name) in tasks.iter().zip(["index", "west", "east", "head"]) {
        delegate.wait_for_file(task.id());
        assert_eq!(task.info().unwrap().caller_id.as_deref(), Some(name));
    }
    let order: Vec<String> = fixture
        .server
        .requests()
        .iter()
        .map(|request| request.path.rsplit('/').next().unwrap().to_owned())
        .collect();
    assert_eq!((&*order[0], &*order[3]), ("head", "index"), "{order:?}");
    fixture.assert_arrived("index", &object("index"));
}

#[test]
fn one_that_waits_says_for_whom() {
    // rule L6, rule E1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let first = session.download_task(step(&fixture, "first")).unwrap();
    let second = session
        .download_task(step(&fixture, "second").after(first.id()))
        .unwrap();
    second.resume().unwrap();
    let explained = second.explain().unwrap();
    assert_eq!(explained.task.state, WAITS);
    assert_eq!(explained.after, [first.id()]);
    let name = format!("the tasks that it comes after: {}", first.id());
    assert_eq!(explained.unblocked_by.as_deref(), Some(&*name));
    let inspector = Inspector::open(fixture.container()).unwrap();
    let seen = inspector.explain("com.example.test", second.id()).unwrap();
    assert_eq!((seen.task.state, seen.after), (WAITS, vec![first.id()]));
    first.resume().unwrap();
    delegate.wait_for_file(second.id());
    assert_eq!(second.explain().unwrap().after, []);
}

#[test]
fn a_failed_step_ends_those_after_it_and_only_those() {
    // rule L6
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::status(404)]);
    let mut plan = Plan::new();
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| plan.add(step(&fixture, name)));
    plan.after(b, a).after(c, b);
    let _ = d;
    let tasks = session.enqueue_plan(plan).unwrap();
    let ids: Vec<TaskId> = tasks.iter().map(DownloadTask::id).collect();
    assert_eq!(
        delegate.wait_for_failure(ids[0]).kind,
        ErrorKind::HttpStatus
    );
    for (id, ahead) in [(ids[1], ids[0]), (ids[2], ids[1])] {
        let failure = delegate.wait_for_failure(id);
        assert_eq!(failure.kind, ErrorKind::DependencyFailed);
        for told in [format!("task {ahead}, which"), format!("task {}", ids[0])] {
            assert!(failure.message.contains(&told), "{}", failure.message);
        }
        assert_eq!(delegate.order_for(id), ["created", "metrics", "failed"]);
    }
    delegate.wait_for_file(ids[3]);
    assert_eq!(asked_for(&fixture, "b") + asked_for(&fixture, "c"), 0);
    // What is asked for later, after it has failed, ends through the journal too.
    let late = session
        .enqueue([Ok(step(&fixture, "late").after(ids[0]))])
        .unwrap();
    let failure = delegate.wait_for_failure(late[0].id());
    assert_eq!(failure.kind, ErrorKind::DependencyFailed);
    fixture.assert_no_leftovers();
}

#[test]
fn a_cancelled_step_ends_those_after_it() {
    // rule L6, rule L4
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::Stall(1_000)]);
    let mut plan = Plan::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| plan.add(step(&fixture, name)));
    plan.after(b, a).after(c, b);
    let tasks = session.enqueue_plan(plan).unwrap();
    tasks[1].cancel().unwrap();
    assert_eq!(
        delegate.wait_for_failure(tasks[1].id()).kind,
        ErrorKind::Cancelled
    );
    let failure = delegate.wait_for_failure(tasks[2].id());
    assert_eq!(failure.kind, ErrorKind::DependencyFailed);
    assert!(failure.message.contains("was cancelled"), "{failure:?}");
    assert_ne!(state(&tasks[0]), TaskState::Completed);
}

#[test]
fn a_plan_goes_on_in_a_later_launch_that_says_nothing_of_it() {
    // rule L6, rule S7
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::Stall(1_000)]);
    let mut plan = Plan::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| plan.add(step(&fixture, name)));
    plan.after(b, a).after(c, b);
    let tasks = session.enqueue_plan(plan).unwrap();
    let ids: Vec<TaskId> = tasks.iter().map(DownloadTask::id).collect();
    delegate.wait_for_call(ids[0], |what| what.name() == "wrote");
    drop((tasks, session));

    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    for id in ids {
        delegate.wait_for_file(id);
    }
    assert_eq!(asked_for(&fixture, "b"), 1);
    drop(session);
}

#[test]
fn a_plan_that_is_enqueued_at_every_launch_is_made_once() {
    // rule L6, rule L5
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let plan = || {
        let mut plan = Plan::new();
        let [a, b] = ["a", "b"].map(|name| plan.add(step(&fixture, name)));
        plan.after(b, a);
        plan
    };
    let ids =
        |tasks: Vec<DownloadTask>| -> Vec<TaskId> { tasks.iter().map(DownloadTask::id).collect() };
    let first = ids(session.enqueue_plan(plan()).unwrap());
    delegate.wait_for_file(first[1]);
    assert_eq!(ids(session.enqueue_plan(plan()).unwrap()), first);
    assert_eq!((asked_for(&fixture, "a"), asked_for(&fixture, "b")), (1, 1));
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_written() {
    // rule L6, rule C2
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let other =
        backhaul_tests::fixture::start(fixture.background("com.example.other"), &Recorder::new());
    let theirs = other.download_task(step(&fixture, "theirs")).unwrap();

    let mut circle = Plan::new();
    let [a, b] = ["a", "b"].map(|name| circle.add(step(&fixture, name)));
    circle.after(a, b).after(b, a);
    let error = session.enqueue_plan(circle).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DependencyCycle);

    for (ahead, kind) in [
        (TaskId::from_i64(4711), ErrorKind::UnknownTask),
        (theirs.id(), ErrorKind::InvalidRequest),
    ] {
        let mut plan = Plan::new();
        plan.add(step(&fixture, "a"));
        plan.add(step(&fixture, "b").after(ahead));
        assert_eq!(session.enqueue_plan(plan).unwrap_err().kind(), kind);
    }
    session.finish_tasks_and_invalidate();
    let mut plan = Plan::new();
    plan.add(step(&fixture, "a"));
    let error = session.enqueue_plan(plan).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionInvalidated);
    let inspector = Inspector::open(fixture.container()).unwrap();
    let tasks = inspector.tasks_after("com.example.test", None, 10).unwrap();
    assert!(tasks.is_empty(), "{tasks:?}");
}

#[test]
fn a_date_and_a_deadline_count_while_it_waits() {
    // rule L6, rule C
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let configuration = fixture
        .background("com.example.test")
        .timeout_for_resource(Duration::from_millis(600));
    let session = backhaul_tests::fixture::start(configuration, &delegate);
    let first = session.download_task(step(&fixture, "first")).unwrap();
    let dated = step(&fixture, "dated")
        .earliest_begin_date(SystemTime::now() + Duration::from_secs(3600))
        .after(first.id());
    let mut plan = Plan::new();
    let dated = plan.add(dated);
    let last = plan.add(step(&fixture, "last"));
    plan.after(last, dated);
    let tasks = session.enqueue_plan(plan).unwrap();
    for task in &tasks {
        let failure = delegate.wait_for_failure(task.id());
        assert_eq!(failure.kind, ErrorKind::ResourceTimedOut);
    }
    assert_eq!(state(&first), TaskState::Suspended);
}
