//! What the other language's code throws at us.

/// A foreign method failed. Every foreign method may: without this error an exception on the other side
/// would be a panic on this one.
#[derive(Clone, Debug, uniffi::Error)]
pub enum CallbackError {
    /// It threw.
    Failed {
        /// What it said, for the log.
        reason: String,
    },
}

impl std::fmt::Display for CallbackError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let CallbackError::Failed { reason } = self;
        f.write_str(reason)
    }
}

impl std::error::Error for CallbackError {}

/// What code of the app threw, where the core takes an error from it.
impl From<CallbackError> for backhaul::Error {
    fn from(error: CallbackError) -> backhaul::Error {
        backhaul::Error::new(backhaul::ErrorKind::System, error.to_string())
    }
}

impl From<uniffi::UnexpectedUniFFICallbackError> for CallbackError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> CallbackError {
        // A JVM puts a stack trace behind the first line.
        let reason = error.reason.lines().next().unwrap_or_default();
        CallbackError::Failed {
            reason: reason.to_owned(),
        }
    }
}

/// Notes in the log that a foreign method failed whose failure changes nothing.
pub(crate) fn note(what: &str, result: Result<(), CallbackError>) {
    if let Err(error) = result {
        log::error!("{what} failed: {error}");
    }
}
