//! What must hold after every step, whenever all is quiet, and at the end.

use std::collections::{BTreeMap, BTreeSet};

use super::history::{History, Wish};
use crate::engine::policy::Needs;
use crate::engine::window::WINDOW_LIMIT;
use crate::store::{Phase, TaskRow};
use crate::task_id::TaskId;

impl History {
    pub fn check(&mut self) {
        self.check_limits();
        self.check_conditions();
        self.check_ends();
        self.check_replies();
        self.check_dependencies();
        if self.world.is_quiet() {
            self.check_nothing_is_stuck();
        }
    }

    fn check_limits(&self) {
        let world = &self.world;
        assert!(world.running.len() <= world.config.max_concurrent_transfers);
        let mut hosts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut tasks: Vec<_> = world.running.keys().map(|id| id.task).collect();
        for id in &tasks {
            *hosts.entry(&world.store.get(*id).host).or_default() += 1;
        }
        let per_host = world.config.max_connections_per_host;
        assert!(hosts.values().all(|count| *count <= per_host), "{hosts:?}");
        let of = |id: &_| world.store.get(*id).options.group.clone();
        for group in ["a", "b"] {
            let limit = world.config.max_transfers_per_group.unwrap_or(usize::MAX);
            let running = tasks.iter().filter(|id| of(id).as_deref() == Some(group));
            assert!(running.count() <= limit);
        }
        tasks.dedup();
        assert_eq!(tasks.len(), world.running.len(), "one attempt for a task");
        assert!(world.engine.window.len() <= WINDOW_LIMIT);
    }

    /// Rule P2: nothing runs whose needs are not met, unless its stop was decided.
    fn check_conditions(&self) {
        let world = &self.world;
        for id in world.running.keys() {
            if world.is_taking_over(*id) {
                continue;
            }
            let row = match world.engine.state(world.now, id.task) {
                Some((row, _)) => row,
                None => world.store.get(id.task),
            };
            let needs = Needs::from_bits(row.needs);
            let blocked = needs.blocked_by(world.engine.unmet());
            assert!(
                blocked.is_none() || world.stops_decided.contains(id),
                "{id} runs although {blocked:?}"
            );
        }
    }

    /// Rule D4: exactly one journal entry for what has ended, none for what has not.
    fn check_ends(&self) {
        let store = &self.world.store;
        let ended = store.rows().filter(|row| row.phase == Phase::Completed);
        let ended: BTreeSet<_> = ended.map(|row| row.id).collect();
        let in_journal: BTreeSet<_> = store.journal.iter().map(|(id, _)| *id).collect();
        assert_eq!(in_journal.len(), store.journal.len(), "an end twice");
        assert_eq!(in_journal, ended);
    }

    /// Rule L6: nothing moves before all that it comes after have succeeded.
    fn check_dependencies(&self) {
        let store = &self.world.store;
        let succeeded = |id: &TaskId| {
            let mut ends = store.journal.iter();
            ends.any(|(task, end)| task == id && end.result.is_ok())
        };
        let moved = self.world.running.keys().map(|id| id.task);
        let arrived = store.journal.iter().map(|(id, _)| *id).filter(succeeded);
        for id in moved.chain(arrived) {
            assert!(
                self.after[&id].iter().all(succeeded),
                "task {id} came early"
            );
        }
    }

    /// Rule L6: what comes after one that failed has ended, and says so; what still waits has
    /// something to wait for.
    fn check_plans_at_the_end(&self) {
        let store = &self.world.store;
        for (id, after) in &self.after {
            let is_behind_a_failure = after.iter().any(|ahead| {
                let mut ends = store.journal.iter();
                ends.any(|(task, end)| task == ahead && end.result.is_err())
            });
            let row = store.get(*id);
            if is_behind_a_failure {
                assert_eq!(row.phase, Phase::Completed, "task {id}");
            }
            if row.phase == Phase::Held {
                let is_live = |id: &TaskId| store.get(*id).phase != Phase::Completed;
                assert!(after.iter().any(is_live), "task {id} waits for nothing");
            }
        }
    }

    /// An answer comes when what was asked for is durable. That it comes once, the world checks.
    fn check_replies(&mut self) {
        let world = &self.world;
        self.owed.retain(|(token, id, wish)| {
            let is_answered = world.is_answered(*token);
            let phase = world.store.get(*id).phase;
            match wish {
                Wish::Ends if is_answered => assert_eq!(phase, Phase::Completed, "task {id}"),
                // A paused task leaves that state by itself only when its time runs out, when one that
                // it comes after fails, or for a moment while its row is fetched for a late event of a platform's service.
                Wish::Pauses if is_answered && self.wishes[id] == *wish => assert!(
                    matches!(phase, Phase::Suspended | Phase::Completed)
                        || world.store.get(*id).deadline.is_some()
                        || world.store.get(*id).doomed.is_some()
                        || world.config.outlives_process,
                    "task {id} is {phase:?}"
                ),
                _ => {}
            }
            !is_answered
        });
    }

    /// Rule P1: what waits has something that will end the wait.
    fn check_nothing_is_stuck(&self) {
        let world = &self.world;
        let timeout_ms = world.timeout_ms();
        if let Some(due_ms) = world.store.next_due_ms(world.now) {
            let is_served = timeout_ms.is_some_and(|ms| ms <= due_ms);
            assert!(is_served, "due in {due_ms} ms, timer {timeout_ms:?}");
        }
        for row in world.store.rows() {
            if row.phase as i64 >= Phase::Claimed as i64 {
                continue;
            }
            assert!(!self.could_run(row), "task {} could run", row.id);
        }
    }

    fn could_run(&self, row: &TaskRow) -> bool {
        let world = &self.world;
        let to_host = world.engine.window.transferring_to(&row.host);
        row.phase == Phase::Ready
            && Needs::from_bits(row.needs)
                .blocked_by(world.engine.unmet())
                .is_none()
            && world.engine.window.transferring() < world.config.max_concurrent_transfers
            && to_host < world.config.max_connections_per_host
            && world.engine.full(row).is_none()
    }

    pub fn check_the_end(&self) {
        let world = &self.world;
        assert!(world.is_quiet());
        assert_eq!(self.owed, [], "commands without an answer");
        for row in world.store.rows() {
            let waits = row.phase == Phase::Held && row.waits > 0;
            let at_rest = matches!(row.phase, Phase::Completed | Phase::Suspended) || waits;
            assert!(at_rest, "task {} is stuck as {:?}", row.id, row.phase);
            match self.wishes.get(&row.id) {
                Some(Wish::Runs) if waits => {}
                Some(Wish::Runs | Wish::Ends) => {
                    assert_eq!(row.phase, Phase::Completed, "task {}", row.id)
                }
                Some(Wish::Pauses | Wish::Unclear) | None => {}
            }
        }
        self.check_plans_at_the_end();
        // What was paused alone stays paused, unless its time ran out.
        for (id, wish) in &self.wishes {
            let row = world.store.get(*id);
            if *wish == Wish::Pauses && row.deadline.is_none() && world.store.ends_of(*id) == 0 {
                assert_eq!(row.phase, Phase::Suspended, "task {id}");
            }
        }
    }
}
