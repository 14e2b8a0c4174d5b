//! Delegates of another language that fail, block, call back, or let their session go.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};

use backhaul_fault_server::Object;
use backhaul_ffi::{
    CallbackError, DelegateExecutor, DelegateWork, ErrorKind, Session, SessionKind, SessionParts,
    TaskState,
};

use crate::support::{
    Call, PATIENCE, Recorder, Site, fetch, info, parts, session, session_when_free, thrown,
};

const NAME: &str = "com.example.test";

fn is_end(call: &Call) -> bool {
    matches!(call, Call::Completed(..))
}

fn is_file(call: &Call) -> bool {
    matches!(call, Call::File(..))
}

fn is_metrics(call: &Call) -> bool {
    matches!(call, Call::Metrics(_))
}

#[test]
fn an_end_that_the_delegate_did_not_take_is_told_again_at_the_next_launch() {
    // rule D4
    for refuses in [is_metrics, is_file, is_end] {
        let site = Site::new();
        let object = Object::generated(1, 100_000);
        let (delegate, told) = Recorder::answering(move |call| match refuses(call) {
            true => thrown(),
            false => Ok(()),
        });
        let first = session(parts(site.background(NAME), delegate));
        fetch(&first, site.put("a", &object));
        told.wait_for(1, refuses);
        drop(first);
        let (delegate, told) = Recorder::new();
        let second = session_when_free(|| parts(site.background(NAME), delegate.clone()));
        told.wait_for(1, is_end);
        assert_eq!((told.count(is_file), told.count(is_metrics)), (1, 1));
        assert_eq!(std::fs::metadata(site.file("a")).unwrap().len(), 100_000);
        // Told once more, and no more.
        second.finish_tasks_and_invalidate();
        told.wait_until_invalid();
        assert_eq!(told.count(is_end), 1);
    }
}

#[test]
fn a_call_that_tells_no_end_may_fail_and_nothing_changes() {
    // rule L2
    let site = Site::new();
    let (delegate, told) =
        Recorder::answering(
            |call| match is_end(call) || is_file(call) || is_metrics(call) {
                true => Ok(()),
                false => thrown(),
            },
        );
    let session = session(parts(site.background(NAME), delegate));
    let task = fetch(&session, site.put("a", &Object::generated(1, 100_000)));
    session.finish_tasks_and_invalidate();
    told.wait_until_invalid();
    assert_eq!(told.count(|call| *call == Call::Completed(task, None)), 1);
    assert_eq!(told.count(|call| *call == Call::Created(task)), 1);
}

#[test]
fn a_delegate_may_call_its_session_from_inside_every_call() {
    // rule L2
    let site = Site::new();
    let mine: Arc<OnceLock<Arc<Session>>> = Arc::default();
    let in_call = Arc::clone(&mine);
    let next = Mutex::new(Some(site.put("b", &Object::generated(2, 50_000))));
    let (delegate, told) = Recorder::answering(move |call| {
        let Some(session) = in_call.get() else {
            return Ok(());
        };
        session.tasks_after(None, 10).unwrap();
        session.status();
        if is_end(call) {
            if let Some(request) = next.lock().unwrap().take() {
                fetch(session, request);
            }
        }
        Ok(())
    });
    let session = session(parts(site.background(NAME), delegate));
    assert!(mine.set(session.clone()).is_ok());
    fetch(&session, site.put("a", &Object::generated(1, 50_000)));
    told.wait_for(2, is_end);
    assert_eq!(std::fs::metadata(site.file("b")).unwrap().len(), 50_000);
    session.invalidate_and_cancel();
    told.wait_until_invalid();
}

/// A delegate that blocks in its first call of an end until the sender is gone.
fn blocking() -> (Arc<Recorder>, Arc<crate::support::Told>, Sender<()>) {
    let (go_on, blocked): (Sender<()>, Receiver<()>) = channel();
    let blocked = Mutex::new(blocked);
    let (delegate, told) = Recorder::answering(move |call| {
        if is_end(call) {
            // Until the test lets go of its end, or has failed.
            let _ = blocked.lock().unwrap().recv_timeout(PATIENCE);
        }
        Ok(())
    });
    (delegate, told, go_on)
}

#[test]
fn a_delegate_that_blocks_delays_only_its_own_session_and_loses_nothing() {
    // rule L2
    let site = Site::new();
    let (delegate, slow_told, go_on) = blocking();
    let slow = session(parts(site.background("com.example.slow"), delegate));
    fetch(&slow, site.put("a", &Object::generated(1, 10_000)));
    slow_told.wait_for(1, is_end);
    fetch(&slow, site.put("b", &Object::generated(2, 10_000)));
    let (delegate, told) = Recorder::new();
    let quick = session(parts(site.background("com.example.quick"), delegate));
    fetch(&quick, site.put("c", &Object::generated(3, 10_000)));
    told.wait_for(1, is_end);
    assert_eq!(slow_told.count(is_end), 1);
    drop(go_on);
    slow_told.wait_for(2, is_end);
}

