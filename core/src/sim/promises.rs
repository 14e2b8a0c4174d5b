//! What must hold after every step, judged by a model that is simpler than what it judges.
//!
//! The model reads what the disk holds and what was noted in the trace; it shares no decision with
//! the engine.

use std::collections::{BTreeMap, BTreeSet};

use super::listener::{Deliveries, Delivery};
use super::trace::{Trace, What};
use crate::conditions::{Network, SystemConditions, ThermalState};
use crate::store::{EndedTask, Outline, Phase, TaskRow};
use crate::task_state::{TaskState, WaitReason};

/// How long a transfer may take to stop.
const STOPPING_LIMIT_MS: i64 = 1_000;

/// What the app asked for, and the device has promised to keep.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub allows_cellular: bool,
    pub allows_expensive: bool,
    pub allows_constrained: bool,
}

/// Names a task over all sessions.
pub(super) type Name = (String, i64);

/// What a finished file turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// One version of the object, whole.
    Right,
    Wrong(String),
    Missing,
}

/// What the model may look at.
pub(super) trait View {
    /// The sessions that there have been, in order.
    fn sessions(&self) -> Vec<String>;
    fn outline(&self, session: &str) -> Outline;
    fn conditions(&self) -> SystemConditions;
    /// A process lives and has run time.
    fn is_running(&self) -> bool;
    /// The process lives for some time already.
    fn has_settled(&self) -> bool;
    /// How long until the process, the platform or its transfer service does something by itself.
    fn next_turn_ms(&self) -> Option<i64>;
    /// Where these tasks stand.
    fn states(&self, session: &str, rows: &[TaskRow]) -> BTreeMap<i64, TaskState>;
    /// When a task that waits is looked at again, in milliseconds from now.
    fn next_evaluation_ms(&self, session: &str, row: &TaskRow) -> Option<i64>;
    /// The file at a finished task's destination.
    fn file(&self, task: &EndedTask) -> Verdict;
    /// Whether the platform carries the transfers, and holds this task's.
    fn is_with_service(&self, session: &str, row: &TaskRow) -> bool;
    /// True time since the world began.
    fn elapsed_ms(&self) -> i64;
    fn armed_timers(&self) -> usize;
    /// Another value whenever something may be otherwise than before.
    fn version(&self) -> (u64, SystemConditions, bool);
    fn trace(&self, look: &mut dyn FnMut(&Trace));
    fn deliveries(&self) -> Deliveries;
}

