//! The timer by hand and for real, and hooks that are real scripts.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

use super::hook::fill;
use super::*;
use crate::conditions::Network;
use crate::wake::WakeConstraints;

const PATIENCE: Duration = Duration::from_secs(30);
const CHARGER: WakeConstraints = WakeConstraints {
    network: false,
    unmetered: false,
    not_cellular: false,
    charging: true,
};

fn at(at: SystemTime, constraints: WakeConstraints) -> WakeRequest {
    WakeRequest {
        at,
        constraints,
        latest: None,
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A script that writes its arguments down, one call a line.
fn script(folder: &Path, name: &str, then: &str) -> String {
    let path = folder.join(name);
    let log = folder.join(format!("{name}.log"));
    let text = format!("#!/bin/sh\necho \"$#:$*\" >> '{}'\n{then}\n", log.display());
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path.display().to_string()
}

fn calls(folder: &Path, name: &str) -> Vec<String> {
    let log = fs::read_to_string(folder.join(format!("{name}.log"))).unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

#[test]
fn the_timer_calls_once_when_the_moment_has_come() {
    // rule P6
    let (sender, receiver) = mpsc::channel();
    let wakes = DesktopWakes::start(move || sender.send(()).unwrap()).unwrap();
    let soon = at(
        SystemTime::now() + Duration::from_millis(20),
        Default::default(),
    );
    wakes.schedule(soon);
    receiver.recv_timeout(PATIENCE).unwrap();
    // The same again is not a new request.
    wakes.schedule(soon);
    drop(wakes);
    assert!(receiver.try_recv().is_err());
}

#[test]
fn the_timer_waits_for_its_constraints_and_calls_when_they_hold() {
    // rule P6
    let (sender, receiver) = mpsc::channel();
    let wakes = DesktopWakes::start(move || sender.send(()).unwrap()).unwrap();
    let on_battery = SystemConditions {
        charging: false,
        ..Default::default()
    };
    wakes.conditions(on_battery);
    wakes.schedule(at(UNIX_EPOCH, CHARGER));
    wakes.conditions(SystemConditions {
        network: Network::Wired,
        ..on_battery
    });
    assert!(receiver.try_recv().is_err());
    wakes.conditions(SystemConditions::default());
    receiver.recv_timeout(PATIENCE).unwrap();
}

#[test]
fn no_timer_is_armed_where_only_a_change_can_help() {
    // rule P6
    let now = UNIX_EPOCH + seconds(1_000_000);
    let mut state = State::default();
    assert_eq!(look(&mut state, now), (false, None));
    state.wanted = Wanted::Wake(at(now, CHARGER));
    state.conditions.charging = false;
    assert_eq!(look(&mut state, now), (false, None));
    // But for a latest moment, at which it calls on anything.
    let latest = now + seconds(30);
    state.wanted = Wanted::Wake(WakeRequest {
        latest: Some(latest),
        ..at(now, CHARGER)
    });
    assert_eq!(look(&mut state, now), (false, Some(seconds(30))));
    assert_eq!(look(&mut state, latest), (true, None));
    assert_eq!(look(&mut state, latest), (false, None));
}

#[test]
fn a_distant_moment_is_looked_at_again_because_clocks_jump() {
    // rule P7
    let now = UNIX_EPOCH + seconds(1_000_000);
    let mut state = State {
        wanted: Wanted::Wake(at(now + seconds(86_400), Default::default())),
        ..Default::default()
    };
    assert_eq!(look(&mut state, now), (false, Some(seconds(60))));
    assert_eq!(look(&mut state, now + seconds(86_401)), (true, None));
}

#[test]
fn placeholders_become_what_is_asked_and_the_rest_stays() {
    // rule P6
    let now = UNIX_EPOCH + seconds(951_782_390);
    let leap = UNIX_EPOCH + Duration::from_millis(951_782_399_001);
    let request = at(leap, CHARGER);
    let fill = |text: &str| fill(text, &request, now);
    assert_eq!(fill("--at={at}"), "--at=2000-02-29T00:00:00Z");
    assert_eq!(fill("@{unix}+{seconds}"), "@951782400+10");
    assert_eq!(fill("{network}{unmetered}{charging}"), "falsefalsetrue");
    assert_eq!(fill("{} {x} {{at} ü{"), "{} {x} {2000-02-29T00:00:00Z ü{");
    let cases = [
        (0, "1970-01-01T00:00:00Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"),
    ];
    for (unix, text) in cases {
        let request = at(UNIX_EPOCH + seconds(unix), CHARGER);
        assert_eq!(super::hook::fill("{at}", &request, now), text);
    }
}

#[test]
fn one_request_stands_with_the_system() {
    // rule P6
    let scratch = TempDir::new().unwrap();
    let folder = scratch.path();
    let wakes = DesktopWakes::start(|| {})
        .unwrap()
        .hook(HookCommand::new(
            script(folder, "ask", ""),
            ["{unix}", "; $(true)", "{charging}"],
        ))
        .cancel_hook(HookCommand::new(script(folder, "drop", ""), ["back"]));
    // Nobody asked yet: what an earlier process asked for stays.
    wakes.leave().unwrap();
    assert_eq!(calls(folder, "drop").len(), 0);

    let moment = UNIX_EPOCH + seconds(4_000_000_000);
    wakes.schedule(at(moment, Default::default()));
    wakes.leave().unwrap();
    assert_eq!(calls(folder, "ask"), ["3:4000000000 ; $(true) false"]);
    wakes.schedule(at(moment + seconds(60), Default::default()));
    wakes.leave().unwrap();
    assert_eq!(calls(folder, "ask").len(), 1);
    wakes.schedule(at(moment + seconds(60), CHARGER));
    wakes.leave().unwrap();
    wakes.schedule(at(moment + seconds(121), CHARGER));
    wakes.leave().unwrap();
    assert_eq!(calls(folder, "ask").len(), 3);
    // Each new one takes the one before back; the first may have had one of an earlier process.
    assert_eq!(calls(folder, "drop").len(), 3);

    wakes.cancel();
    wakes.leave().unwrap();
    wakes.leave().unwrap();
    assert_eq!(calls(folder, "drop").len(), 4);
    wakes.schedule(at(moment, CHARGER));
    drop(wakes);
    assert_eq!(calls(folder, "ask").len(), 4);
}

#[test]
fn a_start_that_would_find_nothing_to_do_is_not_asked_for_at_once() {
    // rule P6
    let now = UNIX_EPOCH + seconds(1_000_000);
    let on_battery = SystemConditions {
        charging: false,
        ..Default::default()
    };
    let past = at(UNIX_EPOCH, CHARGER);
    let asked =
        |request, conditions: &SystemConditions| judge::for_the_hook(request, conditions, now).at;
    assert_eq!(asked(past, &SystemConditions::default()), now + seconds(60));
    assert_eq!(asked(past, &on_battery), now + seconds(15 * 60));
    let urgent = WakeRequest {
        latest: Some(now + seconds(300)),
        ..past
    };
    assert_eq!(asked(urgent, &on_battery), now + seconds(300));
    let later = at(now + seconds(3_600), CHARGER);
    assert_eq!(asked(later, &on_battery), later.at);
}

#[test]
fn a_hook_that_fails_says_so_and_is_tried_again() {
    // rule E3
    let scratch = TempDir::new().unwrap();
    let folder = scratch.path();
    let wakes = DesktopWakes::start(|| {})
        .unwrap()
        .hook(HookCommand::new(script(folder, "ask", "exit 3"), [""; 0]));
    wakes.schedule(at(UNIX_EPOCH + seconds(4_000_000_000), CHARGER));
    for _ in 0..2 {
        let error = wakes.leave().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WakeHook);
        assert!(error.message().contains('3'), "{error}");
    }
    assert_eq!(calls(folder, "ask").len(), 2);

    let missing = HookCommand::new(folder.join("missing"), [""; 0]);
    let request = at(UNIX_EPOCH, CHARGER);
    let error = missing.run(&request, UNIX_EPOCH).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WakeHook);
}

#[test]
fn a_hook_that_hangs_is_ended() {
    // rule P6
    let scratch = TempDir::new().unwrap();
    let hangs = HookCommand::new(script(scratch.path(), "ask", "exec sleep 600"), [""; 0]);
    let request = at(UNIX_EPOCH, CHARGER);
    let limit = Duration::from_millis(200);
    let error = hangs.run_for(&request, UNIX_EPOCH, limit).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WakeHook);
}
