//! How a session behaves (rule C). A session copies its configuration.

mod background;
mod settings;

use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::conditions::SystemConditions;
use crate::engine::policy::{DeferralPolicy, FileProtection};
use crate::engine::resume::ResumePolicy;
use crate::error::{Error, ErrorKind, Result};
use crate::request::check_header_name;
use crate::transport::Transport;
use crate::trust::TrustEvaluator;
pub use settings::{ForceQuitPolicy, PreviousExit, RetryPolicy, StatusPolicy};
pub(crate) use settings::{PlainHttp, Settings};

/// Longest identifier taken.
const IDENTIFIER_LIMIT_BYTES: usize = 1024;

/// Kind of a configuration: the session ends with the process (rule S8).
#[derive(Clone, Copy, Debug)]
pub struct Foreground;

/// Kind of a configuration: the session outlives the process (rule S7).
#[derive(Clone, Copy, Debug)]
pub struct Background;

/// How a session behaves.
///
/// The kind is part of the type, so that what is impossible does not compile: a background session
/// cannot be made without a delegate (rule S2).
///
/// ```
/// use std::time::Duration;
/// use backhaul::SessionConfiguration;
///
/// let configuration = SessionConfiguration::background("com.example.maps")?
///     .container("/var/lib/example")
///     .timeout_for_resource(Duration::from_secs(24 * 60 * 60));
/// # Ok::<(), backhaul::Error>(())
/// ```
///
/// ```compile_fail
/// // rule S2
/// let configuration = backhaul::SessionConfiguration::background("com.example.maps").unwrap();
/// let session = backhaul::Session::new(configuration, None, Default::default());
/// ```
#[derive(Clone, Debug)]
pub struct SessionConfiguration<Kind = Foreground> {
    pub(crate) settings: Settings,
    kind: PhantomData<Kind>,
}

impl Default for SessionConfiguration<Foreground> {
    /// A default session: it ends with the process.
    fn default() -> Self {
        SessionConfiguration {
            settings: Settings::new(),
            kind: PhantomData,
        }
    }
}

impl SessionConfiguration<Foreground> {
    /// An ephemeral session: as a default one, and it shares nothing with any other.
    #[must_use]
    pub fn ephemeral() -> Self {
        SessionConfiguration::default()
    }
}

impl SessionConfiguration {
    /// A background session, known by its identifier at every launch (rules S1, S7).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidIdentifier`] when it is empty or longer than 1,024 bytes.
    pub fn background(identifier: impl Into<String>) -> Result<SessionConfiguration<Background>> {
        let identifier = identifier.into();
        if identifier.trim().is_empty() || identifier.len() > IDENTIFIER_LIMIT_BYTES {
            return Err(Error::new(
                ErrorKind::InvalidIdentifier,
                "a background session needs an identifier of 1 to 1,024 bytes, such as \"com.example.maps\"",
            ));
        }
        let mut settings = Settings::new();
        settings.identifier = Some(identifier);
        settings.is_discretionary = true;
        settings.waits_for_connectivity = true;
        Ok(SessionConfiguration {
            settings,
            kind: PhantomData,
        })
    }
}

impl<Kind> SessionConfiguration<Kind> {
    /// The identifier of a background session.
    #[must_use]
    pub fn identifier(&self) -> Option<&str> {
        self.settings.identifier.as_deref()
    }

    /// The directory that holds the store and the `files` folder. Default:
    /// [`default_container`]. Default and ephemeral sessions keep only their `files` there.
    #[must_use]
    pub fn container(mut self, directory: impl Into<PathBuf>) -> Self {
        self.settings.container = Some(directory.into());
        self
    }

    /// Gives a directory a name that destinations refer to (rule D5). Say it at every launch: the
    /// store keeps the name, never the path.
    #[must_use]
    pub fn base_directory(
        mut self,
        name: impl Into<String>,
        directory: impl Into<PathBuf>,
    ) -> Self {
        self.settings
            .base_directories
            .insert(name.into(), directory.into());
        self
    }

