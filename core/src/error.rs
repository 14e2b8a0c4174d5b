//! The one error type (rule E3): a stable kind, a sentence that says what to do, predicates.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::response::Response;

/// Everything that can go wrong, in one type one word wide.
///
/// Match on [`kind`](Error::kind) or use the predicates; the message is for people and may change.
/// URLs in messages carry neither user-info nor query values.
///
/// ```
/// let error = backhaul::SessionConfiguration::background("").unwrap_err();
/// assert_eq!(error.kind(), backhaul::ErrorKind::InvalidIdentifier);
/// assert!(!error.is_retryable());
/// ```
pub struct Error(Box<Inner>);

/// A `Result` whose error is [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    needed_bytes: Option<u64>,
    response: Option<Response>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])+ $name:ident = $text:literal,)+) => {
        /// What went wrong. New kinds may be added.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorKind { $($(#[$doc])+ $name,)+ }

        impl ErrorKind {
            /// The stable name, as `--json` output and the store spell it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorKind::$name => $text,)+ }
            }

            /// Every kind, for tables and bindings.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$name,)+];
        }
    };
}

kinds! {
    /// A background session's identifier is empty or too long (S1).
    InvalidIdentifier = "invalid_identifier",
    /// The URL cannot be parsed or is relative (C2).
    InvalidUrl = "invalid_url",
    /// The URL's scheme is neither http nor https (C2).
    UnsupportedScheme = "unsupported_scheme",
    /// Plain http to a host that the configuration does not allow it for (T1).
    PlainHttpNotAllowed = "plain_http_not_allowed",
    /// A header name or value that HTTP forbids, CR and LF above all (C2).
    InvalidHeader = "invalid_header",
    /// A secret that would have to be stored in clear (T2).
    SecretNotStorable = "secret_not_storable",
    /// The destination is absolute, leaves its base directory, or names an unknown base (D5).
    InvalidDestination = "invalid_destination",
    /// Another task that is not finished has the same destination.
    DestinationInUse = "destination_in_use",
    /// Any other value of a request or configuration that cannot be honoured.
    InvalidRequest = "invalid_request",
    /// The session's identifier is held by a live session, here or in another process (C1).
    SessionInUse = "session_in_use",
    /// The container's store is held by another process.
    ContainerInUse = "container_in_use",
    /// The session was invalidated (C3).
    SessionInvalidated = "session_invalidated",
    /// No task with this id in this session.
    UnknownTask = "unknown_task",
    /// The store was written by a newer version of this library.
    StoreTooNew = "store_too_new",
    /// The store is damaged (D6).
    StoreCorrupt = "store_corrupt",
    /// The store could not be read or written.
    Store = "store",
    /// No space on the volume; `needed_bytes` says how much is missing (D9).
    NoSpace = "no_space",
    /// The destination's folder cannot be written, or the destination is a folder.
    DestinationNotWritable = "destination_not_writable",
    /// Any other failure of the file system.
    File = "file",
    /// The host's name could not be resolved, or nothing answered at its address.
    CannotConnect = "cannot_connect",
    /// The connection broke, or the body ended early (R8).
    ConnectionLost = "connection_lost",
    /// The server's certificate was refused, or TLS failed.
    Tls = "tls",
    /// No byte came for `timeout_for_request`.
    RequestTimedOut = "request_timed_out",
    /// The task's only deadline, `timeout_for_resource`, passed.
    ResourceTimedOut = "resource_timed_out",
    /// More than ten redirects, or a loop (H3).
    TooManyRedirects = "too_many_redirects",
    /// A redirect that must not be followed: https to http, or no usable `Location` (H3).
    RedirectRefused = "redirect_refused",
    /// The server answered with a status that is not a success (H5); see [`Error::response`].
    HttpStatus = "http_status",
    /// The answer broke HTTP, or contradicts itself.
    InvalidResponse = "invalid_response",
    /// The server sent more than a limit allows (T5).
    ResponseTooLarge = "response_too_large",
    /// The body is encoded although identity was asked for: storing it would store wrong bytes.
    UnexpectedEncoding = "unexpected_encoding",
    /// The body's length is not the expected one.
    SizeMismatch = "size_mismatch",
    /// The body's digest is not the expected one (H6).
    DigestMismatch = "digest_mismatch",
    /// The object changed more often in a row than the cap allows (R7).
    ValidatorUnstable = "validator_unstable",
    /// A watch's session refuses transfers of this length (P8).
    TooLargeForWatch = "too_large_for_watch",
    /// The task was cancelled.
    Cancelled = "cancelled",
    /// The steps of a plan come after each other in a circle (L6).
    DependencyCycle = "dependency_cycle",
    /// A task that it comes after failed or was cancelled (L6).
    DependencyFailed = "dependency_failed",
    /// The user ended the app by force, and with it the task (W6). A transport reports it for a
    /// transfer that the system ended so.
    UserForceQuit = "user_force_quit",
    /// Resume data that is damaged, of another version, or whose part file is gone (L4).
    InvalidResumeData = "invalid_resume_data",
    /// The command that asks the system for the next start failed (P6).
    WakeHook = "wake_hook",
    /// The system could not give us a thread or another basic resource.
    System = "system",
}

