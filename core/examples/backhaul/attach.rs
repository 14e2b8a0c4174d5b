//! Attaches an order to the tasks that earlier processes left, and queues the rest.
//!
//! The same order, given again after a kill, must not download anything twice. So each task that is
//! already there for a wanted destination goes on, counts as the result, or makes place; see
//! [`Found`]. Nothing is changed before everything was looked at.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use backhaul::{DownloadTask, Request, Session, TaskId, TaskInfo, TaskState};

use crate::exit::{Failure, Outcome};
use crate::pages;
use crate::place;
use crate::plan::Plan;
use crate::source::Item;
use crate::wants::{Found, Wants};

/// Up to so many destinations are looked up one by one; for more, the whole queue is read.
const LOOK_UP_LIMIT: usize = 1000;

/// How long to wait for the delegate to have been told of old ends, before they are forgotten.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(30);

/// Who is asked, and told of ends that count.
pub trait Desk {
    /// Gives access to what was asked for.
    fn ask<T>(&self, ask: impl FnOnce(&mut Wants) -> T) -> T;
    /// A task ended before this run, and its end is this run's.
    fn counts(&self, task: &TaskInfo);
}

/// What to do when everything was looked at.
#[derive(Default)]
struct Changes {
    resume: Vec<TaskId>,
    forget: Vec<TaskId>,
}

/// Goes on with what is there.
pub fn attach(session: &Session, plan: &Plan, desk: &impl Desk) -> Outcome<()> {
    if session.tasks_after(None, 1)?.is_empty() {
        return Ok(());
    }
    let mut changes = Changes::default();
    if desk.ask(|wants| wants.len()) <= LOOK_UP_LIMIT {
        for item in plan.source.items()? {
            let path = place::below_base(&item?.path)?;
            if let Some(task) = session.task_with_caller_id(&path)? {
                changes.look(&task.info()?, desk)?;
            }
        }
    } else {
        for task in pages::tasks(|after, limit| session.tasks_after(after, limit)) {
            changes.look(&task?, desk)?;
        }
    }
    changes.make(session)
}

impl Changes {
    fn look(&mut self, task: &TaskInfo, desk: &impl Desk) -> Outcome<()> {
        match desk.ask(|wants| wants.look(task)) {
            Found::NotWanted => {}
            Found::GoesOn if task.state == TaskState::Suspended => self.resume.push(task.id),
            Found::GoesOn => {}
            Found::Counts => desk.counts(task),
            Found::Stale => self.forget.push(task.id),
            Found::Conflict => {
                let place = place::shown(&task.destination, Path::new(""));
                let id = task.id;
                return Err(Failure::usage(format!(
                    "task {id} fetches another URL to {place}; `backhaul cancel {id}` or choose another destination"
                )));
            }
        }
        Ok(())
    }

    fn make(self, session: &Session) -> Outcome<()> {
        for id in self.resume {
            session.task(id)?.resume()?;
        }
        if !self.forget.is_empty() {
            // What was never told cannot be forgotten.
            session.wait_until(Some(DELIVERY_TIMEOUT), |status| status.undelivered == 0);
        }
        for ids in self.forget.chunks(pages::PAGE) {
            session.forget(ids)?;
        }
        Ok(())
    }
}

/// Queues every item that has no task yet, in one commit.
pub fn enqueue(session: &Session, plan: &Plan, desk: &impl Desk) -> Outcome<Vec<DownloadTask>> {
    let mut stopped_by = None;
    let mut folders = Folders::default();
    let requests = plan.source.items()?.filter_map(|item| {
        let request = item.and_then(|item| {
            if !desk.ask(|wants| wants.needs_task(&item)) {
                return Ok(None);
            }
            folders.prepare(&item)?;
            plan.request(&item).map(Some)
        });
        match request {
            Ok(request) => request.map(Ok),
            Err(failure) => {
                stopped_by = Some(failure);
                // Any error makes the library drop the whole order; ours is the one to report.
                Some(Request::new(""))
            }
        }
    });
    let queued = session.enqueue(requests);
    match stopped_by {
        Some(failure) => Err(failure),
        None => Ok(queued?),
    }
}

/// Makes the folders that names of a list are in.
#[derive(Default)]
struct Folders {
    last: PathBuf,
}

impl Folders {
    fn prepare(&mut self, item: &Item) -> Outcome<()> {
        let folder = item.path.parent().unwrap_or(Path::new("/"));
        if folder != self.last {
            fs::create_dir_all(folder).map_err(|error| {
                Failure::io(&format!("cannot make {}", folder.display()), &error)
            })?;
            folder.clone_into(&mut self.last);
        }
        Ok(())
    }
}
