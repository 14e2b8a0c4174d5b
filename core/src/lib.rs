//! Background transfers that survive the death of the app.
//!
//! Every app gets the background transfer that only Apple's `URLSession` has, and gets it right: an
//! app makes a session with an identifier, hands it requests and a delegate, and may be killed at
//! any instant. Made again with the same identifier, the session goes on where it was; every file
//! arrives once, whole and right, and the delegate is told once it is.
//!
//! ```no_run
//! use std::sync::Arc;
//! use backhaul::{DownloadedFile, Request, Session, SessionConfiguration, SessionDelegate, TaskInfo};
//!
//! struct App;
//! impl SessionDelegate for App {
//!     fn did_finish_downloading_to(&self, task: &TaskInfo, file: &DownloadedFile) {
//!         println!("{} is at {}", task.url, file.location.display());
//!     }
//! }
//!
//! # fn main() -> Result<(), backhaul::Error> {
//! let configuration = SessionConfiguration::background("com.example.maps")?;
//! let session = Session::background(configuration, Arc::new(App), Default::default())?;
//! let task = session.download_task(Request::new("https://example.com/alps.mbtiles")?)?;
//! task.resume()?;
//! # Ok(()) }
//! ```
//!
//! # Where to look
//! - [`SessionConfiguration`], [`Session`], [`Request`], [`DownloadTask`]: asking.
//! - [`SessionDelegate`]: being told.
//! - [`DownloadTask::explain`], [`WaitReason`]: why a task waits.
//! - [`DeferralPolicy`], [`StandardPolicy`]: when a transfer runs.
//! - [`transport`]: the seam for a platform's own transfer service.
//! - [`Inspector`]: looking into a container that another process uses.

// What only the in-process HTTP transport uses: the resume ladder, part files under way.
#![cfg_attr(not(feature = "http"), allow(dead_code, unused_imports))]

mod after;
mod block_on;
mod clock;
mod conditions;
mod configuration;
mod delegate;
mod desktop_wakes;
mod driver;
mod engine;
mod error;
mod files;
mod inspector;
mod launch;
#[cfg(all(feature = "monitor", target_os = "linux"))]
mod monitor;
mod mutation;
mod new_task;
mod plan;
mod protocol;
mod request;
mod response;
mod resume_data;
mod session;
#[cfg(feature = "testkit")]
pub mod sim;
mod store;
mod task;
mod task_id;
mod task_state;
pub mod transport;
mod trust;
mod wake;

pub use conditions::{AppState, Network, StandbyBucket, SystemConditions, ThermalState};
pub use configuration::{
    Background, ForceQuitPolicy, Foreground, PreviousExit, RetryPolicy, SessionConfiguration,
    StatusPolicy, default_container,
};
pub use delegate::{DelegateQueue, DownloadedFile, Executor, SessionDelegate, StoreRecovery};
pub use desktop_wakes::{DesktopWakes, HookCommand};
pub use driver::{DeliveryPolicy, SessionStatus};
pub use engine::policy::{
    DeferralPolicy, FileProtection, LargeTransfers, Needs, Requirements, StandardPolicy, TaskFacts,
    WatchBudget,
};
pub use engine::resume::{RestartReason, ResumePolicy};
pub use error::{Error, ErrorKind, Result};
pub use inspector::{Inspector, JournalEvent};
pub use launch::{Backhaul, Launch, LaunchOptions};
#[cfg(all(feature = "monitor", target_os = "linux"))]
pub use monitor::SystemMonitor;
pub use plan::{Plan, PlanStep};
pub use protocol::{Digest, DigestAlgorithm, Headers, InvalidDigest, InvalidHeader};
pub use request::{CONTAINER_BASE, Destination, Request, suggested_filename_for_url};
pub use response::Response;
pub use resume_data::ResumeData;
pub use session::Session;
pub use task::DownloadTask;
pub use task_id::TaskId;
pub use task_state::{
    Attempt, Explanation, Progress, TaskInfo, TaskMetrics, TaskState, WaitReason,
};
pub use trust::{TrustEvaluator, TrustVerdict};
pub use wake::{WakeConstraints, WakeRequest, WakeScheduler, WakeTicket};

/// The example in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
