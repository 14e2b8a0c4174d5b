//! The signal that a transfer is to stop, and the ways in which one ends without a file.

use std::future::Future;

use tokio::sync::oneshot;

use crate::error::Error;

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

/// Raised once, when the transfer is to stop.
pub(super) struct Stop {
    signal: oneshot::Receiver<()>,
    is_raised: bool,
}

impl Stop {
    pub fn new(signal: oneshot::Receiver<()>) -> Stop {
        Stop {
            signal,
            is_raised: false,
        }
    }

    /// Returns when it is raised.
    pub async fn raised(&mut self) {
        if !self.is_raised {
            // A sender that is gone will never ask for anything else.
            let _ = (&mut self.signal).await;
            self.is_raised = true;
        }
    }

    /// Does `work` unless or until it is raised.
    pub async fn or<T>(&mut self, work: impl Future<Output = T>) -> Result<T, End> {
        tokio::select! {
            biased;
            () = self.raised() => Err(End::Stopped),
            done = work => Ok(done),
        }
    }

    /// For work that cannot be interrupted, between its steps.
    pub fn check(&mut self) -> Result<(), End> {
        if !self.is_raised {
            self.is_raised = !matches!(
                self.signal.try_recv(),
                Err(oneshot::error::TryRecvError::Empty)
            );
        }
        if self.is_raised {
            Err(End::Stopped)
        } else {
            Ok(())
        }
    }
}
