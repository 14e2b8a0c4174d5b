//! Time as the engine sees it: a value that is passed in.
//!
//! Nothing below the driver reads a clock. A [`Moment`] carries wall time and the time since boot
//! together, so that a wall clock that jumps neither fires nor starves anything (rule P7).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// One instant, on the wall clock and on the clock that counts since boot (sleep included).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Milliseconds since the Unix epoch. May jump.
    pub wall_ms: i64,
    /// Milliseconds since boot. Never jumps, starts again at a reboot.
    pub uptime_ms: i64,
    /// Which boot `uptime_ms` belongs to; 0 where the system cannot say.
    pub boot: i64,
}

impl Moment {
    /// This moment moved by `delay_ms` on both clocks.
    #[must_use]
    pub fn plus_ms(self, delay_ms: i64) -> Moment {
        Moment {
            wall_ms: self.wall_ms.saturating_add(delay_ms),
            uptime_ms: self.uptime_ms.saturating_add(delay_ms),
            boot: self.boot,
        }
    }

    /// How long from `self` until `later`, in milliseconds: by uptime within one boot, else by the
    /// wall clock. Never negative.
    #[must_use]
    pub fn until_ms(self, later: Moment) -> i64 {
        let distance = if self.boot == later.boot && self.boot != 0 {
            later.uptime_ms.saturating_sub(self.uptime_ms)
        } else {
            later.wall_ms.saturating_sub(self.wall_ms)
        };
        distance.max(0)
    }

    /// The wall-clock part as the standard library's type.
    #[must_use]
    pub fn system_time(self) -> SystemTime {
        let offset = Duration::from_millis(self.wall_ms.unsigned_abs());
        if self.wall_ms >= 0 {
            UNIX_EPOCH + offset
        } else {
            UNIX_EPOCH - offset
        }
    }
}

/// Milliseconds since the Unix epoch of a [`SystemTime`]; times before it are negative.
pub(crate) fn wall_ms(time: SystemTime) -> i64 {
    let clamp = |d: Duration| i64::try_from(d.as_millis()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => clamp(after),
        Err(before) => -clamp(before.duration()),
    }
}

/// A whole number of milliseconds that fits the store.
pub(crate) fn duration_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

/// Reads the machine's clocks. The only place that does.
pub(crate) fn now() -> Moment {
    Moment {
        wall_ms: wall_ms(SystemTime::now()),
        uptime_ms: uptime_ms(),
        boot: boot(),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn uptime_ms() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}

/// Elsewhere `CLOCK_MONOTONIC` counts on through sleep (Apple) or is the best there is.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn uptime_ms() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    time.tv_sec as i64 * 1000 + time.tv_nsec as i64 / 1_000_000
}

/// A number that is the same for the whole life of one boot.
fn boot() -> i64 {
    static BOOT: once_cell::sync::Lazy<i64> = once_cell::sync::Lazy::new(|| {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let hex: String = id
            .chars()
            .filter(char::is_ascii_hexdigit)
            .take(15)
            .collect();
        i64::from_str_radix(&hex, 16).unwrap_or(0)
    });
    *BOOT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_ignores_a_wall_clock_jump_within_one_boot() {
        // rule P7
        let before = Moment {
            wall_ms: 1_000,
            uptime_ms: 500,
            boot: 7,
        };
        let due = before.plus_ms(60_000);
        let after_jump = Moment {
            wall_ms: 90_000_000,
            uptime_ms: 1_500,
            boot: 7,
        };
        assert_eq!(after_jump.until_ms(due), 59_000);
    }

    #[test]
    fn distance_falls_back_to_the_wall_clock_after_a_reboot() {
        let due = Moment {
            wall_ms: 61_000,
            uptime_ms: 900_000,
            boot: 7,
        };
        let rebooted = Moment {
            wall_ms: 31_000,
            uptime_ms: 10,
            boot: 8,
        };
        assert_eq!(rebooted.until_ms(due), 30_000);
    }

    #[test]
    fn the_machine_clock_moves_forward() {
        let first = now();
        let second = now();
        assert!(second.uptime_ms >= first.uptime_ms);
        assert_eq!(first.boot, second.boot);
    }
}
