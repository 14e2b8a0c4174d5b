//! `Range` and `If-Range`, as a good server understands them (RFC 9110 §13.1.5, §14.2).

/// Which part of an object an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// All of it: there is no range, or one that may be ignored.
    Whole,
    /// The bytes `first..=last`.
    Part { first: u64, last: u64 },
    /// A range that has no byte in common with the object.
    Unsatisfiable,
}

/// Understands a single byte range; what is malformed, or lists several, is ignored as RFC 9110 allows.
pub(crate) fn select(range: Option<&str>, len: u64) -> Selection {
    parse(range, len).unwrap_or(Selection::Whole)
}

fn parse(range: Option<&str>, len: u64) -> Option<Selection> {
    let (first, last) = range?.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| -> Option<u64> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // A number past 64 bits is past every end.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let (first, last) = if first.is_empty() {
        let suffix = number(last)?;
        if suffix == 0 {
            return Some(Selection::Unsatisfiable);
        }
        (len.saturating_sub(suffix), u64::MAX)
    } else if last.is_empty() {
        (number(first)?, u64::MAX)
    } else {
        (number(first)?, number(last)?)
    };
    if first > last {
        return None;
    }
    if first >= len {
        return Some(Selection::Unsatisfiable);
    }
    let last = last.min(len - 1);
    Some(Selection::Part { first, last })
}

/// Whether a request's `If-Range` holds: strong comparison with the entity tag, or the very date.
pub(crate) fn if_range_holds(
    if_range: Option<&str>,
    etag: Option<&str>,
    last_modified: Option<&str>,
) -> bool {
    match if_range {
        None => true,
        Some(tag) if tag.starts_with('"') => etag == Some(tag),
        Some(tag) if tag.starts_with("W/") => false,
        Some(date) => last_modified == Some(date),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        let part = |first, last| Selection::Part { first, last };
        for (range, expected) in [
            ("bytes=0-0", part(0, 0)),
            ("bytes=10-", part(10, 99)),
            ("bytes=10-1000", part(10, 99)),
            ("bytes=-5", part(95, 99)),
            ("bytes=-500", part(0, 99)),
            ("bytes=99-99999999999999999999999", part(99, 99)),
            ("bytes=100-", Selection::Unsatisfiable),
            ("bytes=-0", Selection::Unsatisfiable),
            ("bytes=5-4", Selection::Whole),
            ("bytes=0-1,3-4", Selection::Whole),
            ("bytes=+1-", Selection::Whole),
            ("lines=1-2", Selection::Whole),
        ] {
            assert_eq!(select(Some(range), 100), expected, "{range}");
        }
        assert_eq!(select(None, 100), Selection::Whole);
        assert_eq!(select(Some("bytes=0-"), 0), Selection::Unsatisfiable);
    }

    #[test]
    fn if_range_compares_strongly() {
        let date = "Mon, 01 Jan 2024 00:00:00 GMT";
        assert!(if_range_holds(None, None, None));
        assert!(if_range_holds(Some("\"a\""), Some("\"a\""), None));
        assert!(!if_range_holds(Some("\"a\""), Some("\"b\""), None));
        assert!(!if_range_holds(Some("W/\"a\""), Some("W/\"a\""), None));
        assert!(if_range_holds(Some(date), Some("\"a\""), Some(date)));
        assert!(!if_range_holds(Some(date), None, None));
    }
}
