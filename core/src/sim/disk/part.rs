//! Part files and their records, as a transport in the process writes them.
//!
//! The order is that of the real ones: bytes are synced before a record speaks of them, and a record
//! is durably replaced before bytes of another version are written (rules D3, R9).

use std::io;
use std::path::Path;

use super::record::Record;
use super::volume::{Data, Volume};
use super::{ProcessDisk, State};
use crate::files::PartPaths;
use crate::sim::content::Content;

/// What an attempt begins with.
#[derive(Debug)]
pub(crate) enum Found {
    /// A part file, cut back to the record's offset.
    Part { file: u64, record: Record },
    /// The file is in its place: a kill fell between the rename and the store's commit.
    InPlace { len: u64, record: Record },
}

/// There is no room for the file (rule D9).
#[derive(Debug)]
pub(crate) struct Full {
    pub needed_bytes: u64,
}

pub(super) fn record_at(volume: &Volume, path: &Path) -> Option<Record> {
    match volume.data(volume.find(path)?) {
        Ok(Data::Record(record)) => Some((**record).clone()),
        _ => None,
    }
}

impl State {
    fn room(&self) -> u64 {
        self.capacity_bytes.saturating_sub(self.volume.used_bytes())
    }

    /// Writes as much as there is room for; an error if that is not all.
    fn write_bytes(&mut self, file: u64, at: u64, bytes: &Content) -> io::Result<()> {
        let mut content = self.volume.bytes(file)?.clone();
        let grows = (at + bytes.len()).saturating_sub(content.len());
        let missing = grows.saturating_sub(self.room());
        let fits = bytes.part(0, bytes.len() - missing.min(bytes.len()));
        content.write_at(at, &fits);
        self.volume.put(file, Data::Bytes(content))?;
        if missing > 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl ProcessDisk {
    /// Opens what an earlier attempt left, or a new part file.
    pub fn open_part(&self, paths: &PartPaths) -> io::Result<Found> {
        let (record, has_sidecar) = self.read(|volume| {
            let has_sidecar = volume.find(&paths.sidecar).is_some();
            Ok((record_at(volume, &paths.sidecar), has_sidecar))
        })?;
        if let Some(len) = self.sealed_in_place(paths, record.as_ref())? {
            self.write(|state| {
                state.volume.sync_directory(paths.directory());
                Ok(())
            })?;
            let record = record.unwrap_or_default();
            return Ok(Found::InPlace { len, record });
        }
        if record.is_none() && has_sidecar {
            // Created, and torn before it said anything.
            self.remove_durably(paths, &paths.sidecar)?;
        }
        let mut record = record.unwrap_or_default();
        let file = self.act(|state| Ok(state.volume.open(&paths.part)))?;
        let found = self.read(|volume| Ok(volume.bytes(file)?.len()))?;
        if found < record.offset {
            record = record.emptied();
            self.replace_record(paths, &record)?;
        }
        self.truncate(file, record.offset)?;
        Ok(Found::Part { file, record })
    }

    /// The length of the file, if what was sealed is at the destination.
    fn sealed_in_place(
        &self,
        paths: &PartPaths,
        record: Option<&Record>,
    ) -> io::Result<Option<u64>> {
        self.read(|volume| {
            let Some((file, len)) = record.and_then(|record| record.seal) else {
                return Ok(None);
            };
            let is_there = volume.find(&paths.part).is_none()
                && volume.find(&paths.destination) == Some(file)
                && volume.bytes(file)?.len() == len;
            Ok(is_there.then_some(len))
        })
    }

    /// Writes at `at`; what is behind it stays. On an error some of it may have been written.
    pub fn write_part(&self, file: u64, at: u64, bytes: &Content) -> io::Result<()> {
        self.write(|state| state.write_bytes(file, at, bytes))
    }

    /// What lies there. Nobody reads behind the end.
    pub fn read_part(&self, file: u64, from: u64, len: u64) -> io::Result<Content> {
        self.read(|volume| Ok(volume.bytes(file)?.part(from, len)))
    }

    pub fn truncate(&self, file: u64, len: u64) -> io::Result<()> {
        self.act(|state| {
            let content = state.volume.bytes(file)?.part(0, len);
            state.volume.put(file, Data::Bytes(content))
        })
    }

    /// Whether there is room for a file of `total` bytes of which `len` are here.
    pub fn reserve(&self, len: u64, total: u64) -> io::Result<std::result::Result<(), Full>> {
        if !self.life.is_alive() {
            return Err(super::is_dead());
        }
        let needed_bytes = total.saturating_sub(len);
        let fits = needed_bytes <= self.disk.lock().room();
        Ok(if fits {
            Ok(())
        } else {
            Err(Full { needed_bytes })
        })
    }

    /// First the bytes, then what is said of them.
    pub fn checkpoint(&self, paths: &PartPaths, file: u64, record: &Record) -> io::Result<()> {
        self.write(|state| state.volume.sync(file))?;
        let is_new = self.read(|volume| Ok(volume.find(&paths.sidecar).is_none()))?;
        self.write_record(paths, record)?;
        if is_new {
            self.sync_record(paths)?;
            self.write(|state| {
                state.volume.sync_directory(paths.directory());
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Durably takes back what is on record, if anything is.
    pub fn replace_record(&self, paths: &PartPaths, record: &Record) -> io::Result<()> {
        if self.read(|volume| Ok(volume.find(&paths.sidecar).is_none()))? {
            return Ok(());
        }
        self.write_record(paths, record)?;
        self.sync_record(paths)
    }

    pub fn has_record(&self, paths: &PartPaths) -> bool {
        let found = self.read(|volume| Ok(volume.find(&paths.sidecar).is_some()));
        found.unwrap_or(false)
    }

    /// Writes a record, without a sync: an older one may be left when the power goes.
    pub fn write_record(&self, paths: &PartPaths, record: &Record) -> io::Result<()> {
        self.write(|state| {
            let file = state.volume.open(&paths.sidecar);
            let data = Data::Record(Box::new(record.clone()));
            state.volume.put(file, data)
        })
    }

    pub(super) fn sync_record(&self, paths: &PartPaths) -> io::Result<()> {
        self.write(|state| match state.volume.find(&paths.sidecar) {
            Some(file) => state.volume.sync(file),
            None => Ok(()),
        })
    }

    pub(super) fn remove_durably(&self, paths: &PartPaths, path: &Path) -> io::Result<()> {
        self.act(|state| {
            state.volume.remove(path);
            Ok(())
        })?;
        self.act(|state| {
            state.volume.sync_directory(paths.directory());
            Ok(())
        })
    }
}
