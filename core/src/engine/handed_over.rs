//! Judges what a platform's service hands over as received: the service judges neither status nor
//! length, every answer's body is a file to it, and it follows redirects by rules of its own (rules H3,
//! H5, R5, R8). Pure.

use url::Url;

use crate::configuration::{Settings, StatusPolicy};
use crate::engine::resume::ResumePolicy;
use crate::error::{Error, ErrorKind};
use crate::protocol::content_range::ContentRange;
use crate::protocol::retry_after::RetryAfter;
use crate::protocol::validator::Validator;
use crate::request::RequestOptions;
use crate::response::Response;

/// Why a body that was handed over is not the file.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub error: Error,
    /// When the server wants to be asked again (rule H2).
    pub retry_after_ms: Option<u64>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal {
            error,
            retry_after_ms: None,
        }
    }
}

/// What is left to say of a body that is the file, as far as the service's word is true.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// Parts of it came at different times, and nothing strong says that they are of one version.
    pub validator_weak: bool,
    /// Only the end of the connection said that it was all.
    pub length_unverified: bool,
}

/// Whether a body of `len` bytes that came with this answer to a request for `asked` is the whole file.
pub(crate) fn judge_handed_over(
    response: &Response,
    len: u64,
    (asked, options): (&str, &RequestOptions),
    settings: &Settings,
    now_wall_ms: i64,
) -> Result<Accepted, Refusal> {
    check_where_from(asked, response.url(), settings)?;
    let status = response.status();
    if !(200..300).contains(&status) {
        return match settings.status_policy {
            StatusPolicy::Any => Ok(Accepted::default()),
            StatusPolicy::SuccessOnly => Err(refused(response, now_wall_ms)),
        };
    }
    if let Some(whole) = whole_len(response).filter(|whole| *whole != len) {
        let message = "the body that the system's service handed over is not the whole file; it is downloaded again";
        let source = format!("{len} of {whole} bytes");
        return Err(Error::new(ErrorKind::ConnectionLost, message)
            .with_source(source)
            .into());
    }
    // The app's digest judges everything, when the file is taken over.
    let is_vouched_for = options.expected_digest.is_some();
    let validator_weak = is_splice_in_doubt(response) && !is_vouched_for;
    if validator_weak && settings.resume_policy == ResumePolicy::Strict {
        let message = "the system's service went on with a part of a file that nothing shows to be of the same version; it is downloaded again";
        return Err(Error::new(ErrorKind::ConnectionLost, message).into());
    }
    Ok(Accepted {
        validator_weak,
        length_unverified: !is_vouched_for
            && options.expected_size.is_none()
            && !is_end_known(response),
    })
}

/// A service that outlives the app asks nobody about redirects: where it ended up is looked at
/// afterwards (rules H3, T1).
fn check_where_from(asked: &str, answered: &str, settings: &Settings) -> Result<(), Refusal> {
    let (Ok(asked), Ok(answered)) = (asked.parse::<Url>(), answered.parse::<Url>()) else {
        return Ok(());
    };
    if answered.scheme() != "http" || asked == answered {
        return Ok(());
    }
    if asked.scheme() == "https" {
        let message =
            "the system's service was led from https to http, which gives up the protection of TLS";
        return Err(Error::new(ErrorKind::RedirectRefused, message).into());
    }
    let host = answered.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if settings.plain_http_hosts.allows(host) || settings.plain_http_hosts.allows(bare) {
        return Ok(());
    }
    let message =
        format!("the system's service was led to {host}, where plain http is not allowed");
    Err(Error::new(ErrorKind::PlainHttpNotAllowed, message).into())
}

/// A 206 says that the service went on from an earlier part. It asks with whatever validator there is,
/// weak ones too.
fn is_splice_in_doubt(response: &Response) -> bool {
    response.status() == 206 && !Validator::from_headers(response.headers()).is_strong()
}

/// Whether anything but the end of the connection said where the body ends (rule R8).
fn is_end_known(response: &Response) -> bool {
    let headers = response.headers();
    headers.get("content-length").is_some()
        || headers.get("transfer-encoding").is_some()
        || response.http_version().starts_with("HTTP/2")
        || response.http_version().starts_with("HTTP/3")
}

