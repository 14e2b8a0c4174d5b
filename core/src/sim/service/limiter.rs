//! The system's limit on work that an app creates while it is in the background.
//!
//! Documented for `URLSession`: the delay doubles with each launch or resume in the background, and
//! the user opening the app resets it. Only new work waits.

/// The delay after the first background wake.
const FIRST_DELAY_MS: i64 = 60_000;
/// It grows no further.
const DELAY_LIMIT_MS: i64 = 4 * 3_600_000;

/// Counts background wakes since the app was last in front.
#[derive(Debug, Default)]
pub(super) struct LaunchLimiter {
    wakes: u32,
}

impl LaunchLimiter {
    pub fn woken(&mut self) {
        self.wakes = self.wakes.saturating_add(1);
    }

    pub fn in_front(&mut self) {
        self.wakes = 0;
    }

    /// How long work that is created in the background now has to wait.
    pub fn delay_ms(&self) -> i64 {
        match self.wakes {
            0 => 0,
            wakes => FIRST_DELAY_MS
                .saturating_mul(1_i64 << (wakes - 1).min(20))
                .min(DELAY_LIMIT_MS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_to_a_limit_and_the_front_resets_it() {
        // rule P5
        let mut limiter = LaunchLimiter::default();
        assert_eq!(limiter.delay_ms(), 0);
        limiter.woken();
        assert_eq!(limiter.delay_ms(), 60_000);
        limiter.woken();
        assert_eq!(limiter.delay_ms(), 120_000);
        (0..100).for_each(|_| limiter.woken());
        assert_eq!(limiter.delay_ms(), DELAY_LIMIT_MS);
        limiter.in_front();
        assert_eq!(limiter.delay_ms(), 0);
    }
}
