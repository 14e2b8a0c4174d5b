//! Numbers and times as people read them.

use std::time::{Duration, SystemTime};

use indicatif::BinaryBytes;

/// `12.00 MiB`.
pub fn bytes(bytes: u64) -> String {
    BinaryBytes(bytes).to_string()
}

/// `4.00 MiB of 12.00 MiB`, or what is known of it.
pub fn progress(received: u64, total: Option<u64>) -> String {
    match total {
        Some(total) if total != received => format!("{} of {}", bytes(received), bytes(total)),
        _ => bytes(received),
    }
}

/// `350 ms`, `8 s`, `4 min`, `2 h 5 min`, `6 d 23 h`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..=119 => format!("{seconds} s"),
        120..=7199 => format!("{minutes} min"),
        7200..=86_399 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// `8 s ago`, or `in 8 s`.
pub fn moment(time: SystemTime, now: SystemTime) -> String {
    match time.duration_since(now) {
        Ok(ahead) if ahead.is_zero() => "now".to_owned(),
        Ok(ahead) => format!("in {}", duration(ahead)),
        Err(error) => format!("{} ago", duration(error.duration())),
    }
}

/// `1 task`, `2 tasks`.
pub fn tasks(count: u64) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} task{plural}")
}

/// Milliseconds since the Unix epoch, for JSON.
pub fn epoch_ms(time: SystemTime) -> i64 {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_two_units_that_matter() {
        let cases = [
            (5, "5 s"),
            (119, "119 s"),
            (125, "2 min"),
            (7_500, "2 h 5 min"),
            (604_799, "6 d 23 h"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(Duration::from_secs(seconds)), text);
        }
        assert_eq!(duration(Duration::from_millis(350)), "350 ms");
    }

    #[test]
    fn moments_are_relative() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
        assert_eq!(moment(now, now), "now");
        assert_eq!(moment(now + Duration::from_secs(9), now), "in 9 s");
        assert_eq!(moment(now - Duration::from_secs(9), now), "9 s ago");
        assert_eq!(epoch_ms(now), 100_000);
    }
}
