//! Resume, suspend and cancel: any order, any number of times (rule L).

use super::world::{HOUR_MS, World, lost};
use crate::engine::Command;
use crate::error::{Error, ErrorKind};
use crate::store::Phase;
use crate::task_state::TaskState;

/// A running task whose transport takes its time to stop.
fn slow_to_stop() -> (World, crate::task_id::TaskId) {
    let mut world = World::new();
    world.answers_stops = false;
    let id = world.enqueue();
    (world, id)
}

#[test]
fn commands_are_idempotent_in_every_state() {
    // rule L
    let mut world = World::new();
    let id = world.enqueue_with(|row| row.phase = Phase::Suspended);
    assert!(world.suspend(id) && world.suspend(id));
    assert_eq!(world.state(id), TaskState::Suspended);
    assert!(world.resume(id) && world.resume(id));
    assert!(world.is_running(id), "one resume undoes two suspends");
    assert!(world.suspend(id) && world.suspend(id));
    assert_eq!(world.state(id), TaskState::Suspended);
    assert!(world.cancel(id) && world.cancel(id));
    assert_eq!(world.error_of(id), ErrorKind::Cancelled);
    assert!(world.resume(id) && world.suspend(id) && world.cancel(id));
    assert_eq!(world.state(id), TaskState::Completed);
    assert_eq!(world.delivered, [id]);
}

#[test]
fn suspend_is_answered_when_the_transfer_has_stopped_and_that_is_durable() {
    // rule L
    let (mut world, id) = slow_to_stop();
    world.progress(id, 600);
    let token = world.ask(id, Command::Suspend);
    world.drive();
    assert!(!world.is_answered(token));
    assert_eq!(world.state(id), TaskState::Suspended);
    let transfer = world.transfer(id);
    let event = World::stop_answer(512);
    world.end_transfer(transfer, event);
    world.hear_event();
    assert!(!world.is_answered(token), "not before its commit");
    world.drive();
    assert!(world.is_answered(token));
    assert_eq!(world.phase(id), Phase::Suspended);
    assert_eq!(world.store.get(id).record.received, 512);
}

#[test]
fn suspend_then_resume_before_it_has_stopped_goes_on() {
    // rule L
    let (mut world, id) = slow_to_stop();
    let suspend = world.ask(id, Command::Suspend);
    let resume = world.ask(id, Command::Resume);
    world.stopped(id, 100);
    assert!(world.is_answered(suspend) && world.is_answered(resume));
    assert_eq!(world.transfer(id).attempt, 2);
}

#[test]
fn the_last_word_counts_while_it_stops() {
    // rule L
    let (mut world, id) = slow_to_stop();
    world.ask(id, Command::Suspend);
    world.ask(id, Command::Resume);
    let last = world.ask(id, Command::Suspend);
    world.stopped(id, 100);
    assert!(world.is_answered(last));
    assert_eq!(world.phase(id), Phase::Suspended);
    assert_eq!(
        world.log.iter().filter(|line| *line == "stop 1.1").count(),
        1
    );
}

#[test]
fn cancel_overtakes_suspend_and_nothing_overtakes_cancel() {
    // rule L
    let (mut world, id) = slow_to_stop();
    let tokens = [
        world.ask(id, Command::Suspend),
        world.ask(id, Command::Cancel),
        world.ask(id, Command::Suspend),
        world.ask(id, Command::Resume),
    ];
    assert_eq!(world.state(id), TaskState::Canceling);
    world.stopped(id, 100);
    assert!(tokens.iter().all(|token| world.is_answered(*token)));
    assert_eq!(world.error_of(id), ErrorKind::Cancelled);
}

#[test]
fn a_transfer_that_ends_well_while_it_is_cancelled_is_a_success() {
    // rule L
    let (mut world, id) = slow_to_stop();
    let token = world.ask(id, Command::Cancel);
    world.finish(id);
    assert!(world.is_answered(token));
    assert!(world.succeeded(id));
}

