//! The decisions: pure, no I/O, no clock of its own, no threads.
pub(crate) mod resume;
