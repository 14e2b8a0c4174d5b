//! Judges what a platform's service hands over as received: the service judges neither status nor
//! length, and every answer's body is a file to it (rules H5, R8). Pure.

use crate::configuration::StatusPolicy;
use crate::error::{Error, ErrorKind};
use crate::protocol::content_range::ContentRange;
use crate::protocol::retry_after::RetryAfter;
use crate::response::Response;

/// Why a body that was handed over is not the file.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub error: Error,
    /// When the server wants to be asked again (rule H2).
    pub retry_after_ms: Option<u64>,
}

/// Whether a body of `len` bytes that came with this answer is the whole file.
pub(crate) fn judge_handed_over(
    response: &Response,
    len: u64,
    policy: StatusPolicy,
    now_wall_ms: i64,
) -> Result<(), Refusal> {
    let status = response.status();
    if !(200..300).contains(&status) {
        return match policy {
            StatusPolicy::Any => Ok(()),
            StatusPolicy::SuccessOnly => Err(refused(response, now_wall_ms)),
        };
    }
    match whole_len(response) {
        Some(whole) if whole != len => {
            let message = "the body that the system's service handed over is not the whole file; it is downloaded again";
            let source = format!("{len} of {whole} bytes");
            Err(Refusal {
                error: Error::new(ErrorKind::ConnectionLost, message).with_source(source),
                retry_after_ms: None,
            })
        }
        _ => Ok(()),
    }
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
    use crate::protocol::Headers;

    const NOW_MS: i64 = 1_700_000_000_000;

    fn answer(status: u16, fields: &[(&str, &str)]) -> Response {
        let mut headers = Headers::new();
        for (name, value) in fields {
            headers.append(name, value).unwrap();
        }
        Response::new("https://h/f", status, "HTTP/2.0", headers)
    }

    fn judged(response: &Response, len: u64) -> Result<(), Refusal> {
        judge_handed_over(response, len, StatusPolicy::SuccessOnly, NOW_MS)
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
        assert!(judge_handed_over(&away, 9, StatusPolicy::Any, NOW_MS).is_ok());
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
            ],
        );
        assert!(judged(&range, 100).is_ok());
        assert!(judged(&range, 60).is_err());
        assert!(judged(&answer(206, &[]), 60).is_err());
        assert!(judged(&answer(206, &[("content-range", "bytes 0-59/*")]), 60).is_ok());
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
