//! The simulated transport over the simulated network and disk, without engine or store.

mod durable;
mod ladder;
mod random;
mod session;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::driver::Disk;
use crate::engine::resume::{RestartReason, ResumePolicy};
use crate::error::ErrorKind;
use crate::files::{FinishError, PartPaths};
use crate::protocol::{Digest, Headers};
use crate::sim::disk::SimDisk;
use crate::sim::net::Object;
use crate::task_id::TaskId;
use crate::transport::ReceivedBody;

const URL: &str = "https://tiles.example/alps.bin";
const SIZE: u64 = 10_000_000;

/// What a process was told, and whether any attempt went on from bytes that were here.
#[derive(Default)]
struct Heard(Mutex<Vec<TransferEvent>>, AtomicBool);

impl TransferEvents for Heard {
    fn event(&self, _: TransferId, event: TransferEvent) {
        let went_on = matches!(event, TransferEvent::Responded { offset, .. } if offset > 0);
        self.1.fetch_or(went_on, Ordering::Relaxed);
        self.0.lock().unwrap().push(event);
    }

    fn listed(&self, _: Vec<TransferId>) {}
}

/// A device, and one process on it.
struct Rig {
    world: World,
    net: Net,
    disk: SimDisk,
    life: Life,
    http: SimHttp,
    heard: Arc<Heard>,
    attempts: u32,
    digest: Option<Digest>,
    policy: ResumePolicy,
}

/// How an attempt ended.
#[derive(Debug)]
enum Ended {
    /// In its place.
    Filed {
        weak: bool,
    },
    /// Received, but not filed.
    Unfiled(FinishError),
    Failed(ErrorKind),
    Stopped,
    Dead,
}

impl Rig {
    fn new(seed: u64) -> Rig {
        let world = World::new(seed);
        let (net, disk) = (Net::new(&world), SimDisk::new(&world));
        let life = Life::new();
        let (http, heard) = process(&world, &net, &disk, &life);
        Rig {
            world,
            net,
            disk,
            life,
            http,
            heard,
            attempts: 0,
            digest: None,
            policy: ResumePolicy::Strict,
        }
    }

    fn serving(seed: u64, object: Object) -> Rig {
        let rig = Rig::new(seed);
        rig.net.serve(URL, object);
        rig
    }

    /// The process dies, and there is another one.
    fn relaunch(&mut self) {
        self.life.end();
        self.http.note_killed();
        self.life = Life::new();
        let (http, heard) = process(&self.world, &self.net, &self.disk, &self.life);
        (self.http, self.heard) = (http, heard);
    }

    fn paths() -> PartPaths {
        PartPaths::new(Path::new("/files/alps.bin"), "7f3a", 1)
    }

    fn start(&mut self) -> TransferId {
        self.attempts += 1;
        let id = TransferId {
            task: TaskId::from_i64(1),
            attempt: self.attempts,
        };
        self.http.start(self.transfer(id));
        id
    }

    fn transfer(&self, id: TransferId) -> Transfer {
        Transfer {
            id,
            url: url::Url::parse(URL).unwrap(),
            headers: Headers::new(),
            secret_headers: Vec::new(),
            expected_size: None,
            expected_digest: self.digest.clone(),
            timeout_for_request: std::time::Duration::from_secs(60),
            status_policy: Default::default(),
            resume_policy: self.policy,
            asks_about_redirects: false,
            is_discretionary: false,
            allows_cellular: true,
            allows_expensive: true,
            allows_constrained: true,
            paths: Rig::paths(),
            provenance: None,
        }
    }

    /// Lets things happen for so long.
    fn pass(&self, ms: i64) {
        let end = self.world.elapsed_ms() + ms;
        while self.world.next_event_ms().is_some_and(|due| due <= end) {
            self.world.happen();
        }
        self.world.move_to(end);
    }

    /// Lets things happen until the attempt has ended, and files what it received.
    fn finish(&self) -> Ended {
        loop {
            if let Some(event) = self.last_event() {
                return self.file(event);
            }
            if !self.life.is_alive() || !self.world.happen() {
                return Ended::Dead;
            }
        }
    }

    /// The event that ends an attempt, if it has come; the ones before it are dropped.
    fn last_event(&self) -> Option<TransferEvent> {
        let mut events = self.heard.0.lock().unwrap();
        let is_last = |event: &TransferEvent| {
            matches!(
                event,
                TransferEvent::Finished(_)
                    | TransferEvent::Failed { .. }
                    | TransferEvent::Stopped { .. }
            )
        };
        let at = events.iter().position(is_last)?;
        events.drain(..=at).next_back()
    }

