//! Whether the system's state lets a task run (rules P1, P2). Pure.

use crate::conditions::{Network, SystemConditions};
use crate::task_state::WaitReason;

/// What must be true of the system for a task to run, as bits: the store filters by them, so that
/// tasks that cannot run never crowd out those that can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needs(pub i64);

impl Needs {
    pub const NETWORK: i64 = 1;
    pub const NOT_CELLULAR: i64 = 1 << 1;
    pub const NOT_EXPENSIVE: i64 = 1 << 2;
    pub const NOT_CONSTRAINED: i64 = 1 << 3;
    /// Discretionary: a charger, an unmetered network, no low-power mode.
    pub const EASE: i64 = 1 << 4;

    /// The bits that `conditions` do not satisfy.
    pub fn unmet(conditions: &SystemConditions) -> i64 {
        let cellular = conditions.network == Network::Cellular;
        let at_ease = conditions.charging
            && !conditions.low_power
            && !conditions.expensive
            && !conditions.constrained
            && !cellular;
        let unmet = [
            (Needs::NETWORK, conditions.network == Network::None),
            (Needs::NOT_CELLULAR, cellular),
            (Needs::NOT_EXPENSIVE, conditions.expensive),
            (Needs::NOT_CONSTRAINED, conditions.constrained),
            (Needs::EASE, !at_ease),
        ];
        unmet
            .iter()
            .filter(|(_, is_unmet)| *is_unmet)
            .map(|(bit, _)| bit)
            .sum()
    }

    /// Why a task with these needs may not run now, if it may not. The reason that is hardest to
    /// change comes first.
    pub fn blocked_by(self, conditions: &SystemConditions) -> Option<WaitReason> {
        let unmet = self.0 & Needs::unmet(conditions);
        let reasons = [
            (Needs::NETWORK, WaitReason::Connectivity),
            (Needs::NOT_CELLULAR, WaitReason::CellularNotAllowed),
            (Needs::NOT_EXPENSIVE, WaitReason::ExpensiveNotAllowed),
            (Needs::NOT_CONSTRAINED, WaitReason::ConstrainedNotAllowed),
            (Needs::EASE, WaitReason::Discretionary),
        ];
        reasons
            .into_iter()
            .find(|(bit, _)| unmet & bit != 0)
            .map(|(_, reason)| reason)
    }
}

/// What a watch transfers at any time, and what it makes of the rest (rule P8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchBudget {
    /// Transfers up to this length run in any wake.
    pub small_transfer_limit_bytes: u64,
    /// What becomes of larger ones.
    pub large_transfers: LargeTransfers,
}

/// What becomes of a transfer that is too large for the wakes of a watch (rule P8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LargeTransfers {
    /// It waits for a charger and Wi-Fi, as `wake_budget`.
    #[default]
    Hold,
    /// It is refused: when it is made, or when the server says how long the file is.
    Refuse,
}

/// How long a task must have waited for its age to weigh as much as the whole span of priority.
const AGE_OF_FULL_PRIORITY_MS: f64 = 24.0 * 60.0 * 60.0 * 1000.0;

/// Tasks whose rank falls into one step are ordered by deadline.
const RANK_STEP_MS: f64 = 60.0 * 1000.0;

/// A task's place in the queue (rule P3): smaller goes first, equal ones by deadline, then by age.
///
/// Age raises priority at the same pace for every task, so the order of two tasks never changes
/// while they wait: one number, computed once, that the store can index. A task of priority 0.0
/// overtakes one of priority 1.0 that came 24 hours later: nothing starves.
pub(crate) fn rank(created_wall_ms: i64, priority: f32) -> i64 {
    let raised = created_wall_ms as f64 - f64::from(priority) * AGE_OF_FULL_PRIORITY_MS;
    (raised / RANK_STEP_MS).floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 24 * 60 * 60 * 1000;

    #[test]
    fn a_task_that_may_not_run_says_why() {
        // rule P1
        let train = SystemConditions {
            network: Network::Cellular,
            expensive: true,
            ..Default::default()
        };
        let all = Needs(Needs::NETWORK | Needs::NOT_CELLULAR | Needs::NOT_EXPENSIVE);
        assert_eq!(all.blocked_by(&train), Some(WaitReason::CellularNotAllowed));
        assert_eq!(
            Needs(Needs::NOT_EXPENSIVE).blocked_by(&train),
            Some(WaitReason::ExpensiveNotAllowed)
        );
        assert_eq!(
            Needs(Needs::EASE).blocked_by(&train),
            Some(WaitReason::Discretionary)
        );
        assert_eq!(Needs(Needs::NETWORK).blocked_by(&train), None);
        let tunnel = SystemConditions {
            network: Network::None,
            ..Default::default()
        };
        assert_eq!(all.blocked_by(&tunnel), Some(WaitReason::Connectivity));
        assert_eq!(all.blocked_by(&SystemConditions::default()), None);
    }

    #[test]
    fn priority_comes_first_and_age_overtakes_it() {
        // rule P3
        assert!(rank(1_000, 1.0) < rank(1_000, 0.0));
        assert!(
            rank(0, 0.0) < rank(DAY_MS + 60_000, 1.0),
            "a day of age outweighs any priority"
        );
        assert!(rank(0, 0.0) > rank(DAY_MS / 2, 1.0));
    }
}
