//! kill -9, at any instant: the next launch goes on, and every file arrives once, whole and right.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

mod cancel;
mod chaos;
mod delivery;
mod holds;
mod moment;
mod plans;
mod random;
mod steps;

/// The app that is killed.
const PROBE: &str = env!("CARGO_BIN_EXE_probe");
