//! What the model of the promises may look at.

use super::Inner;
use crate::clock::wall_ms;
use crate::conditions::SystemConditions;
use crate::engine::policy::{DeferralPolicy, StandardPolicy};
use crate::engine::state_of_row;
use crate::sim::listener::Deliveries;
use crate::sim::promises::{Verdict, View};
use crate::sim::trace::Trace;
use crate::store::{Contents, TaskRow};
use crate::task_state::TaskState;

/// The phone, looked at from outside.
pub(super) struct Seen<'a>(pub &'a Inner);

impl View for Seen<'_> {
    fn sessions(&self) -> Vec<String> {
        self.0.lock().sessions.iter().cloned().collect()
    }

    fn contents(&self, session: &str) -> Contents {
        match self.0.medium.contents(session) {
            Ok(contents) => contents.unwrap_or_default(),
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

    fn next_turn_ms(&self) -> Option<i64> {
        self.0.next_timer_ms()
    }

    fn explain(&self, session: &str, row: &TaskRow) -> (TaskState, Option<i64>) {
        let now = self.0.world.now();
        let running = self.0.running().filter(super::Running::has_run_time);
        let live = running.and_then(|running| {
            let session = running.backhaul?.session(session)?;
            // Looking is no act of the process.
            running.process.life().unobserved(|| {
                let task = session.task(row.id).ok()?;
                task.explain().ok()
            })
        });
        match live {
            Some(explanation) => {
                let next = explanation.next_evaluation;
                let next_ms = next.map(|next| wall_ms(next) - now.wall_ms);
                (explanation.task.state, next_ms)
            }
            None => (
                state_of_row(row, StandardPolicy.unmet(&self.conditions()), now),
                None,
            ),
        }
    }

    fn file(&self, _: &str, row: &TaskRow) -> Verdict {
        match self.0.disk.file(&self.0.place(&row.path)) {
            None => Verdict::Missing,
            Some(content) if self.0.net.ever_was(&row.url, &content) => Verdict::Right,
            Some(content) => Verdict::Wrong(format!("{content:?}")),
        }
    }

    fn is_with_service(&self, _: &str, _: &TaskRow) -> bool {
        false
    }

    fn armed_timers(&self) -> usize {
        let running = self.0.lock().running.clone();
        running.map_or(0, |running| running.process.timers())
    }

    fn trace(&self, look: &mut dyn FnMut(&Trace)) {
        self.0.world.with_trace(|trace| look(trace));
    }

    fn deliveries(&self) -> Deliveries {
        self.0.deliveries.clone()
    }
}
