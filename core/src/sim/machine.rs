//! What the sessions of a simulated process run on.

use std::fmt;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use super::life::Life;
use super::listener::{Deliveries, Listener};
use super::process::Process;
use crate::clock::{Moment, duration_ms};
use crate::delegate::SessionDelegate;
use crate::driver::{Caller, Disk, Driver, Job, Machine, OpenedStore, Sleep, Stepped};
use crate::error::Result;
use crate::store::Store;
use crate::wake::{Desks, WakeDesk};

/// How long at most a caller waits for the next thing to happen.
const PATIENCE_MS: i64 = 60_000;

/// How long file work takes.
const FILE_WORK_MS: std::ops::RangeInclusive<i64> = 1..=20;

/// The machine of one process.
pub(super) struct SimMachine {
    /// Weak: the process owns the sessions, which own their machine.
    pub process: Weak<Process>,
    pub disk: Arc<dyn Disk>,
    pub life: Life,
    /// Where its sessions say when they would be woken.
    pub desks: Desks,
    /// How often each end was delivered.
    pub deliveries: Deliveries,
    /// For when the process is gone: its sessions may be dropped after it.
    pub world: super::world::World,
}

impl fmt::Debug for SimMachine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimMachine")
    }
}

impl Machine for SimMachine {
    fn now(&self) -> Moment {
        self.world.now()
    }

    fn open_store(&self, container: &Path, _: &str) -> Result<OpenedStore> {
        self.open_container(container)
    }

    fn wake_desk(&self, container: &Path) -> Arc<WakeDesk> {
        self.desks.of(container)
    }

    fn open_container(&self, _: &Path) -> Result<OpenedStore> {
        let process = self.process.upgrade().ok_or_else(super::process::is_over)?;
        Ok(OpenedStore {
            store: Store::inline(process.medium(), process.fates(), self.world.now()),
            lock: None,
            recovery: None,
        })
    }

    fn seed(&self) -> u64 {
        self.world.draw(|rng| rng.u64(..))
    }

    fn disk(&self) -> Arc<dyn Disk> {
        Arc::clone(&self.disk)
    }

    fn run(&self, driver: Driver, caller: Caller) -> Result<()> {
        let process = self.process.upgrade().ok_or_else(super::process::is_over)?;
        process.add(driver, caller);
        Ok(())
    }

    fn blocking(&self, work: Job) {
        let delay_ms = self.world.draw(|rng| rng.i64(FILE_WORK_MS));
        if let Some(process) = self.process.upgrade() {
            self.world.after(delay_ms, Some(process.life()), work);
        }
    }

    fn later(&self, pause: Duration, work: Job) {
        if let Some(process) = self.process.upgrade() {
            self.world
                .after(duration_ms(pause), Some(process.life()), work);
        }
    }

    fn sleep_until(&self, due: Moment) -> Sleep {
        match self.process.upgrade() {
            Some(process) => {
                let timer = process.set_timer(due);
                Box::pin(Timer {
                    process,
                    timer,
                    due,
                })
            }
            None => Box::pin(std::future::pending()),
        }
    }

    fn delegate(
        &self,
        identifier: &str,
        delegate: Arc<dyn SessionDelegate>,
    ) -> Arc<dyn SessionDelegate> {
        Arc::new(Listener {
            session: identifier.to_owned(),
            delegate,
            world: self.world.clone(),
            life: self.life.clone(),
            stages: Mutex::default(),
            deliveries: self.deliveries.clone(),
        })
    }

    fn step(&self) -> Option<Stepped> {
        let Some(process) = self.process.upgrade() else {
            return Some(Stepped::AtRest);
        };
        Some(match process.step() {
            // Whoever calls waits: time goes by until something happens.
            Stepped::AtRest if process.has_run_time() => self.wait(&process),
            stepped => stepped,
        })
    }
}

impl SimMachine {
    /// Lets the next thing happen, unless that is too far away for somebody who blocks a thread.
    fn wait(&self, process: &Process) -> Stepped {
        let now_ms = self.world.elapsed_ms();
        let event_ms = self.world.next_event_ms();
        let timer_ms = process.next_timer_ms().map(|ms| now_ms + ms);
        let next_ms = event_ms.into_iter().chain(timer_ms).min();
        match next_ms.filter(|next| next - now_ms <= PATIENCE_MS) {
            Some(next) if event_ms == Some(next) => drop(self.world.happen()),
            Some(next) => self.world.move_to(next),
            None => return Stepped::AtRest,
        }
        Stepped::Done
    }
}

/// A driver that waits for a time.
struct Timer {
    process: Arc<Process>,
    timer: u64,
    due: Moment,
}

impl Future for Timer {
    type Output = ();

    // Nobody is woken: the process looks at its timers itself.
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if !self.process.life().is_alive() {
            return Poll::Pending;
        }
        match self.process.now().until_ms(self.due) {
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.process.clear_timer(self.timer);
    }
}
