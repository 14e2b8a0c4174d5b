//! Several processes, and several sessions in one: who may have what (rule C1).

#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use backhaul::{
    ErrorKind, Inspector, Request, Session, SessionConfiguration, SessionDelegate, TaskInfo,
    TaskState,
};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::process::PATIENCE;
use backhaul_tests::process::scene::{SESSION, Scene};

const PROBE: &str = env!("CARGO_BIN_EXE_probe");

struct Nobody;
impl SessionDelegate for Nobody {}

fn session(scene: &Scene, identifier: &str) -> Result<Session, backhaul::Error> {
    session_told(scene, identifier, Arc::new(Nobody))
}

fn session_told(
    scene: &Scene,
    identifier: &str,
    delegate: Arc<dyn SessionDelegate>,
) -> Result<Session, backhaul::Error> {
    let configuration = SessionConfiguration::background(identifier)
        .unwrap()
        .container(&scene.container)
        .is_discretionary(false)
        .allow_plain_http("127.0.0.1");
    Session::background(configuration, delegate, Default::default())
}

/// A scene with one file whose transfer never ends by itself.
fn stalled() -> Scene {
    let mut scene = Scene::new(PROBE);
    scene.put("a.bin", Object::generated(1, 1_000_000));
    scene.server.always("a.bin", Fault::Stall(300_000));
    scene
}

#[test]
fn a_second_process_gets_neither_the_session_nor_the_container() {
    // rule C1
    let mut scene = stalled();
    let mut owner = scene.launch(&scene.plan());
    assert!(scene.wait_sent_or_gone(&mut owner, 300_000));

    let same = scene.launch(&scene.plan()).wait();
    let refused = same.said("refused").unwrap();
    assert!(refused.contains("session_in_use"), "{refused}");
    assert!(
        refused.contains(&owner.id().to_string()),
        "says who has it: {refused}"
    );
    assert_eq!(
        session(&scene, SESSION).unwrap_err().kind(),
        ErrorKind::SessionInUse
    );

    let mut other = scene.plan();
    other.identifier = "com.example.other".to_owned();
    let other = scene.launch(&other).wait();
    let refused = other.said("refused").unwrap();
    assert!(refused.contains("container_in_use"), "{refused}");
    let error = session(&scene, "com.example.other").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ContainerInUse);
    assert!(error.message().contains(&owner.id().to_string()), "{error}");

    // A lock dies with its owner, however that died: nobody has to wait or to clean up.
    owner.kill();
    scene.server.always("a.bin", Fault::None);
    let mut next = scene.launch(&scene.plan());
    next.line("\"open\"");
    assert!(next.wait().said("\"done\"").is_some());
    scene.check_end();
}

#[test]
fn one_process_has_each_session_once_and_any_number_of_them() {
    // rules C1, C3
    let scene = stalled();
    let first = session(&scene, SESSION).unwrap();
    assert_eq!(
        session(&scene, SESSION).unwrap_err().kind(),
        ErrorKind::SessionInUse
    );
    let other = session(&scene, "com.example.other").unwrap();
    drop(first);
    let again = session(&scene, SESSION).unwrap();
    again.invalidate_and_cancel();
    assert!(again.wait_until(None, |status| status.closed).closed);
    let once_more = session(&scene, SESSION).unwrap();
    drop((other, again, once_more));
}

/// Keeps a session in hand while it is told of the first task: a busy delegate in another thread than the app's.
struct Busy {
    session: Arc<Mutex<Option<Session>>>,
    has_it: mpsc::Sender<()>,
}

impl SessionDelegate for Busy {
    fn did_create_task(&self, _: &TaskInfo) {
        let session = self.session.lock().unwrap().clone();
        self.has_it.send(()).unwrap();
        // Its work takes that long.
        std::thread::sleep(Duration::from_millis(300));
        drop(session);
    }
}

