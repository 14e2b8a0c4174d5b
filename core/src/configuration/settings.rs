//! The values that a configuration sets, and their defaults (rule C).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::conditions::SystemConditions;
use crate::driver::{self, DeliveryPolicy, Machine};
use crate::engine::policy::{DeferralPolicy, FileProtection, StandardPolicy, WatchBudget};
use crate::engine::resume::ResumePolicy;
use crate::protocol::Headers;
use crate::transport::Transport;
use crate::trust::TrustEvaluator;
use crate::wake::WakeScheduler;

/// The values behind a configuration, the same for every kind.
#[derive(Clone)]
pub(crate) struct Settings {
    /// Of a background session.
    pub identifier: Option<String>,
    pub container: Option<PathBuf>,
    pub base_directories: BTreeMap<String, PathBuf>,
    pub is_discretionary: bool,
    pub waits_for_connectivity: bool,
    pub allows_cellular: bool,
    pub allows_expensive: bool,
    pub allows_constrained: bool,
    pub timeout_for_request: Duration,
    pub timeout_for_resource: Duration,
    pub max_connections_per_host: usize,
    pub max_concurrent_transfers: usize,
    pub bandwidth_limit: Option<u64>,
    pub additional_headers: Headers,
    pub secret_headers: Vec<String>,
    pub status_policy: StatusPolicy,
    pub resume_policy: ResumePolicy,
    pub retry: RetryPolicy,
    pub plain_http_hosts: PlainHttp,
    pub root_certificates: Vec<Vec<u8>>,
    pub trust_evaluator: Option<Arc<dyn TrustEvaluator>>,
    pub transport: Option<Arc<dyn Transport>>,
    pub conditions: SystemConditions,
    pub delivery: DeliveryPolicy,
    pub sends_launch_events: bool,
    pub force_quit: ForceQuitPolicy,
    /// How the process before this one ended, as the host says.
    pub previous_exit: PreviousExit,
    pub wake_scheduler: Option<Arc<dyn WakeScheduler>>,
    pub deferral_policy: Arc<dyn DeferralPolicy>,
    pub max_transfers_per_group: Option<usize>,
    pub file_protection: FileProtection,
    /// Of a watch's session (rule P8).
    pub watch: Option<WatchBudget>,
    /// What the session runs on; another one in a simulation.
    pub machine: Arc<dyn Machine>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("identifier", &self.identifier)
            .field("container", &self.container)
            .finish_non_exhaustive()
    }
}

/// Which answers are files (rule H5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatusPolicy {
    /// Only 2xx: any other answer is a failure that carries status, headers and up to 64 KiB of body.
    #[default]
    SuccessOnly,
    /// Every final answer's body is the file, as with `URLSession`.
    Any,
}

/// Hosts that plain http is allowed for (rule T1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum PlainHttp {
    #[default]
    Never,
    Hosts(Vec<String>),
}

impl PlainHttp {
    pub fn allows(&self, host: &str) -> bool {
        match self {
            PlainHttp::Never => false,
            PlainHttp::Hosts(hosts) => hosts.iter().any(|h| h.eq_ignore_ascii_case(host)),
        }
    }
}

/// What becomes of tasks that the user stopped by ending the app by force: a swipe in the app switcher
/// (Apple), force-stop (Android). Rule W6: none vanishes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ForceQuitPolicy {
    /// They end with [`ErrorKind::UserForceQuit`](crate::ErrorKind::UserForceQuit), as with
    /// `URLSession`.
    #[default]
    Report,
    /// They go on at the next launch.
    Requeue,
}

/// How the process before this one ended, as far as the platform says: Android's
/// `ApplicationExitInfo`, or whoever watches a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PreviousExit {
    /// In any other way, or nobody knows: tasks go on.
    #[default]
    Ordinary,
    /// The user ended it by force.
    ForceQuit,
}

/// The pauses between attempts (rule H1): exponential, with full jitter, until the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The longest first pause.
    pub base: Duration,
    /// The longest pause of all.
    pub cap: Duration,
}

impl Default for RetryPolicy {
    fn default() -> RetryPolicy {
        RetryPolicy {
            base: Duration::from_secs(1),
            cap: Duration::from_secs(300),
        }
    }
}

impl Settings {
    pub(super) fn new() -> Settings {
        Settings {
            identifier: None,
            container: None,
            base_directories: BTreeMap::new(),
            is_discretionary: false,
            waits_for_connectivity: false,
            allows_cellular: true,
            allows_expensive: true,
            allows_constrained: true,
            timeout_for_request: Duration::from_secs(60),
            timeout_for_resource: Duration::from_secs(7 * 24 * 60 * 60),
            max_connections_per_host: 6,
            max_concurrent_transfers: 32,
            bandwidth_limit: None,
            additional_headers: Headers::default(),
            secret_headers: Vec::new(),
            status_policy: StatusPolicy::default(),
            resume_policy: ResumePolicy::default(),
            retry: RetryPolicy::default(),
            plain_http_hosts: PlainHttp::default(),
            root_certificates: Vec::new(),
            trust_evaluator: None,
            transport: None,
            conditions: SystemConditions::default(),
            delivery: DeliveryPolicy::default(),
            sends_launch_events: true,
            force_quit: ForceQuitPolicy::default(),
            previous_exit: PreviousExit::default(),
            wake_scheduler: None,
            deferral_policy: Arc::new(StandardPolicy),
            max_transfers_per_group: None,
            file_protection: FileProtection::default(),
            watch: None,
            machine: driver::threads(),
        }
    }
}
