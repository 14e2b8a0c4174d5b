//! `run`: one wake. Finishes what is pending, tells what ended, and leaves.

use std::sync::Arc;
use std::time::SystemTime;

use backhaul::{AppState, Session, SystemConditions, TaskState};

use crate::app::App;
use crate::args::RunArgs;
use crate::exit::{Exit, Failure, Outcome};
use crate::hosts::Hosts;
use crate::open;
use crate::out::note;
use crate::pages;
use crate::text;
use crate::wait::{Patience, Waited, wait, wake};
use crate::wants::{REPORTED, Wants};

/// Runs the session once.
pub fn run(args: &RunArgs) -> Outcome {
    let mut hosts = Hosts::load(&args.common.container());
    let app = Arc::new(App::new(&args.common, false, Wants::everything()));
    let conditions = conditions(args);
    let session = open::running(&args.common, &args.transfer, &hosts, conditions, &app)?;
    hosts.save(&args.common.container())?;
    let status = session.status();
    app.bars().set_files(status.active + status.undelivered);
    let waited = match conditions.app_state.is_in_front() && args.wake_limit.is_none() {
        true => wait(&session, &app, Patience::Short, || false)?,
        false => wake(&session, &app, args.wake_limit)?,
    };
    app.bars().clear();
    let wrong = mark_told(&session, &app)?;
    let exit = match waited {
        Waited::FullDisk(left) => {
            tell_left(&session, &app)?;
            return Err(left.full_disk());
        }
        Waited::Later(left) => {
            tell_left(&session, &app)?;
            note(left.later(SystemTime::now()));
            Exit::Waiting
        }
        Waited::Done | Waited::NothingMoves => paused(&session, &app)?,
    };
    if wrong > 0 {
        let message = format!(
            "{wrong} files did not arrive, as said above; `backhaul enqueue` tries them once more"
        );
        return Err(Failure::new(Exit::Failed, message));
    }
    Ok(exit)
}

/// A wake is for an app in the background, unless somebody says otherwise.
fn conditions(args: &RunArgs) -> SystemConditions {
    let said = args.conditions.get();
    let mut conditions = said.system;
    if args.wake_limit.is_some() && !said.names_app {
        conditions.app_state = AppState::Background;
    }
    conditions
}

/// Whoever queued these has been told: queueing them again downloads them again.
fn mark_told(session: &Session, app: &App) -> Outcome<usize> {
    let wants = app.wants();
    for ids in wants
        .right()
        .chunks(pages::PAGE)
        .chain(wants.wrong().chunks(pages::PAGE))
    {
        session.set_metadata(ids, REPORTED)?;
    }
    Ok(wants.wrong().len())
}

/// With `--json`, an object for each task that is left.
fn tell_left(session: &Session, app: &App) -> Outcome<()> {
    if !app.speaks_json() {
        return Ok(());
    }
    for task in pages::tasks(|after, limit| session.tasks_after(after, limit)) {
        let task = task?;
        if task.state != TaskState::Completed {
            app.tell(&task, task.error.as_ref());
        }
    }
    Ok(())
}

fn paused(session: &Session, app: &App) -> Outcome {
    match session.status().suspended {
        0 => Ok(Exit::Done),
        count => {
            tell_left(session, app)?;
            note(format!(
                "{} paused; `backhaul resume --all` lets them go on",
                text::tasks(count)
            ));
            Ok(Exit::Waiting)
        }
    }
}
