//! Tasks that come after others (rule L6).

use super::*;
use crate::after::After;
use crate::error::ErrorRecord;

pub(super) fn after(name: &str, ahead: &[TaskId]) -> NewTask {
    NewTask {
        after: ahead.iter().map(|id| After::Task(*id)).collect(),
        ..ready(name)
    }
}

/// Steps of one call; each with the places of those that it comes after.
fn plan(steps: &[(&str, &[usize])]) -> Vec<NewTask> {
    let step = |(name, places): &(&str, &[usize])| NewTask {
        after: places.iter().map(|place| After::Made(*place)).collect(),
        ..ready(name)
    };
    steps.iter().map(step).collect()
}

pub(super) fn fail(id: TaskId, kind: ErrorKind, message: &str) -> Change {
    let error = ErrorRecord {
        kind,
        message: message.to_owned(),
        needed_bytes: None,
        response: None,
    };
    Change::Complete {
        id,
        record: record(1),
        outcome: Box::new(Outcome {
            result: Err(error),
            metrics: TaskMetrics::default(),
        }),
        part_is_gone: true,
        keeps_part: false,
    }
}

/// What the engine makes of a row that is doomed.
pub(super) fn end(row: &TaskRow) -> Change {
    fail(row.id, ErrorKind::DependencyFailed, "after one that failed")
}

impl Room {
    pub(super) fn succeed(&self, id: TaskId) -> bool {
        let committed = self.commit(vec![complete(id, 1)]).unwrap();
        committed.moves_others
    }

    fn refusal(&self, task: NewTask) -> ErrorKind {
        let mut tasks = std::iter::once(Ok(task));
        let refused = self.store.enqueue(self.session, &mut tasks);
        refused.unwrap_err().kind()
    }

    pub(super) fn next_due(&self) -> Option<i64> {
        let next = self.store.next_due_ms(self.session, START);
        next.wait().unwrap().filter(|ms| *ms < DAY_MS)
    }

    pub(super) fn edges(&self) -> usize {
        let (tell, told) = std::sync::mpsc::channel();
        self.sql(move |db| {
            let count = "SELECT (SELECT COUNT(*) FROM dependency) + (SELECT COUNT(*) FROM settled)";
            let _ = tell.send(db.query_row(count, [], |row| row.get(0))?);
            Ok(())
        });
        let edges: i64 = told.recv().unwrap();
        usize::try_from(edges).unwrap()
    }
}

#[test]
fn a_task_is_claimed_when_all_that_it_comes_after_have_succeeded() {
    // rule L6
    let room = Room::new();
    let ids = room.enqueue(plan(&[("a", &[]), ("b", &[]), ("both", &[0, 1, 0])]));
    assert_eq!(paths(&room.claim(START, 9)), ["a", "b"]);
    let waiting = room.task(ids[2]).unwrap();
    assert_eq!((waiting.phase, waiting.waits), (Phase::Held, 2));
    assert_eq!(waiting.after, ids[..2]);
    assert_eq!(room.next_due(), None, "nothing to wake up for");
    let reasons = room.store.held_reasons(room.session).wait().unwrap();
    assert_eq!(reasons, [(WaitReason::Dependency, 1)]);
    assert!(room.succeed(ids[1]));
    assert!(room.claim(START, 9).rows.is_empty());
    assert_eq!(room.task(ids[2]).unwrap().after, ids[..1]);
    assert!(room.succeed(ids[0]));
    assert_eq!(room.next_due(), Some(0), "it is worth claiming at once");
    assert_eq!(paths(&room.claim(START, 9)), ["both"]);
    assert!(!room.succeed(ids[2]));
    assert_eq!((room.next_due(), room.edges()), (None, 0));
}

