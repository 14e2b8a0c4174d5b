//! Kills, power cuts and full disks at every step of a transfer.

use super::*;
use crate::sim::disk::DiskFault;

#[test]
fn after_a_power_cut_it_goes_on_from_what_was_recorded() {
    // rule D3
    for seed in 0..200 {
        let mut rig = Rig::serving(seed, Object::new(SIZE));
        rig.start();
        rig.pass(100 + seed as i64 * 23);
        let durable = rig.http.0.lock().values().next().map(|state| match state {
            Running::Asks(attempt) => attempt.durable(),
            _ => 0,
        });
        rig.life.end();
        rig.disk.lose_power();
        rig.relaunch();
        rig.start();
        rig.pass(200);
        let (offsets, reasons) = rig.told();
        assert!(reasons.is_empty(), "seed {seed}: {reasons:?}");
        // Records are not synced: an older one may be left, never a newer one.
        let durable = durable.unwrap_or(0);
        for offset in offsets {
            assert!(offset <= durable, "seed {seed}: {offset} {durable}");
            assert_eq!(offset > 0, durable > 0, "seed {seed}");
        }
        assert!(matches!(rig.finish(), Ended::Filed { .. }));
        assert!(rig.net.ever_was(URL, &rig.filed()), "seed {seed}");
    }
}

#[test]
fn killed_before_any_act_it_goes_on_in_a_later_process() {
    // rule S7, rule R9
    let acts = {
        let mut rig = Rig::serving(1, Object::new(2_000_000));
        rig.attempt();
        rig.life.acts()
    };
    assert!(acts > 30, "{acts}");
    for power in [false, true] {
        for fuse in 0..acts {
            let mut rig = Rig::serving(1, Object::new(2_000_000));
            rig.life.light_fuse(fuse);
            assert!(matches!(rig.attempt(), Ended::Dead), "fuse {fuse}");
            if power {
                rig.disk.lose_power();
            }
            rig.relaunch();
            let ended = rig.attempt();
            assert!(
                matches!(ended, Ended::Filed { .. }),
                "fuse {fuse}: {ended:?}"
            );
            assert!(rig.net.ever_was(URL, &rig.filed()), "fuse {fuse}");
            assert_eq!(rig.disk.durable_file(Rig::destination()), Some(rig.filed()));
        }
    }
}

#[test]
fn a_version_that_comes_back_finds_no_bytes_of_the_one_between() {
    // rule R9: what is on record is durably taken back before other bytes are written
    for power in [false, true] {
        for fuse in 0..40 {
            let mut rig = Rig::serving(fuse, Object::new(2_000_000));
            let id = rig.start();
            rig.pass(300);
            rig.http.stop(id);
            assert!(matches!(rig.finish(), Ended::Stopped));
            assert!(!rig.disk.part_files().is_empty());

            rig.net.change(URL);
            rig.life.light_fuse(fuse);
            let ended = rig.attempt();
            if matches!(ended, Ended::Dead) {
                if power {
                    rig.disk.lose_power();
                }
                rig.net.roll_back(URL);
                rig.relaunch();
                assert!(matches!(rig.attempt(), Ended::Filed { .. }), "fuse {fuse}");
            }
            assert!(rig.net.ever_was(URL, &rig.filed()), "fuse {fuse}");
        }
    }
}

#[test]
fn a_write_that_fails_leaves_nothing_wrong() {
    // rule D2, rule D9
    let writes = {
        let mut rig = Rig::serving(1, Object::new(2_000_000));
        rig.attempt();
        rig.disk.writes()
    };
    assert!(writes > 20, "{writes}");
    for fault in [DiskFault::NoSpace, DiskFault::Io] {
        for nth in 0..writes {
            let mut rig = Rig::serving(1, Object::new(2_000_000));
            rig.disk.fail_write(nth, fault);
            let first = rig.attempt();
            let waits = matches!(
                (fault, &first),
                (DiskFault::NoSpace, Ended::Failed(ErrorKind::NoSpace))
                    | (DiskFault::Io, Ended::Failed(ErrorKind::File))
                    | (DiskFault::NoSpace, Ended::Unfiled(FinishError::NoSpace(_)))
                    | (DiskFault::Io, Ended::Unfiled(FinishError::Io(_)))
            );
            // A seal that fails costs nothing.
            let whole = matches!(first, Ended::Filed { .. });
            assert!(waits || whole, "write {nth} {fault:?}: {first:?}");
            if whole {
                assert_eq!(rig.disk.durable_file(Rig::destination()), Some(rig.filed()));
                continue;
            }
            rig.disk.lose_power();
            rig.relaunch();
            assert!(matches!(rig.attempt(), Ended::Filed { .. }), "write {nth}");
            assert!(rig.net.ever_was(URL, &rig.filed()), "write {nth}");
        }
    }
}

#[test]
fn a_disk_that_fills_up_is_a_reason_to_wait_and_keeps_what_came() {
    // rule D9
    let mut rig = Rig::serving(1, Object::new(SIZE));
    rig.disk.set_capacity(SIZE - 1);
    rig.start();
    rig.pass(1_000);
    match rig.last_event() {
        Some(TransferEvent::Failed { error, .. }) => {
            assert_eq!(error.kind(), ErrorKind::NoSpace);
            assert_eq!(error.needed_bytes(), Some(SIZE));
            assert!(error.is_retryable());
        }
        other => panic!("{other:?}"),
    }
    // Room enough at first; then somebody else takes it.
    rig.disk.set_capacity(u64::MAX);
    rig.start();
    rig.pass(2_000);
    let capacity = rig.disk.used_bytes() + 500_000;
    rig.disk.set_capacity(capacity);
    assert!(matches!(rig.finish(), Ended::Failed(ErrorKind::NoSpace)));
    assert!(rig.disk.used_bytes() <= capacity);
    rig.disk.set_capacity(u64::MAX);
    rig.start();
    rig.pass(300);
    assert!(rig.told().0[0] > 3_000_000, "{:?}", rig.told());
    assert!(matches!(rig.finish(), Ended::Filed { .. }));
    assert!(rig.net.ever_was(URL, &rig.filed()));
}
