//! What happened in a simulated world, in order: the log, and what the plot is drawn from.
//!
//! It must never hold anything that differs between two runs of one seed: no address, no path, no real
//! time. It is bounded, and says so where it stops.

mod text;

use serde::Serialize;

use crate::conditions::{AppState, SystemConditions};
use crate::task_state::WaitReason;

/// Entries that a trace holds: a busy simulated month. What comes later is dropped, and the last
/// entry but the broken promises is [`What::LogFull`].
pub const ENTRIES_LIMIT: usize = 250_000;
/// Broken promises that a full trace still takes: they are what one looks for.
const BROKEN_LIMIT: usize = 1_000;

/// Everything that happened, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    entries: Vec<Entry>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// True time since the world began, in milliseconds: no clock that somebody set.
    pub at_ms: i64,
    /// What it was.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// A process of the app began.
    Launched {
        /// Counts processes from 1.
        process: u64,
    },
    /// The process ended, and how: `killed`, `force_quit`, `crashed`.
    Ended {
        /// Which.
        process: u64,
        /// How.
        how: &'static str,
    },
    /// The power went: what was not synced is gone.
    PowerLost,
    /// The device started again.
    Rebooted,
    /// Somebody set the wall clock.
    ClockSet {
        /// By how much.
        by_ms: i64,
    },
    /// The app went to another state (rule W1).
    App {
        /// Which.
        state: AppState,
    },
    /// The system changed.
    Conditions {
        /// What it is like now.
        conditions: SystemConditions,
    },
    /// An object on a server is another one now.
    ObjectChanged {
        /// Which.
        url: String,
        /// Its number.
        version: u64,
    },
    /// A task was made.
    Created {
        /// Which session.
        session: String,
        /// Which task.
        task: i64,
        /// What it fetches.
        url: String,
    },
    /// A transfer began to move bytes.
    Started {
        /// Which session.
        session: String,
        /// Which task.
        task: i64,
        /// Which attempt.
        attempt: u32,
    },
    /// It stopped, failed or finished.
    Stopped {
        /// Which session.
        session: String,
        /// Which task.
        task: i64,
        /// Which attempt.
        attempt: u32,
        /// `finished`, `stopped`, `failed`, `killed`.
        how: &'static str,
        /// Bytes of the file that are here.
        received: u64,
    },
    /// A task waits.
    Waiting {
        /// Which session.
        session: String,
        /// Which task.
        task: i64,
        /// Why.
        reason: WaitReason,
    },
    /// The delegate was told of a task's end, and returned.
    Delivered {
        /// Which session.
        session: String,
        /// Which task.
        task: i64,
        /// Its number among the task's events (rule D4).
        sequence: i64,
        /// None for a file that arrived; else the kind of the error.
        error: Option<String>,
    },
    /// `did_finish_events_for_background_session`.
    EventsFinished {
        /// Which session.
        session: String,
    },
    /// The app asked for a wake.
    WakeAsked {
        /// True time from which on it is wanted.
        #[serde(rename = "wanted_at_ms")]
        at_ms: i64,
        /// What must hold, in words.
        constraints: String,
    },
    /// The platform lent one.
    WakeLent {
        /// Which ticket.
        ticket: u64,
        /// How long it may take.
        limit_ms: i64,
    },
    /// It was given back.
    WakeCompleted {
        /// Which ticket.
        ticket: u64,
    },
    /// A server behaves otherwise from now on.
    Server {
        /// Its host name.
        host: String,
        /// How, in words.
        text: String,
    },
    /// Somebody else filled the disk, or freed it.
    Disk {
        /// What is left.
        free_bytes: u64,
    },
    /// A line of a scenario, or of the app under test.
    Said {
        /// What.
        text: String,
    },
    /// What a scenario expected is not so.
    Unmet {
        /// Where in the scenario.
        place: String,
        /// What is so instead.
        text: String,
    },
    /// A promise was broken.
    Broken {
        /// Which rule.
        rule: &'static str,
        /// How.
        text: String,
    },
    /// The log ends here although the world went on: [`ENTRIES_LIMIT`].
    LogFull {
        /// The limit.
        entries: usize,
    },
}

