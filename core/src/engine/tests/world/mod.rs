//! The world around an engine: store, transport, disk and clock, all of them plain values.
//!
//! It carries effects out as the driver does, but decides nothing: what a transfer does, and when
//! the store answers, is the test's business. `drive` runs until nothing is left to do, and fails
//! when that takes too long: an engine that never comes to rest is a busy loop.

mod carry_out;
mod dependency;
mod events;
mod log;
mod make;
mod store;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::clock::Moment;
use crate::conditions::SystemConditions;
use crate::configuration::RetryPolicy;
use crate::engine::policy::LaunchLimiter;
use crate::engine::{Command, CommandToken, Effect, Engine, EngineConfig, Event, Input, NextWake};
use crate::store::{Change, Claim, ClaimRequest, TaskRow};
use crate::task_id::TaskId;
use crate::task_state::TaskState;
use crate::transport::{TransferEvent, TransferId};

pub(super) use events::{FILE_BYTES, lost, ok, refused};
pub(super) use make::{HOUR_MS, SECOND_MS, rules};
pub(super) use store::ModelStore;

/// Steps that one `drive` may take.
const DRIVE_LIMIT: usize = 50_000;
/// Times that one moment may be ticked at: each but the last few must have brought something.
const TICKS_LIMIT: usize = 500;
/// Effects that one input may queue: a few for each task of the window.
const EFFECTS_LIMIT: usize = 4 * crate::engine::window::WINDOW_LIMIT;

/// What the store was asked and has not looked at.
enum Question {
    Claim(ClaimRequest),
    Commit(Vec<Change>, Vec<Effect>),
    Load(TaskId, Command),
    Adopt(TransferId, Option<TransferEvent>),
}

/// What the store did and the engine has not heard of.
enum Answer {
    Claimed(Claim),
    /// The last word: whether others may go on.
    Committed(Vec<Change>, Vec<Effect>, bool),
    Loaded(TaskId, Command, Option<TaskRow>),
    Adopted(TransferId, Option<TransferEvent>, Option<TaskRow>),
}

pub(super) struct World {
    pub engine: Engine,
    pub config: EngineConfig,
    pub now: Moment,
    pub conditions: SystemConditions,
    pub store: ModelStore,
    /// Transfers that move bytes, and whether they were told to stop.
    pub running: BTreeMap<TransferId, bool>,
    /// Transfers that the engine decided to stop.
    pub stops_decided: BTreeSet<TransferId>,
    /// Whether the transport answers a stop by itself.
    pub answers_stops: bool,
    /// Received bodies that wait to be put in place.
    pub filing: BTreeSet<TaskId>,
    /// What the delegate was told, with its end for ends.
    pub told: Vec<Event>,
    pub delivered: Vec<TaskId>,
    pub parts_removed: Vec<TaskId>,
    /// The wakes that were asked for.
    pub wakes: Vec<Option<NextWake>>,
    pub replies: BTreeMap<u64, usize>,
    /// One line for each effect.
    pub log: Vec<String>,
    events: VecDeque<(TransferId, TransferEvent)>,
    questions: VecDeque<Question>,
    answers: VecDeque<Answer>,
    next_id: i64,
    next_token: u64,
}

