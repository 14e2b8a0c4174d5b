//! The log bridge: a process has one logger, so these tests have a process of their own.
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use backhaul_ffi::{CallbackError, LogLevel, LogRecord, LogSink, set_log_sink};

const PATIENCE: Duration = Duration::from_secs(30);

/// More than the bridge holds.
const FLOOD: usize = 5_000;

/// Passes records on; the first one waits until the test says so.
struct Sink {
    records: Sender<LogRecord>,
    has_begun: AtomicBool,
    begun: Sender<()>,
    go_on: Mutex<Receiver<()>>,
    throws: bool,
}

fn sink(throws: bool) -> (Arc<Sink>, Receiver<LogRecord>, Receiver<()>, Sender<()>) {
    let (records, received) = channel();
    let (begun, has_begun) = channel();
    let (go_on, gate) = channel();
    let sink = Sink {
        records,
        has_begun: AtomicBool::new(false),
        begun,
        go_on: Mutex::new(gate),
        throws,
    };
    (Arc::new(sink), received, has_begun, go_on)
}

impl LogSink for Sink {
    fn log(&self, record: LogRecord) -> Result<(), CallbackError> {
        if !self.has_begun.swap(true, Ordering::SeqCst) {
            // A sink may log itself: that waits for nobody.
            log::info!(target: "backhaul::test", "from inside the sink");
            // Nobody may be listening.
            let _ = self.begun.send(());
            // Until the test lets go of its end, or has failed.
            let _ = self.go_on.lock().unwrap().recv_timeout(PATIENCE);
        }
        let _ = self.records.send(record);
        if self.throws {
            return Err(CallbackError::Failed {
                reason: "thrown by the test".to_owned(),
            });
        }
        Ok(())
    }
}

fn next(records: &Receiver<LogRecord>, wanted: &str) -> LogRecord {
    loop {
        let record = records.recv_timeout(PATIENCE).unwrap();
        if record.text.contains(wanted) {
            return record;
        }
    }
}

#[test]
fn a_slow_sink_delays_nobody_and_hears_how_much_it_missed() {
    // rule E4
    let (slow, records, has_begun, go_on) = sink(true);
    set_log_sink(Some(slow.clone()), LogLevel::Info).unwrap();
    log::info!(target: "backhaul::test", "first");
    log::info!(target: "somebody::else", "not ours");
    log::debug!(target: "backhaul::test", "too fine");
    has_begun.recv_timeout(PATIENCE).unwrap();
    for n in 0..FLOOD {
        log::warn!(target: "backhaul::test", "flood {n}");
    }
    drop(go_on);
    let first = records.recv_timeout(PATIENCE).unwrap();
    assert_eq!(first.text, "first");
    assert_eq!(first.level, LogLevel::Info);
    assert_eq!(first.target, "backhaul::test");
    let missed = next(&records, "records were dropped");
    let count: usize = missed.text.split(' ').next().unwrap().parse().unwrap();
    assert!((1..FLOOD).contains(&count), "{}", missed.text);
    for n in 0..FLOOD - count {
        assert_eq!(next(&records, "flood").text, format!("flood {n}"));
    }
    log::warn!(target: "backhaul::test", "last");
    assert_eq!(records.recv_timeout(PATIENCE).unwrap().text, "last");

    // Another sink in its place, and the one before is released.
    let weak = Arc::downgrade(&slow);
    drop(slow);
    let (quick, records, _has_begun, go_on) = sink(false);
    drop(go_on);
    set_log_sink(Some(quick), LogLevel::Error).unwrap();
    log::warn!(target: "backhaul::test", "not wanted any more");
    log::error!(target: "backhaul::test", "wanted");
    assert_eq!(next(&records, "wanted").text, "wanted");
    set_log_sink(None, LogLevel::Trace).unwrap();
    log::error!(target: "backhaul::test", "to nobody");
    let ended = records.recv_timeout(PATIENCE);
    assert!(ended.is_err(), "{ended:?}");
    assert!(weak.upgrade().is_none());
}
