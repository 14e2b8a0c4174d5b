//! Named base directories: how a stored path becomes a real one.
//!
//! App containers move between launches and between devices, so the store keeps a base's name and a
//! path relative to it, never an absolute path (D5). This module must never let a stored path lead
//! out of its base; it looks at names only, and does not follow links inside a base, which belongs
//! to the app.

use std::collections::BTreeMap;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// The bases an app has declared in this launch.
#[derive(Debug, Clone, Default)]
pub(crate) struct BaseDirectories {
    by_name: BTreeMap<String, PathBuf>,
}

impl BaseDirectories {
    /// Declares where `name` lies in this launch; a later call moves it.
    ///
    /// # Errors
    /// [`PathError::BaseNotAbsolute`]: a relative base would follow the process's working
    /// directory.
    pub(crate) fn insert(&mut self, name: &str, path: &Path) -> Result<(), PathError> {
        if !path.is_absolute() {
            return Err(PathError::BaseNotAbsolute {
                base: name.to_owned(),
            });
        }
        self.by_name.insert(name.to_owned(), path.to_path_buf());
        Ok(())
    }

    /// The names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// The absolute path of `relative` under the base called `base`.
    ///
    /// # Errors
    /// An unknown base, or a path that is empty, absolute, holds a NUL, or would leave the base.
    pub(crate) fn resolve(&self, base: &str, relative: &Path) -> Result<PathBuf, PathError> {
        let Some(directory) = self.by_name.get(base) else {
            return Err(PathError::UnknownBase {
                base: base.to_owned(),
            });
        };
        if relative.as_os_str().is_empty() {
            return Err(PathError::Empty);
        }
        if relative.as_os_str().as_bytes().contains(&0) {
            return Err(PathError::Nul);
        }
        let mut resolved = directory.clone();
        for component in relative.components() {
            match component {
                Component::Normal(name) => resolved.push(name),
                _ => {
                    return Err(PathError::EscapesBase {
                        relative: relative.to_path_buf(),
                    });
                }
            }
        }
        Ok(resolved)
    }
}

/// Why a stored path has no place on this disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathError {
    /// No base of this name was declared in this launch.
    UnknownBase {
        /// The name that was looked up.
        base: String,
    },
    /// A base was declared with a relative path.
    BaseNotAbsolute {
        /// The base's name.
        base: String,
    },
    /// The relative path is absolute, or has a `.` in front or a `..` anywhere.
    EscapesBase {
        /// The path as it was given.
        relative: PathBuf,
    },
    /// The relative path is empty: it would name the base itself.
    Empty,
    /// The relative path holds a NUL byte, at which the system would end it.
    Nul,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PathError::UnknownBase { base } => write!(f, "no base directory is called {base:?}"),
            PathError::BaseNotAbsolute { base } => {
                write!(f, "base directory {base:?} is not an absolute path")
            }
            PathError::EscapesBase { relative } => {
                write!(f, "{relative:?} leads out of its base directory")
            }
            PathError::Empty => f.write_str("the path relative to its base directory is empty"),
            PathError::Nul => f.write_str("the path holds a NUL byte"),
        }
    }
}

impl std::error::Error for PathError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn bases() -> BaseDirectories {
        let mut bases = BaseDirectories::default();
        bases.insert("downloads", Path::new("/app/one")).unwrap();
        bases
    }

    #[test]
    fn the_same_stored_path_follows_a_container_that_moved() {
        // rule D5
        let mut bases = bases();
        let stored = Path::new("films/a.mp4");
        assert_eq!(
            bases.resolve("downloads", stored).unwrap(),
            Path::new("/app/one/films/a.mp4")
        );
        bases.insert("downloads", Path::new("/app/two")).unwrap();
        assert_eq!(
            bases.resolve("downloads", stored).unwrap(),
            Path::new("/app/two/films/a.mp4")
        );
    }

    #[test]
    fn nothing_stored_can_lead_out_of_its_base() {
        // rule D5
        let bases = bases();
        for bad in ["..", "../b", "a/../../b", "a/..", "/etc/passwd", "./a", "."] {
            let relative = PathBuf::from(bad);
            let expected = PathError::EscapesBase {
                relative: relative.clone(),
            };
            assert_eq!(
                bases.resolve("downloads", &relative),
                Err(expected),
                "{bad}"
            );
        }
        assert_eq!(
            bases.resolve("downloads", Path::new("")),
            Err(PathError::Empty)
        );
        assert_eq!(
            bases.resolve("downloads", Path::new("a\0b")),
            Err(PathError::Nul)
        );
    }

    #[test]
    fn an_undeclared_or_relative_base_is_a_typed_error() {
        // rule D5
        let mut bases = bases();
        let unknown = PathError::UnknownBase {
            base: "cache".to_owned(),
        };
        assert_eq!(bases.resolve("cache", Path::new("a")), Err(unknown));
        let relative = PathError::BaseNotAbsolute {
            base: "cache".to_owned(),
        };
        assert_eq!(bases.insert("cache", Path::new("cache")), Err(relative));
    }
}
