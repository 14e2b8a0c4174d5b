//! Holds: rows that wait for a time, across restarts, reboots and wrong clocks.

use super::*;

fn moved(wall_ms: i64, uptime_ms: i64, boot: i64) -> Moment {
    Moment {
        wall_ms: START.wall_ms + wall_ms,
        uptime_ms: START.uptime_ms + uptime_ms,
        boot,
    }
}

#[test]
fn a_held_row_comes_out_when_its_time_has_come() {
    let room = Room::new();
    room.enqueue(vec![held("b", START, 2_000), held("a", START, 1_000)]);
    let early = room.claim(START.plus_ms(999), 9);
    assert!(early.rows.is_empty());
    assert_eq!(early.next_due_ms(), Some(1));
    let due = room.claim(START.plus_ms(1_000), 9);
    assert_eq!(paths(&due), ["a"]);
    assert_eq!(due.next_due_ms(), Some(1_000));
    assert_eq!(due.rows[0].hold, None);
}

#[test]
fn a_wall_clock_that_jumps_neither_fires_nor_starves() {
    // rule P7
    let room = Room::new();
    room.enqueue(vec![NewTask {
        deadline: None,
        ..held("a", START, 1_000)
    }]);
    assert!(room.claim(moved(DAY_MS, 999, BOOT), 9).rows.is_empty());
    assert_eq!(room.claim(moved(-DAY_MS, 1_000, BOOT), 9).rows.len(), 1);
}

#[test]
fn a_hold_survives_a_restart() {
    // rule H2
    let room = Room::new();
    let id = room.enqueue(vec![held("a", START, 1_000)])[0];
    let room = room.reopened(moved(DAY_MS, 600, BOOT));
    let early = room.claim(moved(DAY_MS, 999, BOOT), 9);
    assert!(early.rows.is_empty());
    assert_eq!(room.task(id).unwrap().hold, Some(hold(START, 1_000)));
    assert_eq!(room.claim(moved(0, 1_000, BOOT), 9).rows.len(), 1);
}

#[test]
fn a_hold_survives_a_reboot_and_is_never_longer_than_it_was() {
    // rule H2
    for (wall_ms, left_ms) in [(400, 600), (-DAY_MS, 1_000), (5_000, 0)] {
        let room = Room::new();
        let id = room.enqueue(vec![held("a", START, 1_000)])[0];
        let booted = moved(wall_ms, -4_000, BOOT + 1);
        let room = room.reopened(booted);
        let next = room.store.next_due_ms(room.session, booted).wait();
        assert_eq!(next.unwrap(), Some(left_ms));
        assert_eq!(room.task(id).unwrap().hold, Some(hold(START, 1_000)));
        let room = room.reopened(booted.plus_ms(left_ms - 1));
        assert_eq!(room.claim(booted.plus_ms(left_ms), 9).rows.len(), 1);
    }
}

#[test]
fn a_hold_that_is_saved_again_after_a_reboot_does_not_start_again() {
    // rule H2
    let room = Room::new();
    let id = room.enqueue(vec![held("a", START, 1_000)])[0];
    let booted = moved(400, -4_000, BOOT + 1);
    let room = room.reopened(booted);
    let claim = room
        .store
        .claim_by_id(room.session, &[id], booted)
        .wait()
        .unwrap();
    room.commit(vec![save(id, Phase::Held, claim.rows[0].hold)])
        .unwrap();
    let next = room
        .store
        .next_due_ms(room.session, booted.plus_ms(100))
        .wait();
    assert_eq!(next.unwrap(), Some(500));
}

#[test]
fn where_boots_cannot_be_told_apart_the_wall_clock_decides() {
    // rule P7
    let start = Moment { boot: 0, ..START };
    let folder = tempfile::tempdir().unwrap();
    let (store, session) = open(folder.path(), start);
    let task = NewTask {
        deadline: None,
        ..held("a", start.plus_ms(100), 1_000)
    };
    store.enqueue(session, &mut [Ok(task)].into_iter()).unwrap();
    let due = |store: &Store, now| store.next_due_ms(session, now).wait().unwrap();
    assert_eq!(due(&store, start.plus_ms(200)), Some(900));
    drop(store);
    let booted = moved(600, -4_000, 0);
    let (store, _) = open(folder.path(), booted);
    assert_eq!(due(&store, booted), Some(500));
}

