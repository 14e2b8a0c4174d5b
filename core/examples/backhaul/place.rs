//! Where files go. The file system's root is the base directory, so that a task that was queued in
//! one folder is found and finished from any other.

use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use backhaul::{CONTAINER_BASE, Destination};

use crate::exit::{Exit, Failure, Outcome};

/// The name under which `/` is registered at every launch.
pub const BASE: &str = "fs";

/// The absolute path, with `.` and `..` resolved by their letters alone. Symbolic links are not
/// looked at: the path means the same before and after anything exists there.
pub fn absolute(path: &Path) -> Outcome<PathBuf> {
    let path = std::path::absolute(path)
        .map_err(|error| Failure::io(&format!("{}", path.display()), &error))?;
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    Ok(plain)
}

/// The path as text below the base directory: without its first slash.
pub fn below_base(path: &Path) -> Outcome<String> {
    let text = path.to_str().ok_or_else(|| {
        Failure::usage(format!(
            "{} is not UTF-8; choose another name",
            path.display()
        ))
    })?;
    Ok(text.trim_start_matches('/').to_owned())
}

/// Where a destination lies, for people and scripts.
pub fn shown(destination: &Destination, container: &Path) -> String {
    match destination.base() {
        BASE => format!("/{}", destination.path()),
        CONTAINER_BASE => container
            .join("files")
            .join(destination.path())
            .display()
            .to_string(),
        other => format!("{other}:{}", destination.path()),
    }
}

/// The path of a task that this program queued.
pub fn path_of(destination: &Destination) -> Option<PathBuf> {
    (destination.base() == BASE).then(|| Path::new("/").join(destination.path()))
}

/// Makes the folder if it is missing, and proves that files can be made in it.
pub fn prepare_folder(folder: &Path) -> Outcome<()> {
    let failed = |error: &io::Error| {
        Failure::io(
            &format!("cannot write to the folder {}", folder.display()),
            error,
        )
    };
    fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    tempfile::tempfile_in(folder).map_err(|error| failed(&error))?;
    Ok(())
}

/// A file's folder must be writable, and the file itself no folder.
pub fn prepare_file(path: &Path) -> Outcome<()> {
    if path.is_dir() {
        let message = format!("{} is a folder; use --into for folders", path.display());
        return Err(Failure::new(Exit::NotWritable, message));
    }
    prepare_folder(path.parent().unwrap_or(Path::new("/")))
}

/// A name from a list: a path below `folder`, of plain names only.
pub fn named(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let plain = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !plain || name.contains('\0') {
        return Err(format!(
            "the name {name:?} leaves the folder; use plain names such as a/b.bin"
        ));
    }
    Ok(folder.join(name))
}

/// Replaces a small file of the container. Durable when it returns.
pub fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_by_their_letters() {
        let cases = [("/a/./b/../c", "/a/c"), ("/../x", "/x"), ("/a//b/", "/a/b")];
        for (given, plain) in cases {
            assert_eq!(absolute(Path::new(given)).unwrap(), Path::new(plain));
        }
        assert!(absolute(Path::new("x")).unwrap().is_absolute());
    }

    #[test]
    fn a_destination_finds_its_file_again() {
        // rule D5
        let text = below_base(Path::new("/a/b.bin")).unwrap();
        let destination = Destination::in_base(BASE, text).unwrap();
        assert_eq!(path_of(&destination).unwrap(), Path::new("/a/b.bin"));
        assert_eq!(shown(&destination, Path::new("/root")), "/a/b.bin");
        let own = Destination::in_container("c.bin").unwrap();
        assert_eq!(shown(&own, Path::new("/root")), "/root/files/c.bin");
        assert_eq!(path_of(&own), None);
    }

    #[test]
    fn a_name_never_leaves_its_folder() {
        // rule T4
        for name in [
            "",
            "/etc/passwd",
            "../x",
            "a/../x",
            "a//b",
            "a/",
            ".",
            "nul\0",
        ] {
            assert!(named(Path::new("/d"), name).is_err(), "{name:?}");
        }
        assert_eq!(named(Path::new("/d"), "a/b").unwrap(), Path::new("/d/a/b"));
    }

    #[test]
    fn an_unwritable_folder_is_told_before_anything_is_queued() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        assert_eq!(
            prepare_folder(&file.join("below")).unwrap_err().exit,
            Exit::NotWritable
        );
        assert_eq!(
            prepare_file(folder.path()).unwrap_err().exit,
            Exit::NotWritable
        );
        prepare_folder(&folder.path().join("new/er")).unwrap();
        assert_eq!(
            fs::read_dir(folder.path().join("new/er")).unwrap().count(),
            0
        );
    }
}
