//! The decisions: pure, no I/O, no clock of its own, no threads, no async.
pub(crate) mod policy;
