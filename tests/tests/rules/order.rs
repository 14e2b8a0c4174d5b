//! The order of the calls about one task (rule L1).

use backhaul::{ErrorKind, TaskId};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::{Fixture, Recorder, What};

/// The calls without those that may come any number of times: progress and reasons to wait.
fn skeleton(delegate: &Recorder, id: TaskId) -> Vec<&'static str> {
    let mut order = delegate.order_for(id);
    order.retain(|name| !matches!(*name, "wrote" | "waiting"));
    order
}

/// Progress is told only between the head of an answer and the end.
fn assert_progress_is_inside(delegate: &Recorder, id: TaskId) {
    let mut inside = false;
    for call in delegate.calls_for(id) {
        match call.what {
            What::Responded(_) | What::ResumedAt(..) => inside = true,
            What::Metrics(_) => inside = false,
            What::Wrote(_) => assert!(inside, "progress outside of an answer"),
            _ => {}
        }
    }
}

#[test]
fn a_plain_download() {
    // rule L1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 300_000));
    delegate.wait_for_file(task.id());
    let order = delegate.order_for(task.id());
    assert_eq!(
        order,
        [
            "created",
            "responded",
            "wrote",
            "metrics",
            "finished",
            "completed"
        ]
    );
}

#[test]
fn a_resumed_download() {
    // rule L1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::Truncate(200_000)]);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 300_000));
    delegate.wait_for_file(task.id());
    assert_eq!(
        skeleton(&delegate, task.id()),
        [
            "created",
            "responded",
            "resumed",
            "metrics",
            "finished",
            "completed"
        ]
    );
    assert_progress_is_inside(&delegate, task.id());
    let resumed = delegate.wait_for_call(task.id(), |what| what.name() == "resumed");
    assert!(matches!(
        resumed.what,
        What::ResumedAt(200_000, Some(300_000))
    ));
}

#[test]
fn a_download_that_begins_again() {
    // rule L1, rule R7
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let faults = vec![Fault::Truncate(200_000), Fault::OtherVersion];
    fixture.server.script("a", faults);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 300_000));
    delegate.wait_for_file(task.id());
    assert_eq!(
        skeleton(&delegate, task.id()),
        [
            "created",
            "responded",
            "restarted",
            "responded",
            "metrics",
            "finished",
            "completed"
        ]
    );
    assert_progress_is_inside(&delegate, task.id());
}

#[test]
fn a_failed_download() {
    // rule L1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::status(404)]);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 300_000));
    let failure = delegate.wait_for_failure(task.id());
    assert_eq!(failure.kind, ErrorKind::HttpStatus);
    assert_eq!(
        delegate.order_for(task.id()),
        ["created", "metrics", "failed"]
    );
}

#[test]
fn a_cancelled_download() {
    // rule L1, rule L4
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.script("a", vec![Fault::Stall(200_000)]);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 300_000));
    delegate.wait_for_call(task.id(), |what| what.name() == "wrote");
    task.cancel().unwrap();
    let failure = delegate.wait_for_failure(task.id());
    assert_eq!(failure.kind, ErrorKind::Cancelled);
    assert_eq!(
        delegate.order_for(task.id()),
        ["created", "responded", "wrote", "metrics", "failed"]
    );
    fixture.assert_no_leftovers();
}

#[test]
fn a_task_that_never_ran() {
    // rule L1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let task = session.download_task(fixture.request("a")).unwrap();
    task.cancel().unwrap();
    delegate.wait_for_failure(task.id());
    assert_eq!(
        delegate.order_for(task.id()),
        ["created", "metrics", "failed"]
    );
}

#[test]
fn a_redirected_download_in_a_default_session() {
    // rule L1, rule H3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.default_session(&delegate);
    fixture
        .server
        .script("a", vec![Fault::RedirectToTarget(307)]);
    let object = Object::generated(1, 300_000);
    let task = fixture.fetch(&session, "a", &object);
    delegate.wait_for_file(task.id());
    assert_eq!(
        delegate.order_for(task.id()),
        [
            "created",
            "redirecting",
            "responded",
            "wrote",
            "metrics",
            "finished",
            "completed"
        ]
    );
    fixture.assert_arrived("a", &object);
}

#[test]
fn the_end_is_told_once_and_last() {
    // rule L1, rule C3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let object = Object::generated(1, 1_000);
    let names: Vec<String> = (0..40).map(|number| format!("o{number}")).collect();
    for (number, name) in names.iter().enumerate() {
        fixture.server.put(name, object.clone());
        if number % 4 == 0 {
            let faults = vec![Fault::ResetAfter(500), Fault::status(503)];
            fixture.server.script(name, faults);
        } else if number % 7 == 0 {
            fixture.server.script(name, vec![Fault::status(404)]);
        }
    }
    let requests = names.iter().map(|name| Ok(fixture.request(name)));
    let tasks = session.enqueue(requests).unwrap();
    session.finish_tasks_and_invalidate();
    let calls = delegate.wait_for_invalid();
    assert_eq!(calls.last().unwrap().what.name(), "invalid");
    for task in &tasks {
        let order = delegate.order_for(task.id());
        assert_eq!(order.first(), Some(&"created"), "{order:?}");
        let ends = order
            .iter()
            .filter(|name| matches!(**name, "completed" | "failed"));
        assert_eq!(ends.count(), 1, "{order:?}");
        assert!(
            matches!(order.last(), Some(&"completed" | &"failed")),
            "{order:?}"
        );
    }
}

#[test]
fn creation_is_told_first_however_fast_the_server() {
    // rule L1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    // Something that keeps the session claiming while tasks are made.
    for round in 0..10 {
        let names: Vec<String> = (0..20).map(|number| format!("r{round}-{number}")).collect();
        for name in &names {
            fixture.server.put(name, Object::generated(1, 10));
        }
        let requests = names.iter().map(|name| Ok(fixture.request(name)));
        for task in session.enqueue(requests).unwrap() {
            drop(task);
        }
    }
    session.finish_tasks_and_invalidate();
    delegate.wait_for_invalid();
    for task in session.tasks_after(None, 1000).unwrap_or_default() {
        assert_eq!(delegate.order_for(task.id).first(), Some(&"created"));
    }
    let calls = delegate.calls();
    let mut created = std::collections::HashSet::new();
    for call in &calls {
        let Some(task) = &call.task else { continue };
        match call.what {
            What::Created => assert!(created.insert(task.id)),
            _ => assert!(
                created.contains(&task.id),
                "{} came first",
                call.what.name()
            ),
        }
    }
    assert_eq!(created.len(), 200);
}
