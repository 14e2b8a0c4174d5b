//! The one error type (rule E3), as a value.

use crate::Response;
use crate::mirror::mirror;

mirror! {
    /// What went wrong, by its stable name.
    ErrorKind of backhaul::ErrorKind, else System {
        /// A background session's identifier is empty or too long.
        InvalidIdentifier,
        /// The URL cannot be parsed or is relative.
        InvalidUrl,
        /// The URL's scheme is neither http nor https.
        UnsupportedScheme,
        /// Plain http to a host that the configuration does not allow it for.
        PlainHttpNotAllowed,
        /// A header name or value that HTTP forbids.
        InvalidHeader,
        /// A secret that would have to be stored in clear.
        SecretNotStorable,
        /// The destination is absolute, leaves its base directory, or names an unknown base.
        InvalidDestination,
        /// Another task that is not finished has the same destination.
        DestinationInUse,
        /// Any other value that cannot be honoured.
        InvalidRequest,
        /// The session's identifier is held by a live session.
        SessionInUse,
        /// The container's store is held by another process.
        ContainerInUse,
        /// The session was invalidated.
        SessionInvalidated,
        /// No task with this id in this session.
        UnknownTask,
        /// The store was written by a newer version of this library.
        StoreTooNew,
        /// The store is damaged.
        StoreCorrupt,
        /// The store could not be read or written.
        Store,
        /// No space on the volume.
        NoSpace,
        /// The destination's folder cannot be written, or the destination is a folder.
        DestinationNotWritable,
        /// Any other failure of the file system.
        File,
        /// The host's name could not be resolved, or nothing answered at its address.
        CannotConnect,
        /// The connection broke, or the body ended early.
        ConnectionLost,
        /// The server's certificate was refused, or TLS failed.
        Tls,
        /// No byte came for the request's timeout.
        RequestTimedOut,
        /// The task's only deadline passed.
        ResourceTimedOut,
        /// More than ten redirects, or a loop.
        TooManyRedirects,
        /// A redirect that must not be followed.
        RedirectRefused,
        /// The server answered with a status that is not a success.
        HttpStatus,
        /// The answer broke HTTP, or contradicts itself.
        InvalidResponse,
        /// The server sent more than a limit allows.
        ResponseTooLarge,
        /// The body is encoded although identity was asked for.
        UnexpectedEncoding,
        /// The body's length is not the expected one.
        SizeMismatch,
        /// The body's digest is not the expected one.
        DigestMismatch,
        /// The object changed more often in a row than the cap allows.
        ValidatorUnstable,
        /// A watch's session refuses transfers of this length.
        TooLargeForWatch,
        /// The task was cancelled.
        Cancelled,
        /// The steps of a plan come after each other in a circle.
        DependencyCycle,
        /// A task that it comes after failed or was cancelled.
        DependencyFailed,
        /// The user ended the app by force, and with it the task.
        UserForceQuit,
        /// Resume data that is damaged, of another version or container, or whose part file is gone.
        InvalidResumeData,
        /// The command that asks the system for the next start failed.
        WakeHook,
        /// The system could not give us a basic resource, or code of the app failed.
        System,
    }
}

/// An error, as a value: in events, in histories, and inside [`BackhaulError`].
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct ErrorInfo {
    /// The stable kind.
    pub kind: ErrorKind,
    /// The kind's stable name.
    pub name: String,
    /// The sentence for people: what went wrong, and what to do. Without user-info and query values.
    pub reason: String,
    /// Whether the same request may succeed later without anyone changing it (rule H1).
    pub is_retryable: bool,
    /// With `no_space`: how many bytes the transfer needs on its volume (rule D9).
    pub needed_bytes: Option<u64>,
    /// The answer that made the task fail, with at most 64 KiB of its body (rule H5).
    pub response: Option<Response>,
}

impl From<&backhaul::Error> for ErrorInfo {
    fn from(error: &backhaul::Error) -> ErrorInfo {
        ErrorInfo {
            kind: error.kind().into(),
            name: error.kind().as_str().to_owned(),
            reason: error.to_string(),
            is_retryable: error.is_retryable(),
            needed_bytes: error.needed_bytes(),
            response: error.response().map(Response::from),
        }
    }
}

/// What fallible functions throw.
#[derive(Clone, Debug, uniffi::Error)]
pub enum BackhaulError {
    /// The only case: what went wrong is in the value.
    Failed {
        /// It. In a box: an error is rare, and a result is everywhere.
        info: Box<ErrorInfo>,
    },
}

impl BackhaulError {
    pub(crate) fn new(kind: backhaul::ErrorKind, reason: impl Into<String>) -> BackhaulError {
        backhaul::Error::new(kind, reason.into()).into()
    }
}

impl std::fmt::Display for BackhaulError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let BackhaulError::Failed { info } = self;
        f.write_str(&info.reason)
    }
}

impl std::error::Error for BackhaulError {}

impl From<backhaul::Error> for BackhaulError {
    fn from(error: backhaul::Error) -> BackhaulError {
        BackhaulError::Failed {
            info: Box::new(ErrorInfo::from(&error)),
        }
    }
}

/// For the core, where it takes an error from the app.
impl From<BackhaulError> for backhaul::Error {
    fn from(error: BackhaulError) -> backhaul::Error {
        let BackhaulError::Failed { info } = error;
        backhaul::Error::new(info.kind.into(), info.reason)
    }
}

/// A `Result` whose error is [`BackhaulError`] unless it says another.
pub(crate) type Result<T, E = BackhaulError> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_core_has_its_own_here() {
        // rule E3
        for kind in backhaul::ErrorKind::ALL {
            let back = backhaul::ErrorKind::from(ErrorKind::from(*kind));
            assert_eq!(back, *kind);
        }
    }
}
