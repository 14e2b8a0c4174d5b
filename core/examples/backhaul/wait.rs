//! Waits until nothing more can be done now, and says what is left. It is woken by what happens;
//! only when it seems that nothing does, it looks again twice a minute.

use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use backhaul::{Session, SessionStatus, WaitReason, WakeTicket};

use crate::app::App;
use crate::exit::Outcome;
use crate::left::{Left, is_timed, is_turn};
use crate::out::note;

/// How long to wait for a change before the queue is read again.
const RECHECK: Duration = Duration::from_secs(30);

/// The longest pause that is waited for without a word.
const SHORT: Duration = Duration::from_secs(60);

/// How much is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Whatever it takes.
    Endless,
    /// What moves, and pauses that end soon.
    Short,
}

/// How a wait ended.
#[derive(Debug)]
pub enum Waited {
    /// What was asked for has ended, and was told.
    Done,
    /// Tasks are left, but none is under way.
    NothingMoves,
    /// Every task that is left waits for space.
    FullDisk(Left),
    /// Every task that is left waits for longer than the patience, or the wake is over.
    Later(Left),
}

/// Waits until `is_done`, or until nothing happens for longer than `patience`.
pub fn wait(
    session: &Session,
    app: &App,
    patience: Patience,
    is_done: impl Fn() -> bool,
) -> Outcome<Waited> {
    let mut said = String::new();
    loop {
        let told = |status: &SessionStatus| is_done() && status.undelivered == 0;
        let status = session.wait_until(None, |status| {
            told(status) || is_over(status) || is_still(status)
        });
        if told(&status) {
            return Ok(Waited::Done);
        }
        // The status may lag a moment behind the queue, so the queue itself has the last word.
        if may_take_long(&status) {
            let left = Left::of(session, status.next_evaluation)?;
            if left.live == 0 {
                return Ok(Waited::NothingMoves);
            }
            if left.is_all_storage() && app.saw_full_disk() {
                return Ok(Waited::FullDisk(left));
            }
            if left.is_all_storage() {
                left.try_again(session)?;
                continue;
            }
            if left.may_run == 0 && !(left.timed > 0 && is_soon(left.next)) {
                if patience == Patience::Short {
                    return Ok(Waited::Later(left));
                }
                say_once(app, &left, &mut said);
            }
        }
        session.wait_until(Some(RECHECK), |now| {
            let is_as_before =
                now.waiting == status.waiting && now.next_evaluation == status.next_evaluation;
            told(now) || !is_as_before || !(is_over(now) || is_still(now))
        });
    }
}

/// One wake: the session gives it back when nothing moves any more, or before its limit.
pub fn wake(session: &Session, app: &App, limit: Option<Duration>) -> Outcome<Waited> {
    let (over, is_over) = mpsc::channel();
    // Who has left no longer needs to hear of the end.
    let ticket = WakeTicket::new(move || {
        let _ = over.send(());
    });
    session.handle_background_events(match limit {
        Some(limit) => ticket.limit(limit),
        None => ticket,
    });
    // An error: the ticket is gone, and the wake with it.
    let _ = is_over.recv();
    let left = Left::of(session, session.status().next_evaluation)?;
    Ok(match left.live {
        0 => Waited::NothingMoves,
        _ if left.is_all_storage() && app.saw_full_disk() => Waited::FullDisk(left),
        _ => Waited::Later(left),
    })
}

/// A command that stays says why, once for each new reason.
fn say_once(app: &App, left: &Left, said: &mut String) {
    let reasons = left.reasons();
    if reasons != *said {
        let (count, what) = (left.tasks(), left.unblocked_by());
        app.bars().aside(|| {
            note(format_args!("{count} waiting ({reasons}) for {what}; it stays until then, and may be stopped: nothing is lost"));
        });
        *said = reasons;
    }
}

/// Nothing is resumed, and everything was told.
fn is_over(status: &SessionStatus) -> bool {
    status.closed || (status.active == 0 && status.undelivered == 0)
}

/// Nothing moves, and every task waits for something other than its turn.
fn is_still(status: &SessionStatus) -> bool {
    let waiting: u64 = status.waiting.iter().map(|(_, count)| count).sum();
    status.transferring == 0
        && status.undelivered == 0
        && status.active > 0
        && waiting >= status.active
        && !status.waiting.iter().any(|(reason, _)| is_turn(*reason))
}

/// Perhaps nothing comes of staying: no pause ends soon, or there is more to look at than pauses.
fn may_take_long(status: &SessionStatus) -> bool {
    let reasons = || status.waiting.iter().map(|(reason, _)| *reason);
    is_over(status)
        || reasons().all(|reason| reason == WaitReason::Storage)
        || !reasons().any(is_timed)
        || !is_soon(status.next_evaluation)
}

/// Whether the time comes without a word. An unknown time does: something is under way.
fn is_soon(next: Option<SystemTime>) -> bool {
    next.is_none_or(|next| next <= SystemTime::now() + SHORT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn still() -> SessionStatus {
        let mut status = SessionStatus::default();
        status.active = 1;
        status.waiting = vec![(WaitReason::RetryAfter, 1)];
        status
    }

    #[test]
    fn it_is_still_only_when_nothing_moves_and_nothing_can_start() {
        assert!(is_still(&still()));
        let moving: [fn(&mut SessionStatus); 4] = [
            |status| status.transferring = 1,
            |status| status.undelivered = 1,
            |status| status.waiting.push((WaitReason::SessionLimit, 1)),
            |status| status.active = 2,
        ];
        for change in moving {
            let mut status = still();
            change(&mut status);
            assert!(!is_still(&status), "{status:?}");
        }
    }

    #[test]
    fn only_a_pause_that_ends_soon_is_waited_for_without_a_look() {
        let soon = |seconds| Some(SystemTime::now() + Duration::from_secs(seconds));
        let mut status = still();
        status.next_evaluation = soon(20);
        assert!(!may_take_long(&status));
        status.next_evaluation = soon(90);
        assert!(may_take_long(&status));
        // rule P2: no clock brings a network
        status.next_evaluation = soon(20);
        status.waiting = vec![(WaitReason::Connectivity, 1)];
        assert!(may_take_long(&status));
    }
}
