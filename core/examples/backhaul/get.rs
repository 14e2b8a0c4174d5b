//! `get`: queue, run to the end, and say how each file ended.

use std::sync::Arc;

use backhaul::{Session, TaskInfo};

use crate::app::App;
use crate::args::GetArgs;
use crate::attach::{self, Desk};
use crate::exit::{Exit, Failure, Outcome};
use crate::open;
use crate::pages;
use crate::plan::Plan;
use crate::wait::{Patience, Waited, wait};
use crate::wants::{REPORTED, Wants};

impl Desk for Arc<App> {
    fn ask<T>(&self, ask: impl FnOnce(&mut Wants) -> T) -> T {
        ask(&mut self.wants())
    }

    fn counts(&self, task: &TaskInfo) {
        self.settle(task, task.error.as_ref());
    }
}

/// Downloads files.
pub fn get(args: &GetArgs) -> Outcome {
    let mut plan = Plan::read(&args.source, &args.constraints, &args.common)?;
    let wants = std::mem::take(&mut plan.wants);
    let app = Arc::new(App::new(&args.common, args.events, wants));
    let conditions = args.conditions.get().system;
    let session = open::running(&args.common, &args.transfer, &plan.hosts, conditions, &app)?;
    plan.hosts.save(&args.common.container())?;
    attach::attach(&session, &plan, &app)?;
    attach::enqueue(&session, &plan, &app)?;
    let waited = wait(&session, &app, Patience::Endless, || {
        app.wants().left() == 0
    })?;
    app.bars().clear();
    finish(&session, &app, &waited)
}

/// What went wrong is tried again by the same command. What is right counts then, and is downloaded
/// again only once everything was right.
fn finish(session: &Session, app: &App, waited: &Waited) -> Outcome {
    let wants = app.wants();
    let all_right = wants.left() == 0 && wants.wrong().is_empty();
    let right = if all_right { wants.right() } else { &[] };
    for ids in wants
        .wrong()
        .chunks(pages::PAGE)
        .chain(right.chunks(pages::PAGE))
    {
        session.set_metadata(ids, REPORTED)?;
    }
    if all_right {
        return Ok(Exit::Done);
    }
    match waited {
        Waited::FullDisk(left) => Err(left.full_disk()),
        _ => {
            let (wrong, all) = (wants.wrong().len() + wants.left(), wants.len());
            let message = format!(
                "{wrong} of {all} files did not arrive, as said above; run it again to try those once more"
            );
            Err(Failure::new(Exit::Failed, message))
        }
    }
}
