//! A task's place in the queue (rule P3). Pure.

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
