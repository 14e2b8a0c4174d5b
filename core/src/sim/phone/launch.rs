//! A process of the app: how it begins, what it is made of, and how it ends.

use std::sync::{Arc, Weak};

use super::{CONTAINER, Inner, Running};
use crate::conditions::{AppState, SystemConditions};
use crate::delegate::DelegateQueue;
use crate::error::{Error, Result};
use crate::launch::{Backhaul, Launch, LaunchOptions, Simulate};
use crate::sim::http::SimHttp;
use crate::sim::life::Life;
use crate::sim::process::Process;
use crate::sim::trace::What;
use crate::transport::Transport;

impl Inner {
    /// A process of the app, unless one lives already: it begins in the background or on the screen.
    pub(super) fn launch(&self, into: AppState) -> Life {
        if let Some(running) = self.running() {
            return running.process.life().clone();
        }
        let life = Life::new();
        let process = Process::new(
            self.world.clone(),
            self.medium.clone(),
            life.clone(),
            Arc::new(self.disk.of(&life)),
            self.deliveries.clone(),
        );
        let (number, conditions, previous_exit) = {
            let mut state = self.lock();
            state.processes += 1;
            state.unmade.clear();
            state.running = Some(Running {
                number: state.processes,
                since_ms: self.world.elapsed_ms(),
                process: Arc::clone(&process),
                backhaul: None,
                transports: Vec::new(),
            });
            let exit = std::mem::take(&mut state.previous_exit);
            let conditions = SystemConditions {
                app_state: into,
                ..state.conditions
            };
            (state.processes, conditions, exit)
        };
        self.world.note(What::Launched { process: number });
        let options = LaunchOptions::default()
            .machine(process.machine())
            .conditions(conditions)
            .previous_exit(previous_exit)
            .simulated(self.simulation(&life));
        // It died in the middle, its disk is full, or its own code failed.
        if let Err(error) = self.make_sessions(options) {
            self.world.note(What::Said {
                text: format!("the app failed at its launch: {error}"),
            });
        }
        self.move_to_state(into);
        life
    }

    fn make_sessions(&self, options: LaunchOptions) -> Result<()> {
        let parts = |identifier: &str| {
            let made = self.app.session(identifier);
            made.unwrap_or_else(|error| {
                self.could_not_make(identifier, &error);
                None
            })
        };
        let backhaul = Arc::new(Backhaul::launch(CONTAINER, options, parts)?);
        for identifier in self.app.sessions()? {
            let is_made = backhaul.session(&identifier).is_some();
            if is_made || self.has_failed(&backhaul, &identifier) {
                continue;
            }
            let opened = parts(&identifier).map(|launch| backhaul.open(launch));
            if let Some(Err(error)) = opened {
                self.could_not_make(&identifier, &error);
            }
        }
        if let Some(running) = self.lock().running.as_mut() {
            running.backhaul = Some(Arc::clone(&backhaul));
        }
        self.app.launched(backhaul, self.unmade())
    }

    /// What the app could not make at its last launch, and why.
    pub(super) fn unmade(&self) -> Vec<(String, Error)> {
        let unmade = self.lock().unmade.clone().into_iter();
        unmade.map(|(name, error)| (name, error.into())).collect()
    }

    /// Whether the launch tried it in vain: once is enough.
    fn has_failed(&self, backhaul: &Backhaul, identifier: &str) -> bool {
        let mut failed = backhaul.failed_sessions().iter();
        let state = self.lock();
        let mut unmade = state.unmade.iter();
        failed.any(|(name, _)| name == identifier) || unmade.any(|(name, _)| name == identifier)
    }

    fn could_not_make(&self, identifier: &str, error: &Error) {
        self.world.note(What::Said {
            text: format!("the app could not make the session {identifier}: {error}"),
        });
        self.lock()
            .unmade
            .push((identifier.to_owned(), error.to_record()));
    }

    /// What becomes of the parts of a session in this process, whenever the app makes it: the network, the
    /// platform and the thread are simulated ones.
    fn simulation(&self, life: &Life) -> Simulate {
        let (phone, life) = (Weak::clone(&self.me), life.clone());
        Arc::new(move |mut launch: Launch| {
            let Some(phone) = phone.upgrade() else {
                return launch;
            };
            if let Some(identifier) = launch.configuration.identifier().map(str::to_owned) {
                let transport = phone.transport(&identifier, &life);
                let desk = phone.platform.desk(&life);
                let configuration = launch.configuration;
                launch.configuration = configuration.transport(transport).wake_scheduler(desk);
                phone.lock().sessions.insert(identifier);
            }
            launch.queue(DelegateQueue::Serial)
        })
    }

    fn transport(&self, identifier: &str, life: &Life) -> Arc<dyn Transport> {
        match &self.service {
            Some(service) => service.transport(identifier, true, life),
            None => {
                let disk = self.disk.of(life);
                let http = SimHttp::new(&self.world, &self.net, disk, life, identifier);
                if let Some(running) = &mut self.lock().running {
                    running.transports.push(http.clone());
                }
                Arc::new(http)
            }
        }
    }

    /// The process is gone.
    pub(super) fn end(&self, how: &'static str) {
        let Some(running) = self.lock().running.take() else {
            return;
        };
        running.process.end();
        for transport in &running.transports {
            transport.note_killed();
        }
        self.world.note(What::Ended {
            process: running.number,
            how,
        });
        // Its handles are inert: dropping them waits for nothing.
        drop(running);
        self.move_to_state(AppState::NotRunning);
    }
}
