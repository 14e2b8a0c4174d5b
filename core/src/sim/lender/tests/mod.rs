//! The platform's rules, one by one.

mod android;
pub(crate) mod rig;

use std::time::Duration;

use rig::{HOUR_MS, MINUTE_MS, Rig};

use super::{Host, Profile};
use crate::conditions::{AppState, Network};
use crate::sim::trace::What;

/// A phone whose app was opened and left again, and is about to lose its run time.
fn left(seed: u64, profile: Profile) -> std::sync::Arc<Rig> {
    let rig = Rig::new(seed, profile);
    rig.go(AppState::Active);
    rig.go(AppState::Background);
    rig
}

#[test]
fn a_ticket_is_lent_for_events_and_the_run_ends_after_it() {
    // rule W3
    let mut ends = Vec::new();
    for seed in 0..20 {
        let rig = Rig::new(seed, Profile::Ios);
        rig.platform.ask_for("maps");
        rig.platform.ask_for("maps");
        rig.advance(MINUTE_MS);
        assert_eq!((rig.lent().len(), rig.completed().len()), (1, 1));
        assert_eq!(rig.broken(), Vec::<&str>::new());
        ends.push(rig.app());
    }
    assert!(ends.contains(&AppState::Suspended) && ends.contains(&AppState::NotRunning));
    assert!(!ends.contains(&AppState::Background), "no run without end");
}

#[test]
fn a_ticket_that_is_kept_costs_the_app_its_life() {
    // rule W3
    let rig = Rig::new(1, Profile::Ios);
    rig.completes_after(None);
    rig.platform.ask_for("maps");
    rig.advance(2 * MINUTE_MS);
    assert_eq!(rig.broken(), ["W3"]);
    assert_eq!(rig.ended(), ["killed"]);
    assert!(
        rig.completed().is_empty(),
        "a dead process completes nothing"
    );
}

#[test]
fn a_ticket_that_is_completed_twice_costs_the_app_its_life() {
    // rule W3
    let rig = Rig::new(1, Profile::Ios);
    rig.completes_after(None);
    rig.platform.ask_for("maps");
    rig.advance(30_000);
    let life = rig.life().unwrap();
    rig.platform.completed(1, &life);
    assert_eq!(rig.broken(), Vec::<&str>::new());
    rig.platform.completed(1, &life);
    rig.advance(0);
    assert_eq!(rig.broken(), ["W3"]);
    assert_eq!(rig.ended(), ["killed"]);
}

#[test]
fn the_death_of_the_process_takes_its_tickets_along() {
    // rule W3
    let rig = Rig::new(1, Profile::Ios);
    rig.completes_after(None);
    rig.platform.ask_for("maps");
    rig.advance(30_000);
    assert_eq!(rig.platform.owed().1, 1);
    rig.kill("killed");
    assert_eq!(rig.platform.owed().1, 0);
    rig.advance(HOUR_MS);
    assert!(rig.completed().is_empty());
    assert_eq!(rig.broken(), Vec::<&str>::new());
}

#[test]
fn events_are_not_called_for_once_a_process_has_heard_them() {
    // rule W2
    let rig = Rig::new(1, Profile::Ios);
    rig.platform.ask_for("maps");
    rig.platform.withdraw("maps");
    rig.advance(HOUR_MS);
    assert!(rig.lent().is_empty());
    // Neither while the user sees the app.
    rig.go(AppState::Active);
    rig.platform.ask_for("maps");
    rig.advance(HOUR_MS);
    assert!(rig.lent().is_empty());
    rig.go(AppState::Background);
    assert_eq!(rig.lent().len(), 1);
}

#[test]
fn what_was_asked_for_outlives_the_process_and_comes_not_too_early() {
    // rule P6
    for seed in 0..20 {
        let rig = left(seed, Profile::Ios);
        rig.ask(2 * HOUR_MS, |_| {});
        let desk = rig.platform.desk(&rig.life().unwrap());
        rig.kill("killed");
        desk.cancel();
        rig.advance(2 * HOUR_MS);
        assert!(rig.lent().is_empty());
        rig.advance(2 * HOUR_MS);
        assert_eq!(rig.lent().len(), 1, "and a dead process cancels nothing");
    }
}

#[test]
fn a_clock_that_is_set_moves_no_wake() {
    // rule P7
    let rig = left(3, Profile::Ios);
    rig.ask(2 * HOUR_MS, |_| {});
    rig.world.jump_wall_clock(24 * HOUR_MS);
    rig.advance(2 * HOUR_MS - 1);
    assert!(rig.lent().is_empty());
}

