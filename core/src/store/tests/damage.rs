//! Damage, and stores of another version.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::*;
use crate::error::ErrorKind;

const DATABASE: &str = "backhaul.sqlite3";

/// A container whose store holds `count` tasks and is closed.
fn container_with(count: usize) -> TempDir {
    let room = Room::new();
    room.enqueue((0..count).map(|n| ready(&format!("f{n}"))).collect());
    drop(room.store);
    room.folder
}

fn damage(folder: &TempDir, change: impl FnOnce(&mut Vec<u8>)) {
    let path = folder.path().join(DATABASE);
    let mut bytes = std::fs::read(&path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

/// Opens, expects a recovery, and checks that the fresh store works.
fn recovers(folder: &TempDir) -> Recovery {
    let damaged = std::fs::read(folder.path().join(DATABASE)).unwrap();
    let (store, recovery) = Store::open(folder.path(), START).unwrap();
    let recovery = recovery.expect("the damage is found");
    assert_eq!(std::fs::read(&recovery.moved_to).unwrap(), damaged);
    let session = store.open_session("main", START).unwrap();
    let kept = store.counts(session).wait().unwrap().ready;
    assert_eq!(kept, recovery.salvaged_tasks);
    store
        .enqueue(session, &mut [Ok(ready("new"))].into_iter())
        .unwrap();
    drop(store);
    let (store, again) = Store::open(folder.path(), START).unwrap();
    assert_eq!(again.as_ref(), Some(&recovery), "until the app was told");
    store.acknowledge_recovery();
    drop(store);
    let (store, again) = Store::open(folder.path(), START).unwrap();
    assert_eq!(again, None, "and not again");
    assert_eq!(store.counts(session).wait().unwrap().ready, kept + 1);
    recovery
}

#[test]
fn garbage_in_place_of_a_store_is_moved_aside() {
    // rule D6
    for garbage in [&b""[..], b"x", &[0xff; 100], &[b'q'; 10_000]] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(DATABASE), garbage).unwrap();
        let recovery = recovers(&folder);
        let expected = format!("{DATABASE}.corrupt-{}", START.wall_ms);
        assert_eq!(recovery.moved_to.file_name().unwrap(), &*expected);
        assert!(!recovery.reason.is_empty());
    }
}

#[test]
fn a_truncated_store_is_moved_aside() {
    // rule D6
    let len = {
        let folder = container_with(500);
        std::fs::read(folder.path().join(DATABASE)).unwrap().len()
    };
    for kept in [0, 1, 99, 511, 4096, 5_000, len / 2, len - 4096, len - 1] {
        let folder = container_with(500);
        damage(&folder, |bytes| bytes.truncate(kept));
        recovers(&folder);
    }
}

#[test]
fn garbled_pages_are_found() {
    // rule D6
    let mut found = 0;
    for page in 0..20 {
        let folder = container_with(500);
        damage(&folder, |bytes| bytes[page * 4096..][..4096].fill(0xa5));
        let (_, recovery) = Store::open(folder.path(), START).unwrap();
        found += usize::from(recovery.is_some());
    }
    assert_eq!(found, 20, "every page of this store is in use");
}

#[test]
fn a_second_recovery_does_not_overwrite_the_first() {
    // rule D6
    let folder = tempfile::tempdir().unwrap();
    let mut moved = Vec::new();
    for text in ["one", "two"] {
        std::fs::write(folder.path().join(DATABASE), text).unwrap();
        let (_, recovery) = Store::open(folder.path(), START).unwrap();
        moved.push(recovery.unwrap().moved_to);
    }
    assert_eq!(std::fs::read(&moved[0]).unwrap(), b"one");
    assert_eq!(std::fs::read(&moved[1]).unwrap(), b"two");
}

