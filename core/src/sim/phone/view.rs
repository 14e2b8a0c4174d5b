//! What the model of the promises may look at.

use std::collections::BTreeMap;

use super::Inner;
use crate::clock::wall_ms;
use crate::conditions::SystemConditions;
use crate::engine::policy::{DeferralPolicy, Needs, StandardPolicy};
use crate::engine::state_of_row;
use crate::session::Session;
use crate::sim::life::Life;
use crate::sim::listener::Deliveries;
use crate::sim::promises::{Verdict, View};
use crate::sim::trace::Trace;
use crate::store::{EndedTask, Outline, TaskRow};
use crate::task_state::TaskState;

/// How long a launch may take to settle.
const LAUNCH_MS: i64 = 10_000;

/// The phone, looked at from outside.
pub(super) struct Seen<'a>(pub &'a Inner);

impl Seen<'_> {
    /// A session that has run time.
    fn live(&self, session: &str) -> Option<(Life, Session)> {
        let running = self.0.running().filter(super::Running::has_run_time)?;
        let session = running.backhaul.as_ref()?.session(session)?;
        Some((running.process.life().clone(), session))
    }
}

impl View for Seen<'_> {
    fn sessions(&self) -> Vec<String> {
        self.0.lock().sessions.iter().cloned().collect()
    }

    fn outline(&self, session: &str) -> Outline {
        match self.0.medium.outline(session) {
            Ok(outline) => outline,
            Err(error) => panic!("the store cannot be read: {error}"),
        }
    }

    fn conditions(&self) -> SystemConditions {
        self.0.lock().conditions
    }

    fn is_running(&self) -> bool {
        let running = self.0.running().filter(super::Running::has_run_time);
        running.is_some_and(|running| running.backhaul.is_some())
    }

    fn has_settled(&self) -> bool {
        let age_ms = |running: super::Running| self.elapsed_ms() - running.since_ms;
        self.0.running().map(age_ms) >= Some(LAUNCH_MS)
    }

    fn next_turn_ms(&self) -> Option<i64> {
        let timer_ms = self.0.next_timer_ms();
        // At first it waits for the answer of the platform's service.
        timer_ms.or((!self.has_settled()).then_some(0))
    }

    fn states(&self, session: &str, rows: &[TaskRow]) -> BTreeMap<i64, TaskState> {
        // Looking is no act of the process.
        let live = self
            .live(session)
            .and_then(|(life, session)| life.unobserved(|| session.states(rows).ok()));
        let now = self.0.world.now();
        // Transfers of its own need a process.
        let no_process = Needs::AWAKE.when(self.0.service.is_none());
        let unmet = StandardPolicy.unmet(&self.conditions()) | no_process;
        match live {
            Some(states) => states
                .into_iter()
                .map(|(id, state)| (id.as_i64(), state))
                .collect(),
            None => rows
                .iter()
                .map(|row| (row.id.as_i64(), state_of_row(row, unmet, now)))
                .collect(),
        }
    }

    fn next_evaluation_ms(&self, session: &str, row: &TaskRow) -> Option<i64> {
        let (life, session) = self.live(session)?;
        let explain = || session.task(row.id).and_then(|task| task.explain());
        let next = life.unobserved(explain).ok()?.next_evaluation?;
        Some(wall_ms(next) - self.0.world.now().wall_ms)
    }

    fn file(&self, row: &EndedTask) -> Verdict {
        match self.0.disk.file(self.0.place(&row.path)) {
            None => Verdict::Missing,
            Some(content) if self.0.net.ever_was(&row.url, &content) => Verdict::Right,
            Some(content) => Verdict::Wrong(format!("{content:?}")),
        }
    }

    fn is_with_service(&self, _: &str, _: &TaskRow) -> bool {
        false
    }

    fn elapsed_ms(&self) -> i64 {
        self.0.world.elapsed_ms()
    }

    fn armed_timers(&self) -> usize {
        let running = self.0.lock().running.clone();
        running.map_or(0, |running| running.process.timers())
    }

    fn version(&self) -> (u64, SystemConditions, bool) {
        let version = self.0.medium.version();
        (version, self.conditions(), self.is_running())
    }

    fn trace(&self, look: &mut dyn FnMut(&Trace)) {
        self.0.world.with_trace(|trace| look(trace));
    }

    fn deliveries(&self) -> Deliveries {
        self.0.deliveries.clone()
    }
}
