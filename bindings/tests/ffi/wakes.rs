//! Wakes through the bindings: tickets, schedulers and launches.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use backhaul_fault_server::Object;
use backhaul_ffi::{
    BackgroundSessions, CallbackError, DelegateExecutor, DelegateWork, ErrorKind, PreviousExit,
    SessionFactory, SessionParts, WakeCompletion, WakeRequest, WakeScheduler, WakeTicket,
};

use crate::support::{
    Call, PATIENCE, Recorder, Site, fetch, info, parts, session, session_when_free, thrown,
};

const NAME: &str = "com.example.test";

/// Counts, and says when it was called.
struct Completion {
    calls: AtomicU32,
    called: Sender<()>,
    throws: bool,
}

fn completion(throws: bool) -> (Arc<Completion>, Receiver<()>) {
    let (called, calls) = channel();
    let completion = Completion {
        calls: AtomicU32::new(0),
        called,
        throws,
    };
    (Arc::new(completion), calls)
}

impl WakeCompletion for Completion {
    fn complete(&self) -> Result<(), CallbackError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        // Nobody may be listening any more.
        let _ = self.called.send(());
        if self.throws { thrown() } else { Ok(()) }
    }
}

#[test]
fn a_ticket_is_completed_once_however_often_it_is_handed_over() {
    // rule W3
    let site = Site::new();
    let (delegate, told) = Recorder::new();
    let session = session(parts(site.background(NAME), delegate));
    for throws in [false, true] {
        let (completion, completed) = completion(throws);
        let ticket = WakeTicket::new(completion.clone(), None, None);
        assert!(session.handle_background_events(ticket.clone()));
        assert!(!session.handle_background_events(ticket.clone()));
        ticket.give_back();
        completed.recv_timeout(PATIENCE).unwrap();
        drop(ticket);
        assert_eq!(completion.calls.load(Ordering::SeqCst), 1);
    }
    told.wait_for(1, |call| *call == Call::EventsFinished);
}

#[test]
fn a_ticket_that_nobody_takes_is_completed_when_it_is_let_go() {
    // rule W3
    let (given_back, _calls) = completion(false);
    WakeTicket::new(given_back.clone(), None, None).give_back();
    assert_eq!(given_back.calls.load(Ordering::SeqCst), 1);
    let (dropped, _calls) = completion(false);
    drop(WakeTicket::new(dropped.clone(), None, None));
    assert_eq!(dropped.calls.load(Ordering::SeqCst), 1);
}

#[test]
fn the_watchdog_completes_a_wake_whose_delegate_blocks() {
    // rule W3
    let site = Site::new();
    let (go_on, blocked) = channel::<()>();
    let blocked = Mutex::new(blocked);
    let (delegate, told) = Recorder::answering(move |call| {
        if matches!(call, Call::File(..)) {
            // Until the test lets go of its end, or has failed.
            let _ = blocked.lock().unwrap().recv_timeout(PATIENCE);
        }
        Ok(())
    });
    let session = session(parts(site.background(NAME), delegate));
    fetch(&session, site.put("a", &Object::generated(1, 1_000)));
    told.wait_for(1, |call| matches!(call, Call::File(..)));
    let (completion, completed) = completion(false);
    let limit = Some(Duration::from_millis(200));
    session.handle_background_events(WakeTicket::new(completion, limit, None));
    completed.recv_timeout(PATIENCE).unwrap();
    drop(go_on);
    told.wait_for(1, |call| matches!(call, Call::Completed(_, None)));
}

/// Stands for a platform's main thread.
struct MainThread {
    runs: AtomicU32,
}

impl DelegateExecutor for MainThread {
    fn execute(&self, work: Arc<DelegateWork>) -> Result<(), CallbackError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        work.run();
        work.run();
        Ok(())
    }
}

#[test]
fn a_ticket_is_completed_where_the_platform_wants_it() {
    // rule W4
    let site = Site::new();
    let (delegate, _told) = Recorder::new();
    let session = session(parts(site.background(NAME), delegate));
    let main = Arc::new(MainThread {
        runs: AtomicU32::new(0),
    });
    let (completion, completed) = completion(false);
    let ticket = WakeTicket::new(completion.clone(), None, Some(main.clone()));
    session.handle_background_events(ticket);
    completed.recv_timeout(PATIENCE).unwrap();
    assert_eq!(main.runs.load(Ordering::SeqCst), 1);
    assert_eq!(completion.calls.load(Ordering::SeqCst), 1);
}

/// Passes on what it is asked, and perhaps throws.
struct Scheduler {
    asked: Sender<Option<WakeRequest>>,
    throws: bool,
}

