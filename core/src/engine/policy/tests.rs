//! The standard policy, line by line.

use std::time::Duration;

use super::*;
use crate::conditions::{AppState, Network, StandbyBucket, ThermalState};
use crate::task_state::WaitReason;

type Change = fn(&mut SystemConditions);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A task of a background session that is not discretionary, and allows everything.
fn task() -> TaskFacts {
    TaskFacts {
        in_background_session: true,
        waits_for_connectivity: true,
        allows_cellular: true,
        allows_expensive: true,
        allows_constrained: true,
        time_limit: Some(10 * DAY),
        ..TaskFacts::default()
    }
}

fn discretionary(elapsed: Duration) -> TaskFacts {
    TaskFacts {
        is_discretionary: true,
        elapsed,
        ..task()
    }
}

fn reason(task: &TaskFacts, change: impl FnOnce(&mut SystemConditions)) -> Option<WaitReason> {
    let mut now = SystemConditions::default();
    change(&mut now);
    let needs = StandardPolicy.requirements(task).needs;
    needs.blocked_by(StandardPolicy.unmet(&now))
}

#[test]
fn nothing_is_missing_on_a_charger_and_wifi() {
    // rule P1
    assert_eq!(
        StandardPolicy.unmet(&SystemConditions::default()),
        Needs::NONE
    );
}

#[test]
fn every_background_task_waits_for_a_network_and_a_device_that_is_not_too_hot() {
    // rule P1
    let offline = Some(WaitReason::Connectivity);
    assert_eq!(reason(&task(), |now| now.network = Network::None), offline);
    assert_eq!(reason(&task(), |now| now.captive = true), offline);
    let hot = Some(WaitReason::Thermal);
    assert_eq!(
        reason(&task(), |now| now.thermal = ThermalState::Critical),
        hot
    );
    assert_eq!(
        reason(&task(), |now| now.thermal = ThermalState::Serious),
        None
    );
}

#[test]
fn what_request_or_session_forbid_is_waited_out() {
    // rule P1
    let picky = TaskFacts {
        allows_cellular: false,
        allows_expensive: false,
        allows_constrained: false,
        ..task()
    };
    let on = |change: fn(&mut SystemConditions)| (reason(&task(), change), reason(&picky, change));
    let only = |reason| (None, Some(reason));
    assert_eq!(
        on(|now| now.network = Network::Cellular),
        only(WaitReason::CellularNotAllowed)
    );
    assert_eq!(
        on(|now| now.expensive = true),
        only(WaitReason::ExpensiveNotAllowed)
    );
    assert_eq!(
        on(|now| now.constrained = true),
        only(WaitReason::ConstrainedNotAllowed)
    );
}

#[test]
fn data_saver_keeps_apps_behind_others_off_metered_networks() {
    // rule P1
    let saver = |app_state, expensive| {
        reason(&task(), |now| {
            (now.data_saver, now.app_state, now.expensive) = (true, app_state, expensive);
        })
    };
    let waits = Some(WaitReason::ConstrainedNotAllowed);
    assert_eq!(saver(AppState::Background, true), waits);
    assert_eq!(saver(AppState::Background, false), None);
    assert_eq!(saver(AppState::Active, true), None);
}

#[test]
fn protected_files_wait_for_the_device_to_be_unlocked() {
    // rule P1
    let protected = TaskFacts {
        file_protection: FileProtection::Complete,
        ..task()
    };
    let lock = |now: &mut SystemConditions| now.protected_data_available = false;
    assert_eq!(reason(&protected, lock), Some(WaitReason::ProtectedData));
    assert_eq!(reason(&task(), lock), None);
}

