//! Where a delegate's methods are called (rule S2).

use std::sync::{Arc, Mutex, PoisonError};

use crate::callback_error::{CallbackError, note};

/// Runs work somewhere: a main thread, a dispatch queue, an actor's executor.
#[uniffi::export(foreign)]
pub trait DelegateExecutor: Send + Sync {
    /// Runs `work` once, there. May return before it ran. Work that is let go without having run is
    /// told again at the next launch.
    fn execute(&self, work: Arc<DelegateWork>) -> Result<(), CallbackError>;
}

type Work = Box<dyn FnOnce() + Send>;

/// One piece of work for a [`DelegateExecutor`].
#[derive(uniffi::Object)]
pub struct DelegateWork(Mutex<Option<Work>>);

#[uniffi::export]
impl DelegateWork {
    /// Does it. The first call only.
    pub fn run(&self) {
        let work = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(work) = work {
            work();
        }
    }
}

/// The other language's executor as the core's.
pub(crate) struct Executor(pub Arc<dyn DelegateExecutor>);

impl backhaul::Executor for Executor {
    fn execute(&self, work: Work) {
        let work = Arc::new(DelegateWork(Mutex::new(Some(work))));
        note("the delegate queue", self.0.execute(work));
    }
}
