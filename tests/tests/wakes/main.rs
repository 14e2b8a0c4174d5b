//! Wakes, delivery and launches (rules W, S5, S9–S11) through the public API, with real sessions.
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see in helpers"
)]

mod delivery;
mod force_quit;
mod launch;
mod phone;
mod requests;
mod run_time;
mod tickets;
