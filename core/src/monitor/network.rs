//! What kind of network the machine is on, by its routes and by what `/sys/class/net` says of the
//! interfaces. It must never say "none" while there is a way out: a transfer would wait for nothing.

use std::path::{Path, PathBuf};

use crate::conditions::Network;
use crate::monitor::roots::{Roots, attribute, entries, number};
use crate::monitor::routes::{self, Route};

/// `ARPHRD_RAWIP`: a mobile modem without an Ethernet frame.
const RAW_IP: i64 = 519;
/// `ARPHRD_LOOPBACK`.
const LOOPBACK: i64 = 772;
/// Interfaces stacked on others (a VLAN on a bond on cables) are followed this deep.
const STACK_LIMIT: usize = 4;
/// Drivers of telephones that lend their mobile network over USB.
const TELEPHONE_DRIVERS: [&str; 2] = ["ipheth", "rndis_host"];

/// The network that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it is.
    pub kind: Network,
    /// It costs money by volume, as far as the kernel can tell.
    pub is_expensive: bool,
}

const NOTHING: Link = Link {
    kind: Network::None,
    is_expensive: false,
};
const CABLE: Link = Link {
    kind: Network::Wired,
    is_expensive: false,
};

/// The link that the preferred route takes. One without a default route counts too when it is real:
/// a machine on a plain local network can reach its neighbours.
pub fn read(roots: &Roots) -> Link {
    let class = roots.sys.join("class/net");
    let Some(routes) = routes::read(roots) else {
        return CABLE;
    };
    let routes: Vec<(Route, PathBuf)> = routes
        .into_iter()
        .map(|route| {
            let folder = class.join(&route.interface);
            (route, folder)
        })
        .filter(|(_, folder)| is_up(folder))
        .collect();
    // A VPN takes the default route; what it costs is what carries it: the next route of a device.
    if let Some(link) = routes.iter().find_map(|(_, folder)| real(folder, 0)) {
        return link;
    }
    let leads_out = |(route, folder): &(Route, PathBuf)| {
        // The bridge of a container engine leads nowhere by itself; a container on a network of its
        // own has nothing but one end of a virtual cable.
        route.is_default || !folder.join("bridge").exists()
    };
    if routes.iter().any(leads_out) {
        CABLE
    } else {
        NOTHING
    }
}

/// Its cable is in, its radio is connected. A sandbox may hide the interface: then its route counts.
fn is_up(folder: &Path) -> bool {
    if number(folder, "type") == Some(LOOPBACK) || folder.ends_with("lo") {
        return false;
    }
    if !folder.exists() {
        return true;
    }
    match attribute(folder, "operstate").as_deref() {
        Some("up") => true,
        // Some drivers and all tunnels never say.
        Some("unknown") => number(folder, "carrier") != Some(0),
        _ => false,
    }
}

/// The link of an interface that is a device, or is stacked on one.
fn real(folder: &Path, depth: usize) -> Option<Link> {
    let uevent = attribute(folder, "uevent").unwrap_or_default();
    let kind = uevent
        .lines()
        .find_map(|line| line.strip_prefix("DEVTYPE="));
    if kind == Some("wlan") || folder.join("wireless").exists() || folder.join("phy80211").exists()
    {
        return Some(Link {
            kind: Network::Wifi,
            is_expensive: false,
        });
    }
    // A telephone's network by Bluetooth is a mobile one.
    if matches!(kind, Some("wwan" | "bluetooth")) || number(folder, "type") == Some(RAW_IP) {
        return Some(Link {
            kind: Network::Cellular,
            is_expensive: true,
        });
    }
    if folder.join("device").exists() {
        return Some(Link {
            kind: Network::Wired,
            is_expensive: is_telephone(folder),
        });
    }
    if depth == STACK_LIMIT {
        return None;
    }
    entries(folder)
        .iter()
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with("lower_"))
        })
        .find_map(|lower| real(lower, depth + 1))
}

fn is_telephone(folder: &Path) -> bool {
    let Ok(driver) = folder.join("device/driver").read_link() else {
        return false;
    };
    let name = driver.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| TELEPHONE_DRIVERS.contains(&name))
}
