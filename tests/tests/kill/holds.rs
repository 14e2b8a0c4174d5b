//! What a dead process leaves that is neither progress nor an end: waits, and transfers wound down.

use std::time::{Duration, Instant, SystemTime};

use backhaul::{Inspector, TaskState, WaitReason};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::process::scene::{SESSION, Scene};
use backhaul_tests::process::{PATIENCE, check};

use crate::PROBE;

#[test]
fn a_wait_that_the_server_asked_for_survives_a_kill() {
    // rules H2, E1
    let mut scene = Scene::new(PROBE);
    scene.put("later.bin", Object::generated(1, 1000));
    scene
        .server
        .always("later.bin", Fault::retry_after(503, 3600));
    let mut plan = scene.plan();
    plan.stay = true;
    let mut app = scene.launch(&plan);
    app.line("\"enqueued\"");
    let end = Instant::now() + PATIENCE;
    while later(&scene).0 != TaskState::Waiting(WaitReason::RetryAfter) {
        assert!(Instant::now() < end, "{:?}", app.kill());
    }
    app.kill();

    for number in 0..2 {
        let now = format!("now-{number}.bin");
        scene.put(&now, Object::generated(2, 1000));
        let mut plan = scene.plan();
        plan.stay = true;
        let mut app = scene.launch(&plan);
        app.line("\"did_complete\"");
        let (state, next) = later(&scene);
        assert_eq!(state, TaskState::Waiting(WaitReason::RetryAfter));
        let left = next.unwrap().duration_since(SystemTime::now()).unwrap();
        assert!(
            left > Duration::from_secs(3500) && left <= Duration::from_secs(3600),
            "{left:?}"
        );
        app.kill();
    }
    assert_eq!(
        scene.server.requests_for("later.bin").len(),
        1,
        "it was left alone"
    );
}

/// Where `later.bin` stands on record, and when it is looked at again.
fn later(scene: &Scene) -> (TaskState, Option<SystemTime>) {
    let inspector = Inspector::open(&scene.container).unwrap();
    let tasks = inspector.tasks_after(SESSION, None, 10).unwrap();
    let later = tasks
        .iter()
        .find(|t| t.caller_id.as_deref() == Some("later.bin"))
        .unwrap();
    (
        later.state,
        inspector
            .explain(SESSION, later.id)
            .unwrap()
            .next_evaluation,
    )
}

#[test]
fn a_session_that_ends_in_order_keeps_every_byte() {
    // rule S7
    const FILES: u64 = 4;
    const FILE_BYTES: u64 = 4_000_000;
    /// Sent, and not yet read when the session ended.
    const ON_THE_WAY_BYTES: u64 = 256 * 1024;
    let mut scene = Scene::new(PROBE);
    for number in 0..FILES {
        scene.put(
            &format!("{number}.bin"),
            Object::generated(number, FILE_BYTES),
        );
    }
    scene.server.limit_rate(Some(4_000_000));
    let mut plan = scene.plan();
    plan.stay = true;
    let mut app = scene.launch(&plan);
    assert!(scene.wait_sent_or_gone(&mut app, FILES * FILE_BYTES / 2));
    app.quit();
    scene.check_death();
    assert_eq!(
        check::part_files_below(&scene.container).len() as u64,
        FILES
    );

    scene.server.limit_rate(None);
    assert!(
        scene
            .launch(&scene.plan())
            .wait()
            .said("\"done\"")
            .is_some()
    );
    scene.check_end();
    let again = scene.sent() - scene.total();
    println!("{again} bytes were sent again");
    assert!(
        again <= FILES * ON_THE_WAY_BYTES,
        "{again} bytes were sent again"
    );
}
