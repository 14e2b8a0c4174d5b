//! Chance that can be had again.

/// Names a seed to run again.
const VARIABLE: &str = "BACKHAUL_SEED";

/// A generator for the test called `test`: from the seed in `BACKHAUL_SEED`, else from a new one.
/// The seed is printed, so that a failure shows it.
///
/// # Panics
/// If the variable is not a number.
pub fn generator(test: &str) -> fastrand::Rng {
    let seed = std::env::var(VARIABLE).map_or_else(
        |_| fastrand::u64(..),
        |text| text.parse().expect("BACKHAUL_SEED is a number"),
    );
    println!("{test}: {VARIABLE}={seed}");
    fastrand::Rng::with_seed(seed)
}
