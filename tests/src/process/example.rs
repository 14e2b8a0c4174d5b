//! The command-line host, as it was built.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The path of the built example `backhaul`, brought up to date first.
///
/// # Panics
/// If it cannot be built.
pub fn program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(build).clone()
}

const ABOUT_THIS_TEST: [&str; 4] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_PRIMARY_",
];

/// `cargo test` builds the examples only of the packages that it was asked to test, so a stale one
/// may lie there: asking again costs a moment.
fn build() -> PathBuf {
    // PROFILE/deps/TEST-HASH
    let test = std::env::current_exe().unwrap();
    let profile = test
        .ancestors()
        .nth(2)
        .expect("a test lies in PROFILE/deps")
        .to_path_buf();
    let is_release = profile.file_name().is_some_and(|name| name == "release");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args([
            "build",
            "--quiet",
            "--offline",
            "--package",
            "backhaul",
            "--example",
            "backhaul",
        ])
        .args(is_release.then_some("--release"))
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .arg("--target-dir")
        .arg(profile.parent().expect("a profile lies in a target folder"))
        .stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        // What cargo told this test about itself: build scripts that look at it would run again.
        if ABOUT_THIS_TEST
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            cargo.env_remove(&*name);
        }
    }
    let built = cargo.output().expect("cargo runs");
    let program = profile.join("examples/backhaul");
    assert!(
        built.status.success() && program.is_file(),
        "run `cargo build --example backhaul -p backhaul` and see why it fails: {}",
        String::from_utf8_lossy(&built.stderr)
    );
    program
}
