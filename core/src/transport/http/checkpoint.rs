//! Checkpoints: at most one at a time, on a blocking thread, while bytes go on coming.
//!
//! Must never record an offset that a finished sync does not cover (rule D3). Syncing as we go also makes the
//! kernel write early, which is what makes the last sync of a large file short.

use std::sync::Arc;

use tokio::task::{JoinHandle, spawn_blocking};

use super::classify;
use super::record::PartRecord;
use crate::error::Result;
use crate::files::{PartPaths, Sidecar, SidecarError, SyncHandle, checkpoint_interval_bytes};
use crate::store::Provenance;

/// With so much not yet durable, the disk is waited for.
const UNSYNCED_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The durable side of one part file.
pub(super) struct Checkpoints {
    paths: PartPaths,
    /// None before the first checkpoint, and while one is under way. A small file never gets one.
    sidecar: Option<Sidecar>,
    running: Option<JoinHandle<Synced>>,
    /// The offset on file.
    durable: u64,
    /// Where the file ended when the last checkpoint began.
    begun_at: u64,
    /// Knows the directory before a sidecar is there.
    provenance: Option<Arc<Provenance>>,
}

/// A checkpoint that is over.
struct Synced {
    sidecar: Option<Sidecar>,
    outcome: Result<u64>,
}

impl Checkpoints {
    pub fn new(
        paths: PartPaths,
        sidecar: Option<Sidecar>,
        durable: u64,
        provenance: Option<Arc<Provenance>>,
    ) -> Checkpoints {
        Checkpoints {
            paths,
            sidecar,
            running: None,
            durable,
            begun_at: durable,
            provenance,
        }
    }

    /// Up to where the bytes are durable, and on record.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// Whether one is to be made of a file that ends at `len` now. Asked for every chunk.
    pub fn is_due(&self, len: u64, total: Option<u64>) -> bool {
        len - self.begun_at >= checkpoint_interval_bytes(total)
    }

    /// Begins one, if none is under way. Waits for the one that is when it is too far behind.
    ///
    /// # Errors
    /// That of an earlier one.
    pub async fn advance(&mut self, file: SyncHandle, record: &PartRecord) -> Result<()> {
        let is_busy = self.running.as_ref().is_some_and(|run| !run.is_finished());
        if is_busy && record.offset - self.durable < UNSYNCED_MAX_BYTES {
            return Ok(());
        }
        self.settle().await?;
        self.begin(file, record.clone());
        Ok(())
    }

    /// Makes everything durable that the record speaks of.
    ///
    /// # Errors
    /// The disk's; less is durable then.
    pub async fn complete(&mut self, file: SyncHandle, record: &PartRecord) -> Result<()> {
        self.settle().await?;
        if record.offset != self.durable {
            self.begin(file, record.clone());
            self.settle().await?;
        }
        Ok(())
    }

    fn begin(&mut self, file: SyncHandle, record: PartRecord) {
        let sidecar = self.sidecar.take();
        let paths = self.paths.clone();
        let provenance = self.provenance.clone();
        self.begun_at = record.offset;
        self.running = Some(spawn_blocking(move || {
            if let (None, Some(provenance)) = (&sidecar, provenance) {
                provenance.note();
            }
            sync(&file, &paths, sidecar, &record)
        }));
    }

    /// Waits for the one under way.
    pub async fn settle(&mut self) -> Result<()> {
        let Some(running) = self.running.take() else {
            return Ok(());
        };
        let Synced { sidecar, outcome } = running.await.map_err(classify::of_thread)?;
        self.sidecar = sidecar;
        self.durable = outcome?;
        Ok(())
    }

    /// Durably takes back what is on record, for bytes of another version to come (rule R9). The part file
    /// may be cut only after this.
    pub async fn replace(&mut self, record: &PartRecord) -> Result<()> {
        self.settle().await?;
        if self.durable > 0 {
            let record = record.clone();
            self.rewrite(move |sidecar| sidecar.replace(&record))
                .await?;
        }
        self.durable = 0;
        self.begun_at = 0;
        Ok(())
    }

    /// Adds to the record, without a sync, what the finished file is to be known by.
    pub async fn annotate(&mut self, record: &PartRecord) -> Result<()> {
        self.settle().await?;
        let record = record.at(self.durable);
        self.rewrite(move |sidecar| sidecar.write(&record)).await
    }

    /// Does something to the sidecar, if there is one, on a blocking thread.
    async fn rewrite<W>(&mut self, write: W) -> Result<()>
    where
        W: FnOnce(&mut Sidecar) -> std::result::Result<(), SidecarError> + Send + 'static,
    {
        let Some(mut sidecar) = self.sidecar.take() else {
            return Ok(());
        };
        let (sidecar, written) = spawn_blocking(move || {
            let written = write(&mut sidecar);
            (sidecar, written)
        })
        .await
        .map_err(classify::of_thread)?;
        self.sidecar = Some(sidecar);
        written.map_err(classify::of_sidecar)
    }

    /// Ends the checkpoints of a file that is whole; the group finish seals the sidecar.
    pub async fn into_sidecar(mut self) -> Result<Option<Sidecar>> {
        self.settle().await?;
        Ok(self.sidecar)
    }
}

/// On a blocking thread: first the bytes, then what is said of them.
fn sync(
    file: &SyncHandle,
    paths: &PartPaths,
    mut sidecar: Option<Sidecar>,
    record: &PartRecord,
) -> Synced {
    let outcome = match file.sync() {
        Err(error) => Err(classify::of_disk(error, None)),
        Ok(()) => write_record(paths, &mut sidecar, record),
    };
    Synced { sidecar, outcome }
}

fn write_record(
    paths: &PartPaths,
    sidecar: &mut Option<Sidecar>,
    record: &PartRecord,
) -> Result<u64> {
    let written = match sidecar {
        Some(sidecar) => sidecar.write(record),
        None => Sidecar::create(paths, record).map(|created| *sidecar = Some(created)),
    };
    written.map_err(classify::of_sidecar)?;
    Ok(record.offset)
}
