//! What is on the disk, and when (section D).

use backhaul::{ErrorKind, Request};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::fixture::start;
use backhaul_tests::{Fixture, Recorder, What, files};

#[test]
fn many_tasks_are_enqueued_in_one_call() {
    // rule D1
    let fixture = Fixture::new();
    let session = fixture.session(&Recorder::new());
    let requests: Vec<Request> = (0..1000)
        .map(|n| fixture.request(&format!("o{n}")))
        .collect();
    let tasks = session.download_tasks(requests).unwrap();
    let last = tasks[999].id();
    drop((tasks, session));
    let session = fixture.session(&Recorder::new());
    assert_eq!(session.tasks_after(None, 1000).unwrap().len(), 1000);
    assert_eq!(session.status().suspended, 1000);
    assert!(session.task(last).is_ok());
}

#[test]
fn the_file_is_whole_before_anyone_is_told() {
    // rule D2
    let fixture = Fixture::new();
    let object = Object::generated(1, 2_000_000);
    let (file, expected) = (fixture.file("deep/down/a"), object.clone());
    let delegate = Recorder::with_hook(move |call| match call.what {
        What::Finished(_) => assert!(expected.matches_file(&file).unwrap()),
        What::Wrote(progress) if progress.received < 2_000_000 => assert!(!file.exists()),
        _ => {}
    });
    let session = fixture.session(&delegate);
    fixture.server.limit_rate(Some(8_000_000));
    fixture.server.put("a", object.clone());
    let request =
        backhaul_tests::fixture::request_to(&fixture.server.object_url("a"), "deep/down/a");
    let task = session.download_task(request).unwrap();
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
    fixture.assert_arrived("deep/down/a", &object);
}

#[test]
fn an_older_file_stays_until_the_new_one_is_whole() {
    // rule D2
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    std::fs::create_dir_all(fixture.folder()).unwrap();
    std::fs::write(fixture.file("a"), "the old one").unwrap();
    fixture.server.script("a", vec![Fault::Stall(50_000)]);
    let object = Object::generated(1, 100_000);
    let task = fixture.fetch(&session, "a", &object);
    delegate.wait_for_call(task.id(), |what| matches!(what, What::Wrote(_)));
    assert_eq!(std::fs::read(fixture.file("a")).unwrap(), b"the old one");
    task.suspend().unwrap();
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
    fixture.assert_arrived("a", &object);
}

#[test]
fn a_part_file_that_is_longer_than_its_record_is_cut_back() {
    // rule D3
    let fixture = Fixture::new();
    let (id, object) = interrupted(&fixture);
    let part = part_file(&fixture);
    let mut bytes = std::fs::read(&part).unwrap();
    bytes.extend_from_slice(&[0xEE; 5_000]);
    std::fs::write(&part, bytes).unwrap();

    let delegate = Recorder::new();
    let _session = fixture.session(&delegate);
    delegate.wait_for_file(id);
    let resumed = delegate.wait_for_call(id, |what| matches!(what, What::ResumedAt(..)));
    assert!(matches!(resumed.what, What::ResumedAt(250_000, _)));
    fixture.assert_arrived("a", &object);
}

#[test]
fn a_part_file_that_lost_bytes_begins_again() {
    // rule D3, rule R9
    let fixture = Fixture::new();
    let (id, object) = interrupted(&fixture);
    let part = std::fs::OpenOptions::new()
        .write(true)
        .open(part_file(&fixture))
        .unwrap();
    part.set_len(100_000).unwrap();

    let delegate = Recorder::new();
    let _session = fixture.session(&delegate);
    delegate.wait_for_file(id);
    fixture.assert_arrived("a", &object);
}

#[test]
fn files_removed_behind_our_back_are_fetched_again() {
    // rule D3, rule R9
    for suffix in [".part", ".state"] {
        let fixture = Fixture::new();
        let (id, object) = interrupted(&fixture);
        for file in files::leftovers(fixture.container()) {
            if file.to_string_lossy().ends_with(suffix) {
                std::fs::remove_file(file).unwrap();
            }
        }
        let delegate = Recorder::new();
        let _session = fixture.session(&delegate);
        delegate.wait_for_file(id);
        fixture.assert_arrived("a", &object);
    }
}

/// A download whose session ended with 250,000 of its 400,000 bytes.
fn interrupted(fixture: &Fixture) -> (backhaul::TaskId, Object) {
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let object = Object::generated(1, 400_000);
    fixture.server.script("a", vec![Fault::Stall(250_000)]);
    let task = fixture.fetch(&session, "a", &object);
    delegate.wait_for_call(
        task.id(),
        |what| matches!(what, What::Wrote(progress) if progress.received == 250_000),
    );
    (task.id(), object)
}

