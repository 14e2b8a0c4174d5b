//! The one timer (rules P6, P7).

use super::world::{HOUR_MS, SECOND_MS, World, lost};
use crate::engine::{Command, Input};
use crate::error::{Error, ErrorKind};
use crate::store::Phase;

#[test]
fn with_nothing_to_do_no_timer_is_armed() {
    // rule P6
    let mut world = World::new();
    assert_eq!(world.timeout_ms(), None);
    let id = world.enqueue();
    assert_eq!(world.timeout_ms(), None, "the transport will call");
    world.finish(id);
    world.enqueue_with(|row| row.phase = Phase::Suspended);
    assert_eq!(world.timeout_ms(), None);
    let claims = world.store.claims;
    world.advance(1_000 * HOUR_MS);
    assert_eq!(world.store.claims, claims, "nothing was looked at");
}

#[test]
fn the_timer_names_exactly_the_next_moment() {
    // rule P6
    let mut world = World::new();
    for hours in [5, 3, 4] {
        let hold = world.hold(hours * HOUR_MS);
        world.enqueue_with(|row| (row.phase, row.hold) = (Phase::Held, Some(hold)));
    }
    assert_eq!(world.timeout_ms(), Some(3 * HOUR_MS));
    let deadline = world.deadline(2 * HOUR_MS);
    let sooner = world.enqueue_with(|row| row.deadline = deadline);
    assert_eq!(world.timeout_ms(), Some(2 * HOUR_MS));
    world.finish(sooner);
    assert_eq!(world.timeout_ms(), Some(3 * HOUR_MS));
    world.advance(3 * HOUR_MS - 1);
    assert_eq!(world.running_tasks(), []);
    world.advance(1);
    assert_eq!(world.running_tasks().len(), 1);
    assert_eq!(world.timeout_ms(), Some(HOUR_MS));
}

#[test]
fn a_slow_store_does_not_move_the_timer() {
    // rule P6
    let mut world = World::new();
    let hold = world.hold(HOUR_MS);
    world.insert(|row| (row.phase, row.hold) = (Phase::Held, Some(hold)));
    world.feed(Input::MoreReady);
    world.ask_store();
    world.now = world.now.plus_ms(20 * SECOND_MS);
    world.drive();
    assert_eq!(world.timeout_ms(), Some(HOUR_MS - 20 * SECOND_MS));
}

#[test]
fn a_wait_that_begins_while_a_claim_is_under_way_is_not_forgotten() {
    // rule P6
    let mut world = World::new();
    let id = world.enqueue();
    world.feed(Input::MoreReady);
    world.ask_store();
    let failure = World::failure(lost(), Some(60_000), 0);
    world.end_transfer(world.transfer(id), failure);
    world.drive();
    assert_eq!(world.timeout_ms(), Some(60 * SECOND_MS));
    world.advance(60 * SECOND_MS);
    assert!(world.is_running(id));
}

#[test]
fn a_command_that_changes_nothing_does_not_lose_the_wait() {
    // rule P6
    let mut world = World::new();
    let hold = world.hold(HOUR_MS);
    let id = world.enqueue_with(|row| (row.phase, row.hold) = (Phase::Held, Some(hold)));
    world.ask(id, Command::Resume);
    world.ask_store();
    world.feed(Input::MoreReady);
    world.drive();
    assert_eq!(world.timeout_ms(), Some(HOUR_MS));
}

#[test]
fn a_deadline_counts_when_its_task_leaves_the_window() {
    // rule P6
    let mut world = World::new();
    let deadline = world.deadline(HOUR_MS);
    let id = world.enqueue_with(|row| row.deadline = deadline);
    world.suspend(id);
    assert_eq!(world.timeout_ms(), Some(HOUR_MS));
    world.resume(id);
    world.set_conditions(|now| now.network = crate::conditions::Network::None);
    assert_eq!(world.timeout_ms(), Some(HOUR_MS));
    world.advance(HOUR_MS);
    assert_eq!(world.error_of(id), ErrorKind::ResourceTimedOut);
}

#[test]
fn a_thousand_waits_that_end_at_once_are_served_at_once() {
    // rule P6
    let mut world = World::new();
    let hold = world.hold(HOUR_MS);
    world.enqueue_many(1_000, |_, row| {
        (row.phase, row.hold) = (Phase::Held, Some(hold));
    });
    world.advance(HOUR_MS);
    world.finish_all();
    assert_eq!(world.store.journal.len(), 1_000);
    assert_eq!(world.timeout_ms(), None);
}

#[test]
fn a_thousand_deadlines_that_pass_at_once_are_all_kept() {
    // rule P6
    let mut world = World::new();
    let deadline = world.deadline(HOUR_MS);
    let ids = world.enqueue_many(1_000, |index, row| {
        row.deadline = deadline;
        row.phase = [Phase::Ready, Phase::Suspended][index % 2];
    });
    world.advance(HOUR_MS);
    for id in ids {
        assert_eq!(world.error_of(id), ErrorKind::ResourceTimedOut);
    }
    assert_eq!(world.timeout_ms(), None);
}

#[test]
fn waiting_for_space_asks_rarely() {
    // rule P6, D9
    let mut world = World::new();
    let id = world.enqueue();
    let claims = world.store.claims;
    for _ in 0..10 {
        world.fail(id, Error::new(ErrorKind::NoSpace, "full"));
        world.advance(600 * SECOND_MS);
    }
    assert!(world.store.claims - claims <= 40);
}
