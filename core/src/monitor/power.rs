//! Charger, battery and the power profile, by `/sys/class/power_supply` and the firmware's profile.
//! It must never take the battery of a mouse for the machine's.

use std::path::Path;

use crate::monitor::roots::{Roots, attribute, entries, number};

/// What feeds the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Power {
    /// On mains, or on a machine that has no battery.
    pub is_charging: bool,
    /// What the batteries hold, all together.
    pub battery_percent: Option<u8>,
    /// The user chose to save power.
    pub is_low: bool,
}

/// What the power supplies say.
pub fn read(roots: &Roots) -> Power {
    let supplies: Vec<_> = entries(&roots.sys.join("class/power_supply"))
        .into_iter()
        .filter(|supply| attribute(supply, "scope").as_deref() != Some("Device"))
        .collect();
    let (batteries, chargers): (Vec<_>, Vec<_>) = supplies
        .iter()
        .map(|path| path.as_path())
        .partition(|supply| is_battery(supply));
    let batteries: Vec<&Path> = batteries
        .into_iter()
        .filter(|battery| number(battery, "present") != Some(0))
        .collect();
    let levels: Vec<i64> = batteries
        .iter()
        .filter_map(|battery| number(battery, "capacity"))
        .map(|percent| percent.clamp(0, 100))
        .collect();
    let count = i64::try_from(levels.len()).unwrap_or(i64::MAX);
    let mean = levels.iter().sum::<i64>().checked_div(count);
    Power {
        is_charging: batteries.is_empty()
            || chargers.iter().any(|charger| is_online(charger))
            || batteries.iter().any(|battery| is_fed(battery)),
        battery_percent: mean.and_then(|percent| u8::try_from(percent).ok()),
        is_low: is_low(roots),
    }
}

/// An uninterruptible supply is a battery to the machine it feeds.
fn is_battery(supply: &Path) -> bool {
    matches!(
        attribute(supply, "type").as_deref(),
        Some("Battery" | "UPS")
    )
}

/// 1 is online, 2 is online with a programmable voltage.
fn is_online(charger: &Path) -> bool {
    number(charger, "online").is_some_and(|online| online > 0)
}

/// "Not charging" is a battery that is full enough by the user's threshold, on a charger.
fn is_fed(battery: &Path) -> bool {
    matches!(
        attribute(battery, "status").as_deref(),
        Some("Charging" | "Full" | "Not charging")
    )
}

fn is_low(roots: &Roots) -> bool {
    let firmware = roots.sys.join("firmware/acpi");
    attribute(&firmware, "platform_profile").as_deref() == Some("low-power")
}
