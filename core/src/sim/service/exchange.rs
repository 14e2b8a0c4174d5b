//! One exchange with a server, as the network sees it. What comes of an exchange that the service has
//! given up must not touch the transfer.

use std::sync::{Arc, Weak};

use super::{Inner, Key, TransferService};
use crate::response::Response;
use crate::sim::content::Content;
use crate::sim::net::{Failure, Receiver};

/// One exchange of one transfer, as the network sees it.
pub(super) struct Exchange {
    service: Weak<Inner>,
    key: Key,
}

impl Exchange {
    pub fn new(service: &TransferService, key: &Key) -> Exchange {
        Exchange {
            service: Arc::downgrade(&service.0),
            key: key.clone(),
        }
    }

    /// The service, if this is still the transfer's exchange.
    fn current(&self, connection: u64) -> Option<TransferService> {
        let service = TransferService(self.service.upgrade()?);
        let held = service.lock().item(&self.key)?.connection();
        (held == Some(connection)).then_some(service)
    }
}

impl Receiver for Exchange {
    fn head(&self, connection: u64, head: Response) {
        if let Some(service) = self.current(connection) {
            service.answered(&self.key, connection, head);
        }
    }

    fn piece(&self, connection: u64, piece: Content) {
        if let Some(service) = self.current(connection) {
            service.piece_came(&self.key, &piece);
        }
    }

    fn end(&self, connection: u64, result: Result<(), Failure>) {
        if let Some(service) = self.current(connection) {
            match result {
                Ok(()) => service.body_over(&self.key),
                Err(_) => service.broken(&self.key),
            }
        }
    }
}
