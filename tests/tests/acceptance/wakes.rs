//! `run --wake-limit`: one wake of an app in the background, on a clock.

use std::time::{Duration, Instant};

use backhaul_fault_server::{Fault, Object};
use backhaul_tests::process::check::assert_is;

use crate::host::{Host, code, objects, part_bytes};

const FILE_BYTES: u64 = 1_000_000;
const AT_ONCE: Duration = Duration::from_secs(15);

fn object() -> Object {
    Object::generated(1, FILE_BYTES)
}

fn queued(flags: &[&str]) -> Host {
    let host = Host::new();
    host.server.put("a.bin", object());
    let (url, into) = (host.server.object_url("a.bin"), host.files());
    let arguments = [&[url.as_str(), "--into", into.to_str().unwrap()], flags].concat();
    let ended = host.run("enqueue", &arguments);
    assert_eq!(code(&ended), 0, "{ended:?}");
    host
}

#[test]
fn a_wake_in_which_everything_arrives_is_0_and_tells_it() {
    // rules W3, W4, S5
    let table: [&[&str]; 3] = [
        &["--wake-limit", "20s"],
        &["--conditions", "app=background"],
        &["--wake-limit", "20s", "--conditions", "app=frontmost"],
    ];
    for arguments in table {
        let host = queued(&[]);
        let began = Instant::now();
        let ended = host.run("run", &[arguments, &["--json"]].concat());
        assert!(
            began.elapsed() < AT_ONCE,
            "it used the whole wake: {ended:?}"
        );
        assert_eq!(code(&ended), 0, "{ended:?}");
        let told = objects(&ended);
        assert_eq!(told.len(), 1, "{ended:?}");
        assert_eq!(told[0]["state"], "completed");
        assert_is(&host.files().join("a.bin"), &object());
    }
}

#[test]
fn a_wake_that_is_too_short_ends_in_time_and_the_next_one_goes_on() {
    // rules W3, S7
    let host = queued(&[]);
    host.server.always("a.bin", Fault::Stall(600_000));
    let began = Instant::now();
    let ended = host.run("run", &["--wake-limit", "4s"]);
    assert!(began.elapsed() < AT_ONCE, "{ended:?}");
    assert_eq!(code(&ended), 3, "{ended:?}");
    assert!(ended.complaints.contains("run it again"), "{ended:?}");
    assert!(part_bytes(&host.files()) > 0, "the bytes are kept");
    host.server.always("a.bin", Fault::None);
    let ended = host.run("run", &["--wake-limit", "20s"]);
    assert_eq!(code(&ended), 0, "{ended:?}");
    assert_is(&host.files().join("a.bin"), &object());
    let sent = host.server.bytes_sent("a.bin");
    assert!(sent < FILE_BYTES + 300_000, "it began again: {sent} bytes");
}

#[test]
fn a_wake_that_can_do_nothing_is_given_back_at_once() {
    // rules W3, P1, P6
    let host = queued(&["--no-cellular"]);
    let cellular = ["--wake-limit", "50s", "--conditions", "network=cellular"];
    let began = Instant::now();
    let ended = host.run("run", &cellular);
    assert!(began.elapsed() < AT_ONCE, "{ended:?}");
    assert_eq!(code(&ended), 3, "{ended:?}");
    assert!(
        ended.complaints.contains("cellular_not_allowed"),
        "{ended:?}"
    );
}

#[test]
fn a_wake_does_not_sit_out_a_pause() {
    // rules W3, H2
    let host = queued(&[]);
    host.server.always("a.bin", Fault::retry_after(503, 40));
    let began = Instant::now();
    let ended = host.run("run", &["--wake-limit", "50s"]);
    assert!(began.elapsed() < AT_ONCE, "{ended:?}");
    assert_eq!(code(&ended), 3, "{ended:?}");
    assert!(ended.complaints.contains("retry_after"), "{ended:?}");
    assert!(ended.complaints.contains("due in"), "{ended:?}");
}
