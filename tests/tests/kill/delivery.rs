//! Kills around the end of a task: between the last byte, the rename, the commit and the delegate.

use backhaul_fault_server::Object;
use backhaul_tests::process::calls;
use backhaul_tests::process::plan::Manner;
use backhaul_tests::process::scene::{SESSION, Scene};
use backhaul_tests::process::{Event, check, seed};

use crate::PROBE;
use crate::moment::Moment;

fn scene(files: u64, bytes: u64) -> Scene {
    let mut scene = Scene::new(PROBE);
    for number in 0..files {
        scene.put(&format!("{number}.bin"), Object::generated(number, bytes));
    }
    scene
}

/// Runs the probe to its end. How often it was told of an end.
fn finish(scene: &mut Scene) -> usize {
    let ends = |scene: &Scene| {
        calls::ends(&scene.calls())
            .values()
            .map(Vec::len)
            .sum::<usize>()
    };
    let before = ends(scene);
    let ended = scene.launch(&scene.plan()).wait();
    assert!(ended.said("\"done\"").is_some(), "{ended:?}");
    scene.check_death();
    ends(scene) - before
}

#[test]
fn an_end_that_was_being_told_is_told_again_with_the_same_number() {
    // rule D4
    let mut scene = scene(3, 50_000);
    let mut plan = scene.plan();
    plan.manner = Manner::StuckAt(1);
    let mut app = scene.launch(&plan);
    app.line("\"did_complete\"");
    app.kill();
    scene.check_death();
    let journal = check::journal(&scene.container, SESSION);
    assert!(
        journal.iter().all(|entry| !entry.acknowledged),
        "its call never returned"
    );

    assert_eq!(
        finish(&mut scene),
        3,
        "the one that was interrupted, and the others"
    );
    scene.check_end();
    assert_eq!(
        finish(&mut scene),
        0,
        "nobody is told again what was acknowledged"
    );
}

#[test]
fn an_app_that_aborts_in_did_complete_is_told_again() {
    // rule D4
    let mut scene = scene(6, 50_000);
    let mut plan = scene.plan();
    plan.manner = Manner::AbortAt(2);
    let ended = scene.launch(&plan).wait();
    assert!(
        !ended.status.success() && ended.said("\"done\"").is_none(),
        "{ended:?}"
    );
    scene.check_death();
    assert!(
        finish(&mut scene) >= 4,
        "all but the first are told again at least"
    );
    scene.check_end();
}

#[test]
fn a_delegate_that_panics_hears_the_others_now_and_that_one_at_the_next_launch() {
    // rules D4, L2
    let mut scene = scene(4, 50_000);
    let mut plan = scene.plan();
    plan.manner = Manner::PanicAt(2);
    plan.stay = true;
    let mut app = scene.launch(&plan);
    for _ in 0..4 {
        app.line("\"did_complete\"");
    }
    app.quit();
    scene.check_death();
    let journal = check::journal(&scene.container, SESSION);
    let told = journal.iter().filter(|entry| entry.acknowledged).count();
    assert_eq!((journal.len(), told), (4, 3));

    assert_eq!(finish(&mut scene), 1, "the call that panicked");
    scene.check_end();
}

#[test]
fn a_slow_delegate_that_is_killed_again_and_again_hears_everything() {
    // rules D4, L2
    let mut chance = seed::generator("slow delegate");
    let mut scene = scene(60, 20_000);
    let mut kills = 0;
    loop {
        let mut plan = scene.plan();
        plan.manner = Manner::SlowMs(20);
        let mut app = scene.launch(&plan);
        // Never a whole page of acknowledgements.
        let wanted = chance.u32(1..=20);
        let told = |event: &Event| matches!(event, Event::Line(l) if l.contains("did_complete"));
        let came = (0..wanted).all(|_| app.wait_for("end", told).is_some());
        if !came {
            assert!(app.wait().said("\"done\"").is_some());
            break;
        }
        app.kill();
        scene.check_death();
        kills += 1;
        assert!(kills < 200, "each launch gets somewhere");
    }
    println!("{kills} kills");
    scene.check_end();
}

#[test]
fn a_file_that_was_in_its_place_when_the_app_died_is_not_fetched_again() {
    // rules D2, D4
    let mut kills = 0;
    for filed in 1..=8 {
        let mut scene = scene(4, 400_000);
        // The last ones may come so close to the end of the process that it gets there first.
        kills += u32::from(Moment::Filed(1 + filed % 4).kills(&mut scene));
        let there: Vec<_> = scene
            .objects()
            .keys()
            .map(|name| scene.destination(name))
            .collect();
        let there: Vec<_> = there.iter().filter(|path| path.exists()).collect();
        let inodes: Vec<u64> = there.iter().map(|path| inode(path)).collect();
        scene.server.clear_log();
        finish(&mut scene);
        scene.check_end();
        assert_eq!(
            inodes,
            there.iter().map(|path| inode(path)).collect::<Vec<_>>()
        );
        for path in there {
            let name = path.file_name().unwrap().to_string_lossy();
            assert_eq!(
                scene.server.bytes_sent(&name),
                0,
                "{name} was fetched again"
            );
        }
    }
    assert!(kills > 0, "it was killed at least once");
    println!("{kills} kills");
}

fn inode(path: &std::path::Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&path.metadata().unwrap())
}
