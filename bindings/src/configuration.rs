//! How a session behaves (section C of the contract), as one value.

use std::time::Duration;

use crate::conditions::SystemConditions;
use crate::error::{BackhaulError, Result};
use crate::mirror::mirror;
use crate::response::HeaderField;

/// What kind of session it is.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SessionKind {
    /// Ends with the process (rule S8).
    Default,
    /// As a default one, and shares nothing with any other.
    Ephemeral,
    /// Outlives the process (rule S7).
    Background {
        /// By which it is known at every launch.
        identifier: String,
    },
    /// A background session with the limits of a watch (rule P8).
    Watch {
        /// By which it is known at every launch.
        identifier: String,
    },
}

mirror! {
    /// Which answers are files (rule H5).
    StatusPolicy of backhaul::StatusPolicy {
        /// Only 2xx.
        SuccessOnly,
        /// Every final answer's body is the file, as with `URLSession`.
        Any,
    }
}

mirror! {
    /// When a transfer may go on without a strong validator (rule R5).
    ResumePolicy of backhaul::ResumePolicy {
        /// A strong validator, or a digest of the whole file.
        Strict,
        /// Where there is neither, 64 KiB that compare equal are enough.
        Lenient,
    }
}

mirror! {
    /// When the delegate is told while the app is not in front (rule W2).
    DeliveryPolicy of backhaul::DeliveryPolicy {
        /// Together, when every task of the session has ended.
        Coalesced,
        /// Each at once, as long as the process has run time.
        Each,
    }
}

mirror! {
    /// What becomes of tasks when the user ends the app by force (rule W6).
    ForceQuitPolicy of backhaul::ForceQuitPolicy {
        /// They end with `user_force_quit`.
        Report,
        /// They go on at the next launch.
        Requeue,
    }
}

mirror! {
    /// How the process before this one ended, as far as the platform says.
    PreviousExit of backhaul::PreviousExit {
        /// In any other way, or nobody knows.
        Ordinary,
        /// The user ended it by force.
        ForceQuit,
    }
}

mirror! {
    /// When a session's files can be written.
    FileProtection of backhaul::FileProtection {
        /// Always, once the device was unlocked after a start.
        UntilFirstUnlock,
        /// Only while the device is unlocked. Tasks wait as `protected_data`.
        Complete,
    }
}

mirror! {
    /// What becomes of a transfer that is too large for the wakes of a watch (rule P8).
    LargeTransfers of backhaul::LargeTransfers {
        /// It waits for a charger and Wi-Fi.
        Hold,
        /// It is refused.
        Refuse,
    }
}

/// What a watch transfers at any time, and what it makes of the rest (rule P8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct WatchBudget {
    /// Transfers up to this length run in any wake.
    pub small_transfer_limit_bytes: u64,
    /// What becomes of larger ones.
    pub large_transfers: LargeTransfers,
}

impl From<WatchBudget> for backhaul::WatchBudget {
    fn from(budget: WatchBudget) -> backhaul::WatchBudget {
        backhaul::WatchBudget {
            small_transfer_limit_bytes: budget.small_transfer_limit_bytes,
            large_transfers: budget.large_transfers.into(),
        }
    }
}

/// The pauses between attempts (rule H1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct RetryPolicy {
    /// The longest first pause.
    pub base: Duration,
    /// The longest pause of all.
    pub cap: Duration,
}

/// A directory with a name that destinations refer to (rule D5).
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct BaseDirectory {
    /// The name.
    pub name: String,
    /// Where it is in this launch.
    pub path: String,
}

