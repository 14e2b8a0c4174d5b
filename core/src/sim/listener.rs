//! Listens to what a session tells the app, and holds it against the order that was promised (L1, L2).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::life::Life;
use super::trace::What;
use super::world::World;
use crate::delegate::{DownloadedFile, SessionDelegate, StoreRecovery};
use crate::engine::resume::RestartReason;
use crate::error::Error;
use crate::response::Response;
use crate::task_state::{Progress, TaskInfo, TaskMetrics, WaitReason};
use crate::transport::TransferId;

/// Stands between a session and the app's delegate in one process.
pub(super) struct Listener {
    pub session: String,
    pub delegate: Arc<dyn SessionDelegate>,
    pub world: World,
    pub life: Life,
    /// How far the calls about each task have come.
    pub stages: Mutex<BTreeMap<i64, Stage>>,
    pub deliveries: Deliveries,
}

/// The last call about a task that counts for the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Created,
    Moving,
    Metrics,
    File,
    Complete,
}

/// One end of a task that the delegate heard, and returned from, in a process that lived.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Delivery {
    pub session: String,
    pub task: i64,
    pub sequence: i64,
}

/// How often each end was delivered, over all processes.
#[derive(Clone, Default)]
pub(crate) struct Deliveries(Arc<Mutex<BTreeMap<Delivery, u32>>>);

impl Deliveries {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Delivery, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, delivery: Delivery) {
        *self.lock().entry(delivery).or_default() += 1;
    }

    /// How often this one was.
    pub fn count(&self, delivery: &Delivery) -> u32 {
        self.lock().get(delivery).copied().unwrap_or(0)
    }
}

impl Listener {
    /// The process does this one thing, if it lives; then the stage of the task moves on.
    fn hears(&self, task: &TaskInfo, stage: Stage) -> bool {
        if !self.life.act() {
            return false;
        }
        let id = task.id.as_i64();
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        let before = stages.insert(id, stage);
        // Attempts repeat the middle; nothing comes after the end, and an end comes in its order.
        let is_in_order = match (before, stage) {
            (Some(Stage::Complete), _) => false,
            (Some(before), Stage::Created) => before < Stage::Created,
            (Some(before), Stage::Moving) => before <= Stage::Moving,
            (before, Stage::Metrics) => before <= Some(Stage::Moving),
            (before, Stage::File) => before == Some(Stage::Metrics),
            (before, Stage::Complete) => {
                matches!(before, Some(Stage::Metrics | Stage::File))
            }
            (None, Stage::Created | Stage::Moving) => true,
        };
        drop(stages);
        if !is_in_order {
            self.broken("L1", format!("task {id}: {stage:?} after {before:?}"));
        }
        true
    }

    fn broken(&self, rule: &'static str, text: String) {
        self.world.note(What::Broken { rule, text });
    }
}

impl SessionDelegate for Listener {
    fn did_create_task(&self, task: &TaskInfo) {
        if self.hears(task, Stage::Created) {
            self.delegate.did_create_task(task);
        }
    }

    fn task_is_waiting(&self, task: &TaskInfo, reason: WaitReason) {
        if self.hears(task, Stage::Moving) {
            self.delegate.task_is_waiting(task, reason);
        }
    }

    fn will_perform_redirection(&self, task: &TaskInfo, response: &Response, url: &str) -> bool {
        self.hears(task, Stage::Moving)
            && self.delegate.will_perform_redirection(task, response, url)
    }

    fn did_resume_at_offset(&self, task: &TaskInfo, offset: u64, total: Option<u64>) {
        if self.hears(task, Stage::Moving) {
            self.delegate.did_resume_at_offset(task, offset, total);
        }
    }

    fn did_receive_response(&self, task: &TaskInfo, response: &Response) {
        if self.hears(task, Stage::Moving) {
            self.delegate.did_receive_response(task, response);
        }
    }

    fn did_restart(&self, task: &TaskInfo, reason: RestartReason, discarded: u64) {
        if self.hears(task, Stage::Moving) {
            self.delegate.did_restart(task, reason, discarded);
        }
    }

    fn did_write_data(&self, task: &TaskInfo, progress: Progress) {
        if self.hears(task, Stage::Moving) {
            self.delegate.did_write_data(task, progress);
        }
    }

    fn did_finish_collecting_metrics(&self, task: &TaskInfo, metrics: &TaskMetrics) {
        if self.hears(task, Stage::Metrics) {
            self.delegate.did_finish_collecting_metrics(task, metrics);
        }
    }

    fn did_finish_downloading_to(&self, task: &TaskInfo, file: &DownloadedFile) {
        if self.hears(task, Stage::File) {
            self.delegate.did_finish_downloading_to(task, file);
        }
    }

    fn did_complete(&self, task: &TaskInfo, error: Option<&Error>) {
        if !self.hears(task, Stage::Complete) {
            return;
        }
        self.delegate.did_complete(task, error);
        // The app's method may have been the last thing that the process did.
        if !self.life.is_alive() {
            return;
        }
        let sequence = task.sequence.unwrap_or(0);
        self.deliveries.add(Delivery {
            session: self.session.clone(),
            task: task.id.as_i64(),
            sequence,
        });
        self.world.note(What::Delivered {
            session: self.session.clone(),
            task: task.id.as_i64(),
            sequence,
            error: error.map(|error| error.kind().as_str().to_owned()),
        });
    }

    fn did_finish_events_for_background_session(&self) {
        if self.life.act() {
            self.world.note(What::EventsFinished {
                session: self.session.clone(),
            });
            self.delegate.did_finish_events_for_background_session();
        }
    }

    fn did_cancel_unknown_transfer(&self, transfer: TransferId) {
        if self.life.act() {
            self.delegate.did_cancel_unknown_transfer(transfer);
        }
    }

    fn did_recover_store(&self, recovery: &StoreRecovery) {
        if self.life.act() {
            self.delegate.did_recover_store(recovery);
        }
    }

    fn did_become_invalid(&self, error: Option<&Error>) {
        if self.life.act() {
            self.delegate.did_become_invalid(error);
        }
    }
}
