//! What can happen in a scenario. In a file a step is an object with one key, or a bare word.

use serde::{Deserialize, Serialize};

use super::check::check_values;
use super::error::ScenarioError;
use super::expectation::Expectation;
use super::is_default;
use super::values::{Shift, Size, Span};
use crate::conditions::{AppState, Network, StandbyBucket, ThermalState};

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Step {
    /// The app asks for a file.
    Enqueue(Enqueue),
    /// The app asks for several, in one commit; each `after` may name any of them.
    Plan(Vec<Enqueue>),
    /// The app resumes a task.
    Resume(String),
    /// The app pauses a task.
    Suspend(String),
    /// The app cancels a task.
    Cancel(String),
    /// The network is another one.
    Network(NetworkStep),
    /// The charger comes or goes.
    Power(PowerStep),
    /// The device is this warm now.
    Thermal(ThermalState),
    /// Low Power Mode goes on or off.
    LowPower(bool),
    /// The system says that storage is short, or no longer.
    StorageLow(bool),
    /// Android's Data Saver goes on or off.
    DataSaver(bool),
    /// Android puts the app into another bucket.
    StandbyBucket(StandbyBucket),
    /// The device is locked, and its protected files with it; or unlocked.
    Locked(bool),
    /// The app goes to the screen or from it: `active`, `frontmost` or `background`.
    App(AppState),
    /// The system ends the process.
    Kill,
    /// The process ends before its nth act on the outside from now.
    KillAfterActs(u64),
    /// The user throws the app out.
    ForceQuit,
    /// The user starts the app.
    Launch,
    /// The device starts again.
    Reboot,
    /// The power goes: what was not synced is lost; the device starts again.
    LosePower,
    /// Somebody sets the wall clock.
    Clock(Shift),
    /// Time passes.
    Advance(Span),
    /// Time passes until something is so.
    AdvanceUntil(AdvanceUntil),
    /// An object on a server is another one: its next version.
    Object(ObjectSetup),
    /// A server behaves otherwise from now on.
    Server(ServerStep),
    /// The disk has this much room left.
    Disk(DiskStep),
    /// A write to the disk fails.
    DiskFault(DiskFaultStep),
    /// A remark for the log.
    Say(String),
    /// Something is so now.
    Expect(Expectation),
}

/// A file that the app asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enqueue {
    /// The app's name for it, which the other steps use.
    pub task: String,
    /// Where it is.
    pub url: String,
    /// How large the object there is, if it is not among `objects`: a plain one, with a strong ETag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// From 0.0 to 1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<f32>,
    /// Not before this long from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest: Option<Span>,
    /// Not over mobile networks.
    #[serde(default, skip_serializing_if = "is_default")]
    pub no_cellular: bool,
    /// Not over networks that cost money.
    #[serde(default, skip_serializing_if = "is_default")]
    pub no_expensive: bool,
    /// Not over networks in Low Data Mode.
    #[serde(default, skip_serializing_if = "is_default")]
    pub no_constrained: bool,
    /// Whether the system chooses the time; the session's word unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discretionary: Option<bool>,
    /// How many bytes the app says will come: a hint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_bytes: Option<Size>,
    /// The app knows the digest of the object as it is now, and gives it along.
    #[serde(default, skip_serializing_if = "is_default")]
    pub knows_digest: bool,
    /// A tag for several tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// It waits for these tasks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// Whether it stays suspended until a `resume`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub suspended: bool,
}

/// A network. What is left out is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkStep {
    /// What kind.
    pub kind: Network,
    /// It costs money by volume.
    #[serde(default, skip_serializing_if = "is_default")]
    pub expensive: bool,
    /// Low Data Mode.
    #[serde(default, skip_serializing_if = "is_default")]
    pub constrained: bool,
    /// It answers everything with a page of its own, and the device knows.
    #[serde(default, skip_serializing_if = "is_default")]
    pub captive: bool,
    /// The same, and the device does not know: 200 with a page in place of the file.
    #[serde(default, skip_serializing_if = "is_default")]
    pub captive_unnoticed: bool,
    /// Bytes a second; the profile's unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Size>,
}

/// Where the power comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowerStep {
    /// On a charger.
    pub charging: bool,
    /// What the battery holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<u8>,
}

