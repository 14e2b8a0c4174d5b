//! How many transfers run, and how much memory a long queue takes (rules C, P9).

use super::world::World;
use crate::engine::window::WINDOW_LIMIT;
use crate::store::Phase;
use crate::task_state::{TaskState, WaitReason};

#[test]
fn no_more_transfers_run_than_the_session_allows() {
    // rule C
    let mut world = World::with(|config| config.max_concurrent_transfers = 3);
    let ids = world.enqueue_many(10, |index, row| row.host = format!("h{index}"));
    assert_eq!(world.running_tasks(), ids[..3]);
    assert_eq!(
        world.state(ids[3]),
        TaskState::Waiting(WaitReason::SessionLimit)
    );
    world.finish(ids[1]);
    assert_eq!(world.running_tasks(), [ids[0], ids[2], ids[3]]);
}

#[test]
fn no_more_transfers_run_to_one_host_than_the_session_allows() {
    // rule C
    let mut world = World::with(|config| config.max_connections_per_host = 2);
    let crowd = world.enqueue_many(6, |_, _| {});
    let other = world.enqueue_with(|row| row.host = "b:443".to_owned());
    assert_eq!(world.running_tasks(), [crowd[0], crowd[1], other]);
    assert_eq!(
        world.state(crowd[2]),
        TaskState::Waiting(WaitReason::HostLimit)
    );
    world.finish(crowd[0]);
    assert_eq!(world.running_tasks(), [crowd[1], crowd[2], other]);
}

#[test]
fn a_crowded_host_does_not_starve_another() {
    // rule P3
    let mut world = World::with(|config| {
        config.max_concurrent_transfers = 8;
        config.max_connections_per_host = 6;
    });
    let ids = world.enqueue_many(1_001, |index, row| {
        row.rank = index as i64;
        if index == 1_000 {
            row.host = "b:443".to_owned();
        }
    });
    assert!(world.is_running(ids[1_000]), "two places are free for it");
    assert_eq!(world.running.len(), 7);
    world.finish_all();
    assert_eq!(world.store.journal.len(), 1_001);
}

#[test]
fn many_crowded_hosts_do_not_starve_another() {
    // rule P3
    let mut world = World::with(|config| {
        config.max_concurrent_transfers = 100;
        config.max_connections_per_host = 6;
    });
    let ids = world.enqueue_many(8_001, |index, row| {
        row.rank = index as i64;
        row.host = match index {
            8_000 => "last".to_owned(),
            _ => format!("h{}", index / 1_000),
        };
    });
    for _ in 0..20 {
        assert!(world.engine.window.len() <= WINDOW_LIMIT);
        if world.is_running(ids[8_000]) {
            assert_eq!(world.running.len(), 8 * 6 + 1);
            return;
        }
        world.finish(world.running_tasks()[0]);
    }
    panic!("50 places are free, and the last host gets none");
}

#[test]
fn when_a_host_thins_out_its_rows_are_claimed_again() {
    // rule P3
    let mut world = World::with(|config| config.max_connections_per_host = 1);
    let ids = world.enqueue_many(100, |index, row| row.host = format!("h{}", index % 2));
    world.finish_all();
    assert!(ids.iter().all(|id| world.phase(*id) == Phase::Completed));
}

#[test]
fn finishing_files_do_not_hold_up_transfers() {
    // rule D2: one sync serves many small files
    let mut world = World::new();
    let ids = world.enqueue_many(400, |_, _| {});
    for id in &ids[..200] {
        world.receive_all(*id);
    }
    assert_eq!(world.running_tasks(), ids[200..204]);
    for id in ids[200..].iter().take_while(|id| id.as_i64() <= 256) {
        world.receive_all(*id);
    }
    assert_eq!(world.running_tasks().len(), 3, "but not without limit");
    assert!(world.engine.window.len() <= WINDOW_LIMIT);
}

#[test]
fn a_hundred_thousand_rows_take_no_memory() {
    // rule P9
    let mut world = World::new();
    world.enqueue_many(100_000, |index, row| {
        row.rank = (index % 17) as i64;
        row.host = format!("h{}", index % 5);
    });
    for round in 0..2_000 {
        assert!(world.engine.window.len() <= WINDOW_LIMIT);
        let effects_now = world.log.len();
        match round % 10 {
            0 => world.drive_with(crate::engine::Input::MoreReady),
            _ => world.finish(world.running_tasks()[round % 4]),
        }
        assert!(world.log.len() - effects_now < WINDOW_LIMIT);
    }
    assert!(world.store.claims < 2_000, "rows come in pages");
    // The network goes: what is in memory goes back, and no more.
    world.set_conditions(|now| now.network = crate::conditions::Network::None);
    assert_eq!(world.engine.window.len(), 0);
    assert_eq!(world.timeout_ms(), None);
}