    /// Whether the system may choose the time. Default: true in background sessions.
    #[must_use]
    pub fn is_discretionary(mut self, discretionary: bool) -> Self {
        self.settings.is_discretionary = discretionary;
        self
    }

    /// Whether a task waits when there is no network, rather than fail. Always true in background
    /// sessions, false in others.
    #[must_use]
    pub fn waits_for_connectivity(mut self, waits: bool) -> Self {
        self.settings.waits_for_connectivity = waits || self.settings.identifier.is_some();
        self
    }

    /// Whether mobile networks may be used. Default: true.
    #[must_use]
    pub fn allows_cellular_access(mut self, allowed: bool) -> Self {
        self.settings.allows_cellular = allowed;
        self
    }

    /// Whether networks that cost money may be used. Default: true.
    #[must_use]
    pub fn allows_expensive_network_access(mut self, allowed: bool) -> Self {
        self.settings.allows_expensive = allowed;
        self
    }

    /// Whether networks in Low Data Mode may be used. Default: true.
    #[must_use]
    pub fn allows_constrained_network_access(mut self, allowed: bool) -> Self {
        self.settings.allows_constrained = allowed;
        self
    }

    /// How long an attempt may go without a byte. Default: 60 s. The attempt is then made again,
    /// the task does not fail.
    #[must_use]
    pub fn timeout_for_request(mut self, timeout: Duration) -> Self {
        self.settings.timeout_for_request = timeout;
        self
    }

    /// How long a task may take from `resume()`, waiting included. Default: 7 days.
    #[must_use]
    pub fn timeout_for_resource(mut self, timeout: Duration) -> Self {
        self.settings.timeout_for_resource = timeout;
        self
    }

    /// Transfers to one host at a time. Default: 6; at least 1.
    #[must_use]
    pub fn max_connections_per_host(mut self, connections: usize) -> Self {
        self.settings.max_connections_per_host = connections.max(1);
        self
    }

    /// Transfers at a time in all. Default: 32; from 1 to 128.
    #[must_use]
    pub fn max_concurrent_transfers(mut self, transfers: usize) -> Self {
        self.settings.max_concurrent_transfers = transfers.clamp(1, 128);
        self
    }

    /// Transfers at a time of tasks with the same [group](crate::Request::group); at least 1. Default:
    /// no limit of its own. Others wait as `group_limit`.
    #[must_use]
    pub fn max_transfers_per_group(mut self, transfers: usize) -> Self {
        self.settings.max_transfers_per_group = Some(transfers.max(1));
        self
    }

    /// When transfers run (section P of the contract). Default:
    /// [`StandardPolicy`](crate::StandardPolicy).
    #[must_use]
    pub fn deferral_policy(mut self, policy: Arc<dyn DeferralPolicy>) -> Self {
        self.settings.deferral_policy = policy;
        self
    }

    /// When the session's files can be written: tasks wait as `protected_data` while they cannot.
    #[must_use]
    pub fn file_protection(mut self, protection: FileProtection) -> Self {
        self.settings.file_protection = protection;
        self
    }

    /// Bytes a second for the whole session.
    #[must_use]
    pub fn bandwidth_limit(mut self, bytes_per_second: Option<u64>) -> Self {
        self.settings.bandwidth_limit = bytes_per_second.map(|rate| rate.max(1));
        self
    }

    /// A header field for every request that does not bring its own of that name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeader`] as with [`Request::header`](crate::Request::header), and for
    /// fields that the transfer sets itself, such as `Range`.
    pub fn additional_header(mut self, name: &str, value: &str) -> Result<Self> {
        check_header_name(name)?;
        self.settings
            .additional_headers
            .append(name, value)
            .map_err(|source| Error::new(ErrorKind::InvalidHeader, source.to_string()))?;
        Ok(self)
    }

