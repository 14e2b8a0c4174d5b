//! One call at every launch (rules W5, W7, S5).

use std::sync::Arc;

use backhaul::{
    AppState, Backhaul, DelegateQueue, ErrorKind, Launch, LaunchOptions, Session,
    SessionConfiguration, WaitReason,
};
use backhaul_tests::fixture::{request_to, start, told};
use backhaul_tests::{PATIENCE, Recorder};

use crate::phone::{BODY, Phone, SECOND, Ticket, app, ends, names};

const MAPS: &str = "com.example.maps";
const BOOKS: &str = SECOND;
const GONE: &str = "com.example.gone";

fn in_background() -> LaunchOptions {
    LaunchOptions::default().conditions(app(AppState::Background))
}

/// A launch of an app that knows these sessions, all with one delegate.
fn launch(
    phone: &Phone,
    options: LaunchOptions,
    known: &[&str],
    delegate: &Arc<Recorder>,
) -> Backhaul {
    let container = phone.container.path();
    Backhaul::launch(container, options, |identifier| {
        let is_known = known.contains(&identifier);
        let configuration = || {
            SessionConfiguration::background(identifier)
                .unwrap()
                .is_discretionary(false)
                .transport(phone.service_of(identifier).transport())
        };
        is_known.then(|| Launch::new(configuration(), told(delegate)))
    })
    .unwrap()
}

/// A session of an earlier process, which ends.
fn earlier(phone: &Phone, identifier: &str, work: impl FnOnce(&Session)) {
    let session = start(
        phone.named(identifier, AppState::Background),
        &Recorder::new(),
    );
    work(&session);
    drop(session);
    phone.service_of(identifier).detach();
}

fn enqueue(session: &Session, name: &str) {
    let url = format!("https://example.com/{name}");
    session.download_task(request_to(&url, name)).unwrap();
}

#[test]
fn what_the_store_knows_is_made_again_and_goes_on() {
    // rule W5, rule S7
    let phone = Phone::new();
    let mut task = None;
    earlier(&phone, MAPS, |session| {
        task = Some(phone.begin(session, "alps").id());
    });
    let task = task.unwrap();
    let delegate = Recorder::new();
    let backhaul = launch(&phone, in_background(), &[MAPS, BOOKS], &delegate);
    let names: Vec<_> = backhaul
        .sessions()
        .iter()
        .map(|session| session.identifier().unwrap().to_owned())
        .collect();
    assert_eq!(names, [MAPS], "the other one has nothing left to do");
    assert!(backhaul.unknown_sessions().is_empty());
    let session = backhaul.session(MAPS).unwrap();
    session.wait_until(Some(PATIENCE), |status| status.transferring == 1);
    phone.finish(task);
    delegate.wait_for_file(task);
    let file = phone.container.path().join("files/alps");
    assert_eq!(std::fs::read(file).unwrap(), BODY);
}

#[test]
fn what_the_app_no_longer_knows_is_reported_and_kept() {
    // rule W5
    let phone = Phone::new();
    earlier(&phone, GONE, |session| enqueue(session, "old"));
    earlier(&phone, MAPS, |session| enqueue(session, "alps"));
    let delegate = Recorder::new();
    let backhaul = launch(&phone, in_background(), &[MAPS], &delegate);
    assert_eq!(backhaul.unknown_sessions(), [GONE]);
    assert!(backhaul.session(GONE).is_none());
    let (ticket, completed) = Ticket::new(&delegate);
    assert!(!backhaul.handle_background_events(GONE, ticket));
    completed.wait();
    drop(backhaul);

    let backhaul = launch(&phone, in_background(), &[MAPS, GONE], &delegate);
    let session = backhaul.session(GONE).unwrap();
    assert_eq!(session.tasks_after(None, 10).unwrap().len(), 1);
}

#[test]
fn a_launch_for_a_wake_tells_what_waited_and_gives_the_wake_back() {
    // rule S5, rule S11, rule W4
    let phone = Phone::new();
    earlier(&phone, MAPS, |session| {
        phone.leave_one_untold(session, "alps");
    });
    let delegate = Recorder::new();
    let backhaul = launch(&phone, in_background(), &[MAPS], &delegate);
    let (ticket, completed) = Ticket::new(&delegate);
    assert!(backhaul.handle_background_events(MAPS, ticket));
    let told = completed.wait();
    assert_eq!(told, ["metrics", "finished", "completed", "all-delivered"]);
}

