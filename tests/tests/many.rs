//! A long queue: one commit, all or nothing, and no more memory than a short one.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use backhaul::{
    Destination, Error, ErrorKind, Request, Session, SessionConfiguration, SessionDelegate,
};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::process::Process;
use backhaul_tests::process::plan::Plan;
use backhaul_tests::process::scene::{SESSION, Scene};

const PROBE: &str = env!("CARGO_BIN_EXE_probe");

struct Nobody;
impl SessionDelegate for Nobody {}

fn session(container: &Path) -> Session {
    let configuration = SessionConfiguration::background(SESSION)
        .unwrap()
        .container(container)
        .is_discretionary(false)
        .allow_plain_http("127.0.0.1");
    Session::background(configuration, Arc::new(Nobody), Default::default()).unwrap()
}

fn request(url: &str, name: &str) -> Result<Request, Error> {
    Ok(Request::new(url)?
        .destination(Destination::in_container(name)?)
        .caller_id(name))
}

fn count(session: &Session) -> usize {
    let mut count = 0;
    let mut after = None;
    loop {
        let page = session.tasks_after(after, 1000).unwrap();
        let Some(last) = page.last() else {
            return count;
        };
        after = Some(last.id);
        count += page.len();
    }
}

#[test]
fn ten_thousand_tasks_in_one_call_are_all_there_after_a_kill() {
    // rules D1, S7
    const MANY: usize = 10_000;
    let mut scene = Scene::new(PROBE);
    scene.put("x", Object::generated(1, 10));
    scene.server.always("x", Fault::NoAnswer);
    let mut plan = scene.plan();
    plan.files.clear();
    plan.many = MANY;
    plan.many_url = scene.server.object_url("x?number=");
    plan.stay = true;
    let begun = Instant::now();
    let mut app = scene.launch(&plan);
    app.line(&format!("\"count\":{MANY}"));
    println!("{MANY} tasks after {:?}", begun.elapsed());
    app.kill();

    let session = session(&scene.container);
    assert_eq!(count(&session), MANY);
    let again =
        (0..MANY).map(|number| request(&scene.server.object_url("x"), &format!("many-{number}")));
    assert_eq!(
        session.enqueue(again).unwrap().len(),
        MANY,
        "they are found by their names"
    );
    assert_eq!(count(&session), MANY, "and not made twice");
}

#[test]
fn one_conflict_among_ten_thousand_and_nothing_is_written() {
    // rules C2, D1
    let scratch = tempfile::tempdir().unwrap();
    let session = session(&scratch.path().join("container"));
    let url = "http://127.0.0.1:9/x";
    let kind =
        |requests: Vec<Result<Request, Error>>| session.enqueue(requests).unwrap_err().kind();
    let good = |from: usize, to: usize| (from..to).map(|n| request(url, &format!("file-{n}")));

    let twice = request(url, "file-17").map(|request| request.caller_id("another"));
    let requests = good(0, 6_000)
        .chain([twice])
        .chain(good(6_000, 10_000))
        .collect();
    assert_eq!(kind(requests), ErrorKind::DestinationInUse);
    assert_eq!(count(&session), 0);

    let requests = good(0, 9_999)
        .chain([request("ftp://host/x", "z")])
        .collect();
    assert_eq!(kind(requests), ErrorKind::UnsupportedScheme);
    let requests = good(0, 9_999)
        .chain([request("http://example.com/", "z")])
        .collect();
    assert_eq!(kind(requests), ErrorKind::PlainHttpNotAllowed);
    let requests = good(0, 9_999).chain([request(url, "../z")]).collect();
    assert_eq!(kind(requests), ErrorKind::InvalidDestination);
    assert_eq!(count(&session), 0);

    let made = session
        .download_tasks([request(url, "taken").unwrap()])
        .unwrap();
    let other = request(url, "taken").map(|request| request.caller_id("other"));
    assert_eq!(
        kind(good(0, 9_999).chain([other]).collect()),
        ErrorKind::DestinationInUse
    );
    assert_eq!(count(&session), 1);
    made[0].cancel().unwrap();
    let free = request(url, "taken").unwrap().caller_id("other");
    assert_eq!(
        session.download_tasks([free]).unwrap().len(),
        1,
        "an ended task holds no name"
    );
}

#[test]
fn many_small_files_of_one_call_arrive() {
    // rules D2, D4, L2
    const MANY: u64 = 2_000;
    let mut scene = Scene::new(PROBE);
    for number in 0..MANY {
        scene.put(&format!("{number}.bin"), Object::generated(number, 3_000));
    }
    let begun = Instant::now();
    let ended = scene.launch(&scene.plan()).wait();
    assert!(ended.said("\"done\"").is_some(), "{ended:?}");
    println!("{MANY} files after {:?}", begun.elapsed());
    scene.check_end();
    assert_eq!(scene.sent(), scene.total(), "each was sent once");
}

#[test]
fn memory_does_not_grow_with_the_queue() {
    // rule P9
    const LIMIT_KIB: u64 = 8 * 1024;
    let (short, long) = (resident_kib(1_000), resident_kib(100_000));
    println!(
        "resident: {short:?} KiB with 1,000 queued, {long:?} KiB with 100,000 (enqueuing, restored)"
    );
    assert!(
        long.0 < short.0 + LIMIT_KIB,
        "in the process that enqueued them"
    );
    assert!(long.1 < short.1 + LIMIT_KIB, "in the next one");
}

/// Resident memory of a process that enqueued so many tasks, and of the next one.
fn resident_kib(many: usize) -> (u64, u64) {
    let mut scene = Scene::new(PROBE);
    scene.put("x", Object::generated(1, 10));
    scene.server.always("x", Fault::NoAnswer);
    let mut plan = scene.plan();
    plan.files.clear();
    plan.many = many;
    plan.many_url = scene.server.object_url("x?number=");
    plan.stay = true;
    let settled = |plan: &Plan| {
        scene.server.clear_log();
        let mut app = scene.launch(plan);
        app.line("\"enqueued\"");
        assert!(scene.wait_or_gone(&mut app, "request", |state| state.request_count() >= 8));
        app
    };
    let app = settled(&plan);
    let enqueued = vm_rss_kib(&app);
    app.kill();
    plan.many = 0;
    (enqueued, vm_rss_kib(&settled(&plan)))
}

fn vm_rss_kib(app: &Process) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", app.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
