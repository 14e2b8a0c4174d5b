//! What happens to a container and to part files while no process looks.

#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

use std::fs;
use std::path::{Path, PathBuf};

use backhaul_fault_server::Object;
use backhaul_tests::process::check::{files_below, part_files_below, parts_below};
use backhaul_tests::process::scene::Scene;
use backhaul_tests::process::seed;

const FILE_BYTES: u64 = 4_000_000;
const RATE_BYTES_PER_SECOND: u64 = 4_000_000;

/// Two files, half fetched, and no process.
fn half_way() -> Scene {
    let mut scene = Scene::new(env!("CARGO_BIN_EXE_probe"));
    scene.put("a.bin", Object::generated(1, FILE_BYTES));
    scene.put("b.bin", Object::generated(2, FILE_BYTES));
    scene.server.limit_rate(Some(RATE_BYTES_PER_SECOND));
    let mut app = scene.launch(&scene.plan());
    assert!(scene.wait_sent_or_gone(&mut app, FILE_BYTES));
    app.kill();
    scene.check_death();
    assert_eq!(part_files_below(&scene.container).len(), 2);
    scene
}

/// The next launch finishes. Bytes that were sent more than once.
fn finish(scene: &mut Scene) -> u64 {
    scene.server.limit_rate(None);
    let ended = scene.launch(&scene.plan()).wait();
    assert!(ended.said("\"done\"").is_some(), "{ended:?}");
    assert!(ended.said("\"recovered\"").is_none(), "{ended:?}");
    scene.check_end();
    scene.sent() - scene.total()
}

#[test]
fn a_container_that_moved_between_launches_goes_on() {
    // rules D5, S7
    let mut scene = half_way();
    let moved = scene.scratch().join("elsewhere/deeper");
    fs::create_dir_all(moved.parent().unwrap()).unwrap();
    fs::rename(&scene.container, &moved).unwrap();
    scene.container = moved;
    let again = finish(&mut scene);
    assert!(
        again < FILE_BYTES / 2,
        "it went on with what was there: {again} bytes came again"
    );
}

#[test]
fn a_part_file_that_was_removed_is_fetched_again() {
    // rule R9
    let mut scene = half_way();
    let part = part_files_below(&scene.container).remove(0);
    fs::remove_file(part).unwrap();
    let again = finish(&mut scene);
    assert!(again > FILE_BYTES / 8, "the lost one came again: {again}");
}

#[test]
fn part_files_that_were_cut_or_grew_end_right() {
    // rules D3, R9
    for length in [0, 1, 100_000, FILE_BYTES * 2] {
        let mut scene = half_way();
        for part in part_files_below(&scene.container) {
            fs::OpenOptions::new()
                .write(true)
                .open(part)
                .unwrap()
                .set_len(length)
                .unwrap();
        }
        finish(&mut scene);
    }
}

#[test]
fn sidecars_that_were_removed_or_garbled_end_right() {
    // rules R9, T7
    let mut chance = seed::generator("sidecars");
    for damage in 0..5 {
        let mut scene = half_way();
        for part in part_files_below(&scene.container) {
            let sidecar = part.with_extension("state");
            let mut bytes = fs::read(&sidecar).unwrap();
            match damage {
                0 => fs::remove_file(&sidecar).unwrap(),
                1 => fs::write(&sidecar, b"").unwrap(),
                2 => fs::write(&sidecar, &bytes[..bytes.len() / 2]).unwrap(),
                3 => fs::write(&sidecar, vec![b'x'; 20_000]).unwrap(),
                _ => {
                    for _ in 0..50 {
                        let at = chance.usize(0..bytes.len());
                        bytes[at] = chance.u8(..);
                    }
                    fs::write(&sidecar, &bytes).unwrap();
                }
            }
        }
        finish(&mut scene);
    }
}

#[test]
fn the_sidecars_of_two_files_exchanged_end_right_or_fail() {
    // rule R9
    let mut scene = half_way();
    let parts = part_files_below(&scene.container);
    let (a, b) = (
        parts[0].with_extension("state"),
        parts[1].with_extension("state"),
    );
    let aside = scene.scratch().join("aside");
    fs::rename(&a, &aside).unwrap();
    fs::rename(&b, &a).unwrap();
    fs::rename(&aside, &b).unwrap();
    finish(&mut scene);
}

#[test]
fn the_folder_of_the_files_removed_between_launches_is_made_again() {
    // rule R9
    let mut scene = half_way();
    fs::remove_dir_all(scene.files()).unwrap();
    finish(&mut scene);
}

#[test]
fn a_copy_of_a_running_app_s_container_goes_on_like_the_original() {
    // rules D1, D3, D5, R9: what a backup, or a snapshot of the volume, holds
    let mut chance = seed::generator("snapshots");
    for number in 0..6 {
        let mut scene = Scene::new(env!("CARGO_BIN_EXE_probe"));
        for file in 0..4 {
            scene.put(&format!("{file}.bin"), Object::generated(file, 2_000_000));
        }
        scene.server.limit_rate(Some(RATE_BYTES_PER_SECOND));
        let mut app = scene.launch(&scene.plan());
        app.line("\"enqueued\"");
        assert!(scene.wait_sent_or_gone(&mut app, chance.u64(1..6_000_000)));
        // Stopped, so that the copy is of one instant.
        let pid = rustix::process::Pid::from_raw(app.id() as i32).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
        let copy = scene.scratch().join("copy");
        copy_folder(&scene.container, &copy);
        app.kill();

        scene.container = copy;
        scene.server.limit_rate(None);
        let ended = scene.launch(&scene.plan()).wait();
        assert!(ended.said("\"done\"").is_some(), "{number}: {ended:?}");
        assert!(ended.said("\"recovered\"").is_none(), "{number}: {ended:?}");
        for (name, object) in scene.objects() {
            backhaul_tests::process::check::assert_is(&scene.destination(name), object);
        }
        assert_eq!(parts_below(&scene.container), Vec::<PathBuf>::new());
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for file in files_below(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, target).unwrap();
    }
}