#[test]
fn one_that_already_succeeded_is_not_in_the_way_and_one_that_failed_ends_it() {
    // rule L6
    let room = Room::new();
    let ids = room.enqueue(vec![ready("good"), ready("bad"), ready("ugly")]);
    room.claim(START, 9);
    room.succeed(ids[0]);
    room.commit(vec![fail(ids[1], ErrorKind::HttpStatus, "not found")])
        .unwrap();
    let paused = NewTask {
        phase: Phase::Suspended,
        ..after("paused", &[ids[1]])
    };
    let made = room.enqueue(vec![after("free", &ids[..1]), after("lost", &ids), paused]);
    assert_eq!(room.task(made[0]).unwrap().phase, Phase::Ready);
    let claim = room.claim(START, 9);
    assert_eq!(paths(&claim), ["lost", "paused", "free"], "paused or not");
    for row in &claim.rows[..2] {
        let doom = row.doomed.as_ref().unwrap();
        assert_eq!((doom.after, doom.root), (ids[1], ids[1]));
        assert_eq!(doom.cause.kind, ErrorKind::HttpStatus);
        assert_eq!(doom.cause.message, "not found");
    }
    assert_eq!(claim.rows[2].doomed, None);
}

#[test]
fn what_cannot_be_come_after_is_refused_and_nothing_is_written() {
    // rule L6
    let room = Room::new();
    let gone = room.enqueue(vec![ready("gone")])[0];
    room.claim(START, 9);
    room.succeed(gone);
    let seq = room.journal(true)[0].seq;
    room.store.acknowledge(room.session, vec![seq]);
    room.store.forget(room.session, &[gone]).wait().unwrap();
    let elsewhere = room.store.open_session("other", START).unwrap();
    let theirs = room
        .store
        .enqueue(elsewhere, &mut std::iter::once(Ok(ready("theirs"))))
        .unwrap()[0]
        .id;
    let future = TaskId(theirs.0 + 1);
    for (ahead, kind) in [
        (gone, ErrorKind::UnknownTask),
        (future, ErrorKind::UnknownTask),
        (theirs, ErrorKind::InvalidRequest),
    ] {
        assert_eq!(room.refusal(after("x", &[ahead])), kind);
    }
    let early = NewTask {
        after: vec![After::Made(0)],
        ..ready("x")
    };
    assert_eq!(room.refusal(early), ErrorKind::InvalidRequest);
    assert_eq!((room.counts(), room.edges()), (Counts::default(), 0));
}

#[test]
fn a_failure_reaches_everything_behind_it_and_nothing_else() {
    // rule L6
    let room = Room::new();
    let ids = room.enqueue(plan(&[
        ("a", &[]),
        ("b", &[0]),
        ("c", &[1]),
        ("other", &[]),
        ("beside", &[3]),
        ("fan", &[2, 3]),
    ]));
    room.claim(START, 9);
    room.commit(vec![
        fail(ids[0], ErrorKind::Cancelled, "cancelled"),
        complete(ids[3], 1),
    ])
    .unwrap();
    let claim = room.claim(START, 9);
    assert_eq!(paths(&claim), ["b", "c", "fan", "beside"], "oldest first");
    let chain: Vec<_> = claim.rows[..3]
        .iter()
        .map(|row| row.doomed.as_ref().unwrap())
        .map(|doom| (doom.after, doom.root, doom.cause.kind))
        .collect();
    let why = ErrorKind::Cancelled;
    let expected = [
        (ids[0], ids[0], why),
        (ids[1], ids[0], why),
        (ids[2], ids[0], why),
    ];
    assert_eq!(chain, expected);
    room.commit(claim.rows[..3].iter().map(end).collect())
        .unwrap();
    assert!(room.claim(START, 9).rows.is_empty());
    assert_eq!((room.edges(), room.next_due()), (0, None));
    // What comes later after one of them learns where it began.
    let late = room.enqueue(vec![after("late", &[ids[2]])])[0];
    let doom = room.task(late).unwrap().doomed.unwrap();
    assert_eq!((doom.after, doom.root), (ids[2], ids[0]));
}

