//! One desk for each container: it merges what its sessions would be woken for into one request
//! (rule P6), and asks the platform only when that changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use super::{WakeBudget, WakeConstraints, WakeRequest, WakeScheduler};
use crate::clock::Moment;
use crate::engine::NextWake;
use crate::store::SessionKey;

/// When a wake looks again at tasks that need different things, no two of which one request can
/// name. Rarely enough to cost nothing.
const MIXED_RECHECK_MS: i64 = 60 * 60 * 1000;

/// After the second wake in a row in which no byte came, no other is asked for this long; twice as long
/// after each further one.
const IDLE_PAUSE_MS: i64 = 60 * 1000;
/// And never longer than this.
const IDLE_PAUSE_LIMIT_MS: i64 = 60 * 60 * 1000;
/// Tickets that come within this are one wake.
const SAME_WAKE_MS: i64 = 1_000;

/// The desks of one process, by container. One lives as long as a session of its container.
#[derive(Debug, Default)]
pub(crate) struct Desks(Mutex<BTreeMap<PathBuf, Weak<WakeDesk>>>);

impl Desks {
    /// The desk of this container.
    pub fn of(&self, container: &Path) -> Arc<WakeDesk> {
        let mut desks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        desks.retain(|_, desk| desk.strong_count() > 0);
        if let Some(desk) = desks.get(container).and_then(Weak::upgrade) {
            return desk;
        }
        let desk = Arc::new(WakeDesk::default());
        desks.insert(container.to_owned(), Arc::downgrade(&desk));
        desk
    }
}

/// What the sessions of a container want, and what the platform was asked for.
#[derive(Default)]
pub(crate) struct WakeDesk(Mutex<State>);

#[derive(Default)]
struct State {
    wants: BTreeMap<i64, NextWake>,
    /// Who asks the platform. Set by the first session that has one.
    scheduler: Option<Arc<dyn WakeScheduler>>,
    /// Of a watch.
    budget: Option<WakeBudget>,
    asked: Asked,
    /// Wakes in a row in which no byte came, and the last of them.
    idle_wakes: u32,
    last_wake: Option<Moment>,
}

/// What the platform was last asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Asked {
    /// Nothing by this process, or what it was asked for has come.
    #[default]
    Nothing,
    /// To forget about us.
    Cancelled,
    For(WakeRequest),
}

impl WakeDesk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session of the container asks through this scheduler from now on.
    pub fn open(&self, scheduler: Arc<dyn WakeScheduler>) {
        self.lock().scheduler = Some(scheduler);
    }

    /// A session has the watch profile: this is what the store remembers of wakes.
    pub fn keep_to(&self, past: Vec<Moment>, now: Moment) {
        let mut state = self.lock();
        if state.budget.is_none() {
            state.budget = Some(WakeBudget::new(past, now));
        }
    }

    /// What a session would be woken for has changed.
    pub fn want(&self, session: SessionKey, next: Option<NextWake>, now: Moment) {
        let mut state = self.lock();
        match next {
            Some(next) => state.wants.insert(session.0, next),
            None => state.wants.remove(&session.0),
        };
        state.ask(now);
    }

    /// The platform woke the app: whatever it was asked for is used up. Of a watch, the wakes that
    /// are to be remembered, if this is a new one.
    pub fn woke(&self, now: Moment) -> Option<Vec<Moment>> {
        let mut state = self.lock();
        state.asked = Asked::Nothing;
        // One wake may be handed to several sessions.
        let is_new = state
            .last_wake
            .is_none_or(|last| last.until_ms(now) > SAME_WAKE_MS);
        if is_new {
            state.idle_wakes = state.idle_wakes.saturating_add(1);
            state.last_wake = Some(now);
        }
        let budget = state.budget.as_mut()?;
        budget.woke(now).then(|| budget.past().to_vec())
    }

    /// Run time was of use: bytes came, or the user sees the app. The next wake may come as soon as
    /// it is wanted.
    pub fn was_useful(&self) {
        self.lock().idle_wakes = 0;
    }

    /// A wake is over: what is still wanted is asked for again.
    pub fn wake_is_over(&self, now: Moment) {
        self.lock().ask(now);
    }

    /// When the platform was asked to wake the app next.
    pub fn next(&self) -> Option<SystemTime> {
        match self.lock().asked {
            Asked::For(request) => Some(request.at),
            Asked::Nothing | Asked::Cancelled => None,
        }
    }
}

