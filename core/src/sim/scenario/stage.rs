//! What a scenario is played on.

use std::time::Duration;

use super::Is;
use super::step::{Enqueue, Step};
use crate::error::Result;
use crate::sim::Trace;

/// A phone that scenarios are played on: what the app does, what else can happen, and what can be asked of
/// it. Values were checked before they come here.
///
/// # Errors
/// Of every method: what the library answers the app, or that no process is there to do it. The play
/// ends then.
pub(in crate::sim) trait Stage {
    /// The app enqueues tasks in one commit, and resumes those that are not to stay suspended.
    /// Objects that a `size` stands for lie on their servers already.
    fn enqueue(&mut self, tasks: &[Enqueue]) -> Result<()>;
    /// The app resumes a task.
    fn resume(&mut self, task: &str) -> Result<()>;
    /// The app pauses a task.
    fn suspend(&mut self, task: &str) -> Result<()>;
    /// The app cancels a task.
    fn cancel(&mut self, task: &str) -> Result<()>;

    /// Anything else happens: to the device, the network, a server, or the app's process.
    fn perform(&mut self, step: &Step) -> Result<()>;
    /// Time passes until the next thing happens, or `at_most` this long; says how long.
    fn advance_to_next(&mut self, at_most: Duration) -> Duration;

    /// Writes into the trace.
    fn note(&mut self, what: crate::sim::What);
    /// How a task stands, by the store; also while no process lives.
    fn standing(&mut self, task: &str) -> Result<Standing>;
    /// What happened so far.
    fn trace(&self) -> Trace;
}

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) struct Standing {
    /// In one word.
    pub is: Is,
    /// Bytes of it that are here.
    pub received: u64,
    /// Which version of its object lies at its destination; none unless it is whole and of one version.
    pub file_version: Option<u64>,
    /// How often the delegate was told of its end.
    pub delivered: u64,
}
