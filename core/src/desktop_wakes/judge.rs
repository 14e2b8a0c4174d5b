//! When a request's moment has come, and what a timer of the system can be asked for instead of it.
//! Pure.

use std::time::{Duration, SystemTime};

use crate::conditions::{Network, SystemConditions};
use crate::wake::{WakeConstraints, WakeRequest};

/// Moments that are this close are one.
const SAME_MS: u64 = 60 * 1000;
/// A process that leaves is not started again sooner.
const LEAD_MS: u64 = 60 * 1000;
/// A start whose constraints did not hold is tried again after this, as often as Android's periodic
/// jobs run at most.
const UNMET_MS: u64 = 15 * 60 * 1000;

/// When to call, under these conditions; none where they must change first.
pub fn call_at(request: &WakeRequest, conditions: &SystemConditions) -> Option<SystemTime> {
    if hold(&request.constraints, conditions) {
        return Some(
            request
                .latest
                .map_or(request.at, |latest| request.at.min(latest)),
        );
    }
    request.latest
}

fn hold(constraints: &WakeConstraints, conditions: &SystemConditions) -> bool {
    let is_online = conditions.network != Network::None && !conditions.captive;
    let wants_network = constraints.network || constraints.unmetered || constraints.not_cellular;
    (!wants_network || is_online)
        && (!constraints.unmetered || !conditions.expensive)
        && (!constraints.not_cellular || conditions.network != Network::Cellular)
        && (!constraints.charging || conditions.charging)
}

/// The request as a timer of the system can keep it: it fires at its moment whatever holds.
pub fn for_the_hook(
    request: WakeRequest,
    conditions: &SystemConditions,
    now: SystemTime,
) -> WakeRequest {
    let soon = now + Duration::from_millis(LEAD_MS);
    let at = if hold(&request.constraints, conditions) {
        request.at
    } else {
        let patient = request.at.max(now + Duration::from_millis(UNMET_MS));
        request.latest.map_or(patient, |latest| patient.min(latest))
    };
    WakeRequest {
        at: at.max(soon),
        ..request
    }
}

/// Not worth another command.
pub fn is_the_same(stands: &WakeRequest, wanted: &WakeRequest) -> bool {
    let apart = match stands.at.duration_since(wanted.at) {
        Ok(apart) => apart,
        Err(error) => error.duration(),
    };
    stands.constraints == wanted.constraints && apart <= Duration::from_millis(SAME_MS)
}
