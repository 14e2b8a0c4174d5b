//! What the store was asked, in the order in which it answers.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;

use crate::driver::mail::Answer;
use crate::engine::{Command, CommandToken, Effect};
use crate::error::Result;
use crate::store::{Change, Claim, Committed, Counts, Phase, Reply, TaskRow};
use crate::task_id::TaskId;
use crate::task_state::{Explanation, TaskInfo, WaitReason};
use crate::transport::{TransferEvent, TransferId};

/// An answer of the store, and what it was for.
pub(super) enum Resolved {
    Claimed(Result<Claim>),
    Committed {
        committed: Result<Committed>,
        /// To try again with, if it failed.
        changes: Vec<Change>,
        then: Vec<Effect>,
    },
    Loaded {
        id: TaskId,
        command: Command,
        token: CommandToken,
        rows: Result<Vec<TaskRow>>,
    },
    /// What an earlier process had in hand when the user ended it.
    InHand(Result<Vec<TaskRow>>),
    Adopted {
        transfer: TransferId,
        rows: Result<Vec<TaskRow>>,
        /// The task has ended: its row is not claimed.
        has_ended: bool,
        /// What made us ask, if it was not the list.
        event: Option<TransferEvent>,
    },
    CancelPage(Result<Vec<TaskRow>>),
    Task {
        row: Result<Box<TaskRow>>,
        answer: Answer<Explanation>,
    },
    Tasks {
        rows: Result<Vec<TaskRow>>,
        answer: Answer<Vec<TaskInfo>>,
    },
    MetadataSet {
        result: Result<()>,
        ids: Vec<TaskId>,
        text: String,
        answer: Answer<()>,
    },
    Counts {
        counts: Result<Counts>,
        changes: u64,
    },
    Found {
        id: TaskId,
        command: Command,
        token: CommandToken,
        /// Its phase, if there is such a task.
        phase: Result<Option<Phase>>,
    },
    /// An event that had to wait for the answers before it.
    Late(TransferId, TransferEvent),
    WhyWaiting {
        held: Result<Vec<(WaitReason, u64)>>,
        ready: Result<Vec<(i64, u64)>>,
    },
}

/// Questions under way. Bounded by the window (commits, claims) and by the callers that wait.
#[derive(Default)]
pub(super) struct WaitingStore {
    questions: VecDeque<Pin<Box<dyn Future<Output = Resolved> + Send>>>,
    counts_asked: bool,
}

impl WaitingStore {
    pub fn push(&mut self, question: impl Future<Output = Resolved> + Send + 'static) {
        self.questions.push_back(Box::pin(question));
    }

    /// `changes` is what callers had changed when the question was asked.
    pub fn ask_counts(&mut self, reply: Reply<Counts>, changes: u64) {
        self.counts_asked = true;
        self.push(async move {
            let counts = reply.await;
            Resolved::Counts { counts, changes }
        });
    }

    pub fn asks_for_counts(&self) -> bool {
        self.counts_asked
    }

    pub fn is_empty(&self) -> bool {
        self.questions.is_empty()
    }

    /// The answer to the oldest question. Cancel safe: a question stays until it is answered.
    pub async fn next(&mut self) -> Resolved {
        let resolved = poll_fn(|context| match self.questions.front_mut() {
            Some(question) => question.as_mut().poll(context),
            None => std::task::Poll::Pending,
        })
        .await;
        self.questions.pop_front();
        if matches!(resolved, Resolved::Counts { .. }) {
            self.counts_asked = false;
        }
        resolved
    }
}
