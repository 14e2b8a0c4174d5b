//! What the system is like, as `--conditions` says it. The last that was said is kept in the
//! container, so that `list` and `explain` give the reasons that the last `get` or `run` had.
//!
//! It never guesses: what is not said is as on a desktop with a cable to the wall.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use backhaul::{AppState, Network, SystemConditions, ThermalState};
use clap::Args;

use crate::exit::{Failure, Outcome};
use crate::place;

/// The file's name in the container.
const FILE_NAME: &str = "conditions";

/// More is not ours.
const FILE_LIMIT_BYTES: u64 = 4096;

/// For the help of commands that take `--conditions`.
pub const KEYS_HELP: &str = "\
Conditions, as far as they are not said: Wi-Fi, on a charger, app active.
  network=none|wifi|cellular|wired   power=charging|battery   battery=0-100
  thermal=nominal|fair|serious|critical   app=active|frontmost|background
  expensive, constrained, captive, low_power, data_saver: alone, or =true or =false
Nothing follows from anything else: a mobile network is expensive when you say so.";

/// `--conditions`.
#[derive(Args, Clone, Debug, Default)]
pub struct ConditionArgs {
    /// What the system is like, such as network=cellular,power=battery; the keys are below
    #[arg(long, value_name = "KEY=VALUE,…", value_parser = parse)]
    pub conditions: Option<Conditions>,
}

impl ConditionArgs {
    /// As given, or the default.
    pub fn get(&self) -> Conditions {
        self.conditions.unwrap_or_default()
    }
}

/// Parsed `--conditions`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Conditions {
    /// All of them.
    pub system: SystemConditions,
    /// `app` was among the keys.
    pub names_app: bool,
}

/// One key: its values in words, and how one is taken. None: it is not one of them.
struct Key {
    name: &'static str,
    values: &'static str,
    set: fn(&mut SystemConditions, &str) -> Option<()>,
}

const FLAG: &str = "true or false, or stands alone";

const KEYS: &[Key] = &[
    Key {
        name: "network",
        values: "none, wifi, cellular or wired",
        set: |to, value| named(Network::ALL, value).map(|network| to.network = network),
    },
    Key {
        name: "expensive",
        values: FLAG,
        set: |to, value| flag(value).map(|yes| to.expensive = yes),
    },
    Key {
        name: "constrained",
        values: FLAG,
        set: |to, value| flag(value).map(|yes| to.constrained = yes),
    },
    Key {
        name: "captive",
        values: FLAG,
        set: |to, value| flag(value).map(|yes| to.captive = yes),
    },
    Key {
        name: "power",
        values: "charging or battery",
        set: |to, value| power(value).map(|charging| to.charging = charging),
    },
    Key {
        name: "battery",
        values: "a percentage from 0 to 100",
        set: |to, value| percent(value).map(|percent| to.battery_percent = Some(percent)),
    },
    Key {
        name: "low_power",
        values: FLAG,
        set: |to, value| flag(value).map(|yes| to.low_power = yes),
    },
    Key {
        name: "thermal",
        values: "nominal, fair, serious or critical",
        set: |to, value| named(ThermalState::ALL, value).map(|thermal| to.thermal = thermal),
    },
    Key {
        name: "app",
        values: "active, frontmost or background",
        set: |to, value| named(APP_STATES, value).map(|state| to.app_state = state),
    },
    Key {
        name: "data_saver",
        values: FLAG,
        set: |to, value| flag(value).map(|yes| to.data_saver = yes),
    },
];

/// Those that a process can have which runs.
const APP_STATES: &[AppState] = &[AppState::Active, AppState::Frontmost, AppState::Background];

/// Reads `key=value,…`.
fn parse(text: &str) -> Result<Conditions, String> {
    let mut conditions = Conditions::default();
    let mut seen: Vec<&str> = Vec::new();
    for part in text.split(',') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            let names: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
            let names = names.join(", ");
            return Err(format!("there is no condition {name:?}, only {names}"));
        };
        if seen.contains(&key.name) {
            return Err(format!("{name} is there twice; say it once"));
        }
        seen.push(key.name);
        // Nothing behind an equals sign is a slip, not a flag.
        let is_slip = value.is_empty() && part.contains('=');
        if is_slip || (key.set)(&mut conditions.system, value).is_none() {
            return Err(format!("{name} is {}, not {value:?}", key.values));
        }
        conditions.names_app |= key.name == "app";
    }
    Ok(conditions)
}

fn named<T: Copy + Display>(all: &[T], text: &str) -> Option<T> {
    all.iter().copied().find(|value| value.to_string() == text)
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "" | "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn power(text: &str) -> Option<bool> {
    match text {
        "charging" => Some(true),
        "battery" => Some(false),
        _ => None,
    }
}

fn percent(text: &str) -> Option<u8> {
    text.parse().ok().filter(|percent| *percent <= 100)
}

/// What the last `get` or `run` was told; the default where none was, or nobody can read it.
pub fn load(container: &Path) -> SystemConditions {
    let path = container.join(FILE_NAME);
    let is_ours = fs::metadata(&path).is_ok_and(|about| about.len() <= FILE_LIMIT_BYTES);
    is_ours
        .then(|| fs::read(&path).ok())
        .flatten()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// Keeps them for `list` and `explain`.
pub fn save(container: &Path, conditions: &SystemConditions) -> Outcome<()> {
    if load(container) == *conditions {
        return Ok(());
    }
    // Numbers and names always have a JSON form.
    let bytes = serde_json::to_vec(conditions).unwrap_or_default();
    place::keep(&container.join(FILE_NAME), &bytes)
        .map_err(|error| Failure::io("cannot keep the conditions", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read() {
        // rule P1
        let all = "network=cellular,expensive,constrained=true,captive=false,power=battery,battery=7,low_power,thermal=serious,app=background,data_saver";
        let expected = SystemConditions {
            network: Network::Cellular,
            expensive: true,
            constrained: true,
            charging: false,
            battery_percent: Some(7),
            low_power: true,
            thermal: ThermalState::Serious,
            app_state: AppState::Background,
            data_saver: true,
            ..SystemConditions::default()
        };
        let parsed = parse(all).unwrap();
        assert_eq!((parsed.system, parsed.names_app), (expected, true));
        assert!(!parse("expensive").unwrap().names_app);
    }

    #[test]
    fn what_is_wrong_is_told_with_what_is_right() {
        let cases = [
            ("", "network, expensive"),
            ("wifi", "data_saver"),
            ("network", "none, wifi, cellular or wired"),
            ("network=lan", "none, wifi, cellular or wired"),
            ("expensive=yes", "true or false"),
            ("expensive=", "true or false"),
            ("power=full", "charging or battery"),
            ("battery=101", "0 to 100"),
            ("battery=-1", "0 to 100"),
            ("thermal=hot", "nominal, fair, serious or critical"),
            ("app=suspended", "active, frontmost or background"),
            ("captive,captive", "twice"),
            ("captive,", "there is no condition"),
        ];
        for (text, part) in cases {
            let said = parse(text).unwrap_err();
            assert!(said.contains(part), "{text:?}: {said}");
            assert!(!said.contains('\n'), "one line: {said}");
        }
    }

    #[test]
    fn what_was_said_last_is_kept_and_rubbish_is_nothing() {
        let container = tempfile::tempdir().unwrap();
        let said = parse("network=cellular,low_power").unwrap().system;
        save(container.path(), &said).unwrap();
        assert_eq!(load(container.path()), said);
        fs::write(container.path().join(FILE_NAME), b"{").unwrap();
        assert_eq!(load(container.path()), SystemConditions::default());
    }
}
