//! What can go wrong below the store's surface, and how it becomes the one public error type.
//! Decides nothing but the kind and the sentence.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::error::{Error, ErrorKind};

/// A header that ends early: SQLite reports it as an I/O error, but the file is damaged.
const IOERR_SHORT_READ: i32 = 10 | (2 << 8);
/// The file system itself found a checksum to be wrong.
const IOERR_CORRUPT_FS: i32 = 10 | (33 << 8);

/// An error inside the store, before it is known where the store lies.
#[derive(Debug)]
pub(super) enum Fault {
    Sql(rusqlite::Error),
    /// A value in the store means nothing: the text says which.
    Garbled(String),
    /// Already what the caller shall see.
    Typed(Error),
}

pub(super) type SqlResult<T> = Result<T, Fault>;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        Fault::Sql(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Fault {
        Fault::Garbled(format!("a stored value is not what was written: {error}"))
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Typed(error)
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Fault {
        let full = error.kind() == std::io::ErrorKind::StorageFull;
        let kind = if full {
            ErrorKind::NoSpace
        } else {
            ErrorKind::Store
        };
        Fault::Typed(Error::new(kind, "the store's files cannot be used").with_source(error))
    }
}

impl Fault {
    /// Whether the database itself is damaged, so that it has to be moved aside (rule D6).
    pub fn is_corruption(&self) -> bool {
        match self {
            Fault::Garbled(_) => true,
            Fault::Typed(error) => error.kind() == ErrorKind::StoreCorrupt,
            Fault::Sql(error) => sql_is_corruption(error),
        }
    }

    /// The public error. `place` is the container, if there is one.
    pub fn into_error(self, place: Option<&Path>) -> Error {
        let place = place.map_or_else(|| PathBuf::from("memory"), Path::to_path_buf);
        if self.is_corruption() {
            let source = match self {
                Fault::Typed(error) => return error,
                Fault::Garbled(text) => text,
                Fault::Sql(error) => error.to_string(),
            };
            return Error::new(
                ErrorKind::StoreCorrupt,
                format!(
                    "the store in {} is damaged; close the session and open it again: the damaged file is then moved aside",
                    place.display()
                ),
            )
            .with_source(source);
        }
        match self {
            Fault::Typed(error) => error,
            Fault::Garbled(text) => Error::new(ErrorKind::StoreCorrupt, text),
            Fault::Sql(error) => sql_error(error, &place),
        }
    }
}

fn sql_is_corruption(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => {
            matches!(
                failure.code,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase
            ) || matches!(
                failure.extended_code,
                IOERR_SHORT_READ | IOERR_CORRUPT_FS
            )
        }
        // The statements and the columns are ours: another type than the one written is damage.
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::Utf8Error(..) => true,
        _ => false,
    }
}

fn sql_error(error: rusqlite::Error, place: &Path) -> Error {
    let place = place.display();
    let (kind, message) = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => (
            ErrorKind::NoSpace,
            format!("no space for the store in {place}; free some space on that volume"),
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => (
            ErrorKind::Store,
            format!(
                "the store in {place} cannot be written; make the directory writable for this user, or choose another one"
            ),
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            ErrorKind::Store,
            format!("another program keeps the store in {place} locked; close that program"),
        ),
        Some(ErrorCode::SystemIoFailure) => (
            ErrorKind::Store,
            format!("reading or writing the store in {place} failed; check that volume"),
        ),
        _ => (
            ErrorKind::Store,
            format!("the store in {place} refused a statement"),
        ),
    };
    Error::new(kind, message).with_source(error)
}

/// The store's thread is gone, so no answer will come.
pub(super) fn closed() -> Error {
    Error::new(
        ErrorKind::Store,
        "the store was closed before it answered; open the session again",
    )
}

/// The same error for another caller of the same transaction.
pub(super) fn copy(error: &Error) -> Error {
    Error::from(error.to_record())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn kind(extended_code: i32) -> (ErrorKind, String) {
        let failure = rusqlite::Error::SqliteFailure(ffi::Error::new(extended_code), None);
        let error = Fault::from(failure).into_error(Some(Path::new("/container")));
        (error.kind(), error.to_string())
    }

    #[test]
    fn sqlite_codes_become_kinds_with_advice() {
        // rule E3
        assert_eq!(kind(ffi::SQLITE_FULL).0, ErrorKind::NoSpace);
        assert_eq!(kind(ffi::SQLITE_CORRUPT).0, ErrorKind::StoreCorrupt);
        assert_eq!(kind(ffi::SQLITE_NOTADB).0, ErrorKind::StoreCorrupt);
        assert_eq!(kind(ffi::SQLITE_IOERR_SHORT_READ).0, ErrorKind::StoreCorrupt);
        assert_eq!(kind(ffi::SQLITE_IOERR_FSYNC).0, ErrorKind::Store);
        let (read_only, message) = kind(ffi::SQLITE_READONLY);
        assert_eq!(read_only, ErrorKind::Store);
        assert!(message.contains("/container"), "{message}");
        assert!(message.contains("make the directory writable"), "{message}");
    }

    #[test]
    fn the_codes_spelled_out_here_are_sqlites() {
        assert_eq!(IOERR_SHORT_READ, ffi::SQLITE_IOERR_SHORT_READ);
        assert_eq!(IOERR_CORRUPT_FS, ffi::SQLITE_IOERR_CORRUPTFS);
    }

    #[test]
    fn a_full_disk_below_the_lock_files_is_no_space_too() {
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let error = Fault::from(full).into_error(None);
        assert_eq!(error.kind(), ErrorKind::NoSpace);
    }
}
