//! Full, read-only and foreign volumes: a small tmpfs, if this process may mount one.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use backhaul::{
    Destination, DownloadTask, ErrorKind, Request, Session, SessionConfiguration, SessionDelegate,
    TaskState, WaitReason,
};
use backhaul_fault_server::{FaultServer, Object};
use backhaul_tests::process::check::{assert_is, assert_no_parts, parts_below};
use backhaul_tests::process::volume::Volume;
use tempfile::TempDir;

const MIB: u64 = 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);
/// A change of one task need not change the session's numbers.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

struct Nobody;
impl SessionDelegate for Nobody {}

/// A small volume, if this process may mount one.
fn volume(scratch: &TempDir, bytes: u64) -> Option<Volume> {
    Volume::mount(&scratch.path().join("volume"), bytes)
}

fn session(container: &Path, files: &Path) -> Result<Session, backhaul::Error> {
    let configuration = SessionConfiguration::background("com.example.disks")
        .unwrap()
        .container(container)
        .base_directory("files", files)
        .is_discretionary(false)
        .allow_plain_http("127.0.0.1");
    Session::background(configuration, Arc::new(Nobody), Default::default())
}

fn request(server: &FaultServer, name: &str) -> Request {
    let destination = Destination::in_base("files", name).unwrap();
    Request::new(&server.object_url(name))
        .unwrap()
        .destination(destination)
}

/// Waits until the task is in a state that `wanted` says yes to.
fn wait(task: &DownloadTask, wanted: impl Fn(TaskState) -> bool) {
    let end = Instant::now() + PATIENCE;
    loop {
        let seen = task.session().status();
        let state = task.info().unwrap().state;
        if wanted(state) {
            return;
        }
        assert!(Instant::now() < end, "{state:?}");
        task.session()
            .wait_until(Some(LOOK_AGAIN), |status| *status != seen);
    }
}

fn is_waiting_for_storage(state: TaskState) -> bool {
    state == TaskState::Waiting(WaitReason::Storage)
}

#[test]
fn a_file_larger_than_the_volume_waits_and_goes_on_when_there_is_room() {
    // rules D9, P1, P2, E1
    let scratch = tempfile::tempdir().unwrap();
    let Some(volume) = volume(&scratch, 8 * MIB) else {
        return;
    };
    let server = FaultServer::start().unwrap();
    let object = Object::generated(1, 6 * MIB);
    server.put("a.bin", object.clone());
    let hog = volume.fill(2 * MIB);
    let session = session(&scratch.path().join("container"), volume.path()).unwrap();
    let task = session.download_task(request(&server, "a.bin")).unwrap();
    task.resume().unwrap();
    wait(&task, is_waiting_for_storage);

    let why = task.explain().unwrap();
    let error = why.task.error.unwrap();
    assert_eq!(error.kind(), ErrorKind::NoSpace);
    let needed = error.needed_bytes().expect("says how much");
    assert!((4 * MIB..=6 * MIB).contains(&needed), "{needed}");
    assert!(why.unblocked_by.unwrap().contains("space"));
    let next = why.next_evaluation.unwrap();
    assert!(
        next < SystemTime::now() + Duration::from_secs(31),
        "it is looked at again soon"
    );
    let kept: u64 = parts_below(volume.path())
        .iter()
        .map(|p| p.metadata().unwrap().len())
        .sum();
    assert_eq!(kept, 0, "nothing is written that has no place in the end");

    // Nothing can tell us that space was freed; the app can.
    fs::remove_file(hog).unwrap();
    task.resume().unwrap();
    wait(&task, |state| state == TaskState::Completed);
    assert!(task.info().unwrap().error.is_none());
    assert_is(&volume.path().join("a.bin"), &object);
    drop((task, session));
    assert_no_parts(volume.path());
}

#[test]
fn a_volume_that_fills_up_in_the_middle_keeps_what_it_has() {
    // rules D9, D3
    let scratch = tempfile::tempdir().unwrap();
    let Some(volume) = volume(&scratch, 8 * MIB) else {
        return;
    };
    let server = FaultServer::start().unwrap();
    // No length: nothing could be reserved.
    let object = Object::generated(1, 6 * MIB);
    server.put("a.bin", object.clone());
    server.script("a.bin", vec![backhaul_fault_server::Fault::Chunked]);
    let hog = volume.fill(3 * MIB);
    let session = session(&scratch.path().join("container"), volume.path()).unwrap();
    let task = session.download_task(request(&server, "a.bin")).unwrap();
    task.resume().unwrap();
    wait(&task, is_waiting_for_storage);
    assert!(parts_below(volume.path()).len() <= 2);

    fs::remove_file(hog).unwrap();
    task.resume().unwrap();
    wait(&task, |state| state == TaskState::Completed);
    assert!(task.info().unwrap().error.is_none());
    assert_is(&volume.path().join("a.bin"), &object);
    drop((task, session));
    assert_no_parts(volume.path());
}

