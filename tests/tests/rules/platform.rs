//! A platform's own transfer service moves the bytes: it goes on while no session lives, and a later
//! session takes over what it did.

use std::sync::Arc;

use backhaul::transport::TransferId;
use backhaul::{ErrorKind, RetryPolicy, Session, SessionConfiguration, TaskId, TaskState};
use backhaul_tests::fixture::{QUICK, request_to, start};
use backhaul_tests::platform::Service;
use backhaul_tests::{Recorder, files};
use tempfile::TempDir;

const URL: &str = "https://example.com/alps.mbtiles";
const BODY: &[u8] = b"the mountains, all of them";

struct Phone {
    service: Service,
    container: TempDir,
}

impl Phone {
    fn new() -> Phone {
        Phone {
            service: Service::default(),
            container: tempfile::tempdir().unwrap(),
        }
    }

    /// The app is launched.
    fn launch(&self, delegate: &Arc<Recorder>) -> Session {
        self.launch_with(delegate, QUICK)
    }

    fn launch_with(&self, delegate: &Arc<Recorder>, retry: RetryPolicy) -> Session {
        let configuration = SessionConfiguration::background("com.example.phone")
            .unwrap()
            .container(self.container.path())
            .is_discretionary(false)
            .retry_policy(retry)
            .transport(self.service.transport());
        start(configuration, delegate)
    }

    /// A transfer is started, and the app dies; returns what the service calls it.
    fn leave_one_running(&self) -> TransferId {
        let session = self.launch(&Recorder::new());
        let task = session.download_task(request_to(URL, "alps")).unwrap();
        task.resume().unwrap();
        let id = first_attempt(task.id());
        self.service
            .wait_for(|state| state.running.contains_key(&id));
        drop((task, session));
        self.service.detach();
        id
    }

    fn finish(&self, id: TransferId) {
        self.service.finish(id, BODY, self.container.path());
    }

    fn assert_arrived(&self) {
        let file = self.container.path().join("files/alps");
        assert_eq!(std::fs::read(file).unwrap(), BODY);
        files::assert_no_leftovers(self.container.path());
    }
}

fn first_attempt(task: TaskId) -> TransferId {
    TransferId { task, attempt: 1 }
}

#[test]
fn a_transfer_outlives_its_session() {
    // rule S7, rule W5
    let phone = Phone::new();
    let id = phone.leave_one_running();
    phone.service.wait_for(|state| state.stopped.is_empty());

    let delegate = Recorder::new();
    let session = phone.launch(&delegate);
    let task = session.task(id.task).unwrap();
    phone.service.progress(id, 5, Some(BODY.len() as u64));
    delegate.wait_for_call(id.task, |what| what.name() == "wrote");
    assert_eq!(task.info().unwrap().state, TaskState::Transferring);
    phone.finish(id);
    delegate.wait_for_file(id.task);
    phone.assert_arrived();
    phone
        .service
        .wait_for(|state| state.started == [id] && state.stopped.is_empty());
}

#[test]
fn what_finished_while_no_session_lived_is_taken_over() {
    // rule S11, rule W5
    let phone = Phone::new();
    let id = phone.leave_one_running();
    phone.finish(id);

    let delegate = Recorder::new();
    let _session = phone.launch(&delegate);
    let arrived = delegate.wait_for_file(id.task);
    assert_eq!(arrived.len, BODY.len() as u64);
    phone.assert_arrived();
    phone.service.wait_for(|state| {
        state.started == [id] && state.lists == 2 && state.forgotten == [id.task]
    });
}

#[test]
fn an_end_that_is_told_twice_is_told_to_the_delegate_once() {
    // rule D4, rule W5
    let phone = Phone::new();
    let id = phone.leave_one_running();
    phone.finish(id);
    let delegate = Recorder::new();
    let session = phone.launch(&delegate);
    delegate.wait_for_file(id.task);
    drop(session);
    phone.service.detach();

    // It died before the service heard that the end is on record.
    phone.service.invent(id);
    let left = phone.service.finish(id, BODY, phone.container.path());
    let delegate = Recorder::new();
    let session = phone.launch(&delegate);
    phone
        .service
        .wait_for(|state| state.stopped == [id] && state.forgotten == [id.task, id.task]);
    // What is told later goes the same way.
    let other = session.download_task(request_to(URL, "other")).unwrap();
    other.resume().unwrap();
    let second = first_attempt(other.id());
    phone
        .service
        .wait_for(|state| state.running.contains_key(&second));
    phone.finish(second);
    delegate.wait_for_file(second.task);
    assert!(!left.exists());
    let names: Vec<_> = delegate.calls().iter().map(|c| c.what.name()).collect();
    assert!(!names.contains(&"cancelled-unknown"), "{names:?}");
}

#[test]
fn what_the_service_is_given_lasts_it_until_it_wakes_the_app() {
    // rule W2, rule P9
    let phone = Phone::new();
    let session = phone.launch(&Recorder::new());
    let names = (0..50).map(|number| format!("alps-{number}"));
    session
        .enqueue(names.map(|name| Ok(request_to(URL, &name))))
        .unwrap();
    // As many as run at a time, not as many as one host takes at a time.
    phone.service.wait_for(|state| state.running.len() == 32);
}