#[test]
fn a_session_that_a_delegate_method_holds_last_is_waited_for() {
    // rules C1, C3
    let scene = stalled();
    let (has_it, told) = mpsc::channel();
    let held = Arc::new(Mutex::new(None));
    let delegate = Arc::new(Busy {
        session: Arc::clone(&held),
        has_it,
    });
    let first = session_told(&scene, SESSION, delegate).unwrap();
    *held.lock().unwrap() = Some(first.clone());
    let url = scene.server.object_url("a.bin");
    drop(first.download_task(Request::new(&url).unwrap()).unwrap());
    told.recv_timeout(PATIENCE).unwrap();
    held.lock().unwrap().take();
    drop(first);
    let again = session(&scene, SESSION).unwrap();
    assert_eq!(again.status().suspended, 1, "its task is there");
}

/// Makes the session a second time, in a method of its delegate.
struct Greedy {
    again: Box<dyn Fn() -> ErrorKind + Send + Sync>,
    refused: mpsc::Sender<(ErrorKind, Duration)>,
}

impl SessionDelegate for Greedy {
    fn did_create_task(&self, _: &TaskInfo) {
        let began = Instant::now();
        let kind = (self.again)();
        self.refused.send((kind, began.elapsed())).unwrap();
    }
}

#[test]
fn a_delegate_method_does_not_wait_for_its_own_session() {
    // rule C1
    let scene = Arc::new(stalled());
    let (refused, told) = mpsc::channel();
    let room = Arc::clone(&scene);
    let delegate = Greedy {
        again: Box::new(move || session(&room, SESSION).unwrap_err().kind()),
        refused,
    };
    let first = session_told(&scene, SESSION, Arc::new(delegate)).unwrap();
    let url = scene.server.object_url("a.bin");
    drop(first.download_task(Request::new(&url).unwrap()).unwrap());
    let (kind, took) = told.recv_timeout(PATIENCE).unwrap();
    assert_eq!(kind, ErrorKind::SessionInUse);
    assert!(took < Duration::from_secs(5), "it did not wait: {took:?}");
}

/// Says that its session became invalid.
struct Heir(mpsc::Sender<()>);

impl SessionDelegate for Heir {
    fn did_become_invalid(&self, _: Option<&backhaul::Error>) {
        self.0.send(()).unwrap();
    }
}

#[test]
fn the_identifier_is_free_once_the_delegate_was_told() {
    // rule C3
    let scene = stalled();
    for _ in 0..20 {
        let (tell, told) = mpsc::channel();
        let session = session_told(&scene, SESSION, Arc::new(Heir(tell))).unwrap();
        session.invalidate_and_cancel();
        told.recv_timeout(PATIENCE).unwrap();
    }
}

#[test]
fn an_inspector_reads_beside_a_live_owner() {
    // rule E1
    let mut scene = Scene::new(PROBE);
    for number in 0..40 {
        scene.put(&format!("{number}.bin"), Object::generated(number, 100_000));
    }
    scene.put("z.bin", Object::generated(99, 1_000_000));
    scene.server.always("z.bin", Fault::Stall(300_000));
    let mut owner = scene.launch(&scene.plan());
    owner.line("\"enqueued\"");
    let mut looks = 0;
    let end = Instant::now() + PATIENCE;
    loop {
        if Instant::now() > end {
            panic!("the owner comes to a stand: {:?}", owner.kill());
        }
        let inspector = Inspector::open(&scene.container).unwrap();
        assert_eq!(inspector.session_identifiers().unwrap(), [SESSION]);
        let tasks = inspector.tasks_after(SESSION, None, 1000).unwrap();
        assert_eq!(tasks.len(), 41, "every task, whatever it does");
        let ended = tasks
            .iter()
            .filter(|task| task.state == TaskState::Completed)
            .count();
        let journal = inspector.events_after(SESSION, 0, 1000).unwrap();
        assert!(
            journal.len() >= ended,
            "an end is in the journal when it is in the row"
        );
        looks += 1;
        if ended == 40 {
            let live = tasks
                .iter()
                .find(|task| task.state != TaskState::Completed)
                .unwrap();
            assert_eq!(live.state, TaskState::Transferring);
            let why = inspector.explain(SESSION, live.id).unwrap();
            assert_eq!(why.task.caller_id.as_deref(), Some("z.bin"));
            break;
        }
    }
    println!("looked {looks} times");
    scene.server.always("z.bin", Fault::None);
    owner.kill();
    assert!(
        scene
            .launch(&scene.plan())
            .wait()
            .said("\"done\"")
            .is_some()
    );
    scene.check_end();
}
