//! Who goes first (rule P3).

use super::world::{HOUR_MS, World};
use crate::engine::policy::rank;
use crate::store::Deadline;
use crate::task_id::TaskId;

/// Runs everything, one after the other; in which order.
fn order_of(world: &mut World) -> Vec<TaskId> {
    let mut order = Vec::new();
    world.drive();
    while let Some(id) = world.running_tasks().first().copied() {
        assert_eq!(world.running.len(), 1);
        order.push(id);
        world.finish(id);
    }
    order
}

fn one_at_a_time() -> World {
    World::with(|config| config.max_concurrent_transfers = 1)
}

#[test]
fn priority_goes_before_age() {
    // rule P3
    let mut world = one_at_a_time();
    let now = world.now.wall_ms;
    let ids: Vec<TaskId> = [0.0, 0.5, 1.0, 0.5]
        .map(|priority| world.insert(|row| row.rank = rank(now, priority)))
        .to_vec();
    world.feed(crate::engine::Input::MoreReady);
    assert_eq!(order_of(&mut world), [ids[2], ids[1], ids[3], ids[0]]);
}

#[test]
fn within_one_rank_the_nearer_deadline_goes_first() {
    // rule P3
    let mut world = one_at_a_time();
    let now = world.now;
    let hours = [Some(3), None, Some(1), Some(2)];
    let ids = world.enqueue_many(4, |index, row| {
        row.deadline = hours[index].map(|hours| Deadline::after(now, hours * HOUR_MS));
    });
    assert_eq!(order_of(&mut world), [ids[2], ids[3], ids[0], ids[1]]);
}

#[test]
fn an_urgent_newcomer_overtakes_what_is_queued() {
    // rule P3
    let mut world = one_at_a_time();
    let old = world.enqueue_many(1_000, |_, row| row.rank = 10);
    let urgent = world.enqueue_with(|row| row.rank = 5);
    world.finish(old[0]);
    assert_eq!(world.running_tasks(), [urgent]);
}

#[test]
fn an_urgent_newcomer_overtakes_when_the_window_is_full() {
    // rule P3, P9
    let mut world = one_at_a_time();
    world.enqueue_many(1_000, |_, row| row.rank = 10);
    for _ in 0..100 {
        world.drive_with(crate::engine::Input::MoreReady);
    }
    let urgent = world.enqueue_with(|row| row.rank = 5);
    for _ in 0..2 {
        world.finish(world.running_tasks()[0]);
    }
    assert_eq!(world.running_tasks(), [urgent]);
}

#[test]
fn nothing_starves_behind_newcomers_of_high_priority() {
    // rule P3: a day of age outweighs any priority
    let mut world = one_at_a_time();
    let now = world.now.wall_ms;
    let humble = world.insert(|row| row.rank = rank(now, 0.0));
    for _ in 0..60 {
        let now = world.now.wall_ms;
        for _ in 0..2 {
            world.enqueue_with(|row| row.rank = rank(now, 1.0));
        }
        world.finish(world.running_tasks()[0]);
        world.advance(HOUR_MS);
        if world.is_running(humble) {
            return;
        }
    }
    panic!("it starved");
}
