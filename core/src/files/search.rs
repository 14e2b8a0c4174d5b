//! Which sidecars lie in a directory that the store has listed. Only for reading them: nothing is ever
//! removed because of its name (rule D8).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The sidecars that this store wrote in `directory`, with the task that each is named after.
///
/// # Errors
/// The system's. A directory that is not there holds none.
pub(crate) fn sidecars_in(directory: &Path, token: &str) -> io::Result<Vec<(i64, PathBuf)>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let prefix = format!(".backhaul-{token}-");
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let task = name
            .to_str()
            .and_then(|name| name.strip_prefix(&prefix)?.strip_suffix(".state"))
            .and_then(|task| task.parse().ok());
        if let Some(task) = task {
            found.push((task, entry.path()));
        }
    }
    // In the order in which they were enqueued.
    found.sort_unstable();
    Ok(found)
}
