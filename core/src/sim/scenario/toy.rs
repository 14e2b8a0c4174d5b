//! A toy phone for tests of the play itself: a MiB a second while there is a network.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Is;
use super::stage::{Stage, Standing};
use super::step::{Enqueue, Step};
use crate::conditions::Network;
use crate::error::{Error, ErrorKind, Result};
use crate::sim::{Entry, Trace, What};
use crate::task_state::WaitReason;

const RATE_BYTES: u64 = 1 << 20;

#[derive(Default)]
pub(super) struct Toy {
    elapsed_ms: i64,
    is_alive: bool,
    network: Network,
    sizes: BTreeMap<String, u64>,
    /// Each task's size and what is here of it.
    tasks: BTreeMap<String, (u64, u64)>,
    trace: Trace,
}

impl Toy {
    pub fn launched() -> Toy {
        Toy {
            is_alive: true,
            ..Toy::default()
        }
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

    fn alive(&self) -> Result<()> {
        if self.is_alive {
            return Ok(());
        }
        Err(Error::new(ErrorKind::System, "the app is dead; launch it"))
    }
}

impl Stage for Toy {
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

    fn perform(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Network(network) => self.network = network.kind,
            Step::Object(object) => {
                self.sizes.insert(object.url.clone(), object.size.bytes());
            }
            Step::Kill => self.is_alive = false,
            Step::Launch => {
                self.is_alive = true;
                self.note(What::Launched { process: 2 });
            }
            Step::Advance(span) => self.advance(span.duration()),
            Step::Say(text) => self.note(What::Said { text: text.clone() }),
            step => panic!("the toy has no {}", step.name()),
        }
        Ok(())
    }

    fn advance_to_next(&mut self, at_most: Duration) -> Duration {
        let by = at_most.min(Duration::from_secs(1));
        self.advance(by);
        by
    }

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
