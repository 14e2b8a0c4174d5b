//! What a scenario is played on.

use std::time::Duration;

use super::step::{DiskFaultStep, Enqueue, NetworkStep, ObjectSetup, ServerStep};
use super::{Is, Scenario};
use crate::conditions::{AppState, SystemConditions};
use crate::error::Result;
use crate::sim::Trace;

/// A phone that scenarios are played on: one method for each thing that can happen, and what can be
/// asked of it. Values were checked before they come here.
///
/// # Errors
/// Of every method: what the library answers the app, or that no process is there to do it. The play
/// ends then.
pub trait Stage: Sized {
    /// A phone of the scenario's seed and profile, with its objects, on unmetered Wi-Fi and a
    /// charger; the app, with the scenario's session, is launched and active.
    fn set_up(scenario: &Scenario) -> Result<Self>;

    /// The app enqueues tasks in one commit, and resumes those that are not to stay suspended.
    /// Objects that a `size` stands for lie on their servers already.
    fn enqueue(&mut self, tasks: &[Enqueue]) -> Result<()>;
    /// The app resumes a task.
    fn resume(&mut self, task: &str) -> Result<()>;
    /// The app pauses a task.
    fn suspend(&mut self, task: &str) -> Result<()>;
    /// The app cancels a task.
    fn cancel(&mut self, task: &str) -> Result<()>;

    /// The network is this one now.
    fn network(&mut self, network: NetworkStep);
    /// Something else of the system changes; never the network nor the app's state.
    fn change_conditions(&mut self, change: &dyn Fn(&mut SystemConditions));
    /// The app goes to the screen or from it. One that is dead is launched by going to the screen.
    fn app(&mut self, state: AppState) -> Result<()>;
    /// The system ends the process, if there is one.
    fn kill(&mut self);
    /// The process ends before its nth act on the outside from now.
    fn kill_after_acts(&mut self, acts: u64);
    /// The user throws the app out.
    fn force_quit(&mut self);
    /// The user starts the app.
    fn launch(&mut self) -> Result<()>;
    /// The device starts again.
    fn reboot(&mut self);
    /// The power goes and comes back.
    fn lose_power(&mut self);
    /// Somebody sets the wall clock.
    fn jump_clock(&mut self, by_ms: i64);
    /// Time passes.
    fn advance(&mut self, by: Duration);
    /// Time passes until the next thing happens, or `at_most` this long; says how long.
    fn advance_to_next(&mut self, at_most: Duration) -> Duration;

    /// The object is there from now on, or is this one from now on: its next version.
    fn put_object(&mut self, object: &ObjectSetup);
    /// A server behaves like this from now on.
    fn server(&mut self, server: &ServerStep);
    /// The disk has this much room left.
    fn free_disk(&mut self, bytes: u64);
    /// A write to the disk fails.
    fn fail_disk(&mut self, fault: DiskFaultStep);

    /// Writes into the trace.
    fn note(&mut self, what: crate::sim::What);
    /// How a task stands, by the store; also while no process lives.
    fn standing(&mut self, task: &str) -> Result<Standing>;
    /// What happened so far.
    fn trace(&self) -> Trace;
}

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In one word.
    pub is: Is,
    /// Bytes of it that are here.
    pub received: u64,
    /// Which version of its object lies at its destination; none unless it is whole and of one version.
    pub file_version: Option<u64>,
    /// How often the delegate was told of its end, and returned.
    pub delivered: u64,
}
