//! A real session over all of it, killed at every act.

use super::*;
use crate::sim::listener::Deliveries;
use crate::sim::process::Process;
use crate::sim::{Entry, Fault};
use crate::store::Medium;
use crate::{Destination, Request, Session, SessionConfiguration, SessionDelegate};

const FILES: usize = 3;

struct Nobody;
impl SessionDelegate for Nobody {}

/// A device whose app has one session.
struct Device {
    world: World,
    net: Net,
    disk: SimDisk,
    medium: Medium,
    deliveries: Deliveries,
}

/// A process of the app.
struct App {
    process: Arc<Process>,
    session: Session,
}

fn url(n: usize) -> String {
    format!("https://tiles.example/{n}.bin")
}

impl Device {
    fn new(seed: u64) -> Device {
        let world = World::new(seed);
        let (net, disk) = (Net::new(&world), SimDisk::new(&world));
        for n in 0..FILES {
            net.serve(&url(n), Object::new(500_000));
        }
        // One of them takes two attempts.
        net.fault_times(
            &url(1),
            Fault::Reset {
                after_bytes: 300_000,
            },
            1,
        );
        Device {
            world,
            net,
            disk,
            medium: Medium::new("00000001").unwrap(),
            deliveries: Deliveries::default(),
        }
    }

    fn launch(&self) -> App {
        let life = Life::new();
        let process = Process::new(
            self.world.clone(),
            self.medium.clone(),
            life.clone(),
            Arc::new(self.disk.of(&life)),
            self.deliveries.clone(),
        );
        let http = SimHttp::new(&self.world, &self.net, self.disk.of(&life), &life, "maps");
        let mut configuration = SessionConfiguration::background("maps")
            .unwrap()
            .transport(Arc::new(http));
        configuration.settings.machine = process.machine();
        let session =
            Session::background(configuration, Arc::new(Nobody), Default::default()).unwrap();
        App { process, session }
    }

    fn run(&self, app: &App, end_ms: i64) {
        while app.process.life().is_alive() {
            app.process.settle();
            let now_ms = self.world.elapsed_ms();
            let timer = app.process.next_timer_ms().map(|ms| now_ms + ms);
            let next = [self.world.next_event_ms(), timer];
            let Some(next_ms) = next.into_iter().flatten().min() else {
                return;
            };
            if next_ms > end_ms {
                return;
            }
            if self.world.next_event_ms() == Some(next_ms) {
                self.world.happen();
            } else {
                self.world.move_to(next_ms);
            }
        }
    }

    fn delivered(&self) -> usize {
        let is_end = |entry: &&Entry| matches!(entry.what, What::Delivered { error: None, .. });
        self.world
            .with_trace(|trace| trace.entries().iter().filter(is_end).count())
    }
}

fn enqueue(app: &App) -> usize {
    let requests = (0..FILES).map(|n| {
        let place = Destination::in_container(format!("{n}.bin"))?;
        Ok(Request::new(&url(n))?.destination(place))
    });
    app.session.enqueue(requests).map_or(0, |tasks| tasks.len())
}

#[test]
fn killed_before_any_act_every_file_arrives_whole() {
    // rule S7, rule D2, rule D8, rule R9
    let acts = {
        let device = Device::new(1);
        let app = device.launch();
        enqueue(&app);
        device.run(&app, 60_000);
        assert_eq!(device.delivered(), FILES);
        app.process.life().acts()
    };
    assert!(acts > 80, "{acts}");
    for fuse in (0..acts).step_by(3) {
        let device = Device::new(1);
        let app = device.launch();
        let made = enqueue(&app);
        app.process.life().light_fuse(fuse);
        device.run(&app, 60_000);
        app.process.end();
        drop(app);
        device.disk.lose_power();

        let app = device.launch();
        device.run(&app, 600_000);
        let files = device.disk.files();
        let right = files.iter().filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let content = device.disk.durable_file(path).unwrap_or_default();
            device
                .net
                .ever_was(&format!("https://tiles.example/{name}"), &content)
        });
        assert_eq!(right.count(), made, "fuse {fuse}: {files:?}");
        assert!(device.delivered() >= made, "fuse {fuse}");
        assert!(
            device.disk.part_files().is_empty(),
            "fuse {fuse}: {files:?}"
        );
    }
}
