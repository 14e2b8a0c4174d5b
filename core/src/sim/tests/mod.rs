//! The kernel by itself: sessions run in it, die in it, and do the same for the same seed.

mod phone;

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::life::Life;
use super::listener::Deliveries;
use super::process::Process;
use super::world::World;
use super::{Entry, What};
use crate::driver::Disk;
use crate::error::Result;
use crate::files::{FinishError, FinishJob, PartPaths};
use crate::request::RequestOptions;
use crate::store::Medium;
use crate::task_id::TaskId;
use crate::transport::{
    Capabilities, FinishedTransfer, Transfer, TransferEvent, TransferEvents, TransferId, Transport,
};
use crate::{
    Headers, Request, Response, Session, SessionConfiguration, SessionDelegate, TaskMetrics,
};

/// Nothing to do with files here.
#[derive(Debug)]
struct NoDisk;

impl Disk for NoDisk {
    fn finish(&self, _: Vec<FinishJob>) -> Vec<(i64, std::result::Result<(), FinishError>)> {
        Vec::new()
    }

    fn take_over(
        &self,
        _: TaskId,
        _: &Path,
        _: PartPaths,
        _: &RequestOptions,
    ) -> Result<FinishJob> {
        Err(super::process::is_over())
    }

    fn remove_parts(&self, _: &PartPaths) -> std::io::Result<()> {
        Ok(())
    }

    fn remove_file(&self, _: &Path) -> std::io::Result<()> {
        Ok(())
    }

    fn adopt_part(&self, _: &PartPaths, _: &PartPaths) {}
}

/// Every body arrives a second after it was asked for, and lies where it belongs.
struct Prompt {
    world: World,
    life: Life,
    events: Mutex<Option<Arc<dyn TransferEvents>>>,
}

impl Transport for Prompt {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    fn attach(&self, events: Arc<dyn TransferEvents>) {
        *self.events.lock().unwrap() = Some(events);
    }

    fn start(&self, transfer: Transfer) {
        let events = self.events.lock().unwrap().clone().unwrap();
        let arrive = move || {
            let metrics = TaskMetrics::default();
            let response = Response::new("", 200, "HTTP/2.0", Headers::default());
            let mut body = FinishedTransfer::at("".into(), 1, response, metrics);
            // Taken once: what is left says that it lies at its destination.
            drop(body.take_body());
            events.event(transfer.id, TransferEvent::Finished(Box::new(body)));
        };
        self.world.after(1_000, Some(&self.life), Box::new(arrive));
    }

    fn stop(&self, _: TransferId) {}

    fn list(&self) {}
}

struct Nobody;
impl SessionDelegate for Nobody {}

/// A device with one process at a time.
struct Device {
    world: World,
    medium: Medium,
    deliveries: Deliveries,
    process: Arc<Process>,
}

impl Device {
    fn new(seed: u64) -> Device {
        let world = World::new(seed);
        let medium = Medium::new("00000001").unwrap();
        let deliveries = Deliveries::default();
        let process = launch(&world, &medium, &deliveries);
        Device {
            world,
            medium,
            deliveries,
            process,
        }
    }

    fn session(&self) -> Session {
        let mut configuration =
            SessionConfiguration::background("maps")
                .unwrap()
                .transport(Arc::new(Prompt {
                    world: self.world.clone(),
                    life: self.process.life().clone(),
                    events: Mutex::default(),
                }));
        configuration.settings.machine = self.process.machine();
        Session::background(configuration, Arc::new(Nobody), Default::default()).unwrap()
    }

    fn relaunch(&mut self) {
        self.process.end();
        self.process = launch(&self.world, &self.medium, &self.deliveries);
    }

    fn run(&self) {
        loop {
            self.process.settle();
            let timer = self.process.next_timer_ms();
            let event = self
                .world
                .next_event_ms()
                .map(|at| at - self.world.elapsed_ms());
            match (event, timer) {
                (Some(event), timer) if timer.is_none_or(|timer| event <= timer) => {
                    self.world.happen();
                }
                // A deadline of seven days is all that is left.
                _ => return,
            }
        }
    }

    fn delivered(&self) -> usize {
        let is_end = |entry: &&Entry| matches!(entry.what, What::Delivered { .. });
        self.world
            .with_trace(|trace| trace.entries().iter().filter(is_end).count())
    }
}

fn launch(world: &World, medium: &Medium, deliveries: &Deliveries) -> Arc<Process> {
    Process::new(
        world.clone(),
        medium.clone(),
        Life::new(),
        Arc::new(NoDisk),
        deliveries.clone(),
    )
}

fn three_files(device: &Device, session: &Session) {
    let requests = (0..3).map(|n| Request::new(&format!("https://example.com/{n}")));
    let tasks = session.enqueue(requests).unwrap();
    assert_eq!(tasks.len(), 3);
    device.run();
}

#[test]
fn a_real_session_runs_in_it() {
    let device = Device::new(1);
    let session = device.session();
    three_files(&device, &session);
    assert_eq!(device.delivered(), 3);
    assert_eq!(session.status().active, 0);
    assert_eq!(device.world.elapsed_ms() / 1_000, 1);
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let trace = |seed| {
        let device = Device::new(seed);
        let session = device.session();
        three_files(&device, &session);
        device.world.trace()
    };
    assert_eq!(trace(7), trace(7));
}

#[test]
fn killed_before_any_act_and_made_again_it_delivers_every_end() {
    // rule S7, rule D4: at least once, and never lost
    let acts = {
        let device = Device::new(3);
        let session = device.session();
        three_files(&device, &session);
        device.process.life().acts()
    };
    assert!(acts > 10, "{acts}");
    for fuse in 0..acts {
        let mut device = Device::new(3);
        let session = device.session();
        let requests = (0..3).map(|n| Request::new(&format!("https://example.com/{n}")));
        let made = session.enqueue(requests).map_or(0, |tasks| tasks.len());
        device.process.life().light_fuse(fuse);
        device.run();
        drop(session);
        device.relaunch();
        let _session = device.session();
        device.run();
        assert!(device.delivered() >= made, "killed before act {fuse}");
        let contents = device.medium.contents("maps").unwrap().unwrap();
        assert_eq!(contents.journal.len(), made, "killed before act {fuse}");
        assert!(contents.journal.iter().all(|entry| entry.acknowledged));
    }
}
