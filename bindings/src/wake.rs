//! Wakes: periods of run time that the platform lent the app (rules S5, W3, P6).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::callback_error::{CallbackError, note};
use crate::executor::{DelegateExecutor, Executor};

/// Tells the platform that a wake is over.
#[uniffi::export(foreign)]
pub trait WakeCompletion: Send + Sync {
    /// Called exactly once for each ticket (rule W3). It must neither block nor call a session.
    fn complete(&self) -> Result<(), CallbackError>;
}

/// The platform's permission to run, and the duty to say when it is no longer needed. Handed to a
/// session once; let go, it is completed.
#[derive(uniffi::Object)]
pub struct WakeTicket(Mutex<Option<backhaul::WakeTicket>>);

#[uniffi::export]
impl WakeTicket {
    /// A ticket, completed at the latest when `limit` has passed since it was made: 25 seconds unless
    /// given, and 10 for a session with the limits of a watch. `executor` is where: the platform's main
    /// thread (rule W4).
    #[uniffi::constructor]
    pub fn new(
        completion: Arc<dyn WakeCompletion>,
        limit: Option<Duration>,
        executor: Option<Arc<dyn DelegateExecutor>>,
    ) -> Arc<WakeTicket> {
        let complete = move || note("the completion of a wake", completion.complete());
        let mut ticket = backhaul::WakeTicket::new(complete);
        if let Some(limit) = limit {
            ticket = ticket.limit(limit);
        }
        if let Some(executor) = executor {
            ticket = ticket.on(Arc::new(Executor(executor)));
        }
        Arc::new(WakeTicket(Mutex::new(Some(ticket))))
    }

    /// Completes it now, if nobody was given it.
    pub fn give_back(&self) {
        drop(self.take());
    }
}

impl WakeTicket {
    /// What the core takes; none if somebody has it already.
    pub(crate) fn take(&self) -> Option<backhaul::WakeTicket> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What must hold for a wake to be of use, in the words of Android's `JobInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct WakeConstraints {
    /// A network of any kind.
    pub network: bool,
    /// One that is not metered.
    pub unmetered: bool,
    /// One that is not a mobile network.
    pub not_cellular: bool,
    /// A charger.
    pub charging: bool,
}

/// One wake that would be of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct WakeRequest {
    /// Not before this.
    pub at: SystemTime,
    /// And only once these hold.
    pub constraints: WakeConstraints,
    /// When to wake although they do not hold.
    pub latest: Option<SystemTime>,
}

/// Asks the platform for the app's next wake. One request stands for all tasks of a container, and each
/// new one replaces the one before (rule P6). Called on the thread that sessions run on: it must not
/// block, and must not call a session.
#[uniffi::export(foreign)]
pub trait WakeScheduler: Send + Sync {
    /// The next useful moment, and what must be true then.
    fn schedule(&self, request: WakeRequest) -> Result<(), CallbackError>;

    /// Nothing is left to wake for.
    fn cancel(&self) -> Result<(), CallbackError>;
}

/// The other language's scheduler as the core's.
pub(crate) struct Scheduler(pub Arc<dyn WakeScheduler>);

impl backhaul::WakeScheduler for Scheduler {
    fn schedule(&self, request: backhaul::WakeRequest) {
        let backhaul::WakeConstraints {
            network,
            unmetered,
            not_cellular,
            charging,
        } = request.constraints;
        let request = WakeRequest {
            at: request.at,
            constraints: WakeConstraints {
                network,
                unmetered,
                not_cellular,
                charging,
            },
            latest: request.latest,
        };
        note("asking for a wake", self.0.schedule(request));
    }

    fn cancel(&self) {
        note("taking back a wake", self.0.cancel());
    }
}
