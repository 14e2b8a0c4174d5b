//! One process of the simulated app: its sessions, stepped by hand, one at a time.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Wake, Waker};

use super::life::Life;
use super::listener::Deliveries;
use super::machine::SimMachine;
use super::world::World;
use crate::clock::Moment;
use crate::driver::{Caller, Disk, Driver, Machine, Stepped, Turn};
use crate::error::{Error, ErrorKind};
use crate::store::{Fate, Fates, Medium};

/// Timers that may be set at one moment.
const TIMERS_LIMIT: u32 = 100_000;

/// A process.
pub(crate) struct Process {
    world: World,
    life: Life,
    medium: Medium,
    state: Mutex<State>,
    machine: Arc<SimMachine>,
}

#[derive(Default)]
struct State {
    sessions: Vec<Session>,
    /// What drivers wait for. One for each session at most.
    timers: BTreeMap<u64, Moment>,
    next_timer: u64,
    /// The platform gives it no run time.
    is_frozen: bool,
    /// Timers that were set at one moment, and that moment: a loop that never waits is a defect.
    set_at: (i64, u32),
    /// The disk refuses this many transactions from now on.
    refused: Option<(u32, ErrorKind)>,
}

/// The two halves of a session. Taken out while they are stepped: what they call may step others.
struct Session {
    driver: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    caller: Option<Caller>,
    woken: Arc<Flag>,
    /// The driver has ended.
    is_over: bool,
}

/// Whether a driver was woken since it was polled.
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What a dead process's sessions say.
pub(super) fn is_over() -> Error {
    Error::new(ErrorKind::System, "the simulated process has ended")
}

