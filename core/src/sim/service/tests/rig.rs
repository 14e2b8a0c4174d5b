//! A phone with a service, a session's transport, and an ear for what it says.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::conditions::AppState;
use crate::engine::resume::ResumePolicy;
use crate::error::ErrorKind;
use crate::files::PartPaths;
use crate::protocol::Headers;
use crate::sim::content::Content;
use crate::sim::disk::SimDisk;
use crate::sim::lender::Profile;
use crate::sim::lender::tests::rig::Rig;
use crate::sim::life::Life;
use crate::sim::net::{Net, Object};
use crate::sim::service::TransferService;
use crate::transport::{
    ReceivedBody, Transfer, TransferEvent, TransferEvents, TransferId, Transport,
};

pub(super) const URL: &str = "https://maps.example/alps.bin";
pub(super) const SESSION: &str = "maps";

/// What processes heard.
#[derive(Default)]
pub(super) struct Ear {
    pub events: Mutex<Vec<(TransferId, TransferEvent)>>,
    pub lists: Mutex<Vec<Vec<TransferId>>>,
}

impl TransferEvents for Ear {
    fn event(&self, id: TransferId, event: TransferEvent) {
        self.events.lock().unwrap().push((id, event));
    }

    fn listed(&self, transfers: Vec<TransferId>) {
        self.lists.lock().unwrap().push(transfers);
    }
}

pub(super) struct Phone {
    pub rig: Arc<Rig>,
    pub net: Net,
    pub service: TransferService,
    pub disk: SimDisk,
    pub ear: Arc<Ear>,
    pub transport: Arc<Mutex<Option<Arc<dyn Transport>>>>,
}

pub(super) fn id(task: i64, attempt: u32) -> TransferId {
    format!("{task}.{attempt}").parse().unwrap()
}

impl Phone {
    /// A phone on Wi-Fi and charger, its app in front; 10 MB at 100 kB a second wait on a server.
    pub fn new(seed: u64) -> Phone {
        let phone = Phone::asleep(seed, true);
        phone.rig.go(AppState::Active);
        phone
    }

    pub fn asleep(seed: u64, sends_launch_events: bool) -> Phone {
        let rig = Rig::new(seed, Profile::Ios);
        let net = Net::new(&rig.world);
        net.serve(URL, Object::new(10_000_000));
        net.bytes_per_second(100_000);
        let (disk, ear) = (SimDisk::new(&rig.world), Arc::new(Ear::default()));
        let service = TransferService::new(
            &rig.world,
            net.clone(),
            disk.clone(),
            rig.platform.clone(),
            crate::conditions::SystemConditions::default(),
        );
        let transport: Arc<Mutex<Option<Arc<dyn Transport>>>> = Arc::default();
        let (made, told, maker) = (transport.clone(), ear.clone(), service.clone());
        let on_launch = move |life: &Life| {
            let transport = maker.transport(SESSION, sends_launch_events, life);
            transport.attach(told.clone());
            transport.list();
            *made.lock().unwrap() = Some(transport);
        };
        rig.set_service(service.clone(), Arc::new(on_launch));
        Phone {
            rig,
            net,
            service,
            disk,
            ear,
            transport,
        }
    }

    pub fn transport(&self) -> Arc<dyn Transport> {
        self.transport.lock().unwrap().clone().unwrap()
    }

    pub fn start(&self, id: TransferId) {
        self.start_with(id, |_| {});
    }

    pub fn start_with(&self, id: TransferId, change: impl FnOnce(&mut Transfer)) {
        let mut transfer = Transfer {
            id,
            url: URL.parse().unwrap(),
            headers: Headers::new(),
            secret_headers: Vec::new(),
            expected_size: None,
            expected_digest: None,
            timeout_for_request: Duration::from_secs(60),
            status_policy: Default::default(),
            resume_policy: ResumePolicy::Strict,
            asks_about_redirects: false,
            is_discretionary: false,
            allows_cellular: true,
            allows_expensive: true,
            allows_constrained: true,
            paths: PartPaths::new(Path::new("alps.bin"), "t", id.task.as_i64()),
            provenance: None,
        };
        change(&mut transfer);
        self.transport().start(transfer);
    }

    /// The last events that came so far: which transfer, and the answer's status, or how it failed.
    pub fn ends(&self) -> Vec<(TransferId, Result<u16, Option<ErrorKind>>)> {
        let events = self.ear.events.lock().unwrap();
        let end = |(id, event): &(TransferId, TransferEvent)| match event {
            TransferEvent::Finished(finished) => Some((*id, Ok(finished.response.status()))),
            TransferEvent::Failed { error, .. } => Some((*id, Err(Some(error.kind())))),
            TransferEvent::Stopped { .. } => Some((*id, Err(None))),
            _ => None,
        };
        events.iter().filter_map(end).collect()
    }

    /// The file of the transfer that finished last.
    pub fn file(&self) -> Content {
        let events = self.ear.events.lock().unwrap();
        let file = events.iter().rev().find_map(|(_, event)| match event {
            TransferEvent::Finished(finished) => Some((&finished.body, finished.len)),
            _ => None,
        });
        match file {
            Some((ReceivedBody::Elsewhere(path), len)) => {
                let content = self.disk.durable_file(path).unwrap();
                assert_eq!(content.len(), len);
                content
            }
            other => panic!("no file: {other:?}"),
        }
    }

    pub fn progress(&self) -> Vec<u64> {
        let events = self.ear.events.lock().unwrap();
        let progress = events.iter().filter_map(|(_, event)| match event {
            TransferEvent::Progressed { received, .. } => Some(*received),
            _ => None,
        });
        progress.collect()
    }

    /// Lets time pass until so many last events have come.
    pub fn until_ended(&self, count: usize) {
        for _ in 0..24 * 60 {
            if self.ends().len() >= count {
                return;
            }
            self.rig.advance(60_000);
        }
        panic!("it does not end: {:?}", self.rig.world.trace());
    }
}
