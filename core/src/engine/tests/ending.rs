//! How attempts and tasks end (rules D2, D4, L1).

use super::world::{SECOND_MS, World, lost, refused};
use crate::engine::{EventKind, Input};
use crate::error::{Error, ErrorKind};
use crate::store::Phase;
use crate::task_state::{TaskState, WaitReason};
use crate::transport::TransferId;

#[test]
fn an_end_is_delivered_only_after_its_journal_entry() {
    // rule D4
    let mut world = World::new();
    let id = world.enqueue();
    world.receive_all(id);
    assert!(world.store.journal.is_empty(), "not in place yet (D2)");
    world.filing.remove(&id);
    world.feed(Input::Filed(id, Ok(())));
    assert!(world.store.journal.is_empty() && world.delivered.is_empty());
    world.ask_store();
    assert_eq!(world.store.ends_of(id), 1);
    assert!(world.delivered.is_empty(), "durable, but not heard of");
    world.drive();
    assert_eq!(world.delivered, [id]);
    assert_eq!(world.end(id).metrics.attempts, 1);
}

#[test]
fn a_failure_that_no_retry_changes_ends_the_task_once() {
    // rule D4
    let mut world = World::new();
    let id = world.enqueue();
    world.fail(id, refused());
    let error = world.end(id).result.clone().unwrap_err();
    assert_eq!(error.kind, ErrorKind::HttpStatus);
    assert_eq!(error.response.unwrap().status(), 404);
    assert_eq!(world.delivered, [id]);
    assert_eq!(world.parts_removed, [id]);
    world.advance(1_000 * SECOND_MS);
    world.restart();
    assert_eq!(world.store.ends_of(id), 1);
    assert_eq!(world.running_tasks(), []);
}

#[test]
fn the_calls_of_a_task_come_in_order_and_the_last_progress_is_exact() {
    // rule L1, E2
    let mut world = World::new();
    let id = world.enqueue();
    let transfer = world.transfer(id);
    let responded = crate::transport::TransferEvent::Responded {
        response: super::world::ok(),
        offset: 0,
        total: Some(1_000),
    };
    world.send(transfer, responded);
    world.progress(id, 400);
    world.finish(id);
    let mut told = world.told.iter().map(|event| &event.kind);
    assert!(matches!(told.next(), Some(EventKind::Responded(_))));
    let received: Vec<u64> = told
        .map(|kind| match kind {
            EventKind::Progressed(progress) => progress.received,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(received, [400, 1_000]);
}

#[test]
fn a_transport_that_talks_much_is_told_on_ten_times_a_second() {
    // rule E2
    let mut world = World::new();
    let id = world.enqueue();
    for received in 1..=950 {
        world.progress(id, received);
        world.advance(1);
    }
    // It pauses: what came before is not kept back.
    assert_eq!(world.timeout_ms(), Some(50));
    world.advance(50);
    assert_eq!(world.timeout_ms(), None, "nothing is left to tell");
    let progress = world.told.iter().filter_map(|event| match &event.kind {
        EventKind::Progressed(progress) => Some(*progress),
        _ => None,
    });
    let progress: Vec<_> = progress.collect();
    assert_eq!(progress.len(), 11);
    assert_eq!(progress.last().unwrap().received, 950);
    assert_eq!(progress.iter().map(|p| p.written).sum::<u64>(), 950);
}

#[test]
fn events_of_an_old_attempt_are_ignored() {
    // rule W5
    let mut world = World::new();
    let id = world.enqueue();
    let old = world.transfer(id);
    world.fail(id, lost());
    world.advance(SECOND_MS);
    let current = world.transfer(id);
    assert_ne!(old, current);
    for event in [World::whole_body(), World::failure(refused(), None, 0)] {
        world.send(old, event);
    }
    let never = TransferId {
        task: crate::task_id::TaskId(99),
        attempt: 1,
    };
    world.send(never, World::whole_body());
    world.drive();
    assert_eq!(world.transfer(id), current);
    assert!(world.filing.is_empty() && world.store.journal.is_empty());
}

#[test]
fn events_after_the_last_one_are_ignored() {
    // rule D4
    let mut world = World::new();
    let id = world.enqueue();
    let transfer = world.transfer(id);
    world.receive_all(id);
    world.send(transfer, World::whole_body());
    world.send(transfer, World::failure(refused(), None, 0));
    world.drive();
    world.file(id, Ok(()));
    world.drive_with(Input::Filed(id, Ok(())));
    assert!(world.succeeded(id));
    assert_eq!(world.delivered, [id]);
}

#[test]
fn no_space_for_the_finished_file_waits_for_space() {
    // rule D9
    let mut world = World::new();
    let id = world.enqueue();
    world.receive_all(id);
    world.file(id, Err(Error::new(ErrorKind::NoSpace, "full")));
    assert_eq!(world.state(id), TaskState::Waiting(WaitReason::Storage));
    assert!(world.parts_removed.is_empty(), "its bytes stay");
    world.advance(30 * SECOND_MS);
    world.finish(id);
    assert!(world.succeeded(id));
}

#[test]
fn a_part_file_that_vanished_is_downloaded_again() {
    // rule S7
    let mut world = World::new();
    let id = world.enqueue();
    world.receive_all(id);
    world.file(
        id,
        Err(Error::new(ErrorKind::ConnectionLost, "removed behind us")),
    );
    assert_eq!(world.phase(id), Phase::Held);
    let attempt = world.store.get(id).record.attempts[0].clone();
    assert_eq!(attempt.outcome, "removed behind us", "explain says it");
    world.advance(SECOND_MS);
    world.finish(id);
    assert!(world.succeeded(id));
}

#[test]
fn a_destination_that_cannot_be_written_ends_the_task() {
    // rule D2
    let mut world = World::new();
    let id = world.enqueue();
    world.receive_all(id);
    let error = Error::new(ErrorKind::DestinationNotWritable, "read-only");
    world.file(id, Err(error));
    assert_eq!(world.error_of(id), ErrorKind::DestinationNotWritable);
    assert_eq!(world.delivered, [id]);
}

#[test]
fn a_transfer_that_the_platform_stopped_by_itself_goes_on() {
    // rule P2
    let mut world = World::new();
    let id = world.enqueue();
    let event = World::stop_answer(100);
    world.end_transfer(world.transfer(id), event);
    world.drive();
    assert_eq!(world.transfer(id).attempt, 2);
}
