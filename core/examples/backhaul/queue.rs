//! `enqueue`, `pause`, `resume` and `cancel`: they change the queue and move no bytes.

use std::cell::{Cell, RefCell};

use backhaul::{DownloadTask, Session, TaskId, TaskInfo, TaskState};

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
    let mut plan = Plan::read(&args.source, &args.common)?;
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
    tell_queued(&queued, known, args)?;
    Ok(Exit::Done)
}

fn tell_queued(queued: &[DownloadTask], known: usize, args: &EnqueueArgs) -> Outcome<()> {
    let (out, container) = (Out::new(), args.common.container());
    if args.common.json || queued.len() <= LISTED {
        for task in queued {
            let task = task.info()?;
            let line = match args.common.json {
                true => json::task(&task, &container),
                false => format!(
                    "queued  {}  {}",
                    task.id,
                    place::shown(&task.destination, &container)
                ),
            };
            if !out.line(line) {
                break;
            }
        }
    } else {
        out.line(format_args!("queued  {} files", queued.len()));
    }
    if known > 0 && !args.common.json {
        out.line(format_args!(
            "{known} were there already; `backhaul list` shows them"
        ));
    }
    Ok(())
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
    let out = Out::new();
    if args.all {
        for task in pages::tasks(|after, limit| session.tasks_after(after, limit)) {
            let task = task?;
            if task.state != TaskState::Completed {
                apply(
                    &find(&session, task.id, &args.common)?,
                    change,
                    &out,
                    &args.common,
                )?;
            }
        }
    } else {
        // All are looked up before any is changed.
        let find = |id: &TaskId| find(&session, *id, &args.common);
        let tasks: Vec<DownloadTask> = args.ids.iter().map(find).collect::<Outcome<_>>()?;
        for task in tasks {
            apply(&task, change, &out, &args.common)?;
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

fn apply(task: &DownloadTask, change: Change, out: &Out, common: &Common) -> Outcome<()> {
    let word = match change {
        Change::Pause => task.suspend().map(|()| "paused"),
        Change::Resume => task.resume().map(|()| "resumed"),
        Change::Cancel => task.cancel().map(|()| "cancelled"),
    }?;
    let (task, container) = (task.info()?, common.container());
    let line = match common.json {
        true => json::task(&task, &container),
        false => format!(
            "{word}  {}  {}",
            task.id,
            place::shown(&task.destination, &container)
        ),
    };
    out.line(line);
    Ok(())
}
