//! The command that asks the system for the next start. It must never go through a shell, and must
//! never keep the process longer than its limit.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::error::{Error, ErrorKind, Result};
use crate::wake::WakeRequest;

/// A command that takes longer is ended.
const TIMEOUT_MS: u64 = 10 * 1000;
/// How often the command is looked at: std has no wait with a limit.
const LOOK_MS: u64 = 10;

/// A program and its arguments, run as they are, without a shell. In the arguments these stand for
/// what is asked:
///
/// | placeholder | becomes |
/// |---|---|
/// | `{at}` | the moment by RFC 3339 in UTC, such as `2026-03-01T04:05:06Z` |
/// | `{unix}` | the same in seconds since 1970 |
/// | `{seconds}` | the same in seconds from now |
/// | `{network}`, `{unmetered}`, `{charging}` | `true` if the wake is of use only then, else `false` |
///
/// Anything else stays, other braces too. Its standard error is the process's; its output is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookCommand {
    program: OsString,
    arguments: Vec<String>,
}

impl HookCommand {
    /// A command that is looked up in `PATH`.
    pub fn new<A: Into<String>>(
        program: impl Into<OsString>,
        arguments: impl IntoIterator<Item = A>,
    ) -> HookCommand {
        HookCommand {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
        }
    }

    /// Runs it to its end.
    pub(super) fn run(&self, request: &WakeRequest, now: SystemTime) -> Result<()> {
        self.run_for(request, now, Duration::from_millis(TIMEOUT_MS))
    }

    pub(super) fn run_for(
        &self,
        request: &WakeRequest,
        now: SystemTime,
        limit: Duration,
    ) -> Result<()> {
        let mut child = Command::new(&self.program)
            .args(self.arguments.iter().map(|text| fill(text, request, now)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| self.failed("could not be started").with_source(error))?;
        match ended(&mut child, limit) {
            Ok(Some(status)) if status.success() => Ok(()),
            Ok(Some(status)) => Err(self.failed(&format!("ended with {status}"))),
            Ok(None) => {
                let seconds = limit.as_secs();
                Err(self.failed(&format!("did not end within {seconds} s")))
            }
            Err(error) => Err(self.failed("could not be waited for").with_source(error)),
        }
    }

    fn failed(&self, how: &str) -> Error {
        let program = Path::new(&self.program).display();
        let message = format!(
            "the wake hook {program} {how}; try the command by hand: until it works, nothing starts this program again"
        );
        Error::new(ErrorKind::WakeHook, message)
    }
}

/// How it ended; none if it had to be ended.
fn ended(child: &mut Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let end = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(LOOK_MS));
    }
}

/// Puts the values in. One pass: a value is never looked through again.
pub(super) fn fill(text: &str, request: &WakeRequest, now: SystemTime) -> String {
    let unix = since_1970(request.at);
    let wanted = request.constraints;
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        filled.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find('}').map_or(rest.len(), |end| end + 1);
        let value = match &rest[..end] {
            "{at}" => rfc3339(unix),
            "{unix}" => unix.to_string(),
            "{seconds}" => unix.saturating_sub(since_1970(now)).to_string(),
            "{network}" => (wanted.network || wanted.unmetered || wanted.not_cellular).to_string(),
            "{unmetered}" => wanted.unmetered.to_string(),
            "{charging}" => wanted.charging.to_string(),
            _ => {
                filled.push('{');
                rest = &rest[1..];
                continue;
            }
        };
        filled.push_str(&value);
        rest = &rest[end..];
    }
    filled + rest
}

/// Rounded up: a timer must not come before its moment.
fn since_1970(moment: SystemTime) -> u64 {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs() + u64::from(since.subsec_nanos() > 0)
}

/// Days into years and months by the Gregorian calendar, in eras of 400 years that begin in March.
fn rfc3339(unix: u64) -> String {
    let (days, second) = (unix / 86_400 + 719_468, unix % 86_400);
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = era * 400 + year + next_year;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
