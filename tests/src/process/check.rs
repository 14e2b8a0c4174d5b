//! What must hold on disk and in the journal, whatever happened before.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use backhaul::{Inspector, JournalEvent};
use backhaul_fault_server::Object;

/// Every file below `folder`.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                _ => found.push(path),
            }
        }
    }
    found.sort();
    found
}

/// Part files and sidecars below `folder`.
pub fn parts_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = files_below(folder);
    files.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(".backhaul-")
    });
    files
}

/// The part files below `folder`, without their sidecars.
pub fn part_files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = parts_below(folder);
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "part")
    });
    files
}

/// The file is the object, byte for byte.
///
/// # Panics
/// If it is not: a splice, above all (rule R9).
pub fn assert_is(path: &Path, object: &Object) {
    let name = path.display();
    match object.first_difference(path) {
        Ok(None) => {}
        Ok(Some(at)) => panic!("{name} is wrong from byte {at} of {} on", object.len()),
        Err(error) => panic!("{name}: {error}"),
    }
}

/// No part file and no sidecar is left (rule D8).
///
/// # Panics
/// If one is.
pub fn assert_no_parts(folder: &Path) {
    let left = parts_below(folder);
    assert!(left.is_empty(), "left behind: {left:?}");
}

/// The whole journal of a session, read beside its owner or after its death.
///
/// # Panics
/// If it cannot be read.
pub fn journal(container: &Path, session: &str) -> Vec<JournalEvent> {
    let inspector = Inspector::open(container).unwrap();
    let mut all: Vec<JournalEvent> = Vec::new();
    loop {
        let after = all.last().map_or(0, |event| event.sequence);
        let page = inspector.events_after(session, after, 1000).unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// The ends that are on record as told: (task, number of the end).
pub fn acknowledged(journal: &[JournalEvent]) -> BTreeSet<(i64, i64)> {
    let told = journal.iter().filter(|event| event.acknowledged);
    told.map(|event| (event.task.as_i64(), event.task_sequence))
        .collect()
}
