//! What a hand, a user or fate does to a phone.

use std::path::Path;
use std::time::Duration;

use super::Phone;
use crate::clock::duration_ms;
use crate::conditions::{AppState, Network, SystemConditions};
use crate::configuration::PreviousExit;
use crate::error::{Error, ErrorKind};
use crate::launch::Backhaul;
use crate::session::Session;
use crate::sim::Content;
use crate::sim::promises::{View, Wanted};
use crate::sim::trace::What;
use crate::task_id::TaskId;
use crate::task_state::TaskState;

impl Phone {
    /// The user opens the app, or comes back to it.
    pub fn open(&self) {
        self.0.launch(AppState::Active);
        self.0.move_to_state(AppState::Active);
        self.0.settle();
    }

    /// Something outside lets the app run: it is launched in the background, unless it runs already.
    pub fn run(&self) {
        crate::sim::lender::Host::process(&*self.0);
        self.0.settle();
    }

    /// The app is in sight, and not in use.
    pub fn frontmost(&self) {
        self.0.launch(AppState::Frontmost);
        self.0.move_to_state(AppState::Frontmost);
        self.0.settle();
    }

    /// The user leaves the app. It runs on for a while, and is then suspended or killed as the platform
    /// likes.
    pub fn background(&self) {
        if self.0.running().is_some() {
            self.0.move_to_state(AppState::Background);
            self.0.settle();
        }
    }

    /// The process is killed, at once. What the platform was asked for stays.
    pub fn kill(&self) {
        self.0.end("killed");
        self.0.settle();
    }

    /// The process dies before its `acts`-th act to the outside from now: a write, a call of the
    /// delegate, a start of a transfer.
    pub fn kill_after(&self, acts: u64) {
        if let Some(running) = self.0.running() {
            running.process.life().light_fuse(acts);
        }
    }

    /// The user swipes the app away (Apple), or stops it in the settings (Android): nothing wakes it
    /// until it is opened again (rule W6).
    pub fn force_quit(&self) {
        self.stop_everything();
        self.0.lock().previous_exit = PreviousExit::ForceQuit;
        self.0.platform.force_quit();
        self.0.end("force_quit");
        if let Some(service) = &self.0.service {
            service.force_quit();
        }
        self.0.settle();
    }

    /// The device starts again, in an orderly way.
    pub fn reboot(&self) {
        self.stop_everything();
        self.start_device();
    }

    /// The power goes: what was not synced is gone, and the device starts again.
    pub fn lose_power(&self) {
        self.0.world.note(What::PowerLost);
        self.stop_everything();
        self.0.disk.lose_power();
        self.start_device();
    }

    /// Nothing acts any more. The platform hears of it later: it would launch the app at once.
    fn stop_everything(&self) {
        if let Some(running) = self.0.running() {
            running.process.life().end();
        }
    }

    fn start_device(&self) {
        self.0.world.note(What::Rebooted);
        self.0.world.reboot();
        if let Some(service) = &self.0.service {
            service.rebooted();
        }
        self.0.end("killed");
        self.0.settle();
    }

    /// Somebody sets the wall clock forward.
    pub fn set_clock_forward(&self, by: Duration) {
        self.jump(duration_ms(by));
    }

    /// Somebody sets the wall clock back.
    pub fn set_clock_back(&self, by: Duration) {
        self.jump(-duration_ms(by));
    }

    pub(super) fn jump(&self, by_ms: i64) {
        self.0.world.note(What::ClockSet { by_ms });
        self.0.world.jump_wall_clock(by_ms);
        self.0.settle();
    }

    /// The system is like this from now on. The state of the app is not for this to change.
    pub fn set_conditions(&self, change: impl FnOnce(&mut SystemConditions)) {
        self.0.change(|conditions| {
            let app_state = conditions.app_state;
            change(conditions);
            conditions.app_state = app_state;
        });
        self.0.settle();
    }

    /// What the system is like.
    #[must_use]
    pub fn conditions(&self) -> SystemConditions {
        self.0.lock().conditions
    }

    /// Another network; mobile ones cost money.
    pub fn network(&self, network: Network) {
        self.set_conditions(|now| {
            now.network = network;
            now.expensive = network == Network::Cellular;
        });
    }

    /// On a charger, or off it.
    pub fn charger(&self, charging: bool) {
        self.set_conditions(|now| now.charging = charging);
    }

    /// The disk refuses the store's next transactions.
    pub fn refuse_writes(&self, count: u32, kind: ErrorKind) {
        if let Some(running) = self.0.running() {
            running.process.refuse_transactions(count, kind);
        }
    }

    /// What the app made at its launch; none while it does not run.
    #[must_use]
    pub fn backhaul(&self) -> Option<std::sync::Arc<Backhaul>> {
        self.0.backhaul()
    }

    /// The sessions that the app could not make at its last launch, and why.
    #[must_use]
    pub fn unmade_sessions(&self) -> Vec<(String, Error)> {
        self.0.unmade()
    }

    /// A session of the running app.
    #[must_use]
    pub fn session(&self, identifier: &str) -> Option<Session> {
        self.backhaul()?.session(identifier)
    }

    /// Where a task stands, whether the app runs or not.
    #[must_use]
    pub fn state(&self, session: &str, task: TaskId) -> Option<TaskState> {
        let contents = self.0.medium.contents(session).ok()??;
        let row = contents.tasks.into_iter().find(|row| row.id == task)?;
        let seen = super::view::Seen(&self.0);
        View::states(&seen, session, &[row]).remove(&task.as_i64())
    }

    /// Which version of its object a task's file is; none unless it lies at its destination, whole and of
    /// one version.
    #[must_use]
    pub fn file_version(&self, session: &str, task: TaskId) -> Option<u64> {
        let contents = self.0.medium.contents(session).ok()??;
        let row = contents.tasks.into_iter().find(|row| row.id == task)?;
        let file = self.file(&row.path)?;
        let is_whole = self.net().ever_was(&row.url, &file);
        let (_, version) = file.version().filter(|_| is_whole)?;
        Some(version)
    }

    /// The file at a destination in the container, as the disk holds it.
    #[must_use]
    pub fn file(&self, path: impl AsRef<Path>) -> Option<Content> {
        let path = path.as_ref().to_string_lossy().into_owned();
        self.0.disk.file(self.0.place(&path))
    }

    /// Notes a line in the trace.
    pub fn say(&self, text: impl Into<String>) {
        self.0.world.note(What::Said { text: text.into() });
    }

    /// The model of the promises holds the device to this task from now on.
    pub(in crate::sim) fn owes(&self, session: &str, task: TaskId, wanted: Wanted) {
        let name = (session.to_owned(), task.as_i64());
        self.0.lock().model.owes(name, wanted);
    }
}
