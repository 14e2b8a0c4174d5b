//! The server as a process: one line, and the end with its standard input.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

#[test]
fn it_prints_its_address_and_ends_with_its_input() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_backhaul-fault-server"))
        .args(["--tls", "--object", "a=1000,7"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let (base, ca_file) = line.trim_end().split_once(' ').unwrap();
    let curl = Command::new("curl")
        .args(["--silent", "--fail", "--cacert", ca_file])
        .arg(format!("{base}/o/a"))
        .output()
        .unwrap();
    assert_eq!(curl.stdout.len(), 1000);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(!std::path::Path::new(ca_file).exists());
}

#[test]
fn it_serves_files() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"a feed").unwrap();
    let named = format!("today/feed.json={}", file.path().display());
    let mut child = Command::new(env!("CARGO_BIN_EXE_backhaul-fault-server"))
        .args(["--file", &named])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let curl = Command::new("curl")
        .args(["--silent", "--fail"])
        .arg(format!("{}/o/today/feed.json", line.trim_end()))
        .output()
        .unwrap();
    assert_eq!(curl.stdout, b"a feed");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}
