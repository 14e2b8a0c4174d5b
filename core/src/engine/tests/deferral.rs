//! Deferral over time: relaxing, launching, sleeping, and asking for wakes (rules P1, P4–P8).

use super::world::{FILE_BYTES, HOUR_MS, SECOND_MS, World, rules};
use crate::conditions::{AppState, Network, SystemConditions};
use crate::configuration::Settings;
use crate::engine::policy::{LargeTransfers, Needs, WatchBudget};
use crate::engine::{EngineConfig, Input, NextWake};
use crate::error::ErrorKind;
use crate::store::Phase;
use crate::task_id::TaskId;
use crate::task_state::{TaskState, WaitReason};

const DAY_MS: i64 = 24 * HOUR_MS;
const JUMPS_MS: [i64; 4] = [DAY_MS, -DAY_MS, 3_650 * DAY_MS, -3_650 * DAY_MS];

fn with_rules(change: impl FnOnce(&mut Settings)) -> World {
    World::with(|config: &mut EngineConfig| config.rules = rules(change))
}

/// Discretionary work with ten days, on a phone that is on battery and mobile data.
fn deferred() -> (World, TaskId) {
    let mut world = with_rules(|settings| settings.is_discretionary = true);
    world.config.timeout_for_resource_ms = 10 * DAY_MS;
    world.restart();
    world.set_conditions(on_the_move);
    let id = world.enqueue_with(|row| row.phase = Phase::Suspended);
    world.resume(id);
    (world, id)
}

fn on_the_move(now: &mut SystemConditions) {
    (now.charging, now.network, now.expensive) = (false, Network::Cellular, true);
}

fn reason(world: &World, id: TaskId) -> Option<WaitReason> {
    match world.state(id) {
        TaskState::Waiting(reason) => Some(reason),
        _ => None,
    }
}

#[test]
fn discretionary_work_runs_on_anything_allowed_as_its_deadline_nears() {
    // rule P4
    let (mut world, id) = deferred();
    assert_eq!(reason(&world, id), Some(WaitReason::Discretionary));
    assert_eq!(world.timeout_ms(), Some(5 * DAY_MS), "its first step");
    world.advance(7 * DAY_MS);
    assert_eq!(reason(&world, id), Some(WaitReason::Discretionary));
    world.advance(DAY_MS / 2 - 1);
    assert!(!world.is_running(id));
    world.advance(1);
    assert!(world.is_running(id), "any network is good enough now");
}

#[test]
fn each_step_is_taken_in_the_store_without_touching_the_rest_of_the_row() {
    // rule P4
    let (mut world, id) = deferred();
    let before = world.store.get(id).clone();
    world.advance(5 * DAY_MS);
    let after = world.store.get(id);
    assert_eq!(
        (after.phase, after.deadline),
        (Phase::Ready, before.deadline)
    );
    assert!(Needs::from_bits(after.needs).contains(Needs::EASE_HALF));
    assert!(!Needs::from_bits(after.needs).contains(Needs::EASE));
    assert_eq!(after.record.since_ms, before.record.since_ms, "it waits on");
    assert_eq!(
        world.store.get(id).relax_ms.unwrap() - world.now.uptime_ms,
        5 * DAY_MS / 2
    );
}

#[test]
fn a_thousand_tasks_that_relax_at_once_all_run() {
    // rule P4, P9
    let mut world = with_rules(|settings| settings.is_discretionary = true);
    world.set_conditions(on_the_move);
    let deadline = world.deadline(10 * HOUR_MS);
    let relax_ms = Some(world.now.uptime_ms + SECOND_MS);
    world.enqueue_many(1_000, |_, row| {
        (row.deadline, row.relax_ms) = (deadline, relax_ms);
        row.needs = (Needs::NETWORK | Needs::EASE).bits();
    });
    world.advance(9 * HOUR_MS);
    world.finish_all();
    assert_eq!(world.store.journal.len(), 1_000);
}

