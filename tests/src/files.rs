//! Looking at what lies on the disk.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use backhaul_fault_server::Object;

/// Every file below a directory, in no order.
#[must_use]
pub fn files_below(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Part files and sidecars below a directory.
#[must_use]
pub fn leftovers(directory: &Path) -> Vec<PathBuf> {
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(".backhaul-")
    };
    files_below(directory).into_iter().filter(is_ours).collect()
}

/// # Panics
/// If there are part files or sidecars below the directory.
pub fn assert_no_leftovers(directory: &Path) {
    let found = leftovers(directory);
    assert!(found.is_empty(), "left behind: {found:?}");
}

/// # Panics
/// If the file is not exactly the object.
pub fn assert_is(path: &Path, object: &Object) {
    let difference = object.first_difference(path).unwrap();
    assert_eq!(difference, None, "{} is not the object", path.display());
}

/// The permission bits.
#[must_use]
pub fn mode_of(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}