/// How a session behaves. What is none keeps the default of the session's kind.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct SessionConfiguration {
    /// What kind of session.
    pub kind: SessionKind,
    /// The directory that holds the store and the `files` folder.
    #[uniffi(default = None)]
    pub container: Option<String>,
    /// Directories that destinations may name.
    #[uniffi(default = [])]
    pub base_directories: Vec<BaseDirectory>,
    /// Whether the system may choose the time.
    #[uniffi(default = None)]
    pub is_discretionary: Option<bool>,
    /// Whether a task waits when there is no network; always so in background sessions.
    #[uniffi(default = None)]
    pub waits_for_connectivity: Option<bool>,
    /// Whether mobile networks may be used.
    #[uniffi(default = true)]
    pub allows_cellular_access: bool,
    /// Whether networks that cost money may be used.
    #[uniffi(default = true)]
    pub allows_expensive_network_access: bool,
    /// Whether networks in Low Data Mode may be used.
    #[uniffi(default = true)]
    pub allows_constrained_network_access: bool,
    /// How long an attempt may go without a byte.
    #[uniffi(default = None)]
    pub timeout_for_request: Option<Duration>,
    /// How long a task may take from `resume`, waiting included.
    #[uniffi(default = None)]
    pub timeout_for_resource: Option<Duration>,
    /// Transfers to one host at a time.
    #[uniffi(default = None)]
    pub max_connections_per_host: Option<u32>,
    /// Transfers at a time in all.
    #[uniffi(default = None)]
    pub max_concurrent_transfers: Option<u32>,
    /// Transfers at a time of tasks with the same group.
    #[uniffi(default = None)]
    pub max_transfers_per_group: Option<u32>,
    /// Bytes a second for the whole session.
    #[uniffi(default = None)]
    pub bandwidth_limit: Option<u64>,
    /// Header fields for every request that does not bring its own of that name.
    #[uniffi(default = [])]
    pub additional_headers: Vec<HeaderField>,
    /// Names of header fields whose values are secret.
    #[uniffi(default = [])]
    pub secret_headers: Vec<String>,
    /// Which answers are files.
    #[uniffi(default = None)]
    pub status_policy: Option<StatusPolicy>,
    /// When a transfer may go on without a strong validator.
    #[uniffi(default = None)]
    pub resume_policy: Option<ResumePolicy>,
    /// The pauses between attempts.
    #[uniffi(default = None)]
    pub retry_policy: Option<RetryPolicy>,
    /// Hosts that plain http is allowed for (rule T1).
    #[uniffi(default = [])]
    pub plain_http_hosts: Vec<String>,
    /// Certificate authorities beside the platform's, in PEM form.
    #[uniffi(default = [])]
    pub root_certificates: Vec<String>,
    /// What the system is like when the session is made (rule P2).
    #[uniffi(default = None)]
    pub conditions: Option<SystemConditions>,
    /// When the session's files can be written.
    #[uniffi(default = None)]
    pub file_protection: Option<FileProtection>,
    /// Background sessions: the limits of a watch, other than the usual.
    #[uniffi(default = None)]
    pub watch_budget: Option<WatchBudget>,
    /// Background sessions: when the delegate is told while the app is not in front.
    #[uniffi(default = None)]
    pub delivery_policy: Option<DeliveryPolicy>,
    /// Background sessions: whether the app may be woken for this session.
    #[uniffi(default = true)]
    pub sends_launch_events: bool,
    /// Background sessions: what becomes of tasks when the user ends the app by force.
    #[uniffi(default = None)]
    pub force_quit_policy: Option<ForceQuitPolicy>,
}

type Core<Kind> = backhaul::SessionConfiguration<Kind>;

impl SessionConfiguration {
    /// As a default or ephemeral session's.
    pub(crate) fn foreground(self) -> Result<Core<backhaul::Foreground>> {
        let core = match self.kind {
            SessionKind::Default => Core::default(),
            _ => Core::ephemeral(),
        };
        self.apply(core)
    }

    /// As a background session's; none if it is another kind's.
    pub(crate) fn background(self) -> Option<Result<Core<backhaul::Background>>> {
        let core = match &self.kind {
            SessionKind::Background { identifier } => Core::background(identifier),
            SessionKind::Watch { identifier } => Core::watch(identifier),
            SessionKind::Default | SessionKind::Ephemeral => return None,
        };
        Some(core.map_err(BackhaulError::from).and_then(|core| {
            let mut core = core.sends_launch_events(self.sends_launch_events);
            if let Some(budget) = self.watch_budget {
                core = core.watch_budget(budget.into());
            }
            if let Some(policy) = self.delivery_policy {
                core = core.delivery_policy(policy.into());
            }
            if let Some(policy) = self.force_quit_policy {
                core = core.force_quit_policy(policy.into());
            }
            self.apply(core)
        }))
    }

    /// What every kind has.
    fn apply<Kind>(self, core: Core<Kind>) -> Result<Core<Kind>> {
        let mut core = core
            .allows_cellular_access(self.allows_cellular_access)
            .allows_expensive_network_access(self.allows_expensive_network_access)
            .allows_constrained_network_access(self.allows_constrained_network_access)
            .bandwidth_limit(self.bandwidth_limit);
        macro_rules! set {
            ($($field:ident $(as $into:expr)?),+ $(,)?) => {
                $(if let Some(value) = self.$field {
                    core = core.$field(set!(@ value $(, $into)?));
                })+
            };
            (@ $value:ident, $into:expr) => { $into($value) };
            (@ $value:ident) => { $value.into() };
        }
        let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        if let Some(directory) = self.container {
            core = core.container(directory);
        }
        set!(
            is_discretionary,
            waits_for_connectivity,
            timeout_for_request,
            timeout_for_resource,
            max_connections_per_host as count,
            max_concurrent_transfers as count,
            max_transfers_per_group as count,
            status_policy,
            resume_policy,
            retry_policy,
            conditions,
            file_protection,
        );
        for BaseDirectory { name, path } in self.base_directories {
            core = core.base_directory(name, path);
        }
        for HeaderField { name, value } in &self.additional_headers {
            core = core.additional_header(name, value)?;
        }
        for name in self.secret_headers {
            core = core.secret_header(name);
        }
        for host in self.plain_http_hosts {
            core = core.allow_plain_http(host);
        }
        for pem in self.root_certificates {
            core = core.root_certificate(pem);
        }
        Ok(core)
    }
}

impl From<RetryPolicy> for backhaul::RetryPolicy {
    fn from(policy: RetryPolicy) -> backhaul::RetryPolicy {
        backhaul::RetryPolicy {
            base: policy.base,
            cap: policy.cap,
        }
    }
}

/// The directory that holds an app's store unless its configuration names another.
#[uniffi::export]
#[must_use]
pub fn default_container() -> String {
    backhaul::default_container().to_string_lossy().into_owned()
}