#[test]
fn a_clock_that_jumps_neither_relaxes_nor_starves() {
    // rule P7
    for jump_ms in JUMPS_MS {
        for restarts in [false, true] {
            let (mut world, id) = deferred();
            world.jump_wall_clock(jump_ms);
            if restarts {
                world.restart();
            }
            world.advance(15 * DAY_MS / 2 - 1);
            assert!(!world.is_running(id), "jump {jump_ms}");
            world.advance(1);
            assert!(world.is_running(id), "jump {jump_ms}");
        }
    }
}

#[test]
fn a_clock_that_jumps_moves_no_deadline_in_the_window_or_outside_of_it() {
    // rule P7
    for jump_ms in JUMPS_MS {
        for restarts in [false, true] {
            let mut world = World::with(|config| config.max_concurrent_transfers = 1);
            let deadline = world.deadline(HOUR_MS);
            let hold = world.hold(2 * HOUR_MS);
            let ids = world.enqueue_many(3, |index, row| {
                row.deadline = deadline;
                row.phase = [Phase::Ready, Phase::Held, Phase::Suspended][index];
                row.hold = (index == 1).then_some(hold);
            });
            world.jump_wall_clock(jump_ms);
            if restarts {
                world.restart();
            }
            world.advance(HOUR_MS - 1);
            assert!(world.store.journal.is_empty(), "jump {jump_ms}");
            world.advance(1);
            for id in ids {
                assert_eq!(world.error_of(id), ErrorKind::ResourceTimedOut);
            }
        }
    }
}

#[test]
fn after_a_reboot_the_wall_clock_counts_and_never_leaves_more_than_there_was() {
    // rule P7
    for (passed_ms, left_ms) in [
        (HOUR_MS / 4, 3 * HOUR_MS / 4),
        (-DAY_MS, HOUR_MS),
        (DAY_MS, 0),
    ] {
        let mut world = World::new();
        let deadline = world.deadline(HOUR_MS);
        let id = world.enqueue_with(|row| {
            (row.phase, row.deadline) = (Phase::Suspended, deadline);
        });
        world.crash();
        world.now.boot += 1;
        world.now.uptime_ms = 77;
        world.jump_wall_clock(passed_ms);
        world.launch();
        world.drive();
        if left_ms > 0 {
            assert_eq!(world.timeout_ms(), Some(left_ms));
        }
        world.advance(left_ms);
        assert_eq!(world.error_of(id), ErrorKind::ResourceTimedOut);
    }
}

/// The app goes behind another one.
fn to_the_back(world: &mut World) {
    world.set_conditions(|now| now.app_state = AppState::Background);
}

#[test]
fn without_run_time_nothing_runs() {
    // rule P1: wake_budget
    let mut world = World::new();
    let id = world.enqueue_with(|row| row.phase = Phase::Suspended);
    world.resume(id);
    to_the_back(&mut world);
    assert!(world.is_running(id), "a wake is held");
    world.drive_with(Input::Awake(false));
    assert_eq!(reason(&world, id), Some(WaitReason::WakeBudget));
    assert_eq!(world.reasons_told(id), [WaitReason::WakeBudget]);
    world.drive_with(Input::Awake(true));
    assert!(world.is_running(id));
    world.drive_with(Input::Awake(false));
    world.set_conditions(|now| now.app_state = AppState::Active);
    assert!(world.is_running(id), "in front no wake is needed");
}

#[test]
fn work_that_is_started_in_the_background_waits_longer_each_time() {
    // rule P5
    let mut world = World::new();
    to_the_back(&mut world);
    for minutes in [1, 2, 4] {
        let id = world.enqueue_with(|row| row.phase = Phase::Suspended);
        world.resume(id);
        assert_eq!(reason(&world, id), Some(WaitReason::LaunchRateLimit));
        assert!(world.store.get(id).record.started_in_background);
        assert_eq!(world.timeout_ms(), Some(minutes * 60 * SECOND_MS));
        let opens = world.engine.launches_at(world.now).unwrap();
        assert_eq!(world.now.until_ms(opens), minutes * 60 * SECOND_MS);
        world.advance(minutes * 60 * SECOND_MS);
        assert!(world.is_running(id));
        world.finish(id);
    }
}

