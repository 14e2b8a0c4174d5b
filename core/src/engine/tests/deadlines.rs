//! The only deadline of a task, and clocks that jump (rules C, P7).

use super::world::{HOUR_MS, SECOND_MS, World, lost};
use crate::error::ErrorKind;
use crate::store::Phase;
use crate::task_id::TaskId;

const DAY_MS: i64 = 24 * HOUR_MS;

fn timed(world: &mut World, ms: i64) -> TaskId {
    let deadline = world.deadline(ms);
    world.enqueue_with(|row| row.deadline = deadline)
}

#[test]
fn the_deadline_passes_while_queued() {
    // rule C: timeout_for_resource
    let mut world = World::with(|config| config.max_concurrent_transfers = 1);
    world.enqueue_with(|row| row.rank = -1);
    let id = timed(&mut world, HOUR_MS);
    world.advance(HOUR_MS - 1);
    assert_eq!(world.store.ends_of(id), 0);
    world.advance(1);
    assert_eq!(world.error_of(id), ErrorKind::ResourceTimedOut);
    assert_eq!(world.delivered, [id]);
    assert_eq!(world.parts_removed, [id]);
}

#[test]
fn the_deadline_passes_while_held_in_the_store() {
    // rule C: timeout_for_resource
    let mut world = World::new();
    let hold = world.hold(2 * HOUR_MS);
    let deadline = world.deadline(HOUR_MS);
    let id = world.enqueue_with(|row| {
        (row.phase, row.hold, row.deadline) = (Phase::Held, Some(hold), deadline);
    });
    world.advance(HOUR_MS);
    assert_eq!(world.error_of(id), ErrorKind::ResourceTimedOut);
    world.advance(2 * HOUR_MS);
    assert_eq!(world.store.ends_of(id), 1);
}

#[test]
fn the_deadline_passes_while_transferring() {
    // rule C: timeout_for_resource
    let mut world = World::new();
    world.answers_stops = false;
    let id = timed(&mut world, HOUR_MS);
    world.advance(HOUR_MS);
    assert_eq!(world.store.ends_of(id), 0, "first it stops");
    assert_eq!(world.timeout_ms(), None, "asked once");
    world.stopped(id, 500);
    assert_eq!(world.error_of(id), ErrorKind::ResourceTimedOut);
}

#[test]
fn a_file_whose_last_byte_came_in_time_is_kept() {
    // rule C: timeout_for_resource
    let mut world = World::new();
    let id = timed(&mut world, HOUR_MS);
    world.receive_all(id);
    world.advance(2 * HOUR_MS);
    world.file(id, Ok(()));
    assert!(world.succeeded(id));
}

#[test]
fn a_retry_does_not_move_the_deadline() {
    // rule H1: until the resource deadline
    let mut world = World::new();
    let id = timed(&mut world, HOUR_MS);
    for _ in 0..10_000 {
        if world.is_running(id) {
            world.fail(id, lost());
        }
        world.advance(SECOND_MS);
        if world.store.ends_of(id) == 1 {
            break;
        }
    }
    assert_eq!(world.error_of(id), ErrorKind::ResourceTimedOut);
    assert_eq!(
        world.end(id).metrics.attempts,
        world.store.get(id).record.attempt_count
    );
}

#[test]
fn a_wall_clock_that_jumps_forward_fires_nothing() {
    // rule P7
    let mut world = World::with(|config| config.max_concurrent_transfers = 1);
    let running = timed(&mut world, HOUR_MS);
    let queued = timed(&mut world, HOUR_MS);
    let in_store = world.hold(HOUR_MS / 2);
    let held = world.enqueue_with(|row| (row.phase, row.hold) = (Phase::Held, Some(in_store)));
    world.jump_wall_clock(DAY_MS);
    world.advance(HOUR_MS / 2 - 1);
    assert!(world.store.journal.is_empty());
    assert!(world.is_running(running));
    assert_eq!(world.phase(held), Phase::Held);
    world.advance(HOUR_MS / 2 + 1);
    assert_eq!(world.error_of(running), ErrorKind::ResourceTimedOut);
    assert_eq!(world.error_of(queued), ErrorKind::ResourceTimedOut);
    assert_eq!(world.running_tasks(), [held], "its time came");
}

#[test]
fn a_wall_clock_that_jumps_back_starves_nothing() {
    // rule P7
    let mut world = World::with(|config| config.max_concurrent_transfers = 1);
    let running = timed(&mut world, HOUR_MS);
    let queued = timed(&mut world, HOUR_MS);
    let in_store = world.hold(HOUR_MS / 2);
    let held = world.enqueue_with(|row| (row.phase, row.hold) = (Phase::Held, Some(in_store)));
    world.jump_wall_clock(-DAY_MS);
    world.advance(HOUR_MS);
    assert_eq!(world.error_of(running), ErrorKind::ResourceTimedOut);
    assert_eq!(world.error_of(queued), ErrorKind::ResourceTimedOut);
    assert_eq!(world.running_tasks(), [held]);
}

#[test]
fn the_default_deadline_of_a_row_in_the_store_outlasts_a_jump_of_a_day() {
    // rule P7
    let mut world = World::new();
    let hold = world.hold(2 * DAY_MS);
    for jump_ms in [DAY_MS, -DAY_MS] {
        let deadline = world.deadline(7 * DAY_MS);
        let id = world.enqueue_with(|row| {
            (row.phase, row.hold, row.deadline) = (Phase::Held, Some(hold), deadline);
        });
        world.jump_wall_clock(jump_ms);
        world.advance(DAY_MS);
        assert_eq!(world.store.ends_of(id), 0);
        world.advance(9 * DAY_MS);
        world.finish_all();
        assert_eq!(world.store.ends_of(id), 1);
    }
}

#[test]
fn a_clock_set_back_while_a_claim_is_under_way_changes_nothing() {
    // rule P7, S3
    let mut world = World::new();
    let deadline = world.deadline(HOUR_MS);
    let id = world.enqueue_with(|row| {
        (row.phase, row.deadline) = (Phase::Suspended, deadline);
    });
    world.now = world.now.plus_ms(HOUR_MS);
    world.feed(crate::engine::Input::Tick);
    world.ask_store();
    world.jump_wall_clock(-DAY_MS);
    world.drive();
    assert_eq!(world.running_tasks(), []);
    assert_eq!(world.error_of(id), ErrorKind::ResourceTimedOut);
}
