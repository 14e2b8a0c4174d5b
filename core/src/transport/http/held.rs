//! The bytes that an attempt holds: the part file, its record, and the digest of what is in it.
//!
//! Must never let bytes of one version lie behind bytes of another (rule R9): whatever begins anew goes
//! through [`Held::start_over`].

use std::path::Path;
use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::checkpoint::Checkpoints;
use super::classify;
use super::record::PartRecord;
use super::stop::{End, Stop};
use crate::engine::resume::PartState;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{
    BodyHandle, FinishJob, Opened, PartFile, PartPaths, ReserveError, Sidecar, SidecarError,
    forget_sidecar, recover_finished,
};
use crate::protocol::digest::{Digest, DigestAlgorithm, Hasher};
use crate::store::{FoundOrigin, Provenance};
use crate::transport::Transfer;

/// How much is hashed again before a stop is looked for.
const REHASH_STEP_BYTES: u64 = 32 * 1024 * 1024;
/// Below this, reserving only compares two numbers, and is not worth a change of threads.
const RESERVE_AT_ONCE_BYTES: u64 = 1024 * 1024;

/// What an attempt begins with.
pub(super) enum Found {
    /// A part file, perhaps an empty one.
    Part(Box<Held>),
    /// A crash came between the rename and the store's commit: the file is in its place.
    InPlace { len: u64, record: PartRecord },
}

/// A part file that an attempt works on.
pub(super) struct Held {
    paths: PartPaths,
    /// None only while it is on a blocking thread, or was lost there.
    part: Option<PartFile>,
    checkpoints: Checkpoints,
    pub record: PartRecord,
    /// Of every byte in the part file, if a digest is to judge them.
    hasher: Option<(DigestAlgorithm, Hasher)>,
}

impl Found {
    /// Opens what an earlier attempt left, or a new part file.
    pub async fn open(transfer: &Transfer) -> Result<Found> {
        let paths = transfer.paths.clone();
        let fresh = PartRecord::new(transfer);
        let provenance = transfer.provenance.clone();
        spawn_blocking(move || open(paths, fresh, provenance))
            .await
            .map_err(classify::of_thread)?
    }
}

/// Whether a part file holds something that a transfer could go on from (rule L4). Blocks for a moment.
pub(crate) fn is_resumable(paths: &PartPaths) -> bool {
    let record = Sidecar::read::<PartRecord>(&paths.sidecar);
    let part = std::fs::symlink_metadata(&paths.part);
    match (record, part) {
        (Ok(record), Ok(part)) => {
            record.payload.is_resumable() && part.is_file() && part.len() >= record.payload.offset
        }
        _ => false,
    }
}

/// As [`crate::transport::mark_ended`].
pub(crate) fn mark_ended(paths: &PartPaths) {
    let marked = Sidecar::open::<PartRecord>(paths)
        .and_then(|(mut sidecar, found)| sidecar.write(&found.payload.ended()));
    if let Err(error) = marked {
        log::warn!("a sidecar could not be marked as that of an ended task: {error}");
    }
}

/// As [`crate::transport::origin_in`].
pub(crate) fn origin_in(sidecar: &Path) -> std::result::Result<Option<FoundOrigin>, SidecarError> {
    let found = Sidecar::read::<PartRecord>(sidecar)?;
    Ok(found.payload.into_origin())
}

fn open(paths: PartPaths, fresh: PartRecord, provenance: Option<Arc<Provenance>>) -> Result<Found> {
    let (mut sidecar, record) = match Sidecar::open::<PartRecord>(&paths) {
        Ok((mut sidecar, found)) => {
            if let Some(seal) = found.seal {
                if recover_finished(&paths, &seal).map_err(|e| classify::of_disk(e, None))? {
                    let (len, record) = (seal.len, found.payload);
                    return Ok(Found::InPlace { len, record });
                }
            }
            if let Some(provenance) = &provenance {
                provenance.note();
            }
            let is_known = found.payload.is_of_task(&fresh);
            let record = found.payload.renewed(fresh);
            if !is_known {
                sidecar.write(&record).map_err(classify::of_sidecar)?;
            }
            (Some(sidecar), record)
        }
        Err(SidecarError::Missing) => (None, fresh),
        Err(error @ (SidecarError::Unreadable | SidecarError::Payload(_))) => {
            log::warn!("a part file's record cannot be used, so it begins again: {error}");
            forget_sidecar(&paths).map_err(|e| classify::of_disk(e, None))?;
            (None, fresh)
        }
        Err(error) => return Err(classify::of_sidecar(error)),
    };
    let (part, opened) =
        PartFile::open(&paths, record.offset).map_err(|e| classify::of_disk(e, None))?;
    let record = match (opened, &mut sidecar) {
        (Opened::Short { found_bytes }, Some(sidecar)) => {
            log::warn!(
                "a part file has {found_bytes} bytes where {} were written: it begins again",
                record.offset
            );
            let emptied = record.emptied();
            sidecar.replace(&emptied).map_err(classify::of_sidecar)?;
            emptied
        }
        _ => record,
    };
    Ok(Found::Part(Box::new(Held {
        checkpoints: Checkpoints::new(paths.clone(), sidecar, record.offset, provenance),
        paths,
        part: Some(part),
        record,
        hasher: None,
    })))
}

impl Held {
    /// Bytes of the file that are here, durable or not.
    pub fn len(&self) -> u64 {
        self.part.as_ref().map_or(0, PartFile::len)
    }

