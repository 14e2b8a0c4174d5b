//! What a call into the library takes, and one out of it, as programs in other languages say of themselves.

use crate::Failure;
use crate::measure::measure;
use crate::row::{Row, Target, Unit};
use crate::workbench::Workbench;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// One kind of crossing: its name in what the program prints, its title, and what is wanted of it.
pub type Kind = (&'static str, &'static str, Target);

/// Runs the program that `words` makes for a folder, once a round.
pub fn crossings<const N: usize>(
    bench: &Workbench,
    kinds: [Kind; N],
    words: impl Fn(&Path) -> Result<Vec<String>, Failure>,
) -> Result<Vec<Row>, Failure> {
    let mut samples = kinds.map(|_| Vec::new());
    for _ in 0..bench.rounds {
        let place = bench.place()?;
        measure(&[words(place.path())?], place.path())?;
        let said = said(place.path())?;
        for (figures, (name, ..)) in samples.iter_mut().zip(kinds) {
            figures.push(figure(&said, name)?);
        }
    }
    let rows = kinds.into_iter().zip(samples);
    let row =
        |((_, title, target), figures)| Row::alone(title, Unit::Microseconds, figures, target);
    Ok(rows.map(row).collect())
}

/// The line that a program printed.
pub fn said(place: &Path) -> Result<Value, Failure> {
    Ok(serde_json::from_str(&fs::read_to_string(
        place.join("output"),
    )?)?)
}

/// One number of it.
pub fn figure(said: &Value, name: &str) -> Result<f64, Failure> {
    let number = said[name].as_f64();
    number.ok_or_else(|| format!("{name} is not in {said}").into())
}