#[test]
fn discretionary_work_waits_for_more() {
    // rule P1, rule P4
    let early = discretionary(Duration::ZERO);
    let cases: [(Change, WaitReason); 8] = [
        (|now| now.charging = false, WaitReason::Discretionary),
        (|now| now.expensive = true, WaitReason::Discretionary),
        (
            |now| now.network = Network::Cellular,
            WaitReason::Discretionary,
        ),
        (
            |now| now.constrained = true,
            WaitReason::ConstrainedNotAllowed,
        ),
        (|now| now.low_power = true, WaitReason::LowPower),
        (
            |now| now.thermal = ThermalState::Serious,
            WaitReason::Thermal,
        ),
        (|now| now.storage_low = true, WaitReason::Storage),
        (
            |now| (now.standby_bucket, now.charging) = (StandbyBucket::Rare, false),
            WaitReason::Discretionary,
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(reason(&early, change), Some(expected));
        assert_eq!(reason(&task(), change), None, "the others run");
    }
    assert_eq!(reason(&early, |_| {}), None);
}

#[test]
fn discretionary_work_relaxes_in_steps_and_runs_on_anything_at_the_end() {
    // rule P4
    let battery = |now: &mut SystemConditions| now.charging = false;
    let train = |now: &mut SystemConditions| {
        (now.charging, now.network, now.expensive) = (false, Network::Cellular, true);
    };
    let saving = |now: &mut SystemConditions| {
        (now.charging, now.network, now.expensive) = (false, Network::Cellular, true);
        (now.low_power, now.constrained, now.storage_low) = (true, true, true);
        (now.thermal, now.standby_bucket) = (ThermalState::Serious, StandbyBucket::Restricted);
    };
    // Which of the three it waits in, at which share of its ten days.
    let waits = |days: f64| {
        let now = discretionary(DAY.mul_f64(days));
        [battery, train, saving as fn(&mut SystemConditions)]
            .map(|change| reason(&now, change).is_some())
    };
    assert_eq!(waits(0.0), [true, true, true]);
    assert_eq!(waits(4.999), [true, true, true]);
    assert_eq!(waits(5.0), [false, true, true], "one of the two will do");
    assert_eq!(waits(7.499), [false, true, true]);
    assert_eq!(
        waits(7.5),
        [false, false, true],
        "any network that is allowed"
    );
    assert_eq!(waits(8.999), [false, false, true]);
    assert_eq!(waits(9.0), [false, false, false], "anything");
}

#[test]
fn every_step_names_the_next_one() {
    // rule P4
    let mut elapsed = Duration::ZERO;
    let mut steps = Vec::new();
    while let Some(next) = StandardPolicy
        .requirements(&discretionary(elapsed))
        .relaxes_in
    {
        elapsed += next;
        steps.push(elapsed.as_secs_f64() / DAY.as_secs_f64());
    }
    assert_eq!(steps, [5.0, 7.5, 9.0]);
    assert_eq!(StandardPolicy.requirements(&task()).relaxes_in, None);
}

#[test]
fn a_short_deadline_leaves_no_time_to_be_choosy() {
    // rule P4
    let short = |minutes: u64| TaskFacts {
        time_limit: Some(Duration::from_secs(minutes * 60)),
        ..discretionary(Duration::ZERO)
    };
    let battery = |now: &mut SystemConditions| now.charging = false;
    assert_eq!(reason(&short(15), battery), None);
    assert_eq!(reason(&short(16), battery), Some(WaitReason::Discretionary));
}

#[test]
fn what_is_forbidden_stays_forbidden_to_the_end() {
    // rule P4: on anything allowed
    let picky = TaskFacts {
        allows_cellular: false,
        ..discretionary(10 * DAY)
    };
    let cellular = |now: &mut SystemConditions| now.network = Network::Cellular;
    assert_eq!(
        reason(&picky, cellular),
        Some(WaitReason::CellularNotAllowed)
    );
}

#[test]
fn work_that_was_started_in_the_background_is_limited_until_its_first_attempt() {
    // rule P5
    let new = TaskFacts {
        started_in_background: true,
        ..discretionary(Duration::ZERO)
    };
    let tried = TaskFacts {
        was_attempted: true,
        ..new.clone()
    };
    let is_limited = |task: &TaskFacts| {
        let needs = StandardPolicy.requirements(task).needs;
        needs.blocked_by(Needs::RATE) == Some(WaitReason::LaunchRateLimit)
    };
    assert!(is_limited(&new) && !is_limited(&tried) && !is_limited(&task()));
}

#[test]
fn a_transfer_that_is_large_for_a_watch_waits_for_a_charger_and_wifi() {
    // rule P8
    let budget = WatchBudget {
        small_transfer_limit_bytes: 1_000,
        large_transfers: LargeTransfers::Hold,
    };
    let of = |bytes| TaskFacts {
        watch: Some(budget),
        expected_bytes: bytes,
        ..task()
    };
    let battery = |now: &mut SystemConditions| now.charging = false;
    let cellular = |now: &mut SystemConditions| now.network = Network::Cellular;
    let held = Some(WaitReason::WakeBudget);
    assert_eq!(reason(&of(Some(1_001)), battery), held);
    assert_eq!(reason(&of(Some(1_001)), cellular), held);
    assert_eq!(reason(&of(Some(1_001)), |_| {}), None);
    assert_eq!(reason(&of(Some(1_000)), battery), None);
    assert_eq!(reason(&of(None), battery), None, "nobody knows yet");
}

#[test]
fn a_default_session_does_not_wait() {
    // rule C
    let foreground = TaskFacts {
        in_background_session: false,
        waits_for_connectivity: false,
        ..task()
    };
    assert_eq!(StandardPolicy.requirements(&foreground).needs, Needs::NONE);
}
