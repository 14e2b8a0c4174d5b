//! The last event of an attempt, and what is done to the part file before it.
//!
//! Must never say that bytes are here which are not durable (rule D3), unless the file is whole: then
//! the group finish makes it so before anyone outside is told.

use std::time::Duration;

use super::Inner;
use super::attempt::Attempt;
use crate::error::{Error, ErrorKind};
use crate::protocol::{Headers, redact};
use crate::response::Response;
use crate::sim::disk::Record;
use crate::sim::net::Failure;
use crate::task_state::TaskMetrics;
use crate::transport::{FinishedTransfer, ReceivedBody, TransferEvent};

/// An end without a file.
#[derive(Debug)]
pub(super) enum End {
    /// As asked.
    Stopped,
    Failed {
        error: Error,
        /// When the server wants to be asked again (rule H2).
        retry_after_ms: Option<u64>,
    },
}

impl From<Error> for End {
    fn from(error: Error) -> End {
        End::Failed {
            error,
            retry_after_ms: None,
        }
    }
}

/// What an attempt costs.
pub(super) struct Meter {
    began_ms: i64,
    first_byte_ms: i64,
    /// Body bytes that came, whatever became of them.
    pub network_bytes: u64,
    pub discarded: u64,
    http_version: String,
}

impl Meter {
    pub fn new(now_ms: i64) -> Meter {
        Meter {
            began_ms: now_ms,
            first_byte_ms: 0,
            network_bytes: 0,
            discarded: 0,
            http_version: String::new(),
        }
    }

    pub fn answered(&mut self, now_ms: i64, head: &Response) {
        self.first_byte_ms = now_ms - self.began_ms;
        self.http_version = head.http_version().to_owned();
    }

    fn metrics(&self, now_ms: i64) -> TaskMetrics {
        let duration = |ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0));
        TaskMetrics {
            first_byte: duration(self.first_byte_ms),
            duration: duration(now_ms - self.began_ms),
            received: self.network_bytes,
            discarded: self.discarded,
            attempts: 1,
            redirects: 0,
            http_version: self.http_version.clone(),
            remote_address: None,
        }
    }
}

impl Attempt {
    /// Hands the whole file over. It is neither durable nor in place: the group finish sees to both.
    pub fn hand_over(mut self: Box<Self>, inner: &Inner, response: Response) {
        self.hang_up(inner);
        let Attempt {
            transfer,
            held,
            meter,
            ..
        } = *self;
        let metrics = meter.metrics(inner.world.elapsed_ms());
        let (len, record) = (held.len(), held.record.clone());
        let event = match held.into_finish_job(transfer.id.task.as_i64()) {
            Ok((job, leaves_sidecar)) => TransferEvent::Finished(Box::new(FinishedTransfer {
                body: ReceivedBody::InPlace(job),
                len,
                leaves_sidecar,
                response,
                metrics,
                validator_weak: record.validator_weak,
                length_unverified: record.length_unverified,
            })),
            Err(error) => TransferEvent::Failed {
                error,
                retry_after_ms: None,
                metrics,
                received: 0,
            },
        };
        inner.end(transfer.id, event);
    }

    /// Keeps what came, and says how it ended.
    pub fn wind_down(mut self: Box<Self>, inner: &Inner, end: End) {
        self.hang_up(inner);
        let goes_on = match &end {
            End::Stopped => true,
            End::Failed { error, .. } => error.is_retryable(),
        };
        if goes_on {
            if let Err(error) = self.held.keep() {
                let task = self.transfer.id.task;
                log::debug!("task {task}: not all bytes are kept: {error}");
            }
        }
        let metrics = self.meter.metrics(inner.world.elapsed_ms());
        let received = self.held.durable();
        let event = match end {
            End::Stopped => TransferEvent::Stopped { metrics, received },
            End::Failed {
                error,
                retry_after_ms,
            } => TransferEvent::Failed {
                error,
                retry_after_ms,
                metrics,
                received,
            },
        };
        inner.end(self.transfer.id, event);
    }
}

/// The end of an attempt that found the file in its place: an earlier process died between the
/// rename and the commit.
pub(super) fn in_place(url: &url::Url, len: u64, record: &Record) -> TransferEvent {
    TransferEvent::Finished(Box::new(FinishedTransfer {
        body: ReceivedBody::AlreadyFiled,
        len,
        leaves_sidecar: true,
        response: Response::new(redact::redact(url), 200, "", Headers::new()),
        metrics: TaskMetrics {
            attempts: 1,
            ..TaskMetrics::default()
        },
        validator_weak: record.validator_weak,
        length_unverified: record.length_unverified,
    }))
}

/// The end of an attempt that could not begin.
pub(super) fn failed(error: Error) -> TransferEvent {
    TransferEvent::Failed {
        error,
        retry_after_ms: None,
        metrics: TaskMetrics {
            attempts: 1,
            ..TaskMetrics::default()
        },
        received: 0,
    }
}

/// What the network refused, as the real transport words it.
pub(super) fn of_network(failure: Failure, url: &url::Url) -> Error {
    let host = url.host_str().unwrap_or_default();
    let (kind, message) = match failure {
        Failure::CannotConnect => (
            ErrorKind::CannotConnect,
            format!("cannot connect to {host}; check the address and the network"),
        ),
        Failure::Broken => (
            ErrorKind::ConnectionLost,
            format!("the connection to {host} broke"),
        ),
        Failure::Silence => (
            ErrorKind::RequestTimedOut,
            format!("nothing came from {host} in time"),
        ),
    };
    Error::new(kind, message)
}
