//! Tasks that come after others (rule L6).

use crate::engine::Command;
use crate::engine::tests::world::{HOUR_MS, SECOND_MS, World, refused};
use crate::error::ErrorKind;
use crate::store::Phase;
use crate::task_id::TaskId;
use crate::task_state::{TaskState, WaitReason};

const WAITS: TaskState = TaskState::Waiting(WaitReason::Dependency);

/// What a task that could not run says.
fn message(world: &World, id: TaskId) -> String {
    assert_eq!(world.error_of(id), ErrorKind::DependencyFailed);
    world.end(id).result.as_ref().unwrap_err().message.clone()
}

#[test]
fn a_chain_goes_on_by_itself() {
    // rule L6
    let mut world = World::new();
    let first = world.enqueue();
    let second = world.enqueue_after(&[first]);
    let third = world.enqueue_after(&[first, second]);
    assert_eq!(world.running_tasks(), [first]);
    assert_eq!((world.state(second), world.state(third)), (WAITS, WAITS));
    assert_eq!(world.timeout_ms(), None, "it waits for no time");
    world.finish(first);
    assert_eq!(world.running_tasks(), [second]);
    world.restart();
    assert_eq!(world.running_tasks(), [second]);
    world.finish(second);
    world.finish(third);
    assert!(world.succeeded(third));
}

#[test]
fn a_failure_ends_what_comes_after_it_with_its_name_and_its_cause() {
    // rule L6
    let mut world = World::new();
    let [first, other] = [world.enqueue(), world.enqueue()];
    let second = world.enqueue_after(&[first]);
    let third = world.enqueue_after(&[second, other]);
    let beside = world.enqueue_after(&[other]);
    world.fail(first, refused());
    let told = message(&world, second);
    assert!(
        told.contains("task 1, which this one comes after, failed"),
        "{told}"
    );
    assert!(told.contains("(not found)"), "{told}");
    let told = message(&world, third);
    assert!(
        told.contains("task 3, which this one comes after,"),
        "{told}"
    );
    assert!(told.contains("because task 1 failed"), "{told}");
    assert!(told.contains("(not found)"), "{told}");
    assert_eq!(world.delivered, [first, second, third]);
    world.finish(other);
    assert!(world.is_running(beside));
}

#[test]
fn a_cancelled_step_is_told_as_cancelled() {
    // rule L6, rule L4
    let mut world = World::new();
    let first = world.enqueue();
    let second = world.enqueue_after(&[first]);
    let third = world.enqueue_after(&[second]);
    assert!(world.cancel(second));
    assert_eq!(world.error_of(second), ErrorKind::Cancelled);
    let told = message(&world, third);
    assert!(told.contains("was cancelled"), "{told}");
    world.finish(first);
    assert!(world.succeeded(first));
}

#[test]
fn a_paused_predecessor_holds_and_a_paused_dependant_waits_for_resume() {
    // rule L6
    let mut world = World::new();
    let first = world.enqueue();
    let second = world.enqueue_after(&[first]);
    world.suspend(first);
    world.advance(100 * HOUR_MS);
    assert_eq!(world.state(second), WAITS);
    world.suspend(second);
    world.resume(first);
    world.finish(first);
    assert_eq!(world.phase(second), Phase::Suspended);
    world.resume(second);
    assert!(world.is_running(second));
}

#[test]
fn resuming_does_not_jump_the_queue() {
    // rule L6
    let mut world = World::new();
    let first = world.enqueue();
    let second = world.enqueue_after(&[first]);
    for _ in 0..2 {
        assert!(world.resume(second));
        assert_eq!(world.state(second), WAITS);
        assert_eq!(world.running_tasks(), [first]);
    }
}

#[test]
fn a_paused_dependant_ends_when_it_can_never_run() {
    // rule L6
    let mut world = World::new();
    let first = world.enqueue();
    let second = world.enqueue_with(|row| {
        (row.phase, row.after) = (Phase::Suspended, vec![first]);
    });
    world.fail(first, refused());
    message(&world, second);
}

#[test]
fn the_wait_counts_for_the_deadline() {
    // rule L6, rule C
    let mut world = World::new();
    let first = world.enqueue();
    let deadline = world.deadline(10 * SECOND_MS);
    let second = world.enqueue_with(|row| {
        (row.after, row.deadline) = (vec![first], deadline);
    });
    let third = world.enqueue_after(&[second]);
    world.advance(10 * SECOND_MS);
    assert_eq!(world.error_of(second), ErrorKind::ResourceTimedOut);
    message(&world, third);
    assert!(world.is_running(first));
}

#[test]
fn a_date_of_its_own_holds_after_the_dependency() {
    // rule L6
    let mut world = World::new();
    let first = world.enqueue();
    let hold = world.hold(60 * SECOND_MS);
    let second = world.enqueue_with(|row| {
        (row.phase, row.hold, row.after) = (Phase::Held, Some(hold), vec![first]);
    });
    assert_eq!(world.state(second), WAITS);
    world.finish(first);
    let dated = TaskState::Waiting(WaitReason::EarliestBeginDate);
    assert_eq!(world.state(second), dated);
    world.advance(60 * SECOND_MS);
    assert!(world.is_running(second));
}

#[test]
fn many_that_come_after_one_that_fails_end_in_bounded_steps() {
    // rule L6, rule P9
    let mut world = World::new();
    let first = world.enqueue();
    let many = world.enqueue_many(1_000, |_, row| row.after = vec![first]);
    world.fail(first, refused());
    world.advance(0);
    for id in many {
        assert_eq!(world.error_of(id), ErrorKind::DependencyFailed);
    }
    assert_eq!(world.timeout_ms(), None);
}

#[test]
fn a_cancel_that_meets_the_failure_is_answered_once() {
    // rule L6
    let mut world = World::new();
    let first = world.enqueue();
    let second = world.enqueue_after(&[first]);
    world.end_transfer(world.transfer(first), World::failure(refused(), None, 0));
    let token = world.ask(second, Command::Cancel);
    world.drive();
    assert!(world.is_answered(token));
    assert_eq!(world.store.ends_of(second), 1);
}
