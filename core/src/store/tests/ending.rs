//! Ends: state and journal together, told until acknowledged, forgotten later.

use super::*;
use crate::error::ErrorKind;

#[test]
fn an_ended_row_has_an_entry_and_only_an_ended_one_has() {
    // rule D4
    let room = Room::new();
    let ids = room.enqueue((0..4).map(|n| ready(&format!("f{n}"))).collect());
    let changes = vec![
        complete(ids[2], 30),
        save(ids[1], Phase::Claimed, None),
        complete(ids[0], 10),
    ];
    let marks = room.commit(changes).unwrap().journal;
    assert_eq!(marks.len(), 2);
    assert_eq!(
        (marks[0].task, marks[0].task_seq, marks[0].written_ms),
        (ids[2], 1, 30)
    );
    assert_eq!(
        (marks[1].task, marks[1].task_seq, marks[1].written_ms),
        (ids[0], 1, 10)
    );
    assert!(marks[0].seq < marks[1].seq);
    let journal = room.journal(true);
    let entries: Vec<_> = journal
        .iter()
        .map(|row| (row.seq, row.task, row.task_seq))
        .collect();
    let expected: Vec<_> = marks.iter().map(|m| (m.seq, m.task, m.task_seq)).collect();
    assert_eq!(entries, expected);
    assert_eq!(journal[0].outcome, outcome(1));
    for id in ids {
        let ended = room.task(id).unwrap().phase == Phase::Completed;
        assert_eq!(ended, journal.iter().any(|row| row.task == id));
    }
}

#[test]
fn a_commit_is_all_or_nothing() {
    // rule D4
    let room = Room::new();
    let ids = room.enqueue(vec![ready("a"), ready("b")]);
    room.commit(vec![complete(ids[0], 1)]).unwrap();
    for bad in [
        complete(ids[0], 2),
        save(ids[0], Phase::Ready, None),
        complete(TaskId(999), 2),
        save(ids[1], Phase::Completed, None),
    ] {
        let error = room.commit(vec![complete(ids[1], 2), bad]).unwrap_err();
        let kinds = [ErrorKind::UnknownTask, ErrorKind::InvalidRequest];
        assert!(kinds.contains(&error.kind()), "{error}");
        assert_eq!(room.task(ids[1]).unwrap().phase, Phase::Ready);
        assert_eq!(room.journal(false).len(), 1);
    }
}

#[test]
fn a_saved_record_comes_back() {
    let room = Room::new();
    let id = room.enqueue(vec![ready("a")])[0];
    let saved = Record {
        received: 77,
        total: Some(100),
        failures_in_a_row: 3,
        ..record(5)
    };
    let change = Change::Save {
        id,
        phase: Phase::Held,
        hold: Some(hold(START, 9)),
        needs: 5,
        deadline: Some(Deadline::after(START, 12)),
        relax_ms: Some(START.uptime_ms + 11),
        record: saved.clone(),
    };
    room.commit(vec![change]).unwrap();
    let row = room.reopened(START).task(id).unwrap();
    assert_eq!(
        (row.phase, row.deadline, row.record),
        (Phase::Held, Some(Deadline::after(START, 12)), saved)
    );
    assert_eq!((row.needs, row.relax_ms), (5, Some(START.uptime_ms + 11)));
}

#[test]
fn an_acknowledged_entry_is_not_told_again_and_stays_readable() {
    // rule D4
    let room = Room::new();
    let ids = room.enqueue((0..3).map(|n| ready(&format!("f{n}"))).collect());
    let marks = room
        .commit(ids.iter().map(|id| complete(*id, 1)).collect())
        .unwrap()
        .journal;
    room.store.acknowledge(room.session, vec![marks[1].seq]);
    room.store.flush().wait().unwrap();
    let room = room.reopened(START);
    let tasks = |rows: &[JournalRow]| rows.iter().map(|row| row.task).collect::<Vec<_>>();
    assert_eq!(tasks(&room.journal(true)), [ids[0], ids[2]]);
    assert_eq!(tasks(&room.journal(false)), ids);
    assert!(room.journal(false)[1].acknowledged);
    assert_eq!(room.counts().unacknowledged, 2);
    let later = room
        .store
        .journal_after(room.session, marks[0].seq, 1, true);
    assert_eq!(tasks(&later.wait().unwrap()), [ids[2]]);
}

