//! A store that is lost is made again from what lies beside the part files (rule D6).

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use backhaul::{
    Backhaul, DelegateQueue, Destination, DownloadTask, Launch, LaunchOptions, Session,
    StoreRecovery,
};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::process::Event;
use backhaul_tests::process::calls::ends;
use backhaul_tests::process::plan::Plan;
use backhaul_tests::process::scene::Scene;
use backhaul_tests::{Fixture, Recorder, What, fixture};

const LEN: u64 = 4_000_000;
const STALL: u64 = 3_000_000;
const DATABASE: &str = "backhaul.sqlite3";

/// What befalls the database and its log.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Zeros,
    Garbage,
    Truncated,
    Gone,
}

fn destroy(container: &Path, loss: Loss) {
    for suffix in ["", "-wal", "-shm"] {
        let path = container.join(format!("{DATABASE}{suffix}"));
        let Ok(bytes) = fs::read(&path) else { continue };
        match loss {
            Loss::Zeros => fs::write(&path, vec![0; bytes.len()]).unwrap(),
            Loss::Garbage => fs::write(&path, vec![0x5a; bytes.len()]).unwrap(),
            Loss::Truncated => fs::write(&path, &bytes[..bytes.len().min(90)]).unwrap(),
            Loss::Gone => fs::remove_file(&path).unwrap(),
        }
    }
}

/// A container whose process was killed in the middle of a large download, and whose store is lost.
fn bereft(loss: Loss) -> Scene {
    let mut scene = Scene::new(env!("CARGO_BIN_EXE_probe"));
    scene.put("a.bin", Object::generated(7, LEN).etag("\"v1\""));
    scene.server.always("a.bin", Fault::Stall(STALL));
    fs::create_dir_all(scene.files()).unwrap();
    let (mut app, watch) = scene.launch_watched(&scene.plan(), &[&scene.files()]);
    // The first checkpoint: on a fast machine the server stalls before there are many.
    let written = |event: &Event| matches!(event, Event::Mark(mark) if mark.starts_with("modify") && mark.ends_with(".state"));
    app.wait_for("a checkpoint", written).unwrap();
    app.kill();
    drop(watch);
    destroy(&scene.container, loss);
    scene.server.always("a.bin", Fault::None);
    scene
}

/// An app that enqueues nothing: what it fetches is what it finds.
fn finds(scene: &Scene) -> Plan {
    Plan {
        files: Vec::new(),
        ..scene.plan()
    }
}

fn assert_went_on(scene: &Scene) {
    let calls = scene.calls();
    let resumed = calls
        .iter()
        .find(|call| call.call == "did_resume_at_offset");
    let offset = resumed.expect("it goes on from its bytes").received;
    assert!(offset > 0 && offset <= STALL, "{offset}");
    let ends = ends(&calls);
    assert_eq!(ends.len(), 1, "{ends:?}");
    let told: Vec<_> = ends.values().flatten().collect();
    assert_eq!(told.len(), 1, "delivered once: {told:?}");
    assert_eq!(told[0].caller_id, "a.bin");
    // It is the task that it was before.
    assert_eq!(told[0].task, 1);
}

#[test]
fn a_killed_download_goes_on_after_its_store_is_lost() {
    // rules D6, S7, R9
    for loss in [Loss::Zeros, Loss::Garbage, Loss::Truncated, Loss::Gone] {
        let mut scene = bereft(loss);
        let ended = scene.launch(&finds(&scene)).wait();
        let recovered = ended.said("\"recovered\"").expect("the delegate is told");
        assert!(recovered.contains("\"rebuilt\":1"), "{loss:?}: {recovered}");
        assert!(ended.said("\"done\"").is_some(), "{ended:?}");
        assert_went_on(&scene);
        scene.check_end();
        let again = scene.launch(&finds(&scene)).wait();
        assert!(again.said("\"recovered\"").is_none(), "once: {again:?}");
        scene.check_end();
    }
}

#[test]
fn a_task_enqueued_again_is_the_one_that_came_back_and_a_new_one_has_a_new_number() {
    // rules D6, L5
    let mut scene = bereft(Loss::Garbage);
    scene.put("b.bin", Object::generated(8, 20_000));
    let ended = scene.launch(&scene.plan()).wait();
    assert!(ended.said("\"done\"").is_some(), "{ended:?}");
    scene.check_end();
    let tasks: Vec<i64> = ends(&scene.calls()).into_keys().collect();
    assert_eq!(tasks.len(), 2);
    assert_eq!(tasks[0], 1);
    assert!(tasks[1] > 1_000_000, "far above any lost one: {tasks:?}");
}

