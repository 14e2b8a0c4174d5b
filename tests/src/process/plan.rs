//! What a probe is told to do: a value that goes to it as a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Everything that one launch of the probe does.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// The container.
    pub container: PathBuf,
    /// The session.
    pub identifier: String,
    /// Named base directories.
    pub bases: BTreeMap<String, PathBuf>,
    /// Transfers at a time, to one host and in all; 0 is the session's own default.
    pub in_flight: usize,
    /// What to enqueue, in one call. What is there already is found by its caller id.
    pub files: Vec<Wanted>,
    /// Cancel all of them at once.
    pub cancels: bool,
    /// A certificate authority to trust, as PEM.
    pub root_certificate: String,
    /// Tasks that only make the queue long: so many, below `many_url`.
    pub many: usize,
    /// What their numbers are appended to.
    pub many_url: String,
    /// Where each call of the delegate is written down.
    pub calls: PathBuf,
    /// How the delegate behaves.
    pub manner: Manner,
    /// Go on when everything was told, until the standard input closes.
    pub stay: bool,
}

/// One file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// From where.
    pub url: String,
    /// Below the container's own folder if `base` is empty.
    pub path: String,
    /// The name of a base directory.
    pub base: String,
    /// The app's name for it.
    pub caller_id: String,
    /// The digest it must have, if the app knows it.
    pub sha256: Option<String>,
    /// The app's names of earlier ones that it comes after.
    pub after: Vec<String>,
}

/// How a delegate behaves in `did_complete`. The count is of the calls in this process, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Manner {
    /// It returns.
    #[default]
    Plain,
    /// It takes this many milliseconds.
    SlowMs(u64),
    /// It never returns from this call.
    StuckAt(u32),
    /// It aborts the process in this call.
    AbortAt(u32),
    /// It panics in this call.
    PanicAt(u32),
}

impl Plan {
    /// A plan for a session in `container`.
    #[must_use]
    pub fn new(container: &Path, identifier: &str) -> Plan {
        Plan {
            container: container.to_path_buf(),
            identifier: identifier.to_owned(),
            calls: container.with_extension("calls"),
            ..Plan::default()
        }
    }

    /// Writes it to a file beside the container, for the probe's only argument.
    ///
    /// # Panics
    /// If the file cannot be written.
    pub fn save(&self) -> PathBuf {
        // A name of its own: two probes may be under way on one container.
        let name = format!("{}.plan.json", self.identifier);
        let path = self.container.with_file_name(name);
        std::fs::write(&path, serde_json::to_vec(self).unwrap()).unwrap();
        path
    }
}
