//! `ETag` (RFC 9110, section 8.8.3).
//!
//! Must never call two tags equal that a server wrote differently. Stricter than the RFC in one
//! point: bytes above ASCII are not taken, since we could not be sure to send back the same ones.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest tag we keep; a longer one is as good as none.
const MAX_ENTITY_TAG_BYTES: usize = 1024;

/// A well-formed entity tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct EntityTag {
    weak: bool,
    opaque: String,
}

impl EntityTag {
    /// Reads a field value. `None` if it is not a tag: no quotes, `w/` in small letters, a list.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        if value.len() > MAX_ENTITY_TAG_BYTES {
            return None;
        }
        let (weak, quoted) = match value.strip_prefix("W/") {
            Some(rest) => (true, rest),
            None => (false, value),
        };
        let opaque = quoted.strip_prefix('"')?.strip_suffix('"')?;
        let etagc = |byte: u8| byte == 0x21 || (0x23..=0x7e).contains(&byte);
        opaque.bytes().all(etagc).then(|| Self {
            weak,
            opaque: opaque.to_owned(),
        })
    }

    /// Whether the tag only promises equivalence, not equal bytes.
    pub(crate) fn is_weak(&self) -> bool {
        self.weak
    }

    /// Whether there is nothing between the quotes.
    pub(crate) fn is_empty(&self) -> bool {
        self.opaque.is_empty()
    }

    /// Both name the same bytes.
    pub(crate) fn strong_eq(&self, other: &Self) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    /// Both name equivalent content; the bytes may differ.
    pub(crate) fn weak_eq(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}\"{}\"",
            if self.weak { "W/" } else { "" },
            self.opaque
        )
    }
}

impl TryFrom<String> for EntityTag {
    type Error = &'static str;

    fn try_from(value: String) -> Result<Self, &'static str> {
        Self::parse(&value).ok_or("not an entity tag")
    }
}

impl From<EntityTag> for String {
    fn from(tag: EntityTag) -> Self {
        tag.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_and_written_verbatim() {
        // rule R1
        for value in [
            r#""a""#,
            r#"W/"a""#,
            r#""""#,
            r#"W/"""#,
            r#""a\b-_!~'""#,
            r#""a,b""#,
        ] {
            assert_eq!(EntityTag::parse(value).unwrap().to_string(), value);
        }
    }

    #[test]
    fn anything_else_is_no_tag() {
        // rule T7
        let long = format!("\"{}\"", "a".repeat(MAX_ENTITY_TAG_BYTES));
        let wrong = [
            "",
            "\"",
            "a",
            "\"a",
            "a\"",
            r#"w/"a""#,
            r#"W"a""#,
            r#"W/ "a""#,
            r#" "a""#,
            r#""a" "#,
            r#""a b""#,
            r#""a"b""#,
            r#""a", "b""#,
            "\"a\t\"",
            "\"a\x7f\"",
            "\"é\"",
            "W/",
            "W/\"",
            "*",
            &long,
        ];
        for value in wrong {
            assert_eq!(EntityTag::parse(value), None, "{value:?}");
        }
    }

    #[test]
    fn the_comparison_table_of_the_rfc() {
        // rule R5
        let table = [
            (r#"W/"1""#, r#"W/"1""#, false, true),
            (r#"W/"1""#, r#"W/"2""#, false, false),
            (r#"W/"1""#, r#""1""#, false, true),
            (r#""1""#, r#""1""#, true, true),
            (r#""1""#, r#""2""#, false, false),
        ];
        for (a, b, strong, weak) in table {
            let (a, b) = (EntityTag::parse(a).unwrap(), EntityTag::parse(b).unwrap());
            assert_eq!((a.strong_eq(&b), a.weak_eq(&b)), (strong, weak), "{a} {b}");
            assert_eq!((b.strong_eq(&a), b.weak_eq(&a)), (strong, weak), "{b} {a}");
        }
    }

    #[test]
    fn a_stored_tag_is_read_strictly() {
        let tag = EntityTag::parse(r#"W/"a""#).unwrap();
        let text = serde_json::to_string(&tag).unwrap();
        assert_eq!(serde_json::from_str::<EntityTag>(&text).unwrap(), tag);
        assert!(serde_json::from_str::<EntityTag>(r#""unquoted""#).is_err());
    }
}
