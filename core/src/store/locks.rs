//! Who owns what, across processes: OS file locks, which the system takes back from the dead.
//!
//! A lock file is never removed: a second process could lock a name that no longer leads to the
//! file that the first one holds.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;

use fs4::fs_std::FileExt;
use sha2::{Digest, Sha256};

use super::fault::Fault;
use super::folder;
use crate::error::{Error, ErrorKind, Result};

/// A lock file holds a process number and an identifier; more is not read.
const NOTE_LIMIT_BYTES: u64 = 4096;

/// The right to be the one live session with an identifier (rule C1). Given back when dropped.
#[derive(Debug)]
pub(crate) struct SessionLock {
    _held: Held,
}

impl SessionLock {
    /// Takes the lock of `identifier` in `container`, or says who has it.
    pub fn acquire(container: &Path, identifier: &str) -> Result<SessionLock> {
        let locks = container.join("locks");
        let store_fault = |error: std::io::Error| Fault::from(error).into_error(Some(container));
        folder::private_directory(container).map_err(store_fault)?;
        folder::private_directory(&locks).map_err(store_fault)?;
        let path = locks.join(format!("{}.lock", name_of(identifier)));
        match lock(&path, identifier).map_err(store_fault)? {
            Lock::Mine(held) => Ok(SessionLock { _held: held }),
            Lock::Taken(Some(pid)) if pid == std::process::id() => Err(Error::new(
                ErrorKind::SessionInUse,
                format!(
                    "session {identifier:?} is held by this process ({pid}); use that session, or invalidate it first"
                ),
            )),
            Lock::Taken(pid) => Err(Error::new(
                ErrorKind::SessionInUse,
                format!(
                    "session {identifier:?} is held by {}; wait for it, or stop it",
                    process(pid)
                ),
            )),
        }
    }
}

/// The right to write a container's store, shared by the sessions of one process.
#[derive(Debug)]
pub(super) struct ContainerLock {
    _held: Held,
}

impl ContainerLock {
    pub fn acquire(container: &Path) -> Result<ContainerLock> {
        let taken = lock(&container.join("container.lock"), "")
            .map_err(|error| Fault::from(error).into_error(Some(container)))?;
        match taken {
            Lock::Mine(held) => Ok(ContainerLock { _held: held }),
            Lock::Taken(pid) => Err(in_use(container, pid)),
        }
    }
}

/// The error for a container whose store another process has, which is looked up in its lock file.
pub(super) fn container_in_use(container: &Path) -> Error {
    let pid = File::open(container.join("container.lock")).map_or(None, |file| holder(&file));
    in_use(container, pid)
}

fn in_use(container: &Path, pid: Option<u32>) -> Error {
    Error::new(
        ErrorKind::ContainerInUse,
        format!(
            "the container {} is held by {}; wait for it, or stop it",
            container.display(),
            process(pid)
        ),
    )
}

fn process(pid: Option<u32>) -> String {
    pid.map_or_else(
        || "another process".to_owned(),
        |pid| format!("process {pid}"),
    )
}

/// Identifiers hold any character; file names do not.
fn name_of(identifier: &str) -> String {
    let digest = Sha256::digest(identifier.as_bytes());
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A locked file. Closing it would not be enough: a child that the app has just forked has the file
/// open as well until it runs its own program, and the lock with it.
#[derive(Debug)]
struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        if let Err(error) = FileExt::unlock(&self.0) {
            log::warn!("a lock could not be given back before its file is closed: {error}");
        }
    }
}

enum Lock {
    Mine(Held),
    /// By the process with this number, if it has already said so.
    Taken(Option<u32>),
}

fn lock(path: &Path, note: &str) -> std::io::Result<Lock> {
    let file = folder::private_file(path)?;
    if !FileExt::try_lock_exclusive(&file)? {
        return Ok(Lock::Taken(holder(&file)));
    }
    let mut held = Held(file);
    held.0.set_len(0)?;
    held.0.rewind()?;
    // For the message only, so it need not be synced.
    writeln!(held.0, "{}\n{note}", std::process::id())?;
    Ok(Lock::Mine(held))
}

fn holder(file: &File) -> Option<u32> {
    let mut note = String::new();
    file.take(NOTE_LIMIT_BYTES).read_to_string(&mut note).ok()?;
    note.lines().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_identifier_has_one_session() {
        // rule C1
        let scratch = tempfile::tempdir().unwrap();
        let first = SessionLock::acquire(scratch.path(), "a/b").unwrap();
        let error = SessionLock::acquire(scratch.path(), "a/b").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SessionInUse);
        let own = format!("({})", std::process::id());
        assert!(error.message().contains(&own), "{error}");
        SessionLock::acquire(scratch.path(), "a/c").unwrap();
        drop(first);
        SessionLock::acquire(scratch.path(), "a/b").unwrap();
    }

    #[test]
    fn the_holder_is_named() {
        // rule C1
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("container.lock");
        let held = folder::private_file(&path).unwrap();
        assert!(FileExt::try_lock_exclusive(&held).unwrap());
        let error = ContainerLock::acquire(scratch.path()).unwrap_err();
        assert!(error.message().contains("another process"), "{error}");
        std::fs::write(&path, "123\n\n").unwrap();
        let error = ContainerLock::acquire(scratch.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ContainerInUse);
        assert!(error.message().contains("process 123"), "{error}");
    }

    #[test]
    fn a_child_that_was_just_forked_holds_nothing() {
        // rule C1
        let scratch = tempfile::tempdir().unwrap();
        let session = SessionLock::acquire(scratch.path(), "a").unwrap();
        let container = ContainerLock::acquire(scratch.path()).unwrap();
        // What a fork gives to the child, until it runs another program.
        let of_the_child = [session._held.0.try_clone(), container._held.0.try_clone()];
        drop((session, container));
        SessionLock::acquire(scratch.path(), "a").unwrap();
        ContainerLock::acquire(scratch.path()).unwrap();
        drop(of_the_child);
    }

    #[test]
    fn lock_files_have_safe_names() {
        assert_eq!(name_of("../../etc/passwd").len(), 16);
        assert_ne!(name_of("a"), name_of("b"));
    }
}
