//! The user ends the app by force: tasks report it or go on, none vanishes (rule W6).

use backhaul::{
    AppState, Backhaul, ErrorKind, ForceQuitPolicy, Launch, LaunchOptions, PreviousExit, TaskState,
};
use backhaul_tests::Recorder;
use backhaul_tests::fixture::{request_to, start, told};

use crate::phone::{Phone, SESSION, first_attempt};

#[test]
fn a_transfer_that_the_system_ended_reports_it() {
    // rule W6
    let (phone, delegate) = (Phone::new(), Recorder::new());
    let session = phone.session(AppState::Active, &delegate);
    let task = phone.begin(&session, "alps");
    let id = first_attempt(task.id());
    phone.service.fail(id, ErrorKind::UserForceQuit);
    let failure = delegate.wait_for_failure(task.id());
    assert_eq!(failure.kind, ErrorKind::UserForceQuit);
    assert_eq!(failure.kind.as_str(), "user_force_quit");
    assert!(task.info().unwrap().error.unwrap().is_cancelled());
}

#[test]
fn a_transfer_that_the_system_ended_goes_on_if_the_app_wants_that() {
    // rule W6
    let (phone, delegate) = (Phone::new(), Recorder::new());
    let configuration = phone
        .configuration(AppState::Active)
        .force_quit_policy(ForceQuitPolicy::Requeue);
    let session = start(configuration, &delegate);
    let task = phone.begin(&session, "alps");
    let first = first_attempt(task.id());
    phone.service.fail(first, ErrorKind::UserForceQuit);
    let second = backhaul::transport::TransferId {
        attempt: 2,
        ..first
    };
    phone
        .service
        .wait_for(|state| state.running.contains_key(&second));
}

/// One task whose transfer is lost with the app, one that the service still has, one that was never
/// resumed; then a launch that knows how the app ended.
fn after_a_force_quit(policy: ForceQuitPolicy) -> (Phone, Backhaul, std::sync::Arc<Recorder>) {
    let phone = Phone::new();
    {
        let session = phone.session(AppState::Active, &Recorder::new());
        let lost = phone.begin(&session, "lost");
        phone.begin(&session, "held");
        session
            .download_task(request_to("https://example.com/paused", "paused"))
            .unwrap();
        phone.service.stop_silently(first_attempt(lost.id()));
    }
    phone.service.detach();
    let delegate = Recorder::new();
    let options = LaunchOptions::default().previous_exit(PreviousExit::ForceQuit);
    let backhaul = Backhaul::launch(phone.container.path(), options, |_| {
        let configuration = phone
            .configuration(AppState::Active)
            .force_quit_policy(policy);
        Some(Launch::new(configuration, told(&delegate)))
    })
    .unwrap();
    (phone, backhaul, delegate)
}

#[test]
fn after_a_force_quit_none_vanishes() {
    // rule W6
    let (phone, backhaul, delegate) = after_a_force_quit(ForceQuitPolicy::Report);
    let session = backhaul.session(SESSION).unwrap();
    let tasks = session.tasks_after(None, 10).unwrap();
    let [lost, held, paused] = [0, 1, 2].map(|index: usize| tasks[index].id);
    let failure = delegate.wait_for_failure(lost);
    assert_eq!(failure.kind, ErrorKind::UserForceQuit);
    let state = |id| session.task(id).unwrap().info().unwrap().state;
    assert_eq!(state(paused), TaskState::Suspended);
    phone.finish(held);
    delegate.wait_for_file(held);
    assert_eq!(session.tasks_after(None, 10).unwrap().len(), 3);
}

#[test]
fn after_a_force_quit_all_go_on_if_the_app_wants_that() {
    // rule W6
    let (phone, backhaul, delegate) = after_a_force_quit(ForceQuitPolicy::Requeue);
    let session = backhaul.session(SESSION).unwrap();
    let lost = session.tasks_after(None, 1).unwrap()[0].id;
    let second = backhaul::transport::TransferId {
        task: lost,
        attempt: 2,
    };
    phone
        .service
        .wait_for(|state| state.running.contains_key(&second));
    phone
        .service
        .finish(second, crate::phone::BODY, phone.container.path());
    delegate.wait_for_file(lost);
}
