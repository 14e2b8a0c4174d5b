//! Cancelling with resume data (rule L4).

use backhaul::{DownloadTask, ErrorKind, ResumeData, Session};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::{Fixture, Recorder, What};

const LEN: u64 = 400_000;

fn object() -> Object {
    Object::generated(1, LEN).etag("\"v1\"")
}

/// A download that stands at 250,000 bytes.
fn stalled(
    fixture: &Fixture,
    delegate: &Recorder,
    session: &Session,
    object: &Object,
) -> DownloadTask {
    fixture.server.script("a", vec![Fault::Stall(250_000)]);
    let task = fixture.fetch(session, "a", object);
    delegate.wait_for_call(
        task.id(),
        |what| matches!(what, What::Wrote(progress) if progress.received == 250_000),
    );
    task
}

#[test]
fn another_task_goes_on_from_it() {
    // rule L4
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let first = stalled(&fixture, &delegate, &session, &object());
    let data = first.cancel_by_producing_resume_data().unwrap().unwrap();
    assert_eq!(
        delegate.wait_for_failure(first.id()).kind,
        ErrorKind::Cancelled
    );
    let text = data.to_string();
    drop((first, session));

    // Another launch: the text is all that was kept.
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let data: ResumeData = text.parse().unwrap();
    let second = session.download_task_with_resume_data(&data).unwrap();
    second.resume().unwrap();
    delegate.wait_for_file(second.id());
    let resumed = delegate.wait_for_call(second.id(), |what| matches!(what, What::ResumedAt(..)));
    assert!(matches!(resumed.what, What::ResumedAt(250_000, Some(LEN))));
    assert_eq!(fixture.server.bytes_sent("a"), LEN, "no byte came twice");
    fixture.assert_arrived("a", &object());
}

#[test]
fn an_object_that_changed_meanwhile_is_fetched_anew() {
    // rule L4, rule R9
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let first = stalled(&fixture, &delegate, &session, &object());
    let data = first.cancel_by_producing_resume_data().unwrap().unwrap();
    let changed = Object::generated(2, LEN).etag("\"v2\"");
    fixture.server.put("a", changed.clone());
    let second = session.download_task_with_resume_data(&data).unwrap();
    second.resume().unwrap();
    delegate.wait_for_file(second.id());
    fixture.assert_arrived("a", &changed);
}

#[test]
fn there_is_none_without_a_strong_validator() {
    // rule L4, rule R5
    for object in [object().weak_etag(), object().without_validators()] {
        let fixture = Fixture::new();
        let delegate = Recorder::new();
        let session = fixture.session(&delegate);
        let task = stalled(&fixture, &delegate, &session, &object);
        assert!(task.cancel_by_producing_resume_data().unwrap().is_none());
        assert_eq!(
            delegate.wait_for_failure(task.id()).kind,
            ErrorKind::Cancelled
        );
        fixture.assert_no_leftovers();
    }
}

#[test]
fn there_is_none_of_a_task_that_has_nothing_or_has_ended() {
    // rule L4
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let task = session.download_task(fixture.request("b")).unwrap();
    assert!(task.cancel_by_producing_resume_data().unwrap().is_none());
    let task = fixture.fetch(&session, "a", &object());
    delegate.wait_for_file(task.id());
    assert!(task.cancel_by_producing_resume_data().unwrap().is_none());
    fixture.assert_arrived("a", &object());
}

#[test]
fn it_is_of_no_use_elsewhere_or_twice_damaged() {
    // rule L4
    let (fixture, other) = (Fixture::new(), Fixture::new());
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let task = stalled(&fixture, &delegate, &session, &object());
    let data = task.cancel_by_producing_resume_data().unwrap().unwrap();
    let elsewhere = other.session(&Recorder::new());
    let error = elsewhere.download_task_with_resume_data(&data).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResumeData);

    let text = data.to_string();
    for damaged in [
        &text[1..],
        &text[..text.len() - 1],
        "",
        "backhaul-1.00000000.AAAA",
    ] {
        let error = damaged.parse::<ResumeData>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResumeData, "{damaged}");
    }
}

#[test]
fn used_twice_it_is_two_downloads_of_the_right_file() {
    // rule L4, rule R9
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let first = stalled(&fixture, &delegate, &session, &object());
    let data = first.cancel_by_producing_resume_data().unwrap().unwrap();
    for _ in 0..2 {
        let task = session.download_task_with_resume_data(&data).unwrap();
        task.resume().unwrap();
        delegate.wait_for_file(task.id());
        fixture.assert_arrived("a", &object());
    }
}

#[test]
fn a_part_file_that_is_gone_costs_only_time() {
    // rule L4
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let first = stalled(&fixture, &delegate, &session, &object());
    let data = first.cancel_by_producing_resume_data().unwrap().unwrap();
    for file in backhaul_tests::files::leftovers(fixture.container()) {
        std::fs::remove_file(file).unwrap();
    }
    let second = session.download_task_with_resume_data(&data).unwrap();
    second.resume().unwrap();
    delegate.wait_for_file(second.id());
    fixture.assert_arrived("a", &object());
}