impl World {
    /// Four transfers at a time, four to each host.
    pub fn new() -> World {
        World::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut EngineConfig)) -> World {
        let mut config = EngineConfig {
            max_concurrent_transfers: 4,
            max_connections_per_host: 4,
            max_transfers_per_group: None,
            rules: make::rules(|_| {}),
            limiter: LaunchLimiter::default(),
            retry: RetryPolicy {
                base: Duration::from_secs(1),
                cap: Duration::from_secs(300),
            },
            timeout_for_resource_ms: 7 * 24 * HOUR_MS,
            outlives_process: false,
            conditions: SystemConditions::default(),
            seed: 1,
        };
        change(&mut config);
        let mut world = World {
            engine: Engine::new(config.clone()),
            config,
            now: make::START,
            conditions: SystemConditions::default(),
            store: ModelStore::default(),
            running: BTreeMap::new(),
            stops_decided: BTreeSet::new(),
            answers_stops: true,
            filing: BTreeSet::new(),
            told: Vec::new(),
            delivered: Vec::new(),
            parts_removed: Vec::new(),
            wakes: Vec::new(),
            replies: BTreeMap::new(),
            log: Vec::new(),
            events: VecDeque::new(),
            questions: VecDeque::new(),
            answers: VecDeque::new(),
            next_id: 1,
            next_token: 0,
        };
        world.launch();
        world
    }

    /// The process dies at this instant: what the engine knew and what nobody had answered is gone.
    pub fn crash(&mut self) {
        self.questions.clear();
        self.answers.clear();
        self.filing.clear();
        if !self.config.outlives_process {
            self.running.clear();
            self.events.clear();
        }
        // What was decided and not yet said to the transport is forgotten.
        let running = &self.running;
        self.stops_decided
            .retain(|id| running.get(id) == Some(&true));
    }

    /// A process begins: rows go back to the queue, transfers that went on are asked for.
    pub fn launch(&mut self) {
        self.store.open(self.now);
        self.config.conditions = self.conditions;
        self.config.limiter = self.store.limiter.restored(self.now);
        self.engine = Engine::new(self.config.clone());
        self.feed(Input::MoreReady);
        if self.config.outlives_process {
            for id in self.running.keys() {
                self.questions.push_back(Question::Adopt(*id, None));
            }
            self.feed(Input::Listed);
        }
    }

    /// Killed and started again.
    pub fn restart(&mut self) {
        self.crash();
        self.launch();
        self.drive();
    }

    pub fn feed(&mut self, input: Input) {
        self.engine.handle(self.now, input);
        for count in 0.. {
            let Some(effect) = self.engine.poll_effect() else {
                break;
            };
            assert!(count < EFFECTS_LIMIT, "the effects queue is not bounded");
            self.note(&effect);
            self.carry_out(effect);
        }
    }

    /// Feeds an input and lets everything that follows happen.
    pub fn drive_with(&mut self, input: Input) {
        self.feed(input);
        self.drive();
    }

    /// Lets the store answer and the transport stop, until nothing is left to do.
    pub fn drive(&mut self) {
        for _ in 0..DRIVE_LIMIT {
            if !(self.hear_event() || self.hear_store() || self.ask_store()) {
                return;
            }
        }
        panic!("the engine does not come to rest");
    }

    /// Nothing is under way between the engine and its store.
    pub fn is_quiet(&self) -> bool {
        self.events.is_empty() && self.questions.is_empty() && self.answers.is_empty()
    }

    /// How long until the engine wants to be called again.
    pub fn timeout_ms(&self) -> Option<i64> {
        let due = self.engine.next_timeout(self.now)?;
        Some(self.now.until_ms(due))
    }

    /// Time goes by; the timer is served at each moment that the engine names.
    pub fn advance(&mut self, ms: i64) {
        let end = self.now.uptime_ms + ms;
        let mut ticks_now = 0;
        while let Some(wait) = self.timeout_ms() {
            if wait > end - self.now.uptime_ms {
                break;
            }
            ticks_now = if wait > 0 { 0 } else { ticks_now + 1 };
            assert!(ticks_now < TICKS_LIMIT, "the timer fires without end");
            self.now = self.now.plus_ms(wait);
            self.drive_with(Input::Tick);
        }
        self.now = self.now.plus_ms(end - self.now.uptime_ms);
    }

    /// Somebody sets the clock.
    pub fn jump_wall_clock(&mut self, ms: i64) {
        self.now.wall_ms += ms;
    }

    pub fn set_conditions(&mut self, change: impl FnOnce(&mut SystemConditions)) {
        change(&mut self.conditions);
        self.drive_with(Input::Conditions(self.conditions));
    }

    fn next_token(&mut self) -> CommandToken {
        self.next_token += 1;
        self.replies.insert(self.next_token, 0);
        CommandToken(self.next_token)
    }

    /// Gives a command and lets it come to its end; whether it was answered.
    pub fn command(&mut self, id: TaskId, command: fn(CommandToken) -> Command) -> bool {
        let token = self.ask(id, command);
        self.drive();
        self.is_answered(token)
    }

    pub fn resume(&mut self, id: TaskId) -> bool {
        self.command(id, Command::Resume)
    }

    pub fn suspend(&mut self, id: TaskId) -> bool {
        self.command(id, Command::Suspend)
    }

    pub fn cancel(&mut self, id: TaskId) -> bool {
        self.command(id, Command::Cancel)
    }

    pub fn is_answered(&self, token: CommandToken) -> bool {
        self.replies[&token.0] == 1
    }

    /// The state that an app sees.
    pub fn state(&self, id: TaskId) -> TaskState {
        match self.engine.state(self.now, id) {
            Some((_, state)) => state,
            None => {
                let row = self.store.get(id);
                crate::engine::state_of_row(row, self.engine.unmet(), self.now)
            }
        }
    }
}