/// An object on a server. A later one with the same URL is its next version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectSetup {
    /// Where.
    pub url: String,
    /// How large.
    pub size: Size,
    /// What the server says to tell versions apart.
    #[serde(default, skip_serializing_if = "is_default")]
    pub validator: Validator,
    /// What the server does with a `Range`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ranges: RangeSupport,
    /// The server sends a digest of the whole object.
    #[serde(default, skip_serializing_if = "is_default")]
    pub digest: bool,
}

/// What tells versions of an object apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validator {
    /// A strong ETag.
    #[default]
    Strong,
    /// A weak ETag.
    Weak,
    /// Only the time of the last change.
    LastModified,
    /// Nothing.
    None,
    /// A strong ETag that is another one in every answer, for the same bytes.
    Fickle,
}

/// What a server does with a `Range`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RangeSupport {
    /// It sends what was asked for, and checks `If-Range`.
    #[default]
    Honoured,
    /// It always sends everything.
    Ignored,
    /// It sends everything as soon as there is an `If-Range`.
    NotIfRange,
    /// It sends what was asked for, whatever `If-Range` says.
    Unchecked,
}

/// A server's behaviour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerStep {
    /// Which server.
    pub host: String,
    /// What it does wrong from now on.
    pub fault: ServerFault,
    /// How often; until the next such step unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

/// What a server does wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum ServerFault {
    /// Nothing: it is well again.
    None,
    /// It does not answer.
    Down,
    /// It answers with this status.
    Status {
        /// Such as 503.
        code: u16,
        /// When it says to come back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<Span>,
    },
    /// It answers every range with 416.
    Unsatisfiable,
    /// Its 206 begins so many bytes before what was asked for.
    Early(Size),
    /// Its 206 begins so many bytes behind what was asked for.
    Late(Size),
    /// Its 206 has no `Content-Range`.
    NoContentRange,
    /// The body ends after so many bytes, in good order.
    EndsAfter(Size),
    /// The connection breaks after so many bytes.
    BreaksAfter(Size),
    /// Nothing more comes after so many bytes, and nothing breaks.
    StallsAfter(Size),
}

/// The room on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiskStep {
    /// What is free; `"0B"` is a full disk.
    pub free: Size,
}

/// A write that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiskFaultStep {
    /// How many writes succeed before.
    pub after_writes: u64,
    /// What the one after them meets.
    pub error: DiskError,
}

/// What a write can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskError {
    /// There is no room: `ENOSPC`.
    NoSpace,
    /// The disk itself fails: `EIO`.
    Io,
}

/// Waiting for something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvanceUntil {
    /// For what.
    pub expect: Expectation,
    /// How long at most: later is not as expected.
    pub within: Span,
}

impl Step {
    /// Reads one step, for [`Phone::perform`](crate::sim::Phone::perform).
    ///
    /// ```
    /// use backhaul::sim::{ScenarioErrorKind, Step};
    /// assert!(Step::from_json(r#"{"disk": {"free": "10MiB"}}"#).is_ok());
    /// let error = Step::from_json(r#"{"disk": {"free": "ten"}}"#).unwrap_err();
    /// assert_eq!(error.kind(), ScenarioErrorKind::Format);
    /// ```
    ///
    /// # Errors
    /// [`ScenarioError`]: what is wrong, where, and what to write instead.
    pub fn from_json(text: &str) -> Result<Step, ScenarioError> {
        let step: Step = serde_json::from_str(text)?;
        step.check()?;
        Ok(step)
    }

    /// Checks what the format alone does not say, as far as one step by itself shows it.
    ///
    /// # Errors
    /// [`ScenarioError`]: what is wrong, and what to write instead.
    pub fn check(&self) -> Result<(), ScenarioError> {
        check_values(self).map_err(|(kind, text)| ScenarioError::new(kind, self.name(), text))
    }

    /// Its name in a file.
    #[must_use]
    pub fn name(&self) -> String {
        // serde has the only list of the names.
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(object)) => object.keys().next().cloned(),
            Ok(serde_json::Value::String(word)) => Some(word),
            _ => None,
        }
        .unwrap_or_default()
    }
}
