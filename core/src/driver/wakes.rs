//! The wakes that the platform lent: when each closes and ends, when the app has run time, and when the
//! delegate may be told (rules S5, W2–W5, P6).
//!
//! A ticket is open, then closes, and is given back by the delegate's thread when everything was told.
//! The watchdog is the driver's own timer: it depends on no delegate.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Moment;
use crate::driver::gate::Gate;
use crate::driver::{Driver, Ending};
use crate::engine::{Input, NextWake};
use crate::wake::{Completion, Period, WakeTicket};

/// How long a wake may go on after the platform asked for it back. Android and watchOS give a few
/// seconds more.
const EXPIRY_GRACE_MS: i64 = 2_000;

/// One wake that is not over.
#[derive(Debug)]
struct Lent {
    /// None once the delegate's thread has it.
    ticket: Option<WakeTicket>,
    completion: Arc<Completion>,
    period: Period,
    /// Its margin has begun: nothing runs for it any more.
    is_closing: bool,
}

/// The wakes that are not over.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    lent: Vec<Lent>,
    /// Questions to a platform's service that it has not answered: what it says first may come late.
    lists: u32,
    /// It has answered once: store and service agree (rule W5).
    is_reconciled: bool,
    /// What the engine was last told about run time.
    awake: Option<bool>,
    /// What the delegate's thread was last told about the gate.
    is_open: bool,
    /// At the last count no task was on its way, and none was added since.
    pub all_ended: bool,
}

impl Wakes {
    /// Whether a wake lets transfers run.
    fn any_open(&self) -> bool {
        let is_open = |lent: &Lent| lent.ticket.is_some() && !lent.is_closing;
        self.lent.iter().any(is_open)
    }

    /// When something is next to be done about a wake.
    pub fn next_timeout(&self, now: Moment) -> Option<Moment> {
        let due = |lent: &Lent| match lent.ticket {
            Some(_) if !lent.is_closing => lent.period.closes,
            _ => lent.period.ends,
        };
        self.lent.iter().map(due).min_by_key(|at| now.until_ms(*at))
    }

    /// The platform wants its wakes back: their margin begins now, and ends soon.
    fn expire(&mut self, now: Moment) {
        for lent in &mut self.lent {
            lent.period.closes = now;
            let soon = now.plus_ms(EXPIRY_GRACE_MS);
            if now.until_ms(lent.period.ends) > EXPIRY_GRACE_MS {
                lent.period.ends = soon;
            }
        }
    }

    /// Completes those whose limit has come, forgets those that are complete. True if that were some.
    fn end_overdue(&mut self, now: Moment) -> bool {
        let before = self.lent.len();
        self.lent.retain(|lent| {
            if now.until_ms(lent.period.ends) == 0 && !lent.completion.is_complete() {
                log::warn!("a wake was completed at its limit: the rest stays in the journal");
                lent.completion.complete();
            }
            !lent.completion.is_complete()
        });
        self.lent.len() < before
    }

    /// Begins the margin of those whose time has come. True if that were some.
    fn close_due(&mut self, now: Moment) -> bool {
        let is_due = |lent: &&mut Lent| !lent.is_closing && now.until_ms(lent.period.closes) == 0;
        let mut any = false;
        for lent in self.lent.iter_mut().filter(is_due) {
            lent.is_closing = true;
            any = true;
        }
        any
    }

    /// The tickets that need not wait for anything but the delegate.
    fn take(&mut self, is_at_rest: bool, is_awake: bool) -> Vec<WakeTicket> {
        // While the app has run time of another source, a wake that closes has nothing to wait for.
        let is_done = |lent: &&mut Lent| is_at_rest || (lent.is_closing && is_awake);
        let done = self.lent.iter_mut().filter(is_done);
        done.filter_map(|lent| lent.ticket.take()).collect()
    }
}

impl Driver {
    /// The platform takes its wakes back early.
    pub(super) fn expire_wakes(&mut self) {
        let now = self.now();
        self.wakes.expire(now);
    }

    /// The platform lent the app some time.
    pub(super) fn lend(&mut self, ticket: WakeTicket) {
        let now = self.now();
        self.wakes.lent.push(Lent {
            completion: ticket.completion(),
            period: ticket.period(self.settings.wake_limit()),
            ticket: Some(ticket),
            is_closing: false,
        });
        if let Some(past) = self.desk.as_ref().and_then(|desk| desk.woke(now)) {
            self.store.remember_wakes(past).detach();
        }
        // What the service did meanwhile may still be on its way: its answer comes behind it.
        if self.transport.capabilities().outlives_process && self.wakes.lists == 0 {
            self.ask_for_list();
        }
    }

    /// Bytes came, or the user sees the app: wakes are worth asking for.
    pub(super) fn run_time_was_useful(&self) {
        if let Some(desk) = &self.desk {
            desk.was_useful();
        }
    }

    pub(super) fn ask_for_list(&mut self) {
        self.wakes.lists += 1;
        self.transport.list();
    }

    /// The service has answered. True for the first time: then its transfers are taken over.
    pub(super) fn list_answered(&mut self) -> bool {
        self.wakes.lists = self.wakes.lists.saturating_sub(1);
        !std::mem::replace(&mut self.wakes.is_reconciled, true)
    }

