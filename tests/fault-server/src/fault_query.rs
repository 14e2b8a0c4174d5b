//! Faults by name: what a query asks for, so that other processes can have every fault.
//!
//! A name that is not known is an error, not `Fault::None`: a test with a typing mistake must not pass.

use crate::fault::{Fault, RetryAfter};
use std::collections::HashMap;

/// The value of `bytes`, where none is given.
const DEFAULT_BYTES: u64 = 4096;

/// What a request's query asks for.
#[derive(Debug, Default)]
pub(crate) struct Query(HashMap<String, String>);

impl Query {
    pub(crate) fn parse(query: &str) -> Self {
        Self(
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// The number under `key`.
    pub(crate) fn number(&self, key: &str) -> Result<Option<u64>, String> {
        self.0.get(key).map_or(Ok(None), |text| {
            text.parse()
                .map(Some)
                .map_err(|_| format!("{key}={text} is not a number"))
        })
    }

    fn text(&self, key: &str) -> String {
        self.0.get(key).cloned().unwrap_or_default()
    }

    fn bytes(&self) -> Result<u64, String> {
        Ok(self.number("bytes")?.unwrap_or(DEFAULT_BYTES))
    }

    fn status(&self, default: u16) -> Result<u16, String> {
        let status = self.number("status")?.unwrap_or(u64::from(default));
        u16::try_from(status)
            .ok()
            .filter(|status| (200..600).contains(status))
            .ok_or_else(|| format!("status={status} is not a status"))
    }

    /// `retry_after`: a number of seconds, `date:` and one, or anything else as garbage.
    fn retry_after(&self) -> RetryAfter {
        let Some(text) = self.0.get("retry_after") else {
            return RetryAfter::Absent;
        };
        let date = text.strip_prefix("date:").map(str::parse);
        match (text.parse(), date) {
            (Ok(seconds), _) => RetryAfter::Seconds(seconds),
            (_, Some(Ok(seconds))) => RetryAfter::Date(seconds),
            _ => RetryAfter::Garbage,
        }
    }

    /// The fault asked for, if any.
    pub(crate) fn fault(&self) -> Result<Option<Fault>, String> {
        let Some(name) = self.0.get("fault") else {
            return Ok(None);
        };
        let fault = match plain(name) {
            Some(fault) => fault,
            None => self.with_parameters(name)?,
        };
        Ok(Some(fault))
    }

    fn with_parameters(&self, name: &str) -> Result<Fault, String> {
        Ok(match name {
            "range-early" => Fault::RangeEarly(self.bytes()?),
            "range-late" => Fault::RangeLate(self.bytes()?),
            "range-short" => Fault::RangeShort(self.bytes()?),
            "range-body-short" => Fault::RangeBodyShort(self.bytes()?),
            "range-body-long" => Fault::RangeBodyLong(self.bytes()?),
            "truncate" => Fault::Truncate(self.bytes()?),
            "chunked-abort" => Fault::ChunkedAbort(self.bytes()?),
            "close-delimited-short" => Fault::CloseDelimitedShort(self.bytes()?),
            "too-long" => Fault::TooLong(self.bytes()?),
            "stall" => Fault::Stall(self.bytes()?),
            "reset-after" => Fault::ResetAfter(self.bytes()?),
            "go-away" => Fault::GoAway(self.bytes()?),
            "slow-body" => Fault::SlowBody(self.number("rate")?.unwrap_or(DEFAULT_BYTES)),
            "delay" => Fault::DelayMs(self.number("ms")?.unwrap_or(1000)),
            "slow-headers" => Fault::SlowHeadersMs(self.number("ms")?.unwrap_or(100)),
            "header-flood" => Fault::HeaderFlood {
                count: small(self.number("count")?.unwrap_or(1000))?,
                value_bytes: small(self.number("bytes")?.unwrap_or(1000))?,
            },
            "content-disposition" => Fault::ContentDisposition(self.text("value").into_bytes()),
            "redirect" => Fault::Redirect {
                status: self.status(302)?,
                to: self.text("to"),
                retry_after: self.retry_after(),
            },
            "redirect-to-target" => Fault::RedirectToTarget(self.status(302)?),
            "require-authorization" => Fault::RequireAuthorization(self.text("value")),
            "status" => Fault::Status {
                status: self.status(503)?,
                retry_after: self.retry_after(),
            },
            "error-body" => Fault::ErrorBody {
                status: self.status(500)?,
                bytes: self.number("bytes")?.unwrap_or(1024 * 1024),
            },
            _ => return Err(format!("there is no fault {name}")),
        })
    }
}

/// The faults that have no parameters.
fn plain(name: &str) -> Option<Fault> {
    Some(match name {
        "none" => Fault::None,
        "ignore-range" => Fault::IgnoreRange,
        "ignore-if-range" => Fault::IgnoreIfRange,
        "range-without-content-range" => Fault::RangeWithoutContentRange,
        "range-unplaced" => Fault::RangeUnplaced,
        "range-unknown-total" => Fault::RangeUnknownTotal,
        "range-chunked" => Fault::RangeChunked,
        "range-garbage" => Fault::RangeGarbage,
        "not-satisfiable" => Fault::NotSatisfiable,
        "not-satisfiable-bare" => Fault::NotSatisfiableBare,
        "other-version" => Fault::OtherVersion,
        "other-etag" => Fault::OtherEtag,
        "weak-etag" => Fault::WeakEtag,
        "without-validators" => Fault::WithoutValidators,
        "chunked" => Fault::Chunked,
        "close-delimited" => Fault::CloseDelimited,
        "empty" => Fault::Empty,
        "gzip" => Fault::Gzip,
        "no-answer" => Fault::NoAnswer,
        "close-before-headers" => Fault::CloseBeforeHeaders,
        "reset-before-headers" => Fault::ResetBeforeHeaders,
        "reset-in-headers" => Fault::ResetInHeaders,
        "garbage" => Fault::Garbage,
        "no-continue" => Fault::NoContinue,
        "redirect-loop" => Fault::RedirectLoop,
        "redirect-downgrade" => Fault::RedirectDowngrade,
        "unauthorized" => Fault::Unauthorized,
        "unauthorized-on-range" => Fault::UnauthorizedOnRange,
        "expired-url" => Fault::ExpiredUrl,
        "proxy-unauthorized" => Fault::ProxyUnauthorized,
        "captive-portal" => Fault::CaptivePortal,
        "go-away-gracefully" => Fault::GoAwayGracefully,
        "refused-stream" => Fault::RefusedStream,
        _ => return None,
    })
}

fn small(number: u64) -> Result<u32, String> {
    const MOST: u64 = 1_000_000;
    if number > MOST {
        return Err(format!("{number} is more than {MOST}"));
    }
    Ok(number as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(query: &str) -> Result<Option<Fault>, String> {
        Query::parse(query).fault()
    }

    #[test]
    fn parameters_have_defaults_and_are_checked() {
        assert_eq!(fault("rate=5"), Ok(None));
        assert_eq!(fault("fault=stall"), Ok(Some(Fault::Stall(4096))));
        assert_eq!(
            fault("fault=reset-after&bytes=7"),
            Ok(Some(Fault::ResetAfter(7)))
        );
        assert!(fault("fault=stall&bytes=many").is_err());
        assert!(fault("fault=status&status=99").is_err());
        assert!(fault("fault=typo").is_err());
    }

    #[test]
    fn retry_after_has_four_forms() {
        for (text, form) in [
            ("", RetryAfter::Absent),
            ("&retry_after=7", RetryAfter::Seconds(7)),
            ("&retry_after=date:9", RetryAfter::Date(9)),
            ("&retry_after=soon", RetryAfter::Garbage),
        ] {
            let found = fault(&format!("fault=status&status=429{text}"));
            let status = 429;
            let retry_after = form;
            assert_eq!(
                found,
                Ok(Some(Fault::Status {
                    status,
                    retry_after
                }))
            );
        }
    }

    #[test]
    fn every_name_in_the_documentation_is_understood() {
        let names: Vec<&str> = include_str!("fault.rs")
            .split_inclusive("\n    /// ")
            .flat_map(|text| text.split('`').skip(1).step_by(2))
            .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
            .filter(|name| {
                !["bytes", "ms", "to", "value", "rate", "count", "status"].contains(name)
            })
            .collect();
        assert!(names.len() > 50, "{names:?}");
        for name in names {
            assert!(fault(&format!("fault={name}")).is_ok(), "{name}");
        }
    }
}
