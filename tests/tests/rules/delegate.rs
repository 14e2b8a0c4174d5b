//! Where and how the delegate is called, and what becomes of its failures (rules L2, D4).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use backhaul::{DelegateQueue, DownloadTask, Executor, Inspector, Session};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::fixture::{start_when_free, told};
use backhaul_tests::{Fixture, PATIENCE, Recorder, What};

/// Starts so many small downloads.
fn fetch_many(fixture: &Fixture, session: &Session, count: usize) -> Vec<DownloadTask> {
    let names: Vec<String> = (0..count).map(|number| format!("o{number}")).collect();
    for name in &names {
        fixture.server.put(name, Object::generated(3, 2_000));
    }
    let requests = names.iter().map(|name| Ok(fixture.request(name)));
    session.enqueue(requests).unwrap()
}

/// Fails the test if two calls overlap.
fn serial_recorder() -> (Arc<Recorder>, Arc<AtomicUsize>) {
    let overlaps = Arc::new(AtomicUsize::new(0));
    let (seen, busy) = (Arc::clone(&overlaps), AtomicBool::new(false));
    let delegate = Recorder::with_hook(move |_| {
        if busy.swap(true, Ordering::SeqCst) {
            seen.fetch_add(1, Ordering::SeqCst);
        }
        // Longer in here than it takes to start another call.
        std::thread::yield_now();
        busy.store(false, Ordering::SeqCst);
    });
    (delegate, overlaps)
}

#[test]
fn calls_come_one_at_a_time_on_one_thread() {
    // rule L2
    let fixture = Fixture::new();
    let (delegate, overlaps) = serial_recorder();
    let session = fixture.session(&delegate);
    for task in fetch_many(&fixture, &session, 50) {
        delegate.wait_for_file(task.id());
    }
    assert_eq!(overlaps.load(Ordering::SeqCst), 0);
    let calls = delegate.calls();
    assert!(calls.iter().all(|call| call.thread == calls[0].thread));
    assert_ne!(calls[0].thread, std::thread::current().id());
}

/// Every call on a thread of its own: order and seriality are ours to keep.
struct ThreadEach;

impl Executor for ThreadEach {
    fn execute(&self, work: Box<dyn FnOnce() + Send>) {
        std::thread::spawn(work);
    }
}

#[test]
fn calls_come_one_at_a_time_on_an_executor_too() {
    // rule L2, rule S2
    let fixture = Fixture::new();
    let (delegate, overlaps) = serial_recorder();
    let queue = DelegateQueue::Custom(Arc::new(ThreadEach));
    let configuration = fixture.background("executor");
    let session = Session::background(configuration, told(&delegate), queue).unwrap();
    for task in fetch_many(&fixture, &session, 30) {
        delegate.wait_for_file(task.id());
        let order = delegate.order_for(task.id());
        assert_eq!(order.first(), Some(&"created"));
        assert_eq!(order.last(), Some(&"completed"));
    }
    assert_eq!(overlaps.load(Ordering::SeqCst), 0);
    session.finish_tasks_and_invalidate();
    delegate.wait_for_invalid();
}

#[test]
fn a_slow_delegate_delays_only_its_own_session_and_loses_nothing() {
    // rule L2
    let fixture = Fixture::new();
    let (release, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let entered = AtomicBool::new(false);
    let slow = Recorder::with_hook(move |call| {
        if matches!(call.what, What::Responded(_)) && !entered.swap(true, Ordering::SeqCst) {
            gate.lock().unwrap().recv_timeout(PATIENCE).unwrap();
        }
    });
    let stuck = fixture.session(&slow);
    let slow_tasks = fetch_many(&fixture, &stuck, 20);
    slow.wait_for(|calls| {
        calls
            .iter()
            .any(|call| matches!(call.what, What::Responded(_)))
    });
    // Files go on arriving although nobody is told.
    let active = |status: &backhaul::SessionStatus| status.active == 0;
    assert_eq!(stuck.wait_until(Some(PATIENCE), active).active, 0);

    let quick = Recorder::new();
    let other = fixture.default_session(&quick);
    let task = fixture.fetch(&other, "quick", &Object::generated(5, 10_000));
    quick.wait_for_file(task.id());
    assert!(
        slow.calls()
            .iter()
            .all(|call| !matches!(call.what, What::Completed(_)))
    );

    release.send(()).unwrap();
    for task in slow_tasks {
        slow.wait_for_file(task.id());
    }
}

/// The session that a delegate calls from within its methods.
type Slot = Arc<Mutex<Option<Session>>>;

#[test]
fn a_delegate_may_enqueue() {
    // rule L2
    let fixture = Fixture::new();
    let slot: Slot = Arc::default();
    let (inside, second) = (Arc::clone(&slot), fixture.request("b"));
    let delegate = Recorder::with_hook(move |call| {
        if matches!(call.what, What::Completed(None)) {
            if let Some(session) = inside.lock().unwrap().take() {
                session
                    .download_task(second.clone())
                    .unwrap()
                    .resume()
                    .unwrap();
            }
        }
    });
    let session = fixture.session(&delegate);
    *slot.lock().unwrap() = Some(session.clone());
    fixture.server.put("b", Object::generated(2, 1_000));
    fixture.fetch(&session, "a", &Object::generated(1, 1_000));
    delegate.wait_for(|calls| {
        let ends = calls
            .iter()
            .filter(|call| matches!(call.what, What::Completed(None)));
        ends.count() == 2
    });
    fixture.assert_arrived("b", &Object::generated(2, 1_000));
}

#[test]
fn a_delegate_may_suspend_resume_and_cancel() {
    // rule L2
    let fixture = Fixture::new();
    let slot: Slot = Arc::default();
    let inside = Arc::clone(&slot);
    let delegate = Recorder::with_hook(move |call| {
        let session = inside.lock().unwrap().clone();
        let (Some(session), Some(about)) = (session, &call.task) else {
            return;
        };
        let task = session.task(about.id).unwrap();
        match (&call.what, about.caller_id.as_deref()) {
            (What::Responded(_), Some("pauses")) => {
                task.suspend().unwrap();
                task.resume().unwrap();
            }
            (What::Responded(_), Some("cancels")) => task.cancel().unwrap(),
            _ => {}
        }
    });
    let session = fixture.session(&delegate);
    *slot.lock().unwrap() = Some(session.clone());
    let object = Object::generated(1, 400_000);
    let start = |name: &str| {
        fixture.server.put(name, object.clone());
        fixture.server.script(name, vec![Fault::Stall(200_000)]);
        let request = fixture.request(name).caller_id(name);
        let task = session.download_task(request).unwrap();
        task.resume().unwrap();
        task
    };
    let (pauses, cancels) = (start("pauses"), start("cancels"));
    delegate.wait_for_file(pauses.id());
    let failure = delegate.wait_for_failure(cancels.id());
    assert_eq!(failure.kind, backhaul::ErrorKind::Cancelled);
    fixture.assert_arrived("pauses", &object);
    slot.lock().unwrap().take();
}

#[test]
fn a_delegate_may_drop_the_session() {
    // rule L2, rule C1
    let fixture = Fixture::new();
    let slot: Slot = Arc::default();
    let inside = Arc::clone(&slot);
    let delegate = Recorder::with_hook(move |call| {
        if matches!(call.what, What::Responded(_)) {
            drop(inside.lock().unwrap().take());
        }
    });
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::Stall(200_000)]);
    let object = Object::generated(1, 400_000);
    let task = fixture.fetch(&session, "a", &object);
    let id = task.id();
    drop(task);
    *slot.lock().unwrap() = Some(session);

    // The stall never ends: only a session that really went lets the identifier go.
    let again = Recorder::new();
    let session = start_when_free(|| fixture.background("com.example.test"), &again);
    again.wait_for_file(id);
    fixture.assert_arrived("a", &object);
    drop(session);
}