fn part_file(fixture: &Fixture) -> std::path::PathBuf {
    let found = files::leftovers(fixture.container());
    let is_part = |path: &std::path::PathBuf| path.extension().is_some_and(|ext| ext == "part");
    found.into_iter().find(is_part).unwrap()
}

#[test]
fn a_container_may_move_between_launches() {
    // rule D5
    let fixture = Fixture::new();
    let documents = tempfile::tempdir().unwrap();
    let old = documents.path().join("version-1");
    std::fs::create_dir_all(&old).unwrap();
    let configuration = |container: &std::path::Path, base: &std::path::Path| {
        fixture
            .background("com.example.moves")
            .container(container)
            .base_directory("documents", base)
    };
    let container = documents.path().join("container-1");
    let delegate = Recorder::new();
    let session = start(configuration(&container, &old), &delegate);
    let object = Object::generated(1, 400_000);
    fixture.server.put("a", object.clone());
    fixture.server.script("a", vec![Fault::Stall(250_000)]);
    let destination = backhaul::Destination::in_base("documents", "maps/a").unwrap();
    let request = Request::new(&fixture.server.object_url("a")).unwrap();
    let task = session
        .download_task(request.destination(destination))
        .unwrap();
    task.resume().unwrap();
    delegate.wait_for_call(task.id(), |what| matches!(what, What::Wrote(_)));
    let id = task.id();
    drop((task, session));

    let (new, moved) = (
        documents.path().join("version-2"),
        documents.path().join("container-2"),
    );
    std::fs::rename(&old, &new).unwrap();
    std::fs::rename(&container, &moved).unwrap();
    let again = Recorder::new();
    let _session = start(configuration(&moved, &new), &again);
    let arrived = again.wait_for_file(id);
    assert_eq!(arrived.location, new.join("maps/a"));
    assert!(
        again.order_for(id).contains(&"resumed"),
        "its bytes moved with it"
    );
    files::assert_is(&new.join("maps/a"), &object);
    files::assert_no_leftovers(documents.path());
}

#[test]
fn a_damaged_store_is_moved_aside_and_reported() {
    // rule D6
    let fixture = Fixture::new();
    let (id, object) = interrupted(&fixture);
    let store = fixture.container().join("backhaul.sqlite3");
    let len = store.metadata().unwrap().len();
    std::fs::write(&store, vec![0x5A; len as usize]).unwrap();

    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let calls = delegate.wait_for(|calls| {
        calls
            .iter()
            .any(|call| matches!(call.what, What::Recovered(_)))
    });
    let What::Recovered(recovery) = &calls[0].what else {
        panic!("it comes first: {calls:?}");
    };
    assert!(recovery.moved_to.exists() && !recovery.reason.is_empty());
    // What its part file says of it is enough to go on.
    delegate.wait_for_file(id);
    files::assert_is(&fixture.file("a"), &object);
    drop(session);
    let again = Recorder::new();
    let session = fixture.session(&again);
    assert!(again.calls().is_empty(), "it is told once");
    drop(session);
}

#[test]
fn part_files_of_ended_tasks_are_removed() {
    // rule D8
    let fixture = Fixture::new();
    let (id, _) = interrupted(&fixture);
    // A stranger that looks like ours stays.
    let stranger = fixture.file(".backhaul-deadbeef-7.part");
    std::fs::write(&stranger, "mine").unwrap();
    let session = fixture.session(&Recorder::new());
    session.task(id).unwrap().cancel().unwrap();
    assert_eq!(files::leftovers(fixture.container()), [stranger]);
}

#[test]
fn a_destination_that_cannot_be_written_is_said() {
    // rule E3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    std::fs::create_dir_all(fixture.file("a")).unwrap();
    std::fs::write(fixture.file("file"), "not a folder").unwrap();
    fixture.server.put("a", Object::generated(1, 1_000));
    let url = fixture.server.object_url("a");
    for name in ["a", "file/a"] {
        let request = backhaul_tests::fixture::request_to(&url, name);
        let task = session.download_task(request).unwrap();
        task.resume().unwrap();
        let failure = delegate.wait_for_failure(task.id());
        assert_eq!(failure.kind, ErrorKind::DestinationNotWritable, "{name}");
    }
    fixture.assert_no_leftovers();
}
