//! Rows, as an app would enqueue them.

use super::World;
use crate::clock::Moment;
use crate::configuration::{SessionConfiguration, Settings};
use crate::engine::Input;
use crate::engine::policy::{Needs, Rules};
use crate::error::ErrorKind;
use crate::request::RequestOptions;
use crate::store::{Deadline, Hold, Outcome, Phase, Record, TaskRow};
use crate::task_id::TaskId;
use crate::task_state::WaitReason;

pub(crate) const SECOND_MS: i64 = 1_000;
pub(crate) const HOUR_MS: i64 = 3_600 * SECOND_MS;

pub(super) const START: Moment = Moment {
    wall_ms: 1_700_000_000_000,
    uptime_ms: 5_000_000,
    boot: 7,
};

/// The rules of a background session that is not discretionary, with what the test wants otherwise.
pub(crate) fn rules(change: impl FnOnce(&mut Settings)) -> Rules {
    let configuration = SessionConfiguration::background("test").unwrap();
    let mut settings = configuration.settings;
    settings.is_discretionary = false;
    change(&mut settings);
    Rules::of(&settings)
}

impl World {
    /// A row that needs a network, ready, without a deadline, with what the test wants otherwise.
    /// The engine is not told.
    pub fn insert(&mut self, change: impl FnOnce(&mut TaskRow)) -> TaskId {
        let id = TaskId(self.next_id);
        self.next_id += 1;
        let mut row = TaskRow {
            id,
            url: format!("https://a/{id}"),
            host: "a:443".to_owned(),
            base: "container".to_owned(),
            path: format!("{id}"),
            caller_id: None,
            metadata: None,
            options: RequestOptions::default(),
            needs: Needs::NETWORK.bits(),
            phase: Phase::Ready,
            hold: None,
            rank: 0,
            deadline: None,
            relax_ms: None,
            created_ms: self.now.wall_ms,
            record: Record::default(),
            waits: 0,
            after: Vec::new(),
            doomed: None,
        };
        change(&mut row);
        self.store.insert(row);
        id
    }

    pub fn enqueue_with(&mut self, change: impl FnOnce(&mut TaskRow)) -> TaskId {
        let id = self.insert(change);
        self.drive_with(Input::MoreReady);
        id
    }

    /// One that comes after others.
    pub fn enqueue_after(&mut self, ahead: &[TaskId]) -> TaskId {
        self.enqueue_with(|row| row.after = ahead.to_vec())
    }

    pub fn enqueue(&mut self) -> TaskId {
        self.enqueue_with(|_| {})
    }

    /// Many at once, in one commit.
    pub fn enqueue_many(
        &mut self,
        count: usize,
        change: impl Fn(usize, &mut TaskRow),
    ) -> Vec<TaskId> {
        let ids = (0..count)
            .map(|index| self.insert(|row| change(index, row)))
            .collect();
        self.drive_with(Input::MoreReady);
        ids
    }

    /// A deadline that counts from now.
    pub fn deadline(&self, delay_ms: i64) -> Option<Deadline> {
        Some(Deadline::after(self.now, delay_ms))
    }

    /// A wait that begins now.
    pub fn hold(&self, delay_ms: i64) -> Hold {
        Hold {
            reason: WaitReason::EarliestBeginDate,
            set: self.now,
            delay_ms,
        }
    }

    pub fn phase(&self, id: TaskId) -> Phase {
        self.store.get(id).phase
    }

    /// The journal entry of a task, which must have ended, once.
    pub fn end(&self, id: TaskId) -> &Outcome {
        assert_eq!(self.store.ends_of(id), 1, "task {id} has not ended once");
        let mut journal = self.store.journal.iter();
        &journal.find(|(task, _)| *task == id).unwrap().1
    }

    pub fn succeeded(&self, id: TaskId) -> bool {
        self.end(id).result.is_ok()
    }

    pub fn error_of(&self, id: TaskId) -> ErrorKind {
        self.end(id).result.as_ref().unwrap_err().kind
    }

    /// What the delegate was told that a task waits for, in order.
    pub fn reasons_told(&self, id: TaskId) -> Vec<WaitReason> {
        let of_task = self.told.iter().filter(|event| event.task.id == id);
        of_task
            .filter_map(|event| match event.kind {
                crate::engine::EventKind::Waiting(reason) => Some(reason),
                _ => None,
            })
            .collect()
    }
}
