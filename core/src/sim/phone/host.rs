//! What the platform does to the app, and how the app's state moves.

use super::{Inner, Running};
use crate::conditions::{AppState, SystemConditions};
use crate::sim::lender::Host;
use crate::sim::life::Life;
use crate::sim::trace::What;
use crate::wake::WakeTicket;

impl Inner {
    /// The app goes to another state, and everybody who has to know is told.
    pub(super) fn move_to_state(&self, app: AppState) {
        {
            let mut state = self.lock();
            if state.conditions.app_state == app {
                return;
            }
            state.conditions.app_state = app;
            if let Some(running) = &state.running {
                running.process.freeze(app == AppState::Suspended);
            }
        }
        if app == AppState::Suspended {
            // Its connections break: nobody reads them.
            if let Some(running) = self.running() {
                self.net.break_all_of(running.process.life());
            }
        }
        self.world.note(What::App { state: app });
        self.push_conditions();
        if let Some(service) = &self.service {
            service.app_state_changed(app);
        }
        self.platform.app_state_changed(app);
    }

    /// The system changed.
    pub(super) fn change(&self, change: impl FnOnce(&mut SystemConditions)) {
        let conditions = {
            let mut state = self.lock();
            let before = state.conditions;
            change(&mut state.conditions);
            if state.conditions == before {
                return;
            }
            state.conditions
        };
        self.world.note(What::Conditions { conditions });
        self.push_conditions();
        self.platform.conditions_changed();
    }

    pub(super) fn push_conditions(&self) {
        let conditions = self.lock().conditions;
        self.net.set_link(conditions.network);
        if let Some(service) = &self.service {
            service.conditions_changed(conditions);
        }
        let running = self.running().filter(|r| !r.process.is_frozen());
        if let Some(backhaul) = running.and_then(|running| running.backhaul) {
            backhaul.set_conditions(conditions);
        }
    }
}

/// The platform holds the phone weakly, and as an `Arc` of this.
impl Host for Inner {
    fn process(&self) -> Life {
        let life = self.launch(AppState::Background);
        let is_asleep = matches!(
            self.lock().conditions.app_state,
            AppState::Suspended | AppState::NotRunning
        );
        if is_asleep {
            self.move_to_state(AppState::Background);
        }
        life
    }

    fn wake(&self, identifier: Option<&str>, ticket: WakeTicket) {
        match (self.backhaul(), identifier) {
            (Some(backhaul), Some(identifier)) => {
                backhaul.handle_background_events(identifier, ticket);
            }
            (Some(backhaul), None) => backhaul.handle_wake(ticket),
            // An app that could not make its sessions gives the wake back.
            (None, _) => drop(ticket),
        }
    }

    fn time_is_up(&self) {
        if let Some(backhaul) = self.backhaul() {
            backhaul.expire_background_events();
        }
    }

    fn is_in_front(&self) -> bool {
        self.lock().conditions.app_state.is_in_front()
    }

    fn conditions(&self) -> SystemConditions {
        self.lock().conditions
    }

    fn move_to(&self, state: AppState) {
        self.move_to_state(state);
    }

    fn kill(&self, how: &'static str) {
        self.end(how);
    }
}

impl Running {
    /// Whether it may do anything.
    pub fn has_run_time(&self) -> bool {
        self.process.life().is_alive() && !self.process.is_frozen()
    }
}
