//! `1*DIGIT`, the only way HTTP writes a number.
//!
//! Must never accept what `str::parse` does beyond that: a sign, or nothing at all.

/// Reads `1*DIGIT`. `None` for anything else, and for a number that does not fit.
pub(crate) fn digits(text: &str) -> Option<u64> {
    if !is_digits(text) {
        return None;
    }
    text.parse().ok()
}

/// Whether the text is `1*DIGIT`, of any size.
pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_are_a_number() {
        assert_eq!(digits("0"), Some(0));
        assert_eq!(digits("007"), Some(7));
        assert_eq!(digits("18446744073709551615"), Some(u64::MAX));
        for wrong in [
            "",
            "+1",
            "-1",
            " 1",
            "1 ",
            "1_0",
            "0x1",
            "١",
            "18446744073709551616",
        ] {
            assert_eq!(digits(wrong), None, "{wrong:?}");
        }
    }
}
