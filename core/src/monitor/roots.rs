//! Where the kernel's files are, and reading the small ones. It must never read without a limit.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The longest attribute that is read. The kernel's are at most a page.
const ATTRIBUTE_BYTES: u64 = 4096;
/// The most entries of a folder that are looked at.
const ENTRY_LIMIT: usize = 1024;

/// The folders that everything is read from; other ones in tests.
#[derive(Clone, Debug)]
pub struct Roots {
    /// `/sys`.
    pub sys: PathBuf,
    /// `/proc`.
    pub proc: PathBuf,
}

impl Default for Roots {
    fn default() -> Roots {
        Roots {
            sys: "/sys".into(),
            proc: "/proc".into(),
        }
    }
}

/// The start of a file, as text.
///
/// # Errors
/// Whatever reading says; many attributes answer with an error while a device is off.
pub fn read_limited(path: &Path, limit_bytes: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(limit_bytes)
        .read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// An attribute without the line's end; none where it is missing or says nothing.
pub fn attribute(folder: &Path, name: &str) -> Option<String> {
    let text = read_limited(&folder.join(name), ATTRIBUTE_BYTES).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// An attribute that is a number.
pub fn number(folder: &Path, name: &str) -> Option<i64> {
    attribute(folder, name)?.parse().ok()
}

/// The entries of a folder in the order of their names, so that equal trees read equal.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(found) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = found
        .take(ENTRY_LIMIT)
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    paths
}
