//! The tasks in memory: a bounded window on the queue that lies in the store (rule P9).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::clock::Moment;
use crate::engine::task::{Stage, Task};
use crate::task_id::TaskId;

/// The most tasks in memory, whatever the limits of the session.
pub(crate) const WINDOW_LIMIT: usize = 512;

/// Tasks by id, and the indexes that choosing the next one needs.
#[derive(Debug, Default)]
pub(crate) struct Window {
    tasks: BTreeMap<TaskId, Task>,
    /// Queued ones in the order in which they go.
    queue: BTreeSet<(i64, i64, TaskId)>,
    /// Transfers to each host; finishing files no longer count.
    hosts: HashMap<String, usize>,
    /// Transfers of each group, in the same way.
    groups: HashMap<String, usize>,
    transferring: usize,
    finishing: usize,
}

impl Window {
    pub fn insert(&mut self, task: Task) {
        self.count(&task, true);
        self.tasks.insert(task.row.id, task);
    }

    pub fn remove(&mut self, id: TaskId) -> Option<Task> {
        let task = self.tasks.remove(&id)?;
        self.count(&task, false);
        Some(task)
    }

    /// Moves a task to another stage and keeps the indexes true. The only way to change a stage.
    pub fn set_stage(&mut self, id: TaskId, stage: Stage) {
        if let Some(mut task) = self.remove(id) {
            task.stage = stage;
            self.insert(task);
        }
    }

    fn count(&mut self, task: &Task, added: bool) {
        match task.stage {
            Stage::Queued if added => {
                self.queue.insert(task.order());
            }
            Stage::Queued => {
                self.queue.remove(&task.order());
            }
            Stage::Transferring { .. } => {
                self.transferring = step(self.transferring, added);
                count_one(&mut self.hosts, &task.row.host, added);
                if let Some(group) = &task.row.options.group {
                    count_one(&mut self.groups, group, added);
                }
            }
            Stage::Finishing { .. } => self.finishing = step(self.finishing, added),
            Stage::Parked { .. } => {}
        }
    }

    pub fn get(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(&id)
    }

    /// For changes that leave the variant of the stage as it is.
    pub fn get_mut(&mut self, id: TaskId) -> Option<&mut Task> {
        self.tasks.get_mut(&id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    pub fn queued(&self) -> impl Iterator<Item = &Task> {
        self.queue
            .iter()
            .filter_map(|(_, _, id)| self.tasks.get(id))
    }

    pub fn queued_len(&self) -> usize {
        self.queue.len()
    }

    pub fn transferring(&self) -> usize {
        self.transferring
    }

    pub fn finishing(&self) -> usize {
        self.finishing
    }

    pub fn busy(&self) -> usize {
        self.transferring + self.finishing
    }

    pub fn transferring_to(&self, host: &str) -> usize {
        self.hosts.get(host).copied().unwrap_or(0)
    }

    pub fn transferring_in(&self, group: &str) -> usize {
        self.groups.get(group).copied().unwrap_or(0)
    }

    /// Hosts that run as many transfers as allowed.
    pub fn full_hosts(&self, limit: usize) -> Vec<String> {
        let full = self.hosts.iter().filter(|(_, count)| **count >= limit);
        let mut hosts: Vec<String> = full.map(|(host, _)| host.clone()).collect();
        hosts.sort_unstable();
        hosts
    }

    /// The first deadline of a task that can still miss it.
    pub fn next_deadline(&self) -> Option<Moment> {
        self.tasks
            .values()
            .filter_map(Task::pending_deadline)
            .min_by_key(|deadline| (deadline.uptime_ms, deadline.wall_ms))
    }

    /// When a progress call is due that came too soon after another (rule E2).
    pub fn next_progress(&self, now: Moment) -> Option<Moment> {
        let behind = self.tasks.values().filter(|task| task.pace.is_behind);
        let pauses = behind.map(|task| task.pace.pause_ms(now.uptime_ms));
        pauses.min().map(|pause| now.plus_ms(pause))
    }
}

fn count_one(counts: &mut HashMap<String, usize>, name: &str, added: bool) {
    let count = counts.entry(name.to_owned()).or_default();
    *count = step(*count, added);
    if *count == 0 {
        counts.remove(name);
    }
}

fn step(count: usize, added: bool) -> usize {
    if added {
        count + 1
    } else {
        count.saturating_sub(1)
    }
}
