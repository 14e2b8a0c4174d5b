//! The flags that say when a file may be fetched, what the system is like, and how long a wake is.

use std::time::{Duration, Instant};

use backhaul_fault_server::Object;
use backhaul_tests::process::Ended;
use backhaul_tests::process::check::assert_is;
use serde_json::Value;

use crate::host::{Host, code, objects};

/// Far below the minute that pauses are waited for, and far above what a start takes.
const AT_ONCE: Duration = Duration::from_secs(30);

fn object() -> Object {
    Object::generated(1, 1000)
}

/// A host with one queued file.
fn queued(flags: &[&str]) -> Host {
    let host = Host::new();
    host.server.put("a.bin", object());
    enqueue(&host, "a.bin", flags);
    host
}

fn enqueue(host: &Host, name: &str, flags: &[&str]) -> i64 {
    let (url, into) = (host.server.object_url(name), host.files());
    let mut arguments = vec![url.as_str(), "--into", into.to_str().unwrap(), "--json"];
    arguments.extend(flags);
    let ended = host.run("enqueue", &arguments);
    assert_eq!(code(&ended), 0, "{ended:?}");
    objects(&ended)[0]["id"].as_i64().unwrap()
}

/// A `run` that leaves at once because of `reason`, and says so.
fn assert_waits(host: &Host, arguments: &[&str], reason: &str) -> Ended {
    let began = Instant::now();
    let ended = host.run("run", arguments);
    assert!(began.elapsed() < AT_ONCE, "it stayed: {ended:?}");
    assert_eq!(code(&ended), 3, "{ended:?}");
    assert!(ended.complaints.contains(reason), "{ended:?}");
    assert!(ended.complaints.contains("run it again"), "{ended:?}");
    ended
}

fn assert_runs(host: &Host, arguments: &[&str]) {
    let ended = host.run("run", arguments);
    assert_eq!(code(&ended), 0, "{ended:?}");
    assert_is(&host.files().join("a.bin"), &object());
}

fn only(ended: &Ended) -> Value {
    let mut objects = objects(ended);
    assert_eq!(objects.len(), 1, "{ended:?}");
    objects.remove(0)
}

#[test]
fn each_network_that_is_not_allowed_is_named_and_another_one_ends_the_wait() {
    // rules P1, P2
    let table = [
        ("--no-cellular", "network=cellular", "cellular_not_allowed"),
        ("--no-expensive", "expensive", "expensive_not_allowed"),
        ("--no-constrained", "constrained", "constrained_not_allowed"),
    ];
    for (flag, condition, reason) in table {
        let host = queued(&[flag]);
        assert_waits(&host, &["--conditions", condition], reason);
        assert_eq!(host.server.requests().len(), 0, "{flag}");
        let listed = only(&host.run("list", &["--json"]));
        assert_eq!(listed["reason"], reason);
        assert_runs(&host, &["--conditions", "network=wifi"]);
    }
}

#[test]
fn without_a_network_everything_waits_and_every_command_says_why() {
    // rule S12, rule E1
    let host = queued(&[]);
    let ended = assert_waits(
        &host,
        &["--conditions", "network=none", "--json"],
        "connectivity",
    );
    assert_eq!(only(&ended)["reason"], "connectivity");
    let listed = only(&host.run("list", &["--json"]));
    let id = listed["id"].as_i64().unwrap().to_string();
    let explained = only(&host.run("explain", &[&id, "--json"]));
    for told in [listed, explained] {
        assert_eq!(told["state"], "waiting");
        assert_eq!(told["reason"], "connectivity");
        assert_eq!(told["unblocked_by"], "a network");
        assert!(
            told["since_ms"].is_i64() && told["next_evaluation_ms"].is_i64(),
            "{told}"
        );
    }
    assert_runs(&host, &[]);
}

#[test]
fn discretionary_work_waits_for_a_charger() {
    // rules P1, P4
    let host = queued(&["--discretionary"]);
    assert_waits(
        &host,
        &["--conditions", "power=battery,battery=60"],
        "discretionary",
    );
    assert_runs(&host, &["--conditions", "power=charging,network=wifi"]);
}

#[test]
fn what_is_not_discretionary_runs_on_battery() {
    // rule P4
    let host = queued(&[]);
    assert_runs(&host, &["--conditions", "power=battery,low_power"]);
}

#[test]
fn an_earliest_date_is_held_and_one_that_is_past_is_none() {
    // rules P1, P7
    let host = queued(&["--earliest", "2h"]);
    let ended = assert_waits(&host, &[], "earliest_begin_date");
    assert!(ended.complaints.contains("due in"), "{ended:?}");
    let host = queued(&["--earliest", "2999-12-31T23:00:00+01:00"]);
    assert_waits(&host, &[], "earliest_begin_date");
    let host = queued(&["--earliest", "2001-01-01T00:00:00Z"]);
    assert_runs(&host, &[]);
}

#[test]
fn a_date_that_comes_soon_is_waited_for() {
    // rule P6
    let host = queued(&["--earliest", "2s"]);
    assert_runs(&host, &[]);
}

