//! What a call costs in Swift.

use crate::Failure;
use crate::crossings::crossings;
use crate::row::{Row, Target};
use crate::workbench::{Workbench, text};

const CALL_LIMIT_US: f64 = 2.0;

/// A call into the library, and a delegate that is told.
pub fn in_swift(bench: &Workbench) -> Result<Vec<Row>, Failure> {
    let limit = Target::AtMost(CALL_LIMIT_US);
    let kinds = [
        ("call_us", "Swift, a call into the library", limit),
        (
            "delegate_us",
            "Swift, a delegate told of a task",
            Target::None,
        ),
    ];
    crossings(bench, kinds, |place| bench.swift(&text(place)))
}
