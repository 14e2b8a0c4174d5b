//! The disk of a simulated device: what processes write, and what is left of it when the power goes.
//!
//! It outlives every process. A process works on it through [`ProcessDisk`], which asks the
//! process's life before each step, so that a kill may fall between any two of them.

mod files;
mod part;
mod record;
#[cfg(test)]
mod tests;
mod volume;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastrand::Rng;

pub(crate) use part::Found;
pub(crate) use record::Record;
use volume::{Data, Volume};

use super::content::Content;
use super::life::Life;
use super::world::World;

/// What a disk may do instead of what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiskFault {
    /// `ENOSPC`.
    NoSpace,
    /// `EIO`.
    Io,
}

impl DiskFault {
    fn error(self) -> io::Error {
        match self {
            DiskFault::NoSpace => io::ErrorKind::StorageFull.into(),
            DiskFault::Io => io::Error::other("the simulated disk failed"),
        }
    }
}

/// A handle to the disk of one device. Clones are the same disk.
#[derive(Clone)]
pub struct SimDisk(Arc<Mutex<State>>);

struct State {
    volume: Volume,
    capacity_bytes: u64,
    /// Writes and syncs until the next one fails, and how.
    fuse: Option<(u64, DiskFault)>,
    /// How likely it is that any other fails, and how.
    chance: Option<(f64, DiskFault)>,
    /// Writes and syncs so far.
    writes: u64,
    rng: Rng,
}

impl fmt::Debug for SimDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimDisk")
    }
}

impl SimDisk {
    /// An empty disk, as large as anyone could wish.
    pub(crate) fn new(world: &World) -> SimDisk {
        SimDisk(Arc::new(Mutex::new(State {
            volume: Volume::default(),
            capacity_bytes: u64::MAX,
            fuse: None,
            chance: None,
            writes: 0,
            rng: world.fork_rng(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The disk as one process has it.
    pub(crate) fn of(&self, life: &Life) -> ProcessDisk {
        ProcessDisk {
            disk: self.clone(),
            life: life.clone(),
        }
    }

    /// How much it holds. Files that are larger already stay as they are.
    pub fn set_capacity(&self, bytes: u64) {
        self.lock().capacity_bytes = bytes;
    }

    /// Room that is left.
    #[must_use]
    pub fn free_bytes(&self) -> u64 {
        let state = self.lock();
        state
            .capacity_bytes
            .saturating_sub(state.volume.used_bytes())
    }

    /// Room that files take.
    #[must_use]
    pub fn used_bytes(&self) -> u64 {
        self.lock().volume.used_bytes()
    }

    /// Lets one write or sync fail: the next one for 0, the one after it for 1, and so on.
    pub fn fail_write(&self, nth: u64, fault: DiskFault) {
        self.lock().fuse = Some((nth, fault));
    }

    /// Lets writes and syncs fail at random, with a probability from 0 to 1.
    pub fn fail_at_random(&self, probability: f64, fault: DiskFault) {
        self.lock().chance = (probability > 0.0).then_some((probability, fault));
    }

    /// Writes and syncs so far: the range of [`fail_write`](SimDisk::fail_write).
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.lock().writes
    }

    /// The power goes. What was synced stays: contents of files, and names of a directory. Of
    /// everything else the seed decides whether, and how much of it, had reached the disk.
    pub fn lose_power(&self) {
        let state = &mut *self.lock();
        state.volume.lose_power(&mut state.rng);
    }

    /// What a file holds; none if there is none.
    #[must_use]
    pub fn file(&self, path: impl AsRef<Path>) -> Option<Content> {
        let state = self.lock();
        let file = state.volume.find(path.as_ref())?;
        state.volume.bytes(file).ok().cloned()
    }

    /// What of a file survives any loss of power; none if its name does not (rule D2).
    #[must_use]
    pub fn durable_file(&self, path: impl AsRef<Path>) -> Option<Content> {
        self.lock().volume.durable_bytes(path.as_ref()).cloned()
    }

    /// Every file, in order of its path.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        self.lock().volume.names().map(Path::to_owned).collect()
    }

    /// Part files and their records (rule D8).
    #[must_use]
    pub fn part_files(&self) -> Vec<PathBuf> {
        let is_ours = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(".backhaul-")
        };
        self.files().into_iter().filter(is_ours).collect()
    }

    /// Puts a file there, durably, that no process of the app wrote: what a platform's service
    /// received.
    pub(crate) fn put(&self, path: &Path, content: Content) -> io::Result<()> {
        let volume = &mut self.lock().volume;
        let file = volume.open(path);
        volume.put(file, Data::Bytes(content))?;
        volume.sync(file)?;
        volume.sync_directory(path.parent().unwrap_or(Path::new("")));
        Ok(())
    }
}

impl State {
    /// The word of the disk on a write or a sync.
    fn consent(&mut self) -> io::Result<()> {
        self.writes += 1;
        match self.fuse {
            Some((0, fault)) => {
                self.fuse = None;
                return Err(fault.error());
            }
            Some((left, fault)) => self.fuse = Some((left - 1, fault)),
            None => {}
        }
        match self.chance {
            Some((probability, fault)) if self.rng.f64() < probability => Err(fault.error()),
            _ => Ok(()),
        }
    }
}

/// The disk in the hands of one process. After its death every call fails, and does nothing.
#[derive(Clone, Debug)]
pub(crate) struct ProcessDisk {
    disk: SimDisk,
    life: Life,
}

impl ProcessDisk {
    /// Looks, without changing anything.
    fn read<T>(&self, look: impl FnOnce(&Volume) -> io::Result<T>) -> io::Result<T> {
        if !self.life.is_alive() {
            return Err(is_dead());
        }
        look(&self.disk.lock().volume)
    }

    /// One step that changes something.
    fn act<T>(&self, step: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        if !self.life.act() {
            return Err(is_dead());
        }
        step(&mut self.disk.lock())
    }

    /// One step that the disk may refuse.
    fn write<T>(&self, step: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        self.act(|state| {
            state.consent()?;
            step(state)
        })
    }
}

fn is_dead() -> io::Error {
    io::Error::other("the simulated process has ended")
}
