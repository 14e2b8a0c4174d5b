//! A deterministic phone: app developers test *their* background logic with it, and we ours.
//!
//! One seed, one thread, one virtual clock. The real sessions run in it, with their engine, their
//! store and their delegate's calls; only what lies below the seam of
//! `Machine` (in the driver) and the [`Transport`](crate::transport::Transport) is
//! simulated: clocks, network, disk, the platform that lends wakes, and death at any instant. The
//! same seed gives the same trace, byte for byte.

mod content;
mod disk;
pub mod explore;
mod http;
mod lender;
mod life;
mod listener;
mod machine;
mod net;
mod phone;
mod plot;
mod process;
mod promises;
mod scenario;
mod service;
#[cfg(test)]
mod tests;
mod text;
mod trace;
mod world;

pub use content::{Content, Run};
pub use disk::{DiskFault, SimDisk};
pub use lender::Profile;
pub use net::{Captive, Fault, Net, Object, Ranges, RetryAfter, Validators};
pub use phone::{App, Phone};
pub use plot::{PlotOptions, plot};
pub use scenario::{
    AdvanceUntil, DiskError, DiskFaultStep, DiskStep, Enqueue, Expectation, Is, NetworkStep,
    NewTask, ObjectSetup, Played, PowerStep, RangeSupport, SCENARIO_SESSION, Scenario, ScenarioApp,
    ScenarioError, ScenarioErrorKind, ServerFault, ServerStep, SessionSetup, Shift, Size, Span,
    Step, Unmet, Validator, hours, minutes, seconds,
};
pub use trace::{ENTRIES_LIMIT, Entry, Trace, What};
