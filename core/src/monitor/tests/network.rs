//! The kind of network, by routes and interfaces.

use super::Machine;
use crate::conditions::Network;
use crate::monitor::network::read;

const ALL: (&str, &str) = ("00000000", "00000000");
/// 192.168.1.0/24, as a little-endian machine prints it: none of its bytes matter here.
const HOME: (&str, &str) = ("0001A8C0", "00FFFFFF");

fn seen(machine: &Machine) -> (Network, bool) {
    let link = read(&machine.roots());
    (link.kind, link.is_expensive)
}

/// A machine whose only route is the default one over `interface`.
fn routed(interface: &str, attributes: &[&str]) -> Machine {
    let machine = Machine::new();
    machine.interface(interface, attributes);
    machine.routes(&[(interface, ALL.0, 100, ALL.1)]);
    machine
}

#[test]
fn each_kind_of_interface_is_known() {
    // rule P1
    let ether = ["operstate=up", "type=1", "device/vendor=0x8086"];
    assert_eq!(seen(&routed("enp3s0", &ether)), (Network::Wired, false));
    let radio = [
        "operstate=up",
        "type=1",
        "device/vendor=0x8086",
        "wireless/status=0",
    ];
    assert_eq!(seen(&routed("wlp2s0", &radio)), (Network::Wifi, false));
    let named = ["operstate=up", "type=1", "uevent=DEVTYPE=wlan"];
    assert_eq!(seen(&routed("wlan0", &named)), (Network::Wifi, false));
    let modem = [
        "operstate=unknown",
        "carrier=1",
        "type=1",
        "uevent=DEVTYPE=wwan\nINTERFACE=w",
    ];
    assert_eq!(seen(&routed("wwan0", &modem)), (Network::Cellular, true));
    let raw = ["operstate=unknown", "type=519"];
    assert_eq!(seen(&routed("rmnet0", &raw)), (Network::Cellular, true));
    let container = ["operstate=up", "type=1"];
    assert_eq!(seen(&routed("eth0", &container)), (Network::Wired, false));
}

#[test]
fn a_telephone_on_usb_costs_money() {
    // rule P1
    let machine = routed(
        "enx1",
        &["operstate=unknown", "carrier=1", "device/vendor=1"],
    );
    machine.link(
        "sys/class/net/enx1/device/driver",
        "../../../bus/usb/drivers/ipheth",
    );
    assert_eq!(seen(&machine), (Network::Wired, true));
}

#[test]
fn a_cable_that_was_pulled_is_no_network_although_its_route_stands() {
    // rule P1
    let machine = routed("eth0", &["operstate=down", "carrier=0", "device/vendor=1"]);
    assert_eq!(seen(&machine), (Network::None, false));
    machine.interface("eth0", &["operstate=unknown"]);
    assert_eq!(seen(&machine), (Network::None, false));
    machine.interface("eth0", &["carrier=1"]);
    assert_eq!(seen(&machine), (Network::Wired, false));
}

#[test]
fn the_lowest_metric_wins_and_a_vpn_is_what_carries_it() {
    // rule P1
    let machine = Machine::new();
    machine.interface("tun0", &["operstate=unknown", "type=65534"]);
    machine.interface("wlan0", &["operstate=up", "wireless/status=0"]);
    machine.interface("wwan0", &["operstate=up", "uevent=DEVTYPE=wwan"]);
    let wlan = ("wlan0", ALL.0, 600, ALL.1);
    let wwan = ("wwan0", ALL.0, 700, ALL.1);
    let tunnel = ("tun0", ALL.0, 50, ALL.1);
    machine.routes(&[wwan, tunnel, wlan]);
    assert_eq!(seen(&machine), (Network::Wifi, false));
    machine.interface("wlan0", &["operstate=down"]);
    assert_eq!(seen(&machine), (Network::Cellular, true));
    machine.routes(&[tunnel]);
    assert_eq!(seen(&machine), (Network::Wired, false));
}

#[test]
fn what_is_stacked_on_a_radio_is_a_radio() {
    // rule P1
    let machine = routed(
        "bond0",
        &["operstate=up", "type=1", "lower_wlan0/operstate=up"],
    );
    machine.file("sys/class/net/bond0/lower_wlan0/wireless/status", "0");
    assert_eq!(seen(&machine), (Network::Wifi, false));
}

#[test]
fn a_local_network_counts_and_the_bridge_of_containers_does_not() {
    // rule P1
    let machine = Machine::new();
    machine.interface("docker0", &["operstate=up", "type=1", "bridge/stp_state=0"]);
    machine.routes(&[("docker0", "000011AC", 0, "0000FFFF")]);
    assert_eq!(seen(&machine), (Network::None, false));
    machine.interface("eth0", &["operstate=up", "device/vendor=1"]);
    machine.routes(&[
        ("docker0", "000011AC", 0, "0000FFFF"),
        ("eth0", HOME.0, 0, HOME.1),
    ]);
    assert_eq!(seen(&machine), (Network::Wired, false));
    // A container on a network of its own.
    machine.interface("veth9", &["operstate=up", "type=1"]);
    machine.routes(&[("veth9", HOME.0, 0, HOME.1)]);
    assert_eq!(seen(&machine), (Network::Wired, false));
}

#[test]
fn ipv6_alone_is_a_network_and_link_local_is_none() {
    // rule P1
    let machine = Machine::new();
    machine.interface("eth0", &["operstate=up", "device/vendor=1"]);
    machine.interface("lo", &["operstate=unknown", "type=772"]);
    let zero = "0".repeat(32);
    let line = |destination: &str, prefix: &str, flags: &str, interface: &str| {
        format!(
            "{destination} {prefix} {zero} 00 {zero} 00000100 00000001 00000000 {flags}     {interface}\n"
        )
    };
    let local = "fe800000000000000000000000000000";
    let quiet = line(local, "40", "00000001", "eth0") + &line(&zero, "00", "00200200", "lo");
    machine.file("proc/net/ipv6_route", &quiet);
    assert_eq!(seen(&machine), (Network::None, false));
    let out = quiet + &line(&zero, "00", "00000003", "eth0");
    machine.file("proc/net/ipv6_route", &out);
    assert_eq!(seen(&machine), (Network::Wired, false));
}

#[test]
fn what_cannot_be_seen_never_holds_work_back() {
    // rule P1
    // A sandbox that hides the interface, or everything.
    let machine = Machine::new();
    machine.routes(&[("eth0", ALL.0, 0, ALL.1)]);
    assert_eq!(seen(&machine), (Network::Wired, false));
    std::fs::remove_dir_all(machine.roots().proc).unwrap();
    assert_eq!(seen(&machine), (Network::Wired, false));
}

#[test]
fn nonsense_in_a_table_is_stepped_over() {
    // rule T7
    let machine = Machine::new();
    let text = "eth0\n\u{fffd} x y z\n../../etc 00000000 0 0003 0 0 0 00000000\neth0 zz zz zz zz zz zz zz\n";
    machine.file("proc/net/route", text);
    machine.file("proc/net/ipv6_route", text);
    assert_eq!(seen(&machine), (Network::None, false));
}
