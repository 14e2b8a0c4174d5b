//! Lends wakes, takes them back, and ends runs.

use std::time::Duration;

use super::android;
use super::profile::{
    AFTER_RUN_MS, FRONTMOST_MS, JOB_MARGIN, KILLED_ONE_IN, Profile, WATCH_WAKES_PER_HOUR,
};
use super::rules::{When, when_asked, when_events};
use super::{Loan, Platform};
use crate::conditions::{AppState, SystemConditions};
use crate::sim::life::Life;
use crate::sim::trace::What;
use crate::wake::{WakeConstraints, WakeTicket};

/// What a wake is for.
enum Purpose {
    /// The app asked for it. On Android these go on to be watched.
    Asked(Option<WakeConstraints>),
    /// Events of a session.
    Events(String),
}

impl Platform {
    /// Lends what may be lent now, and sees to looking again when a time has come.
    pub(super) fn consider(&self) {
        // Each round lends one wake, and at most one for each session and one that was asked for.
        while let Some(purpose) = self.next_purpose() {
            self.lend(purpose);
        }
    }

    fn next_purpose(&self) -> Option<Purpose> {
        let host = self.host()?;
        let (now_ms, profile) = (self.now_ms(), self.0.profile);
        let (conditions, is_in_front) = (host.conditions(), host.is_in_front());
        let mut state = self.lock();
        state.loans.retain(|_, loan| loan.life.is_alive());
        let is_apple = profile != Profile::Android;
        // In front, Apple's app hears of everything without a wake.
        if state.is_barred || (is_apple && is_in_front) {
            return None;
        }
        let mut look_ms: Option<i64> = None;
        let mut not_before = |at_ms: i64| look_ms = Some(look_ms.map_or(at_ms, |l| l.min(at_ms)));
        let mut found = None;
        for (session, due_ms) in &state.events {
            match when_events(profile, &state, *due_ms, now_ms) {
                When::Now => found = Some(Purpose::Events(session.clone())),
                When::At(at_ms) => not_before(at_ms),
                When::Later => {}
            }
        }
        let asked = state
            .asked
            .filter(|_| state.loans.is_empty() && found.is_none());
        if let Some(asked) = asked {
            match when_asked(profile, &state, &asked, &conditions, now_ms) {
                When::Now => {
                    let is_overdue = asked.latest_ms.is_some_and(|latest| latest <= now_ms);
                    let watched = (!is_apple && !is_overdue).then_some(asked.constraints);
                    found = Some(Purpose::Asked(watched));
                }
                When::At(at_ms) => not_before(at_ms),
                When::Later => {}
            }
        }
        match &found {
            Some(Purpose::Events(session)) => drop(state.events.remove(session)),
            Some(Purpose::Asked(_)) => state.asked = None,
            None => {}
        }
        drop(state);
        if let Some(at_ms) = look_ms {
            self.look_at(at_ms);
        }
        found
    }

    /// Looks again at a time, unless it will do so earlier anyway.
    fn look_at(&self, at_ms: i64) {
        let now_ms = self.now_ms();
        {
            let mut state = self.lock();
            if state.look_ms.is_some_and(|look| look <= at_ms) {
                return;
            }
            state.look_ms = Some(at_ms);
        }
        self.later(at_ms - now_ms, None, move |platform| {
            let is_current = {
                let mut state = platform.lock();
                let is_current = state.look_ms == Some(at_ms);
                state.look_ms = state.look_ms.filter(|_| !is_current);
                is_current
            };
            if is_current {
                platform.consider();
            }
        });
    }

