//! What reaches a session's driver from its handles, its transport and its file work.

use tokio::sync::{mpsc, oneshot};

use crate::conditions::SystemConditions;
use crate::engine::Command;
use crate::engine::{CommandToken, Effect};
use crate::error::{Error, Result};
use crate::files::FinishJob;
use crate::store::Change;
#[cfg(feature = "testkit")]
use crate::store::TaskRow;
use crate::task_id::TaskId;
#[cfg(feature = "testkit")]
use crate::task_state::TaskState;
use crate::task_state::{Explanation, TaskInfo};
use crate::transport::{TransferEvent, TransferEvents, TransferId};
use crate::wake::WakeTicket;

/// The way back to a caller.
pub(crate) type Answer<T> = oneshot::Sender<Result<T>>;

/// One message. Callers wait for their answers and transports are limited in how often they
/// speak, so the mailbox needs no bound of its own.
#[derive(Debug)]
pub(crate) enum Mail {
    /// Tasks were written to the store.
    Enqueued,
    /// Tasks that are resumed in the background are about to be written.
    StartsInBackground,
    /// Something to do with one task.
    Command(TaskId, fn(CommandToken) -> Command, Answer<()>),
    Explain(TaskId, Answer<Explanation>),
    Tasks {
        after: Option<TaskId>,
        limit: usize,
        answer: Answer<Vec<TaskInfo>>,
    },
    /// Another free text for these tasks.
    SetMetadata {
        ids: Vec<TaskId>,
        text: String,
        answer: Answer<()>,
    },
    Conditions(SystemConditions),
    /// No more tasks come; end when the last one has, or end them all now.
    Invalidate {
        cancel: bool,
    },
    /// End now, keeping everything for the next launch.
    Shutdown,
    Transfer(TransferId, TransferEvent),
    Listed(Vec<TransferId>),
    /// A body that a platform's service had received was judged and lies in its part file.
    Taken(TaskId, Result<FinishJob>),
    Filed(Vec<(TaskId, std::result::Result<(), Error>)>),
    /// A small group of received files had its time to grow.
    Gathered,
    /// Where these tasks stand, whose rows were just read: a simulation looks often.
    #[cfg(feature = "testkit")]
    States(Vec<TaskRow>, Answer<Vec<(TaskId, TaskState)>>),
    /// The platform wants the time that it lent back.
    WakesExpire,
    /// The platform lent the app some time.
    Wake(WakeTicket),
    /// The delegate has given a wake back.
    WakeOver,
    /// A transaction that failed is to be tried again.
    CommitAgain {
        changes: Vec<Change>,
        then: Vec<Effect>,
    },
    /// The dispatcher has acknowledged something.
    Delivered,
}

/// Posts to a driver. Posting to one that has ended does nothing.
#[derive(Clone, Debug)]
pub(crate) struct Mailbox(pub mpsc::UnboundedSender<Mail>);

impl Mailbox {
    pub fn post(&self, mail: Mail) {
        // Whoever waits for an answer sees its channel closed.
        let _ = self.0.send(mail);
    }
}

impl TransferEvents for Mailbox {
    fn event(&self, id: TransferId, event: TransferEvent) {
        self.post(Mail::Transfer(id, event));
    }

    fn listed(&self, transfers: Vec<TransferId>) {
        self.post(Mail::Listed(transfers));
    }
}