#[test]
fn one_request_replaces_the_one_before_and_can_be_withdrawn() {
    // rule P6
    let rig = left(1, Profile::Ios);
    rig.ask(HOUR_MS, |_| {});
    rig.ask(9 * HOUR_MS, |_| {});
    rig.advance(8 * HOUR_MS);
    assert!(rig.lent().is_empty());
    rig.go(AppState::Active);
    rig.platform.desk(&rig.life().unwrap()).cancel();
    rig.go(AppState::Background);
    rig.advance(48 * HOUR_MS);
    assert!(rig.lent().is_empty());
    assert_eq!(rig.world.next_event_ms(), None, "nothing polls");
}

#[test]
fn an_iphone_waits_for_the_charger_and_the_network_if_asked_to() {
    // rule P6
    let rig = left(1, Profile::Ios);
    rig.set(|now| (now.charging, now.network) = (false, Network::None));
    rig.ask(0, |request| {
        request.constraints.charging = true;
        request.constraints.network = true;
    });
    rig.advance(24 * HOUR_MS);
    rig.set(|now| now.charging = true);
    rig.advance(HOUR_MS);
    assert!(rig.lent().is_empty());
    rig.set(|now| now.network = Network::Cellular);
    assert_eq!(rig.lent().len(), 1);
}

#[test]
fn a_watch_lends_four_wakes_an_hour_fifteen_minutes_apart() {
    // rule P8
    let rig = left(5, Profile::Watch);
    for minute in 0..24 * 60 {
        if minute % 3 == 0 {
            rig.platform.ask_for("maps");
            rig.platform.ask_for("music");
        }
        rig.advance(MINUTE_MS);
    }
    let mut wakes = rig.lent();
    assert!(wakes.len() > 100, "it is lent something");
    // Both sessions are called in one wake.
    wakes.dedup();
    for pair in wakes.windows(2) {
        assert!(pair[1] - pair[0] >= 15 * MINUTE_MS);
    }
    for five in wakes.windows(5) {
        assert!(five[4] - five[0] >= HOUR_MS);
    }
    assert_eq!(rig.broken(), Vec::<&str>::new());
}

#[test]
fn a_watch_gives_fifteen_seconds_and_two_minutes_in_front() {
    // rule W3, W1
    let rig = Rig::new(1, Profile::Watch);
    rig.go(AppState::Active);
    rig.go(AppState::Frontmost);
    rig.advance(2 * MINUTE_MS - 1);
    assert_eq!(rig.app(), AppState::Frontmost);
    rig.advance(1);
    assert_eq!(rig.app(), AppState::Background);
    rig.advance(MINUTE_MS);
    rig.completes_after(Some(15_001));
    rig.platform.ask_for("maps");
    rig.advance(MINUTE_MS);
    assert_eq!(rig.broken(), ["W3"]);
}

#[test]
fn nothing_wakes_an_app_that_the_user_has_quit() {
    // rule W6
    for profile in [Profile::Ios, Profile::Watch, Profile::Android] {
        let rig = left(1, profile);
        rig.ask(HOUR_MS, |_| {});
        rig.platform.ask_for("maps");
        rig.force_quit();
        rig.platform.ask_for("maps");
        rig.advance(24 * HOUR_MS);
        assert!(rig.lent().is_empty(), "{profile:?}");
        rig.go(AppState::Active);
        rig.go(AppState::Background);
        rig.advance(24 * HOUR_MS);
        let forgets = profile == Profile::Android;
        assert_eq!(rig.lent().is_empty(), forgets, "{profile:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_wakes() {
    // rule P6
    let run = |seed| {
        let rig = left(seed, Profile::Ios);
        for hour in 0..48 {
            rig.platform.ask_for("maps");
            if hour % 5 == 0 {
                rig.go(AppState::Active);
                rig.ask(HOUR_MS, |_| {});
                rig.go(AppState::Background);
            }
            rig.advance(HOUR_MS + Duration::from_secs(7).as_millis() as i64);
        }
        rig.world.trace()
    };
    assert_eq!(run(11), run(11));
    assert_ne!(run(11), run(12));
    let lends = |what: &What| matches!(what, What::WakeLent { .. });
    assert!(run(11).entries().iter().filter(|e| lends(&e.what)).count() > 48);
}
