//! A wake is given back exactly once, whatever happens (rules S5, W3, W4).

use std::sync::{Arc, Mutex, mpsc};
use std::thread::ThreadId;
use std::time::Duration;

use backhaul::{AppState, Executor};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::fixture::start;
use backhaul_tests::{Fixture, PATIENCE, Recorder, What};

use crate::phone::{Phone, Ticket, app, ends, wait_for_untold};

/// Long enough for a slow machine, and never waited for.
const LONG: Duration = Duration::from_secs(60);
/// Waited for.
const SHORT: Duration = Duration::from_millis(300);

/// A delegate that is stuck in the end of a task until the sender is dropped.
fn stuck_delegate() -> (Arc<Recorder>, mpsc::Sender<()>) {
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let delegate = Recorder::with_hook(move |call| {
        if matches!(call.what, What::Completed(_)) {
            // An error says that the test lets go.
            let _ = released.lock().unwrap().recv();
        }
    });
    (delegate, release)
}

#[test]
fn a_delegate_that_is_stuck_for_ever_cannot_keep_a_wake() {
    // rule W3
    let phone = Phone::new();
    let (delegate, release) = stuck_delegate();
    let session = phone.session(AppState::Background, &delegate);
    // Let go before the session is dropped, also when the test fails.
    let release = release;
    let first = phone.begin(&session, "alps");
    let second = phone.begin(&session, "andes");
    phone.finish(first.id());
    phone.finish(second.id());
    // Whichever was put in place first.
    delegate.wait_for(|calls| ends(calls) == 1);
    let (ticket, completed) = Ticket::new(&delegate);
    session.handle_background_events(ticket.limit(SHORT));
    completed.wait();
    wait_for_untold(&session, 2);
    drop(release);
    delegate.wait_for(|calls| ends(calls) == 2);
    drop((first, second, session));
    assert_eq!(completed.count(), 1);
}

#[test]
fn what_a_stuck_delegate_was_not_told_stays_in_the_journal() {
    // rule W3, rule D4
    let phone = Phone::new();
    let (delegate, release) = stuck_delegate();
    let session = phone.session(AppState::Background, &delegate);
    let release = release;
    let tasks = ["alps", "andes", "urals"].map(|name| phone.begin(&session, name));
    phone.finish(tasks[0].id());
    phone.finish(tasks[1].id());
    wait_for_untold(&session, 2);
    let (ticket, completed) = Ticket::new(&delegate);
    session.handle_background_events(ticket.limit(SHORT));
    completed.wait();
    // Let go after its wake was over: the second end is left for the next one.
    drop(release);
    wait_for_untold(&session, 1);
    assert_eq!(ends(&delegate.calls()), 1);
    let (ticket, completed) = Ticket::new(&delegate);
    session.handle_background_events(ticket);
    let told = completed.wait();
    assert!(told.ends_with(&["completed", "all-delivered"]), "{told:?}");
}

#[test]
fn a_delegate_that_panics_cannot_keep_a_wake() {
    // rule W3
    let fixture = Fixture::new();
    let delegate = Recorder::with_hook(|call| {
        let is_last = matches!(call.what, What::Completed(_) | What::AllDelivered);
        assert!(!is_last, "not today");
    });
    let session = fixture.session(&delegate);
    let (ticket, completed) = Ticket::new(&delegate);
    fixture.fetch(&session, "a", &Object::generated(1, 10_000));
    session.handle_background_events(ticket.limit(LONG));
    completed.wait();
    drop(session);
    assert_eq!(completed.count(), 1);
}

#[test]
fn a_session_that_ends_gives_its_wakes_back() {
    // rule W3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::NoAnswer]);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 10_000));
    fixture.wait_for_server(|server| server.requests().next().is_some());
    let (ticket, completed) = Ticket::new(&delegate);
    session.handle_background_events(ticket.limit(LONG));
    drop((task, session));
    completed.wait();
    assert_eq!(completed.count(), 1);
}

