//! What the integration tests share: a server that misbehaves, a container on a real disk, a delegate
//! that writes everything down, and waits that never sleep.
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: a failure here is a failed test"
)]

pub mod files;
pub mod fixture;
pub mod long_path;
pub mod platform;
pub mod process;
pub mod recorder;

pub use fixture::{Fixture, QUICK};
pub use recorder::{Call, Failure, PATIENCE, Recorder, What};
