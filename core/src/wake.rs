//! A wake: one period of run time that the platform lent the app (rule S5).

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