#[test]
fn a_session_that_is_finished_gives_its_wakes_back_in_order() {
    // rule W4, rule C3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::DelayMs(50)]);
    fixture.fetch(&session, "a", &Object::generated(1, 10_000));
    let (ticket, completed) = Ticket::new(&delegate);
    session.handle_background_events(ticket.limit(LONG));
    session.finish_tasks_and_invalidate();
    let told = completed.wait();
    assert!(
        told.contains(&"completed") && told.ends_with(&["all-delivered"]),
        "{told:?}"
    );
    delegate.wait_for_invalid();
    assert_eq!(completed.count(), 1);
}

#[test]
fn several_wakes_at_a_time_are_each_given_back_once() {
    // rule W3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::DelayMs(50)]);
    fixture.fetch(&session, "a", &Object::generated(1, 10_000));
    let tickets: Vec<Ticket> = [LONG, LONG, SHORT]
        .into_iter()
        .map(|limit| {
            let (ticket, completed) = Ticket::new(&delegate);
            session.handle_background_events(ticket.limit(limit));
            completed
        })
        .collect();
    for ticket in &tickets {
        ticket.wait();
    }
    drop(session);
    assert!(tickets.iter().all(|ticket| ticket.count() == 1));
}

/// Runs work on a thread that stands for the platform's main thread.
struct MainThread(mpsc::Sender<Box<dyn FnOnce() + Send>>, ThreadId);

impl MainThread {
    fn new() -> Arc<MainThread> {
        let (sender, work) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
        let thread = std::thread::spawn(move || work.into_iter().for_each(|work| work()));
        Arc::new(MainThread(sender, thread.thread().id()))
    }
}

impl Executor for MainThread {
    fn execute(&self, work: Box<dyn FnOnce() + Send>) {
        let _ = self.0.send(work);
    }
}

#[test]
fn a_wake_is_given_back_on_the_thread_that_the_platform_wants() {
    // rule W4
    for is_stuck in [false, true] {
        let phone = Phone::new();
        let (delegate, release) = stuck_delegate();
        let session = phone.session(AppState::Background, &delegate);
        let release = release;
        let task = phone.begin(&session, "alps");
        if is_stuck {
            phone.finish(task.id());
            delegate.wait_for_end(task.id());
        }
        let main = MainThread::new();
        let (sender, completed_on) = mpsc::channel();
        let ticket = backhaul::WakeTicket::new(move || {
            let _ = sender.send(std::thread::current().id());
        });
        let ticket = ticket
            .limit(SHORT)
            .on(Arc::clone(&main) as Arc<dyn Executor>);
        session.handle_background_events(ticket);
        let thread = completed_on.recv_timeout(PATIENCE);
        assert_eq!(thread, Ok(main.1), "stuck: {is_stuck}");
        drop(release);
    }
}

#[test]
fn a_wake_for_a_service_waits_for_what_the_service_says() {
    // rule S5, rule W4
    let (phone, delegate) = (Phone::new(), Recorder::new());
    let session = phone.session(AppState::Background, &delegate);
    let task = phone.begin(&session, "alps");
    let _other = phone.begin(&session, "andes");
    phone.service.withhold_list();
    let (ticket, completed) = Ticket::new(&delegate);
    session.handle_background_events(ticket.limit(LONG));
    phone.service.wait_for(|state| state.lists == 2);
    assert_eq!(completed.count(), 0, "its events may still be on their way");
    phone.finish(task.id());
    phone.service.answer_list();
    let told = completed.wait();
    assert!(told.ends_with(&["completed", "all-delivered"]), "{told:?}");
}

#[test]
fn a_wake_of_an_app_in_front_stops_nothing() {
    // rule W3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let configuration = fixture
        .background("com.example.test")
        .conditions(app(AppState::Active));
    let session = start(configuration, &delegate);
    fixture.server.script("a", vec![Fault::SlowBody(200_000)]);
    let object = Object::generated(1, 200_000);
    let task = fixture.fetch(&session, "a", &object);
    let (ticket, completed) = Ticket::new(&delegate);
    session.handle_background_events(ticket.limit(SHORT));
    completed.wait();
    delegate.wait_for_file(task.id());
    assert_eq!(fixture.server.requests().len(), 1, "it was one attempt");
}
