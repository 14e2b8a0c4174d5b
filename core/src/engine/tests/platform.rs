//! The end of a session, and transports that outlive the process (rules S7, W5).

use super::world::{World, lost};
use crate::conditions::Network;
use crate::engine::{Command, Input};
use crate::store::Phase;
use crate::transport::TransferId;

fn outliving() -> World {
    World::with(|config| config.outlives_process = true)
}

#[test]
fn at_the_end_of_a_session_transfers_stop_and_nothing_new_starts() {
    // rule C3
    let mut world = World::new();
    world.answers_stops = false;
    let ids = world.enqueue_many(50, |_, _| {});
    world.receive_all(ids[0]);
    world.drive_with(Input::Shutdown);
    assert!(world.running.values().all(|told| *told));
    world.file(ids[0], Ok(()));
    assert!(world.succeeded(ids[0]), "what is whole is put in place");
    for id in world.running_tasks() {
        world.stopped(id, 10);
        assert_eq!(world.phase(id), Phase::Ready);
        assert_eq!(world.store.get(id).record.received, 10);
    }
    assert_eq!(world.engine.busy(), 0);
    world.enqueue();
    world.set_conditions(|now| now.expensive = true);
    assert_eq!(world.running_tasks(), []);
    world.restart();
    world.finish_all();
    assert_eq!(world.store.journal.len(), 51);
}

#[test]
fn rows_that_a_claim_brings_after_the_end_go_back() {
    // rule C3
    let mut world = World::new();
    let id = world.insert(|_| {});
    world.feed(Input::MoreReady);
    world.drive_with(Input::Shutdown);
    assert_eq!(world.phase(id), Phase::Ready);
}

#[test]
fn commands_are_answered_after_the_end() {
    // rule L
    let mut world = World::new();
    world.answers_stops = false;
    let ids = world.enqueue_many(3, |_, _| {});
    world.feed(Input::Shutdown);
    let cancel = world.ask(ids[0], Command::Cancel);
    let suspend = world.ask(ids[1], Command::Suspend);
    for id in &ids {
        world.stopped(*id, 10);
    }
    assert!(world.is_answered(cancel) && world.is_answered(suspend));
    assert_eq!(world.store.ends_of(ids[0]), 1);
    assert_eq!(world.phase(ids[1]), Phase::Suspended);
    assert_eq!(world.phase(ids[2]), Phase::Ready);
}

#[test]
fn an_attempt_that_may_outlive_us_is_on_record_before_it_starts() {
    // rule W5
    let mut world = outliving();
    let id = world.insert(|_| {});
    world.feed(Input::MoreReady);
    world.ask_store();
    world.hear_store();
    assert!(!world.is_running(id), "not before its commit");
    world.drive();
    assert!(world.is_running(id));
    assert_eq!(world.store.get(id).record.attempt_count, 1);
}

#[test]
fn a_stop_never_overtakes_the_start() {
    // rule W5
    let mut world = outliving();
    let id = world.insert(|_| {});
    world.feed(Input::MoreReady);
    world.ask_store();
    world.hear_store();
    let token = world.ask(id, Command::Cancel);
    world.drive();
    assert!(world.is_answered(token));
    assert_eq!(world.running_tasks(), [], "no transfer without an owner");
    assert_eq!(world.store.ends_of(id), 1);
}

#[test]
fn a_transfer_that_went_on_while_no_process_lived_is_ours_again() {
    // rule W5
    let mut world = outliving();
    let (id, other) = (world.enqueue(), world.enqueue());
    world.progress(id, 100);
    let transfer = world.transfer(id);
    world.restart();
    assert_eq!(world.transfer(id), transfer, "not started again");
    assert_eq!(world.running_tasks(), [id, other]);
    world.progress(id, 900);
    world.finish(id);
    assert!(world.succeeded(id));
    world.fail(other, lost());
    assert_eq!(world.phase(other), Phase::Held);
}

#[test]
fn a_transfer_taken_over_obeys_commands_and_conditions() {
    // rule W5, P2
    let mut world = outliving();
    let (paused, blocked) = (world.enqueue(), world.enqueue());
    world.crash();
    world.launch();
    world.drive();
    assert!(world.suspend(paused));
    assert_eq!(world.phase(paused), Phase::Suspended);
    world.crash();
    world.conditions.network = Network::None;
    world.launch();
    world.drive();
    assert_eq!(world.running_tasks(), [], "its network went meanwhile");
    assert_eq!(world.phase(blocked), Phase::Ready);
}

#[test]
fn a_transfer_whose_task_has_ended_is_stopped() {
    // rule W5
    let mut world = outliving();
    let id = world.enqueue();
    world.finish(id);
    let stray = TransferId {
        task: id,
        attempt: 1,
    };
    world.running.insert(stray, false);
    world.restart();
    assert_eq!(world.running_tasks(), []);
    assert_eq!(world.store.ends_of(id), 1);
}

#[test]
fn what_lives_on_without_us_is_left_alone_at_the_end() {
    // rule S7
    let mut world = outliving();
    let ids = world.enqueue_many(2, |_, _| {});
    world.drive_with(Input::Shutdown);
    assert_eq!(world.running_tasks(), ids);
    assert!(world.running.values().all(|told| !told));
    assert!(world.cancel(ids[0]), "but it still takes commands");
    assert_eq!(world.running_tasks(), [ids[1]]);
}
