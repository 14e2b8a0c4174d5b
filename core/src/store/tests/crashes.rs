//! The process ends at any instant: what was answered is there, whole, and nothing else is.
//!
//! A kill is played by copying the files of a store that is still open, and opening the copy.

use super::*;

/// The files as they lie on the disk right now.
pub(super) fn copy_of(container: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["backhaul.sqlite3", "backhaul.sqlite3-wal"] {
        let from = container.join(name);
        if from.exists() {
            std::fs::copy(&from, copy.path().join(name)).unwrap();
        }
    }
    copy
}

fn killed(room: &Room) -> Room {
    let folder = copy_of(room.container());
    let (store, session) = open(folder.path(), START);
    Room {
        store,
        session,
        folder,
    }
}

#[test]
fn what_was_answered_survives_a_kill() {
    // rule D1, rule D4
    let room = Room::new();
    let ids = room.enqueue((0..20).map(|n| ready(&format!("f{n}"))).collect());
    for (step, id) in ids.iter().enumerate() {
        room.claim(START, 1);
        assert_eq!(
            killed(&room).counts().ready,
            20 - step as u64,
            "claims are undone"
        );
        room.commit(vec![complete(*id, 1)]).unwrap();
        let after = killed(&room);
        assert_eq!(after.counts().completed, step as u64 + 1);
        let told: Vec<_> = after.journal(true).iter().map(|row| row.task).collect();
        assert_eq!(told, ids[..=step]);
    }
}

#[test]
fn a_kill_in_the_middle_of_a_big_enqueue_leaves_nothing_of_it() {
    // rule D1
    let room = Room::new();
    room.enqueue(vec![ready("before")]);
    let mut copies = Vec::new();
    let container = room.container().to_owned();
    let mut tasks = (0..20_000).map(|n| {
        if n % 4_000 == 3_999 {
            copies.push(copy_of(&container));
        }
        Ok(ready(&format!("f{n}")))
    });
    room.store.enqueue(room.session, &mut tasks).unwrap();
    assert_eq!(copies.len(), 5);
    for folder in copies {
        let (store, session) = open(folder.path(), START);
        assert_eq!(store.counts(session).wait().unwrap().ready, 1);
    }
    assert_eq!(killed(&room).counts().ready, 20_001);
}

#[test]
fn state_and_journal_never_part_wherever_the_log_is_cut() {
    // rule D4
    let room = Room::new();
    let ids = room.enqueue((0..6).map(|n| ready(&format!("f{n}"))).collect());
    for id in ids {
        room.commit(vec![complete(id, 1)]).unwrap();
    }
    let log = std::fs::read(room.container().join("backhaul.sqlite3-wal")).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for cut in (0..=log.len()).step_by(2_048) {
        let folder = copy_of(room.container());
        std::fs::write(folder.path().join("backhaul.sqlite3-wal"), &log[..cut]).unwrap();
        let (store, recovery) = Store::open(folder.path(), START).unwrap();
        assert_eq!(recovery, None, "a torn log is no damage");
        let session = store.open_session("main", START).unwrap();
        let counts = store.counts(session).wait().unwrap();
        assert_eq!(counts.completed, counts.unacknowledged);
        seen.insert(counts.completed);
    }
    assert!(seen.len() > 3, "the cuts fell between commits: {seen:?}");
}

#[test]
fn an_orphaned_part_file_is_known_after_a_kill() {
    // rule D8
    let room = Room::new();
    let id = room.enqueue(vec![ready("a")])[0];
    room.claim(START, 1);
    let change = Change::Complete {
        id,
        record: record(1),
        outcome: Box::new(outcome(1)),
        part_is_gone: false,
        keeps_part: false,
    };
    room.commit(vec![change]).unwrap();
    let after = killed(&room);
    let orphans = after.store.part_rows(after.session, START).wait().unwrap();
    assert_eq!(orphans.len(), 1);
    assert_eq!(orphans[0].task, id);
}
