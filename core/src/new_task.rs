//! How a request becomes a row. Whatever can be wrong with one is found here, before anything is
//! written (rules C2, T1, T2).

use crate::clock::{Moment, duration_ms};
use crate::configuration::Settings;
use crate::engine::policy::{Rules, rank};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::origin;
use crate::request::{
    DEFAULT_PRIORITY, Destination, Request, check_header_name, suggested_filename_for_url,
};
use crate::store::{Deadline, Hold, NewTask, Phase, Record};
use crate::task_state::WaitReason;

/// Whether a new task is resumed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// It waits for `resume`.
    Suspended,
    /// It is resumed while the app is in front.
    InFront,
    /// It is resumed in the background: the system may choose its time (rule C).
    InBackground,
}

/// A request as the store keeps it.
pub(crate) fn new_task(
    settings: &Settings,
    request: Request,
    start: Start,
    now: Moment,
) -> Result<NewTask> {
    request.check_lengths()?;
    request.check_after()?;
    for (name, _) in request.options.headers.iter() {
        check_header_name(name)?;
    }
    check_trust(settings, &request)?;
    let Request {
        url,
        destination,
        caller_id,
        metadata,
        options,
        after,
    } = request;
    let destination = match destination {
        Some(destination) => destination,
        None => suggested_filename_for_url(url.as_str())
            .and_then(|name| Destination::in_container(name).ok())
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::InvalidDestination,
                    "the URL suggests no file name; say where with destination()",
                )
            })?,
    };
    let hold = options
        .earliest_begin_ms
        .filter(|at| *at > now.wall_ms)
        .map(|at| Hold {
            reason: WaitReason::EarliestBeginDate,
            set: now,
            delay_ms: at - now.wall_ms,
        });
    let phase = match (start, hold) {
        (Start::Suspended, _) => Phase::Suspended,
        (_, Some(_)) => Phase::Held,
        (_, None) => Phase::Ready,
    };
    let is_resumed = start != Start::Suspended;
    let timeout_ms = duration_ms(settings.timeout_for_resource);
    let deadline = is_resumed.then(|| Deadline::after(now, timeout_ms));
    let record = Record {
        started_in_background: start == Start::InBackground,
        ..Record::default()
    };
    let rules = Rules::of(settings);
    if let Some(refusal) = rules.refusal(&options, &record) {
        return Err(refusal);
    }
    let decision = rules.decide(now, &options, &record, deadline);
    Ok(NewTask {
        host: host_of(&url),
        url: url.into(),
        base: destination.base().to_owned(),
        path: destination.path().to_owned(),
        caller_id,
        metadata,
        needs: decision.needs,
        relax_ms: decision.relax_ms,
        started_in_background: record.started_in_background,
        phase,
        hold,
        rank: rank(now.wall_ms, options.priority.unwrap_or(DEFAULT_PRIORITY)),
        deadline,
        options,
        created: now,
        after,
    })
}

/// `host:port`, the unit of the per-host limit.
fn host_of(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    format!("{host}:{}", url.port_or_known_default().unwrap_or(0))
}

fn check_trust(settings: &Settings, request: &Request) -> Result<()> {
    let url = &request.url;
    let host = url.host_str().unwrap_or_default();
    if url.scheme() == "http" && !settings.plain_http_hosts.allows(host) {
        return Err(Error::new(
            ErrorKind::PlainHttpNotAllowed,
            format!(
                "plain http to {host} is not allowed; use https, or allow_plain_http({host:?}) in the configuration"
            ),
        ));
    }
    // A background session's requests lie in the store, which holds no secret in clear.
    let is_stored = settings.identifier.is_some();
    let secret = |name: &str| origin::is_secret(name, &settings.secret_headers);
    let has_secret_header = request.options.headers.iter().any(|(name, _)| secret(name));
    let has_user_info = !url.username().is_empty() || url.password().is_some();
    if is_stored && (has_secret_header || has_user_info) {
        return Err(Error::new(
            ErrorKind::SecretNotStorable,
            "a background request may not carry Authorization, Cookie or user-info: it would be stored in clear; use a signed URL or a default session",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::SessionConfiguration;
    use crate::engine::policy::{LargeTransfers, Needs, WatchBudget};

    const NOW: Moment = Moment {
        wall_ms: 1_700_000_000_000,
        uptime_ms: 1_000,
        boot: 1,
    };

    fn settings() -> Settings {
        let session = SessionConfiguration::background("test").unwrap();
        session.is_discretionary(false).settings
    }

    fn made(settings: &Settings, start: Start) -> NewTask {
        let request = Request::new("https://host/file").unwrap().expected_size(11);
        new_task(settings, request, start, NOW).unwrap()
    }

    #[test]
    fn what_is_started_in_the_background_is_discretionary_and_limited() {
        // rule C, rule P5
        let needs = |start| Needs::from_bits(made(&settings(), start).needs);
        let chosen = Needs::EASE | Needs::RATE;
        assert!(needs(Start::InBackground).contains(chosen));
        assert!((needs(Start::InFront) & chosen).is_empty());
        assert!((needs(Start::Suspended) & chosen).is_empty());
    }

    #[test]
    fn discretionary_work_says_when_it_relaxes() {
        // rule P4
        let task = made(&settings(), Start::InBackground);
        let half_ms = 7 * 24 * 60 * 60 * 1000 / 2;
        assert_eq!(task.relax_ms, Some(NOW.uptime_ms + half_ms));
        assert_eq!(made(&settings(), Start::InFront).relax_ms, None);
    }

    #[test]
    fn a_watch_refuses_what_is_known_to_be_large() {
        // rule P8, rule S13
        let mut watch = settings();
        let budget = |limit, large_transfers| WatchBudget {
            small_transfer_limit_bytes: limit,
            large_transfers,
        };
        let request = || Request::new("https://host/file").unwrap().expected_size(11);
        watch.watch = Some(budget(10, LargeTransfers::Refuse));
        let refused = new_task(&watch, request(), Start::Suspended, NOW).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::TooLargeForWatch);
        watch.watch = Some(budget(11, LargeTransfers::Refuse));
        assert!(new_task(&watch, request(), Start::Suspended, NOW).is_ok());
        watch.watch = Some(budget(10, LargeTransfers::Hold));
        let held = Needs::from_bits(made(&watch, Start::InFront).needs);
        assert!(held.contains(Needs::SMALL));
    }
}
