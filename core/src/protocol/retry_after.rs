//! `Retry-After` in both of its forms (rule H2).
//!
//! Must never park a task for longer than the cap, whatever the server says, and must never take
//! garbage for "now": an unreadable field is no field, and ordinary backoff applies.

use std::time::UNIX_EPOCH;

use crate::protocol::number::{digits, is_digits};

/// The longest wait that a server is granted: 7 days, as long as a resource has by default.
const MAX_RETRY_AFTER_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// When the server wants to be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    /// Seconds from the answer.
    Delay(u64),
    /// Seconds since 1970, on the server's clock.
    Date(u64),
}

impl RetryAfter {
    /// Reads a field value. A number too large to hold is a long delay; anything unreadable is `None`.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        if is_digits(value) {
            return Some(Self::Delay(digits(value).unwrap_or(u64::MAX)));
        }
        let date = httpdate::parse_http_date(value).ok()?;
        Some(Self::Date(date.duration_since(UNIX_EPOCH).ok()?.as_secs()))
    }

    /// How long to wait from `now_wall_ms` (milliseconds since 1970), at most 7 days.
    pub(crate) fn delay_ms(self, now_wall_ms: u64) -> u64 {
        let delay_ms = match self {
            Self::Delay(seconds) => seconds.saturating_mul(1000),
            Self::Date(at) => at.saturating_mul(1000).saturating_sub(now_wall_ms),
        };
        delay_ms.min(MAX_RETRY_AFTER_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 784_111_777_000; // Sun, 06 Nov 1994 08:49:37 GMT

    fn delay_ms(value: &str) -> Option<u64> {
        RetryAfter::parse(value).map(|after| after.delay_ms(NOW_MS))
    }

    #[test]
    fn both_forms_are_read_and_capped() {
        // rule H2
        assert_eq!(delay_ms("0"), Some(0));
        assert_eq!(delay_ms("120"), Some(120_000));
        assert_eq!(delay_ms("604801"), Some(MAX_RETRY_AFTER_MS));
        assert_eq!(
            delay_ms("99999999999999999999999"),
            Some(MAX_RETRY_AFTER_MS)
        );
        assert_eq!(delay_ms("Sun, 06 Nov 1994 08:50:37 GMT"), Some(60_000));
        assert_eq!(delay_ms("Sunday, 06-Nov-94 08:50:37 GMT"), Some(60_000));
        assert_eq!(
            delay_ms("Sun, 06 Nov 1994 08:48:37 GMT"),
            Some(0),
            "in the past"
        );
        assert_eq!(
            delay_ms("Fri, 31 Dec 9999 23:59:59 GMT"),
            Some(MAX_RETRY_AFTER_MS)
        );
    }

    #[test]
    fn garbage_is_no_answer() {
        // rule H2, rule T7
        for value in [
            "",
            "-1",
            "+1",
            "1.5",
            "1s",
            " 1",
            "soon",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "1, 2",
            "١",
        ] {
            assert_eq!(RetryAfter::parse(value), None, "{value:?}");
        }
    }
}
