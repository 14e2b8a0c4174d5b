//! What an app asks for.

mod destination;

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::after::After;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{Digest, Headers, redact};

pub use destination::{CONTAINER_BASE, Destination};

/// Longest URL, caller id, metadata, group or path taken.
const TEXT_LIMIT_BYTES: usize = 64 * 1024;

/// Fields that the transfer alone may set: with a range of the app's own, no answer could be
/// trusted to be the file (rules R2, R3).
const RESERVED_HEADERS: [&str; 6] = [
    "Range",
    "If-Range",
    "Accept-Encoding",
    "Content-Length",
    "Transfer-Encoding",
    "Host",
];

/// Refuses a field that the transfer sets itself.
pub(crate) fn check_header_name(name: &str) -> Result<()> {
    let reserved = RESERVED_HEADERS
        .iter()
        .find(|reserved| reserved.eq_ignore_ascii_case(name));
    match reserved {
        Some(name) => Err(Error::new(
            ErrorKind::InvalidHeader,
            format!("the header {name} is set by the transfer itself; leave it out"),
        )),
        None => Ok(()),
    }
}

/// One file to fetch, and how.
///
/// ```
/// use backhaul::{Destination, Request};
/// # fn main() -> Result<(), backhaul::Error> {
/// let request = Request::new("https://example.com/alps.mbtiles")?
///     .destination(Destination::in_container("maps/alps.mbtiles")?)
///     .caller_id("alps")
///     .priority(0.8);
/// # let _ = request; Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) url: Url,
    pub(crate) destination: Option<Destination>,
    pub(crate) caller_id: Option<String>,
    pub(crate) metadata: Option<String>,
    pub(crate) options: RequestOptions,
    pub(crate) after: Vec<After>,
}

/// The rarer parts of a request, stored as one value whose defaults take no room.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RequestOptions {
    #[serde(skip_serializing_if = "Headers::is_empty")]
    pub headers: Headers,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest_begin_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expects_to_send: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expects_to_receive: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_digest: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allows_cellular: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allows_expensive: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allows_constrained: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_discretionary: Option<bool>,
    /// A part file of an earlier task that this one takes over (L4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adopts: Option<i64>,
}

/// `URLSession`'s default priority.
pub(crate) const DEFAULT_PRIORITY: f32 = 0.5;

impl RequestOptions {
    /// Whether the system may choose the time, in a session that says so or does not.
    pub fn is_discretionary(&self, session: bool) -> bool {
        session || self.is_discretionary == Some(true)
    }
}