    fn lend(&self, purpose: Purpose) {
        let Some(host) = self.host() else { return };
        let (identifier, watched) = match purpose {
            Purpose::Events(identifier) => (Some(identifier), None),
            Purpose::Asked(watched) => (None, watched),
        };
        let (ticket, limit_ms, run_ms) = self.spend(&host.conditions(), identifier.is_some());
        let life = host.process();
        let loan = Loan {
            life: life.clone(),
            since_ms: self.now_ms(),
            watched,
            is_stopping: false,
        };
        self.lock().loans.insert(ticket, loan);
        self.0.world.note(What::WakeLent { ticket, limit_ms });
        self.later(limit_ms, Some(&life), move |platform| {
            platform.overrun(ticket, "within its limit");
        });
        if self.0.profile == Profile::Android && run_ms < limit_ms {
            self.later(run_ms, Some(&life), move |platform| {
                platform.stop_job(ticket)
            });
        }
        let platform = self.clone();
        let completed = move || platform.completed(ticket, &life);
        let mut lent = WakeTicket::new(completed).made_at(self.0.world.now());
        if self.0.profile == Profile::Android {
            // What the glue of a `JobService` says; elsewhere the library's own limit holds.
            lent = lent.limit(Duration::from_millis(limit_ms.unsigned_abs()) - JOB_MARGIN);
        }
        host.wake(identifier.as_deref(), lent);
    }

    /// Numbers a wake and takes it from the budget, before anything comes of it. How long it may
    /// take, and how long before a quota ends it.
    fn spend(&self, now: &SystemConditions, is_for_events: bool) -> (u64, i64, i64) {
        let now_ms = self.now_ms();
        let mut state = self.lock();
        state.tickets += 1;
        state.epoch += 1;
        if state.loans.is_empty() {
            state.wakes.push_back(now_ms);
            if state.wakes.len() > WATCH_WAKES_PER_HOUR {
                state.wakes.pop_front();
            }
        }
        let limit_ms = state.rng.i64(self.0.profile.limit_ms(is_for_events));
        (
            state.tickets,
            limit_ms,
            android::run_ms(&state, now, now_ms),
        )
    }

    /// The app gives a wake back. A dead process gives nothing back.
    pub(super) fn completed(&self, ticket: u64, life: &Life) {
        if !life.act() {
            return;
        }
        let now_ms = self.now_ms();
        {
            let mut state = self.lock();
            if state.is_doomed {
                return;
            }
            if state.close(ticket, now_ms).is_none() {
                drop(state);
                return self.punish(format!("ticket {ticket} was completed twice"));
            }
        }
        self.0.world.note(What::WakeCompleted { ticket });
        self.end_run_later(AFTER_RUN_MS);
        // Not within the app's call: what is lent next comes by itself.
        self.later(0, None, Platform::consider);
    }

    /// A ticket's time is over: if it is still out, a promise is broken.
    pub(super) fn overrun(&self, ticket: u64, limit: &str) {
        let now_ms = self.now_ms();
        let loan = self.lock().close(ticket, now_ms);
        if loan.is_some_and(|loan| loan.life.is_alive()) {
            self.punish(format!("ticket {ticket} was not completed {limit}"));
        }
    }

    /// It costs the app its life: at once, but not within its own call.
    fn punish(&self, text: String) {
        self.0.world.note(What::Broken { rule: "W3", text });
        self.lock().is_doomed = true;
        self.later(0, None, |platform| {
            let host = platform.host();
            if let Some(host) = host.filter(|_| platform.lock().is_doomed) {
                host.kill("killed");
            }
        });
    }

    /// The app loses its run time after a while, unless something happens before.
    pub(super) fn end_run_later(&self, range_ms: std::ops::RangeInclusive<i64>) {
        let (delay_ms, is_killed, epoch) = {
            let mut state = self.lock();
            let is_killed = state.rng.u32(0..KILLED_ONE_IN) == 0;
            (state.rng.i64(range_ms), is_killed, state.epoch)
        };
        self.later(delay_ms, None, move |platform| {
            let is_over = {
                let state = platform.lock();
                state.epoch == epoch && state.app == AppState::Background && state.loans.is_empty()
            };
            match platform.host().filter(|_| is_over) {
                Some(host) if is_killed => host.kill("killed"),
                Some(host) => host.move_to(AppState::Suspended),
                None => {}
            }
        });
    }

    /// A watch counts an app as in use for two minutes.
    pub(super) fn leave_front_later(&self) {
        if self.0.profile != Profile::Watch {
            return;
        }
        let epoch = self.lock().epoch;
        self.later(FRONTMOST_MS, None, move |platform| {
            let is_current = platform.lock().epoch == epoch;
            if let Some(host) = platform.host().filter(|_| is_current) {
                host.move_to(AppState::Background);
            }
        });
    }
}