impl WakeScheduler for Scheduler {
    fn schedule(&self, request: WakeRequest) -> Result<(), CallbackError> {
        // Nobody may be listening any more.
        let _ = self.asked.send(Some(request));
        if self.throws { thrown() } else { Ok(()) }
    }

    fn cancel(&self) -> Result<(), CallbackError> {
        let _ = self.asked.send(None);
        if self.throws { thrown() } else { Ok(()) }
    }
}

#[test]
fn one_wake_is_asked_for_the_next_useful_moment_and_withdrawn_when_nothing_is_left() {
    // rule P6
    for throws in [false, true] {
        let site = Site::new();
        let (delegate, _told) = Recorder::new();
        let (asked, requests) = channel();
        let session = session(SessionParts {
            wake_scheduler: Some(Arc::new(Scheduler { asked, throws })),
            ..parts(site.background(NAME), delegate)
        });
        let mut later = site.put("a", &Object::generated(1, 1_000));
        let at = SystemTime::now() + Duration::from_secs(3600);
        later.earliest_begin_date = Some(at);
        let task = fetch(&session, later);
        let next = |wanted: fn(&Option<WakeRequest>) -> bool| loop {
            let request = requests.recv_timeout(PATIENCE).unwrap();
            if wanted(&request) {
                return request;
            }
        };
        let request = next(Option::is_some).unwrap();
        let early = at.duration_since(request.at).unwrap_or_default();
        assert!(early < Duration::from_secs(1), "{request:?}");
        assert!(request.constraints.network);
        session.task(task).unwrap().cancel().unwrap();
        next(Option::is_none);
    }
}

/// Makes sessions, or throws for some.
struct Factory {
    site: Arc<Site>,
    delegate: Arc<Recorder>,
}

impl SessionFactory for Factory {
    fn make_session(&self, identifier: String) -> Result<Option<SessionParts>, CallbackError> {
        match identifier.as_str() {
            "throws" => thrown(),
            "forgotten" => Ok(None),
            "renamed" => Ok(Some(self.parts("other"))),
            identifier => Ok(Some(self.parts(identifier))),
        }
    }
}

impl Factory {
    fn parts(&self, identifier: &str) -> SessionParts {
        parts(self.site.background(identifier), self.delegate.clone())
    }
}

#[test]
fn a_session_that_cannot_be_made_stops_no_other() {
    // rule W5
    let site = Arc::new(Site::new());
    let all = ["throws", "forgotten", "renamed", "maps"];
    for name in all {
        let session = session_when_free(|| parts(site.background(name), Recorder::new().0));
        session
            .download_task(site.put(name, &Object::generated(1, 10)))
            .unwrap();
    }
    let (delegate, told) = Recorder::new();
    let factory = Arc::new(Factory {
        site: site.clone(),
        delegate,
    });
    // Those just let go are still ending.
    for name in all {
        drop(session_when_free(|| {
            parts(site.background(name), Recorder::new().0)
        }));
    }
    let container = site.background("maps").container.unwrap();
    let launch = || {
        BackgroundSessions::launch(
            container.clone(),
            None,
            PreviousExit::Ordinary,
            None,
            factory.clone(),
        )
    };
    let deadline = std::time::Instant::now() + PATIENCE;
    let launched = loop {
        let launched = launch().unwrap();
        if launched.session("maps".to_owned()).is_some() {
            break launched;
        }
        assert!(std::time::Instant::now() < deadline);
        std::thread::yield_now();
    };
    assert_eq!(launched.unknown_sessions(), ["forgotten"]);
    let mut failed = launched.failed_sessions();
    failed.sort_by(|a, b| a.identifier.cmp(&b.identifier));
    let names: Vec<_> = failed.iter().map(|f| f.identifier.as_str()).collect();
    assert_eq!(names, ["renamed", "throws"]);
    assert_eq!(failed[0].error.kind, ErrorKind::InvalidIdentifier);
    assert_eq!(failed[1].error.kind, ErrorKind::System);
    assert!(failed[1].error.reason.contains("thrown by the test"));
    let (completion, _calls) = completion(false);
    let ticket = WakeTicket::new(completion.clone(), None, None);
    assert!(!launched.handle_background_events("nobody".to_owned(), ticket));
    assert_eq!(completion.calls.load(Ordering::SeqCst), 1);
    let session = launched.session("maps".to_owned()).unwrap();
    let again = info(backhaul_ffi::Session::new(factory.parts("maps")));
    assert_eq!(again.kind, ErrorKind::SessionInUse);
    session.invalidate_and_cancel();
    told.wait_until_invalid();
}
