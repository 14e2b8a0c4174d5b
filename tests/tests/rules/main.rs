//! The rules of the contract, through the public API, against a real server and a real disk. The first
//! line of each test names the rule that it keeps.
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see in helpers"
)]

mod conditions;
mod delegate;
mod durable;
mod ending;
mod explain;
mod http_digests;
mod http_redirects;
mod http_retries;
mod http_status;
mod named;
mod order;
mod platform;
mod resume_data;
mod session;
mod tasks;
mod trust;
mod wakes;