impl Process {
    pub fn new(
        world: World,
        medium: Medium,
        life: Life,
        disk: Arc<dyn Disk>,
        deliveries: Deliveries,
    ) -> Arc<Process> {
        Arc::new_cyclic(|process: &Weak<Process>| Process {
            machine: Arc::new(SimMachine {
                process: process.clone(),
                disk,
                life: life.clone(),
                desks: Default::default(),
                deliveries,
                world: world.clone(),
            }),
            world,
            life,
            medium,
            state: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What its sessions run on.
    pub fn machine(&self) -> Arc<dyn Machine> {
        Arc::clone(&self.machine) as Arc<dyn Machine>
    }

    pub fn life(&self) -> &Life {
        &self.life
    }

    pub fn now(&self) -> Moment {
        self.world.now()
    }

    pub(super) fn medium(&self) -> &Medium {
        &self.medium
    }

    pub(super) fn fates(self: &Arc<Self>) -> Arc<dyn Fates> {
        Arc::new(FatesOf(Arc::downgrade(self)))
    }

    /// The disk refuses the next transactions.
    pub fn refuse_transactions(&self, count: u32, kind: ErrorKind) {
        self.lock().refused = Some((count, kind));
    }

    pub(super) fn add(&self, driver: Driver, caller: Caller) {
        self.lock().sessions.push(Session {
            driver: Some(Box::pin(driver.run())),
            caller: Some(caller),
            woken: Arc::new(Flag(AtomicBool::new(true))),
            is_over: false,
        });
    }

    pub(super) fn set_timer(&self, due: Moment) -> u64 {
        let now_ms = self.world.elapsed_ms();
        let mut state = self.lock();
        let (at, count) = state.set_at;
        state.set_at = if at == now_ms {
            (at, count + 1)
        } else {
            (now_ms, 1)
        };
        if state.set_at.1 > TIMERS_LIMIT {
            drop(state);
            self.busy_loop();
            state = self.lock();
        }
        let timer = state.next_timer;
        state.next_timer += 1;
        state.timers.insert(timer, due);
        timer
    }

    /// A driver that goes round without end would hang the simulation: its process dies of it.
    fn busy_loop(&self) {
        if self.life.is_alive() {
            self.world.note(super::What::Broken {
                rule: "P6",
                text: format!("{TIMERS_LIMIT} timers were set at one moment"),
            });
            self.life.end();
        }
    }

    pub(super) fn clear_timer(&self, timer: u64) {
        self.lock().timers.remove(&timer);
    }

    /// How long until a driver wants to be called.
    pub fn next_timer_ms(&self) -> Option<i64> {
        let now = self.now();
        let state = self.lock();
        state.timers.values().map(|due| now.until_ms(*due)).min()
    }

    /// Takes or gives run time: a suspended process stays in memory and does nothing.
    pub fn freeze(&self, frozen: bool) {
        self.lock().is_frozen = frozen;
    }

    pub fn has_run_time(&self) -> bool {
        self.life.is_alive() && !self.is_frozen()
    }

    pub fn is_frozen(&self) -> bool {
        self.lock().is_frozen
    }

    /// How many timers are armed.
    pub fn timers(&self) -> usize {
        self.lock().timers.len()
    }

    /// Steps until nothing is left to do at this moment.
    pub fn settle(self: &Arc<Self>) {
        const STEPS_LIMIT: usize = 1_000_000;
        for _ in 0..STEPS_LIMIT {
            if self.step() == Stepped::AtRest {
                return;
            }
        }
        self.world.note(super::What::Broken {
            rule: "P6",
            text: "the sessions do not come to rest".to_owned(),
        });
    }

    /// Does the next thing of one of its sessions; in which order, the seed decides.
    pub fn step(self: &Arc<Self>) -> Stepped {
        let (count, is_frozen) = {
            let state = self.lock();
            (state.sessions.len(), state.is_frozen)
        };
        if count == 0 || is_frozen || !self.life.is_alive() {
            return Stepped::AtRest;
        }
        let first = self.world.draw(|rng| rng.usize(0..count));
        let caller_first = self.world.draw(fastrand::Rng::bool);
        for index in (0..count).map(|n| (first + n) % count) {
            let did = caller_first && self.call(index);
            if did || self.poll(index) || self.call(index) {
                return Stepped::Done;
            }
        }
        Stepped::AtRest
    }

    /// Polls a driver, if it was woken or its time has come.
    fn poll(&self, index: usize) -> bool {
        let is_due = self.next_timer_ms() == Some(0);
        let (mut driver, woken) = {
            let mut state = self.lock();
            let session = &mut state.sessions[index];
            let woken = Arc::clone(&session.woken);
            // A timer that is due is served by whichever driver it belongs to: the others find
            // nothing to do.
            if !woken.0.swap(false, Ordering::Relaxed) && !is_due {
                return false;
            }
            match session.driver.take() {
                Some(driver) => (driver, woken),
                None => return false,
            }
        };
        let waker = Waker::from(woken);
        let over = driver
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready();
        let mut state = self.lock();
        match state.sessions.get_mut(index) {
            Some(session) if over => session.is_over = true,
            Some(session) => session.driver = Some(driver),
            // What it called has ended the process.
            None => {
                drop(state);
                drop(driver);
            }
        }
        true
    }

    /// Makes the next call of a session's delegate.
    fn call(&self, index: usize) -> bool {
        let Some(mut caller) = self.lock().sessions[index].caller.take() else {
            return false;
        };
        match caller.turn(false) {
            Turn::Over => {
                caller.end();
                true
            }
            turn => {
                let mut state = self.lock();
                match state.sessions.get_mut(index) {
                    Some(session) => session.caller = Some(caller),
                    // The delegate has ended the process.
                    None => {
                        drop(state);
                        drop(caller);
                    }
                }
                turn == Turn::Called
            }
        }
    }

    /// The process is gone: nothing that its sessions still do has an effect.
    pub fn end(&self) {
        self.life.end();
        let sessions = std::mem::take(&mut self.lock().sessions);
        // Not under the lock: their timers clear themselves.
        drop(sessions);
    }
}

/// How long what nobody waits for may stay unwritten.
const LAZY_WAIT_MS: i64 = 50;

/// The disk's word on each transaction of a process.
struct FatesOf(Weak<Process>);

impl Fates for FatesOf {
    fn of_transaction(&self) -> Fate {
        let Some(process) = self.0.upgrade() else {
            return Fate::Dropped;
        };
        if !process.life.act() {
            return Fate::Dropped;
        }
        let mut state = process.lock();
        match state.refused {
            Some((left, kind)) if left > 0 => {
                state.refused = Some((left - 1, kind));
                Fate::Fails(kind)
            }
            _ => Fate::Runs,
        }
    }

    fn soon(&self, write: Box<dyn FnOnce() + Send>) {
        if let Some(process) = self.0.upgrade() {
            process
                .world
                .after(LAZY_WAIT_MS, Some(&process.life), write);
        }
    }
}
