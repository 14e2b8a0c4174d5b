//! Many callers, one transaction; many sessions, one store; many processes, one owner.

use std::sync::mpsc;

use super::*;
use crate::error::ErrorKind;

/// Keeps the store's thread busy until it is dropped, so that requests pile up behind it.
fn busy(room: &Room) -> mpsc::Sender<()> {
    let (release, wait) = mpsc::channel::<()>();
    let (begun, began) = mpsc::channel();
    drop(room.store.request(Pace::Alone, move |_| {
        begun.send(()).unwrap();
        let _ = wait.recv();
        Ok(())
    }));
    began.recv().unwrap();
    release
}

#[test]
fn concurrent_commits_share_a_transaction() {
    let room = Room::new();
    let ids = room.enqueue((0..200).map(|n| ready(&format!("f{n}"))).collect());
    let before = room.store.transactions();
    let release = busy(&room);
    let (sent, replies) = mpsc::channel();
    std::thread::scope(|scope| {
        for ids in ids.chunks(50) {
            let (room, sent) = (&room, sent.clone());
            scope.spawn(move || {
                for id in ids {
                    let commit = room.store.commit(room.session, vec![complete(*id, 1)]);
                    sent.send(commit).unwrap();
                }
            });
        }
    });
    drop(sent);
    drop(release);
    for reply in replies {
        assert_eq!(reply.wait().unwrap().journal.len(), 1);
    }
    assert_eq!(
        room.store.transactions() - before,
        2,
        "the busy one and one for all"
    );
    assert_eq!(room.counts().completed, 200);
}

#[test]
fn one_bad_request_does_not_spoil_its_neighbours() {
    // rule D4
    let room = Room::new();
    let ids = room.enqueue(vec![ready("a"), ready("b"), ready("c")]);
    let release = busy(&room);
    let commit = |changes| room.store.commit(room.session, changes);
    let good = commit(vec![complete(ids[0], 1)]);
    let bad = commit(vec![complete(ids[1], 1), complete(TaskId(99), 1)]);
    let panics = room.store.request(Pace::Grouped, |db| {
        db.execute("DELETE FROM task", [])?;
        panic!("a bug of ours");
        #[allow(unreachable_code)]
        Ok(())
    });
    let also_good = commit(vec![complete(ids[2], 1)]);
    drop(release);
    good.wait().unwrap();
    assert_eq!(bad.wait().unwrap_err().kind(), ErrorKind::UnknownTask);
    assert_eq!(panics.wait().unwrap_err().kind(), ErrorKind::Store);
    also_good.wait().unwrap();
    assert_eq!(room.counts().completed, 2);
    assert_eq!(room.task(ids[1]).unwrap().phase, Phase::Ready);
    assert_eq!(room.journal(false).len(), 2);
}

#[test]
fn a_transaction_that_is_lost_is_nobodys_success() {
    // rule D1
    let room = Room::new();
    let ids = room.enqueue(vec![ready("a"), ready("b")]);
    let release = busy(&room);
    let first = room.store.commit(room.session, vec![complete(ids[0], 1)]);
    // What SQLite does by itself when the disk is full.
    let lost = room.store.request(Pace::Grouped, |db| {
        db.execute_batch("ROLLBACK")?;
        let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        Err::<(), _>(rusqlite::Error::SqliteFailure(full, None).into())
    });
    let second = room.store.commit(room.session, vec![complete(ids[1], 1)]);
    drop(release);
    assert_eq!(first.wait().unwrap_err().kind(), ErrorKind::NoSpace);
    assert_eq!(lost.wait().unwrap_err().kind(), ErrorKind::NoSpace);
    second.wait().unwrap();
    assert_eq!(room.task(ids[0]).unwrap().phase, Phase::Ready);
    assert_eq!(room.task(ids[1]).unwrap().phase, Phase::Completed);
}

