//! Numbers and times as they are typed.

use std::time::{Duration, SystemTime};

/// Bytes: a whole number, and perhaps k, M or G (of 1,024, as with curl).
pub fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || "a whole number of bytes above 0 is needed, such as 500k or 2M".to_owned();
    let (digits, unit) = split_unit(text);
    let factor: u64 = match unit {
        "" => 1,
        "k" | "K" => 1 << 10,
        "m" | "M" => 1 << 20,
        "g" | "G" => 1 << 30,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number
        .checked_mul(factor)
        .filter(|bytes| *bytes > 0)
        .ok_or_else(wrong)
}

/// A length of time: a whole number of s, m, h or d; of seconds without a unit.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong =
        || "a duration is a whole number above 0 and s, m, h or d, such as 30s or 7d".to_owned();
    let (digits, unit) = split_unit(text);
    let factor: u64 = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    let seconds = number.checked_mul(factor).filter(|seconds| *seconds > 0);
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

/// A moment: a time of RFC 3339, or a duration from now.
pub fn moment(text: &str) -> Result<SystemTime, String> {
    moment_from(text, SystemTime::now())
}

fn moment_from(text: &str, now: SystemTime) -> Result<SystemTime, String> {
    let moment = match duration(text) {
        Ok(duration) => now.checked_add(duration),
        Err(_) => text.parse::<jiff::Timestamp>().ok().map(SystemTime::from),
    };
    moment.ok_or_else(|| {
        "a time is one such as 2027-01-31T06:00:00Z or 2027-01-31T06:00:00+01:00, or a duration from now such as 90s or 2h".to_owned()
    })
}

fn split_unit(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_binary_multiples() {
        assert_eq!(bytes("500k"), Ok(500 * 1024));
        assert_eq!(bytes("2M"), Ok(2 * 1024 * 1024));
        assert_eq!(bytes("7"), Ok(7));
        for wrong in ["", "k", "0", "-1", "1.5M", "2Mb", "99999999999G"] {
            assert!(bytes(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        assert_eq!(duration("7d"), Ok(Duration::from_secs(604_800)));
        assert_eq!(duration("9"), Ok(Duration::from_secs(9)));
        for wrong in ["", "s", "0s", "1w", "1 s", "18446744073709551615d"] {
            assert!(duration(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn moments_are_times_or_durations_from_now() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let cases = [
            ("2h", 8_200),
            ("1970-01-01T00:30:00Z", 1_800),
            ("1970-01-01T02:30:00+02:00", 1_800),
        ];
        for (text, seconds) in cases {
            let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(moment_from(text, now), Ok(moment), "{text}");
        }
        let far = u64::MAX.to_string();
        for wrong in [
            "",
            "tomorrow",
            "1970-01-01",
            "1970-01-01T00:30:00",
            "-2h",
            &far,
        ] {
            assert!(moment_from(wrong, now).is_err(), "{wrong:?}");
        }
    }
}
