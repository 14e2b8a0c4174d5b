//! Kills in the middle of a plan: it goes on where it was, and what fails takes the rest with it.

use backhaul_fault_server::{Fault, Object};
use backhaul_tests::process::calls;
use backhaul_tests::process::plan::Plan;
use backhaul_tests::process::scene::Scene;

use crate::PROBE;
use crate::moment::Moment;

const STEPS: usize = 4;
/// A short chain makes fewer changes than this.
const MOST_CHANGES: u32 = 200;

fn name(number: usize) -> String {
    format!("{number}.bin")
}

fn chain() -> (Scene, Plan) {
    let mut scene = Scene::new(PROBE);
    for number in 0..STEPS {
        scene.put(&name(number), Object::generated(number as u64, 20_000));
    }
    let mut plan = scene.plan();
    for number in 1..STEPS {
        plan.files[number].after = vec![name(number - 1)];
    }
    (scene, plan)
}

#[test]
fn a_chain_that_is_killed_at_any_change_arrives_in_its_order() {
    // rules L6, D4
    for count in (1..).step_by(3) {
        assert!(count < MOST_CHANGES);
        let (mut scene, plan) = chain();
        let was_killed = Moment::Stored(count).kills_in(&mut scene, &plan);
        // Every launch enqueues the plan; what is there already is used as it is.
        assert!(!Moment::Told(u32::MAX).kills_in(&mut scene, &plan));
        scene.check_end();
        let firsts: Vec<String> = scene
            .server
            .requests()
            .iter()
            .map(|request| request.path.clone())
            .collect();
        for number in 1..STEPS {
            let of = |number| {
                let ends = |path: &&String| path.ends_with(&name(number));
                (
                    firsts.iter().position(|path| ends(&path)),
                    firsts.iter().rposition(|path| ends(&path)),
                )
            };
            assert!(of(number - 1).1 < of(number).0, "{firsts:?}");
        }
        if !was_killed {
            println!("{count} changes");
            break;
        }
    }
}

#[test]
fn a_failure_that_is_killed_at_any_change_ends_the_whole_chain() {
    // rules L6, D4
    for count in (1..).step_by(3) {
        assert!(count < MOST_CHANGES);
        let (mut scene, plan) = chain();
        scene.server.always(&name(0), Fault::status(404));
        let was_killed = Moment::Stored(count).kills_in(&mut scene, &plan);
        assert!(!Moment::Told(u32::MAX).kills_in(&mut scene, &plan));
        let told = scene.calls();
        let ends = calls::ends(&told);
        assert_eq!(ends.len(), STEPS, "each was told");
        for end in ends.values().flatten() {
            let expected = match end.caller_id == name(0) {
                true => "http_status",
                false => "dependency_failed",
            };
            assert_eq!(end.error.as_deref(), Some(expected), "{end:?}");
        }
        if !was_killed {
            println!("{count} changes");
            break;
        }
    }
}
