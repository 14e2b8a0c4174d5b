//! A volume: names, files, and what of both would survive the loss of power.
//!
//! Every change is made to what the running system sees; only a sync makes it durable. Must never
//! take anything durable back but by a later sync.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use fastrand::Rng;

use super::record::Record;
use crate::sim::content::Content;

/// Files that may lie on it at a time.
const FILES_LIMIT: usize = 100_000;

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data {
    Bytes(Content),
    /// A record is written as one: it is there, or it is not.
    Record(Box<Record>),
}

/// Room that a record takes.
const RECORD_BYTES: u64 = 4096;

impl Data {
    fn len(&self) -> u64 {
        match self {
            Data::Bytes(bytes) => bytes.len(),
            Data::Record(_) => RECORD_BYTES,
        }
    }
}

#[derive(Debug)]
struct File {
    seen: Data,
    durable: Data,
}

/// Names lead to numbers, numbers to files: as on any Unix.
#[derive(Debug, Default)]
pub(super) struct Volume {
    files: BTreeMap<u64, File>,
    names: BTreeMap<PathBuf, u64>,
    durable_names: BTreeMap<PathBuf, u64>,
    next: u64,
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl Volume {
    /// The file of this name.
    pub fn find(&self, path: &Path) -> Option<u64> {
        self.names.get(path).copied()
    }

    /// The file of this name, an empty one if there is none.
    pub fn open(&mut self, path: &Path) -> u64 {
        if let Some(file) = self.find(path) {
            return file;
        }
        assert!(self.files.len() < FILES_LIMIT, "files without end");
        self.next += 1;
        let empty = || Data::Bytes(Content::default());
        let file = File {
            seen: empty(),
            durable: empty(),
        };
        self.files.insert(self.next, file);
        self.names.insert(path.to_owned(), self.next);
        self.next
    }

    pub fn data(&self, file: u64) -> io::Result<&Data> {
        let file = self.files.get(&file).ok_or_else(missing)?;
        Ok(&file.seen)
    }

    pub fn bytes(&self, file: u64) -> io::Result<&Content> {
        match self.data(file)? {
            Data::Bytes(bytes) => Ok(bytes),
            Data::Record(_) => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    pub fn put(&mut self, file: u64, data: Data) -> io::Result<()> {
        let file = self.files.get_mut(&file).ok_or_else(missing)?;
        file.seen = data;
        Ok(())
    }

    pub fn sync(&mut self, file: u64) -> io::Result<()> {
        let file = self.files.get_mut(&file).ok_or_else(missing)?;
        file.durable = file.seen.clone();
        Ok(())
    }

    /// False if there is no such name.
    pub fn remove(&mut self, path: &Path) -> bool {
        let removed = self.names.remove(path).is_some();
        self.forget_unnamed();
        removed
    }

    pub fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let file = self.names.remove(from).ok_or_else(missing)?;
        self.names.insert(to.to_owned(), file);
        self.forget_unnamed();
        Ok(())
    }

    /// Makes durable which files a directory has, and under which names.
    pub fn sync_directory(&mut self, directory: &Path) {
        let is_in = |path: &Path| path.parent().unwrap_or(Path::new("")) == directory;
        self.durable_names.retain(|path, _| !is_in(path));
        let here = self.names.iter().filter(|(path, _)| is_in(path));
        let here: Vec<_> = here.map(|(path, file)| (path.clone(), *file)).collect();
        self.durable_names.extend(here);
        self.forget_unnamed();
    }

    fn forget_unnamed(&mut self) {
        let (names, durable) = (&self.names, &self.durable_names);
        self.files.retain(|file, _| {
            let mut named = names.values().chain(durable.values());
            named.any(|other| other == file)
        });
    }

    /// Room that its files take.
    pub fn used_bytes(&self) -> u64 {
        let files = self.names.values().filter_map(|file| self.files.get(file));
        files.map(|file| file.seen.len()).sum()
    }

    pub fn names(&self) -> impl Iterator<Item = &Path> {
        self.names.keys().map(PathBuf::as_path)
    }

    /// What would be there under this name if the power went now, at the least.
    pub fn durable_bytes(&self, path: &Path) -> Option<&Content> {
        let file = self.files.get(self.durable_names.get(path)?)?;
        match &file.durable {
            Data::Bytes(bytes) => Some(bytes),
            Data::Record(_) => None,
        }
    }

    /// The power goes. What was synced stays. Of the rest nobody knows: the system may have written
    /// it, or some of it, in any order.
    pub fn lose_power(&mut self, rng: &mut Rng) {
        let mut directories: BTreeMap<PathBuf, bool> = BTreeMap::new();
        let mut is_kept = |path: &Path| {
            let directory = path.parent().unwrap_or(Path::new("")).to_owned();
            *directories.entry(directory).or_insert_with(|| rng.bool())
        };
        let mut after: BTreeMap<PathBuf, u64> = BTreeMap::new();
        for (path, file) in &self.durable_names {
            if !is_kept(path) {
                after.insert(path.clone(), *file);
            }
        }
        for (path, file) in &self.names {
            if is_kept(path) {
                after.insert(path.clone(), *file);
            }
        }
        self.durable_names = after.clone();
        self.names = after;
        self.forget_unnamed();
        for file in self.files.values_mut() {
            file.durable = survivor(file, rng);
            file.seen = file.durable.clone();
        }
    }
}

/// What is left of a file's content.
fn survivor(file: &File, rng: &mut Rng) -> Data {
    if file.seen == file.durable {
        return file.seen.clone();
    }
    match (&file.seen, rng.u8(0..3)) {
        (_, 0) => file.durable.clone(),
        (Data::Bytes(seen), 1) => {
            // What was only appended to keeps what was synced; else anything may be cut.
            let synced = match &file.durable {
                Data::Bytes(durable) if seen.part(0, durable.len()) == *durable => durable.len(),
                _ => 0,
            };
            Data::Bytes(seen.part(0, rng.u64(synced..=seen.len())))
        }
        (seen, _) => seen.clone(),
    }
}
