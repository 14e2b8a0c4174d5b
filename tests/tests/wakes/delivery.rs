//! When the delegate is told (rules S9–S11, W2, W5, W7).

use backhaul::{AppState, DeliveryPolicy};
use backhaul_tests::fixture::start;
use backhaul_tests::{Recorder, What};

use crate::phone::{Phone, Ticket, app, ends, first_attempt, names, wait_for_untold};

#[test]
fn an_app_in_front_is_told_at_once() {
    // rule S9, rule W2
    for state in [AppState::Active, AppState::Frontmost] {
        let (phone, delegate) = (Phone::new(), Recorder::new());
        let session = phone.session(state, &delegate);
        let first = phone.begin(&session, "alps");
        let _second = phone.begin(&session, "andes");
        phone.finish(first.id());
        delegate.wait_for_file(first.id());
    }
}

#[test]
fn in_the_background_ends_are_told_together_when_all_have_come() {
    // rule W2, rule S10
    let (phone, delegate) = (Phone::new(), Recorder::new());
    let session = phone.session(AppState::Background, &delegate);
    let first = phone.begin(&session, "alps");
    let second = phone.begin(&session, "andes");
    // One that was never resumed keeps nobody waiting.
    session
        .download_task(backhaul_tests::fixture::request_to(
            "https://example.com/c",
            "c",
        ))
        .unwrap();
    phone.finish(first.id());
    wait_for_untold(&session, 1);
    assert_eq!(ends(&delegate.calls()), 0);
    phone.finish(second.id());
    let calls = delegate.wait_for(|calls| names(calls).last() == Some(&"all-delivered"));
    assert_eq!(ends(&calls), 2);
}

#[test]
fn each_end_is_told_at_once_if_the_app_wants_that() {
    // rule W2
    let (phone, delegate) = (Phone::new(), Recorder::new());
    let configuration = phone
        .configuration(AppState::Background)
        .delivery_policy(DeliveryPolicy::Each);
    let session = start(configuration, &delegate);
    let first = phone.begin(&session, "alps");
    let _second = phone.begin(&session, "andes");
    phone.finish(first.id());
    delegate.wait_for_file(first.id());
}

#[test]
fn coming_to_the_front_tells_what_waited() {
    // rule W7, rule S11
    let (phone, delegate) = (Phone::new(), Recorder::new());
    let session = phone.session(AppState::Background, &delegate);
    let first = phone.begin(&session, "alps");
    let second = phone.begin(&session, "andes");
    phone.finish(first.id());
    wait_for_untold(&session, 1);
    assert_eq!(ends(&delegate.calls()), 0);
    session.set_conditions(app(AppState::Active));
    delegate.wait_for_file(first.id());

    // And back: the next one waits again.
    session.set_conditions(app(AppState::Background));
    let third = phone.begin(&session, "urals");
    wait_for_untold(&session, 0);
    phone.finish(second.id());
    wait_for_untold(&session, 1);
    assert_eq!(ends(&delegate.calls()), 1);
    phone.finish(third.id());
    delegate.wait_for_file(third.id());
}

#[test]
fn progress_is_for_screens() {
    // rule W2
    let (phone, delegate) = (Phone::new(), Recorder::new());
    let session = phone.session(AppState::Background, &delegate);
    let task = phone.begin(&session, "alps");
    phone.service.progress(first_attempt(task.id()), 3, None);
    phone.finish(task.id());
    delegate.wait_for_file(task.id());
    let order = delegate.order_for(task.id());
    assert_eq!(order, ["created", "metrics", "finished", "completed"]);
}

#[test]
fn the_end_of_a_wake_tells_what_there_is() {
    // rule W3, rule W4
    let (phone, delegate) = (Phone::new(), Recorder::new());
    let session = phone.session(AppState::Background, &delegate);
    let first = phone.begin(&session, "alps");
    let second = phone.begin(&session, "andes");
    phone.finish(first.id());
    wait_for_untold(&session, 1);
    let (ticket, completed) = Ticket::new(&delegate);
    session.handle_background_events(ticket);
    let told = completed.wait();
    assert!(
        told.ends_with(&["completed", "all-delivered"]),
        "the last entry, then that it was the last, then the ticket: {told:?}"
    );

    // The wake is over: what comes now waits again, for the task that is left.
    let third = phone.begin(&session, "urals");
    phone.finish(second.id());
    wait_for_untold(&session, 1);
    assert_eq!(ends(&delegate.calls()), 1);
    phone.finish(third.id());
    delegate.wait_for_file(third.id());
    assert_eq!(completed.count(), 1);
}

#[test]
fn without_launch_events_only_the_front_is_told() {
    // rule C, rule W2
    let (phone, delegate) = (Phone::new(), Recorder::new());
    let configuration = phone
        .configuration(AppState::Background)
        .sends_launch_events(false)
        .delivery_policy(DeliveryPolicy::Each);
    let session = start(configuration, &delegate);
    let task = phone.begin(&session, "alps");
    phone.finish(task.id());
    wait_for_untold(&session, 1);
    let (ticket, completed) = Ticket::new(&delegate);
    session.handle_background_events(ticket);
    assert_eq!(
        completed.wait(),
        ["created"],
        "the wake is given back all the same"
    );
    session.set_conditions(app(AppState::Active));
    delegate.wait_for_file(task.id());
}

#[test]
fn nothing_is_told_before_store_and_service_agree() {
    // rule W5
    let phone = Phone::new();
    let task = {
        let delegate = Recorder::new();
        let session = phone.session(AppState::Background, &delegate);
        let first = phone.begin(&session, "alps");
        let _second = phone.begin(&session, "andes");
        phone.finish(first.id());
        wait_for_untold(&session, 1);
        first.id()
    };
    phone.service.detach();

    phone.service.withhold_list();
    let delegate = Recorder::new();
    let session = phone.session(AppState::Active, &delegate);
    let lists = |lists| phone.service.wait_for(move |state| state.lists == lists);
    lists(2);
    // The session has answered this after it could have told something.
    assert!(session.task(task).is_ok());
    assert_eq!(names(&delegate.calls()), [""; 0]);
    phone.service.answer_list();
    delegate.wait_for_file(task);
}

#[test]
fn a_transfer_that_no_task_is_for_is_cancelled_and_reported() {
    // rule W5
    let phone = Phone::new();
    let stranger = "7000.3".parse().unwrap();
    phone.service.invent(stranger);
    let delegate = Recorder::new();
    let _session = phone.session(AppState::Background, &delegate);
    delegate.wait_for(|calls| {
        let is_it = |what: &What| matches!(what, What::CancelledUnknown(id) if *id == stranger);
        calls.iter().any(|call| is_it(&call.what))
    });
    phone
        .service
        .wait_for(|state| state.stopped == [stranger] && state.running.is_empty());
}

#[test]
fn an_invalidated_session_tells_its_last_ends_in_the_background_too() {
    // rule C3
    let (phone, delegate) = (Phone::new(), Recorder::new());
    let configuration = phone
        .configuration(AppState::Background)
        .sends_launch_events(false);
    let session = start(configuration, &delegate);
    let task = phone.begin(&session, "alps");
    session.invalidate_and_cancel();
    delegate.wait_for_invalid();
    delegate.wait_for_failure(task.id());
}