#[test]
fn coming_to_the_front_reaches_every_session() {
    // rule W7
    let phone = Phone::new();
    for (identifier, name) in [(MAPS, "alps"), (BOOKS, "faust")] {
        earlier(&phone, identifier, |session| {
            phone.leave_one_untold(session, name);
        });
    }
    let delegate = Recorder::new();
    let options = in_background();
    let backhaul = launch(&phone, options, &[MAPS, BOOKS], &delegate);
    backhaul.set_conditions(app(AppState::Active));
    delegate.wait_for(|calls| ends(calls) == 2);
}

#[test]
fn a_wake_for_nobody_in_particular_is_for_all() {
    // rule S5, rule W3
    let phone = Phone::new();
    for (identifier, name) in [(MAPS, "alps"), (BOOKS, "faust")] {
        earlier(&phone, identifier, |session| {
            phone.leave_one_untold(session, name);
        });
    }
    let delegate = Recorder::new();
    let backhaul = launch(&phone, in_background(), &[MAPS, BOOKS], &delegate);
    let (ticket, completed) = Ticket::new(&delegate);
    backhaul.handle_wake(ticket);
    let told = completed.wait();
    let all = |name| told.iter().filter(|told| **told == name).count();
    assert_eq!((all("completed"), all("all-delivered")), (2, 2), "{told:?}");
    assert_eq!(completed.count(), 1);
}

#[test]
fn one_session_that_cannot_be_made_stops_no_other() {
    // rule W5, rule C1
    let phone = Phone::new();
    for identifier in [MAPS, BOOKS, GONE] {
        earlier(&phone, identifier, |session| enqueue(session, identifier));
    }
    let _held = start(phone.named(MAPS, AppState::Active), &Recorder::new());
    let delegate = Recorder::new();
    let backhaul = Backhaul::launch(phone.container.path(), in_background(), |identifier| {
        let name = if identifier == BOOKS {
            "other"
        } else {
            identifier
        };
        let configuration = SessionConfiguration::background(name).unwrap();
        Some(Launch::new(configuration, told(&delegate)))
    })
    .unwrap();
    let failed: Vec<_> = backhaul
        .failed_sessions()
        .iter()
        .map(|(name, error)| (name.as_str(), error.kind()))
        .collect();
    let expected = [
        (MAPS, ErrorKind::SessionInUse),
        (BOOKS, ErrorKind::InvalidIdentifier),
    ];
    assert_eq!(failed, expected);
    assert!(backhaul.session(GONE).is_some());
}

#[test]
fn a_session_is_opened_once_under_the_conditions_of_now() {
    // rule C1, rule P2
    let phone = Phone::new();
    let delegate = Recorder::new();
    let backhaul = launch(&phone, in_background(), &[], &delegate);
    let offline = backhaul::SystemConditions {
        network: backhaul::Network::None,
        ..app(AppState::Active)
    };
    backhaul.set_conditions(offline);
    let parts = || {
        let configuration = phone.named(MAPS, AppState::Active);
        Launch::new(configuration, told(&delegate)).queue(DelegateQueue::Serial)
    };
    let session = backhaul.open(parts()).unwrap();
    let again = backhaul.open(parts()).unwrap();
    assert_eq!(session.identifier(), again.identifier());
    assert_eq!(backhaul.sessions().len(), 1);
    let task = session
        .download_task(request_to("https://example.com/alps", "alps"))
        .unwrap();
    task.resume().unwrap();
    let state = task.info().unwrap().state;
    assert_eq!(state.reason(), Some(WaitReason::Connectivity));
    assert_eq!(names(&delegate.calls())[0], "created");
}

#[test]
fn an_empty_container_is_no_error() {
    // rule W5
    let phone = Phone::new();
    let container = phone.container.path().join("not/there/yet");
    let backhaul = Backhaul::launch(&container, LaunchOptions::default(), |_| None).unwrap();
    assert!(backhaul.sessions().is_empty() && backhaul.unknown_sessions().is_empty());
    assert!(backhaul.recovery().is_none());
}

#[test]
fn a_damaged_store_is_reported_by_the_launch() {
    // rule D6
    let phone = Phone::new();
    std::fs::write(phone.container.path().join("backhaul.sqlite3"), "no store").unwrap();
    let backhaul = launch(&phone, in_background(), &[], &Recorder::new());
    let recovery = backhaul.recovery().unwrap();
    assert!(recovery.moved_to.exists());
}
