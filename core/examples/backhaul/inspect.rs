//! `list`, `explain` and `events`: they look, also while another process runs the session.

use std::io;
use std::time::{Duration, SystemTime};

use backhaul::{ErrorKind, Explanation, Inspector, JournalEvent, TaskInfo, TaskState};

use crate::args::{Common, ExplainArgs, InspectArgs};
use crate::conditions;
use crate::exit::{Exit, Failure, Outcome};
use crate::json;
use crate::out::{Colour, Out, note};
use crate::pages;
use crate::place;
use crate::source;
use crate::text;

/// Lists tasks.
pub fn list(args: &InspectArgs) -> Outcome {
    let (out, container) = (Out::new(), args.common.container());
    let Some(inspector) = open(&args.common)? else {
        return Ok(Exit::Done);
    };
    for session in sessions(&inspector, &args.common)? {
        let page = |after, limit| inspector.explanations_after(&session, after, limit);
        for found in pages::explanations(page) {
            let found = found?;
            let line = match args.common.json {
                true => json::listed(&found, &container),
                false => row(&found.task, &session, &args.common, &out),
            };
            if !out.line(line) {
                return Ok(Exit::Done);
            }
        }
    }
    Ok(Exit::Done)
}

/// Lists the journal.
pub fn events(args: &InspectArgs) -> Outcome {
    let out = Out::new();
    let Some(inspector) = open(&args.common)? else {
        return Ok(Exit::Done);
    };
    for session in sessions(&inspector, &args.common)? {
        for event in pages::events(|after, limit| inspector.events_after(&session, after, limit)) {
            let event = event?;
            let line = match args.common.json {
                true => json::event(&event, &session),
                false => entry(&event, &out),
            };
            if !out.line(line) {
                return Ok(Exit::Done);
            }
        }
    }
    Ok(Exit::Done)
}

/// Explains one task.
pub fn explain(args: &ExplainArgs) -> Outcome {
    let (out, container) = (Out::new(), args.common.container());
    let Some(inspector) = open(&args.common)? else {
        return Err(unknown(args));
    };
    for session in sessions(&inspector, &args.common)? {
        match inspector.explain(&session, args.id) {
            Ok(found) if args.common.json => out.line(json::explanation(&found, &container)),
            Ok(found) => block(&found, &session, &args.common, &out),
            Err(error) if error.kind() == ErrorKind::UnknownTask => continue,
            Err(error) => return Err(error.into()),
        };
        return Ok(Exit::Done);
    }
    Err(unknown(args))
}

fn unknown(args: &ExplainArgs) -> Failure {
    let (id, container) = (args.id, args.common.container());
    let message = format!(
        "no task {id} in {}; `backhaul list` shows the ids",
        container.display()
    );
    Failure::new(Exit::UnknownTask, message)
}

/// Nothing was ever queued in a container that does not exist.
fn open(common: &Common) -> Outcome<Option<Inspector>> {
    let container = common.container();
    match container.metadata() {
        Ok(_) => {
            let about = |error| Failure::from(error).about(&container.display().to_string());
            let inspector = Inspector::open(&container).map_err(about)?;
            Ok(Some(inspector.conditions(conditions::load(&container))))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            note(format!(
                "nothing was ever queued in {}; --root names another container",
                container.display()
            ));
            Ok(None)
        }
        Err(error) => Err(Failure::io(
            &format!("cannot look into {}", container.display()),
            &error,
        )),
    }
}

fn sessions(inspector: &Inspector, common: &Common) -> Outcome<Vec<String>> {
    match &common.session {
        Some(session) => Ok(vec![session.clone()]),
        None => Ok(inspector.session_identifiers()?),
    }
}

fn row(task: &TaskInfo, session: &str, common: &Common, out: &Out) -> String {
    let state = state(task);
    let session = if common.session.is_some() {
        ""
    } else {
        session
    };
    let session = out.paint(Colour::Grey, session);
    let moved = text::progress(task.received, task.total);
    let place = place::shown(&task.destination, &common.container());
    format!(
        "{:>6}  {}  {moved:<24}  {place}  {session}",
        task.id.to_string(),
        out.paint(state.1, &format!("{:<26}", state.0))
    )
    .trim_end()
    .to_owned()
}

/// The state in words, and what it is like.
fn state(task: &TaskInfo) -> (String, Colour) {
    match (task.state, &task.error) {
        (TaskState::Completed, None) => ("done".to_owned(), Colour::Green),
        (TaskState::Completed, Some(error)) if error.is_cancelled() => {
            ("cancelled".to_owned(), Colour::Grey)
        }
        (TaskState::Completed, Some(error)) => (format!("failed: {}", error.kind()), Colour::Red),
        (TaskState::Waiting(reason), _) => (format!("waiting: {reason}"), Colour::Yellow),
        (TaskState::Suspended, _) => ("paused".to_owned(), Colour::Yellow),
        (state, _) => (state.as_str().to_owned(), Colour::Green),
    }
}

fn entry(event: &JournalEvent, out: &Out) -> String {
    let end = match (&event.error, event.len) {
        (Some(error), _) if error.is_cancelled() => out.paint(Colour::Grey, "cancelled"),
        (Some(error), _) => out.paint(Colour::Red, &format!("failed: {error}")),
        (None, Some(len)) => out.paint(Colour::Green, &format!("done: {}", text::bytes(len))),
        (None, None) => out.paint(Colour::Green, "done"),
    };
    let told = if event.acknowledged {
        "told"
    } else {
        "not told yet"
    };
    let when = text::moment(event.written, SystemTime::now());
    format!(
        "{:>6}  task {}  {when}  {told}  {end}",
        event.sequence, event.task
    )
}

fn block(found: &Explanation, session: &str, common: &Common, out: &Out) -> bool {
    let (task, now) = (&found.task, SystemTime::now());
    let state = state(task);
    let mut lines = vec![format!(
        "task {}  {}",
        task.id,
        out.paint(state.1, &state.0)
    )];
    let mut say = |name: &str, value: String| lines.push(format!("  {name:<12} {value}"));
    say("session", session.to_owned());
    say("url", source::redacted(&task.url));
    say(
        "destination",
        place::shown(&task.destination, &common.container()),
    );
    say("received", text::progress(task.received, task.total));
    say("since", text::moment(found.since, now));
    if let Some(what) = &found.unblocked_by {
        say("waits for", what.clone());
    }
    if let Some(next) = found.next_evaluation {
        say("next look", text::moment(next, now));
    }
    if let Some(deadline) = task.deadline.filter(|_| task.state != TaskState::Completed) {
        say("gives up", text::moment(deadline, now));
    }
    if found.discarded > 0 {
        say("thrown away", text::bytes(found.discarded));
    }
    if let Some(error) = &task.error {
        say("error", format!("{}: {error}", error.kind()));
    }
    say("attempts", found.attempt_count.to_string());
    lines.extend(
        found
            .attempts
            .iter()
            .map(|attempt| attempt_row(attempt, now)),
    );
    out.line(lines.join("\n"))
}

fn attempt_row(attempt: &backhaul::Attempt, now: SystemTime) -> String {
    let since_epoch = Duration::from_millis(u64::try_from(attempt.began_ms).unwrap_or(0));
    let took = Duration::from_millis(u64::try_from(attempt.took_ms).unwrap_or(0));
    format!(
        "    {:<14} took {:<8} {:>12}  {}",
        text::moment(SystemTime::UNIX_EPOCH + since_epoch, now),
        text::duration(took),
        text::bytes(attempt.received),
        attempt.outcome
    )
}
