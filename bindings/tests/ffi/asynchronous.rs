//! Asynchronous functions: the work is done elsewhere, whoever waits for it.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use backhaul_fault_server::Object;
use backhaul_ffi::{ErrorKind, TaskState};

use crate::support::{Call, PATIENCE, Recorder, Site, info, parts, request, session};

/// Wakes a thread that waits.
struct Thread(std::thread::Thread);

impl Wake for Thread {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future, bounded.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Thread(std::thread::current())));
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        let left = deadline.saturating_duration_since(std::time::Instant::now());
        assert!(!left.is_zero(), "the future does not end");
        std::thread::park_timeout(left);
    }
}

#[test]
fn they_do_what_the_synchronous_ones_do() {
    // rule E1
    let site = Site::new();
    let (delegate, told) = Recorder::new();
    let session = session(parts(site.background("com.example.test"), delegate));
    let wanted = site.put("a", &Object::generated(1, 1_000));
    let tasks = wait(session.enqueue_async(vec![wanted])).unwrap();
    told.wait_for(1, |call| matches!(call, Call::Completed(_, None)));
    let explanation = wait(tasks[0].explain_async()).unwrap();
    assert_eq!(explanation.task.state, TaskState::Completed);
    let page = wait(session.tasks_after_async(None, 10)).unwrap();
    assert_eq!(page.len(), 1);
    assert_eq!(
        wait(tasks[0].cancel_by_producing_resume_data_async()).unwrap(),
        None
    );
    let error = info(wait(
        session.enqueue_async(vec![request("ftp://example.com/a")]),
    ));
    assert_eq!(error.kind, ErrorKind::UnsupportedScheme);
}

#[test]
fn who_stops_waiting_does_not_stop_the_work() {
    // rule D1
    let site = Site::new();
    let (delegate, told) = Recorder::new();
    let session = session(parts(site.background("com.example.test"), delegate));
    let wanted = site.put("a", &Object::generated(1, 1_000));
    let mut enqueuing = Box::pin(session.enqueue_async(vec![wanted]));
    // Begun, and let go of.
    let _ = enqueuing
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    drop(enqueuing);
    told.wait_for(1, |call| matches!(call, Call::Completed(_, None)));
}
