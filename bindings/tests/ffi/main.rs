//! The bindings as another language uses them: the foreign traits are implemented here, in Rust.
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

mod asynchronous;
mod delegates;
mod scenarios;
mod simulated_phone;
mod support;
mod transports;
mod trust;
mod wakes;
