//! The built example and a place for it: a container, a folder for files, a server.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use backhaul_fault_server::FaultServer;
use backhaul_tests::process::{Ended, Process, example};
use serde_json::Value;
use tempfile::TempDir;

/// See the module.
pub struct Host {
    pub server: FaultServer,
    pub scratch: TempDir,
}

impl Host {
    pub fn new() -> Host {
        Host {
            server: FaultServer::start().unwrap(),
            scratch: tempfile::tempdir().unwrap(),
        }
    }

    pub fn root(&self) -> PathBuf {
        self.scratch.path().join("root")
    }

    pub fn files(&self) -> PathBuf {
        self.scratch.path().join("files")
    }

    /// Starts `backhaul COMMAND ARGUMENTS --root ROOT --session acceptance`.
    pub fn start(&self, command: &str, arguments: &[&str]) -> Process {
        let mut all: Vec<OsString> = vec![command.into()];
        all.extend(arguments.iter().map(OsString::from));
        all.extend(["--root".into(), self.root().into()]);
        all.extend(["--session".into(), "acceptance".into()]);
        Process::start(&example::program(), all)
    }

    /// Starts `get` of an object, into the folder for files.
    pub fn get(&self, name: &str, more: &[&str]) -> Process {
        let (url, into) = (self.server.object_url(name), self.files());
        let mut arguments = vec![url.as_str(), "--into", into.to_str().unwrap()];
        arguments.extend(more);
        self.start("get", &arguments)
    }

    /// Runs a command to its end.
    pub fn run(&self, command: &str, arguments: &[&str]) -> Ended {
        self.start(command, arguments).wait()
    }

    /// Lets a `get` run until the server has sent so many more bytes of the object, and kills it.
    pub fn get_killed(&self, name: &str, bytes: u64) -> Ended {
        let until = self.server.bytes_sent(name) + bytes;
        let app = self.get(name, &["--json"]);
        let sent = |state: &backhaul_fault_server::ServerState| state.bytes_sent(name) >= until;
        if !self
            .server
            .wait_until(sent, backhaul_tests::process::PATIENCE)
        {
            panic!("it never came so far: {:?}", app.kill());
        }
        let killed = app.kill();
        assert!(!killed.status.success(), "it was still running: {killed:?}");
        assert!(
            !self.files().join(name).exists(),
            "nothing is there before it is whole"
        );
        killed
    }
}

/// Its exit code.
pub fn code(ended: &Ended) -> i32 {
    ended.status.code().unwrap_or_else(|| panic!("{ended:?}"))
}

/// Every line as the JSON object that it is.
pub fn objects(ended: &Ended) -> Vec<Value> {
    let parse =
        |line: &String| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    ended.lines.iter().map(parse).collect()
}

/// The only part file below `folder`, if there is one.
pub fn part_bytes(folder: &Path) -> u64 {
    let parts = backhaul_tests::process::check::part_files_below(folder);
    parts
        .iter()
        .map(|part| part.metadata().unwrap().len())
        .sum()
}
