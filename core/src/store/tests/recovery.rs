//! What a damaged store gives back, and recoveries that are interrupted.

use super::*;
use crate::after::After;
use crate::store::places::ID_BLOCK;

const DATABASE: &str = "backhaul.sqlite3";

fn path(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join(DATABASE)
}

/// A closed store with so many tasks, each after half of them told to have ended or not.
fn lived_in(count: usize) -> (TempDir, Vec<TaskId>) {
    let room = Room::new();
    let tasks = (0..count).map(|n| NewTask {
        caller_id: Some(format!("c{n}")),
        metadata: Some("m".repeat(40)),
        ..ready(&format!("f{n}"))
    });
    let ids = room.enqueue(tasks.collect());
    drop(room.store);
    (room.folder, ids)
}

fn reopen(folder: &TempDir) -> (Store, SessionKey, Recovery) {
    let (store, recovery) = Store::open(folder.path(), START).unwrap();
    let session = store.open_session("main", START).unwrap();
    (store, session, recovery.expect("the damage is found"))
}

#[test]
fn any_bad_page_costs_at_most_its_own_rows() {
    // rule D6
    let (folder, ids) = lived_in(400);
    let sound = std::fs::read(path(&folder)).unwrap();
    let pages = sound.len() / 4096;
    let mut lost_all = 0;
    for page in 1..pages {
        let (folder, _) = lived_in(0);
        let mut bytes = sound.clone();
        bytes[page * 4096..][..4096].fill(0xa5);
        std::fs::write(path(&folder), bytes).unwrap();
        let (store, session, recovery) = reopen(&folder);
        let left = store.tasks(session, None, 1_000).wait().unwrap();
        assert_eq!(left.len() as u64, recovery.salvaged_tasks);
        assert!(left.iter().all(|task| ids.contains(&task.id)));
        // Only the root of the tasks' own tree leads to all of them.
        lost_all += usize::from(left.is_empty());
        assert!(
            left.is_empty() || left.len() >= 360,
            "page {page}: {}",
            left.len()
        );
    }
    assert!(lost_all <= 2, "{lost_all} of {pages} pages cost everything");
}

#[test]
fn what_ended_and_was_not_told_is_still_told() {
    // rules D4, D6
    let room = Room::new();
    let id = room.enqueue(vec![ready("a")])[0];
    room.claim(START, 9);
    let told = room.commit(vec![complete(id, START.wall_ms)]).unwrap();
    drop(room.store);
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(path(&room.folder))
        .unwrap();
    let len = file.metadata().unwrap().len();
    file.set_len(len - 1).unwrap();
    let (store, session, _) = reopen(&room.folder);
    let entries = store.journal_after(session, 0, 9, true).wait().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].seq, told.journal[0].seq);
    assert_eq!(entries[0].task, id);
}

#[test]
fn no_number_is_given_out_twice_even_when_nothing_can_be_read() {
    // rule D6
    let (folder, ids) = lived_in(9);
    std::fs::write(path(&folder), [7; 9_000]).unwrap();
    let (store, session, recovery) = reopen(&folder);
    assert_eq!(recovery.salvaged_tasks, 0);
    let made = store
        .enqueue(session, &mut [Ok(ready("new"))].into_iter())
        .unwrap();
    assert!(made[0].id > ids[8]);
    assert_eq!(made[0].id, TaskId(ID_BLOCK + 1));
    assert_eq!(store.lost_up_to(), Some(TaskId(ID_BLOCK)));
    drop(store);

    // And again.
    std::fs::write(path(&folder), [7; 9_000]).unwrap();
    let (store, session, _) = reopen(&folder);
    let made = store
        .enqueue(session, &mut [Ok(ready("new"))].into_iter())
        .unwrap();
    assert_eq!(made[0].id, TaskId(2 * ID_BLOCK + 1));
}

