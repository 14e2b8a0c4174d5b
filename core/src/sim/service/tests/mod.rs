//! The service's rules, one by one.

mod rig;

use rig::{Phone, URL, id};

use crate::conditions::{AppState, Network};
use crate::error::ErrorKind;
use crate::sim::lender::Host;
use crate::sim::lender::tests::rig::{HOUR_MS, MINUTE_MS};
use crate::sim::net::{Fault, Object, Ranges, Validators};
use crate::sim::trace::What;

#[test]
fn a_transfer_goes_on_without_the_app_and_a_later_process_hears_its_end() {
    // rule S7, W5
    let phone = Phone::asleep(1, false);
    phone.rig.go(AppState::Active);
    phone.start(id(1, 1));
    phone.rig.advance(20_000);
    phone.rig.kill("crashed");
    phone.rig.advance(HOUR_MS);
    assert!(phone.ends().is_empty());
    assert_eq!(phone.service.running(), 0);
    phone.rig.go(AppState::Active);
    phone.rig.advance(1_000);
    assert_eq!(phone.ends(), [(id(1, 1), Ok(200))]);
    assert!(phone.net.ever_was(URL, &phone.file()));
    phone.rig.kill("killed");
    phone.rig.go(AppState::Active);
    phone.rig.advance(HOUR_MS);
    assert_eq!(phone.ends().len(), 1, "it is said once");
}

#[test]
fn what_ended_is_listed_until_it_was_told() {
    // rule W5
    let mut lists = Vec::new();
    for seed in 0..20 {
        let phone = Phone::asleep(seed, false);
        phone.rig.go(AppState::Active);
        phone.start(id(1, 1));
        phone.rig.advance(1_000);
        phone.rig.kill("crashed");
        phone.rig.advance(HOUR_MS);
        phone.rig.go(AppState::Active);
        phone.rig.advance(1_000);
        assert_eq!(phone.ends().len(), 1);
        lists.push(phone.ear.lists.lock().unwrap().last().unwrap().len());
    }
    assert!(lists.contains(&0) && lists.contains(&1), "in either order");
}

#[test]
fn progress_is_told_only_to_an_app_that_runs() {
    // rule S6
    let phone = Phone::new(2);
    phone.start(id(1, 1));
    phone.rig.advance(30_000);
    let seen = phone.progress().len();
    assert!(seen > 3);
    phone.rig.move_to(AppState::Suspended);
    phone.rig.advance(40_000);
    assert_eq!(phone.progress().len(), seen);
    phone.rig.go(AppState::Active);
    phone.rig.advance(10_000);
    assert!(phone.progress().len() > seen);
}

#[test]
fn the_app_is_woken_once_when_all_of_a_session_has_ended() {
    // rule W2
    let phone = Phone::new(3);
    phone
        .net
        .serve("https://maps.example/large", Object::new(40_000_000));
    (1..=3).for_each(|task| phone.start(id(task, 1)));
    phone.start_with(id(4, 1), |transfer| {
        transfer.url = "https://maps.example/large".parse().unwrap();
    });
    phone.rig.go(AppState::Background);
    phone.rig.advance(MINUTE_MS);
    phone.rig.kill("killed");
    phone.rig.advance(HOUR_MS);
    assert_eq!(phone.rig.lent().len(), 1);
    let finished = |what: &What| {
        matches!(
            what,
            What::Stopped {
                how: "finished",
                ..
            }
        )
    };
    let last = phone.rig.times(finished).into_iter().max().unwrap();
    assert!(phone.rig.lent()[0] > last);
    assert_eq!(phone.ends().len(), 4);
}

#[test]
fn one_that_needs_authentication_waits_for_no_other() {
    // rule W2, H4
    let phone = Phone::new(3);
    phone
        .net
        .serve("https://maps.example/large", Object::new(4_000_000_000));
    phone.start_with(id(4, 1), |transfer| {
        transfer.url = "https://maps.example/large".parse().unwrap();
    });
    let (status, retry_after) = (401, None);
    phone.net.fault(
        URL,
        Fault::Status {
            status,
            retry_after,
        },
    );
    phone.start(id(1, 1));
    phone.rig.move_to(AppState::Suspended);
    phone.rig.advance(5 * MINUTE_MS);
    assert_eq!(phone.rig.lent().len(), 1);
    assert_eq!(phone.ends(), [(id(1, 1), Ok(401))]);
    assert_eq!(phone.service.running(), 1);
}

#[test]
fn without_launch_events_nothing_wakes_the_app() {
    // rule W2
    let phone = Phone::asleep(3, false);
    phone.rig.go(AppState::Active);
    phone.start(id(1, 1));
    phone.rig.kill("killed");
    phone.rig.advance(24 * HOUR_MS);
    assert!(phone.rig.lent().is_empty());
}