#[test]
fn the_limiter_outlives_the_process_and_is_reset_in_front() {
    // rule P5
    let mut world = World::new();
    to_the_back(&mut world);
    let id = world.enqueue_with(|row| row.phase = Phase::Suspended);
    world.resume(id);
    world.restart();
    assert_eq!(reason(&world, id), Some(WaitReason::LaunchRateLimit));
    world.set_conditions(|now| now.app_state = AppState::Active);
    assert!(world.is_running(id));
    assert_eq!(world.store.limiter, Default::default());
}

#[test]
fn a_clock_that_jumps_neither_opens_nor_starves_the_limiter() {
    // rule P7
    for jump_ms in JUMPS_MS {
        let mut world = World::new();
        to_the_back(&mut world);
        let id = world.enqueue_with(|row| row.phase = Phase::Suspended);
        world.resume(id);
        world.jump_wall_clock(jump_ms);
        world.restart();
        world.advance(60 * SECOND_MS - 1);
        assert!(!world.is_running(id));
        world.advance(1);
        assert!(world.is_running(id));
    }
}

#[test]
fn a_platform_s_service_is_not_limited_by_us() {
    // rule P5
    let mut world = World::with(|config| config.outlives_process = true);
    to_the_back(&mut world);
    world.drive_with(Input::Awake(false));
    let id = world.enqueue_with(|row| row.phase = Phase::Suspended);
    world.resume(id);
    assert_eq!(reason(&world, id), None);
    assert!(world.is_running(id));
}

#[test]
fn a_full_group_waits_and_others_pass_it() {
    // rule P1: group_limit
    let mut world = World::with(|config| config.max_transfers_per_group = Some(1));
    let of = |world: &mut World, group: Option<&str>| {
        let group = group.map(str::to_owned);
        world.enqueue_with(|row| row.options.group = group)
    };
    let first = of(&mut world, Some("maps"));
    let second = of(&mut world, Some("maps"));
    let other = of(&mut world, Some("songs"));
    let free = of(&mut world, None);
    assert_eq!(world.running_tasks(), [first, other, free]);
    assert_eq!(reason(&world, second), Some(WaitReason::GroupLimit));
    world.finish(first);
    assert!(world.is_running(second));
}

fn watch(large_transfers: LargeTransfers) -> World {
    with_rules(|settings| {
        settings.watch = Some(WatchBudget {
            small_transfer_limit_bytes: FILE_BYTES - 1,
            large_transfers,
        });
    })
}

#[test]
fn a_transfer_that_turns_out_large_is_held_on_a_watch() {
    // rule P8
    let mut world = watch(LargeTransfers::Hold);
    world.set_conditions(|now| now.charging = false);
    let id = world.enqueue();
    world.progress(id, 10);
    assert_eq!(reason(&world, id), Some(WaitReason::WakeBudget));
    assert_eq!(world.reasons_told(id), [WaitReason::WakeBudget]);
    world.set_conditions(|now| now.charging = true);
    assert!(world.is_running(id));
}

#[test]
fn a_transfer_that_turns_out_large_is_refused_on_a_watch() {
    // rule P8
    let mut world = watch(LargeTransfers::Refuse);
    let id = world.enqueue();
    world.progress(id, 10);
    assert_eq!(world.error_of(id), ErrorKind::TooLargeForWatch);
}

fn last_wake(world: &World) -> Option<NextWake> {
    *world.wakes.last().unwrap()
}

/// Milliseconds until the next wake, until it comes in any case, and what it waits for.
fn next_wake(world: &World) -> (i64, Option<i64>, Needs) {
    let wake = last_wake(world).unwrap();
    let until = |moment| world.now.until_ms(moment);
    (
        until(wake.at),
        wake.latest.map(until),
        Needs::from_bits(wake.needs),
    )
}