#[test]
fn a_soon_date_does_not_keep_what_the_conditions_hold() {
    // rule P1
    let host = queued(&["--no-cellular", "--earliest", "1s"]);
    assert_waits(
        &host,
        &["--conditions", "network=cellular"],
        "cellular_not_allowed",
    );
    assert_eq!(host.server.requests().len(), 0);
}

#[test]
fn a_hint_of_the_size_is_no_check() {
    // rule L3
    let host = queued(&["--expect-bytes", "2M"]);
    assert_runs(&host, &[]);
}

#[test]
fn a_get_without_a_network_says_so_and_ends_at_its_limit() {
    // rule S12, rule P1
    let host = Host::new();
    host.server.put("a.bin", object());
    let flags = [
        "--conditions",
        "network=none",
        "--timeout-for-resource",
        "2s",
    ];
    let ended = host.get("a.bin", &flags).wait();
    assert_eq!(code(&ended), 1, "{ended:?}");
    assert!(ended.complaints.contains("1 connectivity"), "{ended:?}");
    assert_eq!(host.server.requests().len(), 0);
}

#[test]
fn a_get_takes_the_same_flags() {
    // rules P1, P4
    let host = Host::new();
    host.server.put("a.bin", object());
    let flags = [
        "--no-cellular",
        "--discretionary",
        "--conditions",
        "network=wired",
    ];
    assert_eq!(code(&host.get("a.bin", &flags).wait()), 0);
    assert_is(&host.files().join("a.bin"), &object());
}

#[test]
fn wrong_conditions_and_times_are_2_and_name_the_right_ones() {
    // rule C2
    let host = Host::new();
    let table: &[(&str, &[&str], &str)] = &[
        (
            "run",
            &["--conditions", "weather=fine"],
            "network, expensive",
        ),
        (
            "run",
            &["--conditions", "network=lan"],
            "none, wifi, cellular or wired",
        ),
        ("run", &["--conditions", "captive=maybe"], "true or false"),
        ("run", &["--conditions", "battery=101"], "0 to 100"),
        (
            "run",
            &["--conditions", "power=solar"],
            "charging or battery",
        ),
        (
            "run",
            &["--conditions", "thermal=hot"],
            "nominal, fair, serious or critical",
        ),
        (
            "run",
            &["--conditions", "app=dead"],
            "active, frontmost or background",
        ),
        ("run", &["--wake-limit", "soon"], "such as 30s"),
        (
            "get",
            &["https://127.0.0.1/a", "--conditions", "low_power="],
            "true or false",
        ),
        (
            "enqueue",
            &["https://127.0.0.1/a", "--earliest", "tomorrow"],
            "90s or 2h",
        ),
        (
            "enqueue",
            &["https://127.0.0.1/a", "--expect-bytes", "many"],
            "500k or 2M",
        ),
    ];
    for (command, arguments, right) in table {
        let ended = host.run(command, arguments);
        assert_eq!(code(&ended), 2, "{ended:?}");
        assert_eq!(ended.complaints.trim_end().lines().count(), 1, "{ended:?}");
        assert!(ended.complaints.contains(right), "{ended:?}");
    }
    assert!(!host.root().exists(), "nothing was written");
}

#[test]
fn a_file_comes_after_another_in_a_later_run() {
    // rule L6
    let host = queued(&["--no-cellular"]);
    let first = only(&host.run("list", &["--json"]))["id"].as_i64().unwrap();
    host.server.put("b.bin", object());
    let after = first.to_string();
    let second = enqueue(&host, "b.bin", &["--after", &after]).to_string();
    let cellular = ["--conditions", "network=cellular"];
    let ended = assert_waits(&host, &cellular, "1 dependency");
    assert!(
        ended.complaints.contains("1 cellular_not_allowed"),
        "{ended:?}"
    );
    let explained = only(&host.run("explain", &[&second, "--json"]));
    assert_eq!(explained["reason"], "dependency");
    assert_eq!(explained["after"], serde_json::json!([first]));
    assert_runs(&host, &[]);
    assert_is(&host.files().join("b.bin"), &object());
    let asked = host.server.requests();
    let names: Vec<&str> = asked.iter().map(|request| request.path.as_str()).collect();
    assert!(
        names[0].ends_with("a.bin") && names[1].ends_with("b.bin"),
        "{names:?}"
    );
}

#[test]
fn a_file_after_one_that_failed_fails_with_that_reason() {
    // rule L6
    let host = Host::new();
    host.server.put("b.bin", object());
    let first = enqueue(&host, "missing", &[]).to_string();
    enqueue(&host, "b.bin", &["--after", &first]);
    let ended = host.run("run", &["--json"]);
    assert_eq!(code(&ended), 1, "{ended:?}");
    assert!(ended.said("\"http_status\"").is_some(), "{ended:?}");
    assert!(ended.said("\"dependency_failed\"").is_some(), "{ended:?}");
}

#[test]
fn a_file_after_a_task_that_does_not_exist_is_7() {
    // rules L6, C2
    let host = Host::new();
    host.server.put("a.bin", object());
    let ended = host.get("a.bin", &["--after", "4711"]).wait();
    assert_eq!(code(&ended), 7, "{ended:?}");
    assert_eq!(host.run("list", &["--json"]).lines, Vec::<String>::new());
}
