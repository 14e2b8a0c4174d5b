//! The command-line host as a user has it: killed, run again, and asked what it did.

#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

mod codes;
mod deferral;
mod host;
mod killed;
mod output;
mod wakes;
