//! How often a watch is woken: at most four times an hour, fifteen minutes apart (rule P8). Pure.

use crate::clock::Moment;

/// Wakes are at least this far apart.
const APART_MS: i64 = 15 * 60 * 1000;

/// In which time wakes are counted.
const WINDOW_MS: i64 = 60 * 60 * 1000;

/// Wakes in that time.
const WAKES_LIMIT: usize = 4;

/// Several tickets within this time are of one wake: the platform's limit for it.
const ONE_WAKE_MS: i64 = 10_000;

/// The last wakes, oldest first. Kept in the store, so that a new process knows of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WakeBudget {
    past: Vec<Moment>,
}

impl WakeBudget {
    /// With what the store remembers. A wake that the clock of a new boot puts into the future
    /// counts as one of now (rule P7).
    pub fn new(mut past: Vec<Moment>, now: Moment) -> WakeBudget {
        let surplus = past.len().saturating_sub(WAKES_LIMIT);
        past.drain(..surplus);
        for wake in &mut past {
            if ago_ms(*wake, now) < 0 {
                *wake = now;
            }
        }
        WakeBudget { past }
    }

    pub fn past(&self) -> &[Moment] {
        &self.past
    }

    /// The platform woke the app. False if that is the wake that is already counted.
    pub fn woke(&mut self, now: Moment) -> bool {
        let is_same = |last: &Moment| last.until_ms(now) < ONE_WAKE_MS && ago_ms(*last, now) >= 0;
        if self.past.last().is_some_and(is_same) {
            return false;
        }
        self.past.push(now);
        let surplus = self.past.len().saturating_sub(WAKES_LIMIT);
        self.past.drain(..surplus);
        true
    }

    /// How long from now the next wake is not wanted.
    pub fn pause_ms(&self, now: Moment) -> i64 {
        let left = |wake: Moment, pause_ms: i64| (pause_ms - ago_ms(wake, now)).clamp(0, pause_ms);
        let apart = self.past.last().map_or(0, |last| left(*last, APART_MS));
        let oldest = self.past.len().checked_sub(WAKES_LIMIT);
        let full = oldest.map_or(0, |index| left(self.past[index], WINDOW_MS));
        apart.max(full)
    }
}

/// How long ago it was; negative for a wake that a clock puts into the future.
fn ago_ms(wake: Moment, now: Moment) -> i64 {
    wake.until_ms(now) - now.until_ms(wake)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: i64 = 60_000;
    const START: Moment = Moment {
        wall_ms: 1_700_000_000_000,
        uptime_ms: 5_000_000,
        boot: 3,
    };

    fn at(minutes: i64) -> Moment {
        START.plus_ms(minutes * MINUTE_MS)
    }

    #[test]
    fn wakes_are_a_quarter_of_an_hour_apart() {
        // rule P8
        let mut budget = WakeBudget::default();
        assert_eq!(budget.pause_ms(START), 0);
        assert!(budget.woke(START));
        assert_eq!(budget.pause_ms(START), 15 * MINUTE_MS);
        assert_eq!(budget.pause_ms(at(14)), MINUTE_MS);
        assert_eq!(budget.pause_ms(at(15)), 0);
    }

    #[test]
    fn there_are_four_an_hour_also_when_the_platform_gave_them_sooner() {
        // rule P8
        let mut budget = WakeBudget::default();
        for minute in [0, 1, 2, 3] {
            assert!(budget.woke(at(minute)));
        }
        assert_eq!(budget.pause_ms(at(20)), 40 * MINUTE_MS);
        assert_eq!(budget.pause_ms(at(60)), 0);
        assert_eq!(budget.past().len(), WAKES_LIMIT, "no more is remembered");
    }

    #[test]
    fn several_tickets_of_one_wake_count_once() {
        // rule P8
        let mut budget = WakeBudget::default();
        assert!(budget.woke(START));
        assert!(!budget.woke(START.plus_ms(ONE_WAKE_MS - 1)));
        assert!(budget.woke(START.plus_ms(ONE_WAKE_MS)));
    }

    #[test]
    fn a_new_boot_and_a_wrong_clock_starve_nothing() {
        // rule P7
        let mut budget = WakeBudget::default();
        budget.woke(START);
        let past = budget.past().to_vec();
        let year_ms = 365 * 24 * 60 * MINUTE_MS;
        let rebooted = Moment {
            wall_ms: START.wall_ms - year_ms,
            uptime_ms: 10,
            boot: 4,
        };
        let restored = WakeBudget::new(past, rebooted);
        assert_eq!(restored.pause_ms(rebooted), 15 * MINUTE_MS);
        assert_eq!(restored.pause_ms(rebooted.plus_ms(15 * MINUTE_MS)), 0);
        let jumped = Moment {
            wall_ms: START.wall_ms - year_ms,
            ..at(15)
        };
        assert_eq!(budget.pause_ms(jumped), 0);
    }
}
