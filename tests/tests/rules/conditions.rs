//! What the state of the system lets run (rules P1, P2).

use backhaul::{
    ErrorKind, Network, Session, SessionStatus, SystemConditions, TaskState, WaitReason,
};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::fixture::start;
use backhaul_tests::{Fixture, Recorder, What};

fn train() -> SystemConditions {
    SystemConditions {
        network: Network::Cellular,
        ..SystemConditions::default()
    }
}

fn tunnel() -> SystemConditions {
    SystemConditions {
        network: Network::None,
        ..SystemConditions::default()
    }
}

fn expensive() -> SystemConditions {
    SystemConditions {
        expensive: true,
        ..SystemConditions::default()
    }
}

fn constrained() -> SystemConditions {
    SystemConditions {
        constrained: true,
        ..SystemConditions::default()
    }
}

fn on_battery() -> SystemConditions {
    SystemConditions {
        charging: false,
        ..SystemConditions::default()
    }
}

#[test]
fn a_running_transfer_stops_keeps_its_bytes_and_goes_on() {
    // rule P1, rule P2
    let fixture = Fixture::new();
    let configuration = || fixture.background("com.example.p2");
    let table = [
        (configuration(), tunnel(), WaitReason::Connectivity),
        (
            configuration().allows_cellular_access(false),
            train(),
            WaitReason::CellularNotAllowed,
        ),
        (
            configuration().allows_expensive_network_access(false),
            expensive(),
            WaitReason::ExpensiveNotAllowed,
        ),
        (
            configuration().allows_constrained_network_access(false),
            constrained(),
            WaitReason::ConstrainedNotAllowed,
        ),
        (
            configuration().is_discretionary(true),
            on_battery(),
            WaitReason::Discretionary,
        ),
    ];
    for (configuration, withdrawn, reason) in table {
        let delegate = Recorder::new();
        let session = start(configuration, &delegate);
        let name = reason.as_str();
        fixture.server.script(name, vec![Fault::Stall(250_000)]);
        let object = Object::generated(1, 400_000);
        let task = fixture.fetch(&session, name, &object);
        delegate.wait_for_call(
            task.id(),
            |what| matches!(what, What::Wrote(progress) if progress.received == 250_000),
        );
        session.set_conditions(withdrawn);
        delegate.wait_for_call(
            task.id(),
            |what| matches!(what, What::Waiting(why) if *why == reason),
        );
        let explained = task.explain().unwrap();
        assert_eq!(explained.task.state, TaskState::Waiting(reason));
        assert_eq!(
            explained.unblocked_by.as_deref(),
            Some(reason.unblocked_by())
        );
        assert_eq!(explained.task.received, 250_000);

        session.set_conditions(SystemConditions::default());
        delegate.wait_for_file(task.id());
        assert_eq!(
            fixture.server.bytes_sent(name),
            400_000,
            "no byte came twice"
        );
        fixture.assert_arrived(name, &object);
    }
}

/// Tells the session and waits until it has heard: questions are answered in order.
fn set_and_settle(session: &Session, conditions: SystemConditions) {
    session.set_conditions(conditions);
    session.tasks_after(None, 1).unwrap();
}

#[test]
fn a_waiting_task_starts_when_it_may() {
    // rule P1, rule P2
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    set_and_settle(&session, tunnel());
    let task = fixture.fetch(&session, "a", &Object::generated(1, 10));
    let waiting = TaskState::Waiting(WaitReason::Connectivity);
    assert_eq!(task.info().unwrap().state, waiting);
    // What changes nothing for it leaves it waiting.
    set_and_settle(
        &session,
        SystemConditions {
            low_power: true,
            ..tunnel()
        },
    );
    assert_eq!(task.info().unwrap().state, waiting);
    session.set_conditions(SystemConditions::default());
    delegate.wait_for_file(task.id());
}