impl Trace {
    pub(crate) fn push(&mut self, entry: Entry) {
        let is_broken = matches!(entry.what, What::Broken { .. });
        match self.entries.len() {
            count if count < ENTRIES_LIMIT => self.entries.push(entry),
            ENTRIES_LIMIT => {
                self.entries.push(Entry {
                    at_ms: entry.at_ms,
                    what: What::LogFull {
                        entries: ENTRIES_LIMIT,
                    },
                });
                if is_broken {
                    self.entries.push(entry);
                }
            }
            count if is_broken && count < ENTRIES_LIMIT + BROKEN_LIMIT => self.entries.push(entry),
            _ => {}
        }
    }

    /// All of it.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The promises that were broken: none, one hopes.
    pub fn broken(&self) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(|entry| matches!(entry.what, What::Broken { .. }))
    }

    /// How many wakes the platform lent.
    #[must_use]
    pub fn wakes(&self) -> u64 {
        let lent = |entry: &&Entry| matches!(entry.what, What::WakeLent { .. });
        self.entries.iter().filter(lent).count() as u64
    }

    /// The log: one JSON object a line, its keys in a fixed order. Two runs of one seed give the same
    /// bytes.
    #[must_use]
    pub fn to_log(&self) -> String {
        let mut log = String::new();
        for entry in &self.entries {
            log.push_str(&entry.to_json());
            log.push('\n');
        }
        log
    }
}

impl Extend<Entry> for Trace {
    fn extend<T: IntoIterator<Item = Entry>>(&mut self, entries: T) {
        for entry in entries {
            self.push(entry);
        }
    }
}

impl FromIterator<Entry> for Trace {
    fn from_iter<T: IntoIterator<Item = Entry>>(entries: T) -> Trace {
        let mut trace = Trace::default();
        trace.extend(entries);
        trace
    }
}

impl Entry {
    /// The entry as one JSON object, without a line's end: `at_ms`, `what`, then what belongs to it.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Nothing in it is a map with keys that are no text, which is all that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at_ms: i64, what: What) -> Entry {
        Entry { at_ms, what }
    }

    #[test]
    fn the_log_is_one_object_a_line_with_keys_in_order() {
        let trace: Trace = [
            entry(0, What::Launched { process: 1 }),
            entry(
                61_001,
                What::WakeAsked {
                    at_ms: 99,
                    constraints: "network \"any\"\n".to_owned(),
                },
            ),
        ]
        .into_iter()
        .collect();
        assert_eq!(
            trace.to_log(),
            "{\"at_ms\":0,\"what\":\"launched\",\"process\":1}\n\
             {\"at_ms\":61001,\"what\":\"wake_asked\",\"wanted_at_ms\":99,\
             \"constraints\":\"network \\\"any\\\"\\n\"}\n"
        );
    }

    #[test]
    fn no_entry_has_a_key_twice() {
        let entries = super::text::tests::one_of_each();
        for entry in &entries {
            let json = entry.to_json();
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            let again = value.as_object().unwrap();
            let keys = json.matches("\"at_ms\":").count();
            assert_eq!(keys, 1, "{json}");
            assert_eq!(again["at_ms"], entry.at_ms, "{json}");
        }
    }

    #[test]
    fn a_full_log_says_so_and_still_takes_broken_promises() {
        let broken = || What::Broken {
            rule: "D4",
            text: String::new(),
        };
        let mut trace = Trace::default();
        for at_ms in 0..=ENTRIES_LIMIT as i64 + 5 {
            trace.push(entry(at_ms, What::PowerLost));
        }
        trace.push(entry(7, broken()));
        let tail = &trace.entries()[ENTRIES_LIMIT..];
        assert!(matches!(tail[0].what, What::LogFull { .. }));
        assert_eq!(tail[1].what, broken());
        assert_eq!(tail.len(), 2, "nothing else is kept");
        for _ in 0..2 * BROKEN_LIMIT {
            trace.push(entry(7, broken()));
        }
        assert_eq!(trace.entries().len(), ENTRIES_LIMIT + BROKEN_LIMIT);
        assert_eq!(trace.broken().count(), BROKEN_LIMIT - 1);
    }
}
