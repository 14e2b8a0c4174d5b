//! Made-up trees of `/sys` and `/proc`, and what is read out of them.

mod network;
mod power;
mod pushes;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::roots::Roots;

/// A machine made of files.
struct Machine(TempDir);

impl Machine {
    /// With nothing in it but empty routing tables.
    fn new() -> Machine {
        let machine = Machine(TempDir::new().unwrap());
        machine.file("proc/net/route", "Iface\tDestination\tGateway\tFlags\n");
        machine.file("proc/net/ipv6_route", "");
        machine
    }

    fn roots(&self) -> Roots {
        Roots {
            sys: self.0.path().join("sys"),
            proc: self.0.path().join("proc"),
        }
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn link(&self, path: &str, target: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(Path::new(target), path).unwrap();
    }

    /// An interface with attributes such as `operstate=up`; a name with a slash is a file in a folder.
    fn interface(&self, name: &str, attributes: &[&str]) {
        for attribute in attributes {
            let (key, value) = attribute.split_once('=').unwrap();
            self.file(
                &format!("sys/class/net/{name}/{key}"),
                &format!("{value}\n"),
            );
        }
    }

    /// Routes as `(interface, destination, metric, mask)`, in the kernel's hexadecimal.
    fn routes(&self, routes: &[(&str, &str, u32, &str)]) {
        let mut text = "Iface\tDestination\tGateway \tFlags\n".to_owned();
        for (interface, destination, metric, mask) in routes {
            text += &format!(
                "{interface}\t{destination}\t00000000\t0003\t0\t0\t{metric}\t{mask}\t0\t0\t0  \n"
            );
        }
        self.file("proc/net/route", &text);
    }

    fn supply(&self, name: &str, attributes: &[(&str, &str)]) {
        for (key, value) in attributes {
            self.file(
                &format!("sys/class/power_supply/{name}/{key}"),
                &format!("{value}\n"),
            );
        }
    }
}
