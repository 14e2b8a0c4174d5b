//! What the engine wants done.

use crate::engine::command::CommandToken;
use crate::engine::next_wake::NextWake;
use crate::engine::resume::RestartReason;
use crate::engine::task::StartTransfer;
use crate::error::Error;
use crate::response::Response;
use crate::store::{Change, ClaimRequest, Outcome, PartRow};
use crate::task_id::TaskId;
use crate::task_state::{Progress, TaskInfo, WaitReason};
use crate::transport::{RedirectReply, TransferId};

/// One thing for the driver to do.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Claim rows, and hand them in as `Claimed`.
    Claim(ClaimRequest),
    /// Write the changes in one transaction; when it is durable, do the rest in order.
    Commit {
        changes: Vec<Change>,
        then: Vec<Effect>,
    },
    /// Start moving bytes.
    Start(Box<StartTransfer>),
    /// Stop moving bytes.
    Stop(TransferId),
    /// Make a received body durable and put it in place; answer with `Filed`.
    Finish(TaskId),
    /// Remove the part file of a task that ended without a file.
    RemovePart(PartRow),
    /// The task's end is on record: its sidecar has no more use.
    ForgetSidecar(PartRow),
    /// The journal entry of this task, which the commit wrote, goes to the delegate.
    Deliver(Box<TaskInfo>, Box<Outcome>),
    /// Tell the delegate.
    Notify(Box<Event>),
    /// Answer a command.
    Reply(CommandToken, Result<(), Error>),
    /// When run time would next be of use; none when nothing waits (rule P6).
    Wake(Option<NextWake>),
}

/// A call to the delegate that may be lost when the process dies.
#[derive(Debug)]
pub(crate) struct Event {
    pub task: TaskInfo,
    pub kind: EventKind,
}

/// Which call.
#[derive(Debug)]
pub(crate) enum EventKind {
    Created,
    Waiting(WaitReason),
    Redirecting {
        response: Response,
        url: String,
        reply: RedirectReply,
    },
    Responded(Response),
    ResumedAt {
        offset: u64,
        total: Option<u64>,
    },
    Restarted {
        reason: RestartReason,
        discarded: u64,
    },
    Progressed(Progress),
}
