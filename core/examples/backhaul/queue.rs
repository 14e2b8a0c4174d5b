//! `enqueue`, `pause`, `resume` and `cancel`: they change the queue and move no bytes.

use std::cell::{Cell, RefCell};

use backhaul::{DownloadTask, Inspector, Session, TaskId, TaskInfo, TaskState};

use crate::args::{Common, EnqueueArgs, IdsArgs};
use crate::attach::{self, Desk};
use crate::exit::{Exit, Failure, Outcome};
use crate::hosts::Hosts;
use crate::json;
use crate::open;
use crate::out::Out;
use crate::pages;
use crate::place;
use crate::plan::Plan;
use crate::wants::Wants;

/// Up to so many queued files are listed for people, and only counted beyond.
const LISTED: usize = 16;

struct Counter {
    wants: RefCell<Wants>,
    ended: Cell<u64>,
}

impl Desk for Counter {
    fn ask<T>(&self, ask: impl FnOnce(&mut Wants) -> T) -> T {
        ask(&mut self.wants.borrow_mut())
    }

    fn counts(&self, _task: &TaskInfo) {
        self.ended.set(self.ended.get() + 1);
    }
}

/// Queues files; durable when it returns.
pub fn enqueue(args: &EnqueueArgs) -> Outcome {
    let mut plan = Plan::read(&args.source, &args.constraints, &args.common)?;
    let wants = RefCell::new(std::mem::take(&mut plan.wants));
    let counter = Counter {
        wants,
        ended: Cell::new(0),
    };
    let session = open::quiet(&args.common, Some(&args.transfer), &plan.hosts)?;
    plan.hosts.save(&args.common.container())?;
    attach::attach(&session, &plan, &counter)?;
    let queued = attach::enqueue(&session, &plan, &counter)?;
    let known = counter.wants.borrow().len() - queued.len();
    let teller = Teller::new(&args.common)?;
    if args.common.json || queued.len() <= LISTED {
        for task in &queued {
            teller.tell("queued", task.id())?;
        }
    } else {
        let count = queued.len();
        teller.out.line(format_args!("queued  {count} files"));
    }
    if known > 0 && !args.common.json {
        let sentence = "were there already; `backhaul list` shows them";
        teller.out.line(format_args!("{known} {sentence}"));
    }
    Ok(Exit::Done)
}

/// Says what was done to a task. It reads the store as a stranger does: the session here pretends
/// that there is no network, and that is not why a task waits.
struct Teller<'a> {
    out: Out,
    common: &'a Common,
    inspector: Inspector,
}

impl Teller<'_> {
    fn new(common: &Common) -> Outcome<Teller<'_>> {
        let inspector = Inspector::open(common.container())?;
        Ok(Teller {
            out: Out::new(),
            common,
            inspector,
        })
    }

    fn tell(&self, word: &str, id: TaskId) -> Outcome<()> {
        let (session, container) = (self.common.session_id(), self.common.container());
        let task = self.inspector.explain(session, id)?.task;
        let line = match self.common.json {
            true => json::task(&task, &container),
            false => format!(
                "{word}  {id}  {}",
                place::shown(&task.destination, &container)
            ),
        };
        // Who reads no more still wants it done.
        self.out.line(line);
        Ok(())
    }
}

/// What to do with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Stop it, keep its bytes.
    Pause,
    /// Let it go on.
    Resume,
    /// End it, drop its bytes.
    Cancel,
}

/// Changes tasks by id, or all of them.
pub fn change(args: &IdsArgs, change: Change) -> Outcome {
    let hosts = Hosts::load(&args.common.container());
    let session = open::quiet(&args.common, None, &hosts)?;
    let teller = Teller::new(&args.common)?;
    if args.all {
        for task in pages::tasks(|after, limit| session.tasks_after(after, limit)) {
            let task = task?;
            if task.state != TaskState::Completed {
                apply(&session.task(task.id)?, change, &teller)?;
            }
        }
    } else {
        // All are looked up before any is changed.
        let find = |id: &TaskId| find(&session, *id, &args.common);
        let tasks: Vec<DownloadTask> = args.ids.iter().map(find).collect::<Outcome<_>>()?;
        for task in tasks {
            apply(&task, change, &teller)?;
        }
    }
    Ok(Exit::Done)
}

fn find(session: &Session, id: TaskId, common: &Common) -> Outcome<DownloadTask> {
    session.task(id).map_err(|error| {
        let failure = Failure::from(error);
        if failure.exit != Exit::UnknownTask {
            return failure;
        }
        let session = common.session_id();
        let message =
            format!("no task {id} in session {session:?}; `backhaul list` shows ids and sessions");
        Failure::new(Exit::UnknownTask, message)
    })
}

fn apply(task: &DownloadTask, change: Change, teller: &Teller<'_>) -> Outcome<()> {
    if task.info()?.state == TaskState::Completed {
        return teller.tell("ended before", task.id());
    }
    let word = match change {
        Change::Pause => task.suspend().map(|()| "paused"),
        Change::Resume => task.resume().map(|()| "resumed"),
        Change::Cancel => task.cancel().map(|()| "cancelled"),
    }?;
    teller.tell(word, task.id())
}
