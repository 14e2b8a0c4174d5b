//! A platform's own transfer service, as Apple documents `nsurlsessiond`, seen through
//! [`Transport`](crate::transport::Transport).
//!
//! It belongs to the device. Transfers go on while the app is suspended or dead, survive a reboot,
//! and are tried again by the service itself, with `If-Range` or from zero: it never splices. What
//! it received lies in a file of its own; the last event of a transfer is kept until a process that
//! has attached hears it. It must never call a dead process, and decides nothing about size, digest
//! or status: a 404's body is a file like any other, that is the session's to judge.
//!
//! [`adapter::ServiceTransport`] is what one session of one process holds of it.

mod adapter;
mod carry;
mod deliver;
mod exchange;
mod item;
mod limiter;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use fastrand::Rng;

use item::{Item, Kept, Stage, hears};
use limiter::LaunchLimiter;

use super::disk::SimDisk;
use super::lender::Platform;
use super::life::Life;
use super::net::Net;
use super::trace::What;
use super::world::World;
use crate::conditions::{AppState, SystemConditions};
use crate::error::{Error, ErrorKind};
use crate::task_id::TaskId;
use crate::transport::{TransferEvent, TransferEvents, TransferId};

/// Transfers that one session should hold at a time: the creation of each takes the system a while.
pub(crate) const WINDOW: usize = 100;

/// How often a wake is asked for the same ends, should the app not take them.
const ASKS_LIMIT: u8 = 3;

/// From the boot until the service works again.
const BOOT_MS: std::ops::RangeInclusive<i64> = 5_000..=60_000;

/// A handle to the service of one device.
#[derive(Clone)]
pub(crate) struct TransferService(Arc<Inner>);

struct Inner {
    world: World,
    net: Net,
    disk: SimDisk,
    platform: Platform,
    state: Mutex<State>,
}

struct State {
    rng: Rng,
    app: AppState,
    conditions: SystemConditions,
    limiter: LaunchLimiter,
    sessions: BTreeMap<String, Session>,
    /// Numbers the files it leaves.
    files: u64,
}

/// What it knows of a session, by identifier.
#[derive(Default)]
struct Session {
    /// Of the last process that made it.
    attached: Option<Attached>,
    items: BTreeMap<TransferId, Item>,
    /// Resume data of transfers that were stopped or failed, for the task's next attempt.
    resume: BTreeMap<TaskId, Kept>,
    sends_launch_events: bool,
    /// Wakes that may still be asked for what has ended.
    asks_left: u8,
    /// A task needs authentication: the others are not waited for.
    needs_answer: bool,
}

struct Attached {
    life: Life,
    events: Arc<dyn TransferEvents>,
}

/// One transfer of one session.
#[derive(Clone, Debug)]
struct Key {
    session: String,
    id: TransferId,
}

impl Session {
    /// Keeps resume data, for as many tasks as it holds at a time.
    fn keep(&mut self, task: TaskId, kept: Kept) {
        self.resume.insert(task, kept);
        if self.resume.len() > WINDOW {
            self.resume.pop_first();
        }
    }
}

impl State {
    fn item(&mut self, key: &Key) -> Option<&mut Item> {
        self.sessions.get_mut(&key.session)?.items.get_mut(&key.id)
    }

    /// Who hears of a session's transfers, now.
    fn listener(&self, session: &str) -> Option<Arc<dyn TransferEvents>> {
        let attached = self.sessions.get(session)?.attached.as_ref()?;
        (hears(self.app) && attached.life.is_alive()).then(|| Arc::clone(&attached.events))
    }

    fn keys(&self, wanted: impl Fn(&Item) -> bool) -> Vec<Key> {
        let mut keys = Vec::new();
        for (name, session) in &self.sessions {
            let items = session.items.iter().filter(|(_, item)| wanted(item));
            keys.extend(items.map(|(id, _)| Key {
                session: name.clone(),
                id: *id,
            }));
        }
        keys
    }
}