    /// Bytes of the file that are durable here.
    pub fn durable(&self) -> u64 {
        self.checkpoints.durable()
    }

    /// What the resume ladder is to know; none if nothing is held.
    pub fn state(&self) -> Option<PartState> {
        let offset = self.len();
        (offset > 0).then(|| PartState {
            offset,
            total: self.record.total,
            validator: self.record.validator.clone(),
        })
    }

    /// Appends. This is the only thing done to the disk on the runtime's own thread.
    pub fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let part = self.part.as_mut().ok_or_else(lost)?;
        if let Err(error) = part.write(bytes) {
            let to_come = self
                .record
                .total
                .map(|total| total.saturating_sub(part.len()));
            return Err(classify::of_disk(error, to_come));
        }
        if let Some((_, hasher)) = &mut self.hasher {
            hasher.update(bytes);
        }
        Ok(())
    }

    /// Whether `bytes` are what lies at `offset`.
    pub fn has_at(&self, offset: u64, bytes: &[u8]) -> Result<bool> {
        let part = self.part.as_ref().ok_or_else(lost)?;
        let mut ours = vec![0; bytes.len()];
        part.read_at(offset, &mut ours)
            .map_err(|error| classify::of_disk(error, None))?;
        Ok(ours == bytes)
    }

    pub fn checkpoint_is_due(&self) -> bool {
        self.checkpoints.is_due(self.len(), self.record.total)
    }

    /// Begins a checkpoint of what is here now, unless one is under way.
    pub async fn checkpoint(&mut self) -> Result<()> {
        let part = self.part.as_ref().ok_or_else(lost)?;
        self.record.offset = part.len();
        self.checkpoints
            .advance(part.sync_handle(), &self.record)
            .await
    }

    /// Makes everything that is here durable.
    pub async fn keep(&mut self) -> Result<()> {
        let part = self.part.as_ref().ok_or_else(lost)?;
        self.record.offset = part.len();
        self.checkpoints
            .complete(part.sync_handle(), &self.record)
            .await
    }

    /// Empties the part file for what `record` tells of; what was on record is durably taken back first.
    pub async fn start_over(&mut self, record: PartRecord) -> Result<()> {
        self.checkpoints.replace(&record).await?;
        self.record = record;
        self.hasher = None;
        if self.len() > 0 {
            let truncated = self.with_part(PartFile::truncate).await?;
            truncated.map_err(|error| classify::of_disk(error, None))?;
        }
        Ok(())
    }

    /// Holds room for a file of `total` bytes (rule D9).
    pub async fn reserve(&mut self, total: u64) -> Result<()> {
        let part = self.part.as_mut().ok_or_else(lost)?;
        let reserved: std::result::Result<(), ReserveError> = if total < RESERVE_AT_ONCE_BYTES {
            part.reserve(total)
        } else {
            self.with_part(move |part| part.reserve(total)).await?
        };
        reserved.map_err(classify::of_reserve)
    }

    /// Sees to it that the bytes here and those to come are hashed (rule H6). What an earlier process
    /// wrote is read again.
    pub async fn hash(
        &mut self,
        algorithm: DigestAlgorithm,
        stop: &mut Stop,
    ) -> std::result::Result<(), End> {
        if self
            .hasher
            .as_ref()
            .is_some_and(|(present, _)| *present == algorithm)
        {
            return Ok(());
        }
        let (len, mut at) = (self.len(), 0);
        let mut hasher = Hasher::new(algorithm);
        while at < len {
            stop.check()?;
            let end = len.min(at + REHASH_STEP_BYTES);
            let step = move |part: &mut PartFile| {
                let hashed = part.for_each_chunk(at..end, |chunk| {
                    hasher.update(chunk);
                    Ok(())
                });
                hashed.map(|()| hasher)
            };
            let hashed = self.with_part(step).await?;
            hasher = hashed.map_err(|error| classify::of_disk(error, None))?;
            at = end;
        }
        self.hasher = Some((algorithm, hasher));
        Ok(())
    }

    /// The digest of everything here, if it was hashed.
    pub fn digest(&self) -> Option<Digest> {
        self.hasher.clone().map(|(_, hasher)| hasher.finish())
    }

    /// The whole file, for the group finish.
    pub async fn into_finish_job(mut self, task: i64) -> Result<FinishJob> {
        if self.record.validator_weak || self.record.length_unverified {
            self.checkpoints.annotate(&self.record).await?;
        }
        let part = self.part.take().ok_or_else(lost)?;
        Ok(FinishJob {
            id: task,
            paths: self.paths,
            file: BodyHandle::Real(part.sync_handle()),
            len: part.len(),
            sidecar: self.checkpoints.into_sidecar().await?,
        })
    }

    /// Does something slow to the part file on a blocking thread.
    async fn with_part<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut PartFile) -> T + Send + 'static,
    ) -> Result<T> {
        let mut part = self.part.take().ok_or_else(lost)?;
        let (part, done) = spawn_blocking(move || {
            let done = work(&mut part);
            (part, done)
        })
        .await
        .map_err(classify::of_thread)?;
        self.part = Some(part);
        Ok(done)
    }
}

/// A blocking thread took the part file and did not bring it back.
fn lost() -> Error {
    Error::new(
        ErrorKind::System,
        "the part file was lost to a failed thread",
    )
}
