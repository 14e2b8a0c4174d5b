//! `JobScheduler`'s rules.

use std::time::Duration;

use super::left;
use super::rig::{HOUR_MS, MINUTE_MS};
use crate::conditions::{Network, StandbyBucket};
use crate::sim::lender::Profile;

#[test]
fn a_job_runs_only_while_its_constraints_hold() {
    // rule P6
    let rig = left(1, Profile::Android);
    rig.set(|now| (now.network, now.expensive) = (Network::Cellular, true));
    rig.ask(0, |request| request.constraints.unmetered = true);
    rig.advance(24 * HOUR_MS);
    assert!(rig.lent().is_empty());
    rig.completes_after(Some(MINUTE_MS));
    rig.set(|now| (now.network, now.expensive) = (Network::Wifi, false));
    assert_eq!(rig.lent().len(), 1);
    rig.advance(10_000);
    rig.set(|now| now.network = Network::None);
    assert_eq!(rig.stops(), 1, "onStopJob");
    rig.advance(MINUTE_MS);
    assert_eq!(
        rig.broken(),
        ["W3"],
        "it went on for more than a few seconds"
    );
}

#[test]
fn a_job_that_stops_when_told_breaks_nothing() {
    // rule W3
    let rig = left(1, Profile::Android);
    rig.completes_after(Some(12_000));
    rig.ask(0, |request| request.constraints.charging = true);
    rig.advance(MINUTE_MS);
    let begun = rig.lent()[0];
    rig.completes_after(Some(12_000));
    rig.ask(0, |request| request.constraints.charging = true);
    while rig.lent().len() == 1 {
        rig.advance(1_000);
    }
    assert!(rig.lent()[1] >= begun + 12_000, "one job at a time");
    rig.advance(8_000);
    rig.set(|now| now.charging = false);
    rig.set(|now| now.charging = true);
    rig.advance(MINUTE_MS);
    assert_eq!(rig.stops(), 1);
    assert_eq!(rig.broken(), Vec::<&str>::new());
}

#[test]
fn a_deadline_overrides_constraints() {
    // rule P6
    let rig = left(1, Profile::Android);
    rig.set(|now| now.charging = false);
    let at = rig.world.now().system_time();
    rig.ask(0, |request| {
        request.constraints.charging = true;
        request.latest = Some(at + Duration::from_secs(3 * 3600));
    });
    rig.advance(3 * HOUR_MS - 1);
    assert!(rig.lent().is_empty());
    rig.advance(1);
    assert_eq!(rig.lent().len(), 1);
    rig.advance(MINUTE_MS);
    assert_eq!(rig.stops(), 0, "and they are not watched then");
}

#[test]
fn a_job_has_ten_minutes() {
    // rule W3
    let rig = left(1, Profile::Android);
    rig.completes_after(Some(10 * MINUTE_MS + 1));
    rig.ask(0, |_| {});
    rig.advance(HOUR_MS);
    assert_eq!(rig.broken(), ["W3"]);
}

#[test]
fn a_bucket_has_its_quota_and_a_charger_lifts_it() {
    // rule P6
    let run = |bucket, charging| {
        let rig = left(1, Profile::Android);
        // As short as a run may be that is begun with the last of the quota.
        rig.completes_after(Some(30_000));
        rig.set(|now| (now.standby_bucket, now.charging) = (bucket, charging));
        for _ in 0..24 * 30 {
            if rig.life().is_some() {
                rig.ask(0, |_| {});
            } else {
                rig.go(crate::conditions::AppState::Background);
            }
            rig.advance(2 * MINUTE_MS);
        }
        assert_eq!(rig.broken(), Vec::<&str>::new());
        rig.lent()
    };
    let most_in = |lent: &[i64], within_ms: i64| {
        let from = |at: i64| {
            lent.iter()
                .filter(move |l| (at..at + within_ms).contains(l))
        };
        lent.iter().map(|at| from(*at).count()).max().unwrap_or(0)
    };
    let frequent = run(StandbyBucket::Frequent, false);
    assert_eq!(most_in(&frequent, 12 * HOUR_MS - MINUTE_MS), 20);
    assert!(frequent.len() >= 40, "and it comes back");
    assert_eq!(run(StandbyBucket::Restricted, false).len(), 1);
    assert!(run(StandbyBucket::Active, false).len() > 300);
    assert!(run(StandbyBucket::Restricted, true).len() > 300);
}

#[test]
fn a_run_ends_with_the_quota() {
    // rule W3
    let rig = left(1, Profile::Android);
    rig.set(|now| (now.standby_bucket, now.charging) = (StandbyBucket::Rare, false));
    rig.completes_after(Some(6 * MINUTE_MS));
    rig.ask(0, |_| {});
    rig.advance(8 * MINUTE_MS);
    rig.go(crate::conditions::AppState::Background);
    rig.ask(0, |_| {});
    rig.advance(20 * MINUTE_MS);
    assert_eq!(rig.lent().len(), 2);
    assert_eq!(rig.stops(), 1, "after four minutes");
    assert_eq!(rig.broken(), ["W3"], "it did not listen");
}
