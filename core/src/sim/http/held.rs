//! The bytes that an attempt holds: the part file, its record, and what of both is durable.
//!
//! Must never let bytes of one version lie behind bytes of another (rule R9): whatever begins anew
//! goes through [`Held::start_over`].

use crate::engine::resume::PartState;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{BodyHandle, FinishJob, PartPaths, checkpoint_interval_bytes};
use crate::protocol::{Digest, DigestAlgorithm};
use crate::sim::content::Content;
use crate::sim::disk::{ProcessDisk, Record};

/// A part file that an attempt works on.
pub(super) struct Held {
    disk: ProcessDisk,
    paths: PartPaths,
    file: u64,
    /// Where the next byte goes.
    len: u64,
    /// Up to where bytes are durable, and on record.
    durable: u64,
    pub record: Record,
}

impl Held {
    pub fn new(disk: ProcessDisk, paths: PartPaths, file: u64, record: Record) -> Held {
        Held {
            disk,
            paths,
            file,
            len: record.offset,
            durable: record.offset,
            record,
        }
    }

    /// Bytes of the file that are here, durable or not.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Bytes of the file that are durable here.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// What the resume ladder is to know; none if nothing is held.
    pub fn state(&self) -> Option<PartState> {
        (self.len > 0).then(|| PartState {
            offset: self.len,
            total: self.record.total,
            validator: self.record.validator.clone(),
        })
    }

    /// Appends, and makes a checkpoint when one is due.
    pub fn append(&mut self, bytes: &Content) -> Result<()> {
        if let Err(error) = self.disk.write_part(self.file, self.len, bytes) {
            let total = self.record.total;
            let to_come = total.map(|total| total.saturating_sub(self.len));
            return Err(of_disk(error, to_come));
        }
        self.len += bytes.len();
        if self.len - self.durable >= checkpoint_interval_bytes(self.record.total) {
            self.keep()?;
        }
        Ok(())
    }

    /// Whether these bytes are the last `overlap` ones that are here, as far as they go.
    pub fn ends_with(&self, overlap: u64, bytes: &Content) -> Result<bool> {
        let from = self.len - overlap;
        let ours = self.disk.read_part(self.file, from, bytes.len());
        Ok(ours.map_err(|error| of_disk(error, None))? == *bytes)
    }

    /// Makes everything that is here durable.
    pub fn keep(&mut self) -> Result<()> {
        if self.len == self.durable {
            return Ok(());
        }
        let record = self.record.at(self.len);
        let kept = self.disk.checkpoint(&self.paths, self.file, &record);
        kept.map_err(|error| of_disk(error, None))?;
        self.durable = self.len;
        Ok(())
    }

    /// Empties the part file for what `record` tells of; what was on record is durably taken back
    /// first.
    pub fn start_over(&mut self, record: Record) -> Result<()> {
        let done = self
            .disk
            .replace_record(&self.paths, &record)
            .and_then(|()| self.disk.truncate(self.file, 0));
        done.map_err(|error| of_disk(error, None))?;
        self.record = record;
        self.len = 0;
        self.durable = 0;
        Ok(())
    }

    /// Sees whether there is room for a file of `total` bytes (rule D9).
    pub fn reserve(&self, total: u64) -> Result<()> {
        let reserved = self.disk.reserve(self.len, total);
        match reserved.map_err(|error| of_disk(error, None))? {
            Ok(()) => Ok(()),
            Err(full) => Err(no_space(Some(full.needed_bytes))),
        }
    }

    /// The digest of everything here.
    pub fn digest(&self, algorithm: DigestAlgorithm) -> Result<Digest> {
        let content = self.disk.read_part(self.file, 0, self.len);
        let content = content.map_err(|error| of_disk(error, None))?;
        Ok(content.digest(algorithm))
    }

    /// The whole file, for the group finish; and whether a record lies beside it.
    pub fn into_finish_job(self, task: i64) -> Result<(FinishJob, bool)> {
        let has_record = self.disk.has_record(&self.paths);
        if has_record && (self.record.validator_weak || self.record.length_unverified) {
            let record = self.record.at(self.durable);
            let written = self.disk.write_record(&self.paths, &record);
            written.map_err(|error| of_disk(error, None))?;
        }
        let job = FinishJob {
            id: task,
            paths: self.paths,
            file: BodyHandle::Simulated(self.file),
            len: self.len,
            sidecar: None,
        };
        Ok((job, has_record))
    }
}

/// As the real transport words it.
pub(super) fn of_disk(error: std::io::Error, needed_bytes: Option<u64>) -> Error {
    match error.kind() {
        std::io::ErrorKind::StorageFull => no_space(needed_bytes).with_source(error),
        _ => Error::new(
            ErrorKind::File,
            "the part file could not be read or written",
        )
        .with_source(error),
    }
}

fn no_space(needed_bytes: Option<u64>) -> Error {
    let message = "no space for the file on its volume; free some and the transfer goes on";
    let error = Error::new(ErrorKind::NoSpace, message);
    match needed_bytes {
        Some(bytes) => error.with_needed_bytes(bytes),
        None => error,
    }
}
