//! Nothing moves while everything waits (rule P6). Alone in its process: it counts the process's own
//! threads.
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see in helpers"
)]

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use backhaul::WaitReason;
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::{Fixture, PATIENCE, Recorder, What};

const HOUR: Duration = Duration::from_secs(3600);
/// How long is measured.
const WATCHED: Duration = Duration::from_secs(3);
/// The library's threads, as far as the kernel keeps their names.
const NAMES: [&str; 4] = [
    "backhaul",
    "backhaul-io",
    "backhaul-store",
    "backhaul-delega",
];

/// How often each of the library's threads has gone to sleep by itself so far.
fn sleeps() -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
        let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.trim().to_owned())
        };
        let (Some(name), Some(count)) = (field("Name:"), field("voluntary_ctxt_switches:")) else {
            continue;
        };
        if NAMES.contains(&name.as_str()) {
            let id = entry.file_name().to_string_lossy().into_owned();
            found.insert(format!("{name} {id}"), count.parse().unwrap());
        }
    }
    found
}

#[test]
fn with_everything_waiting_for_an_hour_no_thread_wakes() {
    // rule P6
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    // Something has happened in this process before.
    let done = fixture.fetch(&session, "done", &Object::generated(1, 300_000));
    delegate.wait_for_file(done.id());
    let cut = fixture.fetch(&session, "cut", &Object::generated(1, 10));
    delegate.wait_for_file(cut.id());

    fixture
        .server
        .always("busy", Fault::retry_after(503, HOUR.as_secs()));
    let busy = fixture.fetch(&session, "busy", &Object::generated(1, 10));
    delegate.wait_for_call(busy.id(), |what| matches!(what, What::Waiting(_)));
    let later = SystemTime::now() + HOUR;
    let request = fixture.request("later").earliest_begin_date(later);
    session.enqueue([Ok(request)]).unwrap();
    session.download_task(fixture.request("suspended")).unwrap();
    let waits = |status: &backhaul::SessionStatus| {
        let has = |reason| status.waiting.contains(&(reason, 1));
        has(WaitReason::RetryAfter)
            && has(WaitReason::EarliestBeginDate)
            && (status.active, status.suspended, status.undelivered) == (2, 1, 0)
            && status.next_evaluation.is_some()
    };
    let status = session.wait_until(Some(PATIENCE), waits);
    assert!(waits(&status), "{status:?}");
    let next = status
        .next_evaluation
        .unwrap()
        .duration_since(SystemTime::now())
        .unwrap();
    assert!(next > HOUR - Duration::from_secs(60), "{next:?}");

    // These sleeps are the measurement: time has to pass while nothing happens.
    std::thread::sleep(Duration::from_secs(1));
    let before = sleeps();
    assert!(before.len() >= 3, "{before:?}");
    std::thread::sleep(WATCHED);
    let after = sleeps();
    for (thread, count) in &after {
        let woken = count - before.get(thread).copied().unwrap_or(*count);
        // A thread for blocking work ends after ten idle seconds: that is one.
        assert!(woken <= 1, "{thread} woke {woken} times in {WATCHED:?}");
    }
    let sum = |counts: &BTreeMap<String, u64>, name: &str| -> u64 {
        counts
            .iter()
            .filter(|(key, _)| key.starts_with(name))
            .map(|(_, count)| count)
            .sum()
    };
    for name in ["backhaul-store", "backhaul-delega"] {
        assert_eq!(sum(&before, name), sum(&after, name), "{name}");
    }
}
