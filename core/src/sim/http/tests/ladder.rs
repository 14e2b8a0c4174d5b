//! Cells of the resume ladder, over the network that a scenario would set up.

use super::*;
use crate::conditions::Network;
use crate::sim::net::{Captive, Fault, Ranges, RetryAfter, Validators};

/// Receives a part, loses the link, and goes on; what the second attempt said.
fn resumed(rig: &mut Rig, between: impl FnOnce(&Rig)) -> (Vec<u64>, Vec<RestartReason>) {
    rig.start();
    rig.pass(2_000);
    rig.net.set_link(Network::None);
    assert!(matches!(
        rig.finish(),
        Ended::Failed(ErrorKind::ConnectionLost)
    ));
    rig.net.set_link(Network::Wifi);
    between(rig);
    rig.start();
    rig.pass(1_500);
    let told = rig.told();
    let ended = rig.finish();
    assert!(matches!(ended, Ended::Filed { .. }), "{ended:?}");
    assert!(rig.net.ever_was(URL, &rig.filed()), "{:?}", rig.filed());
    told
}

#[test]
fn what_each_kind_of_server_lets_a_transfer_do() {
    // rule R2, rule R4, rule R5
    use RestartReason::{NoValidator, ObjectChanged, RangeIgnored};
    let object = || Object::new(SIZE);
    let none = Validators::None;
    let table = [
        (object(), None),
        (object().validators(Validators::LastModified), None),
        (object().validators(Validators::Weak), Some(NoValidator)),
        (object().validators(none), Some(NoValidator)),
        (object().validators(none).repr_digest(true), None),
        (object().validators(Validators::Fickle), Some(ObjectChanged)),
        (object().ranges(Ranges::NotIfRange), None),
        (object().ranges(Ranges::Ignored), Some(RangeIgnored)),
    ];
    for (object, expected) in table {
        let about = format!("{object:?}");
        let mut rig = Rig::serving(2, object);
        let (offsets, reasons) = resumed(&mut rig, |_| {});
        assert_eq!(reasons.first().copied(), expected, "{about}");
        let went_on = offsets.iter().all(|offset| *offset > 1_000_000);
        assert_eq!(went_on, expected.is_none(), "{about}: {offsets:?}");
    }
}

#[test]
fn an_object_that_changed_is_never_spliced() {
    // rule R9
    for ranges in [
        Ranges::Honoured,
        Ranges::Ignored,
        Ranges::NotIfRange,
        Ranges::Unchecked,
    ] {
        for validators in [Validators::Strong, Validators::LastModified] {
            let object = Object::new(SIZE).ranges(ranges).validators(validators);
            let mut rig = Rig::serving(3, object);
            let (_, reasons) = resumed(&mut rig, |rig| {
                rig.pass(90_000);
                assert!(rig.net.change(URL));
            });
            assert_eq!(reasons, [RestartReason::ObjectChanged], "{ranges:?}");
            assert_eq!(rig.filed(), rig.net.content(URL).unwrap());
        }
    }
}

#[test]
fn spoilt_answers_cost_bytes_and_never_the_file() {
    // rule R3, rule R6, rule R8
    use RestartReason::{ObjectChanged, RangeMismatch};
    let table = [
        (Fault::Early { bytes: 100 }, None),
        (Fault::Early { bytes: 2_000_000 }, Some(RangeMismatch)),
        (Fault::Late { bytes: 1 }, Some(RangeMismatch)),
        (Fault::NoContentRange, Some(RangeMismatch)),
        (Fault::Unsatisfiable, Some(ObjectChanged)),
    ];
    for (fault, expected) in table {
        let mut rig = Rig::serving(4, Object::new(SIZE));
        let (_, reasons) = resumed(&mut rig, |rig| rig.net.fault_times(URL, fault, 1));
        assert_eq!(reasons.first().copied(), expected, "{fault:?}");
    }
    let after_bytes = 4_000_000;
    let table = [
        (Fault::Refused, ErrorKind::CannotConnect, 0),
        (
            Fault::Truncated { after_bytes },
            ErrorKind::ConnectionLost,
            after_bytes,
        ),
        (
            Fault::Reset { after_bytes },
            ErrorKind::ConnectionLost,
            after_bytes,
        ),
        (
            Fault::Stall { after_bytes },
            ErrorKind::RequestTimedOut,
            after_bytes,
        ),
    ];
    for (fault, kind, kept) in table {
        let mut rig = Rig::serving(5, Object::new(SIZE));
        rig.net.fault_times("tiles.example", fault, 1);
        assert!(matches!(rig.attempt(), Ended::Failed(found) if found == kind));
        rig.start();
        rig.pass(500);
        assert_eq!(rig.told().0, [kept], "{fault:?}");
        assert!(matches!(rig.finish(), Ended::Filed { .. }));
        assert!(rig.net.ever_was(URL, &rig.filed()));
    }
}

