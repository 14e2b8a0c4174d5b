//! The exit codes that `--help` documents, and one line that says what to do.

use std::fs;

use backhaul_fault_server::{Fault, Object};
use backhaul_tests::process::Ended;
#[cfg(target_os = "linux")]
use backhaul_tests::process::volume::Volume;

use crate::host::{Host, code};

/// The code, and one line with advice.
fn assert_ends(ended: &Ended, expected: i32) {
    assert_eq!(code(ended), expected, "{ended:?}");
    let said: Vec<&str> = ended
        .complaints
        .lines()
        .filter(|line| !line.contains("WARN"))
        .collect();
    assert_eq!(said.len(), 1, "one line: {ended:?}");
    assert!(said[0].contains(';'), "says what to do: {ended:?}");
}

#[test]
fn a_wrong_command_line_is_2_and_writes_nothing() {
    // rule C2
    let host = Host::new();
    assert_ends(&host.run("get", &["not a url"]), 2);
    assert_ends(&host.run("get", &["ftp://127.0.0.1/a"]), 2);
    assert_ends(
        &host.run("get", &["https://127.0.0.1/a", "--sha256", "xyz"]),
        2,
    );
    let twice = host.scratch.path().join("twice");
    fs::write(
        &twice,
        "http://127.0.0.1/a\tsame\nhttp://127.0.0.1/b\tsame\n",
    )
    .unwrap();
    let (twice, into) = (twice.to_str().unwrap(), host.files());
    assert_ends(
        &host.run(
            "enqueue",
            &["--from", twice, "--into", into.to_str().unwrap()],
        ),
        2,
    );
    let listed = host.run("list", &["--json"]);
    assert_eq!(listed.lines, Vec::<String>::new(), "{listed:?}");
}

#[test]
fn a_file_that_does_not_arrive_is_1() {
    // rule H5
    let host = Host::new();
    let ended = host.get("missing", &["--json"]).wait();
    assert_ends(&ended, 1);
    assert!(ended.said("\"http_status\"").is_some(), "{ended:?}");
    assert!(ended.said("\"status\":404").is_some(), "{ended:?}");

    host.server.put("a.bin", Object::generated(1, 1000));
    let ended = host
        .get("a.bin", &["--sha256", &"0".repeat(64), "--json"])
        .wait();
    assert_ends(&ended, 1);
    assert!(ended.said("\"digest_mismatch\"").is_some(), "{ended:?}");
    assert!(!host.files().join("a.bin").exists());
}

#[test]
fn tasks_that_still_wait_are_3() {
    // rules H2, E1
    let host = Host::new();
    host.server.put("a.bin", Object::generated(1, 1000));
    host.server.always("a.bin", Fault::retry_after(503, 3600));
    let (url, into) = (host.server.object_url("a.bin"), host.files());
    let queued = host.run("enqueue", &[&url, "--into", into.to_str().unwrap()]);
    assert_eq!(code(&queued), 0, "{queued:?}");
    let ended = host.run("run", &[]);
    assert_eq!(code(&ended), 3, "{ended:?}");
    assert!(ended.complaints.contains("retry_after"), "{ended:?}");
}

#[test]
fn a_session_that_is_held_is_4() {
    // rule C1
    let host = Host::new();
    host.server.put("a.bin", Object::generated(1, 1_000_000));
    host.server.always("a.bin", Fault::Stall(1000));
    let app = host.get("a.bin", &[]);
    let asked = |state: &backhaul_fault_server::ServerState| state.request_count() > 0;
    assert!(
        host.server
            .wait_until(asked, backhaul_tests::process::PATIENCE)
    );
    assert_ends(&host.get("a.bin", &[]).wait(), 4);
    assert_eq!(code(&host.run("list", &[])), 0, "looking is always allowed");
    app.kill();
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_volume_is_5() {
    // rule D9
    let host = Host::new();
    let Some(volume) = Volume::mount(&host.files(), 1024 * 1024) else {
        return;
    };
    host.server.put("a.bin", Object::generated(1, 3_000_000));
    let ended = host.get("a.bin", &[]).wait();
    drop(volume);
    assert_ends(&ended, 5);
    assert!(ended.complaints.contains("3000000 bytes"), "{ended:?}");
}

#[test]
fn a_place_that_cannot_be_written_is_6() {
    // rule D2
    let host = Host::new();
    host.server.put("a.bin", Object::generated(1, 1000));
    fs::write(host.files(), b"a file where a folder should be").unwrap();
    assert_ends(&host.get("a.bin", &[]).wait(), 6);
}

#[test]
fn an_unknown_task_is_7() {
    // rule E1
    let host = Host::new();
    host.server.put("a.bin", Object::generated(1, 1000));
    assert_eq!(code(&host.get("a.bin", &[]).wait()), 0);
    assert_ends(&host.run("explain", &["4711"]), 7);
    assert_ends(&host.run("cancel", &["4711"]), 7);
}

#[test]
fn a_store_of_a_newer_version_is_8() {
    // rule D6
    let host = Host::new();
    host.server.put("a.bin", Object::generated(1, 1000));
    assert_eq!(code(&host.get("a.bin", &[]).wait()), 0);
    let db = rusqlite::Connection::open(host.root().join("backhaul.sqlite3")).unwrap();
    db.pragma_update(None, "user_version", 1000).unwrap();
    drop(db);
    assert_ends(&host.get("a.bin", &[]).wait(), 8);
    assert_ends(&host.run("list", &[]), 8);
}
