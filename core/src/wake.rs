//! A wake: one period of run time that the platform lent the app (rules S5, W3), and how the next one
//! is asked for (rule P6).

use std::time::SystemTime;

/// The platform's permission to run, and the duty to say when it is no longer needed.
///
/// The app's entry point for background work makes one and hands it to
/// [`Session::handle_background_events`](crate::Session::handle_background_events). It is completed
/// exactly once: by the session, or when it is dropped.
///
/// ```
/// let ticket = backhaul::WakeTicket::new(|| println!("the system may suspend us"));
/// drop(ticket); // an app that cannot use the wake gives it back
/// ```
pub struct WakeTicket(Option<Box<dyn FnOnce() + Send>>);

impl WakeTicket {
    /// A ticket whose completion runs `complete`: on the session's delegate queue, or where the
    /// ticket is dropped.
    pub fn new(complete: impl FnOnce() + Send + 'static) -> WakeTicket {
        WakeTicket(Some(Box::new(complete)))
    }

    /// Gives the wake back.
    pub(crate) fn complete(self) {}
}

impl Drop for WakeTicket {
    fn drop(&mut self) {
        if let Some(complete) = self.0.take() {
            complete();
        }
    }
}

impl std::fmt::Debug for WakeTicket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WakeTicket")
    }
}

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
