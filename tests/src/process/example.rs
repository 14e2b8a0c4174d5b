//! The command-line host, as it was built.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

use super::check::files_below;

/// What cargo told a test about itself: build scripts that look at it would run again.
const ABOUT_THE_TEST: [&str; 4] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_PRIMARY_",
];

/// The path of the built example `backhaul`. It is built if it is missing or older than its source:
/// `cargo test` builds the examples only of the packages that it was asked to test.
///
/// # Panics
/// If it cannot be built.
pub fn program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(find).clone()
}

fn find() -> PathBuf {
    // PROFILE/deps/TEST-HASH
    let test = std::env::current_exe().unwrap();
    let profile = test
        .ancestors()
        .nth(2)
        .expect("a test lies in PROFILE/deps");
    let program = profile.join("examples/backhaul");
    if !is_fresh(&program) {
        build(profile);
    }
    program
}

fn is_fresh(program: &Path) -> bool {
    let written = |path: &Path| path.metadata().and_then(|found| found.modified());
    let core = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../core"));
    let newest = files_below(core)
        .iter()
        .filter_map(|path| written(path).ok())
        .max();
    written(program).is_ok_and(|built| built > newest.unwrap_or(SystemTime::UNIX_EPOCH))
}

fn build(profile: &Path) {
    let is_release = profile.file_name().is_some_and(|name| name == "release");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--quiet", "--offline"])
        .args(["--package", "backhaul", "--example", "backhaul"])
        .args(is_release.then_some("--release"))
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .arg("--target-dir")
        .arg(profile.parent().expect("a profile lies in a target folder"))
        .stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ABOUT_THE_TEST.iter().any(|about| name.starts_with(about)) {
            cargo.env_remove(&*name);
        }
    }
    let built = cargo.output().expect("cargo runs");
    assert!(
        built.status.success(),
        "`cargo build --package backhaul --example backhaul` fails: {}",
        String::from_utf8_lossy(&built.stderr)
    );
}
