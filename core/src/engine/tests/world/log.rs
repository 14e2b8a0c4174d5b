//! One line for each effect: the same seed must give the same lines.

use super::World;
use crate::engine::Effect;
use crate::store::Change;

impl World {
    pub(super) fn note(&mut self, effect: &Effect) {
        let mut line = String::new();
        describe(effect, &mut line);
        self.log.push(line);
        self.note_stops(effect);
    }

    fn note_stops(&mut self, effect: &Effect) {
        match effect {
            Effect::Stop(id) => {
                self.stops_decided.insert(*id);
            }
            Effect::Commit { then, .. } => then.iter().for_each(|effect| self.note_stops(effect)),
            _ => {}
        }
    }
}

fn describe(effect: &Effect, line: &mut String) {
    use std::fmt::Write as _;
    let written = match effect {
        Effect::Claim(request) => write!(
            line,
            "claim {} past {:?} {}",
            request.limit, request.full_hosts, request.unmet_needs
        ),
        Effect::Commit { changes, then } => {
            for change in changes {
                describe_change(change, line);
            }
            then.iter().try_for_each(|effect| {
                line.push_str(", then ");
                describe(effect, line);
                Ok(())
            })
        }
        Effect::Start(start) => write!(line, "start {}", start.id),
        Effect::Stop(id) => write!(line, "stop {id}"),
        Effect::Finish(id) => write!(line, "finish {id}"),
        Effect::RemovePart(part) => write!(line, "remove part {}", part.task),
        Effect::ForgetSidecar(part) => write!(line, "forget sidecar {}", part.task),
        Effect::Deliver(task, _) => write!(line, "deliver {}", task.id),
        Effect::Notify(event) => write!(line, "notify {} {:?}", event.task.id, event.task.state),
        Effect::Reply(token, _) => write!(line, "reply {}", token.0),
        Effect::Wake(next) => write!(line, "wake {next:?}"),
    };
    written.unwrap();
}

fn describe_change(change: &Change, line: &mut String) {
    use std::fmt::Write as _;
    let written = match change {
        Change::Save {
            id, phase, hold, ..
        } => {
            let delay_ms = hold.map(|hold| hold.delay_ms);
            write!(line, "save {id} {phase:?} {delay_ms:?}")
        }
        Change::Complete { id, outcome, .. } => {
            write!(line, "complete {id} {}", outcome.result.is_ok())
        }
        Change::SaveLimiter(limiter) => write!(line, "limiter {limiter:?}"),
    };
    written.unwrap();
}
