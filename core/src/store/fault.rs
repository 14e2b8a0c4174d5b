//! What can go wrong below the store's surface, and how it becomes the one public error type.
//! Decides nothing but the kind and the sentence.

use std::io;
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
    /// From the files around the database.
    File(io::Error),
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

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::File(error)
    }
}

impl Fault {
    /// Whether the database itself is damaged, so that it has to be moved aside (rule D6).
    pub fn is_corruption(&self) -> bool {
        match self {
            Fault::Garbled(_) => true,
            Fault::Typed(error) => error.kind() == ErrorKind::StoreCorrupt,
            Fault::Sql(error) => sql_is_corruption(error),
            Fault::File(_) => false,
        }
    }

    /// The public error. `place` is the container, if there is one.
    pub fn into_error(self, place: Option<&Path>) -> Error {
        let place = place.map_or_else(|| PathBuf::from("memory"), Path::to_path_buf);
        if self.is_corruption() {
            return damaged(self, &place);
        }
        match self {
            Fault::Typed(error) => error,
            Fault::Garbled(_) => damaged(self, &place),
            Fault::File(error) => {
                let trouble = Trouble::of_file(error.kind());
                Error::new(trouble.kind(), trouble.message(&place)).with_source(error)
            }
            Fault::Sql(error) => {
                let trouble = Trouble::of_code(error.sqlite_error_code());
                Error::new(trouble.kind(), trouble.message(&place)).with_source(error)
            }
        }
    }

    /// What is wrong, without advice.
    pub fn reason(self) -> String {
        match self {
            Fault::Garbled(text) => text,
            Fault::Sql(error) => error.to_string(),
            Fault::File(error) => error.to_string(),
            Fault::Typed(error) => error.to_string(),
        }
    }
}

fn damaged(fault: Fault, place: &Path) -> Error {
    let message = format!(
        "the store in {} is damaged; close the session and open it again: the damaged file is then moved aside",
        place.display()
    );
    match fault {
        Fault::Typed(error) => error,
        other => Error::new(ErrorKind::StoreCorrupt, message).with_source(other.reason()),
    }
}

/// What people can do something about.
#[derive(Clone, Copy)]
enum Trouble {
    Full,
    NotWritable,
    Locked,
    Broken,
    Other,
}

impl Trouble {
    fn of_file(kind: io::ErrorKind) -> Trouble {
        match kind {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Trouble::Full,
            io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::AlreadyExists => Trouble::NotWritable,
            _ => Trouble::Broken,
        }
    }

    fn of_code(code: Option<ErrorCode>) -> Trouble {
        match code {
            Some(ErrorCode::DiskFull) => Trouble::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Trouble::NotWritable
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Trouble::Locked,
            Some(ErrorCode::SystemIoFailure) => Trouble::Broken,
            _ => Trouble::Other,
        }
    }

    fn kind(self) -> ErrorKind {
        match self {
            Trouble::Full => ErrorKind::NoSpace,
            _ => ErrorKind::Store,
        }
    }

    fn message(self, place: &Path) -> String {
        let place = place.display();
        match self {
            Trouble::Full => {
                format!("no space for the store in {place}; free some space on that volume")
            }
            Trouble::NotWritable => format!(
                "the store in {place} cannot be written; make it a directory that this user may write, or choose another one"
            ),
            Trouble::Locked => {
                format!("another program keeps the store in {place} locked; close that program")
            }
            Trouble::Broken => {
                format!("reading or writing the store in {place} failed; check that volume")
            }
            Trouble::Other => format!("the store in {place} refused a statement"),
        }
    }
}

fn sql_is_corruption(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => {
            matches!(
                failure.code,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase
            ) || matches!(failure.extended_code, IOERR_SHORT_READ | IOERR_CORRUPT_FS)
        }
        // The statements and the columns are ours: another type than the one written is damage.
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::Utf8Error(..) => true,
        _ => false,
    }
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
        assert_eq!(
            kind(ffi::SQLITE_IOERR_SHORT_READ).0,
            ErrorKind::StoreCorrupt
        );
        assert_eq!(kind(ffi::SQLITE_IOERR_FSYNC).0, ErrorKind::Store);
        let (read_only, message) = kind(ffi::SQLITE_READONLY);
        assert_eq!(read_only, ErrorKind::Store);
        assert!(message.contains("/container"), "{message}");
        assert!(message.contains("choose another one"), "{message}");
    }

    #[test]
    fn the_codes_spelled_out_here_are_sqlites() {
        assert_eq!(IOERR_SHORT_READ, ffi::SQLITE_IOERR_SHORT_READ);
        assert_eq!(IOERR_CORRUPT_FS, ffi::SQLITE_IOERR_CORRUPTFS);
    }

    #[test]
    fn trouble_with_other_files_says_where_and_what_to_do() {
        // rule E3
        let error = |kind: io::ErrorKind| {
            Fault::from(io::Error::from(kind)).into_error(Some(Path::new("/container")))
        };
        assert_eq!(error(io::ErrorKind::StorageFull).kind(), ErrorKind::NoSpace);
        let refused = error(io::ErrorKind::PermissionDenied);
        assert_eq!(refused.kind(), ErrorKind::Store);
        assert!(refused.message().contains("/container"), "{refused}");
        assert!(
            refused.message().contains("choose another one"),
            "{refused}"
        );
    }
}
