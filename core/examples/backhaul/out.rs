//! Standard output and error. Who stops reading stops the talking, never the downloads: a broken
//! pipe is no panic.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Standard output.
#[derive(Debug)]
pub struct Out {
    is_closed: AtomicBool,
    has_colours: bool,
}

/// What a word means.
#[derive(Clone, Copy, Debug)]
pub enum Colour {
    /// Right.
    Green,
    /// Wrong.
    Red,
    /// Waits.
    Yellow,
    /// Beside the point.
    Grey,
}

impl Out {
    /// Colours only on a terminal, and not where the user said no (NO_COLOR).
    pub fn new() -> Out {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Out {
            is_closed: AtomicBool::new(false),
            has_colours: wanted && io::stdout().is_terminal(),
        }
    }

    /// Writes a line. False when nobody reads any more.
    pub fn line(&self, line: impl fmt::Display) -> bool {
        if self.is_closed.load(Ordering::Relaxed) {
            return false;
        }
        let mut text = line.to_string();
        text.push('\n');
        let mut stdout = io::stdout().lock();
        let written = stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush());
        if written.is_err() {
            self.is_closed.store(true, Ordering::Relaxed);
        }
        written.is_ok()
    }

    /// The text in a colour, where there are colours.
    pub fn paint(&self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::Green => 32,
            Colour::Red => 31,
            Colour::Yellow => 33,
            Colour::Grey => 90,
        };
        if self.has_colours {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Writes a line for people to standard error.
pub fn note(line: impl fmt::Display) {
    // Nobody is left to tell that nobody listens.
    let _ = writeln!(io::stderr().lock(), "backhaul: {line}");
}