#[test]
fn damage_in_a_big_store_is_reported_and_repaired_at_the_next_open() {
    // rule D6
    let folder = container_with(30_000);
    let len = std::fs::metadata(folder.path().join(DATABASE))
        .unwrap()
        .len();
    assert!(len > 4 * 1024 * 1024, "too small to skip the check: {len}");
    damage(&folder, |bytes| bytes[1024 * 1024..].fill(0xa5));
    let (store, recovery) = Store::open(folder.path(), START).unwrap();
    assert_eq!(recovery, None, "a big store is not read at every open");
    let session = SessionKey(1);
    let error = store.tasks(session, None, 100_000).wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StoreCorrupt);
    assert!(
        error
            .message()
            .contains("close the session and open it again"),
        "{error}"
    );
    drop(store);
    recovers(&folder);
    assert!(!folder.path().join("backhaul.suspect").exists());
}

#[test]
fn a_value_that_means_nothing_is_damage_too() {
    // rule T7
    for garbled in [
        "UPDATE task SET record = '{\"received\":'",
        "UPDATE task SET options = x'ff'",
        "UPDATE task SET hold = '{}'",
        "UPDATE task SET phase = 9",
        "UPDATE task SET url = x'61'",
    ] {
        let room = Room::new();
        let id = room.enqueue(vec![ready("a")])[0];
        room.sql(move |db| Ok(db.execute(garbled, []).map(|_| ())?));
        let error = room.store.task(room.session, id).wait().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StoreCorrupt, "{garbled}");
        let again = room.store.task(room.session, id).wait().unwrap_err();
        assert_eq!(again.kind(), ErrorKind::StoreCorrupt);
        drop(room.store);
        recovers(&room.folder);
    }
}

#[test]
fn a_suspected_store_that_is_sound_is_kept() {
    // rule D6
    let folder = container_with(3);
    std::fs::write(folder.path().join("backhaul.suspect"), "").unwrap();
    let (store, session) = open(folder.path(), START);
    assert_eq!(store.counts(session).wait().unwrap().ready, 3);
    assert!(!folder.path().join("backhaul.suspect").exists());
}

#[test]
fn a_store_from_the_future_is_not_touched() {
    // rule D6
    let folder = container_with(3);
    let path = folder.path().join(DATABASE);
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let before = std::fs::read(&path).unwrap();
    let error = Store::open(folder.path(), START).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StoreTooNew);
    assert!(error.message().contains("update the app"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let reader = Store::open_read_only(folder.path())
        .map(|_| ())
        .unwrap_err();
    assert_eq!(reader.kind(), ErrorKind::StoreTooNew);
}

#[test]
fn nobody_else_may_read_the_store() {
    // rule T3
    let room = Room::new();
    room.enqueue(vec![ready("a")]);
    let _lock = SessionLock::acquire(room.container(), "main").unwrap();
    let mode = |path: PathBuf| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(room.container().into()), 0o700);
    assert_eq!(mode(room.container().join("locks")), 0o700);
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(room.container()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            assert_eq!(mode(path.clone()), 0o600, "{path:?}");
            seen.push(path);
        }
    }
    assert_eq!(
        seen.len(),
        5,
        "database, two side files, list, lock: {seen:?}"
    );
}

#[test]
fn a_place_that_is_no_directory_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Store::open(&file, START).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    let name = file.display().to_string();
    assert!(error.message().contains(&name), "{error}");
    assert!(error.message().contains("choose another one"), "{error}");
}

#[test]
fn the_token_stays_with_the_store_and_outlives_it() {
    // rules D6, D8
    let folder = container_with(1);
    let token = |folder: &TempDir| {
        let (store, _) = Store::open(folder.path(), START).unwrap();
        store.token().to_owned()
    };
    let first = token(&folder);
    assert_eq!(first.len(), 8);
    assert_eq!(token(&folder), first);
    damage(&folder, |bytes| bytes.fill(1));
    assert_eq!(token(&folder), first, "the part files carry it");
    std::fs::remove_file(folder.path().join(DATABASE)).unwrap();
    assert_eq!(token(&folder), first);
    std::fs::remove_file(folder.path().join(DATABASE)).unwrap();
    std::fs::remove_file(folder.path().join("backhaul.places")).unwrap();
    assert_ne!(token(&folder), first);
}
