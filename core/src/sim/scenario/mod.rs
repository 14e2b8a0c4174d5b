//! A scenario: one story of a phone, as data.
//!
//! The same story is readable Rust and a small JSON file, which Swift and Kotlin run as well; the format
//! is described in `docs/scenarios.md`. It must never hold anything that only one language could know.
//!
//! ```
//! use backhaul::sim::{Enqueue, Expectation, Is, NetworkStep, Scenario, hours, minutes};
//! use backhaul::{Network, WaitReason};
//!
//! let scenario = Scenario::new("Wi-Fi lost and back")
//!     .enqueue(Enqueue::new("alps", "https://maps.example/alps").size(20 << 20))
//!     .network(NetworkStep::new(Network::None))
//!     .advance(minutes(5))
//!     .expect(Expectation::task("alps", WaitReason::Connectivity))
//!     .network(NetworkStep::new(Network::Wifi))
//!     .advance(hours(1))
//!     .expect(Expectation::task("alps", Is::Completed).file_version(1));
//! let same = Scenario::from_json(&scenario.to_json())?;
//! assert_eq!(same, scenario);
//! # Ok::<(), backhaul::sim::ScenarioError>(())
//! ```

mod app;
mod build;
mod check;
mod error;
mod expectation;
mod play;
mod stage;
mod step;
#[cfg(test)]
mod toy;
mod values;

use serde::{Deserialize, Serialize};

use super::Profile;

pub(super) use app::PlainApp;
pub use app::{NewTask, SCENARIO_SESSION, ScenarioApp};
pub use build::{hours, minutes, seconds};
pub use error::{ScenarioError, ScenarioErrorKind};
pub use expectation::{Expectation, Is};
pub(super) use play::Play;
pub use play::{Played, Unmet};
pub(super) use stage::{Stage, Standing};
pub use step::{
    AdvanceUntil, DiskError, DiskFaultStep, DiskStep, Enqueue, NetworkStep, ObjectSetup, PowerStep,
    RangeSupport, ServerFault, ServerStep, Step, Validator,
};
pub use values::{Shift, Size, Span};

/// Largest file taken.
const FILE_LIMIT_BYTES: usize = 1 << 20;

/// One story.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name, in a few words.
    pub name: String,
    /// What it shows, for the reader.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// Decides everything that the story leaves open.
    #[serde(default)]
    pub seed: u64,
    /// Whose rules the platform follows.
    #[serde(default)]
    pub profile: Profile,
    /// What the app asks of its session.
    #[serde(default, skip_serializing_if = "is_default")]
    pub session: SessionSetup,
    /// What lies on the servers at the beginning, each with its URL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectSetup>,
    /// What happens, in order. The app is launched and on the screen at the beginning, the device on
    /// unmetered Wi-Fi and a charger.
    pub steps: Vec<Step>,
    /// What is so at the end. That no promise was broken is always expected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<Expectation>,
}