    /// A header whose value is secret, beside `Authorization`, `Cookie` and `Proxy-Authorization`:
    /// it never crosses to another origin (H3) and is never stored (T2).
    #[must_use]
    pub fn secret_header(mut self, name: impl Into<String>) -> Self {
        self.settings.secret_headers.push(name.into());
        self
    }

    /// Which answers are files (rule H5).
    #[must_use]
    pub fn status_policy(mut self, policy: StatusPolicy) -> Self {
        self.settings.status_policy = policy;
        self
    }

    /// When a transfer may go on without a strong validator (rule R5).
    #[must_use]
    pub fn resume_policy(mut self, policy: ResumePolicy) -> Self {
        self.settings.resume_policy = policy;
        self
    }

    /// The pauses between attempts (rule H1).
    #[must_use]
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// Allows plain http to this host (rule T1).
    #[must_use]
    pub fn allow_plain_http(mut self, host: impl Into<String>) -> Self {
        let host = host.into();
        match &mut self.settings.plain_http_hosts {
            PlainHttp::Hosts(hosts) => hosts.push(host),
            never => *never = PlainHttp::Hosts(vec![host]),
        }
        self
    }

    /// Trusts a certificate authority beside the platform's. PEM, one or more certificates.
    #[must_use]
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.settings.root_certificates.push(pem.into());
        self
    }

    /// Who judges the certificates of servers, before or in place of the platform (rule T6). Of the
    /// built-in HTTP only.
    #[must_use]
    pub fn trust_evaluator(mut self, evaluator: Arc<dyn TrustEvaluator>) -> Self {
        self.settings.trust_evaluator = Some(evaluator);
        self
    }

    /// What the system is like when the session is made (rule P2). Say it here rather than by
    /// [`Session::set_conditions`](crate::Session::set_conditions) afterwards: a transfer that is not
    /// allowed now must not start in between. Default: unmetered Wi-Fi, on a charger.
    #[must_use]
    pub fn conditions(mut self, conditions: SystemConditions) -> Self {
        self.settings.conditions = conditions;
        self
    }

    /// What moves the bytes, in place of the built-in HTTP: a platform's own transfer service.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.settings.transport = Some(transport);
        self
    }
}

/// The directory that holds an app's store unless it names another: `backhaul` in the user's data
/// directory (`XDG_DATA_HOME`, else `~/.local/share`; `~/Library/Application Support` on Apple).
#[must_use]
pub fn default_container() -> PathBuf {
    let from = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    let data = if cfg!(target_vendor = "apple") {
        from("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        from("XDG_DATA_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| from("HOME").map(|home| home.join(".local/share")))
    };
    data.unwrap_or_else(|| Path::new(".").to_path_buf())
        .join("backhaul")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_identifier_is_an_error() {
        // rule S1
        for identifier in ["", "  "] {
            let error = SessionConfiguration::background(identifier).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidIdentifier);
        }
    }

    #[test]
    fn a_session_cannot_set_what_the_transfer_sets() {
        // rule R2
        for name in ["Range", "if-range", "ACCEPT-ENCODING"] {
            let session = SessionConfiguration::default().additional_header(name, "x");
            assert_eq!(session.unwrap_err().kind(), ErrorKind::InvalidHeader);
        }
    }

    #[test]
    fn defaults_are_those_of_the_contract() {
        let default = SessionConfiguration::default().settings;
        assert!(!default.is_discretionary && !default.waits_for_connectivity);
        assert_eq!(default.timeout_for_request, Duration::from_secs(60));
        assert_eq!(default.timeout_for_resource, Duration::from_secs(604_800));
        assert_eq!(default.max_connections_per_host, 6);
        let background = SessionConfiguration::background("x").unwrap().settings;
        assert!(background.is_discretionary && background.waits_for_connectivity);
        let stubborn = SessionConfiguration::background("x")
            .unwrap()
            .waits_for_connectivity(false);
        assert!(
            stubborn.settings.waits_for_connectivity,
            "always true in the background"
        );
    }
}
