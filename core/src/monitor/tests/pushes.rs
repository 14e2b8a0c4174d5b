//! Telling: at once, on a change, never twice, and not after the end.

use std::sync::mpsc;
use std::time::Duration;

use super::Machine;
use crate::conditions::{Network, SystemConditions};
use crate::monitor::watch::{Watch, Woken};
use crate::monitor::{SystemMonitor, changes_silently, read};

#[test]
fn the_first_value_comes_before_start_returns_and_nothing_after_the_drop() {
    // rule P1
    let machine = Machine::new();
    machine.supply(
        "BAT0",
        &[
            ("type", "Battery"),
            ("status", "Discharging"),
            ("capacity", "7"),
        ],
    );
    let (sender, receiver) = mpsc::channel();
    let monitor = SystemMonitor::start_in(machine.roots(), Watch::open, move |conditions| {
        let _ = sender.send(conditions);
    })
    .unwrap();
    let first = receiver.try_recv().unwrap();
    assert_eq!(first.network, Network::None);
    assert_eq!((first.charging, first.battery_percent), (false, Some(7)));
    assert_eq!(first.app_state, SystemConditions::default().app_state);
    drop(monitor);
    // The thread has ended and let go of the callback.
    assert!(matches!(
        receiver.try_recv(),
        Err(mpsc::TryRecvError::Disconnected)
    ));
}

#[test]
fn a_watch_ends_when_its_other_end_is_closed() {
    // rule P1
    let (stop, stopped) = std::os::unix::net::UnixStream::pair().unwrap();
    let mut watch = Watch::open(stopped).unwrap();
    drop(stop);
    assert_eq!(watch.wait(None).unwrap(), Woken::Stopped);
}

#[test]
fn a_wait_ends_when_its_patience_does() {
    // rule P6
    let (_stop, stopped) = std::os::unix::net::UnixStream::pair().unwrap();
    let mut watch = Watch::open(stopped).unwrap();
    let woken = watch.wait(Some(Duration::from_millis(1))).unwrap();
    assert_eq!(woken, Woken::LookAgain);
}

#[test]
fn no_timer_is_armed_where_nothing_changes_silently() {
    // rule P6
    let machine = Machine::new();
    assert!(!changes_silently(&read(&machine.roots())));
    machine.supply("BAT0", &[("type", "Battery"), ("capacity", "7")]);
    assert!(changes_silently(&read(&machine.roots())));
}
