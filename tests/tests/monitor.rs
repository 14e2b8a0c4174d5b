//! The monitor in a network of its own: links go up and down, and it says so without being asked.
//!
//! The test starts itself again inside a network namespace, where it may do to the network what it
//! likes. That needs root.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

use std::io::Read;
use std::path::Path;
use std::process::Command;

use backhaul::SystemMonitor;
use backhaul_tests::process::Process;

/// A network namespace; deleted when dropped, with everything in it.
struct Namespace(String);

impl Namespace {
    /// None, said aloud, where this process may not make one.
    fn make() -> Option<Namespace> {
        let name = format!("backhaul-{}", std::process::id());
        if !rustix::process::geteuid().is_root() || !ip(&["netns", "add", &name]) {
            println!("NOT RUN: this process may not make a network namespace");
            return None;
        }
        Some(Namespace(name))
    }

    /// Runs `ip` with these words inside.
    fn ip(&self, words: &str) {
        let mut arguments = vec!["-n", &self.0];
        arguments.extend(words.split(' '));
        assert!(ip(&arguments), "ip {words}");
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        ip(&["netns", "delete", &self.0]);
    }
}

fn ip(arguments: &[&str]) -> bool {
    Command::new("ip")
        .args(arguments)
        .status()
        .is_ok_and(|status| status.success())
}

/// What a process inside the namespace prints.
#[test]
#[ignore = "started by the test below, inside a network namespace"]
fn a_process_that_watches() {
    let monitor = SystemMonitor::start(|conditions| println!("network={}", conditions.network));
    let monitor = monitor.unwrap();
    // Until the test that started it lets go.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    drop(monitor);
    println!("stopped");
}

#[test]
fn links_that_go_up_and_down_are_pushed() {
    // rule P2
    let Some(namespace) = Namespace::make() else {
        return;
    };
    let this = std::env::current_exe().unwrap();
    let this = this.to_str().unwrap();
    let mut arguments = vec!["netns", "exec", &namespace.0, this, "--ignored", "--exact"];
    arguments.extend(["--nocapture", "a_process_that_watches"]);
    let mut watcher = Process::start(Path::new("ip"), &arguments);
    watcher.line("network=none");

    namespace.ip("link add near type veth peer name far");
    namespace.ip("link set far up");
    namespace.ip("link set near up");
    namespace.ip("addr add 10.9.0.1/24 dev near");
    namespace.ip("route add default via 10.9.0.2 dev near");
    watcher.line("network=wired");
    // The cable is pulled at the other end: the route stands.
    namespace.ip("link set far down");
    watcher.line("network=none");
    namespace.ip("link set far up");
    watcher.line("network=wired");
    namespace.ip("link delete near");
    watcher.line("network=none");

    let ended = watcher.quit();
    assert!(ended.said("stopped").is_some());
    // Each was said once.
    let said = ended.lines.iter().filter(|line| line.contains("network="));
    assert_eq!(said.count(), 5);
}
