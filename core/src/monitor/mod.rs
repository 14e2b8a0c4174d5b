//! What a Linux desktop or server is like now: its network, its battery and charger, its heat.
//!
//! The kernel says when something changed (netlink); what it is then is read from the files in
//! `/sys` and `/proc`. This module must never ask again and again on mains power, must never open a
//! connection, and must never trust what a message says: a message only means "look again".
//!
//! - [`SystemMonitor`]: the public face, and the thread behind it.
//! - `watch`: the sockets that say that something changed.
//! - `roots`, `routes`, `network`, `power`, `thermal`: reading.

mod network;
mod power;
mod roots;
mod routes;
#[cfg(test)]
mod tests;
mod thermal;
mod watch;

use std::os::unix::net::UnixStream;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::conditions::{SystemConditions, ThermalState};
use crate::error::{Error, ErrorKind, Result};
use roots::Roots;
use watch::{Watch, Woken};

/// How often the files are read again while something in them changes without a word from the
/// kernel: what a battery holds, the user's power profile, a device that cools down.
const SILENT_CHANGES_MS: u64 = 2 * 60 * 1000;

/// Pushes what the system is like to a callback, whenever it changes. Linux only; the cargo feature
/// `monitor`. On macOS and on phones the app pushes what the platform tells it.
///
/// Known: the kind of network and whether there is one, charger and battery, the power profile
/// "low-power", the heat by the machine's own trip points. A network counts as expensive when it is
/// a mobile one or a telephone on USB or Bluetooth; whether a Wi-Fi is metered, and whether a network
/// is captive or constrained, the kernel does not know. What only the app knows (its own state, data
/// saver, storage) is as in [`SystemConditions::default`]: set it before you pass the value on.
///
/// The kernel says when network or charger change, so nothing is polled for them. What a battery
/// holds changes silently: while there is a battery, or a heat or a power profile that holds work
/// back, the files are also read every two minutes.
///
/// ```no_run
/// # fn main() -> Result<(), backhaul::Error> {
/// let monitor = backhaul::SystemMonitor::start(|conditions| println!("{}", conditions.network))?;
/// // Dropped, it stops; no call comes after that.
/// drop(monitor);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct SystemMonitor {
    /// Closed to end the thread.
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<()>>,
}

impl SystemMonitor {
    /// What the system is like now.
    #[must_use]
    pub fn read() -> SystemConditions {
        read(&Roots::default())
    }

    /// Calls `changed` with what the system is like, at once on the calling thread, then on a thread
    /// of its own whenever it changes. Equal values are not repeated.
    ///
    /// # Errors
    /// [`ErrorKind::System`]: no netlink socket (a sandbox that forbids it) or no thread.
    pub fn start(changed: impl FnMut(SystemConditions) + Send + 'static) -> Result<SystemMonitor> {
        SystemMonitor::start_in(Roots::default(), Watch::open, changed)
    }

    /// `open` makes the watch, given the stream that ends it.
    fn start_in(
        roots: Roots,
        open: impl FnOnce(UnixStream) -> std::io::Result<Watch>,
        mut changed: impl FnMut(SystemConditions) + Send + 'static,
    ) -> Result<SystemMonitor> {
        let failed = |what: &str| {
            let message = format!("the system's state cannot be watched: no {what}");
            move |error: std::io::Error| Error::new(ErrorKind::System, message).with_source(error)
        };
        let (stop, stopped) = UnixStream::pair().map_err(failed("socket"))?;
        // Open before the first look: a change in between is not missed.
        let watch = open(stopped).map_err(failed("netlink socket"))?;
        let first = read(&roots);
        changed(first);
        let thread = thread::Builder::new()
            .name("backhaul-monitor".to_owned())
            .spawn(move || run(&roots, watch, first, changed))
            .map_err(failed("thread"))?;
        Ok(SystemMonitor {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for SystemMonitor {
    fn drop(&mut self) {
        drop(self.stop.take());
        let Some(thread) = self.thread.take() else {
            return;
        };
        // The callback may drop its own monitor.
        if thread.thread().id() != thread::current().id() && thread.join().is_err() {
            log::error!("the callback of a system monitor panicked");
        }
    }
}

fn run(
    roots: &Roots,
    mut watch: Watch,
    first: SystemConditions,
    mut changed: impl FnMut(SystemConditions),
) {
    let mut last = first;
    loop {
        let patience = changes_silently(&last).then(|| Duration::from_millis(SILENT_CHANGES_MS));
        match watch.wait(patience) {
            Ok(Woken::LookAgain) => {}
            Ok(Woken::Stopped) => return,
            Err(error) => {
                log::error!("the system's state is no longer watched: {error}");
                return;
            }
        }
        let now = read(roots);
        if now != last {
            last = now;
            changed(now);
        }
    }
}

/// Some of it changes without an event, and holds work back or counts down.
fn changes_silently(conditions: &SystemConditions) -> bool {
    conditions.battery_percent.is_some()
        || conditions.thermal != ThermalState::Nominal
        || conditions.low_power
}

fn read(roots: &Roots) -> SystemConditions {
    let link = network::read(roots);
    let power = power::read(roots);
    SystemConditions {
        network: link.kind,
        expensive: link.is_expensive,
        charging: power.is_charging,
        battery_percent: power.battery_percent,
        low_power: power.is_low,
        thermal: thermal::read(roots),
        ..SystemConditions::default()
    }
}