#[test]
fn an_object_that_never_rests_is_given_up() {
    // rule R7
    let object = Object::new(SIZE).changes_at_every_answer(true);
    let mut rig = Rig::serving(6, object);
    rig.net.fault(URL, Fault::Reset { after_bytes: 5_000 });
    let mut kinds = Vec::new();
    while !kinds.contains(&ErrorKind::ValidatorUnstable) && kinds.len() < 20 {
        match rig.attempt() {
            Ended::Failed(kind) => kinds.push(kind),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(kinds.len(), 5, "{kinds:?}");
}

#[test]
fn a_server_that_asks_to_wait_is_understood() {
    // rule H2
    let mut rig = Rig::serving(7, Object::new(SIZE));
    let asked = |rig: &mut Rig, retry_after| {
        let status = 503;
        let fault = Fault::Status {
            status,
            retry_after,
        };
        rig.net.fault_times(URL, fault, 1);
        rig.start();
        rig.pass(1_000);
        match rig.last_event() {
            Some(TransferEvent::Failed {
                error,
                retry_after_ms,
                ..
            }) => {
                assert_eq!(error.status(), Some(503));
                retry_after_ms
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(asked(&mut rig, None), None);
    let seconds = Some(RetryAfter::Seconds(30));
    assert_eq!(asked(&mut rig, seconds), Some(30_000));
    let date = Some(RetryAfter::Date(120));
    let wait_ms = asked(&mut rig, date).unwrap();
    assert!((118_000..=120_000).contains(&wait_ms), "{wait_ms}");
    // This device's clock is an hour late: to it the date is farther away.
    rig.world.jump_wall_clock(-3_600_000);
    assert!(asked(&mut rig, date).unwrap() > 3_600_000);
}

#[test]
fn a_captive_portal_is_not_the_object() {
    let mut rig = Rig::serving(8, Object::new(SIZE));
    rig.digest = rig.net.digest(URL);
    rig.net.captive(Captive::Plain);
    assert!(matches!(
        rig.attempt(),
        Ended::Failed(ErrorKind::CannotConnect)
    ));
    rig.net.captive(Captive::Everything);
    assert!(matches!(
        rig.attempt(),
        Ended::Failed(ErrorKind::DigestMismatch)
    ));
    rig.net.captive(Captive::No);
    assert!(matches!(rig.attempt(), Ended::Filed { .. }));
}

#[test]
fn connections_share_what_there_is_and_break_with_the_link() {
    let mut rig = Rig::serving(9, Object::new(SIZE));
    let (other, heard) = process(&rig.world, &rig.net, &rig.disk, &rig.life);
    let mut second = rig.transfer("2.1".parse().unwrap());
    second.paths = PartPaths::new(Path::new("/files/other.bin"), "7f3a", 2);
    rig.start();
    other.start(second);
    rig.pass(6_000);
    assert_eq!(rig.net.connections(), 2, "alone it would be whole by now");
    rig.net.set_link(Network::Cellular);
    rig.pass(1);
    assert_eq!(rig.net.connections(), 0);
    for heard in [&rig.heard, &heard] {
        let events = heard.0.lock().unwrap();
        assert!(matches!(events.last(), Some(TransferEvent::Failed { .. })));
    }
}