#[test]
fn a_kill_at_any_change_of_the_recovery_loses_and_doubles_nothing() {
    // rules D6, S7
    let mut count = 1;
    loop {
        let mut scene = bereft(Loss::Garbage);
        let (mut app, watch) = scene.launch_watched(&finds(&scene), &[&scene.container]);
        let died = (0..count).all(|_| {
            let mark = |event: &Event| {
                matches!(event, Event::Mark(_))
                    || matches!(event, Event::Line(line) if line.contains("open"))
            };
            matches!(app.wait_for("a change", mark), Some(Event::Mark(_)))
        });
        app.kill();
        drop(watch);
        let ended = scene.launch(&finds(&scene)).wait();
        assert!(ended.said("\"done\"").is_some(), "{count}: {ended:?}");
        assert_eq!(ends(&scene.calls()).len(), 1, "{count}");
        scene.check_end();
        if !died {
            break;
        }
        count += 4;
    }
    println!("{count} changes");
}

fn object() -> Object {
    Object::generated(1, 400_000).etag("\"v1\"")
}

/// A download that stands at 250,000 bytes.
fn stalled(fixture: &Fixture, delegate: &Recorder, task: &DownloadTask, name: &str) {
    fixture.server.put(name, object());
    fixture.server.script(name, vec![Fault::Stall(250_000)]);
    task.resume().unwrap();
    delegate.wait_for_call(
        task.id(),
        |what| matches!(what, What::Wrote(progress) if progress.received == 250_000),
    );
}

fn recovery(delegate: &Recorder) -> Option<StoreRecovery> {
    delegate
        .calls()
        .into_iter()
        .find_map(|call| match call.what {
            What::Recovered(recovery) => Some(recovery),
            _ => None,
        })
}

fn in_time(session: &Session) {
    let at_rest = |status: &backhaul::SessionStatus| status.active + status.undelivered == 0;
    assert!(at_rest(
        &session.wait_until(Some(backhaul_tests::PATIENCE), at_rest)
    ));
}

#[test]
fn everything_that_fits_comes_back_and_what_does_not_is_counted() {
    // rules D5, D6, L3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let short = fixture
        .request("a")
        .caller_id("first")
        .metadata("a film")
        .group("films")
        .priority(0.9);
    let long = fixture.request("b").metadata("m".repeat(60_000));
    for (name, request) in [("a", short), ("b", long)] {
        let task = session.download_task(request).unwrap();
        stalled(&fixture, &delegate, &task, name);
    }
    let deadline = session.tasks_after(None, 1).unwrap()[0].deadline;
    drop(session);
    destroy(fixture.container(), Loss::Garbage);

    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let tasks = session.tasks_after(None, 9).unwrap();
    assert_eq!(tasks.len(), 2);
    assert_eq!(tasks[0].caller_id.as_deref(), Some("first"));
    assert_eq!(tasks[0].metadata.as_deref(), Some("a film"));
    assert_eq!(tasks[0].group.as_deref(), Some("films"));
    assert!((tasks[0].priority - 0.9).abs() < 0.01);
    let shift = |at: std::time::SystemTime| match at.duration_since(deadline.unwrap()) {
        Ok(later) => later,
        Err(error) => error.duration(),
    };
    assert!(
        shift(tasks[0].deadline.unwrap()).as_secs() < 5,
        "not begun anew"
    );
    assert_eq!(tasks[1].metadata, None);
    in_time(&session);
    let recovery = recovery(&delegate).unwrap();
    assert_eq!((recovery.rebuilt_tasks, recovery.incomplete_tasks), (2, 1));
    fixture.assert_arrived("a", &object());
    fixture.assert_arrived("b", &object());
    assert_eq!(
        fixture.server.bytes_sent("a"),
        400_000,
        "no byte came twice"
    );
}

#[test]
fn a_session_that_opens_later_and_a_base_that_is_named_later_lose_nothing() {
    // rules D5, D6
    let fixture = Fixture::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let delegate = Recorder::new();
    let based = || {
        fixture
            .background("com.example.other")
            .base_directory("films", elsewhere.path())
    };
    let session = fixture::start(based(), &delegate);
    let request = fixture
        .request("a")
        .destination(Destination::in_base("films", "x/a").unwrap());
    let task = session.download_task(request).unwrap();
    stalled(&fixture, &delegate, &task, "a");
    drop((task, session));
    destroy(fixture.container(), Loss::Garbage);

    // Another session, then the right one in a launch that does not name the base, then all of it.
    let first = Recorder::new();
    let session = fixture.session(&first);
    first.wait_for(|calls| !calls.is_empty());
    drop(session);
    assert_eq!(recovery(&first).unwrap().rebuilt_tasks, 0);
    let nameless = fixture::start(fixture.background("com.example.other"), &Recorder::new());
    assert!(nameless.tasks_after(None, 9).unwrap().is_empty());
    drop(nameless);
    let delegate = Recorder::new();
    let session = fixture::start(based(), &delegate);
    in_time(&session);
    assert_eq!(recovery(&delegate).unwrap().rebuilt_tasks, 1);
    backhaul_tests::files::assert_is(&elsewhere.path().join("x/a"), &object());
    drop(session);
    let session = fixture::start(based(), &Recorder::new());
    assert_eq!(session.tasks_after(None, 9).unwrap().len(), 1, "once");
}

