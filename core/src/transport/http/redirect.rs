//! Which redirects are followed, and what may be said there (rules H3, T1).
//!
//! Pure decisions. Must never lead from https to http, to a host that plain http is not allowed for, or in
//! circles.

use url::Url;

use crate::configuration::PlainHttp;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::headers::Headers;

/// Rule H3.
const REDIRECTS_MAX: usize = 10;

/// The way from the URL that was asked for to the one that answers.
pub(super) struct Trail {
    /// Where we are.
    pub here: Url,
    /// Where we were, oldest first.
    before: Vec<Url>,
}

impl Trail {
    /// Begins at `url`.
    ///
    /// # Errors
    /// [`ErrorKind::PlainHttpNotAllowed`].
    pub fn new(url: &Url, allowed: &PlainHttp) -> Result<Trail> {
        check_plain_http(url, allowed)?;
        Ok(Trail {
            here: without_fragment(url.clone()),
            before: Vec::new(),
        })
    }

    /// Where an answer leads, if it does.
    ///
    /// # Errors
    /// [`ErrorKind::RedirectRefused`], [`ErrorKind::TooManyRedirects`], [`ErrorKind::PlainHttpNotAllowed`].
    pub fn next(&self, status: u16, headers: &Headers, allowed: &PlainHttp) -> Result<Option<Url>> {
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Ok(None);
        }
        let target = headers
            .get("location")
            .and_then(|location| self.here.join(location).ok())
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .map(without_fragment)
            .ok_or_else(|| refused("the server redirects to nowhere that a download can go"))?;
        if self.here.scheme() == "https" && target.scheme() == "http" {
            return Err(refused(
                "the server redirects from https to http, which would give up the protection of TLS",
            ));
        }
        if target == self.here || self.before.contains(&target) {
            return Err(too_many("the server redirects in a circle"));
        }
        if self.before.len() >= REDIRECTS_MAX {
            return Err(too_many("the server redirects more than 10 times"));
        }
        check_plain_http(&target, allowed)?;
        Ok(Some(target))
    }

    pub fn follow(&mut self, url: Url) {
        self.before.push(std::mem::replace(&mut self.here, url));
    }
}

/// A fragment is not sent, so it makes no difference.
fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}

fn check_plain_http(url: &Url, allowed: &PlainHttp) -> Result<()> {
    let host = url.host_str().unwrap_or_default();
    // An IPv6 address may be allowed with or without its brackets.
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if url.scheme() != "http" || allowed.allows(host) || allowed.allows(bare) {
        return Ok(());
    }
    let message =
        format!("plain http to {host} is not allowed; use https, or allow_plain_http({bare:?})");
    Err(Error::new(ErrorKind::PlainHttpNotAllowed, message))
}

fn refused(message: &'static str) -> Error {
    Error::new(ErrorKind::RedirectRefused, message)
}

fn too_many(message: &'static str) -> Error {
    Error::new(ErrorKind::TooManyRedirects, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn allowed() -> PlainHttp {
        PlainHttp::Hosts(vec!["a.example".to_owned(), "::1".to_owned()])
    }

    fn next(trail: &Trail, status: u16, location: &str) -> Result<Option<Url>> {
        let mut headers = Headers::new();
        headers.append("Location", location).unwrap();
        trail.next(status, &headers, &allowed())
    }

    fn kind(result: Result<Option<Url>>) -> ErrorKind {
        result.unwrap_err().kind()
    }

    #[test]
    fn where_a_redirect_leads() {
        // rule H3
        let trail = Trail::new(&url("https://a.example/x/y?q#f"), &allowed()).unwrap();
        let table = [
            ("z", "https://a.example/x/z"),
            ("/z#part", "https://a.example/z"),
            ("//b.example/z", "https://b.example/z"),
            ("https://c.example:8443/", "https://c.example:8443/"),
            ("/with é", "https://a.example/with%20%C3%A9"),
        ];
        for (location, target) in table {
            for status in [301, 302, 303, 307, 308] {
                let found = next(&trail, status, location).unwrap();
                assert_eq!(found, Some(url(target)), "{location}");
            }
        }
        for status in [200, 206, 300, 304, 305, 404] {
            assert_eq!(next(&trail, status, "/z").unwrap(), None, "{status}");
        }
    }

    #[test]
    fn what_is_refused() {
        // rule H3, rule T1
        let secure = Trail::new(&url("https://a.example/"), &allowed()).unwrap();
        for location in [
            "http://a.example/",
            "ftp://a.example/",
            "data:,x",
            "https://",
            "//",
        ] {
            let error = kind(next(&secure, 302, location));
            assert_eq!(error, ErrorKind::RedirectRefused, "{location}");
        }
        let nowhere = secure.next(302, &Headers::new(), &allowed());
        assert_eq!(kind(nowhere), ErrorKind::RedirectRefused);

        let plain = Trail::new(&url("http://a.example/"), &allowed()).unwrap();
        let elsewhere = next(&plain, 302, "http://b.example/");
        assert_eq!(kind(elsewhere), ErrorKind::PlainHttpNotAllowed);
        assert!(next(&plain, 302, "http://[::1]/").unwrap().is_some());
        assert!(next(&plain, 302, "https://b.example/").unwrap().is_some());
        let first = Trail::new(&url("http://b.example/"), &allowed());
        assert_eq!(first.err().unwrap().kind(), ErrorKind::PlainHttpNotAllowed);
    }

    #[test]
    fn ten_and_no_more_and_never_in_a_circle() {
        // rule H3
        let mut trail = Trail::new(&url("https://a.example/0"), &allowed()).unwrap();
        for hop in 1..=10 {
            let target = next(&trail, 302, &format!("/{hop}")).unwrap().unwrap();
            trail.follow(target);
        }
        assert_eq!(kind(next(&trail, 302, "/11")), ErrorKind::TooManyRedirects);

        let trail = Trail::new(&url("https://a.example/0"), &allowed()).unwrap();
        assert_eq!(
            kind(next(&trail, 302, "/0#again")),
            ErrorKind::TooManyRedirects
        );
    }
}
