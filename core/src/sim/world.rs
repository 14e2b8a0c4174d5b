//! The clock and what is still to come.
//!
//! Every handle is the same world. Events are taken by their time; those of one moment in an order
//! that the seed decides, because nothing in a phone promises another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastrand::Rng;

use super::life::Life;
use super::trace::{Entry, Trace, What};
use crate::clock::Moment;
use crate::driver::Job;

/// When a world begins, on the wall clock: 2026-01-05, a Monday, at midnight UTC.
const BEGINNING_MS: i64 = 1_767_571_200_000;
/// The phone was on for an hour then.
const FIRST_UPTIME_MS: i64 = 3_600_000;

/// Events that may wait at a time: more means that something makes them without end.
const EVENTS_LIMIT: usize = 100_000;

/// A handle to one world.
#[derive(Clone)]
pub(crate) struct World(Arc<Mutex<State>>);

struct State {
    /// True time since the beginning: what a stopwatch would show.
    elapsed_ms: i64,
    /// What somebody has added to the wall clock.
    clock_offset_ms: i64,
    booted_at_ms: i64,
    boot: i64,
    queue: BTreeMap<Place, Event>,
    next: u64,
    rng: Rng,
    trace: Trace,
}

/// When, in which order among those of that moment, and which.
type Place = (i64, u32, u64);

struct Event {
    /// Whose it is: a dead process's events do not happen.
    owner: Option<Life>,
    work: Job,
}

impl World {
    pub fn new(seed: u64) -> World {
        World(Arc::new(Mutex::new(State {
            elapsed_ms: 0,
            clock_offset_ms: 0,
            booted_at_ms: -FIRST_UPTIME_MS,
            boot: 1,
            queue: BTreeMap::new(),
            next: 0,
            rng: Rng::with_seed(seed),
            trace: Trace::default(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the device's clocks show.
    pub fn now(&self) -> Moment {
        let state = self.lock();
        Moment {
            wall_ms: BEGINNING_MS + state.elapsed_ms + state.clock_offset_ms,
            uptime_ms: state.elapsed_ms - state.booted_at_ms,
            boot: state.boot,
        }
    }

    /// The true time of day, which servers know, in milliseconds since 1970.
    pub fn true_wall_ms(&self) -> i64 {
        BEGINNING_MS + self.lock().elapsed_ms
    }

    /// True time since the beginning.
    pub fn elapsed_ms(&self) -> i64 {
        self.lock().elapsed_ms
    }

    /// A random stream of its own, for one part of the world: what that part draws changes nothing
    /// for the others.
    pub fn fork_rng(&self) -> Rng {
        self.lock().rng.fork()
    }

    /// Draws from the world's own stream.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut self.lock().rng)
    }

    /// Lets something happen later, unless its owner is dead by then.
    pub fn after(&self, delay_ms: i64, owner: Option<&Life>, work: Job) {
        let mut state = self.lock();
        assert!(state.queue.len() < EVENTS_LIMIT, "events without end");
        let place = (
            state.elapsed_ms.saturating_add(delay_ms.max(0)),
            state.rng.u32(..),
            state.next,
        );
        state.next += 1;
        let owner = owner.cloned();
        state.queue.insert(place, Event { owner, work });
    }

    /// When the next event is due, in true time.
    pub fn next_event_ms(&self) -> Option<i64> {
        let mut state = self.lock();
        // What a dead process left is no reason to stop there.
        while let Some(first) = state.queue.first_entry() {
            if first.get().owner.as_ref().is_none_or(Life::is_alive) {
                return Some(first.key().0);
            }
            first.remove();
        }
        None
    }

    /// Moves the clock to the time of the next event, and lets it happen. False if none is left.
    pub fn happen(&self) -> bool {
        let Some(due) = self.next_event_ms() else {
            return false;
        };
        let event = {
            let mut state = self.lock();
            state.elapsed_ms = state.elapsed_ms.max(due);
            state.queue.pop_first()
        };
        if let Some((_, event)) = event {
            // Not under the lock: it schedules others.
            (event.work)();
        }
        true
    }

    /// Moves the clock, over no event.
    pub fn move_to(&self, elapsed_ms: i64) {
        let mut state = self.lock();
        state.elapsed_ms = state.elapsed_ms.max(elapsed_ms);
    }

    /// Somebody sets the wall clock.
    pub fn jump_wall_clock(&self, ms: i64) {
        self.lock().clock_offset_ms += ms;
    }

    /// The device starts again: another boot, whose uptime begins at zero.
    pub fn reboot(&self) {
        let mut state = self.lock();
        state.booted_at_ms = state.elapsed_ms;
        state.boot += 1;
    }

    /// Writes down what happened.
    pub fn note(&self, what: What) {
        let mut state = self.lock();
        let entry = Entry {
            at_ms: state.elapsed_ms,
            what,
        };
        state.trace.push(entry);
    }

    /// What has happened so far.
    pub fn trace(&self) -> Trace {
        self.lock().trace.clone()
    }

    /// Looks at the trace without copying it.
    pub fn with_trace<T>(&self, look: impl FnOnce(&Trace) -> T) -> T {
        look(&self.lock().trace)
    }
}
