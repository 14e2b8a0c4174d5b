//! Charger, battery, power profile and heat.

use super::Machine;
use crate::conditions::ThermalState;
use crate::monitor::power::{Power, read};
use crate::monitor::thermal;

fn seen(machine: &Machine) -> (bool, Option<u8>) {
    let Power {
        is_charging,
        battery_percent,
        ..
    } = read(&machine.roots());
    (is_charging, battery_percent)
}

#[test]
fn a_machine_without_a_battery_is_on_mains() {
    // rule P4
    let machine = Machine::new();
    assert_eq!(seen(&machine), (true, None));
    let mouse = [
        ("type", "Battery"),
        ("scope", "Device"),
        ("capacity", "3"),
        ("status", "Discharging"),
    ];
    machine.supply("hidpp_battery_0", &mouse);
    assert_eq!(seen(&machine), (true, None));
}

#[test]
fn a_laptop_charges_while_its_charger_is_in() {
    // rule P4
    let machine = Machine::new();
    machine.supply("AC", &[("type", "Mains"), ("online", "0")]);
    machine.supply(
        "BAT0",
        &[
            ("type", "Battery"),
            ("status", "Discharging"),
            ("capacity", "81"),
        ],
    );
    assert_eq!(seen(&machine), (false, Some(81)));
    machine.supply("AC", &[("online", "1")]);
    assert_eq!(seen(&machine), (true, Some(81)));
    // A charger that is not listed; a battery held at its threshold.
    machine.supply("AC", &[("online", "0")]);
    machine.supply("BAT0", &[("status", "Not charging")]);
    assert_eq!(seen(&machine), (true, Some(81)));
}

#[test]
fn two_batteries_are_one_level_and_one_that_is_out_is_none() {
    // rule P4
    let machine = Machine::new();
    machine.supply(
        "BAT0",
        &[
            ("type", "Battery"),
            ("status", "Discharging"),
            ("capacity", "90"),
        ],
    );
    machine.supply(
        "BAT1",
        &[
            ("type", "Battery"),
            ("status", "Unknown"),
            ("capacity", "31"),
        ],
    );
    assert_eq!(seen(&machine), (false, Some(60)));
    machine.supply("BAT1", &[("present", "0")]);
    assert_eq!(seen(&machine), (false, Some(90)));
    machine.supply("BAT0", &[("capacity", "-5")]);
    assert_eq!(seen(&machine), (false, Some(0)));
}

#[test]
fn the_power_profile_of_the_user_is_low_power() {
    // rule P4
    let machine = Machine::new();
    machine.file("sys/firmware/acpi/platform_profile", "balanced\n");
    assert!(!read(&machine.roots()).is_low);
    machine.file("sys/firmware/acpi/platform_profile", "low-power\n");
    assert!(read(&machine.roots()).is_low);
}

#[test]
fn heat_is_judged_by_the_trip_points_of_the_machine() {
    // rule P4
    let machine = Machine::new();
    let heat = |temp: &str| {
        machine.file("sys/class/thermal/thermal_zone0/temp", temp);
        thermal::read(&machine.roots())
    };
    assert_eq!(heat("99000"), ThermalState::Nominal);
    let trips = [
        ("critical", "100000"),
        ("passive", "85000"),
        ("active", "60000"),
        ("passive", "-274000"),
    ];
    for (trip, (kind, at)) in trips.iter().enumerate() {
        let path = format!("sys/class/thermal/thermal_zone0/trip_point_{trip}");
        machine.file(&format!("{path}_type"), kind);
        machine.file(&format!("{path}_temp"), at);
    }
    assert_eq!(heat("45000"), ThermalState::Nominal);
    assert_eq!(heat("60000"), ThermalState::Fair);
    assert_eq!(heat("90000"), ThermalState::Serious);
    assert_eq!(heat("98000"), ThermalState::Critical);
    machine.file("sys/class/thermal/cooling_device0/cur_state", "3");
    assert_eq!(heat("45000"), ThermalState::Nominal);
}
