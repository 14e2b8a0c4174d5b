//! HTTP in this process: each transfer is one task on the runtime that it is given.
//!
//! The runtime has one thread, so nothing here may block it but writing into the page cache, which was
//! measured to be cheaper done at once than handed over. Syncing, opening, reserving and hashing again what
//! lies on disk go to the blocking threads. This module must never decide when an attempt is made, and
//! never say that bytes are here which are not durable (rule D3).

mod attempt;
mod body;
mod checkpoint;
mod classify;
mod client;
mod ending;
mod evaluated;
mod exchange;
mod held;
mod idle;
mod limiter;
mod meter;
mod record;
mod redirect;
mod running;
mod stop;
#[cfg(test)]
mod tests;
mod tls;
mod waits;

use std::sync::Arc;

use tokio::runtime::Handle;

pub(crate) use held::{is_resumable, mark_ended, origin_in};

use crate::configuration::Settings;
use crate::error::Result;
use crate::task_state::TaskMetrics;
use crate::transport::{
    Capabilities, Transfer, TransferEvent, TransferEvents, TransferId, Transport,
};
use running::Shared;

/// Downloads over HTTP/1.1 and HTTP/2 in this process.
pub(crate) struct HttpTransport {
    shared: Arc<Shared>,
    runtime: Handle,
}

impl HttpTransport {
    /// Makes one for a session. Its transfers run on `runtime`, which needs I/O and time enabled.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when a root certificate is not one.
    pub fn new(settings: &Settings, runtime: Handle) -> Result<HttpTransport> {
        let shared = Arc::new(Shared::new(settings)?);
        Ok(HttpTransport { shared, runtime })
    }
}

impl Transport for HttpTransport {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    fn attach(&self, events: Arc<dyn TransferEvents>) {
        self.shared.attach(events);
    }

    fn start(&self, transfer: Transfer) {
        let Some((running, stop)) = Shared::register(&self.shared, transfer.id) else {
            return;
        };
        self.runtime.spawn(attempt::run(running, transfer, stop));
    }

    fn stop(&self, id: TransferId) {
        if !self.shared.raise_stop(id) {
            let metrics = TaskMetrics::default();
            let received = 0;
            self.shared
                .emit(id, TransferEvent::Stopped { metrics, received });
        }
    }

    fn list(&self) {
        self.shared.list();
    }
}
