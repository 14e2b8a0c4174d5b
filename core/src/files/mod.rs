//! Part files on a real disk: written, checkpointed, sealed, finished, removed.
//!
//! Every call here blocks and does what it says once. This module must never start a thread, await,
//! retry, or decide what a task should do next: it reports, the engine decides. Promises kept here
//! are those about bytes (D2, D3, D5, D8, D9, T3); the store's promises are kept elsewhere.
//!
//! One order matters everywhere: **bytes are synced before anything says that they are there**, and
//! **what is said about old bytes is durably taken back before new ones overwrite them**.

mod base;
mod body_handle;
mod chunks;
mod directory;
mod finish;
mod group_sync;
mod ledger;
mod part_file;
mod paths;
mod reserve;
mod seal;
mod search;
mod sidecar;
mod slot;
mod sync_handle;
#[cfg(test)]
mod tests;

pub(crate) use base::BaseDirectories;
pub(crate) use body_handle::BodyHandle;
pub(crate) use chunks::for_each_chunk;
pub(crate) use finish::{FinishError, FinishJob, GROUP_MAX_FILES, finish_group};
pub(crate) use ledger::{forget_sidecar, remove_parts};
pub(crate) use part_file::{Opened, PartFile, checkpoint_interval_bytes};
pub(crate) use paths::PartPaths;
pub(crate) use reserve::ReserveError;
pub(crate) use seal::recover_finished;
pub(crate) use search::sidecars_in;
pub(crate) use sidecar::{Sidecar, SidecarError};
pub(crate) use slot::PAYLOAD_MAX_BYTES;
pub(crate) use sync_handle::SyncHandle;