#[test]
fn with_nothing_that_waits_no_wake_is_asked_for() {
    // rule P6
    let mut world = World::new();
    let id = world.enqueue();
    // Should the process die over it, somebody must find out.
    assert_eq!(next_wake(&world), (HOUR_MS / 4, None, Needs::NETWORK));
    world.finish(id);
    assert_eq!(last_wake(&world), None);
    assert_eq!(world.wakes.len(), 2, "asked for once, and taken back");
    let held = world.hold(HOUR_MS);
    let id = world.enqueue_with(|row| (row.phase, row.hold) = (Phase::Held, Some(held)));
    assert_eq!(next_wake(&world), (HOUR_MS, None, Needs::NETWORK));
    world.cancel(id);
    assert_eq!(last_wake(&world), None);
}

#[test]
fn one_wake_stands_for_all_tasks_and_is_asked_for_once() {
    // rule P6
    let mut world = World::new();
    world.set_conditions(on_the_move);
    let unmetered = (Needs::NETWORK | Needs::NOT_EXPENSIVE).bits();
    let wifi = unmetered | Needs::NOT_CELLULAR.bits();
    world.enqueue_many(10, |index, row| row.needs = [unmetered, wifi][index % 2]);
    assert_eq!(world.wakes.len(), 1);
    assert_eq!(next_wake(&world), (0, None, Needs::from_bits(unmetered)));
    assert!(last_wake(&world).unwrap().constraints().unmetered);
    world.advance(HOUR_MS);
    world.drive_with(Input::MoreReady);
    assert_eq!(world.wakes.len(), 1, "nothing has changed");
}

#[test]
fn only_a_data_saver_that_is_on_makes_a_wake_wait_for_an_unmetered_network() {
    // rule P6
    let mut world = World::new();
    world.set_conditions(|now| now.network = Network::None);
    let needs = (Needs::NETWORK | Needs::NO_DATA_SAVER).bits();
    world.enqueue_with(|row| row.needs = needs);
    assert!(!last_wake(&world).unwrap().constraints().unmetered);
    world.set_conditions(|now| {
        on_the_move(now);
        now.data_saver = true;
        now.app_state = AppState::Background;
    });
    assert!(last_wake(&world).unwrap().constraints().unmetered);
}

#[test]
fn a_wake_for_deferred_work_comes_at_its_next_step_at_the_latest() {
    // rule P6
    let (world, _) = deferred();
    let (at, latest, needs) = next_wake(&world);
    assert_eq!((at, latest), (0, Some(5 * DAY_MS)));
    assert!(needs.contains(Needs::EASE | Needs::NETWORK));
    assert!(last_wake(&world).unwrap().constraints().charging);
}

#[test]
fn work_that_only_lacks_run_time_asks_for_it_at_once_and_limited_work_when_it_may() {
    // rule P6, P5
    let mut world = World::new();
    to_the_back(&mut world);
    world.drive_with(Input::Awake(false));
    let needs = (Needs::NETWORK | Needs::AWAKE).bits();
    let id = world.enqueue_with(|row| row.needs = needs | Needs::RATE.bits());
    world.drive_with(Input::StartsInBackground);
    assert_eq!(next_wake(&world), (60 * SECOND_MS, None, Needs::NETWORK));
    world.enqueue_with(|row| row.needs = needs);
    assert_eq!(next_wake(&world), (0, None, Needs::NETWORK));
    assert_eq!(reason(&world, id), Some(WaitReason::LaunchRateLimit));
}

#[test]
fn what_no_platform_can_wait_for_asks_for_no_wake() {
    // rule P6
    let mut world = World::new();
    world.set_conditions(|now| now.thermal = crate::conditions::ThermalState::Critical);
    let deadline = world.deadline(DAY_MS);
    world.enqueue_with(|row| {
        row.needs = (Needs::NETWORK | Needs::NOT_HOT).bits();
        row.deadline = deadline;
    });
    assert_eq!(
        next_wake(&world),
        (DAY_MS, Some(DAY_MS), Needs::NONE),
        "its end"
    );
}