#[test]
fn work_created_in_the_background_waits_and_is_discretionary() {
    // rule P5
    for seed in 0..10 {
        let phone = Phone::new(seed);
        phone.rig.move_to(AppState::Suspended);
        phone.rig.platform.ask_for("another");
        phone.rig.completes_after(None);
        while phone.rig.lent().is_empty() {
            phone.rig.advance(1_000);
        }
        phone.rig.set(|now| now.charging = false);
        let made_at = phone.rig.world.elapsed_ms();
        phone.start(id(1, 1));
        phone.rig.advance(20_000);
        phone.rig.kill("killed");
        phone.rig.advance(24 * HOUR_MS);
        assert_eq!(phone.service.running(), 1, "not on battery");
        phone.rig.set(|now| now.charging = true);
        phone.rig.advance(24 * HOUR_MS);
        assert_eq!(phone.service.running(), 0);
        let begun = phone.rig.times(|what| matches!(what, What::Started { .. }));
        assert!(begun[0] >= made_at + MINUTE_MS);
    }
}

#[test]
fn the_window_is_bounded() {
    // rule P9
    let phone = Phone::new(1);
    (1..=100).for_each(|task| phone.start(id(task, 1)));
    phone.start(id(7, 1));
    assert!(phone.rig.broken().is_empty());
    phone.start(id(101, 1));
    assert_eq!(phone.rig.broken(), ["P9"]);
}

#[test]
fn it_goes_on_by_itself_and_never_splices() {
    // rule R9
    let kinds = [
        (Validators::Strong, Ranges::Honoured),
        (Validators::Strong, Ranges::Unchecked),
        (Validators::Strong, Ranges::NotIfRange),
        (Validators::Weak, Ranges::Unchecked),
        (Validators::LastModified, Ranges::Honoured),
        (Validators::LastModified, Ranges::Unchecked),
        (Validators::None, Ranges::Ignored),
        (Validators::Fickle, Ranges::Unchecked),
    ];
    let mut resumed = 0;
    for seed in 0..40 {
        let phone = Phone::new(seed);
        let (validators, ranges) = kinds[seed as usize % kinds.len()];
        let object = Object::new(10_000_000)
            .validators(validators)
            .ranges(ranges);
        phone.net.serve(URL, object);
        phone.net.loss(0.5);
        let mut attempt = 1;
        phone.start(id(1, attempt));
        while !matches!(phone.ends().last(), Some((_, Ok(_)))) {
            phone.rig.advance(30_000);
            if phone.ends().len() as u32 == attempt && phone.ends()[attempt as usize - 1].1.is_err()
            {
                attempt += 1;
                phone.start(id(1, attempt));
            }
            if seed % 2 == 0 && phone.rig.world.elapsed_ms() < 5 * MINUTE_MS {
                phone.net.change(URL);
            }
        }
        let file = phone.file();
        assert!(phone.net.ever_was(URL, &file), "seed {seed}: {file:?}");
        let events = phone.ear.events.lock().unwrap();
        resumed += events
            .iter()
            .filter(|(_, event)| {
                use crate::transport::TransferEvent::Responded;
                matches!(event, Responded { offset, .. } if *offset > 0)
            })
            .count();
    }
    assert!(resumed > 0, "some went on from where they were");
}

#[test]
fn a_body_that_ends_early_is_sometimes_taken_for_whole_but_never_mixed() {
    // rule R8
    let (mut short, mut whole) = (0, 0);
    for seed in 0..20 {
        let phone = Phone::new(seed);
        let after_bytes = 3_000_000;
        phone
            .net
            .fault_times(URL, Fault::Truncated { after_bytes }, 1);
        phone.start(id(1, 1));
        phone.until_ended(1);
        if phone.ends()[0].1.is_ok() {
            let file = phone.file();
            assert!(!file.is_spliced());
            if file.len() == after_bytes {
                short += 1;
            } else {
                assert!(phone.net.ever_was(URL, &file));
                whole += 1;
            }
        }
    }
    assert!(short > 0 && whole > 0, "{short} {whole}");
}

#[test]
fn the_page_of_an_error_comes_as_a_file_with_its_status() {
    // rule H5
    for status in [404, 503] {
        let phone = Phone::new(1);
        let retry_after = None;
        phone.net.fault(
            URL,
            Fault::Status {
                status,
                retry_after,
            },
        );
        phone.start(id(1, 1));
        phone.until_ended(1);
        assert_eq!(phone.ends(), [(id(1, 1), Ok(status))]);
        assert!(!phone.net.ever_was(URL, &phone.file()));
    }
}

