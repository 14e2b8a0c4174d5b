//! Fifty kills, eight files in flight.

use std::collections::BTreeMap;

use backhaul_fault_server::Object;
use backhaul_tests::process::scene::Scene;
use backhaul_tests::process::seed;

use crate::PROBE;
use crate::moment::Moment;

const KILLS: u64 = 50;
const IN_FLIGHT: u64 = 8;
const FILE_BYTES: std::ops::RangeInclusive<u64> = 1_000_000..=6_000_000;
/// Of each answer: slow enough for many kills to fall into one file.
const RATE_BYTES_PER_SECOND: u64 = 2_500_000;
/// The longest that a launch lives, more or less.
const LAUNCH_BYTES: u64 = 4_000_000;
/// What a kill may cost each file in flight: the bytes since its last checkpoint, which comes every
/// 128 KiB in files of this size, those that came while it was being synced, and those that were
/// sent and not yet read.
const LOST_FOR_EACH_FILE_BYTES: u64 = 640 * 1024;

#[test]
fn fifty_kills_lose_nothing_and_tell_everything() {
    // rules S7, D3, D4, D8, R9, W5
    let mut chance = seed::generator("fifty kills");
    let mut scene = Scene::new(PROBE);
    scene.server.limit_rate(Some(RATE_BYTES_PER_SECOND));
    let mut kills: BTreeMap<String, u64> = BTreeMap::new();
    let mut files = 0_u64;
    while kills.values().sum::<u64>() < KILLS {
        for _ in 0..IN_FLIGHT {
            let object = Object::generated(chance.u64(..), chance.u64(FILE_BYTES));
            scene.put(&format!("{files}.bin"), object);
            files += 1;
        }
        loop {
            let moment = Moment::any(&mut chance, LAUNCH_BYTES);
            if !moment.kills(&mut scene) {
                break;
            }
            let name = format!("{moment:?}");
            *kills
                .entry(name.split('(').next().unwrap().to_owned())
                .or_default() += 1;
        }
    }
    scene.check_end();
    let count: u64 = kills.values().sum();
    let again = scene.sent() - scene.total();
    let in_flight = scene.total() / files * IN_FLIGHT;
    let share = again as f64 * 100.0 / (count * in_flight) as f64;
    println!(
        "{count} kills ({kills:?}), {files} files, {} bytes; sent again: {again} bytes, {} for each kill, {share:.2} % of what was in flight",
        scene.total(),
        again / count,
    );
    assert!(
        again <= count * IN_FLIGHT * LOST_FOR_EACH_FILE_BYTES,
        "{again} bytes were sent again"
    );
}
