//! What the probe says: one line, whole or not at all.

use std::io::Write;

use log::{LevelFilter, Log, Metadata, Record};
use serde_json::Value;

/// Prints one JSON object. Nobody reading any more is no error.
pub fn say(line: &Value) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(format!("{line}\n").as_bytes());
    let _ = out.flush();
}

/// What the library warns of goes to standard error, which a failing test shows.
struct Complaints;

impl Log for Complaints {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if record.target().starts_with("backhaul") {
            eprintln!("{} {}", record.level(), record.args());
        }
    }

    fn flush(&self) {}
}

/// Lets warnings be seen.
pub fn complain() {
    static COMPLAINTS: Complaints = Complaints;
    // Only the first call counts, and there is one.
    let _ = log::set_logger(&COMPLAINTS);
    log::set_max_level(LevelFilter::Warn);
}
