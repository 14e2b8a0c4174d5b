//! A deterministic phone: app developers test *their* background logic with it, and we ours.
//!
//! One seed, one thread, one virtual clock. The real sessions run in it, with their engine, their
//! store and their delegate's calls; only what lies below the seam of
//! [`Machine`](crate::driver::Machine) and the [`Transport`](crate::transport::Transport) is
//! simulated: clocks, network, disk, the platform that lends wakes, and death at any instant. The
//! same seed gives the same trace, byte for byte.

mod content;
mod disk;
mod http;
mod lender;
mod life;
mod listener;
mod machine;
mod net;
mod process;
mod service;
#[cfg(test)]
mod tests;
mod trace;
mod world;

pub use content::{Content, Run};
pub use disk::{DiskFault, SimDisk};
pub use lender::Profile;
pub use net::{Captive, Fault, Net, Object, Ranges, RetryAfter, Validators};
pub use trace::{Entry, Trace, What};
