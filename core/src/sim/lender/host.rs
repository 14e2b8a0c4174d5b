//! The phone as the platform sees it.

use crate::conditions::{AppState, SystemConditions};
use crate::sim::life::Life;
use crate::wake::WakeTicket;

/// What the platform does to the app. No lock of the platform is held during a call.
pub(crate) trait Host: Send + Sync {
    /// The app's process, with run time: launched in the background if none lives, resumed if it is
    /// suspended. The phone tells the platform of the state that this leads to.
    fn process(&self) -> Life;

    /// Hands the app a wake, in that process: for a session's events, or because it asked for one.
    fn wake(&self, identifier: Option<&str>, ticket: WakeTicket);

    /// The wake under way must end in a few seconds: Android's `onStopJob`.
    fn time_is_up(&self);

    /// Whether the user sees the app.
    fn is_in_front(&self) -> bool;

    /// What the system is like.
    fn conditions(&self) -> SystemConditions;

    /// The app goes to another state by the platform's will: it is suspended, or a watch no longer
    /// counts it as in use.
    fn move_to(&self, state: AppState);

    /// The process ends, `how` as [`What::Ended`](crate::sim::What::Ended) says it.
    fn kill(&self, how: &'static str);
}
