//! When the next attempt comes (rules H1, H2, D9).

use crate::clock::{Moment, duration_ms};
use crate::configuration::RetryPolicy;
use crate::error::{Error, ErrorKind};
use crate::store::Hold;
use crate::task_state::WaitReason;

/// First and longest pause of a task that waits for space. There is no event for "space was
/// freed", so this is the one condition that is asked about again, rarely.
const STORAGE_PAUSE_MS: i64 = 30_000;
const STORAGE_PAUSE_CAP_MS: i64 = 600_000;

/// The longest wait that a server can impose.
const RETRY_AFTER_CAP_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// Exponents past this one change nothing, and would overflow.
const EXPONENT_CAP: u32 = 20;

/// How long a task waits after its `failures`-th failure in a row.
///
/// Full jitter: anything between nothing and the exponential bound, so that a thousand clients that
/// lost one server do not come back together.
pub(crate) fn hold_after_failure(
    error: &Error,
    failures: u32,
    retry_after_ms: Option<u64>,
    policy: RetryPolicy,
    now: Moment,
    jitter: &mut fastrand::Rng,
) -> Hold {
    let exponent = failures.saturating_sub(1).min(EXPONENT_CAP);
    if let Some(asked) = retry_after_ms {
        let delay_ms = i64::try_from(asked.min(RETRY_AFTER_CAP_MS)).unwrap_or(i64::MAX);
        return Hold {
            reason: WaitReason::RetryAfter,
            set: now,
            delay_ms,
        };
    }
    if error.kind() == ErrorKind::NoSpace {
        let delay_ms = (STORAGE_PAUSE_MS << exponent.min(8)).min(STORAGE_PAUSE_CAP_MS);
        return Hold {
            reason: WaitReason::Storage,
            set: now,
            delay_ms,
        };
    }
    let bound = duration_ms(policy.base)
        .saturating_mul(1_i64 << exponent)
        .min(duration_ms(policy.cap))
        .max(0);
    Hold {
        reason: WaitReason::RetryBackoff,
        set: now,
        delay_ms: jitter.i64(0..=bound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW: Moment = Moment {
        wall_ms: 1_000,
        uptime_ms: 1_000,
        boot: 1,
    };

    fn lost() -> Error {
        Error::new(ErrorKind::ConnectionLost, "lost")
    }

    #[test]
    fn pauses_grow_are_jittered_and_are_capped() {
        // rule H1
        let policy = RetryPolicy {
            base: Duration::from_secs(1),
            cap: Duration::from_secs(60),
        };
        let mut jitter = fastrand::Rng::with_seed(1);
        for failures in 1..40 {
            let bound = (1000_i64 << (failures - 1).min(20)).min(60_000);
            let delays: Vec<i64> = (0..200)
                .map(|_| hold_after_failure(&lost(), failures, None, policy, NOW, &mut jitter))
                .map(|hold| hold.delay_ms)
                .collect();
            assert!(delays.iter().all(|delay| (0..=bound).contains(delay)));
            assert!(
                delays.iter().any(|delay| *delay > bound / 2),
                "uses the whole range"
            );
            assert!(
                delays.iter().any(|delay| *delay < bound / 2),
                "uses the whole range"
            );
        }
    }

    #[test]
    fn the_server_s_word_wins_and_is_bounded() {
        // rule H2
        let mut jitter = fastrand::Rng::with_seed(1);
        let policy = RetryPolicy::default();
        let hold = hold_after_failure(&lost(), 1, Some(120_000), policy, NOW, &mut jitter);
        assert_eq!(
            (hold.reason, hold.delay_ms),
            (WaitReason::RetryAfter, 120_000)
        );
        let hold = hold_after_failure(&lost(), 1, Some(u64::MAX), policy, NOW, &mut jitter);
        assert_eq!(hold.delay_ms, 604_800_000);
    }

    #[test]
    fn a_hold_survives_reboot_and_clock_change() {
        // rule H2
        let hold = Hold {
            reason: WaitReason::RetryAfter,
            set: NOW,
            delay_ms: 60_000,
        };
        let later = Moment {
            wall_ms: 31_000,
            uptime_ms: 5,
            boot: 2,
        };
        assert_eq!(
            hold.remaining_ms(later),
            30_000,
            "after a reboot the wall clock counts"
        );
        let set_back = Moment {
            wall_ms: -86_400_000,
            uptime_ms: 5,
            boot: 2,
        };
        assert_eq!(
            hold.remaining_ms(set_back),
            60_000,
            "never longer than it was set for"
        );
        let jumped = Moment {
            wall_ms: 86_400_000,
            uptime_ms: 2_000,
            boot: 1,
        };
        assert_eq!(
            hold.remaining_ms(jumped),
            59_000,
            "within one boot a jump changes nothing"
        );
    }

    #[test]
    fn a_full_disk_waits_as_storage() {
        // rule D9
        let full = Error::new(ErrorKind::NoSpace, "full").with_needed_bytes(1);
        let mut jitter = fastrand::Rng::with_seed(1);
        let hold = hold_after_failure(&full, 3, None, RetryPolicy::default(), NOW, &mut jitter);
        assert_eq!((hold.reason, hold.delay_ms), (WaitReason::Storage, 120_000));
    }
}
