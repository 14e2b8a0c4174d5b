//! Sessions of this process that are just ending: whoever makes one again waits for that (rules C1, C3).
//!
//! An app that lets go of its session in one thread while a delegate method has it in hand in another has
//! done all that it can: the session ends when that method returns.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::driver::Shared;
use crate::error::{ErrorKind, Result};

/// How long a session is waited for. One that lives on although its delegate is busy costs its app this
/// long, once, before it hears that it has made a session twice.
const PATIENCE: Duration = Duration::from_secs(5);

struct Entry {
    container: PathBuf,
    identifier: String,
    shared: Weak<Shared>,
}

static SESSIONS: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

fn sessions() -> MutexGuard<'static, Vec<Entry>> {
    SESSIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A session was made.
pub(super) fn note(container: &Path, identifier: &str, shared: &Arc<Shared>) {
    let mut sessions = sessions();
    sessions.retain(|entry| entry.shared.strong_count() > 0 && !entry.is(container, identifier));
    sessions.push(Entry {
        container: container.to_owned(),
        identifier: identifier.to_owned(),
        shared: Arc::downgrade(shared),
    });
}

/// Opens a session's store, after the end of a session with its identifier that is about to end.
///
/// # Errors
/// Those of `open`; [`ErrorKind::SessionInUse`] for a session that lives on, or ends too slowly.
pub(super) fn after<T>(
    container: &Path,
    identifier: &str,
    open: impl Fn() -> Result<T>,
) -> Result<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        match open() {
            Err(error)
                if error.kind() == ErrorKind::SessionInUse
                    && has_ended(container, identifier, end) => {}
            outcome => return outcome,
        }
    }
}

/// Waits for a session that is about to end, and says whether it has ended.
fn has_ended(container: &Path, identifier: &str, end: Instant) -> bool {
    let shared = {
        let mut sessions = sessions();
        let found = sessions
            .iter()
            .position(|entry| entry.is(container, identifier));
        let Some(index) = found else {
            return false;
        };
        match sessions[index].shared.upgrade() {
            Some(shared) => shared,
            None => {
                // Whoever has the identifier then is asked for by nobody here.
                sessions.swap_remove(index);
                return true;
            }
        }
    };
    shared.wait_for_end(end)
}

impl Entry {
    fn is(&self, container: &Path, identifier: &str) -> bool {
        self.container == container && self.identifier == identifier
    }
}
