//! Header fields of a request or a response, in the order they were given.
//!
//! Must never hold a field that could smuggle a second one onto the wire (rule C2), must never grow
//! without bound (rule T5), and must never print a value: any of them may be a credential (rule E4).

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The most fields that one [`Headers`] holds.
pub(crate) const MAX_HEADER_FIELDS: usize = 128;
/// The most bytes that the names and values of one [`Headers`] add up to.
pub(crate) const MAX_HEADERS_BYTES: usize = 64 * 1024;

/// An ordered list of header fields. Names are compared without regard to case.
///
/// At most 128 fields and 64 KiB. `Debug` shows the names only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(String, String)>", into = "Vec<(String, String)>")]
pub struct Headers {
    fields: Vec<(String, String)>,
}

/// Why a header field was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// The name is empty or has a character that no field name may have.
    Name(String),
    /// The value of the field with this name has a line break or another control character.
    Value(String),
    /// There are 128 fields already.
    TooMany,
    /// Names and values together would be over 64 KiB.
    TooLarge,
}

impl fmt::Display for InvalidHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{name:?} is not a header field name"),
            Self::Value(name) => {
                write!(
                    f,
                    "the value of header field {name:?} has a line break or a control character"
                )
            }
            Self::TooMany => write!(f, "more than {MAX_HEADER_FIELDS} header fields"),
            Self::TooLarge => write!(f, "header fields of more than {MAX_HEADERS_BYTES} bytes"),
        }
    }
}

impl Error for InvalidHeader {}

impl Headers {
    /// No fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of the first field with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next()
    }

    /// The values of all fields with this name, in order.
    pub fn get_all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = move |field: &&(String, String)| field.0.eq_ignore_ascii_case(name);
        self.fields
            .iter()
            .filter(named)
            .map(|(_, value)| value.as_str())
    }

    /// Sets a field, in place of every field with this name.
    ///
    /// # Errors
    ///
    /// [`InvalidHeader`] if name or value may not go on the wire (rule C2) or a limit is passed.
    /// The list is then as it was.
    pub fn insert(&mut self, name: &str, value: &str) -> Result<(), InvalidHeader> {
        let others = self
            .fields
            .iter()
            .filter(|field| !field.0.eq_ignore_ascii_case(name));
        check(others, name, value)?;
        self.remove(name);
        self.fields.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Adds a field after the others, whether or not there is one with this name.
    ///
    /// # Errors
    ///
    /// As for [`Headers::insert`].
    pub fn append(&mut self, name: &str, value: &str) -> Result<(), InvalidHeader> {
        check(self.fields.iter(), name, value)?;
        self.fields.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Removes every field with this name. Returns whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.fields.len();
        self.fields
            .retain(|field| !field.0.eq_ignore_ascii_case(name));
        self.fields.len() != before
    }

    /// All fields as (name, value), in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.fields.iter().map(|(name, _)| name))
            .finish()
    }
}

impl TryFrom<Vec<(String, String)>> for Headers {
    type Error = InvalidHeader;

    fn try_from(fields: Vec<(String, String)>) -> Result<Self, InvalidHeader> {
        let mut headers = Self::new();
        for (name, value) in fields {
            headers.append(&name, &value)?;
        }
        Ok(headers)
    }
}

impl From<Headers> for Vec<(String, String)> {
    fn from(headers: Headers) -> Self {
        headers.fields
    }
}

/// Whether a field may join the others.
fn check<'a>(
    others: impl Iterator<Item = &'a (String, String)>,
    name: &str,
    value: &str,
) -> Result<(), InvalidHeader> {
    if !is_token(name) {
        return Err(InvalidHeader::Name(name.to_owned()));
    }
    if value.chars().any(|c| c.is_ascii_control() && c != '\t') {
        return Err(InvalidHeader::Value(name.to_owned()));
    }
    let (mut fields, mut bytes) = (1, name.len() + value.len());
    for (name, value) in others {
        fields += 1;
        bytes += name.len() + value.len();
    }
    if fields > MAX_HEADER_FIELDS {
        return Err(InvalidHeader::TooMany);
    }
    if bytes > MAX_HEADERS_BYTES {
        return Err(InvalidHeader::TooLarge);
    }
    Ok(())
}

/// RFC 9110, section 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    let tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(tchar)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ignore_case_and_order_is_kept() {
        let mut headers = Headers::new();
        headers.append("Accept", "a").unwrap();
        headers.append("X-One", "1").unwrap();
        headers.append("accept", "b").unwrap();
        assert_eq!(headers.get("ACCEPT"), Some("a"));
        assert_eq!(headers.get_all("aCCept").collect::<Vec<_>>(), ["a", "b"]);

        headers.insert("ACCEPT", "c").unwrap();
        let all: Vec<_> = headers.iter().collect();
        assert_eq!(all, [("X-One", "1"), ("ACCEPT", "c")]);
        assert!(headers.remove("x-one"));
        assert!(!headers.remove("x-one"));
        assert_eq!((headers.len(), headers.is_empty()), (1, false));
    }

    #[test]
    fn a_field_cannot_carry_another() {
        // rule C2
        let mut headers = Headers::new();
        for name in ["", "a b", "a:", "a\r\nb", "é", "a\0"] {
            assert_eq!(
                headers.append(name, "v"),
                Err(InvalidHeader::Name(name.to_owned()))
            );
        }
        for value in ["a\r\nHost: evil", "a\nb", "a\rb", "a\0", "\x1b[2J", "\x7f"] {
            assert_eq!(
                headers.insert("x", value),
                Err(InvalidHeader::Value("x".to_owned()))
            );
        }
        assert!(headers.is_empty());
        headers.append("x", "tab\tand é are fine").unwrap();
    }

    #[test]
    fn the_list_is_bounded() {
        // rule T5
        let mut headers = Headers::new();
        for i in 0..MAX_HEADER_FIELDS {
            headers.append(&format!("x-{i}"), "").unwrap();
        }
        assert_eq!(headers.append("y", ""), Err(InvalidHeader::TooMany));
        headers.insert("x-0", "replacing is no growth").unwrap();

        let mut headers = Headers::new();
        headers
            .append("a", &"v".repeat(MAX_HEADERS_BYTES - 1))
            .unwrap();
        assert_eq!(headers.append("b", ""), Err(InvalidHeader::TooLarge));
        assert_eq!(
            headers.insert("a", &"v".repeat(MAX_HEADERS_BYTES)),
            Err(InvalidHeader::TooLarge)
        );
        assert_eq!(
            headers.get("a").map(str::len),
            Some(MAX_HEADERS_BYTES - 1),
            "unchanged"
        );
    }

    #[test]
    fn debug_shows_no_value() {
        // rule E4
        let mut headers = Headers::new();
        headers.append("Authorization", "Bearer s3cret").unwrap();
        assert_eq!(format!("{headers:?}"), r#"["Authorization"]"#);
    }

    #[test]
    fn stored_fields_are_checked_again() {
        let mut headers = Headers::new();
        headers.append("A", "1").unwrap();
        headers.append("a", "2").unwrap();
        let text = serde_json::to_string(&headers).unwrap();
        assert_eq!(text, r#"[["A","1"],["a","2"]]"#);
        assert_eq!(serde_json::from_str::<Headers>(&text).unwrap(), headers);
        assert!(serde_json::from_str::<Headers>(r#"[["A","1\r\nB: 2"]]"#).is_err());
    }
}
