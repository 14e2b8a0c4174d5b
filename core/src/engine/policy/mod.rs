//! When a transfer may run (section P of the contract): pure, table-driven, without a clock.
//!
//! What must hold for a task is a set of bits, [`Needs`]. A [`DeferralPolicy`] names a task's needs
//! and which of them the system does not meet; the store filters its rows by them, so tasks that
//! cannot run never crowd out those that can.

mod facts;
mod limiter;
mod needs;
mod rank;
mod rules;
mod standard;
#[cfg(test)]
mod tests;

pub use facts::{FileProtection, LargeTransfers, TaskFacts, WatchBudget};
pub(crate) use limiter::LaunchLimiter;
pub use needs::Needs;
pub(crate) use rank::rank;
pub(crate) use rules::Rules;
pub use standard::StandardPolicy;

use std::time::Duration;

use crate::conditions::SystemConditions;

/// What a policy asks for one task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// What must hold for the task to run.
    pub needs: Needs,
    /// When the policy wants to be asked again, counted from now: the needs of discretionary work
    /// relax as its deadline nears (rule P4). Moments less than a minute away are moved there.
    pub relaxes_in: Option<Duration>,
}

/// Decides when transfers run. Replaces [`StandardPolicy`] by
/// [`SessionConfiguration::deferral_policy`](crate::SessionConfiguration::deferral_policy).
///
/// Both methods are pure functions of their arguments: they are called on the threads of the session
/// and of its callers, at any time and any number of times, and must neither block nor read a clock.
///
/// An app that lets no transfer start below 20 % of battery:
///
/// ```
/// use backhaul::{DeferralPolicy, Needs, Requirements, StandardPolicy, SystemConditions, TaskFacts};
///
/// struct Careful(StandardPolicy);
///
/// impl DeferralPolicy for Careful {
///     fn requirements(&self, task: &TaskFacts) -> Requirements {
///         let standard = self.0.requirements(task);
///         Requirements { needs: standard.needs | Needs::NOT_LOW_POWER, ..standard }
///     }
///     fn unmet(&self, conditions: &SystemConditions) -> Needs {
///         let is_low = !conditions.charging && conditions.battery_percent.is_some_and(|is| is < 20);
///         let low = if is_low { Needs::NOT_LOW_POWER } else { Needs::NONE };
///         self.0.unmet(conditions) | low
///     }
/// }
/// ```
pub trait DeferralPolicy: Send + Sync + 'static {
    /// What this task needs. Asked when the task is made or resumed, when the time that the last
    /// answer named has come, and when the length of the file becomes known.
    fn requirements(&self, task: &TaskFacts) -> Requirements;

    /// The needs that these conditions do not meet. [`Needs::AWAKE`] and [`Needs::RATE`] are not the
    /// policy's: the session knows of wakes, and adds them.
    fn unmet(&self, conditions: &SystemConditions) -> Needs;
}
