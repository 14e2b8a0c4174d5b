//! What a session's handles, its driver and its dispatcher share.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Error, ErrorKind, Result};
use crate::task_state::WaitReason;

/// What a session does right now, in numbers. Just after a session with a long queue was made, and
/// before it was counted, `active` and `suspended` are 1 where there are any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionStatus {
    /// Tasks whose bytes move or are being made durable.
    pub transferring: u64,
    /// Tasks that were resumed and are not completed; transferring ones included.
    pub active: u64,
    /// Tasks that wait for `resume()`.
    pub suspended: u64,
    /// Ends of tasks that the delegate has not yet acknowledged.
    pub undelivered: u64,
    /// When the next waiting task is looked at again at the latest.
    pub next_evaluation: Option<SystemTime>,
    /// How many tasks wait for which reason, but for those that only wait for their turn and are far
    /// from it. Counted anew when nothing moves.
    pub waiting: Vec<(WaitReason, u64)>,
    /// The session has ended: nothing changes any more.
    pub closed: bool,
}

/// The meeting point of a session's threads.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    state: Mutex<State>,
    /// Woken when the status changed.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    status: SessionStatus,
    /// `finish_tasks_and_invalidate` or `invalidate_and_cancel` was called: no new tasks.
    invalidated: bool,
    /// Raised by callers that changed how many tasks there are: a count begun before is too old.
    changes: u64,
    /// Ends of tasks that this session will not deliver: the delegate panicked over them.
    left_in_journal: u64,
    /// The dispatcher's thread, which must never wait for the session's end.
    delegate_thread: Option<ThreadId>,
    /// Where a delegate method runs just now.
    calling: Option<ThreadId>,
    /// The session was let go of, or tells that it is invalid: its end comes.
    leaving: bool,
}

impl Shared {
    /// A panic elsewhere must not take the session with it: the state is plain numbers.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn status(&self) -> SessionStatus {
        self.lock().status.clone()
    }

    /// Changes the status and wakes whoever waits for a change.
    pub fn update(&self, change: impl FnOnce(&mut SessionStatus)) {
        let mut state = self.lock();
        let before = state.status.clone();
        change(&mut state.status);
        if state.status != before {
            self.changed.notify_all();
        }
    }

    /// Tasks were made or resumed by a caller. The status says so before the call returns: whoever
    /// then waits for "nothing to do" must not find the state of before.
    pub fn note_new(&self, active: u64, suspended: u64) {
        let mut state = self.lock();
        state.changes += 1;
        state.status.active += active;
        state.status.suspended += suspended;
        self.changed.notify_all();
    }

    /// Ends of tasks are about to be acknowledged. A count that began before would count them again.
    pub fn note_delivered(&self, count: u64) {
        let mut state = self.lock();
        state.changes += 1;
        state.status.undelivered = state.status.undelivered.saturating_sub(count);
        self.changed.notify_all();
    }

    /// What a count must have begun after, to be of use.
    pub fn changes(&self) -> u64 {
        self.lock().changes
    }

    pub fn wait_until(
        &self,
        timeout: Option<Duration>,
        mut done: impl FnMut(&SessionStatus) -> bool,
    ) -> SessionStatus {
        // A time too far away to be told is none.
        let end = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut state = self.lock();
        loop {
            if done(&state.status) || state.status.closed {
                return state.status.clone();
            }
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            state = match left {
                Some(left) if left.is_zero() => return state.status.clone(),
                Some(left) => {
                    let waited = self.changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Takes the session out of use for new work. False if it already was.
    pub fn invalidate(&self) -> bool {
        !std::mem::replace(&mut self.lock().invalidated, true)
    }

    pub fn is_invalidated(&self) -> bool {
        self.lock().invalidated
    }

    /// # Errors
    /// `SessionInvalidated` once the session was invalidated (rule C3).
    pub fn check_usable(&self) -> Result<()> {
        let state = self.lock();
        if state.invalidated || state.status.closed {
            return Err(Error::new(
                ErrorKind::SessionInvalidated,
                "the session was invalidated; make a new one with the same identifier",
            ));
        }
        Ok(())
    }

    /// The end of a task stays in the journal for the next launch (rule D4).
    pub fn leave_in_journal(&self) {
        self.lock().left_in_journal += 1;
    }

    /// Whether every task has ended, and was told of as far as this session can.
    pub fn is_finished(&self) -> bool {
        let state = self.lock();
        let status = &state.status;
        status.active + status.suspended == 0 && status.undelivered <= state.left_in_journal
    }

    pub fn set_delegate_thread(&self) {
        self.lock().delegate_thread = Some(std::thread::current().id());
    }

    pub fn is_delegate_thread(&self) -> bool {
        self.lock().delegate_thread == Some(std::thread::current().id())
    }

    /// A delegate method runs on this thread, until what this gives is dropped.
    pub fn begin_call(self: &Arc<Self>) -> Call {
        self.lock().calling = Some(std::thread::current().id());
        Call(Arc::clone(self))
    }

    /// The session's end comes, whoever still has a handle.
    pub fn leave(&self) {
        self.lock().leaving = true;
        self.changed.notify_all();
    }

    /// Waits while the session is about to end: its end comes, or a delegate method runs that may be all
    /// that holds it. Whether it has ended; false on the thread of that method, which would wait for itself.
    pub fn wait_for_end(&self, end: Instant) -> bool {
        let this_thread = Some(std::thread::current().id());
        let mut state = self.lock();
        loop {
            if state.status.closed {
                return true;
            }
            let is_leaving = state.leaving || state.calling.is_some();
            let left = end.saturating_duration_since(Instant::now());
            if !is_leaving || state.calling == this_thread || left.is_zero() {
                return false;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// A call of a delegate method.
pub(crate) struct Call(Arc<Shared>);

impl Drop for Call {
    fn drop(&mut self) {
        self.0.lock().calling = None;
        self.0.changed.notify_all();
    }
}
