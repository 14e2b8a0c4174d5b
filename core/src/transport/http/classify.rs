//! What went wrong, in the words of [`ErrorKind`].
//!
//! Must never let a URL's user-info or query into a message (rule E3): hosts are named, URLs are not. Nor
//! paths of this machine, since messages are stored (rule D5).

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use crate::engine::resume::ResumeError;
use crate::error::{Error, ErrorKind};
use crate::files::{ReserveError, SidecarError};

/// A request that got no head of an answer. `is_alone`: no other stream can have been the one that the
/// connection ended for.
pub(super) fn of_send(error: reqwest::Error, host: &str, is_alone: bool) -> Error {
    let cause = root_cause(&error);
    if let Some(tls) = find_tls(&error) {
        let message = format!(
            "no trustworthy TLS connection to {host}; check its certificate, and this device's date and time"
        );
        return Error::new(ErrorKind::Tls, message).with_source(tls.clone());
    }
    if error.is_connect() {
        let message = format!("cannot connect to {host}; check the address and the network");
        return Error::new(ErrorKind::CannotConnect, message).with_source(cause);
    }
    if error.is_timeout() {
        return Error::new(
            ErrorKind::RequestTimedOut,
            format!("{host} did not answer in time"),
        )
        .with_source(cause);
    }
    if error.is_builder() {
        let message = "the request cannot be expressed in HTTP";
        return Error::new(ErrorKind::InvalidRequest, message).with_source(cause);
    }
    of_protocol(&cause, is_alone).unwrap_or_else(|| {
        let message = format!("the connection to {host} broke before it answered");
        Error::new(ErrorKind::ConnectionLost, message).with_source(cause)
    })
}

/// A body that broke off. What came before it stays.
pub(super) fn of_body(error: reqwest::Error) -> Error {
    let cause = root_cause(&error);
    let message = "the connection broke before the end of the file";
    Error::new(ErrorKind::ConnectionLost, message).with_source(cause)
}

/// hyper's and h2's errors, by their text: their types are not part of what reqwest shows.
fn of_protocol(cause: &str, is_alone: bool) -> Option<Error> {
    // HTTP/2 ends the connection over a flood, with every stream on it: whoever is not to blame tries
    // again.
    let is_flood = is_alone && cause.contains("too_many_continuations");
    if is_flood || cause.contains("head is too large") {
        return Some(headers_too_large().with_source(cause.to_owned()));
    }
    // The last one is HTTP/2's: found by us, not a reset by the server. It also stands for a head
    // of more fields than are taken; h2 does not tell the two apart.
    let broke_http = cause.contains("invalid HTTP")
        || cause.contains("stream error detected: unspecific protocol error")
        || cause.contains("content-length parsed")
        || cause.contains("transfer-encoding parsed");
    broke_http.then(|| {
        Error::new(
            ErrorKind::InvalidResponse,
            "the server's answer is not HTTP",
        )
        .with_source(cause.to_owned())
    })
}

/// Rule T5.
pub(super) fn headers_too_large() -> Error {
    Error::new(
        ErrorKind::ResponseTooLarge,
        "the server's answer has more header fields than are taken",
    )
}

/// No byte came.
pub(super) fn silence(timeout: Duration) -> Error {
    let message = format!(
        "nothing came from the server for {} s",
        timeout.as_secs_f64()
    );
    Error::new(ErrorKind::RequestTimedOut, message)
}

/// A verdict that no restart makes better.
pub(super) fn of_resume(error: &ResumeError) -> Error {
    let kind = match error {
        ResumeError::ContentEncoded { .. } => ErrorKind::UnexpectedEncoding,
        ResumeError::SizeMismatch { .. } => ErrorKind::SizeMismatch,
        ResumeError::UnaskedRange => ErrorKind::InvalidResponse,
    };
    Error::new(kind, error.to_string())
}

/// An operation on the part file failed. `needed_bytes` is what is still to come, as far as it is known.
pub(super) fn of_disk(error: io::Error, needed_bytes: Option<u64>) -> Error {
    use io::ErrorKind as Io;
    match error.kind() {
        Io::StorageFull | Io::QuotaExceeded => no_space(needed_bytes).with_source(error),
        Io::PermissionDenied | Io::ReadOnlyFilesystem | Io::NotADirectory => Error::new(
            ErrorKind::DestinationNotWritable,
            "the destination's folder cannot be written; choose another or change its permissions",
        )
        .with_source(error),
        _ => Error::new(
            ErrorKind::File,
            "the part file could not be read or written",
        )
        .with_source(error),
    }
}

