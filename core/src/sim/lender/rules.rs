//! When a wake may be lent, by the rules of each platform. Pure.

use super::profile::{HOUR_MS, Profile, WATCH_APART_MS, WATCH_WAKES_PER_HOUR};
use super::{Asked, State, android};
use crate::conditions::{Network, SystemConditions};
use crate::wake::WakeConstraints;

/// When to lend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Now,
    /// Not before this.
    At(i64),
    /// A change of conditions must come first.
    Later,
}

/// The watch's budget: the earliest moment that keeps to it (rule P8).
fn watch_budget_ms(state: &State) -> i64 {
    let apart = state
        .wakes
        .back()
        .map_or(i64::MIN, |last| last + WATCH_APART_MS);
    let fourth_last = state.wakes.len().checked_sub(WATCH_WAKES_PER_HOUR);
    let in_hour = fourth_last.map_or(i64::MIN, |index| state.wakes[index] + HOUR_MS);
    apart.max(in_hour)
}

/// Whether the constraints that this platform can express hold.
pub(super) fn hold(profile: Profile, needs: WakeConstraints, now: &SystemConditions) -> bool {
    // A network that answers with a page of its own is not validated.
    let network = now.network != Network::None && !now.captive;
    match profile {
        // `requiresNetworkConnectivity` and `requiresExternalPower` are all there is.
        Profile::Ios => (!needs.network || network) && (!needs.charging || now.charging),
        // A background refresh has a date and nothing else.
        Profile::Watch => true,
        Profile::Android => android::hold(needs, now, network),
    }
}

/// When the wake that the app asked for may come.
pub(super) fn when_asked(
    profile: Profile,
    state: &State,
    asked: &Asked,
    now: &SystemConditions,
    now_ms: i64,
) -> When {
    let due_ms = match profile {
        Profile::Ios => asked.due_ms,
        Profile::Watch => asked.due_ms.max(watch_budget_ms(state)),
        Profile::Android => {
            // The override deadline: the constraints count no more, the quota does.
            let is_overdue = asked.latest_ms.is_some_and(|latest| latest <= now_ms);
            let holds = hold(profile, asked.constraints, now) || is_overdue;
            let quota_ms = android::quota_ms(state, now, now_ms);
            let wanted_ms = if holds {
                Some(asked.due_ms)
            } else {
                asked.latest_ms
            };
            return match wanted_ms.map(|at| at.min(asked.latest_ms.unwrap_or(at))) {
                None => When::Later,
                Some(at) => at_or_now(at.max(quota_ms), now_ms),
            };
        }
    };
    if now.low_power || !hold(profile, asked.constraints, now) {
        return When::Later;
    }
    at_or_now(due_ms, now_ms)
}

/// When a session's events may be told.
pub(super) fn when_events(profile: Profile, state: &State, due_ms: i64, now_ms: i64) -> When {
    match profile {
        // A run that is under way is not another wake.
        Profile::Watch if state.loans.is_empty() => {
            at_or_now(due_ms.max(watch_budget_ms(state)), now_ms)
        }
        _ => at_or_now(due_ms, now_ms),
    }
}

fn at_or_now(at_ms: i64, now_ms: i64) -> When {
    if at_ms <= now_ms {
        When::Now
    } else {
        When::At(at_ms)
    }
}
