//! What an attempt costs (rule H8, as far as [`TaskMetrics`] goes).

use std::time::{Duration, Instant};

use crate::task_state::TaskMetrics;

/// Counts while an attempt runs.
#[derive(Default)]
pub(super) struct Meter {
    /// When the first request was sent.
    requested: Option<Instant>,
    first_byte: Duration,
    /// Body bytes that came, whatever became of them.
    pub network_bytes: u64,
    pub discarded: u64,
    pub redirects: u32,
    http_version: String,
    remote_address: Option<String>,
}

impl Meter {
    pub fn requested(&mut self, now: Instant) {
        self.requested.get_or_insert(now);
    }

    /// The head of an answer came, to a request that was sent at `sent`.
    pub fn answered(&mut self, sent: Instant, response: &reqwest::Response) {
        self.first_byte = sent.elapsed();
        self.http_version = format!("{:?}", response.version());
        self.remote_address = response.remote_addr().map(|address| address.to_string());
    }

    pub fn metrics(&self) -> TaskMetrics {
        TaskMetrics {
            first_byte: self.first_byte,
            duration: self.requested.map(|at| at.elapsed()).unwrap_or_default(),
            received: self.network_bytes,
            discarded: self.discarded,
            attempts: 1,
            redirects: self.redirects,
            http_version: self.http_version.clone(),
            remote_address: self.remote_address.clone(),
        }
    }
}
