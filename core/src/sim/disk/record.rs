//! What stands beside a part file: of which version it is, and how much of it is durable.
//!
//! The simulated counterpart of the sidecar's payload. Must never be written ahead of the bytes it
//! speaks of (rule D3).

use crate::engine::resume::RestartReason;
use crate::protocol::Digest;
use crate::protocol::validator::Validator;
use crate::response::Response;

/// The record of one part file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Record {
    /// How many bytes are durable (rule D3).
    pub offset: u64,
    pub total: Option<u64>,
    /// Of the answer that the first byte came from (rule R1).
    pub validator: Validator,
    /// What that answer said about the whole object (rule H6).
    pub digest: Option<Digest>,
    pub validator_weak: bool,
    pub length_unverified: bool,
    /// Rule R7.
    pub restarts_in_a_row: u32,
    /// The file's number and length, once it is whole and about to be renamed.
    pub seal: Option<(u64, u64)>,
}

impl Record {
    /// The same file, of which nothing is held any more.
    pub fn emptied(&self) -> Record {
        Record {
            restarts_in_a_row: self.restarts_in_a_row,
            ..Record::default()
        }
    }

    /// The same file, about to be filled from the first byte with the body of an answer.
    pub fn begun_with(&self, head: &Response, total: Option<u64>) -> Record {
        let mut record = self.emptied();
        record.total = total;
        record.digest = Digest::from_headers(head.status(), head.headers());
        if head.status() == 200 {
            record.validator = Validator::from_headers(head.headers());
        }
        record
    }

    /// The same, for a file of which `offset` bytes are durable.
    pub fn at(&self, offset: u64) -> Record {
        Record {
            offset,
            seal: None,
            ..self.clone()
        }
    }

    /// Whether a later transfer could go on from here, if nothing more is known of the object.
    pub fn is_resumable(&self) -> bool {
        self.offset > 0 && (self.validator.is_strong() || self.digest.is_some())
    }

    pub fn count_restart(&mut self, reason: RestartReason) {
        self.restarts_in_a_row = if reason.counts_as_change() {
            self.restarts_in_a_row.saturating_add(1)
        } else {
            0
        };
    }
}
