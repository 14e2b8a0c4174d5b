//! The launch limiter (rule P5): work that an app starts in the background waits, longer each time, so
//! that tasks that start tasks cannot keep a device awake. Pure.
//!
//! It closes when work is started in the background, and what is started while it is closed waits
//! with the rest. Whatever waits may begin when it opens. Only transports in this process are
//! limited: a platform's service does it itself.

use serde::{Deserialize, Serialize};

use crate::clock::Moment;

/// How long it closes the first time. Each time after that it is twice as long.
const FIRST_DELAY_MS: i64 = 60_000;
/// The longest delay.
const DELAY_CAP_MS: i64 = 60 * 60 * 1000;
/// Closed no more for so long, it begins anew.
const QUIET_PERIOD_MS: i64 = 6 * 60 * 60 * 1000;

/// The state of one session's limiter. Stored with the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct LaunchLimiter {
    /// How often it has closed since it began anew.
    times: u32,
    closed: Option<Closed>,
}

/// The last time that it closed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Closed {
    set: Moment,
    delay_ms: i64,
}

impl LaunchLimiter {
    /// As it is for a process that begins now: what was set in an earlier boot is counted in this
    /// one, and is never longer than it was (rule P7).
    pub fn restored(self, now: Moment) -> LaunchLimiter {
        let is_of_this_boot = |closed: &Closed| closed.set.boot == now.boot && now.boot != 0;
        match self.closed {
            Some(closed) if !is_of_this_boot(&closed) => LaunchLimiter {
                times: self.times,
                closed: Some(Closed {
                    set: now,
                    delay_ms: closed.remaining_ms(now),
                }),
            },
            _ => self,
        }
    }

    /// Work was started in the background. Whether that changed anything.
    pub fn work_started(&mut self, now: Moment) -> bool {
        if self.opens(now).is_some() {
            return false;
        }
        let is_quiet = |closed: Closed| {
            closed.set.until_ms(now) >= closed.delay_ms.saturating_add(QUIET_PERIOD_MS)
        };
        if self.closed.is_some_and(is_quiet) {
            self.times = 0;
        }
        let delay_ms = FIRST_DELAY_MS << self.times.min(16);
        self.times = self.times.saturating_add(1);
        self.closed = Some(Closed {
            set: now,
            delay_ms: delay_ms.min(DELAY_CAP_MS),
        });
        true
    }

    /// The app came to the front. Whether that changed anything.
    pub fn reset(&mut self) -> bool {
        std::mem::take(self) != LaunchLimiter::default()
    }

    /// When it opens; none while it is open.
    pub fn opens(&self, now: Moment) -> Option<Moment> {
        let left_ms = self.closed?.remaining_ms(now);
        (left_ms > 0).then(|| now.plus_ms(left_ms))
    }
}

impl Closed {
    fn remaining_ms(&self, now: Moment) -> i64 {
        let until = self.set.plus_ms(self.delay_ms);
        now.until_ms(until).min(self.delay_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Moment = Moment {
        wall_ms: 1_700_000_000_000,
        uptime_ms: 9_000_000,
        boot: 3,
    };
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;

    fn left_ms(limiter: LaunchLimiter, now: Moment) -> i64 {
        limiter.opens(now).map_or(0, |opens| now.until_ms(opens))
    }

    #[test]
    fn it_closes_for_a_minute_then_twice_as_long_each_time_up_to_an_hour() {
        // rule P5
        let mut limiter = LaunchLimiter::default();
        let mut now = START;
        let mut delays = Vec::new();
        for _ in 0..9 {
            assert!(limiter.work_started(now));
            delays.push(left_ms(limiter, now) / 1000);
            now = now.plus_ms(left_ms(limiter, now));
        }
        assert_eq!(delays, [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    }

    #[test]
    fn what_starts_while_it_is_closed_makes_nobody_wait_longer() {
        // rule P5
        let mut limiter = LaunchLimiter::default();
        limiter.work_started(START);
        assert!(!limiter.work_started(START.plus_ms(59_999)));
        assert_eq!(left_ms(limiter, START.plus_ms(59_999)), 1);
        assert_eq!(left_ms(limiter, START.plus_ms(60_000)), 0);
    }

    #[test]
    fn the_front_and_a_quiet_period_let_it_begin_anew() {
        // rule P5
        let mut limiter = LaunchLimiter::default();
        assert!(!limiter.reset());
        limiter.work_started(START);
        assert!(limiter.reset() && limiter.opens(START).is_none());
        limiter.work_started(START);
        limiter.work_started(START.plus_ms(60_000));
        let quiet = START.plus_ms(60_000 + 120_000 + QUIET_PERIOD_MS);
        limiter.work_started(quiet);
        assert_eq!(left_ms(limiter, quiet), FIRST_DELAY_MS);
    }

    #[test]
    fn a_clock_that_jumps_neither_opens_nor_starves_it() {
        // rule P7
        for jump_ms in [DAY_MS, -DAY_MS, 3650 * DAY_MS, -3650 * DAY_MS] {
            let mut limiter = LaunchLimiter::default();
            limiter.work_started(START);
            let mut now = START.plus_ms(20_000);
            now.wall_ms += jump_ms;
            assert_eq!(left_ms(limiter, now), 40_000);
            assert_eq!(left_ms(limiter.restored(now), now), 40_000, "a new process");
            let rebooted = Moment {
                uptime_ms: 5,
                boot: 4,
                ..now
            };
            let restored = limiter.restored(rebooted);
            let expected = if jump_ms > 0 { 0 } else { 60_000 };
            assert_eq!(
                left_ms(restored, rebooted),
                expected,
                "never longer than it was"
            );
            let mut later = rebooted.plus_ms(60_000);
            later.wall_ms -= jump_ms;
            assert_eq!(left_ms(restored, later), 0, "and it opens");
        }
    }
}
