//! Where everything is measured: the programs, a scratch folder on a real disk, sizes and rounds.

use crate::Failure;
use crate::arguments::Arguments;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What every topic needs. Dropping it removes the scratch folder.
pub struct Workbench {
    /// The command-line host.
    backhaul: PathBuf,
    scratch: TempDir,
    /// How `java` is called for the programs on the JVM, if they were built.
    jvm: Option<Vec<String>>,
    /// How the program in Swift is called; nothing if it was not built.
    swift: Vec<String>,
    /// How often each contestant runs.
    pub rounds: usize,
    quick: bool,
}

impl Workbench {
    /// Makes the scratch folder.
    pub fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let backhaul = arguments.backhaul.canonicalize().map_err(|error| {
            let path = arguments.backhaul.display();
            format!("{path}: {error}; `tests/run bench` builds it")
        })?;
        let dir = arguments.dir.canonicalize()?;
        let scratch = tempfile::Builder::new().prefix("bench-").tempdir_in(dir)?;
        Ok(Self {
            backhaul,
            scratch,
            jvm: java(arguments),
            swift: arguments.swift_calls.clone(),
            rounds: arguments.rounds(),
            quick: arguments.quick,
        })
    }

    /// One of two values: for the table, or for a quick look.
    pub fn size(&self, whole: u64, quick: u64) -> u64 {
        if self.quick { quick } else { whole }
    }

    /// A new folder of this name.
    pub fn folder(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.scratch.path().join(name);
        std::fs::create_dir(&path)?;
        Ok(path)
    }

    /// A new folder for one run of something, removed when it is dropped.
    pub fn place(&self) -> Result<TempDir, Failure> {
        Ok(tempfile::tempdir_in(self.scratch.path())?)
    }

    /// The command line of a program on the JVM.
    pub fn jvm(&self, class: &str, arguments: &[&str]) -> Result<Vec<String>, Failure> {
        let java = self.jvm.clone();
        let mut words = java.ok_or("the programs were not built: that takes Java 17 and Maven")?;
        words.push(format!("dev.backhaul.bench.{class}"));
        words.extend(arguments.iter().map(|&word| word.to_owned()));
        Ok(words)
    }

    /// The command line of the program in Swift.
    pub fn swift(&self, argument: &str) -> Result<Vec<String>, Failure> {
        if self.swift.is_empty() {
            return Err("the program was not built: that takes Swift 6".into());
        }
        let mut words = self.swift.clone();
        words.push(argument.to_owned());
        Ok(words)
    }

    /// A command line of ours, with its container in `place`.
    pub fn backhaul(&self, subcommand: &str, place: &Path) -> Vec<String> {
        let root = place.join("root");
        vec![
            text(&self.backhaul),
            subcommand.to_owned(),
            "--root".to_owned(),
            text(&root),
        ]
    }
}

/// With the heap that phones give an app.
fn java(arguments: &Arguments) -> Option<Vec<String>> {
    let library_path = text(arguments.jvm_library_path.as_deref()?);
    let class_path = arguments.jvm_class_path.clone()?;
    let library_path = format!("-Djna.library.path={library_path}");
    Some(vec![
        "java".to_owned(),
        "-Xmx256m".to_owned(),
        library_path,
        "-cp".to_owned(),
        class_path,
    ])
}

/// A path of ours as text: no name in it is anything but ASCII, or whoever chose the scratch folder's
/// parent will see a file that does not exist.
pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
