//! How fast a body goes out.

use crate::state::Shared;
use std::time::Duration;
use tokio::time::Instant;

/// Body bytes written at a time.
pub(crate) const CHUNK_BYTES: usize = 64 * 1024;
/// A slow body goes out in this many steps a second.
const STEPS_PER_SECOND: u64 = 20;
/// What was not sent because the client did not read may be made up for, up to this much time.
const MOST_ARREARS: Duration = Duration::from_millis(50);

/// Holds one body to its rate. The rate may change, or fall away, while the body is sent.
pub(crate) struct Pacer<'a> {
    shared: &'a Shared,
    /// The answer's own rate; goes before the server's.
    own: Option<u64>,
    /// When the bytes sent so far should have been sent.
    due: Instant,
}

impl<'a> Pacer<'a> {
    pub(crate) fn new(shared: &'a Shared, own: Option<u64>) -> Self {
        Self {
            shared,
            own: own.filter(|rate| *rate > 0),
            due: Instant::now(),
        }
    }

    fn rate(&self) -> Option<u64> {
        self.own.or_else(|| self.shared.rate())
    }

    /// The number of bytes to send next, of `left`: at least one, if there is one.
    pub(crate) fn next(&self, left: u64) -> usize {
        let step = self
            .rate()
            .map_or(u64::MAX, |rate| (rate / STEPS_PER_SECOND).max(1));
        left.min(step).min(CHUNK_BYTES as u64) as usize
    }

    /// Waits until more may be sent after `bytes` were.
    pub(crate) async fn sent(&mut self, bytes: usize) {
        let Some(rate) = self.rate() else {
            return;
        };
        let now = Instant::now();
        let earliest = now.checked_sub(MOST_ARREARS).unwrap_or(now);
        // A step is at most a second's worth, so this is short.
        let cost = Duration::from_secs_f64(bytes as f64 / rate as f64);
        self.due = self.due.max(earliest) + cost;
        tokio::time::sleep_until(self.due).await;
    }
}
