//! Where credentials may go (rule H3).
//!
//! Must never let a secret header follow a redirect to another origin.

use url::Url;

use crate::protocol::headers::Headers;

/// Headers that are secret whatever the configuration says.
const ALWAYS_SECRET: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// Whether scheme, host and port (given or implied) are the same.
pub(crate) fn same_origin(a: &Url, b: &Url) -> bool {
    a.origin() == b.origin()
}

/// Whether a header's value is a secret: by its nature, or because the configuration says so.
pub(crate) fn is_secret(name: &str, configured: &[String]) -> bool {
    ALWAYS_SECRET
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
        || configured
            .iter()
            .any(|secret| name.eq_ignore_ascii_case(secret))
}

/// Removes every secret header, for a request that leaves the origin the secrets were meant for.
pub(crate) fn strip_secrets(headers: &mut Headers, secret_names: &[String]) {
    for name in ALWAYS_SECRET {
        headers.remove(name);
    }
    for name in secret_names {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        // rule H3
        let table = [
            ("https://a.example/x", "https://A.example:443/y?z", true),
            ("https://u:p@a.example/", "https://a.example/", true),
            ("http://a.example/", "https://a.example/", false),
            ("https://a.example/", "https://a.example:444/", false),
            ("https://a.example/", "https://b.a.example/", false),
            ("https://a.example/", "https://a.example.evil/", false),
            ("data:,a", "data:,a", false),
        ];
        for (a, b, same) in table {
            assert_eq!(
                same_origin(&Url::parse(a).unwrap(), &Url::parse(b).unwrap()),
                same,
                "{a} {b}"
            );
        }
    }

    #[test]
    fn secrets_are_left_behind() {
        // rule H3
        let configured = ["X-Api-Key".to_owned()];
        let mut headers = Headers::new();
        for name in [
            "AUTHORIZATION",
            "Cookie",
            "cookie",
            "Proxy-Authorization",
            "x-api-key",
            "Accept",
        ] {
            headers.append(name, "v").unwrap();
        }
        assert!(
            headers
                .iter()
                .all(|(name, _)| is_secret(name, &configured) != (name == "Accept"))
        );
        strip_secrets(&mut headers, &configured);
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("Accept", "v")]);
    }
}
