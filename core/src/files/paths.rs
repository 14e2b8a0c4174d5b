//! Where a task's files lie.
//!
//! A part file lies beside its destination, so that the finishing rename stays on one volume (D2).
//! This module only makes names; it must never touch the disk.

use std::path::{Path, PathBuf};

/// The three paths of one download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartPaths {
    /// Where the finished file will be.
    pub(crate) destination: PathBuf,
    /// The file that grows, hidden, in the destination's directory.
    pub(crate) part: PathBuf,
    /// The durable record beside the part file.
    pub(crate) sidecar: PathBuf,
}

impl PartPaths {
    /// Names the files of task number `task`. `token` is the store's own: two containers may
    /// download into one directory without meeting. The names do not grow with the destination's,
    /// which may be 255 bytes long.
    pub(crate) fn new(destination: &Path, token: &str, task: i64) -> Self {
        let directory = directory_of(destination);
        PartPaths {
            destination: destination.to_path_buf(),
            part: directory.join(format!(".backhaul-{token}-{task}.part")),
            sidecar: directory.join(format!(".backhaul-{token}-{task}.state")),
        }
    }

    /// The directory that holds all three.
    pub(crate) fn directory(&self) -> &Path {
        directory_of(&self.destination)
    }
}

/// The parent, and `.` for a bare file name, whose parent is an empty path that cannot be opened.
fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_hidden_beside_the_destination_and_unique_per_store_and_task() {
        // rule D2
        let paths = PartPaths::new(Path::new("/data/films/a.mp4"), "7f3a", 12);
        assert_eq!(paths.part, Path::new("/data/films/.backhaul-7f3a-12.part"));
        assert_eq!(
            paths.sidecar,
            Path::new("/data/films/.backhaul-7f3a-12.state")
        );
        assert_eq!(paths.directory(), Path::new("/data/films"));

        let other_store = PartPaths::new(Path::new("/data/films/a.mp4"), "99aa", 12);
        let other_task = PartPaths::new(Path::new("/data/films/a.mp4"), "7f3a", 13);
        assert_ne!(paths.part, other_store.part);
        assert_ne!(paths.part, other_task.part);
    }

    #[test]
    fn a_long_file_name_and_a_bare_one_have_usable_part_names() {
        let long = "x".repeat(255);
        let paths = PartPaths::new(&Path::new("/d").join(&long), "7f3a", i64::MAX);
        assert!(paths.part.file_name().is_some_and(|name| name.len() < 64));
        assert_eq!(
            PartPaths::new(Path::new("a"), "t", 1).directory(),
            Path::new(".")
        );
    }
}
