//! Where files go. Nothing absolute is ever stored, and nothing leaves its base (rule D5).

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::TEXT_LIMIT_BYTES;
use crate::error::{Error, ErrorKind, Result};

/// The base directory that every session knows: the `files` folder of its container.
pub const CONTAINER_BASE: &str = "container";

/// Where a finished file goes: a path below a named base directory.
///
/// Apps' containers move between launches, so no absolute path is ever stored (rule D5). The name
/// is resolved each time by what the configuration says then
/// ([`base_directory`](crate::SessionConfiguration::base_directory)).
///
/// ```
/// let map = backhaul::Destination::in_base("documents", "maps/alps.mbtiles").unwrap();
/// assert!(backhaul::Destination::in_base("documents", "../escape").is_err());
/// # assert_eq!(map.base(), "documents");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Destination {
    base: String,
    path: String,
}

impl Destination {
    /// A path below the container's own `files` folder.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDestination`], as [`Destination::in_base`].
    pub fn in_container(path: impl Into<String>) -> Result<Destination> {
        Destination::in_base(CONTAINER_BASE, path)
    }

    /// A path below the base directory called `base`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDestination`] when the path is empty, absolute, or has `.` or `..`.
    pub fn in_base(base: impl Into<String>, path: impl Into<String>) -> Result<Destination> {
        let (base, path) = (base.into(), path.into());
        let normal = |c: Component<'_>| matches!(c, Component::Normal(_));
        let well_formed = !path.is_empty()
            && path.len() <= TEXT_LIMIT_BYTES
            && !path.contains('\0')
            && !path.ends_with('/')
            && !path.split('/').any(|part| part == "." || part.is_empty())
            && Path::new(&path).components().all(normal);
        if base.is_empty() || !well_formed {
            return Err(Error::new(
                ErrorKind::InvalidDestination,
                format!(
                    "destination {path:?} must be a relative path of plain names below a named base directory"
                ),
            ));
        }
        Ok(Destination { base, path })
    }

    /// For values that the store holds: they were checked when they went in.
    pub(crate) fn from_store(base: String, path: String) -> Destination {
        Destination { base, path }
    }

    /// The name of the base directory.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The path below it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_never_leaves_its_base() {
        // rule D5
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../x",
            "a/./x",
            "a//x",
            "x/",
            "nul\0",
        ] {
            assert!(Destination::in_container(path).is_err(), "{path:?}");
        }
        assert!(Destination::in_container("a/b.bin").is_ok());
    }
}
