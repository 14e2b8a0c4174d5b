//! The decisions: pure, no I/O, no clock of its own, no threads, no async.
//!
//! [`Engine`] is a value. [`handle`](Engine::handle) changes it and queues [`Effect`]s, which the
//! driver pulls and carries out. It knows only a window of the tasks: the queue is in the store,
//! and the engine claims the next rows when it has room (rule P9). Whatever touches the outside is
//! an effect behind the [`Effect::Commit`] that records it.

pub(crate) mod policy;
pub(crate) mod resume;

mod attempt;
mod claim;
mod command;
mod dependency;
mod effect;
mod explain;
mod handed_over;
mod interrupt;
mod next_wake;
mod retry;
mod task;
#[cfg(test)]
mod tests;
mod window;

use std::collections::VecDeque;

pub(crate) use command::{Command, CommandToken};
pub(crate) use effect::{Effect, Event, EventKind};
pub(crate) use explain::{explanation, state_of_row, task_info};
#[cfg(any(feature = "http", feature = "testkit"))]
pub(crate) use handed_over::refused;
#[cfg(feature = "http")]
pub(crate) use handed_over::retry_after_ms;
pub(crate) use handed_over::{Accepted, Refusal, judge_handed_over};
pub(crate) use next_wake::NextWake;
pub(crate) use task::StartTransfer;

use crate::clock::Moment;
use crate::conditions::SystemConditions;
use crate::configuration::RetryPolicy;
use crate::error::Error;
use crate::store::Claim;
use crate::task_id::TaskId;
use crate::transport::{TransferEvent, TransferId};
use claim::ClaimState;
use policy::{LaunchLimiter, Needs, Rules};
use window::Window;

/// What the engine needs to know of its session.
#[derive(Clone, Debug)]
pub(crate) struct EngineConfig {
    pub max_concurrent_transfers: usize,
    pub max_connections_per_host: usize,
    pub max_transfers_per_group: Option<usize>,
    /// When tasks may run.
    pub rules: Rules,
    /// The launch limiter as the last process left it, counted in this boot.
    pub limiter: LaunchLimiter,
    pub retry: RetryPolicy,
    pub timeout_for_resource_ms: i64,
    /// The transport's transfers may live on after the process: their attempt must be on record
    /// before they start.
    pub outlives_process: bool,
    /// What the system is like at the start.
    pub conditions: SystemConditions,
    /// Where the jitter of the pauses comes from. The same seed gives the same run.
    pub seed: u64,
}

/// What comes in from outside.
#[derive(Debug)]
pub(crate) enum Input {
    /// The app wants something of one task, which is in the window.
    Command(TaskId, Command),
    /// Rows that a claim brought.
    Claimed(Claim),
    /// Rows claimed by their ids, to apply a command to.
    Loaded(Vec<crate::store::TaskRow>),
    /// The row of a transfer that a platform's service carried on while no process lived.
    Adopted(Box<crate::store::TaskRow>, TransferId),
    /// The platform's service has said which transfers it holds, and their rows are on their way.
    Listed,
    /// Rows were added or became ready in the store.
    MoreReady,
    /// Something happened to a transfer.
    Transfer(TransferId, TransferEvent),
    /// A finished file was put in place, or could not be.
    Filed(TaskId, Result<(), Error>),
    /// The store has another free text for this task (rule L3).
    Metadata(TaskId, String),
    /// The system changed.
    Conditions(SystemConditions),
    /// The app has run time although it is not in front: a wake began, or the last one ended.
    Awake(bool),
    /// A task of an earlier process that is to end so, and its row.
    Ended(Box<crate::store::TaskRow>, Error),
    /// Work is about to be started while the app is not in front (rule P5).
    StartsInBackground,
    /// The time that `next_timeout` gave came.
    Tick,
    /// The session ends: running transfers stop, keeping what they have.
    Shutdown,
}

/// The state machine of one session.
pub(crate) struct Engine {
    config: EngineConfig,
    conditions: SystemConditions,
    /// What the conditions do not meet, by the policy.
    unmet_by_policy: Needs,
    /// That, and what the engine itself knows of wakes and of the limiter.
    unmet: Needs,
    awake: bool,
    limiter: LaunchLimiter,
    /// The last wake that was asked for.
    told_wake: Option<NextWake>,
    /// When a wake would find out that the process died over its transfers; while some are under way.
    safety_net: Option<Moment>,
    window: Window,
    claims: ClaimState,
    effects: VecDeque<Effect>,
    jitter: fastrand::Rng,
    /// Set by `Shutdown`: nothing new starts.
    stopping: bool,
}

impl Engine {
    pub fn new(config: EngineConfig) -> Engine {
        let unmet = config.rules.unmet(&config.conditions);
        Engine {
            conditions: config.conditions,
            unmet_by_policy: unmet,
            unmet,
            awake: true,
            limiter: config.limiter,
            told_wake: None,
            safety_net: None,
            window: Window::default(),
            claims: ClaimState::new(config.outlives_process),
            effects: VecDeque::new(),
            jitter: fastrand::Rng::with_seed(config.seed),
            stopping: false,
            config,
        }
    }

    /// Takes one input at one moment. What follows from it is pulled with `poll_effect`.
    pub fn handle(&mut self, now: Moment, input: Input) {
        self.judge(now);
        match input {
            Input::Command(id, command) => self.command(now, id, command),
            Input::Claimed(claim) => self.claimed(now, claim),
            Input::Loaded(rows) => self.loaded(now, rows),
            Input::Adopted(row, transfer) => self.adopted(now, *row, transfer),
            Input::Listed => self.claims.listed(),
            Input::MoreReady => self.claims.more_ready(),
            Input::Transfer(id, event) => self.transfer_event(now, id, event),
            Input::Filed(id, result) => self.filed(now, id, result),
            Input::Metadata(id, text) => {
                if let Some(task) = self.window.get_mut(id) {
                    task.row.metadata = Some(text);
                }
            }
            Input::Conditions(conditions) => self.conditions_changed(now, conditions),
            Input::Ended(row, error) => self.ended(now, *row, error),
            Input::Awake(awake) => {
                self.awake = awake;
                self.judge(now);
            }
            Input::StartsInBackground => self.starts_in_background(now),
            Input::Tick => self.tick(now),
            Input::Shutdown => self.shutdown(),
        }
        self.advance(now);
        self.tell_wake(now);
    }

    /// The next thing to carry out.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When to call again with [`Input::Tick`] at the latest; none when nothing waits for a time
    /// (rule P6: with nothing to do, no timer is armed).
    pub fn next_timeout(&self, now: Moment) -> Option<Moment> {
        let due = self.claims.next_due();
        let deadline = self.window.next_deadline();
        let progress = self.window.next_progress(now);
        [due, deadline, progress, self.limiter_opens(now)]
            .into_iter()
            .flatten()
            .min_by_key(|moment| now.until_ms(*moment))
    }

    pub fn contains(&self, id: TaskId) -> bool {
        self.window.get(id).is_some()
    }

    /// Transfers under way, finishing ones included.
    pub fn busy(&self) -> usize {
        self.window.busy()
    }

    /// Files that are being put in place.
    pub fn finishing(&self) -> usize {
        self.window.finishing()
    }

    pub fn conditions(&self) -> &SystemConditions {
        &self.conditions
    }

    /// What tasks wait for now.
    pub fn unmet(&self) -> Needs {
        self.unmet
    }
}
