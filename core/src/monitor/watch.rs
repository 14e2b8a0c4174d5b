//! Waiting for the kernel to say that something changed, on netlink sockets. It must never read what
//! changed out of a message: messages are lost under load, files are not.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::netlink::{self, SocketAddrNetlink};
use rustix::net::{AddressFamily, Protocol, RecvFlags, SocketFlags, SocketType};

/// Its number is zero, which is "the default protocol" everywhere else.
const NETLINK_ROUTE: Option<Protocol> = None;
/// `RTMGRP_LINK | _IPV4_IFADDR | _IPV4_ROUTE | _IPV6_IFADDR | _IPV6_ROUTE`.
const ROUTE_GROUPS: u32 = 0x001 | 0x010 | 0x040 | 0x100 | 0x400;
/// What the kernel itself says of devices.
const KERNEL_EVENTS: u32 = 1;
/// The only devices whose events matter here.
const POWER_SUPPLY: &[u8] = b"SUBSYSTEM=power_supply\0";
/// A device event is at most this long; of the others only the arrival counts.
const MESSAGE_BYTES: usize = 8 * 1024;
/// As many messages are taken before the stop is looked at again.
const MESSAGES_AT_A_TIME: usize = 256;
/// A link that comes up says so in a dozen messages: they are one change when they come this close.
const SETTLE_MS: u64 = 100;
/// And no change is kept longer, however many follow.
const SETTLE_LIMIT_MS: u64 = 1_000;

/// Why [`Watch::wait`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// Something may have changed.
    LookAgain,
    /// The other end of the stream was closed.
    Stopped,
}

/// The sockets.
#[derive(Debug)]
pub struct Watch {
    stopped: UnixStream,
    routes: OwnedFd,
    /// None where a sandbox forbids it: the charger is then seen at the next look.
    devices: Option<OwnedFd>,
}

impl Watch {
    /// Listens from now on, until the other end of `stopped` is closed.
    ///
    /// # Errors
    /// If there is no route socket to be had.
    pub fn open(stopped: UnixStream) -> io::Result<Watch> {
        let routes = socket(NETLINK_ROUTE, ROUTE_GROUPS)?;
        let devices = socket(Some(netlink::KOBJECT_UEVENT), KERNEL_EVENTS);
        if let Err(error) = &devices {
            log::info!("chargers are seen late: no socket for device events: {error}");
        }
        Ok(Watch {
            stopped,
            routes,
            devices: devices.ok(),
        })
    }

    /// Waits for a change, at most for `patience`; for ever without one. Changes that come close
    /// together are one.
    ///
    /// # Errors
    /// If waiting itself fails, which has no remedy.
    pub fn wait(&mut self, patience: Option<Duration>) -> io::Result<Woken> {
        let end = patience.map(|patience| Instant::now() + patience);
        loop {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            match self.one(left)? {
                Some(Seen::Stopped) => return Ok(Woken::Stopped),
                Some(Seen::Change) => return self.settle(),
                Some(Seen::Nothing) => {}
                None => return Ok(Woken::LookAgain),
            }
        }
    }

    fn settle(&mut self) -> io::Result<Woken> {
        let end = Instant::now() + Duration::from_millis(SETTLE_LIMIT_MS);
        let mut quiet_at = Instant::now() + Duration::from_millis(SETTLE_MS);
        loop {
            let until = quiet_at.min(end);
            match self.one(Some(until.saturating_duration_since(Instant::now())))? {
                Some(Seen::Stopped) => return Ok(Woken::Stopped),
                Some(Seen::Change) => {
                    quiet_at = Instant::now() + Duration::from_millis(SETTLE_MS);
                }
                Some(Seen::Nothing) => {}
                None => return Ok(Woken::LookAgain),
            }
            if Instant::now() >= end {
                return Ok(Woken::LookAgain);
            }
        }
    }

    /// One look at the sockets; none when the time is up.
    fn one(&mut self, patience: Option<Duration>) -> io::Result<Option<Seen>> {
        let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
        let mut waiting = vec![
            PollFd::new(&self.stopped, PollFlags::IN),
            PollFd::new(&self.routes, PollFlags::IN),
        ];
        if let Some(devices) = &self.devices {
            waiting.push(PollFd::new(devices, PollFlags::IN));
        }
        match poll(&mut waiting, patience.as_ref()) {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok(Some(Seen::Nothing)),
            Err(error) => return Err(error.into()),
        }
        let ready: Vec<bool> = waiting.iter().map(|fd| !fd.revents().is_empty()).collect();
        if ready[0] {
            return Ok(Some(Seen::Stopped));
        }
        let mut seen = Seen::Nothing;
        if ready[1] && drain(&self.routes, |_| true)? {
            seen = Seen::Change;
        }
        if let (Some(devices), Some(true)) = (&self.devices, ready.get(2)) {
            if drain(devices, is_power_supply)? {
                seen = Seen::Change;
            }
        }
        Ok(Some(seen))
    }
}

enum Seen {
    Change,
    Nothing,
    Stopped,
}

fn is_power_supply(message: &[u8]) -> bool {
    message
        .windows(POWER_SUPPLY.len())
        .any(|part| part == POWER_SUPPLY)
}

fn socket(protocol: Option<Protocol>, groups: u32) -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let family = AddressFamily::NETLINK;
    let socket = rustix::net::socket_with(family, SocketType::RAW, flags, protocol)?;
    rustix::net::bind(&socket, &SocketAddrNetlink::new(0, groups))?;
    Ok(socket)
}

/// Takes what has come; whether some of it matters. The socket's buffer bounds it: what comes
/// faster than it is read is lost, and that is said as an error which counts as a change.
fn drain(socket: &OwnedFd, matters: impl Fn(&[u8]) -> bool) -> io::Result<bool> {
    let mut message = [0; MESSAGE_BYTES];
    let mut found = false;
    for _ in 0..MESSAGES_AT_A_TIME {
        match rustix::net::recv(socket, &mut message[..], RecvFlags::empty()) {
            Ok((taken, _)) => found |= matters(&message[..taken]),
            Err(rustix::io::Errno::NOBUFS) => found = true,
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}
