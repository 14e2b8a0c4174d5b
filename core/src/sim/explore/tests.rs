//! Seeds by the thousand: every simulated day keeps every promise.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::mutation::{Mutation, with_broken};

/// Simulated days in the ordinary run.
const SEEDS: u64 = 2_000;
/// How many of them are run twice.
const REPEATED: u64 = 60;

fn profile(seed: u64) -> Profile {
    [Profile::Android, Profile::Ios, Profile::Watch][(seed % 3) as usize]
}

/// Plays these seeds on all cores; a failing one prints itself and its shrunk scenario.
fn explore(seeds: std::ops::Range<u64>) {
    let next = AtomicU64::new(seeds.start);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let outcome = day(seed, 1, profile(seed));
                    if !outcome.broken.is_empty() {
                        next.store(seeds.end, Ordering::Relaxed);
                        let first = format!("{:?}", outcome.broken);
                        let small = shrink(outcome);
                        panic!(
                            "seed {seed} breaks {first}\nshrunk: {:?}\n{}\n{}",
                            small.broken,
                            small.scenario.to_json(),
                            small.trace.to_log()
                        );
                    }
                }
            });
        }
    });
}

/// `BACKHAUL_SEED` repeats one seed.
fn seeds() -> std::ops::Range<u64> {
    match std::env::var("BACKHAUL_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
    {
        Some(seed) => seed..seed + 1,
        None => 0..SEEDS,
    }
}

#[test]
fn no_day_breaks_a_promise() {
    // rule S7, rule S9, rule S10, rule S11, rule D4, rule L1, rule P1, rule P2, rule P6, rule R9, rule W3
    explore(seeds());
}

/// Days in which a broken rule must be noticed.
const NOTICED_WITHIN: u64 = 400;

/// Breaks one rule, and says which promises are then found broken, by the first day that shows it.
fn noticed(mutation: Mutation) -> Option<(&'static str, String)> {
    (0..NOTICED_WITHIN).find_map(|seed| {
        let outcome = with_broken(mutation, || day(seed, 1, profile(seed)));
        outcome.broken.into_iter().next()
    })
}

#[test]
fn every_broken_rule_is_noticed() {
    // rule D4, rule W3, rule R9, rule P1, rule P2: the properties bite
    let cases = [
        (Mutation::SkipJournal, &["D4"][..]),
        (Mutation::CompleteTwice, &["W3"]),
        (Mutation::AppendWhole, &["R9"]),
        (Mutation::ForgetReason, &["P1"]),
        (Mutation::IgnoreCellular, &["P2"]),
    ];
    for (mutation, rules) in cases {
        let found = noticed(mutation);
        let rule = found.as_ref().map(|(rule, _)| *rule);
        assert!(
            rule.is_some_and(|rule| rules.contains(&rule)),
            "{mutation:?}: {found:?}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_log() {
    for seed in 0..REPEATED {
        let log = || day(seed, 1, profile(seed)).trace.to_log();
        assert_eq!(log(), log(), "seed {seed}");
    }
}
