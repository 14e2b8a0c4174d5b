//! `Content-Range`: which bytes of the object an answer holds (RFC 9110, section 14.4).
//!
//! Must never read a position out of a field that is not exactly well formed: bytes put at a guessed
//! position are a corrupted file (rule R3).

use crate::protocol::headers::Headers;
use crate::protocol::number::digits;

/// A well-formed `Content-Range` in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentRange {
    /// `bytes first-last/total`, or `/*` if the server does not know the total.
    /// `first <= last`, `last < total`, and `last + 1` does not overflow.
    Bytes {
        first: u64,
        last: u64,
        total: Option<u64>,
    },
    /// `bytes */total`: no byte of what was asked for exists.
    Unsatisfied { total: u64 },
}

impl ContentRange {
    /// Reads a field value. `None` if it is anything but well formed.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let (unit, range) = value.split_once(' ')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (positions, total) = range.split_once('/')?;
        if positions == "*" {
            return Some(Self::Unsatisfied {
                total: digits(total)?,
            });
        }
        let total = match total {
            "*" => None,
            known => Some(digits(known)?),
        };
        let (first, last) = positions.split_once('-')?;
        let (first, last) = (digits(first)?, digits(last)?);
        let fits = total.is_none_or(|total| last < total);
        (first <= last && fits && last < u64::MAX).then_some(Self::Bytes { first, last, total })
    }

    /// The `Content-Range` of an answer. `None` if there is none, more than one, or a malformed one.
    pub(crate) fn from_headers(headers: &Headers) -> Option<Self> {
        let mut values = headers.get_all("content-range");
        let value = values.next()?;
        if values.next().is_some() {
            return None;
        }
        Self::parse(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_ranges_are_read() {
        // rule R3
        let bytes = |first, last, total| Some(ContentRange::Bytes { first, last, total });
        assert_eq!(ContentRange::parse("bytes 0-0/1"), bytes(0, 0, Some(1)));
        assert_eq!(
            ContentRange::parse("bytes 10-19/20"),
            bytes(10, 19, Some(20))
        );
        assert_eq!(ContentRange::parse("Bytes 10-19/*"), bytes(10, 19, None));
        let end = u64::MAX - 1;
        assert_eq!(
            ContentRange::parse(&format!("bytes 0-{end}/{}", u64::MAX)),
            bytes(0, end, Some(u64::MAX))
        );
        assert_eq!(
            ContentRange::parse("bytes */0"),
            Some(ContentRange::Unsatisfied { total: 0 })
        );
    }

    #[test]
    fn anything_else_is_refused() {
        // rule R3, rule T7
        let wrong = [
            "",
            "bytes",
            "bytes ",
            "bytes 0-1",
            "bytes=0-1/2",
            "items 0-1/2",
            "bytes 0-1/",
            "bytes /2",
            "bytes -1/2",
            "bytes 0-/2",
            "bytes +0-1/2",
            "bytes 0-+1/2",
            "bytes 0--1/2",
            "bytes  0-1/2",
            "bytes 0 -1/2",
            "bytes 0-1 /2",
            "bytes 0-1/ 2",
            " bytes 0-1/2",
            "bytes 0-1/2 ",
            "bytes\t0-1/2",
            "bytes 2-1/3",
            "bytes 0-2/2",
            "bytes 0-1/2/3",
            "bytes 0-1-2/3",
            "bytes */*",
            "bytes */",
            "bytes *-1/2",
            "bytes 0-18446744073709551615/*",
            "bytes 0-18446744073709551616/*",
            "bytes 0-1/99999999999999999999",
            "bytes 0x0-1/2",
            "bytes 0-1/2, bytes 0-1/2",
        ];
        for value in wrong {
            assert_eq!(ContentRange::parse(value), None, "{value:?}");
        }
    }

    #[test]
    fn two_fields_are_none() {
        // rule R3
        let mut headers = Headers::new();
        assert_eq!(ContentRange::from_headers(&headers), None);
        headers.append("Content-Range", "bytes 0-0/1").unwrap();
        assert!(ContentRange::from_headers(&headers).is_some());
        headers.append("content-range", "bytes 0-0/1").unwrap();
        assert_eq!(ContentRange::from_headers(&headers), None);
    }
}