#[test]
fn a_recovery_is_told_until_a_delegate_has_heard_of_it() {
    // rule D6
    let fixture = Fixture::new();
    drop(fixture.session(&Recorder::new()));
    destroy(fixture.container(), Loss::Garbage);

    // An app whose main thread hangs, and one that dies of what it hears.
    let deaf = Recorder::new();
    let queue = DelegateQueue::Custom(Arc::new(fixture::Never));
    let configuration = fixture.background("com.example.test");
    drop(Session::background(configuration, fixture::told(&deaf), queue).unwrap());
    assert!(recovery(&deaf).is_none());
    let frail = Recorder::with_hook(|_| panic!("part of the test"));
    let session = fixture.session(&frail);
    frail.wait_for(|calls| !calls.is_empty());
    drop(session);

    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    delegate.wait_for(|calls| !calls.is_empty());
    drop(session);
    assert!(recovery(&delegate).is_some());
    let session = fixture.session(&delegate);
    session.invalidate_and_cancel();
    let calls = delegate.wait_for_invalid();
    assert_eq!(calls.len(), 2, "told once: {calls:?}");
}

#[test]
fn a_launch_makes_the_sessions_again_that_only_the_list_knows() {
    // rules D6, W5
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let task = session.download_task(fixture.request("a")).unwrap();
    stalled(&fixture, &delegate, &task, "a");
    drop((task, session));
    destroy(fixture.container(), Loss::Truncated);

    let delegate = Recorder::new();
    let launched = Backhaul::launch(
        fixture.container(),
        LaunchOptions::default(),
        |identifier| {
            Some(Launch::new(
                fixture.background(identifier),
                fixture::told(&delegate),
            ))
        },
    )
    .unwrap();
    assert!(launched.recovery().is_some());
    let sessions = launched.sessions();
    assert_eq!(sessions.len(), 1);
    in_time(&sessions[0]);
    assert_eq!(recovery(&delegate).unwrap().rebuilt_tasks, 1);
    fixture.assert_arrived("a", &object());
}

#[test]
fn a_cancelled_task_does_not_come_back_and_its_resume_data_is_still_good() {
    // rules D6, L4
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let task = session.download_task(fixture.request("a")).unwrap();
    stalled(&fixture, &delegate, &task, "a");
    let data = task.cancel_by_producing_resume_data().unwrap().unwrap();
    drop((task, session));
    destroy(fixture.container(), Loss::Zeros);

    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    assert!(session.tasks_after(None, 9).unwrap().is_empty());
    let again = session.download_task_with_resume_data(&data).unwrap();
    again.resume().unwrap();
    delegate.wait_for_file(again.id());
    assert_eq!(
        fixture.server.bytes_sent("a"),
        400_000,
        "no byte came twice"
    );
    fixture.assert_arrived("a", &object());
}

#[test]
fn one_bad_page_of_the_store_costs_at_most_its_own_rows() {
    // rule D6
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let task = session.download_task(fixture.request("a")).unwrap();
    stalled(&fixture, &delegate, &task, "a");
    let many = (0..300).map(|number| {
        let name = format!("f{number}");
        Ok(fixture.request(&name).caller_id(name).metadata("waits"))
    });
    let waiting: Vec<_> = many
        .map(|request: Result<_, backhaul::Error>| {
            session.download_task(request.unwrap()).unwrap().id()
        })
        .collect();
    drop((task, session));
    let path = fixture.container().join(DATABASE);
    let mut bytes = fs::read(&path).unwrap();
    // Far behind the first pages, which say what tables there are.
    let page = bytes.len() / 4096 / 2;
    bytes[page * 4096..(page + 1) * 4096].fill(0xa5);
    fs::write(&path, bytes).unwrap();

    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let back = session.tasks_after(None, 1_000).unwrap();
    assert!(back.len() > 250, "only {} are back", back.len());
    let suspended = back
        .iter()
        .filter(|task| waiting.contains(&task.id))
        .count();
    assert_eq!(suspended as u64, session.status().suspended, "as they were");
    let told = recovery(&delegate).unwrap();
    assert!(told.salvaged_tasks + told.rebuilt_tasks >= back.len() as u64);
    in_time(&session);
    fixture.assert_arrived("a", &object());
}