#[test]
fn a_claimed_row_goes_back_where_it_came_from() {
    // rule W5
    let room = Room::new();
    let paused = NewTask {
        phase: Phase::Suspended,
        ..ready("paused")
    };
    let ids = room.enqueue(vec![
        ready("ready"),
        paused,
        held("held", START, 10_000),
        ready("running"),
        ready("backing off"),
    ]);
    room.store
        .claim_by_id(room.session, &ids, START)
        .wait()
        .unwrap();
    room.commit(vec![
        save(ids[3], Phase::Claimed, None),
        save(ids[4], Phase::Claimed, Some(hold(START, 20_000))),
    ])
    .unwrap();
    assert_eq!(room.counts().claimed, 5);
    let room = room.reopened(START);
    let phases: Vec<_> = ids.iter().map(|id| room.task(*id).unwrap().phase).collect();
    let expected = [
        Phase::Ready,
        Phase::Suspended,
        Phase::Held,
        Phase::Ready,
        Phase::Held,
    ];
    assert_eq!(phases, expected);
    let next = room.store.next_due_ms(room.session, START).wait().unwrap();
    assert_eq!(next, Some(10_000));
}

#[test]
fn every_owner_of_a_session_has_an_epoch() {
    // rule W5
    let room = Room::new().reopened(START).reopened(START);
    room.sql(|db| {
        let epoch: i64 = db.query_row("SELECT epoch FROM session", [], |row| row.get(0))?;
        assert_eq!(epoch, 3);
        Ok(())
    });
    assert_eq!(room.store.session_names().wait().unwrap(), ["main"]);
}

/// When a row's needs relax and its deadline passes, counted from `now`.
fn checks(room: &Room, id: TaskId, now: Moment) -> (Option<i64>, i64) {
    let row = room.task(id).unwrap();
    let relaxes = row.relax_ms.map(|at| at - now.uptime_ms);
    (relaxes, row.deadline.unwrap().remaining_ms(now))
}

#[test]
fn a_deadline_counts_by_uptime_and_survives_a_restart() {
    // rule P7
    for jump_ms in [DAY_MS, -DAY_MS, 3_650 * DAY_MS, -3_650 * DAY_MS] {
        let room = Room::new();
        let id = room.enqueue(vec![NewTask {
            relax_ms: Some(START.uptime_ms + DAY_MS),
            ..ready("a")
        }])[0];
        let now = moved(jump_ms, 1_000, BOOT);
        let room = room.reopened(now);
        assert_eq!(
            checks(&room, id, now),
            (Some(DAY_MS - 1_000), 7 * DAY_MS - 1_000)
        );
    }
}

#[test]
fn a_deadline_survives_a_reboot_and_is_never_further_away_than_it_was() {
    // rule P7
    for (wall_ms, left_ms) in [(DAY_MS, 6 * DAY_MS), (-DAY_MS, 7 * DAY_MS), (9 * DAY_MS, 0)] {
        let room = Room::new();
        let id = room.enqueue(vec![NewTask {
            relax_ms: Some(START.uptime_ms + 2 * DAY_MS),
            ..ready("a")
        }])[0];
        let booted = moved(wall_ms, -4_000, BOOT + 1);
        let room = room.reopened(booted);
        let relaxes = left_ms - 5 * DAY_MS;
        assert_eq!(checks(&room, id, booted), (Some(relaxes), left_ms));
    }
}

#[test]
fn a_session_remembers_its_launch_limiter() {
    // rule P5
    let room = Room::new();
    let mut limiter = crate::engine::policy::LaunchLimiter::default();
    assert_eq!(room.store.limiter(room.session).wait().unwrap(), limiter);
    limiter.work_started(START);
    room.commit(vec![Change::SaveLimiter(limiter)]).unwrap();
    let room = room.reopened(START);
    assert_eq!(room.store.limiter(room.session).wait().unwrap(), limiter);
}
