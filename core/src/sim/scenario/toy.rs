//! A toy phone for tests of the play itself: a MiB a second while there is a network.

use std::collections::BTreeMap;
use std::time::Duration;

use super::step::{DiskFaultStep, Enqueue, NetworkStep, ObjectSetup, ServerStep};
use super::{Is, Scenario, Stage, Standing};
use crate::conditions::{AppState, Network, SystemConditions};
use crate::error::{Error, ErrorKind, Result};
use crate::sim::{Entry, Trace, What};
use crate::task_state::WaitReason;

const RATE_BYTES: u64 = 1 << 20;

#[derive(Default)]
pub(super) struct Toy {
    elapsed_ms: i64,
    process: u64,
    is_alive: bool,
    network: Network,
    sizes: BTreeMap<String, u64>,
    /// Each task's size and what is here of it.
    tasks: BTreeMap<String, (u64, u64)>,
    trace: Trace,
}

impl Toy {
    fn alive(&self) -> Result<()> {
        if self.is_alive {
            return Ok(());
        }
        Err(Error::new(ErrorKind::System, "the app is dead; launch it"))
    }
}

impl Stage for Toy {
    fn set_up(_: &Scenario) -> Result<Toy> {
        let mut toy = Toy::default();
        toy.launch()?;
        Ok(toy)
    }

    fn enqueue(&mut self, tasks: &[Enqueue]) -> Result<()> {
        for task in tasks {
            let size = self.sizes[&task.url];
            self.tasks.insert(task.task.clone(), (size, 0));
        }
        self.alive()
    }

    fn resume(&mut self, _: &str) -> Result<()> {
        self.alive()
    }

    fn suspend(&mut self, _: &str) -> Result<()> {
        self.alive()
    }

    fn cancel(&mut self, _: &str) -> Result<()> {
        self.alive()
    }

    fn network(&mut self, network: NetworkStep) {
        self.network = network.kind;
    }

    fn change_conditions(&mut self, change: &dyn Fn(&mut SystemConditions)) {
        let mut conditions = SystemConditions::default();
        change(&mut conditions);
        self.note(What::Conditions { conditions });
    }

    fn app(&mut self, state: AppState) -> Result<()> {
        self.note(What::App { state });
        Ok(())
    }

    fn kill(&mut self) {
        self.is_alive = false;
    }

    fn kill_after_acts(&mut self, _: u64) {
        self.is_alive = false;
    }

    fn force_quit(&mut self) {
        self.is_alive = false;
    }

    fn launch(&mut self) -> Result<()> {
        self.is_alive = true;
        self.process += 1;
        let process = self.process;
        self.note(What::Launched { process });
        Ok(())
    }

    fn reboot(&mut self) {
        self.is_alive = false;
    }

    fn lose_power(&mut self) {
        self.is_alive = false;
    }

    fn jump_clock(&mut self, by_ms: i64) {
        self.note(What::ClockSet { by_ms });
    }

    fn advance(&mut self, by: Duration) {
        let ms = by.as_millis() as i64;
        self.elapsed_ms += ms;
        if self.is_alive && self.network != Network::None {
            for (size, here) in self.tasks.values_mut() {
                *here = (*here + RATE_BYTES * ms as u64 / 1000).min(*size);
            }
        }
    }

    fn advance_to_next(&mut self, at_most: Duration) -> Duration {
        let by = at_most.min(Duration::from_secs(1));
        self.advance(by);
        by
    }

    fn put_object(&mut self, object: &ObjectSetup) {
        self.sizes.insert(object.url.clone(), object.size.bytes());
    }

    fn server(&mut self, _: &ServerStep) {}

    fn free_disk(&mut self, free_bytes: u64) {
        self.note(What::Disk { free_bytes });
    }

    fn fail_disk(&mut self, _: DiskFaultStep) {}

    fn note(&mut self, what: What) {
        let at_ms = self.elapsed_ms;
        self.trace.push(Entry { at_ms, what });
    }

    fn standing(&mut self, task: &str) -> Result<Standing> {
        let (size, received) = self.tasks[task];
        let is_whole = received == size;
        Ok(Standing {
            is: match self.network {
                _ if is_whole => Is::Completed,
                Network::None => Is::Waiting(Some(WaitReason::Connectivity)),
                _ => Is::Transferring,
            },
            received,
            file_version: is_whole.then_some(1),
            delivered: u64::from(is_whole),
        })
    }

    fn trace(&self) -> Trace {
        self.trace.clone()
    }
}
