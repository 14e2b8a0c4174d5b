//! The kernel's routing tables: which interfaces lead anywhere. Parsing only; it must never decide
//! what kind of network that is.

use crate::monitor::roots::{Roots, read_limited};

/// As much of a table as is read. A router's may be huge; the default route comes first in IPv4's,
/// and a machine with a table this long has a network.
const TABLE_BYTES: u64 = 256 * 1024;

/// The route can be used.
const RTF_UP: u32 = 0x0001;
/// It says "unreachable".
const RTF_REJECT: u32 = 0x0200;

/// A route that leads beyond the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The interface's name.
    pub interface: String,
    /// It leads everywhere.
    pub is_default: bool,
    /// Lower is preferred.
    pub metric: u32,
}

/// The usable routes of both families: default routes first, then by metric. None where no table can
/// be read.
pub fn read(roots: &Roots) -> Option<Vec<Route>> {
    let table = |name: &str| read_limited(&roots.proc.join("net").join(name), TABLE_BYTES).ok();
    let (four, six) = (table("route"), table("ipv6_route"));
    if four.is_none() && six.is_none() {
        return None;
    }
    let (four, six) = (four.unwrap_or_default(), six.unwrap_or_default());
    let mut routes: Vec<Route> = four.lines().filter_map(ipv4).collect();
    routes.extend(six.lines().filter_map(ipv6));
    routes.sort_by_key(|route| (!route.is_default, route.metric));
    Some(routes)
}

/// `Iface Destination Gateway Flags RefCnt Use Metric Mask …`: addresses in hexadecimal, in the
/// machine's byte order.
fn ipv4(line: &str) -> Option<Route> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let [interface, destination, _, flags, _, _, metric, mask, ..] = words[..] else {
        return None;
    };
    let destination = u32::from_str_radix(destination, 16).ok()?.to_ne_bytes();
    let is_link_local = destination[..2] == [169, 254];
    if !is_usable(flags, interface)? || is_link_local {
        return None;
    }
    Some(Route {
        interface: interface.to_owned(),
        is_default: destination == [0; 4] && u32::from_str_radix(mask, 16).ok()? == 0,
        metric: metric.parse().ok()?,
    })
}

/// `destination prefix source prefix gateway metric references use flags interface`, all but the name in
/// hexadecimal.
fn ipv6(line: &str) -> Option<Route> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let [destination, prefix, _, _, _, metric, _, _, flags, interface] = words[..] else {
        return None;
    };
    // Every interface that is up has these two.
    let is_link_local = destination.starts_with("fe8") || destination.starts_with("ff");
    if !is_usable(flags, interface)? || is_link_local {
        return None;
    }
    Some(Route {
        interface: interface.to_owned(),
        is_default: prefix == "00",
        metric: u32::from_str_radix(metric, 16).ok()?,
    })
}

fn is_usable(flags: &str, interface: &str) -> Option<bool> {
    let flags = u32::from_str_radix(flags, 16).ok()?;
    // The name becomes part of a path.
    let is_name = !interface.contains('/') && !interface.starts_with('.');
    Some(flags & RTF_UP != 0 && flags & RTF_REJECT == 0 && is_name)
}
