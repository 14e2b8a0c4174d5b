//! Random histories: commands, transfers, conditions, clocks, a slow store and crashes, in any
//! order. A seed makes the whole history; it is printed when a promise is broken.

mod history;
mod promises;

use history::History;

/// Histories explored in the ordinary run.
const SEEDS: u64 = 2_000;
/// How many of them are run twice.
const REPEATED: u64 = 200;

fn explore(seed: u64) -> Vec<String> {
    let mut history = History::new(seed);
    history.run();
    history.calm_down();
    std::mem::take(&mut history.world.log)
}

/// Says which seed it was when a promise is broken.
struct PrintSeed(u64);

impl Drop for PrintSeed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the history is that of seed {}", self.0);
        }
    }
}

#[test]
fn no_history_breaks_a_promise() {
    // rule S7, D4, L, P1, P2, P6: nothing lost, nothing twice, nothing stuck
    for seed in 0..SEEDS {
        let _print = PrintSeed(seed);
        explore(seed);
    }
}

#[test]
fn the_same_seed_gives_the_same_history() {
    for seed in 0..REPEATED {
        let _print = PrintSeed(seed);
        assert_eq!(explore(seed), explore(seed));
    }
}
