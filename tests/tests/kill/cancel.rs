//! Kills while tasks are being cancelled.

use backhaul_fault_server::{Fault, Object};
use backhaul_tests::process::scene::{SESSION, Scene};
use backhaul_tests::process::{calls, check};

use crate::PROBE;
use crate::moment::Moment;

const FILES: u64 = 4;
const FILE_BYTES: u64 = 2_000_000;
const RATE_BYTES_PER_SECOND: u64 = 8_000_000;
/// Cancelling a few tasks makes fewer changes than this.
const MOST_CHANGES: u32 = 200;

#[test]
fn a_kill_at_any_change_while_tasks_are_cancelled() {
    // rules L4, D4, D8
    for moment in [Moment::Changed, Moment::Stored] {
        for count in 1.. {
            assert!(count < MOST_CHANGES);
            if !cancel_and_kill(moment(count)) {
                println!("{count} changes");
                break;
            }
        }
    }
}

/// Whether the process was killed before it was done.
fn cancel_and_kill(moment: Moment) -> bool {
    let mut scene = Scene::new(PROBE);
    for number in 0..FILES {
        scene.put(
            &format!("{number}.bin"),
            Object::generated(number, FILE_BYTES),
        );
    }
    scene.server.limit_rate(Some(RATE_BYTES_PER_SECOND));
    assert!(
        Moment::Sent(FILES * FILE_BYTES / 2).kills(&mut scene),
        "they are half here"
    );
    assert_eq!(
        check::part_files_below(&scene.container).len() as u64,
        FILES
    );
    for name in scene.objects().keys() {
        // None is to end in another way meanwhile.
        scene.server.always(name, Fault::NoAnswer);
    }

    let mut plan = scene.plan();
    plan.cancels = true;
    let was_killed = moment.kills_in(&mut scene, &plan);
    assert!(
        !Moment::Told(u32::MAX).kills_in(&mut scene, &plan),
        "it comes to its end"
    );

    check::assert_no_parts(&scene.container);
    let told = scene.calls();
    let ends = calls::ends(&told);
    assert_eq!(ends.len() as u64, FILES, "each was told");
    for end in ends.values().flatten() {
        assert_eq!(end.error.as_deref(), Some("cancelled"), "{end:?}");
        assert!(!scene.destination(&end.caller_id).exists());
    }
    assert!(
        check::journal(&scene.container, SESSION)
            .iter()
            .all(|entry| entry.acknowledged)
    );
    was_killed
}