#[test]
fn two_that_fail_together_give_one_reason() {
    // rule L6
    let room = Room::new();
    let ids = room.enqueue(plan(&[("a", &[]), ("b", &[]), ("both", &[0, 1])]));
    room.claim(START, 9);
    room.commit(vec![
        fail(ids[1], ErrorKind::HttpStatus, "b"),
        fail(ids[0], ErrorKind::HttpStatus, "a"),
    ])
    .unwrap();
    let claim = room.claim(START, 9);
    assert_eq!(claim.rows.len(), 1);
    assert_eq!(claim.rows[0].doomed.as_ref().unwrap().after, ids[0]);
    room.commit(vec![end(&claim.rows[0])]).unwrap();
    assert_eq!(room.edges(), 0);
}

#[test]
fn a_date_holds_after_the_dependency_has_ended() {
    // rule L6, rule P7
    let room = Room::new();
    let first = room.enqueue(vec![ready("first")])[0];
    let dated = NewTask {
        deadline: None,
        after: vec![After::Task(first)],
        ..held("dated", START, 1_000)
    };
    let dated = room.enqueue(vec![dated])[0];
    room.claim(START.plus_ms(2_000), 9);
    assert_eq!(
        room.task(dated).unwrap().phase,
        Phase::Held,
        "only the date"
    );
    let room = room.reopened(START.plus_ms(400));
    room.claim(START.plus_ms(400), 9);
    room.succeed(first);
    let early = room.claim(START.plus_ms(999), 9);
    assert_eq!((early.rows.len(), early.next_due_ms()), (0, Some(1)));
    assert_eq!(paths(&room.claim(START.plus_ms(1_000), 9)), ["dated"]);
}

#[test]
fn a_reboot_does_not_release_what_waits_for_others() {
    // rule L6, rule H2
    let room = Room::new();
    let ids = room.enqueue(plan(&[("a", &[]), ("b", &[0])]));
    let booted = Moment {
        boot: BOOT + 1,
        ..START
    };
    let room = room.reopened(booted);
    assert_eq!(paths(&room.claim(booted, 9)), ["a"]);
    room.succeed(ids[0]);
    assert_eq!(paths(&room.claim(booted, 9)), ["b"]);
}

#[test]
fn resuming_makes_nothing_ready_before_its_time() {
    // rule L6
    let room = Room::new();
    let ids = room.enqueue(plan(&[("a", &[]), ("b", &[0])]));
    let by_id = |id| room.store.claim_by_id(room.session, &[id], START).wait();
    by_id(ids[1]).unwrap();
    room.commit(vec![save(ids[1], Phase::Suspended, None)])
        .unwrap();
    by_id(ids[1]).unwrap();
    room.commit(vec![save(ids[1], Phase::Ready, None)]).unwrap();
    assert_eq!(room.task(ids[1]).unwrap().phase, Phase::Held);
    assert_eq!(paths(&room.claim(START, 9)), ["a"]);
    room.succeed(ids[0]);
    assert_eq!(paths(&room.claim(START, 9)), ["b"]);
}

#[test]
fn a_paused_one_stays_paused_when_its_turn_comes() {
    // rule L6
    let room = Room::new();
    let first = room.enqueue(vec![ready("a")])[0];
    let paused = NewTask {
        phase: Phase::Suspended,
        ..after("b", &[first])
    };
    let paused = room.enqueue(vec![paused])[0];
    room.claim(START, 9);
    room.succeed(first);
    assert!(room.claim(START, 9).rows.is_empty());
    let row = room.task(paused).unwrap();
    assert_eq!((row.phase, row.waits), (Phase::Suspended, 0));
}

