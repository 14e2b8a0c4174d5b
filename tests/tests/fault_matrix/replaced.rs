//! The object is replaced between two attempts: by one of the same length, a shorter, a longer one, and
//! one that ends before the part does. Whatever the server then does wrong, the file is the new object.

use backhaul::{Digest, ErrorKind, ResumePolicy};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::fixture::start;
use backhaul_tests::{Fixture, Recorder, What};

use crate::cells::{LEN, PART, Validator};
use crate::run::assert_clean;

/// What the server does with the request for the rest.
fn faults() -> Vec<Fault> {
    vec![
        Fault::None,
        Fault::IgnoreRange,
        Fault::IgnoreIfRange,
        Fault::RangeEarly(4096),
        Fault::RangeUnplaced,
        Fault::RangeUnknownTotal,
        Fault::RangeWithoutContentRange,
        Fault::RangeGarbage,
        Fault::RangeChunked,
        Fault::NotSatisfiableBare,
        Fault::Truncate(150_000),
    ]
}

const LENGTHS: [u64; 4] = [LEN, LEN - 30_000, LEN + 30_000, PART - 30_000];

/// A download that has a part, and what becomes of it.
struct Case {
    name: String,
    new: Object,
    task: backhaul::DownloadTask,
    fault: Fault,
    expected: Option<ErrorKind>,
}

fn pause_all(delegate: &Recorder, cases: &[Case]) {
    for case in cases {
        delegate.wait_for_call(
            case.task.id(),
            |what| matches!(what, What::Wrote(progress) if progress.received == PART),
        );
        case.task.suspend().unwrap();
    }
}

