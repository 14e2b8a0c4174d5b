//! Lengths of time and numbers of bytes as people write them: `1h30m`, `20MiB`.

/// Units of time, largest first, in milliseconds.
const TIMES: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Units of bytes that are written, largest first; those of 1,000 are read as well.
const BYTES: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1000),
    ("B", 1),
];

/// A length of time, its largest units first: `0s`, `90s` as `1m30s`.
pub(super) fn duration_text(ms: u64) -> String {
    let (mut left, mut text) = (ms, String::new());
    for (unit, size) in TIMES {
        if left >= size {
            text.push_str(&format!("{}{unit}", left / size));
            left %= size;
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

/// A number of bytes, in the largest binary unit that it is a whole number of.
pub(super) fn bytes_text(bytes: u64) -> String {
    let whole = BYTES[..3]
        .iter()
        .find(|(_, size)| bytes > 0 && bytes % size == 0);
    match whole {
        Some((unit, size)) => format!("{}{unit}", bytes / size),
        None => format!("{bytes}B"),
    }
}

/// Milliseconds, from whole numbers with units: `2h`, `90s`, `1h30m`.
pub(super) fn parse_duration(text: &str) -> Result<u64, String> {
    let wrong = || {
        format!(
            "{text:?} is no length of time; write whole numbers with d, h, m, s or ms, such as \"2h\" or \"1m30s\""
        )
    };
    let (mut rest, mut total) = (text, 0u64);
    while !rest.is_empty() {
        let (number, after) = split(rest, |c| c.is_ascii_digit());
        let (unit, after) = split(after, |c| c.is_ascii_alphabetic());
        let size = TIMES.iter().find(|(name, _)| *name == unit);
        let (Ok(number), Some((_, size))) = (number.parse::<u64>(), size) else {
            return Err(wrong());
        };
        total = number
            .checked_mul(*size)
            .and_then(|ms| total.checked_add(ms))
            .filter(|ms| i64::try_from(*ms).is_ok())
            .ok_or_else(wrong)?;
        rest = after;
    }
    if text.is_empty() {
        Err(wrong())
    } else {
        Ok(total)
    }
}

/// Bytes, from a whole number with a unit: `20MiB`, `300MB`, `512B`.
pub(super) fn parse_bytes(text: &str) -> Result<u64, String> {
    let wrong = || {
        format!(
            "{text:?} is no number of bytes; write a whole number with B, kB, MB, GB, KiB, MiB or GiB, such as \"20MiB\""
        )
    };
    let (number, unit) = split(text, |c| c.is_ascii_digit());
    let size = BYTES.iter().find(|(name, _)| *name == unit);
    let (Ok(number), Some((_, size))) = (number.parse::<u64>(), size) else {
        return Err(wrong());
    };
    number.checked_mul(*size).ok_or_else(wrong)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_they_are_written() {
        for ms in [
            0,
            1,
            999,
            60_000,
            90_000,
            5_400_000,
            86_400_001,
            604_800_000,
        ] {
            assert_eq!(parse_duration(&duration_text(ms)), Ok(ms));
        }
        assert_eq!(duration_text(90_000), "1m30s");
        assert_eq!(parse_duration("90s"), Ok(90_000));
        for wrong in [
            "",
            "s",
            "5",
            "-5s",
            "1.5h",
            "1w",
            "2 h",
            "99999999999999d",
            "1h-3m",
        ] {
            assert!(parse_duration(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn bytes_read_as_they_are_written() {
        for bytes in [0, 1, 1000, 1024, 20 << 20, 3 << 30, (1 << 20) + 1] {
            assert_eq!(parse_bytes(&bytes_text(bytes)), Ok(bytes));
        }
        assert_eq!(bytes_text(20 << 20), "20MiB");
        assert_eq!(parse_bytes("300MB"), Ok(300_000_000));
        for wrong in [
            "",
            "MiB",
            "5",
            "1.5MiB",
            "1TB",
            "20 MiB",
            "99999999999999999GiB",
        ] {
            assert!(parse_bytes(wrong).is_err(), "{wrong:?}");
        }
    }
}
