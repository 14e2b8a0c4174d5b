//! The files of the demo, and the server with its faults.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backhaul_fault_server::{Fault, FaultServer, Object};

use crate::exit::{Exit, Failure, Outcome};

const MB: u64 = 1_000_000;

/// What one answer of the server is held to, so that there is something to see.
const RATE_BYTES_PER_SECOND: u64 = 2_500_000;

/// Names, lengths and what is wrong with the server for each.
const FILES: [(&str, u64, Trouble); 8] = [
    ("alps.map", 12 * MB, Trouble::Replaced),
    ("andes.map", 9 * MB, Trouble::Truncated),
    ("atlas.map", 8 * MB, Trouble::Reset),
    ("etna.map", 10 * MB, Trouble::None),
    ("jura.map", 4 * MB, Trouble::NoRanges),
    ("tatra.map", 6 * MB, Trouble::None),
    ("ural.map", 7 * MB, Trouble::Busy),
    ("vosges.map", 5 * MB, Trouble::None),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    None,
    /// Another version comes between two processes.
    Replaced,
    /// The first body ends early.
    Truncated,
    /// The first connection is reset.
    Reset,
    /// The first answer is "come back in a second".
    Busy,
    /// `Range` is ignored: no transfer of it can ever go on.
    NoRanges,
}

impl Trouble {
    fn words(self) -> &'static str {
        match self {
            Trouble::None => "",
            Trouble::Replaced => "replaced on the server",
            Trouble::Truncated => "body cut short",
            Trouble::Reset => "connection reset",
            Trouble::Busy => "503, Retry-After",
            Trouble::NoRanges => "server ignores Range",
        }
    }
}

/// A file as it has to arrive.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Its name.
    pub name: &'static str,
    /// Its bytes.
    pub object: Object,
    /// What was wrong with the server.
    pub trouble: &'static str,
}

/// The server, and what it has now.
pub struct Files {
    server: FaultServer,
    expected: Mutex<Vec<Expected>>,
}

impl Files {
    /// Starts the server.
    pub fn serve() -> Outcome<Files> {
        let server = FaultServer::start().map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("cannot listen on 127.0.0.1: {error}; allow loopback connections"),
            )
        })?;
        server.limit_rate(Some(RATE_BYTES_PER_SECOND));
        let mut expected = Vec::new();
        for (seed, (name, len, trouble)) in (1..).zip(FILES) {
            let object = Object::generated(seed, len);
            server.put(name, object.clone());
            match trouble {
                Trouble::Truncated => server.script(name, vec![Fault::Truncate(MB)]),
                Trouble::Reset => server.script(name, vec![Fault::ResetAfter(MB)]),
                Trouble::Busy => server.script(name, vec![Fault::retry_after(503, 1)]),
                Trouble::NoRanges => server.always(name, Fault::IgnoreRange),
                Trouble::Replaced | Trouble::None => {}
            }
            expected.push(Expected {
                name,
                object,
                trouble: trouble.words(),
            });
        }
        Ok(Files {
            server,
            expected: Mutex::new(expected),
        })
    }

    /// What has to arrive, by now.
    pub fn expected(&self) -> MutexGuard<'_, Vec<Expected>> {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The list for `get --from`.
    pub fn list(&self) -> String {
        let line =
            |file: &Expected| format!("{}\t{}\n", self.server.object_url(file.name), file.name);
        self.expected().iter().map(line).collect()
    }

    /// How many.
    pub fn count(&self) -> usize {
        FILES.len()
    }

    /// Their length in all.
    pub fn total_bytes(&self) -> u64 {
        self.expected().iter().map(|file| file.object.len()).sum()
    }

    /// The server's port.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Body bytes that the server has sent.
    pub fn sent_bytes(&self) -> u64 {
        FILES
            .iter()
            .map(|(name, _, _)| self.server.bytes_sent(name))
            .sum()
    }

    /// Waits until it has sent so many. False if that takes too long.
    pub fn wait_until_sent(&self, bytes: u64, timeout: Duration) -> bool {
        let sent = |state: &backhaul_fault_server::ServerState| {
            FILES
                .iter()
                .map(|(name, _, _)| state.bytes_sent(name))
                .sum::<u64>()
                >= bytes
        };
        self.server.wait_until(sent, timeout)
    }

    /// Puts another version in the place of one file.
    pub fn replace_one(&self) -> &'static str {
        let mut replaced = "";
        for (file, (_, len, trouble)) in self.expected().iter_mut().zip(FILES) {
            if trouble == Trouble::Replaced {
                file.object = Object::generated(1000, len + MB);
                self.server.put(file.name, file.object.clone());
                replaced = file.name;
            }
        }
        replaced
    }
}