impl State {
    /// How long no wake is asked for after several that came to nothing: a server that is down must not
    /// cost a wake every half minute.
    fn idle_pause_ms(&self, now: Moment) -> i64 {
        let (Some(last), 2..) = (self.last_wake, self.idle_wakes) else {
            return 0;
        };
        let doublings = (self.idle_wakes - 2).min(16);
        let pause_ms = (IDLE_PAUSE_MS << doublings).min(IDLE_PAUSE_LIMIT_MS);
        pause_ms - last.until_ms(now).min(pause_ms)
    }

    fn ask(&mut self, now: Moment) {
        let Some(scheduler) = &self.scheduler else {
            return;
        };
        let pause_ms = self
            .budget
            .as_ref()
            .map_or(0, |budget| budget.pause_ms(now))
            .max(self.idle_pause_ms(now));
        let new = match merge(self.wants.values(), now, now.plus_ms(pause_ms)) {
            Some(request) => Asked::For(request),
            None => Asked::Cancelled,
        };
        // What an earlier process asked for comes once and finds nothing to do. To take it back before
        // every session of this launch has said what it wants could lose a wake.
        let is_news =
            new != self.asked && !(new == Asked::Cancelled && self.asked == Asked::Nothing);
        if !is_news {
            return;
        }
        self.asked = new;
        match new {
            Asked::For(request) => scheduler.schedule(request),
            Asked::Nothing | Asked::Cancelled => scheduler.cancel(),
        }
    }
}

impl std::fmt::Debug for WakeDesk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WakeDesk").finish_non_exhaustive()
    }
}

/// One request for all: at the first moment that is of use to anybody, under the constraints of those
/// that it is of use to, and at the latest when somebody could go on without those constraints.
fn merge<'a>(
    wants: impl Iterator<Item = &'a NextWake> + Clone,
    now: Moment,
    not_before: Moment,
) -> Option<WakeRequest> {
    let sooner = |a: Moment, b: Moment| {
        if now.until_ms(b) < now.until_ms(a) {
            b
        } else {
            a
        }
    };
    let later = |a: Moment, b: Moment| {
        if now.until_ms(a) < now.until_ms(b) {
            b
        } else {
            a
        }
    };
    let start = |want: &NextWake| later(want.at, not_before);
    let at = wants.clone().map(start).reduce(sooner)?;
    let is_first = |want: &&NextWake| now.until_ms(start(want)) <= now.until_ms(at);
    let firsts = || {
        wants
            .clone()
            .filter(is_first)
            .map(|want| want.constraints())
    };
    // The fewest constraints: whoever else is satisfied by more of them is woken too.
    let least = firsts().min_by_key(WakeConstraints::count)?;
    let is_mixed = firsts().any(|other| !least.is_part_of(other));
    let recheck = is_mixed.then(|| at.plus_ms(MIXED_RECHECK_MS));
    let latest = wants
        .filter_map(|want| {
            let may_be_sooner = !is_first(&want) && !least.is_part_of(want.constraints());
            let alone = may_be_sooner.then(|| start(want));
            let forced = want.latest.map(|latest| later(latest, not_before));
            alone.into_iter().chain(forced).reduce(sooner)
        })
        .chain(recheck)
        .reduce(sooner);
    Some(WakeRequest {
        at: at.system_time(),
        constraints: least,
        latest: latest.map(Moment::system_time),
    })
}

impl WakeConstraints {
    fn flags(self) -> [bool; 4] {
        [
            self.network,
            self.unmetered,
            self.not_cellular,
            self.charging,
        ]
    }

    fn count(&self) -> usize {
        self.flags().into_iter().filter(|is_set| *is_set).count()
    }

    /// Whether these hold wherever the other ones do.
    fn is_part_of(self, other: WakeConstraints) -> bool {
        let pairs = self.flags().into_iter().zip(other.flags());
        pairs.into_iter().all(|(mine, theirs)| theirs || !mine)
    }
}

#[cfg(test)]
mod tests;
