//! Where files lie: names of base directories, and this store's part files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::driver::machine::Disk;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{self, BaseDirectories, PartPaths};
use crate::store::{PartRow, Place};
use crate::task_id::TaskId;

/// Resolves what the store says about files to paths of this launch (rule D5).
#[derive(Clone, Debug)]
pub(crate) struct Places {
    bases: BaseDirectories,
    /// The store's mark in the names of its part files.
    token: String,
}

impl Places {
    pub fn new(bases: BaseDirectories, token: String) -> Places {
        Places { bases, token }
    }

    /// The absolute path of a destination.
    pub fn destination(&self, base: &str, path: &str) -> Result<PathBuf> {
        self.bases.resolve(base, Path::new(path)).map_err(|source| {
            Error::new(
                ErrorKind::InvalidDestination,
                format!("destination {path:?} in base directory {base:?} cannot be resolved; name the directory with base_directory()"),
            )
            .with_source(source)
        })
    }

    /// The base directories that this launch names.
    pub fn base_names(&self) -> BTreeSet<String> {
        self.bases.names().map(str::to_owned).collect()
    }

    /// The absolute path of a directory with sidecars; none if this launch does not name its base.
    pub fn directory(&self, place: &Place) -> Option<PathBuf> {
        let any_file = Path::new(&place.directory).join("any");
        let resolved = self.bases.resolve(&place.base, &any_file).ok()?;
        Some(resolved.parent()?.to_path_buf())
    }

    /// The sidecars of this store in a directory, by task. Blocking.
    ///
    /// # Errors
    /// The system's.
    pub fn sidecars(&self, directory: &Path) -> std::io::Result<Vec<(i64, PathBuf)>> {
        files::sidecars_in(directory, &self.token)
    }

    /// The destination, part file and sidecar of a task.
    pub fn paths(&self, task: TaskId, base: &str, path: &str) -> Result<PartPaths> {
        Ok(PartPaths::new(
            &self.destination(base, path)?,
            &self.token,
            task.as_i64(),
        ))
    }

    pub fn part(&self, part: &PartRow) -> Result<PartPaths> {
        self.paths(part.task, &part.base, &part.path)
    }

    /// Removes a part file and its sidecar; false if they cannot be removed. The ledger's row must
    /// stay then, and the next launch tries again (rule D8). Blocking.
    pub fn remove_part(&self, part: &PartRow, disk: &dyn Disk) -> bool {
        let removed = match self.part(part) {
            Ok(paths) => disk.remove_parts(&paths).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = &removed {
            let task = part.task;
            log::warn!("the part file of task {task} could not be removed: {error}");
        }
        removed.is_ok()
    }
}