/// What the app asks of its session. What is left out is as in a background session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionSetup {
    /// Whether the system chooses the time. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discretionary: Option<bool>,
    /// How long an attempt may go without a byte. Default: 60 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_for_request: Option<Span>,
    /// How long a task may take, waits included. Default: 7 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_for_resource: Option<Span>,
    /// Whether mobile networks may be used. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allows_cellular: Option<bool>,
    /// Whether networks that cost money may be used. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allows_expensive: Option<bool>,
    /// Whether networks in Low Data Mode may be used. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allows_constrained: Option<bool>,
    /// Whether the app is woken for its events. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sends_launch_events: Option<bool>,
    /// Transfers at a time in all. Default: the library's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_concurrent_transfers: Option<u16>,
    /// Transfers at a time to one host. Default: 6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_connections_per_host: Option<u16>,
    /// What becomes of tasks that a force-quit ended: asked for again, rather than reported as
    /// cancelled. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requeues_after_force_quit: Option<bool>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Scenario {
    /// Reads a scenario, and checks all of it.
    ///
    /// # Errors
    /// [`ScenarioError`]: what is wrong, where, and what to write instead.
    pub fn from_json(text: &str) -> Result<Scenario, ScenarioError> {
        if text.len() > FILE_LIMIT_BYTES {
            return Err(ScenarioError::new(
                ScenarioErrorKind::TooLarge,
                "the file",
                "it is larger than 1 MiB; split it into several scenarios",
            ));
        }
        let scenario: Scenario = serde_json::from_str(text)?;
        scenario.check()?;
        Ok(scenario)
    }

    /// The scenario as a JSON file, indented; [`from_json`](Scenario::from_json) gives it back.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every file of the folder that all languages share.
    fn files() -> Vec<(String, String)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/scenarios");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "json"))
            .map(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, std::fs::read_to_string(&path).unwrap())
            })
            .collect();
        files.sort();
        files
    }

    #[test]
    fn every_scenario_file_reads_and_is_written_the_same_again() {
        let files = files();
        assert!(files.len() >= 12, "{}", files.len());
        for (name, text) in files {
            let scenario = Scenario::from_json(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            let again = Scenario::from_json(&scenario.to_json()).unwrap();
            assert_eq!(again, scenario, "{name}");
            assert!(
                !scenario.about.is_empty() && !scenario.expect.is_empty(),
                "{name}"
            );
        }
    }

    #[test]
    fn every_example_of_the_documentation_reads() {
        let page = include_str!("../../../../docs/scenarios.md");
        let examples: Vec<&str> = page
            .split("```json\n")
            .skip(1)
            .map(|rest| rest.split("```").next().unwrap())
            .collect();
        assert!(!examples.is_empty());
        for example in examples {
            Scenario::from_json(example).unwrap_or_else(|e| panic!("{e}\n{example}"));
        }
    }

    #[test]
    fn the_documentation_names_every_step() {
        let page = include_str!("../../../../docs/scenarios.md");
        // serde knows the names: it lists them when none fits.
        let error = Scenario::from_json(r#"{"name":"x","steps":["nonsense"]}"#).unwrap_err();
        let text = error.to_string();
        let (_, names) = text.split_once("expected one of").unwrap();
        let names: Vec<&str> = names.split('`').skip(1).step_by(2).collect();
        assert!(names.len() > 20, "{names:?}");
        for name in names {
            assert!(
                page.contains(&format!("`{name}`")),
                "{name} is not documented"
            );
        }
    }

    fn error(text: &str) -> ScenarioError {
        Scenario::from_json(text).unwrap_err()
    }

    #[test]
    fn what_is_wrong_has_a_kind_a_place_and_advice() {
        use ScenarioErrorKind::{Format, Unknown, Value};
        let story = |steps: &str| format!("{{\"name\":\"x\",\n\"steps\":[{steps}]}}");
        let a = r#"{"enqueue":{"task":"a","url":"https://h/a","size":"1MiB"}}"#;
        let cases = [
            ("{".to_owned(), Format, "line 1", "EOF"),
            (
                story(r#"{"enqueue":{"task":"a","url":"https://h/a","sise":"1B"}}"#),
                Format,
                "line 2",
                "`size`",
            ),
            (
                story(r#"{"advance":"2 hours"}"#),
                Format,
                "line 2",
                "\"2h\"",
            ),
            (
                story(r#"{"thermal":"warm"}"#),
                Format,
                "line 2",
                "`nominal`",
            ),
            (story(r#"{"clock":"1d"}"#), Format, "line 2", "\"+1d\""),
            (story(r#"{"suspend":"b"}"#), Unknown, "step 1", "enqueue"),
            (
                story(r#"{"enqueue":{"task":"a","url":"https://h/a"}}"#),
                Unknown,
                "step 1",
                "`size`",
            ),
            (
                story(r#"{"enqueue":{"task":"a","url":"h/a","size":"1B"}}"#),
                Value,
                "step 1",
                "https://",
            ),
            (story(&format!("{a},{a}")), Value, "step 2", "another name"),
            (
                story(&format!(
                    r#"{a},{{"object":{{"url":"https://h/b","size":"1B"}}}}"#
                )),
                Unknown,
                "step 2",
                "https://h/b",
            ),
            (
                story(r#"{"app":"suspended"}"#),
                Value,
                "step 1",
                "background",
            ),
            (
                story(r#"{"power":{"charging":true,"battery_percent":101}}"#),
                Value,
                "step 1",
                "100",
            ),
            (
                story(&format!(
                    r#"{a},{{"expect":{{"task":"a","is":"waiting:rain"}}}}"#
                )),
                Format,
                "line 2",
                "connectivity",
            ),
            (
                story(r#"{"expect":{"is":"completed"}}"#),
                Value,
                "step 1",
                "`task`",
            ),
            (story(r#"{"expect":{}}"#), Value, "step 1", "nothing"),
        ];
        for (text, kind, place, advice) in cases {
            let error = error(&text);
            assert_eq!(error.kind(), kind, "{text}: {error}");
            let said = error.to_string();
            assert!(
                said.starts_with(place) && said.contains(advice),
                "{text}: {said}"
            );
        }
    }

    #[test]
    fn a_huge_file_is_refused_before_it_is_read() {
        let error = error(&" ".repeat(FILE_LIMIT_BYTES + 1));
        assert_eq!(error.kind(), ScenarioErrorKind::TooLarge);
    }
}
