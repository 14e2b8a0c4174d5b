//! What tells one version of an object from another: its `ETag`, else its `Last-Modified` (rule R1).
//!
//! Must never call two versions the same on weak evidence (rule R5): a splice of two versions starts
//! with a validator that was trusted too much.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::protocol::entity_tag::EntityTag;
use crate::protocol::headers::Headers;

/// How much older than the response `Last-Modified` must be to be strong (RFC 9110, section 8.8.2.2):
/// any later change then shows in it, in spite of its whole seconds and of clocks that are a little off.
const STRONG_AFTER: Duration = Duration::from_secs(60);

/// The validators of one answer. Stored with the part file, and only from the answer that began it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Validator {
    /// A well-formed tag that names something.
    pub(crate) etag: Option<EntityTag>,
    /// As the server wrote it: it is compared, and sent back, byte by byte.
    pub(crate) last_modified: Option<String>,
    pub(crate) last_modified_is_strong: bool,
}

/// What a later answer's validators say about the version whose validators we hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// The same bytes.
    Strong,
    /// Perhaps the same bytes; nothing to the contrary.
    Weak,
    /// The answer has nothing to compare with what we hold.
    Silent,
    /// Another version.
    Differs,
}

impl Validator {
    /// What an answer offers. A malformed field, or one that is there twice, counts as absent; so does
    /// an empty tag, which servers that know no better send with everything.
    pub(crate) fn from_headers(headers: &Headers) -> Self {
        let etag = only(headers, "etag")
            .and_then(EntityTag::parse)
            .filter(|tag| !tag.is_empty());
        let last_modified = only(headers, "last-modified");
        let modified_at = last_modified.and_then(|text| httpdate::parse_http_date(text).ok());
        let answered_at =
            only(headers, "date").and_then(|text| httpdate::parse_http_date(text).ok());
        let strong = match (modified_at, answered_at) {
            (Some(modified), Some(answered)) => answered
                .duration_since(modified)
                .is_ok_and(|age| age >= STRONG_AFTER),
            _ => false,
        };
        Self {
            etag,
            last_modified: modified_at.and(last_modified).map(str::to_owned),
            last_modified_is_strong: strong,
        }
    }

    /// What may go into `If-Range`: a strong tag, else a strong date, never anything weak (rule R5).
    pub(crate) fn if_range(&self) -> Option<String> {
        match &self.etag {
            Some(tag) if !tag.is_weak() => Some(tag.to_string()),
            _ => self.strong_last_modified().map(str::to_owned),
        }
    }

    /// Whether this names exact bytes.
    pub(crate) fn is_strong(&self) -> bool {
        self.if_range().is_some()
    }

    /// Compares what we hold with what a later answer says. Whichever of the two would go into
    /// `If-Range` decides, since that is what the server was asked about.
    pub(crate) fn agreement(&self, later: &Self) -> Agreement {
        match (&self.etag, &later.etag) {
            (Some(ours), Some(theirs)) if !ours.is_weak() => {
                return if ours.strong_eq(theirs) {
                    Agreement::Strong
                } else {
                    Agreement::Differs
                };
            }
            (Some(ours), None) if !ours.is_weak() => return Agreement::Silent,
            (Some(ours), Some(theirs)) if !ours.weak_eq(theirs) => return Agreement::Differs,
            _ => {}
        }
        let same_weak_tag = self.etag.is_some() && later.etag.is_some();
        match (&self.last_modified, &later.last_modified) {
            (Some(ours), Some(theirs)) if ours != theirs => Agreement::Differs,
            (Some(_), Some(_)) if self.last_modified_is_strong => Agreement::Strong,
            (Some(_), Some(_)) => Agreement::Weak,
            _ if same_weak_tag => Agreement::Weak,
            _ => Agreement::Silent,
        }
    }

    fn strong_last_modified(&self) -> Option<&str> {
        self.last_modified
            .as_deref()
            .filter(|_| self.last_modified_is_strong)
    }
}

