//! A phone that is only what the platform and the service need of one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::conditions::{AppState, SystemConditions};
use crate::sim::lender::{Host, Platform, Profile};
use crate::sim::life::Life;
use crate::sim::service::TransferService;
use crate::sim::trace::What;
use crate::sim::world::World;
use crate::wake::{WakeConstraints, WakeRequest, WakeTicket};

pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;

/// What the app does with a process that it gets: a test's own.
pub(crate) type OnLaunch = Arc<dyn Fn(&Life) + Send + Sync>;

pub(crate) struct Rig {
    pub world: World,
    pub platform: Platform,
    state: Mutex<State>,
}

struct State {
    life: Option<Life>,
    app: AppState,
    conditions: SystemConditions,
    /// Completes a ticket so long after it came; none: never.
    completes_after_ms: Option<i64>,
    tickets: Vec<WakeTicket>,
    ended: Vec<&'static str>,
    stops: u32,
    service: Option<TransferService>,
    on_launch: Option<OnLaunch>,
}

impl Rig {
    /// A phone on its charger and on Wi-Fi, whose app does not run, and completes each ticket after
    /// two seconds.
    pub fn new(seed: u64, profile: Profile) -> Arc<Rig> {
        let world = World::new(seed);
        let rig = Arc::new(Rig {
            platform: Platform::new(&world, profile),
            world,
            state: Mutex::new(State {
                life: None,
                app: AppState::NotRunning,
                conditions: SystemConditions::default(),
                completes_after_ms: Some(2_000),
                tickets: Vec::new(),
                ended: Vec::new(),
                stops: 0,
                service: None,
                on_launch: None,
            }),
        });
        let host: Weak<Rig> = Arc::downgrade(&rig);
        rig.platform.set_host(host);
        rig
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_service(&self, service: TransferService, on_launch: OnLaunch) {
        let mut state = self.lock();
        (state.service, state.on_launch) = (Some(service), Some(on_launch));
    }

    pub fn completes_after(&self, ms: Option<i64>) {
        self.lock().completes_after_ms = ms;
    }

    /// Lets time pass, and everything in it happen.
    pub fn advance(&self, ms: i64) {
        let until_ms = self.world.elapsed_ms() + ms;
        while self.world.next_event_ms().is_some_and(|at| at <= until_ms) {
            self.world.happen();
        }
        self.world.move_to(until_ms);
    }

    /// The user opens the app, or leaves it.
    pub fn go(&self, app: AppState) {
        if self.life().is_none() {
            self.launch(app);
        } else {
            self.changed(app);
        }
    }

    fn launch(&self, app: AppState) -> Life {
        let life = Life::new();
        self.lock().life = Some(life.clone());
        self.changed(app);
        let on_launch = self.lock().on_launch.clone();
        if let Some(on_launch) = on_launch {
            on_launch(&life);
        }
        life
    }

    fn changed(&self, app: AppState) {
        self.lock().app = app;
        self.world.note(What::App { state: app });
        self.platform.app_state_changed(app);
        let service = self.lock().service.clone();
        if let Some(service) = service {
            service.app_state_changed(app);
        }
    }

    pub fn life(&self) -> Option<Life> {
        self.lock().life.clone().filter(Life::is_alive)
    }

    pub fn app(&self) -> AppState {
        self.lock().app
    }

    pub fn set(&self, change: impl FnOnce(&mut SystemConditions)) {
        let conditions = {
            let mut state = self.lock();
            change(&mut state.conditions);
            state.conditions
        };
        self.platform.conditions_changed();
        let service = self.lock().service.clone();
        if let Some(service) = service {
            service.conditions_changed(conditions);
        }
    }

    pub fn force_quit(&self) {
        self.kill("force_quit");
        self.platform.force_quit();
        let service = self.lock().service.clone();
        if let Some(service) = service {
            service.force_quit();
        }
    }

    /// The app asks for a wake, in its process.
    pub fn ask(&self, in_ms: i64, change: impl FnOnce(&mut WakeRequest)) {
        let now = self.world.now().system_time();
        let mut request = WakeRequest {
            at: now + Duration::from_millis(in_ms.unsigned_abs()),
            constraints: WakeConstraints::default(),
            latest: None,
        };
        change(&mut request);
        let life = self.life().expect("the app runs");
        self.platform.desk(&life).schedule(request);
    }

    /// How processes ended.
    pub fn ended(&self) -> Vec<&'static str> {
        self.lock().ended.clone()
    }

    /// How often it was told that its time is up.
    pub fn stops(&self) -> u32 {
        self.lock().stops
    }

    /// When wakes were lent.
    pub fn lent(&self) -> Vec<i64> {
        self.times(|what| matches!(what, What::WakeLent { .. }))
    }

    pub fn completed(&self) -> Vec<i64> {
        self.times(|what| matches!(what, What::WakeCompleted { .. }))
    }

    pub fn times(&self, wanted: impl Fn(&What) -> bool) -> Vec<i64> {
        let entries = self.world.trace();
        let entries = entries.entries().iter().filter(|e| wanted(&e.what));
        entries.map(|entry| entry.at_ms).collect()
    }

    /// The rules that were broken.
    pub fn broken(&self) -> Vec<&'static str> {
        let trace = self.world.trace();
        let entries = trace.entries().iter();
        entries
            .filter_map(|entry| match entry.what {
                What::Broken { rule, .. } => Some(rule),
                _ => None,
            })
            .collect()
    }
}

impl Host for Rig {
    fn process(&self) -> Life {
        match self.life() {
            None => self.launch(AppState::Background),
            Some(life) => {
                if self.app() == AppState::Suspended {
                    self.changed(AppState::Background);
                }
                life
            }
        }
    }

    fn wake(&self, _: Option<&str>, ticket: WakeTicket) {
        let after_ms = self.lock().completes_after_ms;
        let life = self.life();
        match after_ms {
            Some(ms) => {
                let job = Box::new(move || drop(ticket));
                self.world.after(ms, life.as_ref(), job);
            }
            None => self.lock().tickets.push(ticket),
        }
    }

    fn time_is_up(&self) {
        self.lock().stops += 1;
    }

    fn is_in_front(&self) -> bool {
        self.app().is_in_front()
    }

    fn conditions(&self) -> SystemConditions {
        self.lock().conditions
    }

    fn move_to(&self, state: AppState) {
        self.changed(state);
    }

    fn kill(&self, how: &'static str) {
        let Some(life) = self.life() else { return };
        life.end();
        let dropped = {
            let mut state = self.lock();
            state.ended.push(how);
            std::mem::take(&mut state.tickets)
        };
        drop(dropped);
        self.changed(AppState::NotRunning);
    }
}
