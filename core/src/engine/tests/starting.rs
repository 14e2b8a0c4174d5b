//! How a task begins, and begins again (rules S3, S4, S7).

use super::world::{HOUR_MS, World, lost};
use crate::store::Phase;
use crate::task_state::TaskState;

#[test]
fn a_suspended_task_is_not_started() {
    // rule S3
    let mut world = World::new();
    let id = world.enqueue_with(|row| row.phase = Phase::Suspended);
    world.advance(HOUR_MS);
    assert_eq!(world.state(id), TaskState::Suspended);
    assert_eq!(world.running_tasks(), []);
}

#[test]
fn resume_starts_a_task() {
    // rule S4
    let mut world = World::new();
    let id = world.enqueue_with(|row| row.phase = Phase::Suspended);
    assert!(world.resume(id));
    assert!(world.is_running(id));
    assert_eq!(world.state(id), TaskState::Transferring);
    world.finish(id);
    assert!(world.succeeded(id));
    assert_eq!(world.state(id), TaskState::Completed);
}

#[test]
fn the_time_of_a_task_counts_from_its_first_resume() {
    // rule S4
    let mut world = World::with(|config| config.timeout_for_resource_ms = HOUR_MS);
    let id = world.enqueue_with(|row| row.phase = Phase::Suspended);
    world.advance(10 * HOUR_MS);
    world.resume(id);
    let deadline = world.deadline(HOUR_MS);
    assert_eq!(world.store.get(id).deadline, deadline);
    world.suspend(id);
    world.advance(HOUR_MS / 2);
    world.resume(id);
    assert_eq!(world.store.get(id).deadline, deadline, "not from zero");
}

#[test]
fn after_a_kill_every_task_goes_on() {
    // rule S7
    let mut world = World::new();
    let running = world.enqueue();
    let paused = world.enqueue_with(|row| row.phase = Phase::Suspended);
    let failed = world.enqueue();
    world.fail(failed, lost());
    let later = world.hold(HOUR_MS);
    let held = world.enqueue_with(|row| (row.phase, row.hold) = (Phase::Held, Some(later)));
    let filing = world.enqueue();
    world.receive_all(filing);
    let queued = world.enqueue_many(10, |_, _| {});

    world.restart();
    assert_eq!(world.phase(paused), Phase::Suspended);
    world.finish_all();
    world.advance(HOUR_MS);
    world.finish_all();
    for id in queued.into_iter().chain([running, failed, held, filing]) {
        assert!(world.succeeded(id), "{id}");
    }
    assert_eq!(world.phase(paused), Phase::Suspended);
}

#[test]
fn killed_between_claim_and_answer_nothing_is_lost() {
    // rule S7
    let mut world = World::new();
    let id = world.insert(|_| {});
    world.feed(crate::engine::Input::MoreReady);
    assert!(world.ask_store(), "the row is claimed, and nobody knows");
    assert_eq!(world.phase(id), Phase::Claimed);
    world.restart();
    assert!(world.is_running(id));
}

#[test]
fn killed_before_the_end_is_on_record_it_ends_once() {
    // rule S7, D4
    let mut world = World::new();
    let id = world.enqueue();
    world.receive_all(id);
    world.filing.remove(&id);
    world.feed(crate::engine::Input::Filed(id, Ok(())));
    assert_eq!(world.delivered, [], "not before its commit");
    world.restart();
    world.finish(id);
    assert!(world.succeeded(id));
}