#[test]
fn a_recovery_that_was_interrupted_is_finished_or_begun_again() {
    // rule D6
    for stage in 0..4 {
        let (folder, ids) = lived_in(20);
        let damaged = {
            let mut bytes = std::fs::read(path(&folder)).unwrap();
            bytes.truncate(bytes.len() - 1);
            bytes
        };
        std::fs::write(path(&folder), &damaged).unwrap();
        let rebuilt = folder.path().join(format!("{DATABASE}.rebuilt"));
        if stage > 0 {
            // A whole recovery in a copy gives what one leaves that is killed before its last step.
            let copy = tempfile::tempdir().unwrap();
            for name in [DATABASE, "backhaul.places"] {
                std::fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
            }
            drop(Store::open(copy.path(), START).unwrap());
            std::fs::copy(path(&copy), &rebuilt).unwrap();
        }
        match stage {
            // Half a store under its first name.
            0 => std::fs::write(
                folder.path().join(format!("{DATABASE}.rebuilt.new")),
                "half",
            )
            .unwrap(),
            // Whole, and nothing moved.
            1 => {}
            // The damaged one was moved.
            2 => {
                let aside = format!("{DATABASE}.corrupt-{}", START.wall_ms);
                std::fs::rename(path(&folder), folder.path().join(aside)).unwrap();
            }
            // Not a store: nothing that we wrote.
            _ => std::fs::write(&rebuilt, "garbage").unwrap(),
        }
        let (store, session, recovery) = reopen(&folder);
        assert_eq!(recovery.salvaged_tasks, 20, "stage {stage}");
        assert_eq!(
            std::fs::read(&recovery.moved_to).unwrap(),
            damaged,
            "stage {stage}"
        );
        assert!(!rebuilt.exists());
        let left = store.tasks(session, None, 99).wait().unwrap();
        let left: Vec<TaskId> = left.into_iter().map(|task| task.id).collect();
        assert_eq!(left, ids, "stage {stage}");
    }
}

#[test]
fn the_sessions_are_known_when_nothing_can_be_read() {
    // rules D6, W5
    let room = Room::new();
    room.store.open_session("other", START).unwrap();
    drop(room.store);
    std::fs::write(path(&room.folder), [7; 9_000]).unwrap();
    let (store, _) = Store::open(room.folder.path(), START).unwrap();
    let names = || store.unfinished_sessions().wait().unwrap();
    assert_eq!(
        names(),
        ["main", "other"],
        "they may have tasks to look for"
    );
    let session = store.open_session("main", START).unwrap();
    let bases = ["container".to_owned()].into_iter().collect();
    store.note_searched(session, bases).wait().unwrap();
    assert_eq!(names(), ["other"]);
}

#[test]
fn a_task_that_comes_after_a_lost_one_ends_and_says_so() {
    // rules D6, L6
    let room = Room::new();
    let first = room.enqueue(vec![ready("a")])[0];
    let second = room.enqueue(vec![NewTask {
        after: vec![After::Task(first)],
        ..ready("b")
    }])[0];
    room.sql(move |db| {
        db.execute("UPDATE task SET phase = 9 WHERE id = ?1", [first.0])?;
        Ok(())
    });
    drop(room.store);
    std::fs::write(room.folder.path().join("backhaul.suspect"), "").unwrap();
    let (store, session, recovery) = reopen(&room.folder);
    assert_eq!(recovery.salvaged_tasks, 1);
    store
        .note_searched(session, Default::default())
        .wait()
        .unwrap();
    let room = Room {
        store,
        session,
        folder: room.folder,
    };
    let claim = room.claim(START, 9);
    assert_eq!(claim.rows.len(), 1);
    assert_eq!(claim.rows[0].id, second);
    let doom = claim.rows[0].doomed.as_ref().expect("it cannot run");
    assert_eq!(doom.after, first);
    assert_eq!(doom.cause.kind, crate::error::ErrorKind::StoreCorrupt);
}

#[test]
fn what_is_there_is_not_put_back() {
    // rules D6, L5
    let room = Room::new();
    let there = room.enqueue(vec![NewTask {
        caller_id: Some("c".into()),
        ..ready("a")
    }])[0];
    let found = |id: i64, task: NewTask| Rebuilt::Task {
        id: TaskId(id),
        task: Box::new(task),
        record: Box::default(),
    };
    let same_name = NewTask {
        caller_id: Some("c".into()),
        ..ready("elsewhere")
    };
    let all = vec![
        found(there.0, ready("x")),
        found(70, ready("a")),
        found(71, same_name),
        found(72, ready("new")),
        found(72, ready("again")),
    ];
    let made = room.store.rebuild(room.session, all, START).wait().unwrap();
    assert_eq!(made, [TaskId(72)]);
    assert_eq!(room.task(TaskId(72)).unwrap().path, "new");
    assert_eq!(room.counts().ready, 2);
}