#[test]
fn a_panic_loses_nothing() {
    // rule L2, rule D4
    let fixture = Fixture::new();
    let delegate = Recorder::with_hook(|call| {
        let name = call
            .task
            .as_ref()
            .and_then(|task| task.caller_id.as_deref());
        if matches!(call.what, What::Finished(_)) && name == Some("thrown") {
            panic!("a delegate's own bug");
        }
    });
    let session = fixture.session(&delegate);
    let object = Object::generated(1, 1_000);
    fixture.server.put("a", object.clone());
    let thrown = session
        .download_task(fixture.request("a").caller_id("thrown"))
        .unwrap();
    thrown.resume().unwrap();
    let sequence = |delegate: &Recorder| {
        let call = delegate.wait_for_call(thrown.id(), |what| matches!(what, What::Finished(_)));
        call.task.unwrap().sequence
    };
    let first = sequence(&delegate);
    assert!(first.is_some());
    // The others of the session are told as if nothing had been.
    let other = fixture.fetch(&session, "b", &object);
    delegate.wait_for_file(other.id());
    assert!(!delegate.order_for(thrown.id()).contains(&"completed"));

    // The session can still be ended in good order.
    session.finish_tasks_and_invalidate();
    delegate.wait_for_invalid();
    assert!(
        session
            .wait_until(Some(PATIENCE), |status| status.closed)
            .closed
    );

    let again = Recorder::new();
    let _session = fixture.session(&again);
    again.wait_for_file(thrown.id());
    assert_eq!(sequence(&again), first, "the same event");
    assert_eq!(
        again.order_for(thrown.id()),
        ["metrics", "finished", "completed"]
    );
    assert!(
        again.calls_for(other.id()).is_empty(),
        "it was acknowledged"
    );
    fixture.assert_arrived("a", &object);
}

#[test]
fn an_end_is_in_the_journal_before_anyone_is_told_and_acknowledged_after() {
    // rule D4
    let fixture = Fixture::new();
    let container = fixture.container().to_path_buf();
    let found = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&found);
    let delegate = Recorder::with_hook(move |call| {
        if matches!(call.what, What::Finished(_)) {
            let inspector = Inspector::open(&container).unwrap();
            let events = inspector.events_after("com.example.test", 0, 10).unwrap();
            noted.lock().unwrap().extend(events);
        }
    });
    let session = fixture.session(&delegate);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 1_000));
    delegate.wait_for_file(task.id());
    {
        let events = found.lock().unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].task, events[0].acknowledged), (task.id(), false));
        assert_eq!(events[0].len, Some(1_000));
    }
    let settled = |status: &backhaul::SessionStatus| status.undelivered == 0;
    assert_eq!(session.wait_until(Some(PATIENCE), settled).undelivered, 0);
    drop((task, session));

    let again = Recorder::new();
    let session = fixture.session(&again);
    assert!(session.events_after(0, 10).unwrap()[0].acknowledged);
    session.finish_tasks_and_invalidate();
    let calls = again.wait_for_invalid();
    assert_eq!(calls.len(), 1, "nothing is told twice: {calls:?}");
}
