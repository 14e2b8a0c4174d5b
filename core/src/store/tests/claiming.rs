//! Claiming: who goes first, who may not go, and what is written down before.

use super::*;

fn ranked(name: &str, rank: i64, deadline_ms: i64) -> NewTask {
    NewTask {
        rank,
        deadline: Some(Deadline::after(START, deadline_ms)),
        ..ready(name)
    }
}

fn at_host(name: &str, host: &str, rank: i64) -> NewTask {
    NewTask {
        host: host.into(),
        rank,
        ..ready(name)
    }
}

fn parts_in_ledger(room: &Room) -> i64 {
    let (sender, count) = std::sync::mpsc::channel();
    room.sql(move |db| {
        let rows: i64 = db.query_row("SELECT COUNT(*) FROM part_file", [], |row| row.get(0))?;
        sender.send(rows).unwrap();
        Ok(())
    });
    count.recv().unwrap()
}

#[test]
fn order_is_rank_then_deadline_then_age() {
    // rule P3
    let room = Room::new();
    room.enqueue(vec![
        ranked("late", 2, 1_000),
        ranked("second", 1, 2_000),
        ranked("third", 1, 2_000),
        ranked("first", 1, 1_500),
        NewTask {
            deadline: None,
            ..ranked("fourth", 1, 0)
        },
        NewTask {
            host: "other:443".into(),
            needs: 3,
            ..ranked("zeroth", 0, 9_000)
        },
    ]);
    let claim = room.claim(START, 4);
    assert_eq!(paths(&claim), ["zeroth", "first", "second", "third"]);
    assert!(claim.more);
    assert!(claim.rows.iter().all(|row| row.phase == Phase::Ready));
    let rest = room.claim(START, 2);
    assert_eq!(paths(&rest), ["fourth", "late"]);
    assert!(!rest.more);
    assert_eq!(rest.next_due_ms(), None);
    assert_eq!(room.counts().claimed, 6);
    assert!(
        room.claim(START, 9).rows.is_empty(),
        "nothing is claimed twice"
    );
}

#[test]
fn order_holds_across_many_hosts_and_limits() {
    // rule P3
    let room = Room::new();
    let mut ranks: Vec<i64> = (0..300).map(|n| (n * 7919) % 1_000).collect();
    let tasks = ranks.iter().enumerate();
    room.enqueue(
        tasks
            .map(|(n, rank)| at_host(&format!("f{n}"), &format!("h{}", n % 13), *rank))
            .collect(),
    );
    let mut claimed = Vec::new();
    loop {
        let claim = room.claim(START, 17);
        claimed.extend(claim.rows.iter().map(|row| row.rank));
        if !claim.more {
            break;
        }
    }
    ranks.sort_unstable();
    assert_eq!(claimed, ranks);
}

#[test]
fn full_hosts_and_unmet_needs_are_stepped_over() {
    // rule P1
    let room = Room::new();
    room.enqueue(vec![
        at_host("full", "a:1", 0),
        at_host("free", "b:1", 1),
        NewTask {
            needs: 2,
            ..at_host("needy", "b:1", 0)
        },
        NewTask {
            needs: 3,
            ..at_host("needier", "c:1", 0)
        },
    ]);
    let claim = room.claim_except(START, 9, &["a:1"], 2);
    assert_eq!(paths(&claim), ["free"]);
    assert!(!claim.more);
    assert!(room.claim_except(START, 9, &["a:1"], 2 | 1).rows.is_empty());
    assert_eq!(paths(&room.claim(START, 9)), ["full", "needy", "needier"]);
}

#[test]
fn a_claim_of_nothing_still_says_what_there_is() {
    let room = Room::new();
    room.enqueue(vec![ready("a")]);
    let claim = room.claim(START, 0);
    assert!(claim.rows.is_empty() && claim.more);
    assert_eq!(claim.next_due_ms(), Some(7 * DAY_MS));
}

#[test]
fn a_passed_deadline_brings_a_row_out_whatever_it_needs() {
    let room = Room::new();
    let needy = NewTask {
        needs: 8,
        ..ranked("needy", 0, 50)
    };
    let paused = NewTask {
        phase: Phase::Suspended,
        ..ranked("paused", 0, 60)
    };
    let waiting = NewTask {
        deadline: Some(Deadline::after(START, 70)),
        ..held("waiting", START, 10_000)
    };
    room.enqueue(vec![needy, paused, waiting, ranked("fine", 0, 5_000)]);
    let before = room.claim_except(START.plus_ms(49), 0, &[], 8);
    assert!(before.rows.is_empty());
    assert_eq!(before.next_due_ms(), Some(1));
    let after = room.claim_except(START.plus_ms(80), 1, &[], 8);
    assert_eq!(paths(&after), ["needy", "paused", "waiting", "fine"]);
    let phases: Vec<_> = after.rows.iter().map(|row| row.phase).collect();
    let expected = [Phase::Ready, Phase::Suspended, Phase::Held, Phase::Ready];
    assert_eq!(phases, expected);
}