#[test]
fn a_store_without_space_says_so_and_goes_on_when_there_is() {
    // rule D9
    let room = Room::new();
    room.enqueue(vec![ready("a")]);
    let pages = |room: &Room, limit: &'static str| {
        room.sql(move |db| Ok(db.execute_batch(limit)?));
    };
    pages(&room, "PRAGMA max_page_count = 60");
    let mut tasks = (0..5_000).map(|n| Ok(ready(&format!("f{n}"))));
    let error = room.store.enqueue(room.session, &mut tasks).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoSpace);
    assert!(error.is_retryable());
    assert_eq!(room.counts().ready, 1);
    pages(&room, "PRAGMA max_page_count = 1000000");
    room.enqueue((0..5_000).map(|n| ready(&format!("f{n}"))).collect());
    assert_eq!(room.counts().ready, 5_001);
}

#[test]
fn acknowledgements_wait_for_company() {
    let room = Room::new();
    room.store.flush().wait().unwrap();
    let before = room.store.transactions();
    let release = busy(&room);
    for seq in 0..100 {
        room.store.acknowledge(room.session, vec![seq]);
    }
    let flushed = room.store.flush();
    drop(release);
    flushed.wait().unwrap();
    assert_eq!(room.store.transactions() - before, 2);
}

#[test]
fn what_nobody_waits_for_is_done_before_the_store_closes() {
    // rule D4
    let room = Room::new();
    let id = room.enqueue(vec![ready("a")])[0];
    let commit = room.store.commit(room.session, vec![complete(id, 1)]);
    let seq = commit.wait().unwrap().journal[0].seq;
    room.store.acknowledge(room.session, vec![seq]);
    assert_eq!(room.reopened(START).counts().unacknowledged, 0);
}

#[test]
fn sessions_of_one_container_share_its_store() {
    let room = Room::new();
    let (again, recovery) = Store::open(room.container(), START).unwrap();
    assert_eq!(recovery, None);
    assert!(Arc::ptr_eq(&room.store.inner, &again.inner));
    let dotted = room.container().join("locks/..");
    std::fs::create_dir_all(room.container().join("locks")).unwrap();
    let (same, _) = Store::open(&dotted, START).unwrap();
    assert!(Arc::ptr_eq(&room.store.inner, &same.inner));
    let other = again.open_session("other", START).unwrap();
    assert_ne!(other, room.session);
    room.enqueue(vec![ready("a")]);
    assert_eq!(again.counts(other).wait().unwrap(), Counts::default());
    assert_eq!(again.session_names().wait().unwrap(), ["main", "other"]);
}

#[test]
fn opening_while_the_last_handle_goes_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    let (store, _) = Store::open(folder.path(), START).unwrap();
                    store.flush().wait().unwrap();
                }
            });
        }
    });
}

#[test]
fn a_container_of_another_process_is_in_use() {
    // rule C1
    let folder = tempfile::tempdir().unwrap();
    let _theirs = ContainerLock::acquire(folder.path()).unwrap();
    let error = Store::open(folder.path(), START).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ContainerInUse);
    let pid = format!("process {}", std::process::id());
    assert!(error.message().contains(&pid), "{error}");
}

#[test]
fn a_reader_sees_what_is_committed_and_leaves_no_trace() {
    let room = Room::new();
    let ids = room.enqueue(vec![ready("a"), ready("b")]);
    room.commit(vec![complete(ids[0], 1)]).unwrap();
    let reader = Store::open_read_only(room.container()).unwrap();
    let session = reader.find_session("main").unwrap().unwrap();
    assert_eq!(session, room.session);
    assert_eq!(reader.find_session("nobody").unwrap(), None);
    assert_eq!(reader.session_names().unwrap(), ["main"]);
    let read = || reader.tasks(session, None, 9).unwrap().len();
    assert_eq!(read(), 2);
    assert_eq!(
        reader.tasks(session, Some(ids[0]), 9).unwrap()[0].id,
        ids[1]
    );
    assert_eq!(
        reader.task(session, ids[0]).unwrap().unwrap().phase,
        Phase::Completed
    );
    assert_eq!(reader.journal_after(session, 0, 9, true).unwrap().len(), 1);
    room.enqueue(vec![ready("c")]);
    assert_eq!(read(), 3);
    drop(room.store);
    assert_eq!(read(), 3, "the owner may end first");
    drop(reader);
    let (store, session) = open(room.folder.path(), START);
    assert_eq!(store.counts(session).wait().unwrap().ready, 2);
}

#[test]
fn a_reader_needs_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let error = Store::open_read_only(folder.path())
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(
        error.message().contains("open a session there first"),
        "{error}"
    );
}
