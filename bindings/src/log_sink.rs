//! Log records for the app's own log (rule E4): `os_log`, logcat, or whatever it keeps.
//!
//! Through a bounded channel and a thread of its own: a slow sink delays nobody, and a sink that calls
//! back into the library cannot wait for itself. What does not fit is counted, and the count is told.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use once_cell::sync::OnceCell;

use crate::callback_error::CallbackError;
use crate::error::{BackhaulError, Result};

/// Records that wait for the sink.
const CHANNEL_LIMIT: usize = 1024;

/// How much a record matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, uniffi::Enum)]
pub enum LogLevel {
    /// Something is wrong.
    Error,
    /// Something may be.
    Warn,
    /// What an operator wants to know.
    Info,
    /// What a developer wants to know.
    Debug,
    /// Everything.
    Trace,
}

/// One line of the log. Nothing in it holds a credential.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LogRecord {
    /// How much it matters.
    pub level: LogLevel,
    /// Which part of the library speaks.
    pub target: String,
    /// What it says.
    pub text: String,
}

/// Receives the log. Called on a thread of its own, one record at a time, in order.
#[uniffi::export(foreign)]
pub trait LogSink: Send + Sync {
    /// Writes a record.
    fn log(&self, record: LogRecord) -> Result<(), CallbackError>;
}

/// What the process's logger and its thread share.
struct Bridge {
    sender: SyncSender<LogRecord>,
    sink: Mutex<Option<Arc<dyn LogSink>>>,
    /// Records that did not fit since the last one that did.
    dropped: AtomicU64,
}

static BRIDGE: OnceCell<Arc<Bridge>> = OnceCell::new();

/// Sends the library's log to `sink` from now on, records of `level` and above; none sends it nowhere.
/// The sink before is released.
///
/// # Errors
/// `system` when the process has another logger already, or no thread can be had.
#[uniffi::export]
pub fn set_log_sink(sink: Option<Arc<dyn LogSink>>, level: LogLevel) -> Result<()> {
    let bridge = BRIDGE.get_or_try_init(install)?;
    log::set_max_level(match &sink {
        Some(_) => level.into(),
        None => log::LevelFilter::Off,
    });
    let before = std::mem::replace(&mut *lock(&bridge.sink), sink);
    // A foreign object: let go without the lock.
    drop(before);
    Ok(())
}

/// Writes a line into the library's log: for the layers above this one, which have the same sink.
/// Nothing in it may hold a credential (rule E4).
#[uniffi::export]
pub fn log_line(level: LogLevel, text: String) {
    log::log!(level.into(), "{text}");
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn install() -> Result<Arc<Bridge>> {
    let failed = |reason: String| BackhaulError::new(backhaul::ErrorKind::System, reason);
    let (sender, records) = sync_channel(CHANNEL_LIMIT);
    let bridge = Arc::new(Bridge {
        sender,
        sink: Mutex::new(None),
        dropped: AtomicU64::new(0),
    });
    log::set_boxed_logger(Box::new(Logger(Arc::clone(&bridge)))).map_err(|_| {
        failed("the process has another logger; take the library's records from that one".into())
    })?;
    let shared = Arc::clone(&bridge);
    std::thread::Builder::new()
        .name("backhaul-log".to_owned())
        .spawn(move || shared.drain(&records))
        .map_err(|source| failed(format!("no thread for the log ({source})")))?;
    Ok(bridge)
}

impl Bridge {
    fn drain(&self, records: &Receiver<LogRecord>) {
        while let Ok(record) = records.recv() {
            let dropped = self.dropped.swap(0, Ordering::Relaxed);
            if dropped > 0 {
                self.write(LogRecord {
                    level: LogLevel::Warn,
                    target: env!("CARGO_CRATE_NAME").to_owned(),
                    text: format!("{dropped} records were dropped: the sink is too slow"),
                });
            }
            self.write(record);
        }
    }

    fn write(&self, record: LogRecord) {
        let sink = lock(&self.sink).clone();
        if let Some(sink) = sink {
            // A sink that fails has no better place to say so.
            let _ = sink.log(record);
        }
    }

    fn take(&self, record: &log::Record<'_>) {
        let sent = self.sender.try_send(LogRecord {
            level: record.level().into(),
            target: record.target().to_owned(),
            text: record.args().to_string(),
        });
        if let Err(TrySendError::Full(_)) = sent {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The process's logger: only the library's own records.
struct Logger(Arc<Bridge>);

impl log::Log for Logger {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("backhaul")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            self.0.take(record);
        }
    }

    fn flush(&self) {}
}

impl From<LogLevel> for log::LevelFilter {
    fn from(level: LogLevel) -> log::LevelFilter {
        match level {
            LogLevel::Error => log::LevelFilter::Error,
            LogLevel::Warn => log::LevelFilter::Warn,
            LogLevel::Info => log::LevelFilter::Info,
            LogLevel::Debug => log::LevelFilter::Debug,
            LogLevel::Trace => log::LevelFilter::Trace,
        }
    }
}

impl From<LogLevel> for log::Level {
    fn from(level: LogLevel) -> log::Level {
        match level {
            LogLevel::Error => log::Level::Error,
            LogLevel::Warn => log::Level::Warn,
            LogLevel::Info => log::Level::Info,
            LogLevel::Debug => log::Level::Debug,
            LogLevel::Trace => log::Level::Trace,
        }
    }
}

impl From<log::Level> for LogLevel {
    fn from(level: log::Level) -> LogLevel {
        match level {
            log::Level::Error => LogLevel::Error,
            log::Level::Warn => LogLevel::Warn,
            log::Level::Info => LogLevel::Info,
            log::Level::Debug => LogLevel::Debug,
            log::Level::Trace => LogLevel::Trace,
        }
    }
}
