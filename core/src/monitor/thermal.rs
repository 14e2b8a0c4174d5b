//! How warm the machine is, by the trip points that it has itself. It must never hold work back for a
//! sensor whose limits make no sense.

use std::path::Path;

use crate::conditions::ThermalState;
use crate::monitor::roots::{Roots, attribute, entries, number};

/// Trip points below this are placeholders of the firmware, in thousandths of a degree Celsius.
const PLAUSIBLE_MILLI_C: i64 = 40_000;
/// So close to the point at which the kernel switches the machine off, nothing should add to it.
const BEFORE_CRITICAL_MILLI_C: i64 = 2_000;
/// A zone has fewer in practice.
const TRIP_LIMIT: usize = 16;

/// The worst of all zones.
pub fn read(roots: &Roots) -> ThermalState {
    entries(&roots.sys.join("class/thermal"))
        .iter()
        .filter_map(|zone| of_zone(zone))
        .max()
        .unwrap_or_default()
}

/// None for a cooling device or a sensor that is off.
fn of_zone(zone: &Path) -> Option<ThermalState> {
    let now = number(zone, "temp")?;
    (0..TRIP_LIMIT)
        .map_while(|trip| {
            let kind = attribute(zone, &format!("trip_point_{trip}_type"))?;
            Some((kind, number(zone, &format!("trip_point_{trip}_temp"))))
        })
        .filter_map(|(kind, at)| Some((kind, at.filter(|at| *at >= PLAUSIBLE_MILLI_C)?)))
        .filter_map(|(kind, at)| reached(&kind, at, now))
        .max()
}

/// What it means that a trip point was reached.
fn reached(kind: &str, at: i64, now: i64) -> Option<ThermalState> {
    let (at, state) = match kind {
        "critical" => (at - BEFORE_CRITICAL_MILLI_C, ThermalState::Critical),
        "hot" => (at, ThermalState::Critical),
        // The system slows down.
        "passive" => (at, ThermalState::Serious),
        // A fan turns.
        "active" => (at, ThermalState::Fair),
        _ => return None,
    };
    (now >= at).then_some(state)
}
