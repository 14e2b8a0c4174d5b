//! How the next wake is asked for (rule P6).

use std::time::SystemTime;

/// Asks the platform for the app's next wake: `BGTaskScheduler`, `JobScheduler`, a timer.
///
/// One request stands for all tasks of a container, and each new one replaces the one before
/// (rule P6). Called on the thread that sessions run on: it must not block, and must not call a
/// session.
pub trait WakeScheduler: Send + Sync + 'static {
    /// The next useful moment, and what must be true then.
    fn schedule(&self, request: WakeRequest);

    /// Nothing is left to wake for.
    fn cancel(&self);
}

/// One wake that would be of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WakeRequest {
    /// Not before this.
    pub at: SystemTime,
    /// And only once these hold.
    pub constraints: WakeConstraints,
    /// When to wake although they do not hold: a task may run then on anything, or fails.
    pub latest: Option<SystemTime>,
}

/// What must hold for a wake to be of use, in the words of Android's `JobInfo`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