#[test]
fn what_is_settled_while_a_command_has_the_row_is_not_lost() {
    // rule L6, rule W5
    for kind in [None, Some(ErrorKind::HttpStatus)] {
        let room = Room::new();
        let ids = room.enqueue(plan(&[("a", &[]), ("b", &[0])]));
        room.store
            .claim_by_id(room.session, &ids, START)
            .wait()
            .unwrap();
        let change = match kind {
            None => complete(ids[0], 1),
            Some(kind) => fail(ids[0], kind, "failed"),
        };
        room.commit(vec![change]).unwrap();
        assert!(room.claim(START, 9).rows.is_empty(), "a command has it");
        let saved = room.commit(vec![save(ids[1], Phase::Suspended, None)]);
        assert_eq!(saved.unwrap().moves_others, kind.is_some());
        let brought = room.claim(START, 9).rows;
        assert_eq!(brought.len(), usize::from(kind.is_some()));

        // The same, and the process dies before the command was carried out.
        let room = Room::new();
        let ids = room.enqueue(plan(&[("a", &[]), ("b", &[0])]));
        room.store
            .claim_by_id(room.session, &ids, START)
            .wait()
            .unwrap();
        let change = match kind {
            None => complete(ids[0], 1),
            Some(kind) => fail(ids[0], kind, "failed"),
        };
        room.commit(vec![change]).unwrap();
        room.claim(START, 9);
        let room = room.reopened(START);
        let claim = room.claim(START, 9);
        assert_eq!(paths(&claim), ["b"]);
        assert_eq!(claim.rows[0].doomed.is_some(), kind.is_some());
    }
}

#[test]
fn a_task_that_ends_waits_for_nothing() {
    // rule L6
    let room = Room::new();
    let ids = room.enqueue(plan(&[("a", &[]), ("b", &[0])]));
    room.store
        .claim_by_id(room.session, &ids, START)
        .wait()
        .unwrap();
    let cancel = fail(ids[1], ErrorKind::Cancelled, "cancelled");
    room.commit(vec![cancel]).unwrap();
    assert!(!room.succeed(ids[0]), "nobody waits for it any more");
    assert_eq!(room.edges(), 0);
}

#[test]
fn a_plan_that_is_enqueued_twice_is_one_plan() {
    // rule L6, rule L5
    let room = Room::new();
    let twice = || {
        let mut steps = plan(&[("a", &[]), ("b", &[0]), ("c", &[1])]);
        for step in &mut steps {
            step.caller_id = Some(step.path.clone());
        }
        steps
    };
    let ids = room.enqueue(twice());
    room.claim(START, 9);
    room.succeed(ids[0]);
    assert_eq!(room.enqueue(twice()), ids);
    assert_eq!(paths(&room.claim(START, 9)), ["b"]);
    // A new step may come after one that is there.
    let mut more = twice();
    more[2].after = vec![After::Made(1)];
    more.push(NewTask {
        after: vec![After::Made(2), After::Made(0)],
        ..ready("d")
    });
    let d = room.enqueue(more)[3];
    assert_eq!(room.task(d).unwrap().after, [ids[2]]);
}

#[test]
fn a_kill_between_any_two_steps_loses_nothing() {
    // rule L6, rule D4
    let room = Room::new();
    let ids = room.enqueue(plan(&[("a", &[]), ("b", &[0]), ("c", &[1])]));
    room.claim(START, 9);
    room.commit(vec![fail(ids[0], ErrorKind::HttpStatus, "gone")])
        .unwrap();
    let room = room.reopened(START);
    assert_eq!(paths(&room.claim(START, 9)), ["b", "c"]);
    // It dies with the rows in hand.
    let room = room.reopened(START);
    let claim = room.claim(START, 9);
    assert_eq!(paths(&claim), ["b", "c"]);
    room.commit(vec![end(&claim.rows[0])]).unwrap();
    let room = room.reopened(START);
    let claim = room.claim(START, 9);
    assert_eq!(paths(&claim), ["c"]);
    room.commit(vec![end(&claim.rows[0])]).unwrap();
    let room = room.reopened(START);
    assert!(room.claim(START, 9).rows.is_empty());
    assert_eq!((room.journal(false).len(), room.edges()), (3, 0));
}