    /// Does what is due about wakes. Once each turn.
    pub(super) fn tend_wakes(&mut self) {
        let now = self.now();
        if self.wakes.end_overdue(now) {
            if self.wakes.lent.is_empty() {
                self.dispatcher.stop_flush();
            }
            if let Some(desk) = &self.desk {
                desk.wake_is_over(now);
            }
        }
        if self.wakes.close_due(now) {
            self.flush();
        }
        self.tell_awake();
        self.set_gate();
        let (is_at_rest, is_awake) = (self.is_at_rest(), self.wakes.awake == Some(true));
        let may_flush = self.gate().may_flush();
        for ticket in self.wakes.take(is_at_rest, is_awake) {
            self.dispatcher.end_wake(ticket, may_flush);
        }
        self.tell_awake();
    }

    /// Nothing moves, and nothing is left to ask.
    fn is_at_rest(&self) -> bool {
        let outlives = self.transport.capabilities().outlives_process;
        // A service goes on without us: only what it has handed over is ours to finish.
        let busy = if outlives {
            self.engine.finishing()
        } else {
            self.engine.busy()
        };
        let is_reconciled = !outlives || (self.wakes.is_reconciled && self.wakes.lists == 0);
        busy == 0 && self.waiting.is_empty() && is_reconciled
    }

    /// Whether transfers of this process may run (rule P1, `wake_budget`).
    pub(super) fn tell_awake(&mut self) {
        let awake = self.settings.identifier.is_none()
            || self.transport.capabilities().outlives_process
            || self.engine.conditions().app_state.is_in_front()
            || self.wakes.any_open();
        if self.wakes.awake.replace(awake) != Some(awake) {
            self.feed(Input::Awake(awake));
        }
    }

    fn gate(&self) -> Gate {
        Gate {
            is_background: self.settings.identifier.is_some(),
            policy: self.settings.delivery,
            sends_launch_events: self.settings.sends_launch_events,
            is_reconciled: !self.transport.capabilities().outlives_process
                || self.wakes.is_reconciled,
            is_in_front: self.engine.conditions().app_state.is_in_front(),
            all_ended: self.wakes.all_ended,
            is_invalidated: self.ending == Ending::WhenFinished,
        }
    }

    /// Lets the delegate be told, or not, as things are now.
    pub(super) fn set_gate(&mut self) {
        let is_open = self.gate().is_open();
        if std::mem::replace(&mut self.wakes.is_open, is_open) != is_open {
            self.dispatcher.set_open(is_open);
        }
    }

    /// Tells once what the journal holds, if the session may be told in the background at all.
    pub(super) fn flush(&self) {
        if self.gate().may_flush() {
            self.dispatcher.flush();
        }
    }

    /// When the app would next be of use has changed (rule P6).
    pub(super) fn wants_wake(&mut self, next: Option<NextWake>) {
        if let Some(desk) = &self.desk {
            desk.want(self.session, next, self.now());
        }
    }

    /// Leaves the wakes to the delegate's thread, which has its last call to make. They still end at
    /// their limits.
    pub(super) fn leave_wakes(&mut self) {
        let now = self.now();
        for lent in std::mem::take(&mut self.wakes.lent) {
            let left_ms = u64::try_from(now.until_ms(lent.period.ends)).unwrap_or(0);
            let (left, completion) = (Duration::from_millis(left_ms), lent.completion);
            self.machine
                .later(left, Box::new(move || completion.complete()));
            if let Some(ticket) = lent.ticket {
                self.dispatcher.end_wake(ticket, true);
            }
        }
    }

    /// Gives back every wake: the session ends. What the delegate is being told just now may take for
    /// ever, so nothing waits for it.
    pub(super) fn give_back_wakes(&mut self) {
        for lent in self.wakes.lent.drain(..) {
            lent.completion.complete();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn lend(wakes: &mut Wakes, now: Moment, limit_s: u64) -> Arc<Completion> {
        let ticket = WakeTicket::new(|| {}).limit(Duration::from_secs(limit_s));
        let completion = ticket.completion();
        wakes.lent.push(Lent {
            completion: Arc::clone(&completion),
            period: Period {
                closes: now.plus_ms(limit_s as i64 * 800),
                ends: now.plus_ms(limit_s as i64 * 1000),
            },
            ticket: Some(ticket),
            is_closing: false,
        });
        completion
    }

    #[test]
    fn a_wake_closes_then_ends_whoever_has_its_ticket() {
        // rule W3
        let (now, mut wakes) = (clock::now(), Wakes::default());
        let completion = lend(&mut wakes, now, 10);
        assert_eq!(wakes.next_timeout(now), Some(now.plus_ms(8_000)));
        assert!(wakes.any_open() && !wakes.close_due(now.plus_ms(7_999)));
        assert!(wakes.close_due(now.plus_ms(8_000)));
        assert!(!wakes.any_open(), "nothing runs for it any more");
        assert_eq!(wakes.next_timeout(now), Some(now.plus_ms(10_000)));
        assert_eq!(
            wakes.take(false, false).len(),
            0,
            "what runs has to stop first"
        );
        let stuck = wakes.take(true, false);
        assert!(!wakes.end_overdue(now.plus_ms(9_999)));
        assert!(wakes.end_overdue(now.plus_ms(10_000)) && completion.is_complete());
        assert!(wakes.lent.is_empty());
        drop(stuck);
    }

    #[test]
    fn several_wakes_are_each_their_own() {
        // rule W3
        let (now, mut wakes) = (clock::now(), Wakes::default());
        let short = lend(&mut wakes, now, 10);
        let long = lend(&mut wakes, now, 20);
        wakes.close_due(now.plus_ms(8_000));
        assert!(wakes.any_open(), "the longer one goes on");
        drop(wakes.take(false, true));
        assert!(short.is_complete() && !long.is_complete());
        assert!(wakes.end_overdue(now.plus_ms(8_001)), "it is forgotten");
        assert_eq!(wakes.lent.len(), 1);
    }
}