/// Replaces the objects, goes on, and compares.
fn finish(fixture: &Fixture, delegate: &Recorder, cases: Vec<Case>) {
    pause_all(delegate, &cases);
    for case in &cases {
        fixture.server.put(&case.name, case.new.clone());
        fixture.server.script(&case.name, vec![case.fault.clone()]);
        case.task.resume().unwrap();
    }
    let mut wrong = Vec::new();
    for case in &cases {
        let failure = delegate.wait_for_end(case.task.id());
        let difference = match fixture.file(&case.name) {
            path if path.exists() => case.new.first_difference(path).unwrap(),
            _ => None,
        };
        let kind = failure.as_ref().map(|failure| failure.kind);
        if kind != case.expected || difference.is_some() {
            let order = delegate.order_for(case.task.id()).join(" ");
            wrong.push(format!(
                "{}: {failure:?}, differs at {difference:?}; {order}",
                case.name
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_clean(fixture);
    println!("{} cells", cases.len());
}

#[test]
fn the_file_is_the_new_object() {
    // rule R9, rule R4, rule R5, rule R6
    for fixture in [Fixture::new(), Fixture::http2()] {
        let delegate = Recorder::new();
        let configuration = fixture
            .background("com.example.replaced")
            .max_concurrent_transfers(128)
            .max_connections_per_host(128);
        let session = start(configuration, &delegate);
        for validator in Validator::ALL {
            let mut cases = Vec::new();
            for fault in faults() {
                for len in LENGTHS {
                    let name = format!("{validator:?}-{fault:?}-{len}").replace(['(', ')'], "-");
                    fixture.server.put(&name, validator.object(1, LEN));
                    fixture.server.script(&name, vec![Fault::Stall(PART)]);
                    let new = validator.object(2, len);
                    // The app wants the new one.
                    let request = validator.expect(fixture.request(&name), &new);
                    let task = session.download_task(request).unwrap();
                    task.resume().unwrap();
                    // A request without a range: its 416 is the answer.
                    let bare = fault == Fault::NotSatisfiableBare && !validator.resumes();
                    cases.push(Case {
                        name,
                        new,
                        task,
                        fault: fault.clone(),
                        expected: bare.then_some(ErrorKind::HttpStatus),
                    });
                }
            }
            finish(&fixture, &delegate, cases);
        }
    }
}

#[test]
fn the_digest_of_the_old_object_refuses_the_new_one() {
    // rule R9, rule H6
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let configuration = fixture
        .background("com.example.replaced")
        .max_concurrent_transfers(128)
        .max_connections_per_host(128);
    let session = start(configuration, &delegate);
    let mut cases = Vec::new();
    for validator in [Validator::Strong, Validator::Date, Validator::Absent] {
        for fault in [Fault::None, Fault::IgnoreIfRange, Fault::IgnoreRange] {
            for len in LENGTHS {
                let name = format!("{validator:?}-{fault:?}-{len}");
                let old = validator.object(1, LEN);
                fixture.server.put(&name, old.clone());
                fixture.server.script(&name, vec![Fault::Stall(PART)]);
                let digest = Digest::sha256_hex(&old.sha256()).unwrap();
                let request = fixture.request(&name).expected_digest(digest);
                let task = session.download_task(request).unwrap();
                task.resume().unwrap();
                cases.push(Case {
                    name,
                    new: validator.object(2, len),
                    task,
                    fault: fault.clone(),
                    expected: Some(ErrorKind::DigestMismatch),
                });
            }
        }
    }
    finish(&fixture, &delegate, cases);
}

#[test]
fn a_lenient_session_compares_and_says_so() {
    // rule R5, rule R9
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let configuration = fixture
        .background("com.example.lenient")
        .resume_policy(ResumePolicy::Lenient);
    let session = start(configuration, &delegate);
    for validator in [Validator::Weak, Validator::Absent] {
        for (what, seed) in [("same", 1), ("other", 2)] {
            let name = format!("{validator:?}-{what}");
            fixture.server.put(&name, validator.object(1, LEN));
            fixture.server.script(&name, vec![Fault::Stall(PART)]);
            let task = session.download_task(fixture.request(&name)).unwrap();
            task.resume().unwrap();
            delegate.wait_for_call(
                task.id(),
                |what| matches!(what, What::Wrote(progress) if progress.received == PART),
            );
            task.suspend().unwrap();
            let now = validator.object(seed, LEN);
            fixture.server.put(&name, now.clone());
            task.resume().unwrap();
            let arrived = delegate.wait_for_file(task.id());
            assert_eq!(arrived.validator_weak, what == "same", "{name}");
            fixture.assert_arrived(&name, &now);
        }
    }
}

#[test]
fn an_object_that_never_rests_is_given_up() {
    // rule R7
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.always("a", Fault::Truncate(PART));
    let object = Validator::Differs.object(1, LEN);
    let task = fixture.fetch(&session, "a", &object);
    let failure = delegate.wait_for_failure(task.id());
    assert_eq!(failure.kind, ErrorKind::ValidatorUnstable);
    let restarts = delegate.calls_for(task.id());
    let restarts = restarts
        .iter()
        .filter(|call| matches!(call.what, What::Restarted(..)));
    assert_eq!(restarts.count(), 3, "as many as the cap allows");
    let explained = task.explain().unwrap();
    assert_eq!(explained.discarded, 3 * PART);
    assert_clean(&fixture);
}

#[test]
fn a_server_without_validators_is_borne_until_the_deadline() {
    // rule R7
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let object = Validator::Absent.object(1, LEN);
    fixture.server.script("a", vec![Fault::Truncate(PART); 6]);
    let task = fixture.fetch(&session, "a", &object);
    delegate.wait_for_file(task.id());
    let explained = task.explain().unwrap();
    assert_eq!(
        (explained.discarded, explained.attempt_count),
        (6 * PART, 7)
    );
    let restarts = delegate.calls_for(task.id());
    let told = restarts.iter().filter(|call| {
        matches!(
            call.what,
            What::Restarted(backhaul::RestartReason::NoValidator, PART)
        )
    });
    assert_eq!(told.count(), 6);
    fixture.assert_arrived("a", &object);
}
