//! `run`: one wake. Finishes what is pending, tells what ended, and leaves.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use backhaul::{Session, TaskState};

use crate::app::App;
use crate::args::RunArgs;
use crate::exit::{Exit, Failure, Outcome};
use crate::hosts::Hosts;
use crate::open;
use crate::out::note;
use crate::pages;
use crate::text;
use crate::wait::{Left, Waited, wait};
use crate::wants::{REPORTED, Wants};

/// The longest wait that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the session once.
pub fn run(args: &RunArgs) -> Outcome {
    let mut hosts = Hosts::load(&args.common.container());
    let app = Arc::new(App::new(&args.common, false, Wants::everything()));
    let session = open::running(&args.common, &args.transfer, &hosts, &app)?;
    hosts.save(&args.common.container())?;
    let status = session.status();
    app.bars().set_files(status.active + status.undelivered);
    let waited = wait(&session, &app, Some(PATIENCE), || false)?;
    app.bars().clear();
    let wrong = mark_told(&session, &app)?;
    let exit = match waited {
        Waited::FullDisk(left) => {
            tell_left(&session, &app)?;
            return Err(left.full_disk());
        }
        Waited::Later(left) => {
            tell_left(&session, &app)?;
            note(later(&left, SystemTime::now()));
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

fn later(left: &Left, now: SystemTime) -> String {
    let next = match left.next {
        Some(next) => format!(
            "the first is due {}; run it again then",
            text::moment(next, now)
        ),
        None => "`backhaul explain ID` says what for; run it again later".to_owned(),
    };
    format!(
        "{} still waiting ({}); {next}",
        text::tasks(left.count()),
        left.reasons()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_said_with_why_and_until_when() {
        // rule P1
        let now = SystemTime::UNIX_EPOCH;
        let mut left = Left::default();
        left.next = Some(now + Duration::from_secs(300));
        left.waiting.insert("retry_after", 2);
        left.waiting.insert("storage", 1);
        assert_eq!(
            later(&left, now),
            "3 tasks still waiting (2 retry_after, 1 storage); the first is due in 5 min; run it again then"
        );
    }
}