#[test]
fn what_failed_while_no_session_lived_is_tried_again() {
    // rule H1, rule W5
    let phone = Phone::new();
    let id = phone.leave_one_running();
    phone.service.fail(id, ErrorKind::ConnectionLost);

    let delegate = Recorder::new();
    let session = phone.launch(&delegate);
    let second = TransferId { attempt: 2, ..id };
    phone
        .service
        .wait_for(|state| state.started == [id, second]);
    let explained = session.task(id.task).unwrap().explain().unwrap();
    assert_eq!(explained.attempt_count, 2);
    assert!(
        explained.attempts[0].outcome.contains("gave up"),
        "{explained:?}"
    );
    phone.finish(second);
    delegate.wait_for_file(id.task);
    phone.assert_arrived();
}

#[test]
fn nothing_starts_before_the_service_has_said_what_it_holds() {
    // rule W5
    let phone = Phone::new();
    let id = phone.leave_one_running();

    phone.service.withhold_list();
    let delegate = Recorder::new();
    let session = phone.launch(&delegate);
    let other = session.download_task(request_to(URL, "other")).unwrap();
    other.resume().unwrap();
    // The answer to a question that goes the same way as the start would have gone.
    assert!(matches!(other.info().unwrap().state, TaskState::Waiting(_)));
    phone.service.wait_for(|state| state.started == [id]);

    phone.service.answer_list();
    let started = first_attempt(other.id());
    phone
        .service
        .wait_for(|state| state.started == [id, started]);
    phone.finish(id);
    delegate.wait_for_file(id.task);
}

#[test]
fn a_transfer_that_nobody_knows_is_stopped() {
    // rule W5
    let phone = Phone::new();
    let stranger = first_attempt(TaskId::from_i64(4711));
    phone.service.invent(stranger);
    let _session = phone.launch(&Recorder::new());
    phone.service.wait_for(|state| state.stopped == [stranger]);
}

#[test]
fn a_transfer_of_an_older_attempt_is_stopped_and_its_task_goes_on() {
    // rule W5
    let phone = Phone::new();
    let id = phone.leave_one_running();
    let older = TransferId { attempt: 7, ..id };
    phone.service.stop_silently(id);
    phone.service.invent(older);

    let delegate = Recorder::new();
    let _session = phone.launch(&delegate);
    let second = TransferId { attempt: 2, ..id };
    phone
        .service
        .wait_for(|state| state.stopped == [older] && state.started == [id, second]);
    phone.finish(second);
    delegate.wait_for_file(id.task);
    phone.assert_arrived();
}

#[test]
fn a_paused_task_is_not_woken_by_a_stray_transfer() {
    // rule W5
    let phone = Phone::new();
    let session = phone.launch(&Recorder::new());
    let task = session.download_task(request_to(URL, "alps")).unwrap();
    let stray = TransferId {
        task: task.id(),
        attempt: 3,
    };
    drop((task, session));
    phone.service.detach();
    phone.service.invent(stray);

    let session = phone.launch(&Recorder::new());
    phone.service.wait_for(|state| state.stopped == [stray]);
    let task = session.task(stray.task).unwrap();
    assert_eq!(task.info().unwrap().state, TaskState::Suspended);
    task.resume().unwrap();
    let id = first_attempt(task.id());
    phone.service.wait_for(|state| state.started == [id]);
}

#[test]
fn what_the_service_received_is_judged() {
    // rule H6, rule T5
    let phone = Phone::new();
    let delegate = Recorder::new();
    let session = phone.launch(&delegate);
    let request = request_to(URL, "alps").expected_size(BODY.len() as u64 + 1);
    let task = session.download_task(request).unwrap();
    task.resume().unwrap();
    let id = first_attempt(task.id());
    phone
        .service
        .wait_for(|state| state.running.contains_key(&id));
    let left = phone.service.finish(id, BODY, phone.container.path());
    let failure = delegate.wait_for_failure(task.id());
    assert_eq!(failure.kind, ErrorKind::SizeMismatch);
    assert!(!phone.container.path().join("files/alps").exists());
    assert!(!left.exists(), "the service's file is ours, and of no use");
    files::assert_no_leftovers(phone.container.path());
}

#[test]
fn a_wait_survives_the_death_of_the_app() {
    // rule H1, rule S7
    let hour = RetryPolicy {
        base: std::time::Duration::from_secs(3600),
        cap: std::time::Duration::from_secs(3600),
    };
    let phone = Phone::new();
    let delegate = Recorder::new();
    let session = phone.launch_with(&delegate, hour);
    let task = session.download_task(request_to(URL, "alps")).unwrap();
    task.resume().unwrap();
    let id = first_attempt(task.id());
    phone
        .service
        .wait_for(|state| state.running.contains_key(&id));
    phone.service.fail(id, ErrorKind::ConnectionLost);
    delegate.wait_for_call(id.task, |what| what.name() == "waiting");
    let before = task.explain().unwrap();
    drop((task, session));
    phone.service.detach();

    let session = phone.launch(&Recorder::new());
    let after = session.task(id.task).unwrap().explain().unwrap();
    assert_eq!(after.task.state, before.task.state);
    assert_eq!(after.attempts, before.attempts);
}
