//! How it ends: one documented code, and one line that says what is wrong and what to do.

use std::fmt;
use std::io;
use std::process::ExitCode;

use backhaul::ErrorKind;

/// The exit codes, as `--help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked for is done.
    Done = 0,
    /// A file did not arrive, or something failed that has no code of its own.
    Failed = 1,
    /// The command line, a URL or a list is wrong.
    Usage = 2,
    /// Tasks still wait.
    Waiting = 3,
    /// Another process holds the session or the container.
    Held = 4,
    /// A volume is full.
    NoSpace = 5,
    /// A folder or file cannot be written.
    NotWritable = 6,
    /// No task with this id.
    UnknownTask = 7,
    /// The store cannot be read or written.
    Store = 8,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why the program ends without having done what it was asked for.
#[derive(Debug)]
pub struct Failure {
    /// The code.
    pub exit: Exit,
    message: String,
}

/// A result of this program.
pub type Outcome<T = Exit> = Result<T, Failure>;

impl Failure {
    /// `message` says what is wrong and, after a semicolon, what to do.
    pub fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure {
            exit,
            message: message.into(),
        }
    }

    /// A mistake on the command line or in a list.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, message)
    }

    /// The file system said no to `what`.
    pub fn io(what: &str, error: &io::Error) -> Failure {
        let (exit, advice) = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                (Exit::NoSpace, "free some space and run it again")
            }
            _ => (
                Exit::NotWritable,
                "choose another place or change its permissions",
            ),
        };
        Failure::new(exit, format!("{what}: {error}; {advice}"))
    }

    /// The same failure, with what it is about in front.
    pub fn about(self, what: &str) -> Failure {
        Failure {
            message: format!("{what}: {}", self.message),
            ..self
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line, whatever a library or a server put into it.
        let one_line = self
            .message
            .split(['\n', '\r'])
            .filter(|part| !part.is_empty());
        for (number, part) in one_line.enumerate() {
            let space = if number > 0 { " " } else { "" };
            write!(f, "{space}{}", part.trim())?;
        }
        Ok(())
    }
}

impl From<backhaul::Error> for Failure {
    fn from(error: backhaul::Error) -> Failure {
        let mut message = error.to_string();
        if !message.contains(';') {
            message = format!("{message}; {}", advice(error.kind()));
        }
        Failure::new(exit_for(error.kind()), message)
    }
}

/// The code for what the library reports.
pub fn exit_for(kind: ErrorKind) -> Exit {
    match kind {
        ErrorKind::InvalidIdentifier
        | ErrorKind::InvalidUrl
        | ErrorKind::UnsupportedScheme
        | ErrorKind::PlainHttpNotAllowed
        | ErrorKind::InvalidHeader
        | ErrorKind::SecretNotStorable
        | ErrorKind::InvalidDestination
        | ErrorKind::DestinationInUse
        | ErrorKind::DependencyCycle
        | ErrorKind::InvalidRequest => Exit::Usage,
        ErrorKind::SessionInUse | ErrorKind::ContainerInUse => Exit::Held,
        ErrorKind::NoSpace => Exit::NoSpace,
        ErrorKind::DestinationNotWritable | ErrorKind::File => Exit::NotWritable,
        ErrorKind::UnknownTask => Exit::UnknownTask,
        ErrorKind::StoreTooNew | ErrorKind::StoreCorrupt | ErrorKind::Store => Exit::Store,
        _ => Exit::Failed,
    }
}

/// What to do, where the library's sentence does not say.
fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidUrl | ErrorKind::UnsupportedScheme => "write https://host/path",
        ErrorKind::DestinationInUse => "choose another --output, or cancel the task that has it",
        ErrorKind::SessionInUse => {
            "wait until the other process has ended, or use another --session"
        }
        ErrorKind::ContainerInUse => {
            "wait until the other process has ended, or use another --root"
        }
        ErrorKind::UnknownTask => "`backhaul list` shows the ids",
        ErrorKind::StoreTooNew => "use the newer version of this program, or another --root",
        ErrorKind::StoreCorrupt | ErrorKind::Store => {
            "check the disk and the permissions of --root"
        }
        ErrorKind::NoSpace => "free some space and run it again",
        ErrorKind::DestinationNotWritable | ErrorKind::File => {
            "choose another place or change its permissions"
        }
        _ => "run it again; RUST_LOG=debug says more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line_with_advice() {
        let error = backhaul::SessionConfiguration::background("").unwrap_err();
        let failure = Failure::from(error);
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.to_string().contains(';'), "{failure}");
        assert_eq!(Failure::usage("a\nb\r\n c").to_string(), "a b c");
    }

    #[test]
    fn each_documented_case_has_its_own_code() {
        let kinds = [
            (ErrorKind::InvalidUrl, 2),
            (ErrorKind::SessionInUse, 4),
            (ErrorKind::NoSpace, 5),
            (ErrorKind::DestinationNotWritable, 6),
            (ErrorKind::UnknownTask, 7),
            (ErrorKind::StoreTooNew, 8),
        ];
        for (kind, code) in kinds {
            assert_eq!(exit_for(kind) as u8, code, "{kind}");
        }
    }

    #[test]
    fn a_full_disk_is_not_a_permission() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert_eq!(Failure::io("x", &full).exit, Exit::NoSpace);
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(Failure::io("x", &denied).exit, Exit::NotWritable);
    }
}
