//! The table for people, and the JSON for programs.

use crate::arguments::Arguments;
use crate::row::{Row, Target, Unit};
use serde_json::{Value, json};

const HEADINGS: [&str; 7] = ["what", "ours", "peer", "", "ratio", "target", "ok?"];

/// The table, with a line about how it was made.
pub fn table(arguments: &Arguments, rows: &[Row]) -> String {
    let mut lines = vec![HEADINGS.map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    let widths: Vec<usize> = (0..HEADINGS.len())
        .map(|column| lines.iter().map(|line| width(&line[column])).max())
        .map(Option::unwrap_or_default)
        .collect();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        if number == 1 {
            text.push_str(&"-".repeat(widths.iter().sum::<usize>() + 2 * widths.len() - 2));
            text.push('\n');
        }
        text.push_str(laid_out(line, &widths).trim_end());
        text.push('\n');
    }
    for row in rows {
        if let Some(why) = &row.not_run {
            text.push_str(&format!("NOT RUN: {}: {why}\n", row.what));
        }
    }
    text.push_str(&format!(
        "Medians of {} rounds, all contestants in turn in each; MB are 1,000,000 bytes.{}\n",
        arguments.rounds(),
        if arguments.quick {
            " Quick: smaller sizes than the targets are for."
        } else {
            ""
        }
    ));
    text
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Names to the left, numbers to the right.
fn laid_out(cells: &[String; 7], widths: &[usize]) -> String {
    let columns = cells.iter().zip(widths).enumerate();
    let padded = columns.map(|(column, (cell, &width))| match column {
        0 | 3 | 6 => format!("{cell:<width$}"),
        _ => format!("{cell:>width$}"),
    });
    padded.collect::<Vec<_>>().join("  ")
}

fn cells(row: &Row) -> [String; 7] {
    let show = |number: Option<f64>| number.map_or(String::new(), |number| row.unit.show(number));
    let peer_name = row.peer.as_ref().map(|(name, _)| name.clone());
    [
        row.what.clone(),
        show(row.median()),
        show(row.peer_median()),
        peer_name.unwrap_or_default(),
        row.ratio()
            .map_or(String::new(), |ratio| format!("{ratio:.2}")),
        target(row.unit, row.target),
        verdict(row).to_owned(),
    ]
}

fn verdict(row: &Row) -> &'static str {
    match (row.ok(), row.target) {
        (Some(true), _) => "yes",
        (Some(false), _) => "NO",
        (None, Target::None) if row.not_run.is_none() => "",
        (None, _) => "not run",
    }
}

fn target(unit: Unit, target: Target) -> String {
    match target {
        Target::None => String::new(),
        Target::RatioAtMost(limit) => format!("≤ {limit:.2} ×"),
        Target::AtMost(limit) => format!("≤ {}", unit.show(limit)),
        Target::AtLeast(limit) => format!("≥ {}", unit.show(limit)),
    }
}

/// Everything, samples included.
pub fn json(arguments: &Arguments, rows: &[Row]) -> Value {
    let rows: Vec<Value> = rows.iter().map(row_json).collect();
    json!({ "rounds": arguments.rounds(), "quick": arguments.quick, "rows": rows })
}

fn row_json(row: &Row) -> Value {
    let (peer, peer_samples) = row.peer.clone().unzip();
    json!({
        "what": row.what,
        "unit": format!("{:?}", row.unit),
        "ours": row.median(),
        "ours_samples": row.ours,
        "peer": peer,
        "peer_value": row.peer_median(),
        "peer_samples": peer_samples,
        "ratio": row.ratio(),
        "target": target(row.unit, row.target),
        "ok": row.ok(),
        "not_run": row.not_run,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[test]
    fn the_table_has_every_row_and_a_verdict() {
        let line = ["bench", "--backhaul", "x", "--dir", "y", "--rounds", "2"];
        let arguments = Arguments::try_parse_from(line).unwrap();
        let raced = Row::alone("large", Unit::Seconds, vec![1.0], Target::RatioAtMost(0.7));
        let rows = [
            raced.beside("curl", vec![2.0]),
            Row::alone("memory", Unit::Megabytes, vec![30.0], Target::AtMost(28.0)),
            Row::not_run("tls", "no nginx"),
        ];
        let table = table(&arguments, &rows);
        let lines: Vec<&str> = table.lines().collect();
        assert!(lines[2].contains("1.000 s  2.000 s  curl   0.50   ≤ 0.70 ×  yes"));
        assert!(lines[3].contains("30.0 MB") && lines[3].ends_with("NO"));
        assert!(lines[4].ends_with("not run"));
        assert_eq!(lines[5], "NOT RUN: tls: no nginx");
        let json = json(&arguments, &rows);
        assert_eq!(json["rows"][0]["ratio"], 0.5);
        assert_eq!(json["rows"][0]["peer"], "curl");
        assert_eq!(json["rows"][1]["ok"], false);
    }
}
