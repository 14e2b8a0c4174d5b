//! One request for all sessions, and only when it changed.

use super::*;
use crate::engine::policy::Needs;
use std::time::Duration;

const HOUR_MS: i64 = 60 * 60 * 1000;
const MINUTE_MS: i64 = 60 * 1000;
const NOW: Moment = Moment {
    wall_ms: 1_700_000_000_000,
    uptime_ms: 5_000_000,
    boot: 3,
};

fn in_ms(delay_ms: i64) -> Moment {
    NOW.plus_ms(delay_ms)
}

fn want(delay_ms: i64, needs: Needs) -> NextWake {
    NextWake {
        at: in_ms(delay_ms),
        latest: None,
        needs: needs.bits(),
    }
}

fn merged(wants: &[NextWake]) -> Option<WakeRequest> {
    merge(wants.iter(), NOW, NOW)
}

/// A platform that writes down what it is asked for.
#[derive(Default)]
struct Platform(Mutex<Vec<Option<WakeRequest>>>);

impl WakeScheduler for Platform {
    fn schedule(&self, request: WakeRequest) {
        self.0.lock().unwrap().push(Some(request));
    }
    fn cancel(&self) {
        self.0.lock().unwrap().push(None);
    }
}

impl Platform {
    fn asked(&self) -> Vec<Option<WakeRequest>> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn desk() -> (WakeDesk, Arc<Platform>) {
    let (desk, platform) = (WakeDesk::default(), Arc::new(Platform::default()));
    desk.open(Arc::clone(&platform) as Arc<dyn WakeScheduler>);
    (desk, platform)
}

#[test]
fn nothing_waits_so_nothing_is_asked_for() {
    // rule P6
    assert_eq!(merged(&[]), None);
}

#[test]
fn a_charger_now_or_any_network_in_an_hour() {
    // rule P6
    let request = merged(&[
        want(0, Needs::NETWORK | Needs::EASE),
        want(HOUR_MS, Needs::NETWORK),
    ])
    .unwrap();
    assert_eq!(request.at, NOW.system_time());
    assert!(request.constraints.charging && request.constraints.unmetered);
    let latest = request.latest.unwrap();
    assert_eq!(latest, in_ms(HOUR_MS).system_time(), "the other can go on");
}

#[test]
fn what_needs_more_comes_along_with_what_needs_less() {
    // rule P6
    let request = merged(&[
        want(0, Needs::NETWORK),
        want(0, Needs::NETWORK | Needs::NOT_CELLULAR),
        want(HOUR_MS, Needs::NETWORK),
    ])
    .unwrap();
    assert!(request.constraints.network && !request.constraints.not_cellular);
    assert_eq!(request.latest, None);
}

#[test]
fn needs_that_no_request_can_name_together_are_looked_at_again() {
    // rule P6
    let request = merged(&[
        want(0, Needs::NETWORK | Needs::NOT_CELLULAR),
        want(0, Needs::EASE),
    ])
    .unwrap();
    let again = in_ms(MIXED_RECHECK_MS).system_time();
    assert_eq!(request.latest, Some(again));
}

#[test]
fn the_first_deadline_of_all_counts() {
    // rule P6
    let mut wants = [want(0, Needs::EASE), want(MINUTE_MS, Needs::EASE)];
    wants[0].latest = Some(in_ms(5 * HOUR_MS));
    wants[1].latest = Some(in_ms(2 * HOUR_MS));
    let latest = merged(&wants).unwrap().latest;
    assert_eq!(latest, Some(in_ms(2 * HOUR_MS).system_time()));
}

#[test]
fn the_platform_is_asked_only_when_something_changed() {
    // rule P6
    let (desk, platform) = desk();
    let (maps, books) = (SessionKey(1), SessionKey(2));
    desk.want(maps, None, NOW);
    assert_eq!(platform.asked(), [], "nothing was asked for before");
    desk.want(maps, Some(want(HOUR_MS, Needs::NETWORK)), NOW);
    desk.want(books, Some(want(2 * HOUR_MS, Needs::NETWORK)), NOW);
    desk.want(books, Some(want(3 * HOUR_MS, Needs::NETWORK)), NOW);
    let asked = platform.asked();
    assert_eq!(asked.len(), 1, "the second session changes nothing");
    assert_eq!(desk.next(), asked[0].map(|request| request.at));
    desk.want(maps, None, NOW);
    assert_eq!(platform.asked().len(), 1);
    desk.want(books, None, NOW);
    assert_eq!(platform.asked(), [None]);
    desk.want(books, None, NOW);
    assert_eq!(platform.asked(), []);
}

#[test]
fn a_request_that_was_used_up_is_made_again() {
    // rule P6
    let (desk, platform) = desk();
    desk.want(SessionKey(1), Some(want(0, Needs::NETWORK)), NOW);
    assert_eq!(platform.asked().len(), 1);
    assert_eq!(desk.woke(NOW), None, "only a watch counts wakes");
    desk.wake_is_over(in_ms(MINUTE_MS));
    assert_eq!(platform.asked().len(), 1);
}

#[test]
fn wakes_that_come_to_nothing_come_rarer() {
    // rule P6: a server that is down costs no wake every half minute
    let (desk, platform) = desk();
    let mut now = NOW;
    let mut pauses = Vec::new();
    for _ in 0..10 {
        desk.woke(now);
        let want = NextWake {
            at: now.plus_ms(30_000),
            ..want(0, Needs::NETWORK)
        };
        desk.want(SessionKey(1), Some(want), now);
        desk.wake_is_over(now);
        let asked = platform.asked().last().copied().flatten().unwrap().at;
        let pause = asked.duration_since(now.system_time()).unwrap();
        pauses.push(pause.as_secs());
        now = now.plus_ms(i64::try_from(pause.as_millis()).unwrap());
    }
    assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    desk.was_useful();
    desk.woke(now);
    desk.wake_is_over(now);
    let asked = platform.asked().last().copied().flatten().unwrap().at;
    assert!(asked <= now.plus_ms(30_000).system_time(), "bytes came");
}

#[test]
fn a_watch_is_asked_for_no_more_than_its_wakes() {
    // rule P8
    let (desk, platform) = desk();
    desk.keep_to(vec![NOW], NOW);
    desk.want(SessionKey(1), Some(want(0, Needs::NETWORK)), NOW);
    let first = platform.asked()[0].unwrap();
    let quarter = NOW.system_time() + Duration::from_secs(15 * 60);
    assert_eq!(first.at, quarter);
    let woke = in_ms(15 * MINUTE_MS);
    assert_eq!(desk.woke(woke), Some(vec![NOW, woke]), "it is remembered");
    assert_eq!(desk.woke(woke), None, "once");
    desk.wake_is_over(woke);
    let next = platform.asked()[0].unwrap();
    assert_eq!(next.at, quarter + Duration::from_secs(15 * 60));
}

#[test]
fn a_desk_lives_as_long_as_somebody_sits_at_it() {
    let desks = Desks::default();
    let first = desks.of(Path::new("/a"));
    assert!(Arc::ptr_eq(&first, &desks.of(Path::new("/a"))));
    assert!(!Arc::ptr_eq(&first, &desks.of(Path::new("/b"))));
    drop(first);
    desks.of(Path::new("/b"));
    assert_eq!(desks.0.lock().unwrap().len(), 1);
}
