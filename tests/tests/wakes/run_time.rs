//! Transfers of this process run while the app has run time, and no longer (rules W3, P1, P8).

use std::sync::Arc;
use std::time::Duration;

use backhaul::{AppState, DownloadTask, Network, Session, SystemConditions, TaskState, WaitReason};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::fixture::start;
use backhaul_tests::{Fixture, PATIENCE, Recorder};

use crate::phone::{Ticket, app};

const LEN: u64 = 4_000_000;
const WAKE: Duration = Duration::from_millis(1_500);

/// A session of an app in front, in a tunnel: nothing starts yet.
fn in_a_tunnel(fixture: &Fixture, delegate: &Arc<Recorder>) -> Session {
    let tunnel = SystemConditions {
        network: Network::None,
        ..app(AppState::Active)
    };
    let configuration = fixture.background("com.example.test").conditions(tunnel);
    start(configuration, delegate)
}

fn wait_until_waiting(session: &Session, task: &DownloadTask, reason: WaitReason) {
    session.wait_until(Some(PATIENCE), |status| status.transferring == 0);
    assert_eq!(task.info().unwrap().state, TaskState::Waiting(reason));
}

#[test]
fn a_wake_that_ends_stops_a_transfer_which_keeps_its_bytes() {
    // rule W3, rule P2, rule R2
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = in_a_tunnel(&fixture, &delegate);
    fixture.server.script("a", vec![Fault::SlowBody(500_000)]);
    let object = Object::generated(1, LEN);
    let task = fixture.fetch(&session, "a", &object);
    session.set_conditions(app(AppState::Background));
    wait_until_waiting(&session, &task, WaitReason::WakeBudget);
    assert_eq!(
        fixture.server.requests().len(),
        0,
        "no run time, no transfer"
    );

    let (ticket, completed) = Ticket::new(&delegate);
    session.handle_background_events(ticket.limit(WAKE));
    completed.wait();
    wait_until_waiting(&session, &task, WaitReason::WakeBudget);
    let received = task.info().unwrap().received;
    assert!(received > 0, "the wake was of use");
    assert_eq!(fixture.server.requests().len(), 1);

    session.set_conditions(app(AppState::Active));
    delegate.wait_for_file(task.id());
    assert!(delegate.order_for(task.id()).contains(&"resumed"));
    fixture.assert_arrived("a", &object);
    assert_eq!(completed.count(), 1);
}

#[test]
fn a_longer_wake_beside_a_shorter_one_goes_on() {
    // rule W3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = in_a_tunnel(&fixture, &delegate);
    fixture.server.script("a", vec![Fault::SlowBody(1_000_000)]);
    let object = Object::generated(1, 1_000_000);
    let task = fixture.fetch(&session, "a", &object);
    let (short, short_over) = Ticket::new(&delegate);
    let (long, long_over) = Ticket::new(&delegate);
    session.handle_background_events(long.limit(Duration::from_secs(60)));
    session.handle_background_events(short.limit(Duration::from_millis(200)));
    session.set_conditions(app(AppState::Background));
    assert!(!short_over.wait().contains(&"completed"));
    assert!(long_over.wait().contains(&"completed"));
    delegate.wait_for_file(task.id());
    assert_eq!(fixture.server.requests().len(), 1, "it was one attempt");
    assert_eq!((short_over.count(), long_over.count()), (1, 1));
}

#[test]
fn a_transfer_ends_within_its_wake_and_is_told_there() {
    // rule S5, rule W4
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = in_a_tunnel(&fixture, &delegate);
    let object = Object::generated(1, 100_000);
    fixture.fetch(&session, "a", &object);
    session.set_conditions(app(AppState::Background));
    let (ticket, completed) = Ticket::new(&delegate);
    session.handle_background_events(ticket.limit(Duration::from_secs(60)));
    let told = completed.wait();
    assert!(told.ends_with(&["completed", "all-delivered"]), "{told:?}");
    fixture.assert_arrived("a", &object);
}
