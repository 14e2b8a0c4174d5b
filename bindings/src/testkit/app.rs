//! The app under test.

use std::sync::Arc;

use backhaul::sim::App;

use crate::background_sessions::BackgroundSessions;
use crate::callback_error::CallbackError;
use crate::session::SessionParts;

/// The app under test: which sessions it makes at a launch. What is thrown is noted in the phone's log, and
/// that session is not made at this launch.
#[uniffi::export(foreign)]
pub trait SimulatedApp: Send + Sync {
    /// The sessions that it always makes.
    fn sessions(&self) -> Result<Vec<String>, CallbackError>;

    /// The parts of one of them, as the real app makes them; none for an identifier that it does not know
    /// (any more). In place of their transport, wake scheduler and executor there are simulated ones.
    fn make_session(&self, identifier: String) -> Result<Option<SessionParts>, CallbackError>;

    /// What the app does next at its launch: its sessions are made, and none of their delegates was called
    /// yet.
    fn launched(&self, sessions: Arc<BackgroundSessions>) -> Result<(), CallbackError>;
}

/// The other language's app as the core's.
pub(super) struct ForeignApp(pub Arc<dyn SimulatedApp>);

impl App for ForeignApp {
    fn sessions(&self) -> backhaul::Result<Vec<String>> {
        Ok(self.0.sessions()?)
    }

    fn session(&self, identifier: &str) -> backhaul::Result<Option<backhaul::Launch>> {
        let parts = self.0.make_session(identifier.to_owned())?;
        Ok(parts.map(SessionParts::into_launch).transpose()?)
    }

    fn launched(
        &self,
        backhaul: Arc<backhaul::Backhaul>,
        unmade: Vec<(String, backhaul::Error)>,
    ) -> backhaul::Result<()> {
        Ok(self.0.launched(BackgroundSessions::of(backhaul, unmade))?)
    }
}
