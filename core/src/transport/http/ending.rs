//! The last event of an attempt, and what is done to the part file before it.
//!
//! Must never say that bytes are here which are not durable (rule D3), unless the file is whole: then
//! the group finish makes it so before anyone outside is told.

use super::attempt::Attempt;
use super::stop::End;
use crate::response::Response;
use crate::transport::{FinishedTransfer, ReceivedBody, TransferEvent};

impl Attempt {
    /// Hands the whole file over. It is neither durable nor in place: the group finish sees to both.
    pub(super) async fn hand_over(self, response: Response) {
        let Attempt {
            running,
            transfer,
            held,
            meter,
            ..
        } = self;
        running.shared.waits.forget(transfer.id.task);
        let (len, record) = (held.len(), held.record.clone());
        let event = match held.into_finish_job(transfer.id.task.as_i64()).await {
            Ok(job) => TransferEvent::Finished(Box::new(FinishedTransfer {
                leaves_sidecar: job.sidecar.is_some(),
                body: ReceivedBody::InPlace(job),
                len,
                response,
                metrics: meter.metrics(),
                validator_weak: record.validator_weak,
                length_unverified: record.length_unverified,
            })),
            Err(error) => TransferEvent::Failed {
                error,
                retry_after_ms: None,
                metrics: meter.metrics(),
                received: 0,
            },
        };
        running.end(event);
    }

    /// Keeps what came, and says how it ended.
    pub(super) async fn wind_down(mut self, end: End) {
        let goes_on = match &end {
            End::Stopped => true,
            End::Failed { error, .. } => error.is_retryable(),
        };
        if goes_on {
            if let Err(error) = self.held.keep().await {
                log::warn!(
                    "task {}: not all bytes are kept: {error}",
                    self.transfer.id.task
                );
            }
        }
        let Attempt {
            running,
            held,
            meter,
            ..
        } = self;
        let (metrics, received) = (meter.metrics(), held.durable());
        // Closed before anyone hears of the end, and may open it again.
        drop(held);
        running.end(match end {
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
        });
    }
}
