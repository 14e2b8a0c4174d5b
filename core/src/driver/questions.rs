//! Answers to "what tasks are there?" and "why does this one wait?" (rule E1), and new free texts (L3).

use crate::driver::Driver;
use crate::driver::carry_out::unknown_task;
use crate::driver::mail::Answer;
use crate::driver::waiting_store::Resolved;
use crate::engine::{Input, explanation, state_of_row, task_info};
use crate::error::Result;
use crate::store::TaskRow;
use crate::task_id::TaskId;
use crate::task_state::{Explanation, TaskInfo, WaitReason};

impl Driver {
    pub(super) fn ask_task(&mut self, id: TaskId, answer: Answer<Explanation>) {
        let reply = self.store.task(self.session, id);
        self.waiting.push(async move {
            Resolved::Task {
                row: reply
                    .await
                    .and_then(|row| row.map(Box::new).ok_or_else(|| unknown_task(id))),
                answer,
            }
        });
    }

    pub(super) fn ask_tasks(
        &mut self,
        after: Option<TaskId>,
        limit: usize,
        answer: Answer<Vec<TaskInfo>>,
    ) {
        let reply = self.store.tasks(self.session, after, limit);
        self.waiting.push(async move {
            Resolved::Tasks {
                rows: reply.await,
                answer,
            }
        });
    }

    pub(super) fn set_metadata(&mut self, ids: Vec<TaskId>, text: String, answer: Answer<()>) {
        let reply = self
            .store
            .set_metadata(self.session, &ids, Some(text.clone()));
        self.waiting.push(async move {
            Resolved::MetadataSet {
                result: reply.await,
                ids,
                text,
                answer,
            }
        });
    }

    /// Tasks in the window have a copy of the text.
    pub(super) fn metadata_set(
        &mut self,
        result: Result<()>,
        ids: Vec<TaskId>,
        text: &str,
        answer: Answer<()>,
    ) {
        if result.is_ok() {
            for id in ids {
                self.feed(Input::Metadata(id, text.to_owned()));
            }
        }
        let _ = answer.send(result);
    }

    pub(super) fn answer_task(&self, row: Result<Box<TaskRow>>, answer: Answer<Explanation>) {
        // A caller that no longer waits needs no answer.
        let _ = answer.send(row.map(|row| self.explain(&row)));
    }

    pub(super) fn answer_tasks(&self, rows: Result<Vec<TaskRow>>, answer: Answer<Vec<TaskInfo>>) {
        let now = self.now();
        let info = |row: &TaskRow| match self.engine.state(now, row.id) {
            Some((live, state)) => task_info(live, state),
            None => task_info(row, state_of_row(row, self.engine.unmet(), now)),
        };
        let _ = answer.send(rows.map(|rows| rows.iter().map(info).collect()));
    }

    /// Where a task stands. In the window it is newer than its row.
    #[cfg(feature = "testkit")]
    pub(super) fn state(&self, row: &TaskRow) -> crate::TaskState {
        let now = self.now();
        match self.engine.state(now, row.id) {
            Some((_, state)) => state,
            None => state_of_row(row, self.engine.unmet(), now),
        }
    }

    /// A task in the window is newer than its row. One that waits for run time is looked at again
    /// when the platform was asked to wake the app, if that comes first.
    fn explain(&self, row: &TaskRow) -> Explanation {
        let mut explanation = self.explain_by_engine(row);
        if explanation.task.state.reason() == Some(WaitReason::WakeBudget) {
            let wake = self.desk.as_ref().and_then(|desk| desk.next());
            let next = explanation.next_evaluation.into_iter().chain(wake).min();
            explanation.next_evaluation = next;
        }
        explanation
    }

    fn explain_by_engine(&self, row: &TaskRow) -> Explanation {
        let now = self.now();
        match self.engine.state(now, row.id) {
            Some((live, state)) => explanation(live, state, now, None),
            None => explanation(
                row,
                state_of_row(row, self.engine.unmet(), now),
                now,
                self.engine.launches_at(now),
            ),
        }
    }
}