#[test]
fn a_task_that_has_no_place_in_the_store_is_refused_and_nothing_is_written() {
    // rules D1, C2
    let scratch = tempfile::tempdir().unwrap();
    let Some(volume) = volume(&scratch, 2 * MIB) else {
        return;
    };
    let container = volume.path().join("container");
    let files = scratch.path().join("files");
    let session = session(&container, &files).unwrap();
    let many = |count: usize| {
        (0..count).map(|number| {
            let name = format!("{}-{number}", "x".repeat(150));
            let destination = Destination::in_base("files", name)?;
            Ok(Request::new("http://127.0.0.1:9/x")?.destination(destination))
        })
    };
    let hog = volume.fill(256 * 1024);
    let error = session.enqueue(many(20_000)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoSpace, "{error}");
    assert!(error.is_retryable());
    assert_eq!(session.tasks_after(None, 10).unwrap().len(), 0);

    fs::remove_file(hog).unwrap();
    assert_eq!(
        session.enqueue(many(10)).unwrap().len(),
        10,
        "it works once there is room"
    );
    session.invalidate_and_cancel();
    assert!(
        session
            .wait_until(Some(PATIENCE), |status| status.closed)
            .closed
    );
}

#[test]
fn a_container_on_a_full_volume_is_a_typed_error() {
    // rule C2
    let scratch = tempfile::tempdir().unwrap();
    let Some(volume) = volume(&scratch, MIB) else {
        return;
    };
    let hog = volume.fill(0);
    let error = session(&volume.path().join("container"), scratch.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoSpace, "{error}");
    fs::remove_file(hog).unwrap();
    session(&volume.path().join("container"), scratch.path()).unwrap();
}

#[test]
fn a_read_only_destination_is_a_typed_failure() {
    // rule D2
    let scratch = tempfile::tempdir().unwrap();
    let Some(volume) = volume(&scratch, 4 * MIB) else {
        return;
    };
    volume.make_read_only();
    let server = FaultServer::start().unwrap();
    server.put("a.bin", Object::generated(1, 1000));
    let session = session(&scratch.path().join("container"), volume.path()).unwrap();
    let task = session.download_task(request(&server, "a.bin")).unwrap();
    task.resume().unwrap();
    wait(&task, |state| state == TaskState::Completed);
    let error = task.info().unwrap().error.unwrap();
    assert_eq!(error.kind(), ErrorKind::DestinationNotWritable, "{error}");
}

#[test]
fn a_destination_on_another_volume_than_the_container_arrives() {
    // rule D2
    let scratch = tempfile::tempdir().unwrap();
    let Some(volume) = volume(&scratch, 8 * MIB) else {
        return;
    };
    let server = FaultServer::start().unwrap();
    let object = Object::generated(1, 3 * MIB);
    server.put("a.bin", object.clone());
    let session = session(&scratch.path().join("container"), volume.path()).unwrap();
    let task = session.download_task(request(&server, "a.bin")).unwrap();
    task.resume().unwrap();
    wait(&task, |state| state == TaskState::Completed);
    assert_is(&volume.path().join("a.bin"), &object);
    drop((task, session));
    assert_no_parts(volume.path());
    assert_no_parts(scratch.path());
}

#[test]
fn a_folder_at_the_destination_is_a_typed_failure() {
    // rule D2
    let scratch = tempfile::tempdir().unwrap();
    let files = scratch.path().join("files");
    fs::create_dir_all(files.join("a.bin/inner")).unwrap();
    let server = FaultServer::start().unwrap();
    server.put("a.bin", Object::generated(1, 1000));
    let session = session(&scratch.path().join("container"), &files).unwrap();
    let task = session.download_task(request(&server, "a.bin")).unwrap();
    task.resume().unwrap();
    wait(&task, |state| state == TaskState::Completed);
    let error = task.info().unwrap().error.unwrap();
    assert_eq!(error.kind(), ErrorKind::DestinationNotWritable, "{error}");
    drop((task, session));
    assert_no_parts(&files);
}