/// A failure that carries what the server said.
pub(crate) fn refused(head: &Response, now_wall_ms: i64) -> Refusal {
    let hint = match head.status() {
        401 | 403 | 407 => "; renew the credentials or the URL",
        404 | 410 => "; check the URL",
        _ => "",
    };
    let message = format!("the server answered with status {}{hint}", head.status());
    Refusal {
        retry_after_ms: retry_after_ms(head, now_wall_ms),
        error: Error::new(ErrorKind::HttpStatus, message).with_response(head.clone()),
    }
}

/// How long the server asks us to stay away, on the statuses that may ask it (rule H2).
pub(crate) fn retry_after_ms(head: &Response, now_wall_ms: i64) -> Option<u64> {
    if !matches!(head.status(), 300..=399 | 429 | 503) {
        return None;
    }
    let after = RetryAfter::parse(head.headers().get("retry-after")?)?;
    Some(after.delay_ms(u64::try_from(now_wall_ms).unwrap_or(0)))
}

/// How long the file is by the answer's word. Encoded bodies are decoded by the service: their length
/// says nothing.
fn whole_len(response: &Response) -> Option<u64> {
    let headers = response.headers();
    let is_plain = |coding: &str| coding.trim().eq_ignore_ascii_case("identity");
    if !headers.get("content-encoding").is_none_or(is_plain) {
        return None;
    }
    if response.status() == 206 {
        // The service went on by itself. What it does not show to be whole is not taken for it.
        return match ContentRange::from_headers(headers) {
            Some(ContentRange::Bytes { total, .. }) => total,
            _ => Some(u64::MAX),
        };
    }
    headers.get("content-length")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Hasher, Headers};
    use crate::{DigestAlgorithm, SessionConfiguration};

    const NOW_MS: i64 = 1_700_000_000_000;
    const STRONG: (&str, &str) = ("etag", "\"1\"");

    fn answer(status: u16, fields: &[(&str, &str)]) -> Response {
        let mut headers = Headers::new();
        for (name, value) in fields {
            headers.append(name, value).unwrap();
        }
        Response::new("https://h/f", status, "HTTP/2.0", headers)
    }

    fn settings() -> Settings {
        SessionConfiguration::ephemeral().settings
    }

    fn judged_by(
        settings: &Settings,
        options: &RequestOptions,
        response: &Response,
        len: u64,
    ) -> Result<Accepted, Refusal> {
        judge_handed_over(response, len, ("https://h/f", options), settings, NOW_MS)
    }

    fn judged(response: &Response, len: u64) -> Result<Accepted, Refusal> {
        judged_by(&settings(), &RequestOptions::default(), response, len)
    }

    #[test]
    fn a_page_that_says_no_is_not_the_file() {
        // rule H5, rule H2
        let away = answer(503, &[("retry-after", "120"), ("content-length", "9")]);
        let refusal = judged(&away, 9).unwrap_err();
        assert_eq!(refusal.error.kind(), ErrorKind::HttpStatus);
        assert_eq!(refusal.retry_after_ms, Some(120_000));
        assert!(refusal.error.is_retryable());
        let gone = judged(&answer(404, &[]), 9).unwrap_err();
        assert!(!gone.error.is_retryable() && gone.error.response().is_some());
        let mut any = settings();
        any.status_policy = StatusPolicy::Any;
        assert!(judged_by(&any, &RequestOptions::default(), &away, 9).is_ok());
    }

    #[test]
    fn a_body_that_is_not_whole_comes_again() {
        // rule R8
        let whole = answer(200, &[("content-length", "100")]);
        assert!(judged(&whole, 100).is_ok());
        for len in [0, 99, 101] {
            let refusal = judged(&whole, len).unwrap_err();
            assert!(refusal.error.is_retryable(), "{len}");
        }
        let range = answer(
            206,
            &[
                ("content-range", "bytes 40-99/100"),
                ("content-length", "60"),
                STRONG,
            ],
        );
        assert!(judged(&range, 100).is_ok());
        assert!(judged(&range, 60).is_err());
        assert!(judged(&answer(206, &[STRONG]), 60).is_err());
        let no_total = answer(206, &[("content-range", "bytes 0-59/*"), STRONG]);
        assert!(judged(&no_total, 60).is_ok());
    }

    #[test]
    fn parts_of_a_file_need_a_strong_validator_or_a_digest() {
        // rule R5, rule R9
        let range = ("content-range", "bytes 40-99/100");
        let (weak, modified) = (
            ("etag", "W/\"1\""),
            ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
        );
        let modified_just_now = ("date", "Sun, 06 Nov 1994 08:49:40 GMT");
        assert!(judged(&answer(206, &[range, STRONG]), 100).is_ok());
        for fields in [
            vec![range],
            vec![range, weak],
            vec![range, modified, modified_just_now],
        ] {
            let spliced = answer(206, &fields);
            let refusal = judged(&spliced, 100).unwrap_err();
            assert!(refusal.error.is_retryable(), "{fields:?}");

            let mut lenient = settings();
            lenient.resume_policy = ResumePolicy::Lenient;
            let accepted = judged_by(&lenient, &RequestOptions::default(), &spliced, 100).unwrap();
            assert!(accepted.validator_weak, "{fields:?}");

            let with_digest = RequestOptions {
                expected_digest: Some(Hasher::new(DigestAlgorithm::Sha256).finish()),
                ..RequestOptions::default()
            };
            let accepted = judged_by(&settings(), &with_digest, &spliced, 100).unwrap();
            assert!(!accepted.validator_weak, "{fields:?}");
        }
    }

    #[test]
    fn where_the_service_was_led_is_looked_at() {
        // rule H3, rule T1
        let from = |url: &str| Response::new(url, 200, "HTTP/2.0", Headers::new());
        let mut settings = settings();
        settings.plain_http_hosts = crate::configuration::PlainHttp::Hosts(vec!["::1".into()]);
        let kind = |asked: &str, answered: &str| {
            let options = RequestOptions::default();
            judge_handed_over(&from(answered), 9, (asked, &options), &settings, NOW_MS)
                .map_err(|refusal| refusal.error.kind())
        };
        assert!(kind("https://h/f", "https://other/f").is_ok());
        assert!(kind("http://h/f", "http://[::1]/f").is_ok());
        assert_eq!(
            kind("https://h/f", "http://[::1]/f"),
            Err(ErrorKind::RedirectRefused)
        );
        assert_eq!(
            kind("http://[::1]/f", "http://other/f"),
            Err(ErrorKind::PlainHttpNotAllowed)
        );
    }

    #[test]
    fn an_end_that_only_the_connection_tells_is_said() {
        // rule R8
        let old = |fields: &[(&str, &str)]| {
            let headers = answer(200, fields).headers().clone();
            Response::new("https://h/f", 200, "HTTP/1.1", headers)
        };
        let doubted = |response: &Response, options: &RequestOptions| {
            judged_by(&settings(), options, response, 9)
                .unwrap()
                .length_unverified
        };
        let nothing_known = RequestOptions::default();
        assert!(doubted(&old(&[]), &nothing_known));
        assert!(!doubted(&old(&[("content-length", "9")]), &nothing_known));
        assert!(!doubted(
            &old(&[("transfer-encoding", "chunked")]),
            &nothing_known
        ));
        assert!(!doubted(&answer(200, &[]), &nothing_known), "HTTP/2");
        let sized = RequestOptions {
            expected_size: Some(9),
            ..RequestOptions::default()
        };
        assert!(!doubted(&old(&[]), &sized));
    }

    #[test]
    fn what_was_decoded_or_has_no_length_is_taken_as_it_is() {
        let zipped = answer(
            200,
            &[("content-length", "100"), ("content-encoding", "gzip")],
        );
        assert!(judged(&zipped, 300).is_ok());
        assert!(judged(&answer(200, &[]), 300).is_ok());
    }
}
