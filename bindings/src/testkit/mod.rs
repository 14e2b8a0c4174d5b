//! The simulated phone and the scenarios (feature `testkit` of the core): apps test their background logic
//! with them, and we the other languages' APIs.
//!
//! One thread does everything, the one that calls: an app's delegates are called inside of `advance`. They
//! may use the phone and its sessions as they like.

mod app;
mod guard;
mod object;
mod phone;
mod profile;
mod scenario;
mod scenario_app;
mod server;

pub use app::SimulatedApp;
pub use object::{SimulatedObject, SimulatedRanges, SimulatedValidator};
pub use phone::{BrokenPromise, SimulatedPhone};
pub use profile::SimulatedProfile;
pub use scenario::{ScenarioOutcome, play_scenario};
pub use scenario_app::{ScenarioHost, ScenarioSession, ScenarioTask};
pub use server::ServerFault;