#[test]
fn force_quit_cancels_everything_and_tells_the_next_launch_or_not() {
    // rule W6
    let (mut told, mut untold) = (0, 0);
    for seed in 0..10 {
        let phone = Phone::new(seed);
        phone.start(id(1, 1));
        phone.start(id(2, 1));
        phone.rig.advance(10_000);
        phone.rig.force_quit();
        assert_eq!(phone.service.running(), 0);
        phone.rig.advance(24 * HOUR_MS);
        assert!(phone.rig.lent().is_empty());
        phone.rig.go(AppState::Active);
        phone.rig.advance(1_000);
        told += phone.ends().len();
        untold += 2 - phone.ends().len();
        for (_, end) in phone.ends() {
            assert_eq!(end, Err(Some(ErrorKind::UserForceQuit)));
        }
        phone.rig.advance(HOUR_MS);
        assert_eq!(phone.service.running(), 0);
    }
    assert!(told > 0 && untold > 0);
}

#[test]
fn a_reboot_breaks_connections_and_nothing_else() {
    // rule S7
    let phone = Phone::new(4);
    phone.start(id(1, 1));
    phone.rig.advance(30_000);
    phone.rig.kill("killed");
    phone.rig.world.reboot();
    phone.service.rebooted();
    assert_eq!(phone.service.running(), 1);
    phone.rig.advance(HOUR_MS);
    assert_eq!(phone.service.running(), 0);
    assert!(phone.net.ever_was(URL, &phone.file()));
}

#[test]
fn a_dead_apps_transfer_keeps_to_what_the_app_allowed() {
    // rule P2
    let phone = Phone::new(4);
    phone.start_with(id(1, 1), |transfer| transfer.allows_cellular = false);
    phone.start_with(id(2, 1), |transfer| transfer.is_discretionary = true);
    phone.start(id(3, 1));
    phone.rig.advance(10_000);
    phone.rig.kill("killed");
    phone.net.set_link(Network::Cellular);
    phone.rig.set(|now| now.network = Network::Cellular);
    phone.rig.advance(24 * HOUR_MS);
    assert_eq!(phone.service.running(), 2);
    assert_eq!(phone.net.connections(), 0);
    phone.net.set_link(Network::Wifi);
    phone.rig.set(|now| now.network = Network::Wifi);
    phone.rig.advance(HOUR_MS);
    assert_eq!(phone.service.running(), 0);
}

#[test]
fn without_a_network_it_waits_and_arms_no_timer() {
    // rule P6
    let phone = Phone::new(4);
    phone.net.set_link(Network::None);
    phone.rig.set(|now| now.network = Network::None);
    phone.start(id(1, 1));
    phone.rig.advance(HOUR_MS);
    assert_eq!(phone.rig.world.next_event_ms(), None);
}

#[test]
fn what_was_stopped_goes_on_in_the_next_attempt() {
    // rule P2, R1
    let phone = Phone::new(4);
    phone.start(id(1, 1));
    phone.rig.advance(50_000);
    phone.transport().stop(id(1, 1));
    phone.transport().stop(id(9, 1));
    phone.rig.advance(1_000);
    let mut answers = phone.ends();
    answers.sort_by_key(|(id, _)| *id);
    assert_eq!(answers, [(id(1, 1), Err(None)), (id(9, 1), Err(None))]);
    let here = *phone.progress().last().unwrap();
    assert!(here > 1_000_000);
    phone.start(id(1, 2));
    phone.until_ended(3);
    assert_eq!(phone.ends()[2], (id(1, 2), Ok(206)));
    assert!(phone.progress().iter().all(|received| *received > 0));
    assert!(phone.net.ever_was(URL, &phone.file()));
}

#[test]
fn a_dead_process_starts_and_stops_nothing() {
    // rule S7
    let phone = Phone::new(4);
    phone.start(id(1, 1));
    phone.rig.kill("killed");
    phone.transport().stop(id(1, 1));
    phone.start(id(2, 1));
    assert_eq!(phone.service.running(), 1);
}

#[test]
fn the_same_seed_gives_the_same_transfers() {
    // rule P6
    let run = |seed| {
        let phone = Phone::new(seed);
        phone.net.loss(0.3);
        (1..=20).for_each(|task| phone.start(id(task, 1)));
        phone.rig.go(AppState::Background);
        phone.rig.advance(4 * HOUR_MS);
        assert_eq!(phone.rig.broken(), Vec::<&str>::new());
        phone.rig.world.trace()
    };
    assert_eq!(run(21), run(21));
    assert_ne!(run(21), run(22));
}
