//! How sessions end (rules C1, C3).

use std::sync::Arc;

use backhaul::{ErrorKind, Session};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::fixture::told;
use backhaul_tests::{Fixture, PATIENCE, Recorder, What};

fn wait_until_closed(session: &Session) {
    assert!(
        session
            .wait_until(Some(PATIENCE), |status| status.closed)
            .closed
    );
}

#[test]
fn tasks_are_finished_first_then_the_session_is_invalid() {
    // rule C3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let released = Arc::downgrade(&delegate);
    fixture.server.script("a", vec![Fault::DelayMs(200)]);
    let object = Object::generated(1, 100_000);
    let task = fixture.fetch(&session, "a", &object);
    session.finish_tasks_and_invalidate();
    let refused = session.download_task(fixture.request("b")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::SessionInvalidated);

    delegate.wait_for_file(task.id());
    let calls = delegate.wait_for_invalid();
    assert_eq!(calls.last().unwrap().what.name(), "invalid");
    wait_until_closed(&session);
    drop(delegate);
    assert!(released.upgrade().is_none(), "the delegate is released");
    fixture.assert_arrived("a", &object);

    // The identifier is free although the old handles are still there.
    let again = fixture.session(&Recorder::new());
    assert!(task.info().is_err() && session.tasks_after(None, 1).is_err());
    drop(again);
}

#[test]
fn tasks_are_cancelled_first_then_the_session_is_invalid() {
    // rule C3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.always("a", Fault::Stall(50_000));
    let running = fixture.fetch(&session, "a", &Object::generated(1, 100_000));
    delegate.wait_for_call(running.id(), |what| what.name() == "wrote");
    let suspended = session.download_task(fixture.request("b")).unwrap();
    session.invalidate_and_cancel();
    let calls = delegate.wait_for_invalid();
    assert_eq!(calls.last().unwrap().what.name(), "invalid");
    for task in [&running, &suspended] {
        assert_eq!(
            delegate.wait_for_failure(task.id()).kind,
            ErrorKind::Cancelled
        );
    }
    wait_until_closed(&session);
    fixture.assert_no_leftovers();
    let again = Recorder::new();
    let session = fixture.session(&again);
    session.finish_tasks_and_invalidate();
    assert_eq!(again.wait_for_invalid().len(), 1, "nothing came back");
}

#[test]
fn an_idle_session_is_invalid_at_once_and_only_once() {
    // rule C3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    session.finish_tasks_and_invalidate();
    session.invalidate_and_cancel();
    session.finish_tasks_and_invalidate();
    delegate.wait_for_invalid();
    wait_until_closed(&session);
    session.finish_tasks_and_invalidate();
    assert_eq!(delegate.calls().len(), 1);
}

#[test]
fn a_session_that_is_finishing_needs_no_handles() {
    // rule C3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::DelayMs(200)]);
    let object = Object::generated(1, 100_000);
    let id = fixture.fetch(&session, "a", &object).id();
    session.finish_tasks_and_invalidate();
    drop(session);
    delegate.wait_for_file(id);
    delegate.wait_for_invalid();
    fixture.assert_arrived("a", &object);
}

#[test]
fn a_suspended_task_can_still_be_resumed_while_the_session_is_finishing() {
    // rule C3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.put("a", Object::generated(1, 1_000));
    let task = session.download_task(fixture.request("a")).unwrap();
    session.finish_tasks_and_invalidate();
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
    delegate.wait_for_invalid();
    wait_until_closed(&session);
    assert_eq!(
        task.resume().unwrap_err().kind(),
        ErrorKind::SessionInvalidated
    );
}

#[test]
fn finishing_may_turn_into_cancelling() {
    // rule C3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.always("a", Fault::NoAnswer);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 100_000));
    session.finish_tasks_and_invalidate();
    session.invalidate_and_cancel();
    assert_eq!(
        delegate.wait_for_failure(task.id()).kind,
        ErrorKind::Cancelled
    );
    delegate.wait_for_invalid();
}

#[test]
fn one_identifier_has_one_live_session() {
    // rule C1
    let fixture = Fixture::new();
    let session = fixture.session(&Recorder::new());
    let second = Recorder::new();
    let configuration = fixture.background("com.example.test");
    let error = Session::background(configuration, told(&second), Default::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionInUse);
    // Another identifier in the same container is another session.
    let other = Session::background(
        fixture.background("com.example.other"),
        told(&second),
        Default::default(),
    );
    drop(other.unwrap());
    drop(session);
}

#[test]
fn dropping_the_last_handle_frees_the_identifier() {
    // rule C1, rule C3, rule S7
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::Stall(200_000)]);
    let object = Object::generated(1, 400_000);
    let task = fixture.fetch(&session, "a", &object);
    delegate.wait_for_call(task.id(), |what| what.name() == "wrote");
    let id = task.id();
    drop(session);
    // A task is a handle too.
    assert!(task.info().is_ok());
    drop(task);

    let again = Recorder::new();
    let session = fixture.session(&again);
    again.wait_for_file(id);
    fixture.assert_arrived("a", &object);
    assert!(
        delegate
            .calls()
            .iter()
            .all(|call| !matches!(call.what, What::Invalid))
    );
    drop(session);
}