impl Error {
    /// An error of a transport of your own. The message is for people: what went wrong, and what to
    /// do about it; it must hold neither user-info nor query values of a URL.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Error {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            needed_bytes: None,
            response: None,
            source: None,
        }))
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Error {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_needed_bytes(mut self, bytes: u64) -> Error {
        self.0.needed_bytes = Some(bytes);
        self
    }

    pub(crate) fn with_response(mut self, response: Response) -> Error {
        self.0.response = Some(response);
        self
    }

    /// The stable kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The sentence for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The HTTP status, where the server gave one that made the task fail (H5).
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.response.as_ref().map(Response::status)
    }

    /// The answer that made the task fail, with at most 64 KiB of its body (H5).
    #[must_use]
    pub fn response(&self) -> Option<&Response> {
        self.0.response.as_ref()
    }

    /// With [`ErrorKind::NoSpace`]: how many bytes the transfer needs on its volume (D9).
    #[must_use]
    pub fn needed_bytes(&self) -> Option<u64> {
        self.0.needed_bytes
    }

    /// Whether the same request may succeed later without anyone changing it (H1).
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::CannotConnect
            | ErrorKind::ConnectionLost
            | ErrorKind::RequestTimedOut
            | ErrorKind::NoSpace => true,
            ErrorKind::HttpStatus => self.response().is_some_and(|response| {
                let asks_to_wait = || response.headers().get("retry-after").is_some();
                match response.status() {
                    408 | 429 | 500..=599 => true,
                    // A redirect that is to be followed later (H2).
                    300..=399 => asks_to_wait(),
                    _ => false,
                }
            }),
            _ => false,
        }
    }

    /// Whether the task was cancelled: by the app, or by the user who ended the app by force.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Cancelled | ErrorKind::UserForceQuit)
    }

    /// Whether a time limit passed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::RequestTimedOut | ErrorKind::ResourceTimedOut
        )
    }

    /// The part of an error that the store keeps.
    pub(crate) fn to_record(&self) -> ErrorRecord {
        ErrorRecord {
            kind: self.0.kind,
            message: self.to_string(),
            needed_bytes: self.0.needed_bytes,
            response: self.0.response.clone(),
        }
    }
}

/// An error as it lies in the store and in the journal: without its source's own type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ErrorRecord {
    pub kind: ErrorKind,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Response>,
}

impl From<ErrorRecord> for Error {
    fn from(record: ErrorRecord) -> Error {
        Error(Box::new(Inner {
            kind: record.kind,
            message: record.message.into(),
            needed_bytes: record.needed_bytes,
            response: record.response,
            source: None,
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(source) = &self.0.source {
            write!(f, " ({source})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.to_string())
            .field("status", &self.status())
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|s| s as &(dyn std::error::Error + 'static))
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_store() {
        // rule E3
        let error = Error::new(ErrorKind::NoSpace, "free some space").with_needed_bytes(7);
        let text = serde_json::to_string(&error.to_record()).unwrap();
        let back = Error::from(serde_json::from_str::<ErrorRecord>(&text).unwrap());
        assert_eq!(back.kind(), ErrorKind::NoSpace);
        assert_eq!(back.needed_bytes(), Some(7));
        assert_eq!(back.message(), "free some space");
    }

    #[test]
    fn kinds_have_distinct_stable_names() {
        let mut names: Vec<_> = ErrorKind::ALL.iter().map(|k| k.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ErrorKind::ALL.len());
    }

    #[test]
    fn an_error_is_one_word_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
