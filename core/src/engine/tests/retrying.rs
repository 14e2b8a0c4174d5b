//! Failures that time heals (rules H1, H2, D9).

use super::world::{HOUR_MS, SECOND_MS, World, lost, ok};
use crate::error::{Error, ErrorKind};
use crate::response::Response;
use crate::store::Phase;
use crate::task_id::TaskId;
use crate::task_state::{TaskState, WaitReason};

/// How long the next attempt is away.
fn wait_ms(world: &World, id: TaskId) -> i64 {
    world.store.get(id).hold.unwrap().delay_ms
}

#[test]
fn failures_are_retried_after_pauses_that_grow() {
    // rule H1
    let mut world = World::new();
    let id = world.enqueue();
    let mut longest_ms = 0;
    for failures in 1..=30_u32 {
        world.fail(id, lost());
        assert_eq!(
            world.state(id),
            TaskState::Waiting(WaitReason::RetryBackoff)
        );
        let bound_ms = (SECOND_MS << (failures - 1).min(20)).min(300 * SECOND_MS);
        assert!(wait_ms(&world, id) <= bound_ms);
        longest_ms = longest_ms.max(wait_ms(&world, id));
        assert_eq!(world.store.get(id).record.failures_in_a_row, failures);
        world.advance(bound_ms);
    }
    assert!(longest_ms > 100 * SECOND_MS, "they grow");
    assert_eq!(world.transfer(id).attempt, 31);
    assert_eq!(world.store.get(id).record.attempts.len(), 8, "bounded");
    world.finish(id);
    assert!(world.succeeded(id));
}

#[test]
fn progress_begins_the_pauses_anew() {
    // rule H1
    let mut world = World::new();
    let id = world.enqueue();
    for _ in 0..10 {
        world.fail(id, lost());
        world.advance(300 * SECOND_MS);
    }
    world.fail_after(id, lost(), None, 400);
    assert_eq!(world.store.get(id).record.failures_in_a_row, 1);
    assert!(wait_ms(&world, id) <= SECOND_MS);
    world.advance(SECOND_MS);
    world.fail_after(id, lost(), None, 400);
    assert_eq!(
        world.store.get(id).record.failures_in_a_row,
        2,
        "no new byte came"
    );
}

#[test]
fn every_status_that_time_heals_is_retried() {
    // rule H1
    for status in [408, 429, 500, 502, 503, 504] {
        let mut world = World::new();
        let id = world.enqueue();
        let answer = Response { status, ..ok() };
        world.fail(
            id,
            Error::new(ErrorKind::HttpStatus, "busy").with_response(answer),
        );
        assert_eq!(world.phase(id), Phase::Held, "{status}");
    }
}

#[test]
fn the_server_s_word_is_kept_across_restart_reboot_and_clock_change() {
    // rule H2
    let mut world = World::new();
    let id = world.enqueue();
    world.fail_after(id, lost(), Some(2 * HOUR_MS as u64), 0);
    assert_eq!(world.reasons_told(id), [WaitReason::RetryAfter]);
    world.advance(HOUR_MS);
    world.jump_wall_clock(-24 * HOUR_MS);
    world.restart();
    assert_eq!(world.timeout_ms(), Some(HOUR_MS));
    world.jump_wall_clock(24 * HOUR_MS);
    (world.now.boot, world.now.uptime_ms) = (8, 10);
    world.restart();
    assert_eq!(world.timeout_ms(), Some(HOUR_MS));
    world.advance(HOUR_MS - 1);
    assert!(!world.is_running(id));
    world.advance(1);
    assert!(world.is_running(id));
}

#[test]
fn the_server_s_word_is_kept_across_suspend_and_resume() {
    // rule H2
    let mut world = World::new();
    let id = world.enqueue();
    world.fail_after(id, lost(), Some(HOUR_MS as u64), 0);
    assert!(world.suspend(id));
    assert!(world.resume(id));
    assert_eq!(world.running_tasks(), [], "asking now is not allowed");
    assert_eq!(world.timeout_ms(), Some(HOUR_MS));
    world.suspend(id);
    world.advance(2 * HOUR_MS);
    world.resume(id);
    assert!(world.is_running(id));
}

#[test]
fn resume_cuts_a_pause_of_ours_short() {
    // rule H1
    let mut world = World::new();
    let (held, paused) = (world.enqueue(), world.enqueue());
    for id in [held, paused] {
        world.fail(id, Error::new(ErrorKind::NoSpace, "full"));
    }
    world.suspend(paused);
    world.resume(held);
    world.resume(paused);
    assert_eq!(world.running_tasks(), [held, paused]);
}

#[test]
fn the_server_s_word_is_kept_when_the_attempt_was_being_stopped() {
    // rule H2
    let mut world = World::new();
    world.answers_stops = false;
    let id = world.enqueue();
    world.suspend(id);
    world.fail_after(id, lost(), Some(HOUR_MS as u64), 0);
    assert_eq!(world.phase(id), Phase::Suspended);
    world.resume(id);
    assert_eq!(world.running_tasks(), []);
    world.advance(HOUR_MS);
    assert!(world.is_running(id));
}

#[test]
fn a_full_disk_is_a_reason_to_wait_not_a_failure() {
    // rule D9
    let mut world = World::new();
    let id = world.enqueue();
    let full = || Error::new(ErrorKind::NoSpace, "full").with_needed_bytes(77);
    for wait_s in [30, 60, 120, 240, 480, 600, 600] {
        world.fail(id, full());
        assert_eq!(world.state(id), TaskState::Waiting(WaitReason::Storage));
        let error = world.store.get(id).record.last_error.clone().unwrap();
        assert_eq!(error.needed_bytes, Some(77));
        assert_eq!(world.timeout_ms(), Some(wait_s * SECOND_MS));
        world.advance(wait_s * SECOND_MS);
    }
    world.finish(id);
    assert!(world.succeeded(id));
}
