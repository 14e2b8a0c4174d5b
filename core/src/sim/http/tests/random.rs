//! Random days of one transfer: whatever happens, no success mixes two versions (rule R9).

use fastrand::Rng;

use super::*;
use crate::conditions::Network;
use crate::sim::disk::DiskFault;
use crate::sim::net::{Fault, Ranges, Validators};

const RUNS: u64 = 3_000;
const ATTEMPTS: usize = 12;

fn object(rng: &mut Rng) -> Object {
    let validators = [
        Validators::Strong,
        Validators::Strong,
        Validators::LastModified,
        Validators::Weak,
        Validators::None,
        Validators::Fickle,
    ];
    let ranges = [
        Ranges::Honoured,
        Ranges::Honoured,
        Ranges::Ignored,
        Ranges::NotIfRange,
        Ranges::Unchecked,
    ];
    Object::new(rng.u64(0..3_000_000))
        .validators(validators[rng.usize(0..validators.len())])
        .ranges(ranges[rng.usize(0..ranges.len())])
        .repr_digest(rng.u8(0..4) == 0)
        .changes_at_every_answer(rng.u8(0..12) == 0)
}

fn fault(rng: &mut Rng) -> Fault {
    let bytes = rng.u64(0..2_000_000);
    let after_bytes = bytes;
    match rng.u8(0..8) {
        0 => Fault::Refused,
        1 => Fault::Unsatisfiable,
        2 => Fault::Early { bytes },
        3 => Fault::Late { bytes },
        4 => Fault::NoContentRange,
        5 => Fault::Truncated { after_bytes },
        6 => Fault::Reset { after_bytes },
        _ => Fault::Stall { after_bytes },
    }
}

/// Something happens to the world while an attempt runs.
fn disturb(rig: &mut Rig, rng: &mut Rng) {
    rig.pass(rng.i64(0..2_500));
    match rng.u8(0..12) {
        0 | 1 => drop(rig.net.change(URL)),
        2 => drop(rig.net.resize(URL, rng.u64(0..3_000_000))),
        3 => {
            rig.net.set_link(Network::None);
            rig.net.set_link(Network::Cellular);
        }
        4 => rig.life.light_fuse(rng.u64(0..40)),
        5 => {
            rig.life.end();
            rig.disk.lose_power();
        }
        6 => {
            let fault = [DiskFault::NoSpace, DiskFault::Io][rng.usize(0..2)];
            rig.disk.fail_write(rng.u64(0..20), fault);
        }
        7 => rig.pass(rng.i64(0..200_000)),
        8 => drop(rig.net.roll_back(URL)),
        _ => {}
    }
    if rng.bool() {
        rig.net.fault_times(URL, fault(rng), 1);
    }
}

/// The file, and whether it is flagged; none if there never was one.
fn day(seed: u64) -> (Rig, Option<bool>) {
    let mut rng = Rng::with_seed(seed);
    let mut rig = Rig::serving(seed, object(&mut rng));
    rig.net.loss(0.1);
    if rng.u8(0..4) == 0 {
        rig.digest = rig.net.digest(URL);
    }
    if rng.u8(0..4) == 0 {
        rig.policy = ResumePolicy::Lenient;
    }
    for _ in 0..ATTEMPTS {
        if !rig.life.is_alive() {
            rig.relaunch();
        }
        rig.start();
        disturb(&mut rig, &mut rng);
        if let Ended::Filed { weak } = rig.finish() {
            return (rig, Some(weak));
        }
    }
    (rig, None)
}

#[test]
fn no_splice_is_ever_a_success() {
    // rule R9, rule D2, rule D3
    let (mut right, mut resumed) = (0, 0);
    for seed in 0..RUNS {
        let (rig, filed) = day(seed);
        let Some(weak) = filed else { continue };
        let file = rig.filed();
        let durable = rig.disk.durable_file(Rig::destination());
        assert_eq!(durable, Some(file.clone()), "seed {seed}");
        let lenient = rig.policy == ResumePolicy::Lenient;
        assert!(lenient || !weak, "seed {seed}");
        let is_right = rig.net.ever_was(URL, &file);
        assert!(is_right || weak, "seed {seed}: {file:?}");
        right += u32::from(is_right);
        resumed += u32::from(is_right && rig.heard.1.load(Ordering::Relaxed));
    }
    // Of no worth unless transfers do succeed, resumed ones too.
    assert!(right > 2_500 && resumed > 250, "{right} {resumed}");
}

#[test]
fn the_same_seed_gives_the_same_day() {
    for seed in 0..50 {
        let traces = [day(seed).0.world.trace(), day(seed).0.world.trace()];
        assert_eq!(traces[0], traces[1], "seed {seed}");
        assert!(!traces[0].entries().is_empty());
    }
}