#[test]
fn cancel_while_the_file_is_put_in_place_is_a_success() {
    // rule L
    let mut world = World::new();
    let id = world.enqueue();
    world.receive_all(id);
    let token = world.ask(id, Command::Cancel);
    assert!(!world.is_answered(token));
    world.file(id, Ok(()));
    assert!(world.is_answered(token));
    assert!(world.succeeded(id));
    assert!(world.parts_removed.is_empty());
}

#[test]
fn what_was_asked_while_finishing_counts_when_finishing_fails() {
    // rule L
    let full = || Error::new(ErrorKind::NoSpace, "full");
    let mut world = World::new();
    let (paused, cancelled) = (world.enqueue(), world.enqueue());
    world.receive_all(paused);
    world.receive_all(cancelled);
    let tokens = [
        world.ask(paused, Command::Suspend),
        world.ask(cancelled, Command::Cancel),
    ];
    world.file(paused, Err(full()));
    world.file(cancelled, Err(full()));
    assert!(tokens.iter().all(|token| world.is_answered(*token)));
    assert_eq!(world.phase(paused), Phase::Suspended);
    assert_eq!(world.error_of(cancelled), ErrorKind::Cancelled);

    let undone = world.enqueue();
    world.receive_all(undone);
    world.ask(undone, Command::Suspend);
    world.resume(undone);
    world.file(undone, Err(full()));
    assert_eq!(world.phase(undone), Phase::Held);
}

#[test]
fn a_suspend_that_the_last_byte_overtakes_counts_when_finishing_fails() {
    // rule L
    let (mut world, id) = slow_to_stop();
    let token = world.ask(id, Command::Suspend);
    world.receive_all(id);
    world.file(id, Err(lost()));
    assert!(world.is_answered(token));
    assert_eq!(world.phase(id), Phase::Suspended);
}

#[test]
fn cancel_removes_the_part_file() {
    // rule L4
    let mut world = World::with(|config| config.max_concurrent_transfers = 1);
    let running = world.enqueue();
    let queued = world.enqueue();
    let hold = world.hold(HOUR_MS);
    let held = world.enqueue_with(|row| (row.phase, row.hold) = (Phase::Held, Some(hold)));
    for id in [queued, held, running] {
        assert!(world.cancel(id));
        assert_eq!(world.error_of(id), ErrorKind::Cancelled);
    }
    assert_eq!(world.parts_removed, [queued, held, running]);
    assert_eq!(world.delivered, [queued, held, running]);
    assert_eq!(world.timeout_ms().filter(|ms| *ms < HOUR_MS), None);
}

#[test]
fn cancel_for_resume_data_keeps_the_part_file() {
    // rule L4
    let mut world = World::new();
    let (running, paused) = (world.enqueue(), world.enqueue());
    world.suspend(paused);
    for id in [running, paused] {
        assert!(world.command(id, Command::CancelKeepingPart));
        assert_eq!(world.error_of(id), ErrorKind::Cancelled);
    }
    assert_eq!(world.parts_removed, []);
}

#[test]
fn cancel_overtakes_cancel_for_resume_data() {
    // rule L4
    let (mut world, id) = slow_to_stop();
    let tokens = [
        world.ask(id, Command::CancelKeepingPart),
        world.ask(id, Command::Cancel),
    ];
    world.stopped(id, 100);
    assert!(tokens.iter().all(|token| world.is_answered(*token)));
    assert_eq!(world.parts_removed, [id]);
}

#[test]
fn two_commands_before_the_store_has_answered_both_count() {
    // rule L
    let mut world = World::new();
    let id = world.enqueue_with(|row| row.phase = Phase::Suspended);
    let resume = world.ask(id, Command::Resume);
    let suspend = world.ask(id, Command::Suspend);
    world.drive();
    assert!(world.is_answered(resume) && world.is_answered(suspend));
    assert_eq!(world.phase(id), Phase::Suspended);
}