/// The value of a field that is there exactly once.
fn only<'a>(headers: &'a Headers, name: &'a str) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let first = values.next()?;
    values.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const OLD_PLUS_59: &str = "Sun, 06 Nov 1994 08:50:36 GMT";
    const OLD_PLUS_60: &str = "Sun, 06 Nov 1994 08:50:37 GMT";

    type Fields<'a> = &'a [(&'a str, &'a str)];

    fn validator(fields: Fields<'_>) -> Validator {
        let mut headers = Headers::new();
        for (name, value) in fields {
            headers.append(name, value).unwrap();
        }
        Validator::from_headers(&headers)
    }

    #[test]
    fn what_may_go_into_if_range() {
        // rule R5
        let etag = |tag| validator(&[("etag", tag)]).if_range();
        assert_eq!(etag(r#""a""#).as_deref(), Some(r#""a""#));
        assert_eq!(etag(r#"W/"a""#), None);
        assert_eq!(etag(r#""""#), None, "an empty tag names nothing");
        assert_eq!(etag("a"), None);

        let dated = |date| validator(&[("last-modified", OLD), ("date", date)]).if_range();
        assert_eq!(dated(OLD_PLUS_60).as_deref(), Some(OLD));
        assert_eq!(dated(OLD_PLUS_59), None);
        assert_eq!(dated("Sun, 06 Nov 1993 08:50:37 GMT"), None);
        assert_eq!(dated("soon"), None);
        assert_eq!(
            validator(&[("last-modified", OLD)]).if_range(),
            None,
            "no Date"
        );

        let both = [
            ("etag", r#""a""#),
            ("last-modified", OLD),
            ("date", OLD_PLUS_60),
        ];
        assert_eq!(validator(&both).if_range().as_deref(), Some(r#""a""#));
        let weak_tag = [
            ("etag", r#"W/"a""#),
            ("last-modified", OLD),
            ("date", OLD_PLUS_60),
        ];
        assert_eq!(validator(&weak_tag).if_range().as_deref(), Some(OLD));
        assert_eq!(
            validator(&[("etag", r#""a""#), ("etag", r#""b""#)]).if_range(),
            None
        );
    }

    #[test]
    fn agreement_cell_by_cell() {
        // rule R3, rule R5
        use Agreement::{Differs, Silent, Strong, Weak};
        let (tag, other, weak) = (("etag", r#""a""#), ("etag", r#""b""#), ("etag", r#"W/"a""#));
        let other_weak = ("etag", r#"W/"b""#);
        let (date, late) = (("last-modified", OLD), ("date", OLD_PLUS_60));
        let newer = ("last-modified", OLD_PLUS_59);
        let obsolete = ("last-modified", "Sunday, 06-Nov-94 08:49:37 GMT");
        let table: &[(Fields<'_>, Fields<'_>, Agreement)] = &[
            (&[tag], &[tag], Strong),
            (&[tag], &[other], Differs),
            (&[tag], &[weak], Differs),
            (&[tag], &[], Silent),
            (&[tag, date, late], &[date, late], Silent),
            (&[tag, date], &[tag, newer], Strong),
            (&[weak], &[weak], Weak),
            (&[weak], &[tag], Weak),
            (&[weak], &[other_weak], Differs),
            (&[weak], &[], Silent),
            (&[weak, date], &[weak, newer], Differs),
            (&[weak, date, late], &[weak, date], Strong),
            (&[weak, date, late], &[other_weak, date], Differs),
            (&[date, late], &[date], Strong),
            (&[date, late], &[tag, date], Strong),
            (&[date, late], &[newer], Differs),
            (&[date, late], &[obsolete], Differs),
            (&[date, late], &[], Silent),
            (&[date, late], &[tag], Silent),
            (&[date], &[date, late], Weak),
            (&[], &[tag, date, late], Silent),
            (&[], &[], Silent),
        ];
        for (ours, theirs, expected) in table {
            let (ours, theirs) = (validator(ours), validator(theirs));
            assert_eq!(ours.agreement(&theirs), *expected, "{ours:?} {theirs:?}");
        }
    }

    #[test]
    fn survives_the_sidecar() {
        // rule R1
        let ours = validator(&[
            ("etag", r#"W/"a""#),
            ("last-modified", OLD),
            ("date", OLD_PLUS_60),
        ]);
        let text = serde_json::to_string(&ours).unwrap();
        assert_eq!(serde_json::from_str::<Validator>(&text).unwrap(), ours);
    }
}
