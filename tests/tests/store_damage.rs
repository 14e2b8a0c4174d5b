//! A store that cannot be used as it is: never in the way of the app, never guessed at (rule D6).

#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use backhaul_fault_server::{Fault, Object};
use backhaul_tests::process::check::{assert_is, files_below};
use backhaul_tests::process::scene::Scene;
use backhaul_tests::process::{Ended, seed};

const PAGE_BYTES: u64 = 4096;

/// A container with tasks in it, some ended, some not.
fn lived_in(is_killed: bool) -> Scene {
    let mut scene = Scene::new(env!("CARGO_BIN_EXE_probe"));
    for number in 0..30 {
        scene.put(&format!("{number}.bin"), Object::generated(number, 30_000));
    }
    scene.put("z.bin", Object::generated(99, 1_000_000));
    scene.server.always("z.bin", Fault::Stall(400_000));
    let mut plan = scene.plan();
    plan.stay = true;
    let mut app = scene.launch(&plan);
    for _ in 0..30 {
        app.line("\"did_complete\"");
    }
    assert!(scene.wait_sent_or_gone(&mut app, 30 * 30_000 + 400_000));
    if is_killed {
        app.kill();
    } else {
        // The log is written back into the database, and removed.
        app.quit();
        assert!(!log(&scene).exists());
    }
    scene.server.always("z.bin", Fault::None);
    scene
}

fn store(scene: &Scene) -> PathBuf {
    scene.container.join("backhaul.sqlite3")
}

fn log(scene: &Scene) -> PathBuf {
    scene.container.join("backhaul.sqlite3-wal")
}

fn content(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = files_below(folder).into_iter();
    files
        .filter(|path| path.extension().is_none_or(|extension| extension != "lock"))
        .map(|path| (path.clone(), fs::read(&path).unwrap()))
        .collect()
}

/// The next launch works, whatever it found, and every file is right in the end.
fn launch(scene: &Scene) -> Ended {
    let ended = scene.launch(&scene.plan()).wait();
    assert!(
        ended.status.success() && ended.said("\"done\"").is_some(),
        "{ended:?}"
    );
    for (name, object) in scene.objects() {
        assert_is(&scene.destination(name), object);
    }
    ended
}

fn assert_moved_aside(scene: &Scene, damaged: &[u8]) {
    let ended = launch(scene);
    let recovered = ended.said("\"recovered\"").expect("the delegate is told");
    let told: serde_json::Value = serde_json::from_str(recovered).unwrap();
    let moved_to = Path::new(told["moved_to"].as_str().unwrap());
    assert!(moved_to.starts_with(&scene.container), "{recovered}");
    assert!(!told["reason"].as_str().unwrap().is_empty());
    assert_eq!(fs::read(moved_to).unwrap(), damaged, "it is kept as it was");
    // Once: the fresh store is a good one.
    assert!(launch(scene).said("\"recovered\"").is_none());
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_not_touched() {
    // rule D6
    let scene = lived_in(false);
    let db = rusqlite::Connection::open(store(&scene)).unwrap();
    let version: i64 = db
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    db.pragma_update(None, "user_version", version + 1).unwrap();
    drop(db);
    let before = content(&scene.container);
    let ended = scene.launch(&scene.plan()).wait();
    assert!(
        ended.said("refused").unwrap().contains("store_too_new"),
        "{ended:?}"
    );
    for (path, bytes) in &before {
        assert!(
            fs::read(path).unwrap() == *bytes,
            "{} was changed",
            path.display()
        );
    }
    assert_eq!(
        log(&scene).metadata().map_or(0, |log| log.len()),
        0,
        "nor is anything in the log"
    );

    let db = rusqlite::Connection::open(store(&scene)).unwrap();
    db.pragma_update(None, "user_version", version).unwrap();
    drop(db);
    let ended = launch(&scene);
    assert!(ended.said("\"recovered\"").is_none(), "{ended:?}");
}

#[test]
fn a_truncated_store_is_moved_aside() {
    // rule D6
    let scene = lived_in(false);
    let length = store(&scene).metadata().unwrap().len();
    for keep in [length / 2, PAGE_BYTES + 100, 100] {
        let file = OpenOptions::new().write(true).open(store(&scene)).unwrap();
        file.set_len(keep).unwrap();
        let damaged = fs::read(store(&scene)).unwrap();
        assert_moved_aside(&scene, &damaged);
    }
}

#[test]
fn a_store_with_garbled_pages_is_moved_aside() {
    // rule D6
    let mut chance = seed::generator("garbled pages");
    let scene = lived_in(false);
    for first in [0, 1] {
        let file = OpenOptions::new().write(true).open(store(&scene)).unwrap();
        let pages = file.metadata().unwrap().len() / PAGE_BYTES;
        for page in first..pages {
            let noise: Vec<u8> = (0..64).map(|_| chance.u8(..)).collect();
            // Into the page's own header, which every page is known by.
            file.write_all_at(&noise, page * PAGE_BYTES).unwrap();
        }
        let damaged = fs::read(store(&scene)).unwrap();
        assert_moved_aside(&scene, &damaged);
    }
}

#[test]
fn anything_else_in_the_place_of_the_store_is_moved_aside() {
    // rule D6
    let mut chance = seed::generator("garbage");
    for is_killed in [false, true] {
        let scene = lived_in(is_killed);
        let noise: Vec<u8> = (0..50_000).map(|_| chance.u8(..)).collect();
        for damaged in [noise, b"not a database".to_vec()] {
            fs::write(store(&scene), &damaged).unwrap();
            assert_moved_aside(&scene, &damaged);
        }
    }
}

#[test]
fn a_store_whose_log_is_gone_or_garbled_never_stops_the_app() {
    // rules D6, R9
    let mut chance = seed::generator("log");
    for damage in 0..4 {
        let scene = lived_in(true);
        let length = log(&scene).metadata().unwrap().len();
        assert!(length > 0, "the log holds what was not yet written back");
        let file = OpenOptions::new().write(true).open(log(&scene)).unwrap();
        match damage {
            0 => fs::remove_file(log(&scene)).unwrap(),
            1 => file.set_len(length / 2).unwrap(),
            2 => file.set_len(17).unwrap(),
            _ => {
                for _ in 0..20 {
                    file.write_all_at(&[chance.u8(..)], chance.u64(0..length))
                        .unwrap();
                }
            }
        }
        launch(&scene);
        assert!(
            launch(&scene).said("\"recovered\"").is_none(),
            "it is well now"
        );
    }
}

#[test]
fn a_store_that_is_gone_or_empty_is_made_anew() {
    // rule D6
    for is_empty in [false, true] {
        let scene = lived_in(false);
        if is_empty {
            fs::write(store(&scene), b"").unwrap();
        } else {
            fs::remove_file(store(&scene)).unwrap();
        }
        launch(&scene);
    }
}
