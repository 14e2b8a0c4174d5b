//! One line of the table: a figure of ours, a peer's, what was to be reached.

/// What a figure is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Millions of bytes.
    Megabytes,
    /// Tasks a second.
    PerSecond,
    /// Hundredths.
    Percent,
    /// Times in ten seconds.
    PerTenSeconds,
}

impl Unit {
    /// A number with its unit.
    pub fn show(self, number: f64) -> String {
        match self {
            Unit::Seconds => format!("{number:.3} s"),
            Unit::Milliseconds => format!("{number:.0} ms"),
            Unit::Microseconds => format!("{number:.1} µs"),
            Unit::Megabytes => format!("{number:.1} MB"),
            Unit::PerSecond => format!("{number:.0} /s"),
            Unit::Percent => format!("{number:.2} %"),
            Unit::PerTenSeconds => format!("{number:.1} /10 s"),
        }
    }
}

/// What was to be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// Nothing: it stands beside the others.
    None,
    /// At most so many times the peer's figure.
    RatioAtMost(f64),
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
}

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was measured.
    pub what: String,
    /// What the figures are in.
    pub unit: Unit,
    /// Every sample of ours.
    pub ours: Vec<f64>,
    /// The peer's name and its samples.
    pub peer: Option<(String, Vec<f64>)>,
    /// What was to be reached.
    pub target: Target,
    /// Why nothing was measured.
    pub not_run: Option<String>,
}

impl Row {
    /// A figure that stands alone.
    pub fn alone(what: impl Into<String>, unit: Unit, ours: Vec<f64>, target: Target) -> Self {
        Self {
            what: what.into(),
            unit,
            ours,
            peer: None,
            target,
            not_run: None,
        }
    }

    /// A figure beside a peer's.
    pub fn beside(mut self, peer: &str, samples: Vec<f64>) -> Self {
        self.peer = Some((peer.to_owned(), samples));
        self
    }

    /// What could not be measured.
    pub fn not_run(what: &str, why: &str) -> Self {
        let mut row = Self::alone(what, Unit::Seconds, Vec::new(), Target::None);
        row.not_run = Some(why.to_owned());
        row
    }

    /// The median of ours.
    pub fn median(&self) -> Option<f64> {
        median(&self.ours)
    }

    /// The median of the peer's.
    pub fn peer_median(&self) -> Option<f64> {
        self.peer.as_ref().and_then(|(_, samples)| median(samples))
    }

    /// Our median as a part of the peer's.
    pub fn ratio(&self) -> Option<f64> {
        Some(self.median()? / self.peer_median()?)
    }

    /// Whether the target was reached, if there is one.
    pub fn ok(&self) -> Option<bool> {
        match self.target {
            Target::None => None,
            Target::RatioAtMost(limit) => Some(self.ratio()? <= limit),
            Target::AtMost(limit) => Some(self.median()? <= limit),
            Target::AtLeast(limit) => Some(self.median()? >= limit),
        }
    }
}

/// The middle of the samples, or of the two in the middle.
fn median(samples: &[f64]) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[half]),
        _ => Some((sorted[half - 1] + sorted[half]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[9.0, 1.0, 2.0, 4.0]), Some(3.0));
    }

    #[test]
    fn a_row_is_judged_by_its_medians() {
        let row = |ours: &[f64], target| Row::alone("x", Unit::Seconds, ours.to_vec(), target);
        let raced = row(&[5.0, 6.0, 70.0], Target::RatioAtMost(0.6)).beside("curl", vec![10.0]);
        assert_eq!(raced.ratio(), Some(0.6));
        assert_eq!(raced.ok(), Some(true));
        assert_eq!(row(&[5.0], Target::AtMost(4.9)).ok(), Some(false));
        assert_eq!(row(&[5.0], Target::AtLeast(4.9)).ok(), Some(true));
        assert_eq!(row(&[5.0], Target::None).ok(), None);
        // What was not measured is not reached, nor missed.
        assert_eq!(row(&[], Target::AtMost(1.0)).ok(), None);
        assert_eq!(row(&[1.0], Target::RatioAtMost(1.0)).ok(), None);
    }
}
