//! URLs as they may be shown (rule E3).
//!
//! Must never let a credential through: user-info, query (signed URLs) and fragment stay behind.

use url::Url;

/// The URL without user-info, query values and fragment. `?…` says that there was a query.
pub(crate) fn redact(url: &Url) -> String {
    let mut shown = url.clone();
    // These fail only for URLs that can have no user-info.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_query(None);
    shown.set_fragment(None);
    let mut text = String::from(shown);
    if url.query().is_some() {
        text.push_str("?…");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_behind() {
        // rule E3
        let table = [
            (
                "https://user:pass@example.com:8443/a/b.zip?sig=s3cret&x=1#frag",
                "https://example.com:8443/a/b.zip?…",
            ),
            ("https://user@example.com", "https://example.com/"),
            ("http://example.com/?", "http://example.com/?…"),
            ("http://[::1]:80/a#token", "http://[::1]/a"),
            ("data:text/plain,hello?secret", "data:text/plain,hello?…"),
        ];
        for (url, shown) in table {
            assert_eq!(redact(&Url::parse(url).unwrap()), shown);
        }
    }
}
