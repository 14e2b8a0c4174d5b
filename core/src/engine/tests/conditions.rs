//! The state of the system decides what may run (rules P1, P2).

use super::world::{HOUR_MS, World};
use crate::conditions::Network;
use crate::engine::policy::Needs;
use crate::engine::{Command, Input};
use crate::store::Phase;
use crate::task_state::{TaskState, WaitReason};

const NOT_CELLULAR: i64 = Needs::NETWORK.bits() | Needs::NOT_CELLULAR.bits();

#[test]
fn a_task_that_may_not_run_waits_with_a_reason() {
    // rule P1
    let mut world = World::new();
    world.set_conditions(|now| now.network = Network::Cellular);
    let picky = world.enqueue_with(|row| row.needs = NOT_CELLULAR);
    let other = world.enqueue();
    assert_eq!(
        world.state(picky),
        TaskState::Waiting(WaitReason::CellularNotAllowed)
    );
    assert_eq!(world.running_tasks(), [other]);
    world.set_conditions(|now| now.network = Network::Wifi);
    assert!(world.is_running(picky));
}

#[test]
fn queued_tasks_that_may_no_longer_run_make_room() {
    // rule P2
    let mut world = World::with(|config| config.max_concurrent_transfers = 1);
    let running = world.enqueue();
    let queued = world.enqueue_with(|row| row.needs = NOT_CELLULAR);
    let behind = world.enqueue();
    world.set_conditions(|now| now.network = Network::Cellular);
    assert_eq!(
        world.reasons_told(queued),
        [WaitReason::CellularNotAllowed],
        "the delegate is told once"
    );
    assert_eq!(world.phase(queued), Phase::Ready);
    world.finish(running);
    assert_eq!(world.running_tasks(), [behind]);
    world.set_conditions(|now| now.network = Network::Wired);
    world.finish(behind);
    assert_eq!(world.running_tasks(), [queued]);
}

#[test]
fn thousands_of_blocked_tasks_do_not_crowd_out_one_that_may_run() {
    // rule P2
    let mut world = World::new();
    world.set_conditions(|now| now.network = Network::Cellular);
    world.enqueue_many(5_000, |_, row| row.needs = NOT_CELLULAR);
    let last = world.enqueue_with(|row| row.rank = 1_000);
    assert_eq!(world.running_tasks(), [last]);
    assert_eq!(world.timeout_ms(), None, "no timer for the others");
}

#[test]
fn a_running_transfer_whose_condition_is_withdrawn_stops_and_keeps_its_bytes() {
    // rule P2
    let mut world = World::new();
    world.answers_stops = false;
    let id = world.enqueue_with(|row| {
        row.needs = (Needs::NETWORK | Needs::NOT_EXPENSIVE).bits();
        row.options.allows_expensive = Some(false);
    });
    world.progress(id, 400);
    world.set_conditions(|now| now.expensive = true);
    world.set_conditions(|now| now.charging = false);
    world.stopped(id, 300);
    assert_eq!(world.phase(id), Phase::Ready);
    assert_eq!(world.store.get(id).record.received, 300);
    assert_eq!(
        world.state(id),
        TaskState::Waiting(WaitReason::ExpensiveNotAllowed)
    );
    assert_eq!(world.reasons_told(id), [WaitReason::ExpensiveNotAllowed]);
    assert!(world.parts_removed.is_empty());
    world.advance(HOUR_MS);
    assert!(!world.is_running(id));
    world.set_conditions(|now| now.expensive = false);
    assert!(world.is_running(id));
}

#[test]
fn a_condition_that_returns_before_the_transfer_has_stopped_starts_it_again() {
    // rule P2
    let mut world = World::new();
    world.answers_stops = false;
    let id = world.enqueue();
    world.set_conditions(|now| now.network = Network::None);
    world.set_conditions(|now| now.network = Network::Wifi);
    world.stopped(id, 10);
    assert_eq!(world.transfer(id).attempt, 2);
}

#[test]
fn a_claim_under_way_when_conditions_change_brings_nothing_that_may_not_run() {
    // rule P2
    let mut world = World::new();
    let id = world.insert(|_| {});
    world.feed(Input::MoreReady);
    world.ask_store();
    world.conditions.network = Network::None;
    world.feed(Input::Conditions(world.conditions));
    world.drive();
    assert!(!world.is_running(id));
    assert_eq!(world.reasons_told(id), [WaitReason::Connectivity]);
    world.set_conditions(|now| now.network = Network::Wifi);
    assert!(world.is_running(id));
}

#[test]
fn a_blocked_task_takes_commands() {
    // rule L
    let mut world = World::new();
    world.set_conditions(|now| now.network = Network::None);
    let id = world.enqueue();
    assert!(world.suspend(id) && world.resume(id) && world.resume(id));
    assert_eq!(
        world.state(id),
        TaskState::Waiting(WaitReason::Connectivity)
    );
    // While the row is loaded for a command that changes nothing, a claim passes it by.
    world.ask(id, Command::Resume);
    world.ask_store();
    world.set_conditions(|now| now.network = Network::Wifi);
    assert!(world.is_running(id));
}
