//! The values of a scenario that are written as text: `"2h"`, `"20MiB"`, `"+1d"`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sim::text::{bytes_text, duration_text, parse_bytes, parse_duration};

macro_rules! written_as_text {
    ($($name:ident)+) => {$(
        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<$name, String> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.to_string()
            }
        }
    )+};
}
pub(super) use written_as_text;

/// A length of time: `"2h"`, `"90s"`, `"1h30m"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(Duration);

/// A number of bytes: `"20MiB"`, `"300MB"`, `"512B"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size(u64);

/// By how much a clock is set: `"+1d"`, `"-3h"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shift(i64);

written_as_text! { Span Size Shift }

impl Span {
    /// The same as the standard library's.
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Span {
        Span(duration)
    }
}

impl FromStr for Span {
    type Err = String;
    fn from_str(text: &str) -> Result<Span, String> {
        parse_duration(text).map(|ms| Span(Duration::from_millis(ms)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        f.write_str(&duration_text(ms))
    }
}

impl Size {
    /// In bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl From<u64> for Size {
    fn from(bytes: u64) -> Size {
        Size(bytes)
    }
}

impl FromStr for Size {
    type Err = String;
    fn from_str(text: &str) -> Result<Size, String> {
        parse_bytes(text).map(Size)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bytes_text(self.0))
    }
}

impl Shift {
    /// By this many milliseconds, back if they are negative.
    #[must_use]
    pub fn by_ms(ms: i64) -> Shift {
        Shift(ms)
    }

    /// In milliseconds.
    #[must_use]
    pub fn ms(self) -> i64 {
        self.0
    }
}

impl FromStr for Shift {
    type Err = String;
    fn from_str(text: &str) -> Result<Shift, String> {
        let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(rest), _) => (1, rest),
            (_, Some(rest)) => (-1, rest),
            _ => {
                return Err(format!(
                    "{text:?} has no sign; write \"+1d\" to set the clock forward or \"-1d\" to set it back"
                ));
            }
        };
        let ms = parse_duration(rest)?;
        Ok(Shift(sign * i64::try_from(ms).map_err(|e| e.to_string())?))
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        write!(f, "{sign}{}", duration_text(self.0.unsigned_abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_they_are_read() {
        assert_eq!("-3h".parse::<Shift>().unwrap().ms(), -10_800_000);
        assert_eq!(Shift::by_ms(86_400_000).to_string(), "+1d");
        assert!("1d".parse::<Shift>().is_err());
        assert_eq!("90s".parse::<Span>().unwrap().to_string(), "1m30s");
        assert_eq!(Size::from(20 << 20).to_string(), "20MiB");
    }
}
