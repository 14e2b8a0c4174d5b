//! How the delegate's thread hears that a call which it handed to an app's executor has returned.

use std::sync::{Arc, Mutex, PoisonError};

use crate::driver::dispatcher::Inner;

/// The answer of a call that an executor was given. Its drop gives it, so that an executor that throws
/// work away unrun does not stop the session: what it was to tell stays in the journal.
pub(super) struct Returned {
    inner: Arc<Inner>,
    result: Arc<Mutex<Option<bool>>>,
    normally: bool,
}

impl Returned {
    pub fn new(inner: Arc<Inner>, result: Arc<Mutex<Option<bool>>>) -> Returned {
        Returned {
            inner,
            result,
            normally: false,
        }
    }

    pub fn note(&mut self, normally: bool) {
        self.normally = normally;
    }
}

impl Drop for Returned {
    fn drop(&mut self) {
        *self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.normally);
        drop(self.inner.lock());
        self.inner.wake.notify_all();
    }
}