impl Request {
    /// A request for `url`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUrl`] for a relative or malformed URL or one without a host,
    /// [`ErrorKind::UnsupportedScheme`] for one that is neither http nor https (rule C2).
    pub fn new(url: &str) -> Result<Request> {
        if url.len() > TEXT_LIMIT_BYTES {
            return Err(Error::new(
                ErrorKind::InvalidUrl,
                "the URL is longer than 64 KiB",
            ));
        }
        let parsed = Url::parse(url).map_err(|source| {
            Error::new(
                ErrorKind::InvalidUrl,
                "not an absolute URL; write https://host/path",
            )
            .with_source(source)
        })?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(Error::new(
                ErrorKind::UnsupportedScheme,
                format!(
                    "scheme {:?} is not supported; use https or http",
                    parsed.scheme()
                ),
            ));
        }
        if parsed.host_str().is_none_or(str::is_empty) {
            return Err(Error::new(ErrorKind::InvalidUrl, "the URL names no host"));
        }
        Ok(Request {
            url: parsed,
            destination: None,
            caller_id: None,
            metadata: None,
            options: RequestOptions::default(),
            after: Vec::new(),
        })
    }

    /// Where the finished file goes. Without it: the URL's last path component in the container's
    /// `files` folder. An existing file is replaced, atomically, when the new one is complete.
    #[must_use]
    pub fn destination(mut self, destination: Destination) -> Request {
        self.destination = Some(destination);
        self
    }

    /// The app's own name for the task. Enqueuing the same name again in the same session gives
    /// back the first task (rule L5).
    #[must_use]
    pub fn caller_id(mut self, id: impl Into<String>) -> Request {
        self.caller_id = Some(id.into());
        self
    }

    /// Free text that comes back with every call about the task (rule L3).
    #[must_use]
    pub fn metadata(mut self, text: impl Into<String>) -> Request {
        self.metadata = Some(text.into());
        self
    }

    /// A tag shared by tasks that belong together (rule L3).
    #[must_use]
    pub fn group(mut self, tag: impl Into<String>) -> Request {
        self.options.group = Some(tag.into());
        self
    }

    /// From 0.0, last, to 1.0, first; 0.5 unless given. Values outside are brought inside.
    #[must_use]
    pub fn priority(mut self, priority: f32) -> Request {
        let inside = if priority.is_nan() {
            DEFAULT_PRIORITY
        } else {
            priority.clamp(0.0, 1.0)
        };
        self.options.priority = Some(inside);
        self
    }

    /// Adds a header field.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeader`] for CR, LF, NUL or a name that is no token (rule C2). A field
    /// that the transfer sets itself, such as `Range`, is refused when the task is made.
    pub fn header(mut self, name: &str, value: &str) -> Result<Request> {
        self.options
            .headers
            .append(name, value)
            .map_err(|source| Error::new(ErrorKind::InvalidHeader, source.to_string()))?;
        Ok(self)
    }

    /// The transfer does not begin before this time.
    #[must_use]
    pub fn earliest_begin_date(mut self, date: SystemTime) -> Request {
        self.options.earliest_begin_ms = Some(crate::clock::wall_ms(date));
        self
    }

    /// How many bytes the app thinks will come; a hint for scheduling, never a check.
    #[must_use]
    pub fn count_of_bytes_client_expects_to_receive(mut self, bytes: u64) -> Request {
        self.options.expects_to_receive = Some(bytes);
        self
    }

    /// How many bytes the app thinks will go; a hint for scheduling, never a check.
    #[must_use]
    pub fn count_of_bytes_client_expects_to_send(mut self, bytes: u64) -> Request {
        self.options.expects_to_send = Some(bytes);
        self
    }

    /// The file's exact length: anything else is [`ErrorKind::SizeMismatch`] (rules R8, T5).
    #[must_use]
    pub fn expected_size(mut self, bytes: u64) -> Request {
        self.options.expected_size = Some(bytes);
        self
    }

    /// The file's digest, verified over the whole file before it is put in place (rule H6).
    #[must_use]
    pub fn expected_digest(mut self, digest: Digest) -> Request {
        self.options.expected_digest = Some(digest);
        self
    }

    /// Whether a mobile network may be used. The session's `false` wins.
    #[must_use]
    pub fn allows_cellular_access(mut self, allowed: bool) -> Request {
        self.options.allows_cellular = Some(allowed);
        self
    }

    /// Whether a network that costs money may be used. The session's `false` wins.
    #[must_use]
    pub fn allows_expensive_network_access(mut self, allowed: bool) -> Request {
        self.options.allows_expensive = Some(allowed);
        self
    }

    /// Whether a network in Low Data Mode may be used. The session's `false` wins.
    #[must_use]
    pub fn allows_constrained_network_access(mut self, allowed: bool) -> Request {
        self.options.allows_constrained = Some(allowed);
        self
    }

    /// Whether the system may choose the time (rule P4). The session's `true` wins.
    #[must_use]
    pub fn is_discretionary(mut self, discretionary: bool) -> Request {
        self.options.is_discretionary = Some(discretionary);
        self
    }

    /// The URL without user-info and query values, for messages (rule E3).
    #[must_use]
    pub fn redacted_url(&self) -> String {
        redact::redact(&self.url)
    }

    /// Limits on every text that goes into the store.
    pub(crate) fn check_lengths(&self) -> Result<()> {
        let texts = [&self.caller_id, &self.metadata, &self.options.group];
        if texts
            .into_iter()
            .flatten()
            .any(|text| text.len() > TEXT_LIMIT_BYTES)
        {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                "caller id, metadata and group may be 64 KiB long each; keep larger data in your own files",
            ));
        }
        Ok(())
    }
}

/// The file name that a URL suggests: its last path component, decoded and made safe (rule T4).
///
/// ```
/// let name = backhaul::suggested_filename_for_url("https://example.com/maps/alps%20west.zip?x=1");
/// assert_eq!(name.as_deref(), Some("alps west.zip"));
/// ```
#[must_use]
pub fn suggested_filename_for_url(url: &str) -> Option<String> {
    crate::protocol::file_name::from_url(&Url::parse(url).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_requests_are_typed_errors_before_anything_is_written() {
        // rule C2
        let kind = |url: &str| Request::new(url).unwrap_err().kind();
        assert_eq!(kind("/relative"), ErrorKind::InvalidUrl);
        assert_eq!(kind("ftp://host/file"), ErrorKind::UnsupportedScheme);
        assert_eq!(kind("file:///etc/passwd"), ErrorKind::UnsupportedScheme);
        assert_eq!(kind("http://"), ErrorKind::InvalidUrl);
        let request = Request::new("https://host/x").unwrap();
        let injected = request.header("X-Note", "a\r\nHost: evil").unwrap_err();
        assert_eq!(injected.kind(), ErrorKind::InvalidHeader);
    }

    #[test]
    fn the_stricter_of_request_and_session_decides_what_is_discretionary() {
        // rule P4
        let request = || Request::new("https://host/x").unwrap();
        let asks = request().is_discretionary(true).options;
        assert!(asks.is_discretionary(false));
        let refuses = request().is_discretionary(false).options;
        assert!(refuses.is_discretionary(true));
        assert!(!refuses.is_discretionary(false) && !request().options.is_discretionary(false));
    }
}