#[test]
fn the_ledger_knows_a_part_file_before_it_can_exist() {
    // rule D8
    let room = Room::new();
    let ids = room.enqueue(vec![ready("a"), ready("b"), ready("c")]);
    assert_eq!(parts_in_ledger(&room), 0);
    room.claim(START, 2);
    assert_eq!(parts_in_ledger(&room), 2);
    room.store
        .claim_by_id(room.session, &ids, START)
        .wait()
        .unwrap();
    assert_eq!(parts_in_ledger(&room), 3);
    room.commit(vec![complete(ids[0], 1)]).unwrap();
    assert_eq!(parts_in_ledger(&room), 2);
}

#[test]
fn claiming_by_name_takes_any_row_that_is_not_over() {
    let room = Room::new();
    let paused = NewTask {
        phase: Phase::Suspended,
        ..ready("paused")
    };
    let ids = room.enqueue(vec![
        paused,
        held("held", START, 10_000),
        ready("ready"),
        ready("ended"),
        ready("running"),
    ]);
    room.commit(vec![complete(ids[3], 1)]).unwrap();
    let running = room.store.claim_by_id(room.session, &ids[4..], START);
    assert_eq!(paths(&running.wait().unwrap()), ["running"]);
    let claim = room
        .store
        .claim_by_id(room.session, &ids, START)
        .wait()
        .unwrap();
    assert_eq!(paths(&claim), ["paused", "held", "ready"]);
    assert_eq!(claim.rows[0].phase, Phase::Suspended);
    assert_eq!(claim.rows[1].hold, Some(hold(START, 10_000)));
    assert_eq!(room.counts().claimed, 4);
    let other = room.store.open_session("other", START).unwrap();
    let stolen = room.store.claim_by_id(other, &ids, START).wait().unwrap();
    assert!(stolen.rows.is_empty(), "tasks of another session");
}

#[test]
fn memory_of_a_claim_is_bounded() {
    // rule P9
    let room = Room::new();
    let expired = |n| NewTask {
        deadline: Some(Deadline::after(START, -1)),
        ..ready(&format!("old{n}"))
    };
    room.enqueue((0..500).map(expired).collect());
    room.enqueue((0..500).map(|n| ready(&format!("new{n}"))).collect());
    let claim = room.claim(START, 10);
    assert_eq!(claim.rows.len(), 64 + 10);
    assert!(claim.more);
    assert_eq!(claim.next_due_ms(), Some(0));
}

#[test]
fn a_row_whose_needs_relax_comes_besides_those_that_were_asked_for() {
    // rule P4
    let room = Room::new();
    let ids = room.enqueue(vec![NewTask {
        needs: 8,
        relax_ms: Some(START.uptime_ms + 50),
        ..ready("needy")
    }]);
    let early = room.claim_except(START.plus_ms(49), 9, &[], 8);
    assert!(early.rows.is_empty());
    assert_eq!((early.next_check_ms, early.blocked), (Some(1), vec![8]));
    let due = room.claim_except(START.plus_ms(50), 0, &[], 8);
    assert_eq!(paths(&due), ["needy"]);
    assert_eq!(due.rows[0].relax_ms, Some(START.uptime_ms + 50));
    let Change::Save {
        id,
        phase,
        hold,
        record,
        ..
    } = save(ids[0], Phase::Ready, None)
    else {
        unreachable!()
    };
    let change = Change::Save {
        id,
        phase,
        hold,
        record,
        needs: 1,
        deadline: due.rows[0].deadline,
        relax_ms: None,
    };
    room.commit(vec![change]).unwrap();
    let relaxed = room.claim_except(START.plus_ms(51), 9, &[], 8);
    assert_eq!(paths(&relaxed), ["needy"]);
}

#[test]
fn a_claim_names_the_needs_it_stepped_over_and_those_of_the_next_held_row() {
    // rule P6
    let room = Room::new();
    let needy = |name: &str, needs| NewTask {
        needs,
        ..ready(name)
    };
    let later = NewTask {
        needs: 5,
        ..held("later", START, 70)
    };
    room.enqueue(vec![needy("a", 9), needy("b", 3), needy("c", 9), later]);
    let claim = room.claim_except(START, 9, &[], 8);
    assert_eq!(paths(&claim), ["b"]);
    assert_eq!((claim.blocked, claim.next_held), (vec![9], Some((70, 5))));
}
