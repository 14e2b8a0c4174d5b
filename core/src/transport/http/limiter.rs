//! The session's bandwidth limit.
//!
//! One queue of time slots for all transfers: whoever has bytes takes the next slot that is free, so
//! transfers that want the same get the same. Time is an argument. Nothing is saved up while idle.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Slots this near are taken at once: timers are no finer.
const SLACK: Duration = Duration::from_millis(5);
/// How much one slot holds, as a part of a second: a slot is short, so that progress is smooth.
const SLOTS_PER_SECOND: u64 = 20;
const SLOT_MIN_BYTES: u64 = 1024;
const SLOT_MAX_BYTES: u64 = 256 * 1024;

/// Shares out a number of bytes a second.
pub(super) struct Limiter {
    bytes_per_second: u64,
    /// When the next slot begins; none before the first.
    next_slot: Mutex<Option<Instant>>,
}

impl Limiter {
    pub fn new(bytes_per_second: u64) -> Limiter {
        Limiter {
            bytes_per_second: bytes_per_second.max(1),
            next_slot: Mutex::new(None),
        }
    }

    /// The most bytes to ask for at a time.
    pub fn slot_bytes(&self) -> usize {
        let bytes = self.bytes_per_second / SLOTS_PER_SECOND;
        bytes.clamp(SLOT_MIN_BYTES, SLOT_MAX_BYTES) as usize
    }

    /// Takes the next slot for `bytes`. How long to wait for it.
    pub fn take(&self, now: Instant, bytes: usize) -> Duration {
        let length = Duration::try_from_secs_f64(bytes as f64 / self.bytes_per_second as f64)
            .unwrap_or(Duration::MAX);
        let mut next = self
            .next_slot
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let begins = next.map_or(now, |slot| slot.max(now));
        *next = begins.checked_add(length).or(Some(begins));
        let wait = begins.duration_since(now);
        if wait <= SLACK { Duration::ZERO } else { wait }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_kept_and_nothing_is_saved_up() {
        let limiter = Limiter::new(1_000_000);
        let start = Instant::now();
        assert_eq!(limiter.slot_bytes(), 50_000);
        assert_eq!(limiter.take(start, 50_000), Duration::ZERO);
        assert_eq!(limiter.take(start, 50_000), Duration::from_millis(50));
        assert_eq!(limiter.take(start, 50_000), Duration::from_millis(100));

        let after_idling = start + Duration::from_secs(60);
        assert_eq!(limiter.take(after_idling, 50_000), Duration::ZERO);
        assert_eq!(
            limiter.take(after_idling, 50_000),
            Duration::from_millis(50)
        );
    }

    #[test]
    fn two_transfers_that_want_the_same_get_the_same() {
        let limiter = Limiter::new(100_000);
        let start = Instant::now();
        let mut clocks = [start; 2];
        let mut got = [0_usize; 2];
        // Whoever is free first asks first, as tasks on one runtime do.
        for _ in 0..400 {
            let who = usize::from(clocks[1] < clocks[0]);
            clocks[who] += limiter.take(clocks[who], limiter.slot_bytes());
            got[who] += limiter.slot_bytes();
        }
        let seconds = (clocks[0].max(clocks[1]) - start).as_secs_f64();
        let rate = (got[0] + got[1]) as f64 / seconds;
        assert!((95_000.0..106_000.0).contains(&rate), "{rate}");
        assert!(
            got[0].abs_diff(got[1]) <= 2 * limiter.slot_bytes(),
            "{got:?}"
        );
    }

    #[test]
    fn the_smallest_limit_neither_divides_by_zero_nor_overflows() {
        let limiter = Limiter::new(0);
        let now = Instant::now();
        assert_eq!(limiter.slot_bytes(), 1024);
        assert_eq!(limiter.take(now, 10_000_000), Duration::ZERO);
        assert!(limiter.take(now, usize::MAX) > Duration::from_secs(1_000_000));
        limiter.take(now, usize::MAX);
    }
}
