//! How a request becomes a row. Whatever can be wrong with one is found here, before anything is
//! written (rules C2, T1, T2).

use crate::clock::{Moment, duration_ms};
use crate::configuration::Settings;
use crate::engine::policy::{Needs, rank};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::origin;
use crate::request::{
    DEFAULT_PRIORITY, Destination, Request, check_header_name, suggested_filename_for_url,
};
use crate::store::{Hold, NewTask, Phase};
use crate::task_state::WaitReason;

/// A request as the store keeps it.
pub(crate) fn new_task(
    settings: &Settings,
    request: Request,
    resumed: bool,
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
    let phase = match (resumed, hold) {
        (false, _) => Phase::Suspended,
        (true, Some(_)) => Phase::Held,
        (true, None) => Phase::Ready,
    };
    let timeout_ms = duration_ms(settings.timeout_for_resource);
    Ok(NewTask {
        host: host_of(&url),
        url: url.into(),
        base: destination.base().to_owned(),
        path: destination.path().to_owned(),
        caller_id,
        metadata,
        needs: needs(settings, &options),
        phase,
        hold,
        rank: rank(now.wall_ms, options.priority.unwrap_or(DEFAULT_PRIORITY)),
        deadline_ms: resumed.then(|| now.wall_ms.saturating_add(timeout_ms)),
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

fn needs(settings: &Settings, options: &crate::request::RequestOptions) -> i64 {
    let allowed = |request: Option<bool>, session: bool| request.unwrap_or(true) && session;
    let bits = [
        (Needs::NETWORK, settings.waits_for_connectivity),
        (
            Needs::NOT_CELLULAR,
            !allowed(options.allows_cellular, settings.allows_cellular),
        ),
        (
            Needs::NOT_EXPENSIVE,
            !allowed(options.allows_expensive, settings.allows_expensive),
        ),
        (
            Needs::NOT_CONSTRAINED,
            !allowed(options.allows_constrained, settings.allows_constrained),
        ),
        (Needs::EASE, settings.is_discretionary),
    ];
    bits.iter()
        .filter(|(_, needed)| *needed)
        .map(|(bit, _)| bit)
        .sum()
}
