//! The trace for people: one sentence a line.

use std::fmt;

use super::{Entry, What};
use crate::conditions::{StandbyBucket, SystemConditions, ThermalState};
use crate::sim::text::{bytes_text, duration_text};

/// `d hh:mm:ss.mmm`: true time since the world began.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.at_ms.max(0);
        let (seconds, ms) = (ms / 1000, ms % 1000);
        let (days, seconds) = (seconds / 86_400, seconds % 86_400);
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        let seconds = seconds % 60;
        write!(
            f,
            "{days} {hours:02}:{minutes:02}:{seconds:02}.{ms:03}  {}",
            self.what
        )
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Launched { process } => write!(f, "launched, process {process}"),
            What::Ended { process, how } => write!(f, "process {process} ended: {how}"),
            What::PowerLost => f.write_str("the power went"),
            What::Rebooted => f.write_str("rebooted"),
            What::ClockSet { by_ms } => {
                let sign = if *by_ms < 0 { '-' } else { '+' };
                let by = duration_text(by_ms.unsigned_abs());
                write!(f, "the clock was set by {sign}{by}")
            }
            What::App { state } => write!(f, "the app is {state}"),
            What::Conditions { conditions } => write_conditions(f, conditions),
            What::ObjectChanged { url, version } => write!(f, "{url} is version {version} now"),
            What::Server { host, text } => write!(f, "{host}: {text}"),
            What::Disk { free_bytes } => write!(f, "disk: {} free", bytes_text(*free_bytes)),
            What::Said { text } => write!(f, "# {text}"),
            What::Unmet { place, text } => write!(f, "NOT AS EXPECTED, {place}: {text}"),
            What::Broken { rule, text } => write!(f, "BROKEN {rule}: {text}"),
            What::LogFull { entries } => {
                write!(f, "the log ends here: it holds {entries} entries")
            }
            what => write_task(f, what),
        }
    }
}

/// What is about a task or a wake.
fn write_task(f: &mut fmt::Formatter<'_>, what: &What) -> fmt::Result {
    match what {
        What::Created { session, task, url } => write!(f, "{session} {task} created: {url}"),
        What::Started {
            session,
            task,
            attempt,
        } => write!(f, "{session} {task} transfers, attempt {attempt}"),
        What::Stopped {
            session,
            task,
            how,
            received,
            ..
        } => {
            let here = bytes_text(*received);
            write!(f, "{session} {task} {how}, {here} are here")
        }
        What::Waiting {
            session,
            task,
            reason,
        } => write!(f, "{session} {task} waits: {reason}"),
        What::Delivered {
            session,
            task,
            error,
            ..
        } => {
            let end = error.as_deref().unwrap_or("the file");
            write!(f, "{session} {task} delivered: {end}")
        }
        What::EventsFinished { session } => write!(f, "{session} did finish events"),
        What::WakeAsked { at_ms, constraints } => {
            let from = duration_text(at_ms.unsigned_abs());
            write!(f, "wake asked for from {from} on, {constraints}")
        }
        What::WakeLent { ticket, limit_ms } => {
            let limit = duration_text(limit_ms.unsigned_abs());
            write!(f, "wake {ticket} lent for {limit}")
        }
        What::WakeCompleted { ticket } => write!(f, "wake {ticket} completed"),
        // What has no sentence of its own is said as it is logged.
        what => f.write_str(&serde_json::to_string(what).unwrap_or_default()),
    }
}

fn write_conditions(f: &mut fmt::Formatter<'_>, now: &SystemConditions) -> fmt::Result {
    write!(f, "network {}", now.network)?;
    let power = if now.charging { "charging" } else { "battery" };
    let words = [
        (now.expensive, "expensive"),
        (now.constrained, "constrained"),
        (now.captive, "captive"),
        (true, power),
        (now.low_power, "low power"),
        (now.storage_low, "storage low"),
        (now.data_saver, "data saver"),
        (!now.protected_data_available, "locked"),
    ];
    for (_, word) in words.iter().filter(|(is_so, _)| *is_so) {
        write!(f, ", {word}")?;
    }
    if let Some(percent) = now.battery_percent {
        write!(f, ", {percent} %")?;
    }
    if now.thermal != ThermalState::Nominal {
        write!(f, ", thermal {}", now.thermal)?;
    }
    if now.standby_bucket != StandbyBucket::Active {
        write!(f, ", bucket {}", now.standby_bucket)?;
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::conditions::Network;
    use crate::task_state::WaitReason;

    fn name() -> String {
        "app".to_owned()
    }

    /// Entries of the kinds that have sentences.
    pub(in super::super) fn one_of_each() -> Vec<Entry> {
        let (session, task) = (name, 3);
        let kinds = vec![
            What::Launched { process: 1 },
            What::Ended {
                process: 1,
                how: "killed",
            },
            What::ClockSet { by_ms: -90_000 },
            What::Created {
                session: session(),
                task,
                url: "https://maps.example/a".to_owned(),
            },
            What::Waiting {
                session: session(),
                task,
                reason: WaitReason::Connectivity,
            },
            What::Stopped {
                session: session(),
                task,
                attempt: 1,
                how: "finished",
                received: 3 << 20,
            },
            What::Delivered {
                session: session(),
                task,
                sequence: 1,
                error: None,
            },
            What::WakeAsked {
                at_ms: 60_000,
                constraints: "any network".to_owned(),
            },
            What::Conditions {
                conditions: SystemConditions {
                    network: Network::Cellular,
                    expensive: true,
                    charging: false,
                    battery_percent: Some(20),
                    thermal: ThermalState::Serious,
                    ..SystemConditions::default()
                },
            },
        ];
        let at = |(n, what)| Entry {
            at_ms: 93_784_005 + n as i64,
            what,
        };
        kinds.into_iter().enumerate().map(at).collect()
    }

    #[test]
    fn entries_are_sentences() {
        let lines: Vec<String> = one_of_each().iter().map(Entry::to_string).collect();
        assert_eq!(lines[0], "1 02:03:04.005  launched, process 1");
        let said = |text: &str| lines.iter().any(|line| line.ends_with(text));
        for text in [
            "  process 1 ended: killed",
            "  the clock was set by -1m30s",
            "  app 3 created: https://maps.example/a",
            "  app 3 waits: connectivity",
            "  app 3 finished, 3MiB are here",
            "  app 3 delivered: the file",
            "  wake asked for from 1m on, any network",
            "  network cellular, expensive, battery, 20 %, thermal serious",
        ] {
            assert!(said(text), "{text}: {lines:#?}");
        }
    }
}