impl TransferService {
    pub fn new(
        world: &World,
        net: Net,
        disk: SimDisk,
        platform: Platform,
        conditions: SystemConditions,
    ) -> TransferService {
        TransferService(Arc::new(Inner {
            state: Mutex::new(State {
                rng: world.fork_rng(),
                app: AppState::NotRunning,
                conditions,
                limiter: LaunchLimiter::default(),
                sessions: BTreeMap::new(),
                files: 0,
            }),
            world: world.clone(),
            net,
            disk,
            platform,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> i64 {
        self.0.world.elapsed_ms()
    }

    /// Does something later, in whatever process, or in none.
    fn later(&self, delay_ms: i64, work: impl FnOnce(&TransferService) + Send + 'static) {
        let service: Weak<Inner> = Arc::downgrade(&self.0);
        let work = move || {
            if let Some(service) = service.upgrade() {
                work(&TransferService(service));
            }
        };
        self.0.world.after(delay_ms, None, Box::new(work));
    }

    /// The system changed. Called by the phone, whoever lives.
    pub fn conditions_changed(&self, conditions: SystemConditions) {
        let old = std::mem::replace(&mut self.lock().conditions, conditions);
        let has_moved = old.network != conditions.network
            || old.captive != conditions.captive
            || old.expensive != conditions.expensive;
        let broken = self
            .lock()
            .keys(|item| !item.is_ended() && (has_moved || !item.may_run(&conditions)));
        for key in broken {
            self.cut(&key);
        }
        self.consider_all();
    }

    /// The app went to another state, or died. Called by the phone.
    pub fn app_state_changed(&self, app: AppState) {
        let old = std::mem::replace(&mut self.lock().app, app);
        {
            let mut state = self.lock();
            if app.is_in_front() {
                state.limiter.in_front();
            } else if app == AppState::Background && !hears(old) {
                state.limiter.woken();
            }
            if app == AppState::NotRunning {
                for session in state.sessions.values_mut() {
                    session.attached = None;
                }
            }
        }
        let sessions: Vec<String> = self.lock().sessions.keys().cloned().collect();
        for session in &sessions {
            self.deliver(session);
        }
    }

    /// The user removed the app from the app switcher: everything is cancelled, and nothing wakes
    /// the app. Its next launch hears of each transfer, or nothing.
    pub fn force_quit(&self) {
        let keys = self.lock().keys(|item| !item.is_ended());
        for key in keys {
            let is_told = self.lock().rng.bool();
            self.cut(&key);
            let mut state = self.lock();
            let Some(session) = state.sessions.get_mut(&key.session) else {
                continue;
            };
            session.asks_left = 0;
            if is_told {
                let event = failed(ErrorKind::UserForceQuit, "the user quit the app (reason 0)");
                if let Some(item) = session.items.get_mut(&key.id) {
                    item.next_stage(Stage::Ended(event));
                }
            } else {
                session.items.remove(&key.id);
            }
        }
    }

    /// The device starts again: transfers are the system's and go on, connections are gone.
    pub fn rebooted(&self) {
        let keys = self.lock().keys(|item| !item.is_ended());
        for key in keys {
            self.cut(&key);
        }
        let delay_ms = self.lock().rng.i64(BOOT_MS);
        self.later(delay_ms, TransferService::consider_all);
    }

    /// How many transfers it holds that have not ended.
    #[cfg(test)]
    pub fn running(&self) -> usize {
        self.lock().keys(|item| !item.is_ended()).len()
    }

    fn note_stopped(&self, key: &Key, how: &'static str, received: u64) {
        self.0.world.note(What::Stopped {
            session: key.session.clone(),
            task: key.id.task.as_i64(),
            attempt: key.id.attempt,
            how,
            received,
        });
    }
}

/// The last event of a transfer that came to nothing.
fn failed(kind: ErrorKind, message: &'static str) -> TransferEvent {
    TransferEvent::Failed {
        error: Error::new(kind, message),
        retry_after_ms: None,
        metrics: Default::default(),
        received: 0,
    }
}
