//! What is wrong with a scenario.

use std::fmt;

/// What is wrong with a scenario, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    kind: ScenarioErrorKind,
    place: String,
    message: String,
}

/// The kinds of mistakes. New ones may be added.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScenarioErrorKind {
    /// No JSON, an unknown field or step, or text that is none of the values allowed there.
    Format,
    /// A value that cannot be honoured.
    Value,
    /// A task or an object that was not named before.
    Unknown,
    /// More than a limit allows.
    TooLarge,
    /// The phone did not do a step, such as resuming a task while the app is dead.
    Refused,
}

impl ScenarioError {
    pub(super) fn new(
        kind: ScenarioErrorKind,
        place: impl Into<String>,
        message: impl Into<String>,
    ) -> ScenarioError {
        ScenarioError {
            kind,
            place: place.into(),
            message: message.into(),
        }
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> ScenarioErrorKind {
        self.kind
    }

    /// Where: a line and column of the file, or a step.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl std::error::Error for ScenarioError {}

impl From<serde_json::Error> for ScenarioError {
    fn from(error: serde_json::Error) -> ScenarioError {
        let place = format!("line {}, column {}", error.line(), error.column());
        let text = error.to_string();
        // serde_json says the place at the end.
        let message = text.split(" at line ").next().unwrap_or(&text);
        ScenarioError::new(ScenarioErrorKind::Format, place, message)
    }
}
