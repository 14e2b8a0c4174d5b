//! What an app asks for.

use std::time::SystemTime;

use crate::digest::Digest;
use crate::error::Result;
use crate::response::HeaderField;

/// Where a finished file goes: a path below a named base directory (rule D5).
#[derive(Clone, Debug, PartialEq, Eq, Hash, uniffi::Record)]
pub struct Destination {
    /// The name of the base directory; `container` is the `files` folder of the session's container.
    pub base: String,
    /// The path below it.
    pub path: String,
}

impl From<&backhaul::Destination> for Destination {
    fn from(destination: &backhaul::Destination) -> Destination {
        Destination {
            base: destination.base().to_owned(),
            path: destination.path().to_owned(),
        }
    }
}

/// One file to fetch, and how. Checked when a task is made of it.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Request {
    /// What to fetch: an absolute http or https URL.
    pub url: String,
    /// Where the finished file goes; without it the URL's last path component in the container.
    #[uniffi(default = None)]
    pub destination: Option<Destination>,
    /// The app's own name for the task: the same name again gives back the first task (rule L5).
    #[uniffi(default = None)]
    pub caller_id: Option<String>,
    /// Free text that comes back with every call about the task (rule L3).
    #[uniffi(default = None)]
    pub metadata: Option<String>,
    /// A tag shared by tasks that belong together (rule L3).
    #[uniffi(default = None)]
    pub group: Option<String>,
    /// From 0.0, last, to 1.0, first.
    #[uniffi(default = None)]
    pub priority: Option<f32>,
    /// Header fields.
    #[uniffi(default = [])]
    pub headers: Vec<HeaderField>,
    /// The transfer does not begin before this time.
    #[uniffi(default = None)]
    pub earliest_begin_date: Option<SystemTime>,
    /// How many bytes the app thinks will come.
    #[uniffi(default = None)]
    pub count_of_bytes_client_expects_to_receive: Option<u64>,
    /// How many bytes the app thinks will go.
    #[uniffi(default = None)]
    pub count_of_bytes_client_expects_to_send: Option<u64>,
    /// The file's exact length.
    #[uniffi(default = None)]
    pub expected_size: Option<u64>,
    /// The file's digest.
    #[uniffi(default = None)]
    pub expected_digest: Option<Digest>,
    /// Whether a mobile network may be used.
    #[uniffi(default = None)]
    pub allows_cellular_access: Option<bool>,
    /// Whether a network that costs money may be used.
    #[uniffi(default = None)]
    pub allows_expensive_network_access: Option<bool>,
    /// Whether a network in Low Data Mode may be used.
    #[uniffi(default = None)]
    pub allows_constrained_network_access: Option<bool>,
    /// Whether the system may choose the time (rule P4).
    #[uniffi(default = None)]
    pub is_discretionary: Option<bool>,
    /// Tasks of the session that must succeed first (rule L6).
    #[uniffi(default = [])]
    pub after: Vec<i64>,
}

impl Request {
    pub(crate) fn into_core(self) -> Result<backhaul::Request> {
        let mut core = backhaul::Request::new(&self.url)?;
        macro_rules! set {
            ($($field:ident),+ $(,)?) => {
                $(if let Some(value) = self.$field {
                    core = core.$field(value);
                })+
            };
        }
        set!(
            caller_id,
            metadata,
            group,
            priority,
            earliest_begin_date,
            count_of_bytes_client_expects_to_receive,
            count_of_bytes_client_expects_to_send,
            expected_size,
            allows_cellular_access,
            allows_expensive_network_access,
            allows_constrained_network_access,
            is_discretionary,
        );
        if let Some(Destination { base, path }) = self.destination {
            core = core.destination(backhaul::Destination::in_base(base, path)?);
        }
        if let Some(digest) = &self.expected_digest {
            core = core.expected_digest(digest.to_core()?);
        }
        for HeaderField { name, value } in &self.headers {
            core = core.header(name, value)?;
        }
        for id in self.after {
            core = core.after(backhaul::TaskId::from_i64(id));
        }
        Ok(core)
    }
}

/// The file name that a URL suggests: its last path component, decoded and made safe (rule T4).
#[uniffi::export]
#[must_use]
pub fn suggested_filename_for_url(url: String) -> Option<String> {
    backhaul::suggested_filename_for_url(&url)
}