#[test]
fn a_delegate_may_let_its_session_go_from_inside_a_call() {
    // rule L2, rule D4
    let site = Site::new();
    let object = Object::generated(1, 100_000);
    let held: Arc<Mutex<Option<Arc<Session>>>> = Arc::default();
    let in_call = Arc::clone(&held);
    let (delegate, told) = Recorder::answering(move |call| {
        if is_file(call) {
            drop(in_call.lock().unwrap().take());
        }
        Ok(())
    });
    let first = session(parts(site.background(NAME), delegate));
    *held.lock().unwrap() = Some(first.clone());
    let task = first.download_task(site.put("a", &object)).unwrap();
    drop(first);
    task.resume().unwrap();
    // A task is a handle, too.
    drop(task);
    told.wait_for(1, is_end);
    let (delegate, told) = Recorder::new();
    let second = session_when_free(|| parts(site.background(NAME), delegate.clone()));
    let tasks = second.tasks_after(None, 10).unwrap();
    assert_eq!(tasks[0].state, TaskState::Completed);
    // The delegate returned: that it ended its session meanwhile is no reason to tell it again.
    second.finish_tasks_and_invalidate();
    told.wait_until_invalid();
    assert_eq!(told.count(is_end), 0);
    assert_eq!(std::fs::metadata(site.file("a")).unwrap().len(), 100_000);
}

#[test]
fn a_delegate_may_invalidate_its_session_and_is_released_after_it() {
    // rule C3
    let site = Site::new();
    let held: Arc<OnceLock<Arc<Session>>> = Arc::default();
    let in_call = Arc::clone(&held);
    let (released, is_released) = channel::<()>();
    let (delegate, told) = Recorder::answering(move |call| {
        let _ends_with_the_delegate = &released;
        if is_end(call) {
            in_call.get().unwrap().invalidate_and_cancel();
        }
        Ok(())
    });
    let session = session(parts(site.background(NAME), delegate));
    assert!(held.set(session.clone()).is_ok());
    fetch(&session, site.put("a", &Object::generated(1, 1_000)));
    told.wait_until_invalid();
    let gone = is_released.recv_timeout(PATIENCE);
    assert_eq!(gone, Err(std::sync::mpsc::RecvTimeoutError::Disconnected));
    let refused = info(session.download_task(site.put("b", &Object::generated(2, 1))));
    assert_eq!(refused.kind, ErrorKind::SessionInvalidated);
}

#[test]
fn a_background_session_without_a_delegate_is_refused() {
    // rule S2
    let site = Site::new();
    let without = |configuration| SessionParts {
        delegate: None,
        ..parts(configuration, Recorder::new().0)
    };
    let refused = info(Session::new(without(site.background(NAME))));
    assert_eq!(refused.kind, ErrorKind::InvalidRequest);
    session(without(site.of(SessionKind::Ephemeral)));
}

/// A queue that lets work go without having done it, or does it twice.
struct Careless {
    runs: usize,
}

impl DelegateExecutor for Careless {
    fn execute(&self, work: Arc<DelegateWork>) -> Result<(), CallbackError> {
        for _ in 0..self.runs {
            work.run();
        }
        match self.runs {
            0 => thrown(),
            _ => Ok(()),
        }
    }
}

#[test]
fn what_a_queue_lets_go_is_told_at_the_next_launch_and_nothing_is_told_twice() {
    // rule D4, rule L2
    let site = Site::new();
    let (delegate, told) = Recorder::new();
    let mut careless = parts(site.background(NAME), delegate);
    careless.executor = Some(Arc::new(Careless { runs: 0 }));
    let first = session(careless);
    let task = fetch(&first, site.put("a", &Object::generated(1, 1_000)));
    let deadline = std::time::Instant::now() + PATIENCE;
    while first.task(task).unwrap().info().unwrap().state != TaskState::Completed {
        assert!(std::time::Instant::now() < deadline);
        std::thread::yield_now();
    }
    drop(first);
    assert_eq!(told.count(|_| true), 0);
    let (delegate, told) = Recorder::new();
    let second = session_when_free(|| SessionParts {
        executor: Some(Arc::new(Careless { runs: 2 })),
        ..parts(site.background(NAME), delegate.clone())
    });
    second.finish_tasks_and_invalidate();
    told.wait_until_invalid();
    assert_eq!(told.count(is_end), 1);
}
