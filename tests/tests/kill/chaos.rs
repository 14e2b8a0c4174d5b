//! Kills, on a server that misbehaves and changes its objects meanwhile: never a splice.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use backhaul_fault_server::{Fault, Object};
use backhaul_tests::process::scene::{SESSION, Scene};
use backhaul_tests::process::{calls, check, seed};

use crate::PROBE;
use crate::moment::Moment;

const KILLS: u32 = 40;
const FILES: u64 = 8;
const FILE_BYTES: std::ops::RangeInclusive<u64> = 1..=4_000_000;
const RATE_BYTES_PER_SECOND: u64 = 2_500_000;
const LAUNCH_BYTES: u64 = 3_000_000;

/// An object of a kind that stays the same while its content changes: a server does not change how
/// it describes its files from one day to the next.
fn object(kind: u64, version: u64, chance: &mut fastrand::Rng) -> Object {
    let object = Object::generated(version, chance.u64(FILE_BYTES));
    let day = Duration::from_secs(24 * 60 * 60);
    match kind % 5 {
        0 | 1 => object,
        2 => object.weak_etag(),
        3 => object
            .without_validators()
            .last_modified(SystemTime::UNIX_EPOCH + day * u32::try_from(version).unwrap()),
        _ => object.without_validators().repr_digest(),
    }
}

/// What a client can see to be wrong. What nobody can see (a body cut at a close that was to be its
/// end, a login page instead of the file) is not asked for here.
fn fault(chance: &mut fastrand::Rng) -> Fault {
    let bytes = chance.u64(1..1_000_000);
    let faults = [
        Fault::IgnoreRange,
        Fault::RangeEarly(bytes),
        Fault::RangeLate(bytes),
        Fault::RangeShort(bytes),
        Fault::RangeBodyShort(bytes),
        Fault::RangeBodyLong(bytes),
        Fault::RangeWithoutContentRange,
        Fault::RangeUnplaced,
        Fault::RangeUnknownTotal,
        Fault::RangeChunked,
        Fault::RangeGarbage,
        Fault::NotSatisfiable,
        Fault::NotSatisfiableBare,
        Fault::OtherEtag,
        Fault::WeakEtag,
        Fault::Truncate(bytes),
        Fault::Chunked,
        Fault::ChunkedAbort(bytes),
        Fault::ResetAfter(bytes),
        Fault::CloseBeforeHeaders,
        Fault::ResetInHeaders,
        Fault::status(503),
        Fault::status(408),
        Fault::redirect(302, "/nowhere-else"),
    ];
    // The last one is a 404 in the end: a failure, and rare.
    let count = faults.len() - usize::from(chance.u32(0..20) > 0);
    faults[chance.usize(0..count)].clone()
}

#[test]
fn kills_faults_and_changing_objects_never_make_a_splice() {
    // rules R9, S7, D4, D8
    let mut chance = seed::generator("chaos");
    let mut scene = Scene::new(PROBE);
    scene.server.limit_rate(Some(RATE_BYTES_PER_SECOND));
    let mut versions: BTreeMap<String, Vec<Object>> = BTreeMap::new();
    let (mut kills, mut version) = (0, 0);
    while kills < KILLS {
        let round = versions.len() as u64;
        let names: Vec<String> = (round..round + FILES).map(|n| format!("{n}.bin")).collect();
        loop {
            for (kind, name) in (round..).zip(&names) {
                if chance.u32(0..3) == 0 || !versions.contains_key(name) {
                    version += 1;
                    let next = object(kind, version, &mut chance);
                    scene.put(name, next.clone());
                    versions.entry(name.clone()).or_default().push(next);
                }
                let script = (0..chance.u32(0..3)).map(|_| fault(&mut chance)).collect();
                scene.server.script(name, script);
            }
            if !Moment::any(&mut chance, LAUNCH_BYTES).kills(&mut scene) {
                break;
            }
            kills += 1;
        }
    }
    check_end(&scene, &versions, kills);
}

fn check_end(scene: &Scene, versions: &BTreeMap<String, Vec<Object>>, kills: u32) {
    let told = scene.calls();
    let ends = calls::ends(&told);
    assert_eq!(ends.len(), versions.len(), "every end was told");
    let mut failed = Vec::new();
    for end in ends.values().map(|told| told[0]) {
        let path = scene.destination(&end.caller_id);
        match &end.error {
            Some(kind) => {
                assert!(!path.exists(), "{end:?}");
                failed.push(kind.clone());
            }
            None => {
                let of = &versions[&end.caller_id];
                let whole = of
                    .iter()
                    .any(|version| version.matches_file(&path).unwrap());
                assert!(
                    whole,
                    "{} is none of its {} versions",
                    path.display(),
                    of.len()
                );
            }
        }
    }
    check::assert_no_parts(&scene.container);
    let journal = check::journal(&scene.container, SESSION);
    assert!(
        journal.iter().all(|event| event.acknowledged),
        "something was not told"
    );
    println!(
        "{kills} kills, {} files, failed: {failed:?}",
        versions.len()
    );
}
