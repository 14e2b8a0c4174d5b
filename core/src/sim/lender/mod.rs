//! Who lends the app its run time in the background: Apple's phone, Apple's watch, Android.
//!
//! A wake is asked for by the app (`BGTaskScheduler`, `JobScheduler`, seen as
//! [`WakeScheduler`](crate::WakeScheduler)) or by the transfer service whose session has events. The
//! platform chooses the moment by its documented rules and budgets, lends a
//! [`WakeTicket`](crate::WakeTicket), and kills an app that completes one late or twice (rule W3).
//! What was asked for stays with the platform when the process dies. It must never wake an app that
//! the user has quit, and polls nothing: it looks again when something changed or a time has come.

mod android;
mod desk;
mod host;
mod lending;
mod profile;
mod rules;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use fastrand::Rng;

pub(crate) use host::Host;
pub use profile::Profile;

use super::life::Life;
use super::world::World;
use crate::conditions::AppState;
use crate::wake::{WakeConstraints, WakeScheduler};

/// A handle to the platform of one device.
#[derive(Clone)]
pub(crate) struct Platform(Arc<Inner>);

struct Inner {
    world: World,
    profile: Profile,
    state: Mutex<State>,
}

/// Times are true ones.
struct State {
    rng: Rng,
    host: Option<Weak<dyn Host>>,
    app: AppState,
    /// The user quit it by force, and has not opened it since.
    is_barred: bool,
    /// Its process broke a promise, and is about to be killed.
    is_doomed: bool,
    /// What the app asked for last: one request stands for all its tasks (rule P6).
    asked: Option<Asked>,
    /// Sessions with events, and when each is to be called.
    events: BTreeMap<String, i64>,
    loans: BTreeMap<u64, Loan>,
    /// Tickets lent so far.
    tickets: u64,
    /// When the last wakes began, for the watch's budget.
    wakes: VecDeque<i64>,
    /// When the last job runs began and ended, for Android's quotas.
    runs: VecDeque<(i64, i64)>,
    /// When it will look again by itself.
    look_ms: Option<i64>,
    /// Counts changes of the app's state and wakes: what was decided before one does not count.
    epoch: u64,
}

/// A wake that the app asked for.
#[derive(Clone, Copy, Debug)]
struct Asked {
    /// Not before this: the app's wish, and the platform's discretion on top.
    due_ms: i64,
    latest_ms: Option<i64>,
    constraints: WakeConstraints,
}

/// A wake that is under way.
struct Loan {
    life: Life,
    since_ms: i64,
    /// Constraints that must go on to hold.
    watched: Option<WakeConstraints>,
    /// It was told that its time is up.
    is_stopping: bool,
}

impl State {
    /// A wake is over. Its time counts, however it ended.
    fn close(&mut self, ticket: u64, now_ms: i64) -> Option<Loan> {
        let loan = self.loans.remove(&ticket)?;
        self.runs.push_back((loan.since_ms, now_ms));
        self.runs
            .retain(|(_, ended)| *ended > now_ms - android::QUOTA_MEMORY_MS);
        Some(loan)
    }
}

impl Platform {
    pub fn new(world: &World, profile: Profile) -> Platform {
        Platform(Arc::new(Inner {
            world: world.clone(),
            profile,
            state: Mutex::new(State {
                rng: world.fork_rng(),
                host: None,
                app: AppState::NotRunning,
                is_barred: false,
                is_doomed: false,
                asked: None,
                events: BTreeMap::new(),
                loans: BTreeMap::new(),
                tickets: 0,
                wakes: VecDeque::new(),
                runs: VecDeque::new(),
                look_ms: None,
                epoch: 0,
            }),
        }))
    }

    /// Whom it wakes. The phone, which owns the platform.
    pub fn set_host(&self, host: Weak<dyn Host>) {
        self.lock().host = Some(host);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> i64 {
        self.0.world.elapsed_ms()
    }

    fn host(&self) -> Option<Arc<dyn Host>> {
        self.lock().host.as_ref().and_then(Weak::upgrade)
    }

    /// Does something later; for a process, only if that still lives then.
    fn later(
        &self,
        delay_ms: i64,
        life: Option<&Life>,
        work: impl FnOnce(&Platform) + Send + 'static,
    ) {
        let platform = Arc::downgrade(&self.0);
        let work = move || {
            if let Some(platform) = platform.upgrade() {
                work(&Platform(platform));
            }
        };
        self.0.world.after(delay_ms, life, Box::new(work));
    }

    /// The system changed. Called by the phone, whoever lives.
    pub fn conditions_changed(&self) {
        self.check_running_jobs();
        self.consider();
    }

    /// The app went to another state, or died. Called by the phone.
    pub fn app_state_changed(&self, app: AppState) {
        let now_ms = self.now_ms();
        let mut state = self.lock();
        state.app = app;
        state.epoch += 1;
        if app.is_in_front() {
            state.is_barred = false;
        }
        if app == AppState::NotRunning {
            state.is_doomed = false;
            for ticket in state.loans.keys().copied().collect::<Vec<_>>() {
                state.close(ticket, now_ms);
            }
        }
        drop(state);
        match app {
            AppState::Background => self.end_run_later(self.0.profile.lingers_ms()),
            AppState::Frontmost => self.leave_front_later(),
            _ => {}
        }
        self.consider();
    }

    /// The user quit the app by force, or stopped it in the settings: nothing wakes it before the
    /// user opens it again. Android forgets its jobs.
    pub fn force_quit(&self) {
        let mut state = self.lock();
        state.is_barred = true;
        state.events.clear();
        if self.0.profile == Profile::Android {
            state.asked = None;
        }
    }

    /// The transfer service has events for a session, and no process to hear them.
    pub fn ask_for(&self, identifier: &str) {
        let now_ms = self.now_ms();
        {
            let mut state = self.lock();
            if state.is_barred {
                return;
            }
            let delay_ms = state.rng.i64(profile::EVENTS_DELAY_MS);
            state
                .events
                .entry(identifier.to_owned())
                .or_insert(now_ms + delay_ms);
        }
        self.consider();
    }

    /// A process has heard the events.
    pub fn withdraw(&self, identifier: &str) {
        self.lock().events.remove(identifier);
    }

    /// Where a process asks for wakes.
    pub fn desk(&self, life: &Life) -> Arc<dyn WakeScheduler> {
        Arc::new(desk::WakeDesk {
            platform: self.clone(),
            life: life.clone(),
        })
    }

    /// Sessions for which a wake is owed, and the number of wakes under way.
    #[cfg(test)]
    pub fn owed(&self) -> (std::collections::BTreeSet<String>, usize) {
        let state = self.lock();
        (state.events.keys().cloned().collect(), state.loans.len())
    }
}
