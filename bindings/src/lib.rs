//! Backhaul for other languages: the core's public surface through UniFFI, one file per noun.
//!
//! Thin on purpose: values are translated, nothing is decided. What Swift and Kotlin make of it is in
//! `docs/mapping.md`. Foreign traits are synchronous and every one of their methods may fail: what the
//! other side throws comes back as a value, and no panic of ours crosses over.

uniffi::setup_scaffolding!();

mod background_sessions;
mod callback_error;
mod conditions;
mod configuration;
mod deferral_policy;
mod delegate;
mod digest;
mod download_task;
mod error;
mod executor;
mod inspector;
mod log_sink;
mod mirror;
mod plan;
mod request;
mod response;
mod runtime;
mod session;
mod task_info;
mod testkit;
mod transport;
mod trust;
mod wake;

pub use background_sessions::{BackgroundSessions, FailedSession, SessionFactory};
pub use callback_error::CallbackError;
pub use conditions::{AppState, Network, StandbyBucket, SystemConditions, ThermalState};
pub use configuration::{
    BaseDirectory, DeliveryPolicy, FileProtection, ForceQuitPolicy, LargeTransfers, PreviousExit,
    ResumePolicy, RetryPolicy, SessionConfiguration, SessionKind, StatusPolicy, WatchBudget,
};
pub use deferral_policy::{DeferralPolicy, Requirements, TaskFacts};
pub use delegate::{DownloadedFile, RestartReason, SessionDelegate, StoreRecovery};
pub use digest::{Digest, DigestAlgorithm};
pub use download_task::DownloadTask;
pub use error::{BackhaulError, ErrorInfo, ErrorKind};
pub use executor::{DelegateExecutor, DelegateWork};
pub use inspector::{Inspector, JournalEvent};
pub use log_sink::{LogLevel, LogRecord, LogSink, log_line, set_log_sink};
pub use plan::PlanStep;
pub use request::{Destination, Request};
pub use response::{HeaderField, Response};
pub use session::{Session, SessionParts, SessionStatus, WaitCount};
pub use task_info::{Attempt, Explanation, Progress, TaskInfo, TaskMetrics, TaskState, WaitReason};
pub use testkit::{
    BrokenPromise, ScenarioHost, ScenarioOutcome, ScenarioSession, ScenarioTask, ServerFault,
    SimulatedApp, SimulatedObject, SimulatedPhone, SimulatedProfile, SimulatedRanges,
    SimulatedValidator, play_scenario,
};
pub use transport::{
    PlatformTransport, RedirectAnswer, Transfer, TransferEvents, TransferId, TransportCapabilities,
    transfer_id_of, transfer_id_text,
};
pub use trust::{TrustEvaluator, TrustVerdict};
pub use wake::{WakeCompletion, WakeConstraints, WakeRequest, WakeScheduler, WakeTicket};
