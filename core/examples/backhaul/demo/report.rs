//! The closing table: every file judged by its digest, and every byte that was sent accounted for.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::demo::files::{Expected, Files};
use crate::demo::watch::{Restart, Watch};
use crate::exit::Outcome;
use crate::out::{Colour, Out};
use crate::text;

/// Bytes read at a time.
const STEP_BYTES: usize = 256 * 1024;

/// How it went. Its form is that of `demo --json`.
#[derive(Debug, Serialize)]
pub struct Report {
    files: usize,
    right: usize,
    bytes: u64,
    sent: u64,
    downloaded_again: u64,
    /// Of those, what was thrown away because the server gave no choice.
    discarded: u64,
    kills: usize,
    restarted: Vec<Restart>,
    seconds: f64,
    #[serde(skip)]
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    bytes: u64,
    trouble: &'static str,
    is_right: bool,
}

impl Report {
    /// Judges what lies in `folder`.
    pub fn new(
        folder: &Path,
        files: &Files,
        watch: &Watch,
        kills: usize,
        took: Duration,
    ) -> Outcome<Report> {
        let judge = |file: &Expected| Row {
            name: file.name,
            bytes: file.object.len(),
            trouble: file.trouble,
            is_right: sha256(&folder.join(file.name))
                .is_ok_and(|found| found == file.object.sha256()),
        };
        let rows: Vec<Row> = files.expected().iter().map(judge).collect();
        let (bytes, sent) = (files.total_bytes(), files.sent_bytes());
        let restarted = watch.restarts().clone();
        let downloaded_again = sent.saturating_sub(bytes);
        let discarded = restarted
            .iter()
            .map(|restart| restart.discarded)
            .sum::<u64>();
        Ok(Report {
            files: rows.len(),
            right: rows.iter().filter(|row| row.is_right).count(),
            bytes,
            sent,
            downloaded_again,
            discarded: discarded.min(downloaded_again),
            kills,
            restarted,
            seconds: took.as_secs_f64(),
            rows,
        })
    }

    /// Whether every file is right.
    pub fn is_right(&self) -> bool {
        self.right == self.files
    }

    /// The table, or one JSON object.
    pub fn print(&self, json: bool) {
        let out = Out::new();
        if json {
            // A plain struct always has a JSON form.
            out.line(serde_json::to_string(self).unwrap_or_default());
        } else {
            self.lines(&out).iter().for_each(|line| {
                out.line(line);
            });
        }
    }

    fn lines(&self, out: &Out) -> Vec<String> {
        let mut lines = vec![String::new()];
        for row in &self.rows {
            let (name, bytes, trouble) = (row.name, text::bytes(row.bytes), row.trouble);
            let digest = match row.is_right {
                true => out.paint(Colour::Green, "SHA-256 right"),
                false => out.paint(Colour::Red, "SHA-256 WRONG"),
            };
            lines.push(
                format!("  {name:<11} {bytes:>10}  {digest}  {trouble}")
                    .trim_end()
                    .to_owned(),
            );
        }
        let percent =
            |part: u64| format!("{} ({:.1} %)", text::bytes(part), percent(part, self.bytes));
        let mut say = |name: &str, value: String| lines.push(format!("  {name:<36} {value}"));
        say("", String::new());
        say("files right", format!("{} of {}", self.right, self.files));
        say("bytes of all files", text::bytes(self.bytes));
        say("bytes that the server sent", text::bytes(self.sent));
        say("downloaded again", percent(self.downloaded_again));
        say(
            "  because the server left no choice",
            percent(self.discarded),
        );
        say(
            "  because of the kills and faults",
            percent(self.downloaded_again - self.discarded),
        );
        say("kills (-9)", self.kills.to_string());
        for restart in &self.restarted {
            let Restart {
                file,
                reason,
                times,
                discarded,
            } = restart;
            let bytes = text::bytes(*discarded);
            say(
                "restarted",
                format!("{file}: {reason} ({times} ×, {bytes})"),
            );
        }
        say("seconds", format!("{:.1}", self.seconds));
        lines
            .iter()
            .map(|line| line.trim_end().to_owned())
            .collect()
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / whole.max(1) as f64
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut step = vec![0; STEP_BYTES];
    loop {
        match file.read(&mut step)? {
            0 => break,
            read => hash.update(&step[..read]),
        }
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_judged_by_its_digest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, b"abc").unwrap();
        let right = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&path).unwrap(), right);
        assert!(sha256(&folder.path().join("missing")).is_err());
    }

    #[test]
    fn one_wrong_file_makes_it_wrong() {
        let mut report = Report {
            files: 2,
            right: 2,
            bytes: 200,
            sent: 230,
            downloaded_again: 30,
            discarded: 10,
            kills: 2,
            restarted: Vec::new(),
            seconds: 1.0,
            rows: Vec::new(),
        };
        assert!(report.is_right());
        assert!(
            report
                .lines(&Out::new())
                .iter()
                .any(|line| line.contains("15.0 %"))
        );
        report.right = 1;
        assert!(!report.is_right());
    }
}
