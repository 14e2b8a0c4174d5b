//! Wakes that the platform lends (rule S5).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use backhaul::WakeTicket;
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::{Fixture, PATIENCE, Recorder};

/// A ticket, how often it was completed, and what the delegate had been told by then.
fn ticket(
    delegate: &Arc<Recorder>,
) -> (
    WakeTicket,
    Arc<AtomicUsize>,
    mpsc::Receiver<Vec<&'static str>>,
) {
    let completions = Arc::new(AtomicUsize::new(0));
    let (sender, receiver) = mpsc::channel();
    let (count, delegate) = (Arc::clone(&completions), Arc::clone(delegate));
    let ticket = WakeTicket::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
        let told = delegate
            .calls()
            .iter()
            .map(|call| call.what.name())
            .collect();
        sender.send(told).expect("the test listens");
    });
    (ticket, completions, receiver)
}

#[test]
fn a_wake_is_given_back_once_when_everything_was_told() {
    // rule S5
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::DelayMs(100)]);
    let object = Object::generated(1, 200_000);
    let task = fixture.fetch(&session, "a", &object);
    let (ticket, completions, completed) = ticket(&delegate);
    session.handle_background_events(ticket);

    let told = completed
        .recv_timeout(PATIENCE)
        .expect("the wake is given back");
    assert_eq!(
        told.last(),
        Some(&"all-delivered"),
        "the last entry comes first: {told:?}"
    );
    let end = told.iter().position(|name| *name == "completed");
    assert!(
        end.is_some(),
        "not before the transfer that runs has ended: {told:?}"
    );
    delegate.wait_for_file(task.id());
    fixture.assert_arrived("a", &object);
    drop(session);
    assert_eq!(completions.load(Ordering::SeqCst), 1);
}

#[test]
fn a_wake_with_nothing_to_do_is_given_back_at_once() {
    // rule S5
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    session.download_task(fixture.request("suspended")).unwrap();
    let (ticket, completions, completed) = ticket(&delegate);
    session.handle_background_events(ticket);
    completed
        .recv_timeout(PATIENCE)
        .expect("the wake is given back");
    drop(session);
    assert_eq!(completions.load(Ordering::SeqCst), 1);
}

#[test]
fn a_session_that_ended_gives_a_wake_back() {
    // rule S5
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    session.invalidate_and_cancel();
    delegate.wait_for_invalid();
    let (ticket, completions, completed) = ticket(&delegate);
    session.handle_background_events(ticket);
    completed
        .recv_timeout(PATIENCE)
        .expect("the wake is given back");
    assert_eq!(completions.load(Ordering::SeqCst), 1);
}