#[test]
fn a_request_may_be_stricter_than_its_session_and_never_laxer() {
    // rule P1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let strict = start(
        fixture.background("strict").allows_cellular_access(false),
        &delegate,
    );
    let lax = start(fixture.background("lax"), &delegate);
    for session in [&strict, &lax] {
        set_and_settle(session, train());
    }
    fixture.server.put("a", Object::generated(1, 10));
    let state = |session: &Session, name: &str, allowed| {
        let request = backhaul_tests::fixture::request_to(&fixture.server.object_url("a"), name);
        let request = match allowed {
            Some(allowed) => request.allows_cellular_access(allowed),
            None => request,
        };
        let task = session.download_task(request).unwrap();
        task.resume().unwrap();
        task
    };
    let waiting = TaskState::Waiting(WaitReason::CellularNotAllowed);
    let wish = state(&strict, "wish", Some(true));
    assert_eq!(wish.info().unwrap().state, waiting);
    let careful = state(&lax, "careful", Some(false));
    assert_eq!(careful.info().unwrap().state, waiting);
    let free = state(&lax, "free", None);
    delegate.wait_for_file(free.id());
}

#[test]
fn a_default_session_does_not_wait_for_a_network() {
    // rule P1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let configuration = fixture
        .foreground()
        .timeout_for_resource(std::time::Duration::from_secs(60));
    let session = backhaul_tests::fixture::start_foreground(configuration, &delegate);
    set_and_settle(&session, tunnel());
    // It tries, and here the loopback answers.
    let task = fixture.fetch(&session, "a", &Object::generated(1, 10));
    delegate.wait_for_file(task.id());
}

#[test]
fn a_waiting_task_can_be_cancelled_and_paused() {
    // rule P1, rule L4
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    set_and_settle(&session, tunnel());
    let first = fixture.fetch(&session, "a", &Object::generated(1, 10));
    let second = fixture.fetch(&session, "b", &Object::generated(1, 10));
    first.suspend().unwrap();
    assert_eq!(first.info().unwrap().state, TaskState::Suspended);
    second.cancel().unwrap();
    assert_eq!(
        delegate.wait_for_failure(second.id()).kind,
        ErrorKind::Cancelled
    );
    session.set_conditions(SystemConditions::default());
    let third = fixture.fetch(&session, "c", &Object::generated(1, 10));
    delegate.wait_for_file(third.id());
    assert_eq!(first.info().unwrap().state, TaskState::Suspended);
    assert!(fixture.server.requests_for("b").is_empty());
    first.resume().unwrap();
    delegate.wait_for_file(first.id());
}

#[test]
fn the_status_counts_what_the_conditions_hold_back_however_long_the_queue() {
    // rule P1, rule P9
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    set_and_settle(&session, tunnel());
    fixture.server.put("a", Object::generated(1, 10));
    let url = fixture.server.object_url("a");
    let request = |n: usize| Ok(backhaul_tests::fixture::request_to(&url, &n.to_string()));
    session.enqueue((0..1000).map(request)).unwrap();
    let waits = |reason| move |status: &SessionStatus| status.waiting == [(reason, 1000)];
    let status = session.wait_until(
        Some(backhaul_tests::recorder::PATIENCE),
        waits(WaitReason::Connectivity),
    );
    assert!(waits(WaitReason::Connectivity)(&status), "{status:?}");

    // A stranger says what the system is like, and is told the same.
    let inspector = backhaul::Inspector::open(fixture.container()).unwrap();
    let inspector = inspector.conditions(tunnel());
    let names = inspector.session_identifiers().unwrap();
    let page = inspector.explanations_after(&names[0], None, 10).unwrap();
    assert_eq!(page.len(), 10);
    let reason = WaitReason::Connectivity;
    for found in page {
        assert_eq!(found.task.state, TaskState::Waiting(reason));
        assert_eq!(found.unblocked_by.as_deref(), Some(reason.unblocked_by()));
    }
}

#[test]
fn a_request_may_be_discretionary_in_a_session_that_is_not() {
    // rule P4
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    set_and_settle(&session, on_battery());
    fixture.server.put("a", Object::generated(1, 10));
    let request = |name| backhaul_tests::fixture::request_to(&fixture.server.object_url("a"), name);
    let requests = [request("later").is_discretionary(true), request("now")];
    let tasks = session.enqueue(requests.map(Ok)).unwrap();
    delegate.wait_for_file(tasks[1].id());
    let waiting = TaskState::Waiting(WaitReason::Discretionary);
    assert_eq!(tasks[0].info().unwrap().state, waiting);
    session.set_conditions(SystemConditions::default());
    delegate.wait_for_file(tasks[0].id());
}
