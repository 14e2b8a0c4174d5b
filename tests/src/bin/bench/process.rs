//! Looking at processes in `/proc`, and ending those that we started.

use crate::Failure;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Command, Stdio};

/// The number after `field:` in a status file, whatever its unit.
fn status_number(status: &str, field: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim_start_matches(':')
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

/// The most memory that the process has had resident since its `exec`, or `None` when it is gone.
pub fn peak_rss_bytes(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    Some(status_number(&status, "VmHWM")? * 1024)
}

/// The processes that `pid` started and has not yet reaped.
pub fn children(pid: u32) -> Vec<u32> {
    let list = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    let list = list.unwrap_or_default();
    list.split_whitespace()
        .filter_map(|child| child.parse().ok())
        .collect()
}

/// How often each thread of the process was put to sleep, by choice or not; by thread, with its name.
pub fn switches(pid: u32) -> Result<BTreeMap<u32, (String, u64)>, Failure> {
    let mut found = BTreeMap::new();
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let task = task?;
        // A thread may end between the listing and the look.
        let Ok(status) = fs::read_to_string(task.path().join("status")) else {
            continue;
        };
        let name = status
            .lines()
            .find_map(|line| line.strip_prefix("Name:"))
            .unwrap_or("?")
            .trim();
        let count = status_number(&status, "voluntary_ctxt_switches").unwrap_or(0)
            + status_number(&status, "nonvoluntary_ctxt_switches").unwrap_or(0);
        let id = task.file_name().to_string_lossy().parse()?;
        found.insert(id, (name.to_owned(), count));
    }
    Ok(found)
}

/// Kills a process that one of ours started.
pub fn kill_started(pid: u32) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    // It may have ended by itself.
    pid.map(|pid| kill_process(pid, Signal::KILL));
}

/// A process that is killed, if need be, when this is dropped.
pub struct Owned(pub Child);

impl Owned {
    /// Starts these words, a program and its arguments, with nothing to read and nowhere to write.
    pub fn start_silently(words: &[String]) -> Result<Owned, Failure> {
        let child = Command::new(&words[0])
            .args(&words[1..])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Owned(child))
    }

    /// Kills it at once, as the system would, and waits for its end.
    pub fn kill(&mut self) -> Result<(), Failure> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // Both fail if it has ended, which is what is wanted.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_by_whole_names() {
        let status = "Name:\tx\nVmHWM:\t  5120 kB\nvoluntary_ctxt_switches:\t7\n\
                      nonvoluntary_ctxt_switches:\t3\n";
        assert_eq!(status_number(status, "VmHWM"), Some(5120));
        assert_eq!(status_number(status, "voluntary_ctxt_switches"), Some(7));
        assert_eq!(status_number(status, "nonvoluntary_ctxt_switches"), Some(3));
        assert_eq!(status_number(status, "VmPeak"), None);
    }

    #[test]
    fn this_process_has_memory_and_threads() {
        let pid = std::process::id();
        assert!(peak_rss_bytes(pid).unwrap() > 100_000);
        assert!(!switches(pid).unwrap().is_empty());
    }
}