#[test]
fn only_what_was_told_can_be_forgotten() {
    let room = Room::new();
    let ids = room.enqueue(vec![ready("a"), ready("b")]);
    let forget = |ids: &[TaskId]| room.store.forget(room.session, ids).wait();
    let live = forget(&ids[..1]).unwrap_err();
    assert_eq!(live.kind(), ErrorKind::InvalidRequest);
    assert!(live.message().contains("cancel it first"), "{live}");
    let seq = room.commit(vec![complete(ids[0], 1)]).unwrap().journal[0].seq;
    let untold = forget(&ids[..1]).unwrap_err();
    assert!(untold.message().contains("not acknowledged"), "{untold}");
    room.store.acknowledge(room.session, vec![seq]);
    assert_eq!(forget(&ids).unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert!(room.task(ids[0]).is_some(), "all or none");
    forget(&ids[..1]).unwrap();
    assert!(room.task(ids[0]).is_none());
    assert!(room.journal(false).is_empty());
    assert_eq!(
        forget(&ids[..1]).unwrap_err().kind(),
        ErrorKind::UnknownTask
    );
}

#[test]
fn ended_rows_are_pruned_after_a_week_unless_untold() {
    let room = Room::new();
    let ids = room.enqueue((0..3).map(|n| ready(&format!("f{n}"))).collect());
    let late_ms = START.wall_ms + DAY_MS;
    let changes = vec![
        complete(ids[0], START.wall_ms),
        complete(ids[1], START.wall_ms),
        complete(ids[2], late_ms),
    ];
    let marks = room.commit(changes).unwrap().journal;
    room.store
        .acknowledge(room.session, vec![marks[0].seq, marks[2].seq]);
    let room = room.reopened(START.plus_ms(7 * DAY_MS + 1));
    room.store.flush().wait().unwrap();
    assert!(room.task(ids[0]).is_none());
    assert!(room.task(ids[1]).is_some(), "not told");
    assert!(room.task(ids[2]).is_some(), "not old");
    assert_eq!(room.journal(false).len(), 2);
}

#[test]
fn part_files_of_ended_and_forgotten_tasks_are_orphans() {
    // rule D8
    let room = Room::new();
    let ids = room.enqueue((0..4).map(|n| ready(&format!("f{n}"))).collect());
    room.claim(START, 9);
    let kept = |id| match complete(id, 1) {
        Change::Complete {
            id,
            record,
            outcome,
            ..
        } => Change::Complete {
            id,
            record,
            outcome,
            part_is_gone: false,
            keeps_part: false,
        },
        other => other,
    };
    let changes = vec![kept(ids[0]), complete(ids[1], 1), kept(ids[2])];
    let marks = room.commit(changes).unwrap().journal;
    room.store.acknowledge(room.session, vec![marks[2].seq]);
    room.store.forget(room.session, &ids[2..3]).wait().unwrap();
    let room = room.reopened(START);
    let orphans = || room.store.part_rows(room.session, START).wait().unwrap();
    let row = |id, path: &str| PartRow {
        task: id,
        base: CONTAINER_BASE.into(),
        path: path.into(),
    };
    assert_eq!(orphans(), [row(ids[0], "f0"), row(ids[2], "f2")]);
    room.store
        .part_removed(room.session, &ids[..1])
        .wait()
        .unwrap();
    assert_eq!(orphans(), [row(ids[2], "f2")]);
}

#[test]
fn a_part_file_kept_for_resume_data_is_an_orphan_only_after_a_week() {
    // rule L4
    let room = Room::new();
    let id = room.enqueue(vec![ready("a")])[0];
    room.claim(START, 1);
    let change = Change::Complete {
        id,
        record: record(START.wall_ms),
        outcome: Box::new(outcome(1)),
        part_is_gone: false,
        keeps_part: true,
    };
    room.commit(vec![change]).unwrap();
    let orphans = |now| {
        room.store
            .part_rows(room.session, now)
            .wait()
            .unwrap()
            .len()
    };
    let week_ms = 7 * 24 * 60 * 60 * 1000;
    assert_eq!(orphans(START.plus_ms(week_ms - 1)), 0);
    assert_eq!(orphans(START.plus_ms(week_ms)), 1);
}

#[test]
fn metadata_can_be_changed() {
    // rule L3
    let room = Room::new();
    let ids = room.enqueue(vec![ready("a"), ready("b")]);
    let set = |ids: &[TaskId], text: Option<&str>| {
        let text = text.map(str::to_owned);
        room.store.set_metadata(room.session, ids, text).wait()
    };
    set(&ids, Some("x")).unwrap();
    assert_eq!(room.task(ids[1]).unwrap().metadata.as_deref(), Some("x"));
    let unknown = set(&[ids[0], TaskId(99)], None).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::UnknownTask);
    assert!(room.task(ids[0]).unwrap().metadata.is_some());
}