/// Space for the file could not be reserved (rule D9).
pub(super) fn of_reserve(error: ReserveError) -> Error {
    match error {
        ReserveError::NoSpace {
            needed_bytes,
            available_bytes,
        } => {
            let source = format!("{needed_bytes} bytes are needed, {available_bytes} are there");
            no_space(Some(needed_bytes)).with_source(source)
        }
        ReserveError::Io(error) => of_disk(error, None),
    }
}

fn no_space(needed_bytes: Option<u64>) -> Error {
    let message = "no space for the file on its volume; free some and the transfer goes on";
    let error = Error::new(ErrorKind::NoSpace, message);
    match needed_bytes {
        Some(bytes) => error.with_needed_bytes(bytes),
        None => error,
    }
}

/// The record beside the part file could not be read or written.
pub(super) fn of_sidecar(error: SidecarError) -> Error {
    match error {
        SidecarError::Io(error) => of_disk(error, None),
        SidecarError::NewerVersion { .. } => Error::new(
            ErrorKind::StoreTooNew,
            "a newer version of this app began this download; update the app, or cancel the task and start it again",
        ),
        other => Error::new(
            ErrorKind::File,
            "the part file's record could not be written",
        )
        .with_source(other),
    }
}

/// A blocking thread did not come back: it panicked, or the runtime is going down.
pub(super) fn of_thread(error: tokio::task::JoinError) -> Error {
    Error::new(ErrorKind::System, "work on the disk was broken off").with_source(error)
}

/// The innermost cause: the outer ones say no more than that there is one.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn StdError = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    // Only the outermost error knows the URL.
    match cause.downcast_ref::<reqwest::Error>() {
        Some(_) => "no further cause is known".to_owned(),
        None => cause.to_string(),
    }
}

/// A TLS error among the causes. An [`io::Error`] does not name what it wraps as its source.
fn find_tls<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_a_reason_to_wait() {
        // rule D9
        let error = of_disk(io::ErrorKind::StorageFull.into(), Some(7));
        assert_eq!(
            (error.kind(), error.needed_bytes()),
            (ErrorKind::NoSpace, Some(7))
        );
        assert!(error.is_retryable());
        let error = of_reserve(ReserveError::NoSpace {
            needed_bytes: 9,
            available_bytes: 1,
        });
        assert_eq!(
            (error.kind(), error.needed_bytes()),
            (ErrorKind::NoSpace, Some(9))
        );
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_not_retried() {
        for kind in [
            io::ErrorKind::PermissionDenied,
            io::ErrorKind::ReadOnlyFilesystem,
        ] {
            let error = of_disk(kind.into(), None);
            assert_eq!(error.kind(), ErrorKind::DestinationNotWritable);
            assert!(!error.is_retryable());
        }
    }

    #[test]
    fn tls_is_found_behind_an_io_error() {
        // rule T1
        let tls = rustls::Error::NoCertificatesPresented;
        let wrapped = io::Error::new(io::ErrorKind::InvalidData, tls.clone());
        let twice = io::Error::other(wrapped);
        assert_eq!(find_tls(&twice), Some(&tls));
        assert_eq!(find_tls(&io::Error::other("something else")), None);
    }

    #[test]
    fn what_hyper_says_of_broken_answers_is_understood() {
        // rule T5
        let kind = |text: &str| of_protocol(text, true).map(|error| error.kind());
        let too_large = Some(ErrorKind::ResponseTooLarge);
        let invalid = Some(ErrorKind::InvalidResponse);
        assert_eq!(kind("message head is too large"), too_large);
        let flood = "connection error detected: (b\"too_many_continuations\")";
        assert_eq!(kind(flood), too_large);
        assert!(of_protocol(flood, false).is_none(), "another stream's");
        assert_eq!(
            kind("excessive load (b\"too_many_continuations\")"),
            too_large
        );
        assert_eq!(kind("invalid HTTP version parsed"), invalid);
        assert_eq!(kind("invalid content-length parsed"), invalid);
        assert_eq!(kind("unexpected transfer-encoding parsed"), invalid);
        let broken_stream = |whose| format!("stream error {whose}: unspecific protocol error");
        assert_eq!(kind(&broken_stream("detected")), invalid);
        assert_eq!(kind(&broken_stream("received")), None);
        assert_eq!(kind("connection closed before message completed"), None);
    }
}