/// A promise that was broken.
pub(super) type Broken = (&'static str, String);

/// What the model remembers.
#[derive(Default)]
pub(super) struct Model {
    wanted: BTreeMap<Name, Wanted>,
    /// Tasks whose end was told and acknowledged.
    told: BTreeSet<Name>,
    /// How often an end had been delivered when its acknowledgement was first seen on the disk.
    acknowledged: BTreeMap<Delivery, u32>,
    /// Finished tasks whose file was judged.
    judged: BTreeSet<Name>,
    /// Transfers of processes that move bytes.
    moving: BTreeSet<Name>,
    /// Those that move against their constraints, and since when: stopping takes a moment.
    against: BTreeMap<Name, i64>,
    read: usize,
    /// What was looked at last.
    seen: Option<(u64, SystemConditions, bool)>,
    /// Why each task waits, as it was last seen; and what of that nobody has noted yet.
    reasons: BTreeMap<Name, WaitReason>,
    news: Vec<(Name, WaitReason)>,
    /// Said already: one report for each thing that is wrong.
    said: BTreeSet<String>,
}

impl Model {
    /// An enqueue call has returned in a process that lives: from now on the task is owed (rule D1).
    pub fn owes(&mut self, name: Name, wanted: Wanted) {
        self.wanted.insert(name, wanted);
    }

    /// Looks at everything. Call it when nothing is left to do at this moment.
    pub fn check(&mut self, view: &dyn View) -> Vec<Broken> {
        let mut broken = Vec::new();
        self.read_trace(view);
        self.nothing_runs_against_its_constraints(view, &mut broken);
        let version = view.version();
        if self.seen.replace(version) == Some(version) {
            broken.retain(|(rule, text)| self.said.insert(format!("{rule} {text}")));
            return broken;
        }
        for session in view.sessions() {
            let contents = view.outline(&session);
            self.nothing_is_lost(&session, &contents, &mut broken);
            self.ends_are_told_once_acknowledged(&session, &contents, view, &mut broken);
            self.files_are_right(&session, &contents, view, &mut broken);
            self.waits_have_reasons(&session, &contents, view, &mut broken);
        }
        let limit = view.sessions().len();
        if view.armed_timers() > limit {
            let text = format!("{} timers for {limit} sessions", view.armed_timers());
            broken.push(("P6", text));
        }
        // Looking is a transaction too, and changes nothing.
        self.seen = Some(view.version());
        broken.retain(|(rule, text)| self.said.insert(format!("{rule} {text}")));
        broken
    }

    /// Tasks that wait for another reason than before.
    pub fn take_news(&mut self) -> Vec<(Name, WaitReason)> {
        std::mem::take(&mut self.news)
    }

    fn read_trace(&mut self, view: &dyn View) {
        view.trace(&mut |trace| {
            for entry in &trace.entries()[self.read..] {
                match &entry.what {
                    What::Started { session, task, .. } => {
                        self.moving.insert((session.clone(), *task));
                    }
                    What::Stopped { session, task, .. } => {
                        self.moving.remove(&(session.clone(), *task));
                    }
                    What::Ended { .. } => self.moving.clear(),
                    _ => {}
                }
            }
            self.read = trace.entries().len();
        });
    }

    /// Rules D1, S7: what was enqueued is there. Rule D4: an end has exactly one journal entry.
    fn nothing_is_lost(&mut self, session: &str, contents: &Outline, broken: &mut Vec<Broken>) {
        let live = contents.live.iter().map(|row| (row.id.as_i64(), false));
        let ended = contents.ended.iter().map(|task| (task.id.as_i64(), true));
        let known: BTreeMap<i64, bool> = live.chain(ended).collect();
        for entry in contents.journal.iter().filter(|entry| entry.acknowledged) {
            self.told.insert((session.to_owned(), entry.task.as_i64()));
        }
        for name in self.wanted.keys() {
            let (owner, task) = name;
            // Some days after its end was told, a task is forgotten.
            let is_owed = owner == session && !self.told.contains(name);
            if is_owed && !known.contains_key(task) {
                broken.push(("S7", format!("task {task} of {session} is lost")));
            }
        }
        let mut entries: BTreeMap<i64, usize> = BTreeMap::new();
        for line in &contents.journal {
            *entries.entry(line.task.as_i64()).or_default() += 1;
        }
        for (task, has_ended) in known {
            let entries = entries.get(&task).copied().unwrap_or(0);
            if entries != usize::from(has_ended) {
                let how = if has_ended {
                    "has ended"
                } else {
                    "has not ended"
                };
                let text =
                    format!("task {task} of {session} {how}, with {entries} journal entries");
                broken.push(("D4", text));
            }
        }
    }

    /// Rule D4: what is acknowledged on the disk is never told again.
    fn ends_are_told_once_acknowledged(
        &mut self,
        session: &str,
        contents: &Outline,
        view: &dyn View,
        broken: &mut Vec<Broken>,
    ) {
        let deliveries = view.deliveries();
        for entry in contents.journal.iter().filter(|entry| entry.acknowledged) {
            let delivery = Delivery {
                session: session.to_owned(),
                task: entry.task.as_i64(),
                sequence: entry.task_seq,
            };
            let told = deliveries.count(&delivery);
            if told == 0 {
                let text = format!("the end of task {} was acknowledged untold", delivery.task);
                broken.push(("D4", text));
            }
            let before = *self.acknowledged.entry(delivery.clone()).or_insert(told);
            if told > before {
                let text = format!(
                    "the end of task {} was told again after its acknowledgement",
                    delivery.task
                );
                broken.push(("D4", text));
            }
        }
    }

    /// Rules R9, D2: a file that is reported as a success is one version, whole and in its place.
    fn files_are_right(
        &mut self,
        session: &str,
        contents: &Outline,
        view: &dyn View,
        broken: &mut Vec<Broken>,
    ) {
        let arrived: BTreeSet<i64> = contents
            .journal
            .iter()
            .filter(|line| line.arrived)
            .map(|line| line.task.as_i64())
            .collect();
        for row in &contents.ended {
            let name = (session.to_owned(), row.id.as_i64());
            if !arrived.contains(&row.id.as_i64()) || !self.judged.insert(name) {
                continue;
            }
            match view.file(row) {
                Verdict::Right => {}
                Verdict::Wrong(what) => {
                    broken.push((
                        "R9",
                        format!("the file of task {} is wrong: {what}", row.id),
                    ));
                }
                Verdict::Missing => {
                    broken.push(("D2", format!("the file of task {} is missing", row.id)));
                }
            }
        }
    }

    /// Rules P1, P2: nothing moves that the app or the user has forbidden.
    fn nothing_runs_against_its_constraints(&mut self, view: &dyn View, broken: &mut Vec<Broken>) {
        let (now, now_ms) = (view.conditions(), view.elapsed_ms());
        // A process without run time moves nothing.
        if !view.is_running() {
            return self.against.clear();
        }
        for name in &self.moving {
            let Some(wanted) = self.wanted.get(name) else {
                continue;
            };
            let against = [
                (now.network == Network::None, "without a network"),
                (
                    now.network == Network::Cellular && !wanted.allows_cellular,
                    "on cellular",
                ),
                (
                    now.expensive && !wanted.allows_expensive,
                    "on an expensive network",
                ),
                (
                    now.constrained && !wanted.allows_constrained,
                    "on a constrained network",
                ),
                (now.thermal == ThermalState::Critical, "on a hot device"),
            ];
            let Some((_, how)) = against.iter().find(|(is_against, _)| *is_against) else {
                self.against.remove(name);
                continue;
            };
            let since_ms = *self.against.entry(name.clone()).or_insert(now_ms);
            if now_ms - since_ms > STOPPING_LIMIT_MS {
                broken.push(("P2", format!("task {} of {} runs {how}", name.1, name.0)));
            }
        }
        let moving = &self.moving;
        self.against.retain(|name, _| moving.contains(name));
    }

    /// Rule P1: what waits says why, the reason is true, and something will end it.
    fn waits_have_reasons(
        &mut self,
        session: &str,
        contents: &Outline,
        view: &dyn View,
        broken: &mut Vec<Broken>,
    ) {
        let now = view.conditions();
        let is_on_its_way = |row: &&TaskRow| row.phase != Phase::Suspended;
        let on_their_way: Vec<TaskRow> = contents
            .live
            .iter()
            .filter(is_on_its_way)
            .cloned()
            .collect();
        if on_their_way.is_empty() {
            return;
        }
        let states = view.states(session, &on_their_way);
        for row in &on_their_way {
            let id = row.id;
            let Some(state) = states.get(&id.as_i64()) else {
                broken.push(("E1", format!("task {id} is not among the session's")));
                continue;
            };
            let reason = match *state {
                TaskState::Waiting(reason) => reason,
                // In no process, a claimed row is one that the next launch takes up.
                TaskState::Transferring | TaskState::Canceling | TaskState::Suspended => {
                    self.reasons.remove(&(session.to_owned(), id.as_i64()));
                    continue;
                }
                TaskState::Completed => {
                    broken.push(("E1", format!("task {id} has not ended and says it has")));
                    continue;
                }
            };
            let name = (session.to_owned(), id.as_i64());
            if self.reasons.insert(name.clone(), reason) != Some(reason) {
                self.news.push((name, reason));
            }
            if !view.is_running() || view.is_with_service(session, row) {
                continue;
            }
            if is_untrue(reason, &now) {
                broken.push(("P1", format!("task {id} says {reason}, which is not so")));
            }
            let is_any_moving = states
                .values()
                .any(|state| *state == TaskState::Transferring);
            if is_about_others(reason) && !is_any_moving && view.has_settled() {
                broken.push(("P1", format!("task {id} says {reason}, and nothing runs")));
            }
            if is_timed(reason) {
                if view.next_evaluation_ms(session, row).is_none() {
                    broken.push(("P1", format!("task {id} waits for {reason} without an end")));
                }
                if view.next_turn_ms().is_none() {
                    broken.push(("P6", format!("nothing will end {reason} of task {id}")));
                }
            }
        }
    }
}

/// Whether the system's state contradicts a reason that speaks of it.
fn is_untrue(reason: WaitReason, now: &SystemConditions) -> bool {
    let metered = now.expensive || now.network == Network::Cellular;
    match reason {
        WaitReason::Connectivity => now.network != Network::None && !now.captive,
        WaitReason::CellularNotAllowed => now.network != Network::Cellular,
        WaitReason::ExpensiveNotAllowed => !now.expensive,
        WaitReason::ConstrainedNotAllowed => !(now.constrained || now.data_saver && metered),
        WaitReason::LowPower => !now.low_power,
        WaitReason::Thermal => now.thermal < ThermalState::Serious,
        WaitReason::ProtectedData => now.protected_data_available,
        WaitReason::LaunchRateLimit => now.app_state.is_in_front(),
        _ => false,
    }
}

/// Reasons that speak of other transfers.
fn is_about_others(reason: WaitReason) -> bool {
    matches!(
        reason,
        WaitReason::SessionLimit | WaitReason::HostLimit | WaitReason::GroupLimit
    )
}

/// Reasons that end by themselves at a time.
fn is_timed(reason: WaitReason) -> bool {
    matches!(
        reason,
        WaitReason::EarliestBeginDate
            | WaitReason::RetryBackoff
            | WaitReason::RetryAfter
            | WaitReason::LaunchRateLimit
    )
}
