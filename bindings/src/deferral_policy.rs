//! When transfers run, decided by the app (section P of the contract).

use std::sync::Arc;
use std::time::Duration;

use backhaul::{DeferralPolicy as _, Needs, StandardPolicy};

use crate::callback_error::CallbackError;
use crate::conditions::SystemConditions;
use crate::configuration::{FileProtection, WatchBudget};

/// What is known of a task when its needs are decided.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct TaskFacts {
    /// It belongs to a background session.
    pub in_background_session: bool,
    /// It waits for a network rather than fail.
    pub waits_for_connectivity: bool,
    /// The system may choose the time.
    pub is_discretionary: bool,
    /// It was started while the app was not in front.
    pub started_in_background: bool,
    /// An attempt was made.
    pub was_attempted: bool,
    /// Request and session allow mobile networks.
    pub allows_cellular: bool,
    /// Request and session allow networks that cost money by volume.
    pub allows_expensive: bool,
    /// Request and session allow networks in Low Data Mode.
    pub allows_constrained: bool,
    /// When its file can be written.
    pub file_protection: FileProtection,
    /// The file's length, as the server or the request say it, else what the app expects.
    pub expected_bytes: Option<u64>,
    /// How many bytes are here.
    pub received_bytes: u64,
    /// The limits of a watch.
    pub watch: Option<WatchBudget>,
    /// How long ago it was resumed.
    pub elapsed: Duration,
    /// How long it may take from there, waiting included; none until it is resumed.
    pub time_limit: Option<Duration>,
    /// From 0.0 to 1.0.
    pub priority: f32,
    /// The tag that it shares with others.
    pub group: Option<String>,
}

/// What a policy asks for one task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Requirements {
    /// What must hold for the task to run: bits, see `needs_named`.
    pub needs: i64,
    /// When the policy wants to be asked again, counted from now.
    pub relaxes_in: Option<Duration>,
}

/// Decides when transfers run. Both methods are pure functions of their arguments, called on the threads
/// of the session at any time: they must neither block nor call a session. Where one fails, the standard
/// policy decides.
#[uniffi::export(foreign)]
pub trait DeferralPolicy: Send + Sync {
    /// What this task needs.
    fn requirements(&self, task: TaskFacts) -> Result<Requirements, CallbackError>;

    /// The needs that these conditions do not meet.
    fn unmet(&self, conditions: SystemConditions) -> Result<i64, CallbackError>;
}

/// What the standard policy asks for a task.
#[uniffi::export]
#[must_use]
pub fn standard_requirements(task: TaskFacts) -> Requirements {
    let core = StandardPolicy.requirements(&task.into());
    Requirements {
        needs: core.needs.bits(),
        relaxes_in: core.relaxes_in,
    }
}

/// The needs that the standard policy sees unmet.
#[uniffi::export]
#[must_use]
pub fn standard_unmet(conditions: SystemConditions) -> i64 {
    StandardPolicy.unmet(&conditions.into()).bits()
}

/// The other language's policy as the core's.
pub(crate) struct Policy(pub Arc<dyn DeferralPolicy>);

impl backhaul::DeferralPolicy for Policy {
    fn requirements(&self, task: &backhaul::TaskFacts) -> backhaul::Requirements {
        match self.0.requirements(task.into()) {
            Ok(requirements) => backhaul::Requirements {
                needs: Needs::from_bits(requirements.needs),
                relaxes_in: requirements.relaxes_in,
            },
            Err(error) => {
                log::error!("the deferral policy failed, the standard one decides: {error}");
                StandardPolicy.requirements(task)
            }
        }
    }

    fn unmet(&self, conditions: &backhaul::SystemConditions) -> Needs {
        match self.0.unmet((*conditions).into()) {
            Ok(needs) => Needs::from_bits(needs),
            Err(error) => {
                log::error!("the deferral policy failed, the standard one decides: {error}");
                StandardPolicy.unmet(conditions)
            }
        }
    }
}

impl From<TaskFacts> for backhaul::TaskFacts {
    fn from(task: TaskFacts) -> backhaul::TaskFacts {
        let mut facts = backhaul::TaskFacts::default();
        facts.in_background_session = task.in_background_session;
        facts.waits_for_connectivity = task.waits_for_connectivity;
        facts.is_discretionary = task.is_discretionary;
        facts.started_in_background = task.started_in_background;
        facts.was_attempted = task.was_attempted;
        facts.allows_cellular = task.allows_cellular;
        facts.allows_expensive = task.allows_expensive;
        facts.allows_constrained = task.allows_constrained;
        facts.file_protection = task.file_protection.into();
        facts.expected_bytes = task.expected_bytes;
        facts.received_bytes = task.received_bytes;
        facts.watch = task.watch.map(Into::into);
        facts.elapsed = task.elapsed;
        facts.time_limit = task.time_limit;
        facts.priority = task.priority;
        facts.group = task.group;
        facts
    }
}

impl From<&backhaul::TaskFacts> for TaskFacts {
    fn from(task: &backhaul::TaskFacts) -> TaskFacts {
        TaskFacts {
            in_background_session: task.in_background_session,
            waits_for_connectivity: task.waits_for_connectivity,
            is_discretionary: task.is_discretionary,
            started_in_background: task.started_in_background,
            was_attempted: task.was_attempted,
            allows_cellular: task.allows_cellular,
            allows_expensive: task.allows_expensive,
            allows_constrained: task.allows_constrained,
            file_protection: task.file_protection.into(),
            expected_bytes: task.expected_bytes,
            received_bytes: task.received_bytes,
            watch: task.watch.map(|watch| WatchBudget {
                small_transfer_limit_bytes: watch.small_transfer_limit_bytes,
                large_transfers: watch.large_transfers.into(),
            }),
            elapsed: task.elapsed,
            time_limit: task.time_limit,
            priority: task.priority,
            group: task.group.clone(),
        }
    }
}
