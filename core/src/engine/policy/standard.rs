//! The policy that holds unless the app brings its own. `docs/deferral.md` shows it as a table.

use std::time::Duration;

use super::{DeferralPolicy, FileProtection, Needs, Requirements, TaskFacts};
use crate::conditions::{Network, StandbyBucket, SystemConditions, ThermalState};

/// Discretionary work whose time is half used up takes a charger or an unmetered network.
const HALF_EASE_PERCENT: u32 = 50;
/// From here on it takes any network that is allowed, while the battery is not being saved.
const ANY_NETWORK_PERCENT: u32 = 75;
/// In the last part of its time, at least this share and this long, it runs on anything allowed.
const MARGIN_PERCENT: u32 = 10;
const MARGIN_FLOOR: Duration = Duration::from_secs(15 * 60);

/// What discretionary work waits for, and gives up step by step (rule P4).
const AT_FIRST: Needs = Needs::from_bits(
    Needs::EASE.bits() | Needs::CHARGER_IF_RARE.bits() | HALF_WAY.bits() & !Needs::EASE_HALF.bits(),
);
const HALF_WAY: Needs =
    Needs::from_bits(Needs::EASE_HALF.bits() | Needs::NOT_CONSTRAINED.bits() | LATE.bits());
const LATE: Needs =
    Needs::from_bits(Needs::NOT_LOW_POWER.bits() | Needs::NOT_WARM.bits() | Needs::ROOM.bits());

/// When transfers run unless the app says otherwise (rules P1, P4, P8): what request and session
/// allow, and for discretionary work a charger and an unmetered network, in steps that relax as the
/// deadline nears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StandardPolicy;

impl DeferralPolicy for StandardPolicy {
    fn requirements(&self, task: &TaskFacts) -> Requirements {
        let locked = task.file_protection == FileProtection::Complete;
        let everybody = Needs::NETWORK | Needs::NOT_HOT | Needs::NO_DATA_SAVER | Needs::AWAKE;
        let asked = Needs::NETWORK.when(task.waits_for_connectivity)
            | everybody.when(task.in_background_session)
            | Needs::UNLOCKED.when(locked)
            | Needs::NOT_CELLULAR.when(!task.allows_cellular)
            | Needs::NOT_EXPENSIVE.when(!task.allows_expensive)
            | Needs::NOT_CONSTRAINED.when(!task.allows_constrained)
            | Needs::SMALL.when(task.is_large_for_watch());
        if !task.is_discretionary {
            return Requirements {
                needs: asked,
                relaxes_in: None,
            };
        }
        let (chosen, relaxes_in) = step(task);
        let is_limited = task.started_in_background && !task.was_attempted && !chosen.is_empty();
        Requirements {
            needs: asked | chosen | Needs::RATE.when(is_limited),
            relaxes_in,
        }
    }

    fn unmet(&self, now: &SystemConditions) -> Needs {
        let is_cellular = now.network == Network::Cellular;
        let is_metered = is_cellular || now.expensive;
        let at_ease = now.charging && !is_metered;
        let is_rare = now.standby_bucket >= StandbyBucket::Rare;
        let is_offline = now.network == Network::None || now.captive;
        let on_wifi = matches!(now.network, Network::Wifi | Network::Wired) && !now.expensive;
        Needs::NETWORK.when(is_offline)
            | Needs::NOT_HOT.when(now.thermal >= ThermalState::Critical)
            | Needs::UNLOCKED.when(!now.protected_data_available)
            | Needs::NOT_CELLULAR.when(is_cellular)
            | Needs::NOT_EXPENSIVE.when(now.expensive)
            | Needs::NO_DATA_SAVER
                .when(now.data_saver && is_metered && !now.app_state.is_in_front())
            | Needs::NOT_CONSTRAINED.when(now.constrained)
            | Needs::SMALL.when(!(now.charging && on_wifi))
            | Needs::ROOM.when(now.storage_low)
            | Needs::NOT_WARM.when(now.thermal >= ThermalState::Serious)
            | Needs::NOT_LOW_POWER.when(now.low_power)
            | Needs::EASE.when(!at_ease)
            | Needs::CHARGER_IF_RARE.when(is_rare && !now.charging)
            | Needs::EASE_HALF.when(!now.charging && is_metered)
    }
}

/// What discretionary work waits for at this point of its time, and how long until the next step.
fn step(task: &TaskFacts) -> (Needs, Option<Duration>) {
    let Some(limit) = task.time_limit else {
        return (AT_FIRST, None);
    };
    let share = |percent: u32| limit.saturating_mul(percent) / 100;
    let margin = share(MARGIN_PERCENT).max(MARGIN_FLOOR);
    let last = limit.saturating_sub(margin);
    let steps = [
        (AT_FIRST, share(HALF_EASE_PERCENT).min(last)),
        (HALF_WAY, share(ANY_NETWORK_PERCENT).min(last)),
        (LATE, last),
    ];
    let now = steps.iter().find(|(_, end)| task.elapsed < *end);
    match now {
        Some((needs, end)) => (*needs, Some(*end - task.elapsed)),
        None => (Needs::NONE, None),
    }
}