    fn file(&self, event: TransferEvent) -> Ended {
        match event {
            TransferEvent::Failed { error, .. } => Ended::Failed(error.kind()),
            TransferEvent::Finished(mut finished) => {
                let weak = finished.validator_weak;
                match finished.take_body() {
                    ReceivedBody::InPlace(job) => {
                        let mut results = self.disk.of(&self.life).finish(vec![job]);
                        match results.remove(0).1 {
                            _ if !self.life.is_alive() => Ended::Dead,
                            Ok(()) => Ended::Filed { weak },
                            Err(error) => Ended::Unfiled(error),
                        }
                    }
                    ReceivedBody::AlreadyFiled => Ended::Filed { weak },
                    ReceivedBody::Elsewhere(_) => unreachable!("nobody else received it"),
                }
            }
            _ => Ended::Stopped,
        }
    }

    fn attempt(&mut self) -> Ended {
        self.start();
        self.finish()
    }

    fn destination() -> PathBuf {
        Rig::paths().destination
    }

    fn filed(&self) -> Content {
        self.disk.file(Rig::destination()).unwrap()
    }

    /// Where `Responded` said that the file goes on, and why it began again.
    fn told(&self) -> (Vec<u64>, Vec<RestartReason>) {
        let events = self.heard.0.lock().unwrap();
        let offsets = events.iter().filter_map(|event| match event {
            TransferEvent::Responded { offset, .. } => Some(*offset),
            _ => None,
        });
        let reasons = events.iter().filter_map(|event| match event {
            TransferEvent::Restarted { reason, .. } => Some(*reason),
            _ => None,
        });
        (offsets.collect(), reasons.collect())
    }
}

fn process(world: &World, net: &Net, disk: &SimDisk, life: &Life) -> (SimHttp, Arc<Heard>) {
    let http = SimHttp::new(world, net, disk.of(life), life, "maps");
    let heard = Arc::new(Heard::default());
    http.attach(heard.clone());
    (http, heard)
}

#[test]
fn a_file_arrives_and_is_durable() {
    // rule D2
    let mut rig = Rig::serving(1, Object::new(SIZE));
    assert!(matches!(rig.attempt(), Ended::Filed { weak: false }));
    assert!(rig.net.ever_was(URL, &rig.filed()));
    assert_eq!(rig.disk.durable_file(Rig::destination()), Some(rig.filed()));
    rig.disk.lose_power();
    assert!(rig.net.ever_was(URL, &rig.filed()));
    // Two megabytes a second.
    let took_ms = rig.world.elapsed_ms();
    assert!((5_000..6_000).contains(&took_ms), "{took_ms}");
}

#[test]
fn progress_is_told_at_most_ten_times_a_second() {
    // rule E2
    let mut rig = Rig::serving(1, Object::new(SIZE));
    rig.net.bytes_per_second(100_000_000);
    rig.start();
    rig.pass(1_000);
    let events = rig.heard.0.lock().unwrap();
    let progress = events
        .iter()
        .filter(|event| matches!(event, TransferEvent::Progressed { .. }));
    assert!(progress.count() <= 2, "{events:?}");
}

#[test]
fn a_stop_keeps_what_came_and_is_answered_once() {
    // rule P2
    let mut rig = Rig::serving(1, Object::new(SIZE));
    let id = rig.start();
    rig.pass(2_000);
    rig.http.stop(id);
    rig.http.stop(id);
    rig.pass(60_000);
    let mut events = rig.heard.0.lock().unwrap();
    let stops: Vec<u64> = events
        .drain(..)
        .filter_map(|event| match event {
            TransferEvent::Stopped { received, .. } => Some(received),
            _ => None,
        })
        .collect();
    drop(events);
    // The second one asked for a transfer that no longer ran.
    let [received, 0] = stops[..] else {
        panic!("{stops:?}")
    };
    assert!((3_000_000..5_000_000).contains(&received), "{received}");
    assert_eq!(rig.net.connections(), 0);
    rig.start();
    rig.pass(1_000);
    assert_eq!(rig.told().0, [received]);
    assert!(matches!(rig.finish(), Ended::Filed { .. }));
}
