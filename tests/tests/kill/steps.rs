//! A kill after every single change on disk that one download makes, and among many small ones.

use backhaul_fault_server::Object;
use backhaul_tests::process::scene::Scene;
use backhaul_tests::process::seed;

use crate::PROBE;
use crate::moment::Moment;

/// A download of this size makes fewer changes than this.
const MOST_CHANGES: u32 = 400;

/// Kills at the first change, at the second, and so on; each time the next launch must finish.
/// Returns how many there were.
fn sweep(bytes: u64, step: u32, moment: fn(u32) -> Moment) -> u32 {
    let mut count = 1;
    loop {
        let mut scene = Scene::new(PROBE);
        scene.put("a.bin", Object::generated(u64::from(count), bytes));
        let was_killed = moment(count).kills(&mut scene);
        assert!(
            !Moment::Told(u32::MAX).kills(&mut scene),
            "the second launch comes to its end"
        );
        scene.check_end();
        if !was_killed {
            return count;
        }
        count += step;
        assert!(count < MOST_CHANGES);
    }
}

#[test]
fn a_kill_after_any_change_in_the_folder_of_a_small_file() {
    // rules D2, D3, D4, R9
    println!("{} changes", sweep(20_000, 1, Moment::Changed));
}

#[test]
fn a_kill_after_any_change_in_the_folder_of_a_larger_file() {
    // rules D2, D3, D4, R9
    println!("{} changes", sweep(1_500_000, 3, Moment::Changed));
}

#[test]
fn a_kill_after_any_write_to_the_store() {
    // rules D1, D4, S7
    println!("{} writes", sweep(20_000, 1, Moment::Stored));
}

#[test]
fn two_hundred_small_files_with_kills_every_few_of_them() {
    // rules D2, D4, D8, S7
    let mut chance = seed::generator("small files");
    let mut scene = Scene::new(PROBE);
    for number in 0..200 {
        scene.put(&format!("{number}.bin"), Object::generated(number, 20_000));
    }
    let mut kills = 0;
    loop {
        let moment = match chance.u32(0..4) {
            0 => Moment::Stored(chance.u32(1..=20)),
            1 => Moment::Filed(chance.u32(1..=30)),
            2 => Moment::Told(chance.u32(1..=30)),
            _ => Moment::Changed(chance.u32(1..=150)),
        };
        if !moment.kills(&mut scene) {
            break;
        }
        kills += 1;
    }
    scene.check_end();
    let again = scene.sent() - scene.total();
    println!(
        "{kills} kills, {again} bytes sent again, {} for each kill",
        again / kills.max(1)
    );
}
