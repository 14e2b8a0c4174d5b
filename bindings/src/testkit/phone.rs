//! The simulated phone: what a test holds in its hand.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use backhaul::TaskId;
use backhaul::sim::{ObjectSetup, Phone, ServerStep, Step};

use super::app::{ForeignApp, SimulatedApp};
use super::guard::guarded;
use super::object::SimulatedObject;
use super::profile::SimulatedProfile;
use super::scenario::mistake;
use super::server::ServerFault;
use crate::background_sessions::BackgroundSessions;
use crate::conditions::{Network, SystemConditions};
use crate::error::Result;
use crate::session::Session;
use crate::task_info::TaskState;

/// A promise of the library that did not hold.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct BrokenPromise {
    /// Which rule of the contract.
    pub rule: String,
    /// How.
    pub text: String,
}

/// A device with one app on it: clocks, network, disk and the platform are simulated, the sessions are real.
/// The same seed and the same hands give the same log. Everything happens on the thread that calls, inside
/// of the call; only one thread may use a phone and its sessions at a time.
#[derive(uniffi::Object)]
pub struct SimulatedPhone {
    phone: Phone,
    /// Panics, in words: they are broken promises, too (rule C2).
    defects: Mutex<Vec<BrokenPromise>>,
}

#[uniffi::export]
impl SimulatedPhone {
    /// A phone that lies there on Wi-Fi and a charger: the app was never started.
    ///
    /// # Errors
    /// `store` when SQLite cannot make a database in memory.
    #[uniffi::constructor]
    pub fn new(
        profile: SimulatedProfile,
        seed: u64,
        app: Arc<dyn SimulatedApp>,
    ) -> Result<Arc<SimulatedPhone>> {
        let phone = Phone::try_new(profile.into(), seed, Arc::new(ForeignApp(app)))?;
        Ok(Arc::new(SimulatedPhone {
            phone,
            defects: Mutex::default(),
        }))
    }

    /// The user opens the app, or comes back to it.
    pub fn open(&self) {
        self.hand(Phone::open);
    }

    /// Something outside lets the app run: it is launched in the background, unless it runs already.
    pub fn run(&self) {
        self.hand(Phone::run);
    }

    /// The app is in sight, and not in use.
    pub fn frontmost(&self) {
        self.hand(Phone::frontmost);
    }

    /// The user leaves the app.
    pub fn background(&self) {
        self.hand(Phone::background);
    }

    /// The process is killed, at once. What the platform was asked for stays.
    pub fn kill(&self) {
        self.hand(Phone::kill);
    }

    /// The process dies before its `acts`-th act to the outside from now: a write, a call of the delegate, a
    /// start of a transfer.
    pub fn kill_after(&self, acts: u64) {
        self.hand(|phone| phone.kill_after(acts));
    }

    /// The user throws the app out: nothing wakes it until it is opened again (rule W6).
    pub fn force_quit(&self) {
        self.hand(Phone::force_quit);
    }

    /// The device starts again, in an orderly way.
    pub fn reboot(&self) {
        self.hand(Phone::reboot);
    }

    /// The power goes: what was not synced is gone, and the device starts again.
    pub fn lose_power(&self) {
        self.hand(Phone::lose_power);
    }

    /// Somebody sets the wall clock forward.
    pub fn set_clock_forward(&self, by: Duration) {
        self.hand(|phone| phone.set_clock_forward(by));
    }

    /// Somebody sets the wall clock back.
    pub fn set_clock_back(&self, by: Duration) {
        self.hand(|phone| phone.set_clock_back(by));
    }

    /// What the system is like.
    pub fn conditions(&self) -> SystemConditions {
        self.phone.conditions().into()
    }

    /// The system is like this from now on. The state of the app is not for this to change.
    pub fn set_conditions(&self, conditions: SystemConditions) {
        self.hand(|phone| phone.set_conditions(|now| *now = conditions.into()));
    }

    /// Another network; mobile ones cost money.
    pub fn set_network(&self, network: Network) {
        self.hand(|phone| phone.network(network.into()));
    }

    /// On a charger, or off it.
    pub fn set_charging(&self, charging: bool) {
        self.hand(|phone| phone.charger(charging));
    }

    /// The object is on its server from now on, or its next version is.
    ///
    /// # Errors
    /// `invalid_request` for a URL that is not absolute.
    pub fn serve(&self, object: SimulatedObject) -> Result<()> {
        self.checked(Step::Object(ObjectSetup::from(object)))
    }

    /// The server behaves like this from now on, or so many `times`.
    ///
    /// # Errors
    /// `invalid_request` for a status that is no fault.
    pub fn set_server(&self, host: String, fault: ServerFault, times: Option<u32>) -> Result<()> {
        let fault = fault.into();
        self.checked(Step::Server(ServerStep { host, fault, times }))
    }

    /// Lets a step of the scenarios' format happen, as `docs/scenarios.md` describes it: `"reboot"`,
    /// `{"disk": {"free": "10MiB"}}`.
    ///
    /// # Errors
    /// `invalid_request` with its place in the text, and for what the app itself does or what is expected.
    pub fn perform(&self, step_json: String) -> Result<()> {
        let step = Step::from_json(&step_json).map_err(|error| mistake(&error))?;
        self.happen(&step)
    }

    /// Lets time go by, and everything happen that falls into it.
    pub fn advance(&self, time: Duration) {
        self.hand(|phone| phone.advance(time));
    }

    /// Lets time go by until the next thing happens, or `at_most` so much; says how much it was.
    pub fn advance_to_next(&self, at_most: Duration) -> Duration {
        let advanced = self.hand(|phone| phone.advance_to_next(at_most));
        // Whoever goes on until something is so must come to an end.
        advanced.unwrap_or(at_most)
    }

    /// True time since the world began.
    pub fn elapsed(&self) -> Duration {
        self.phone.elapsed()
    }

    /// What its wall clock shows.
    pub fn now(&self) -> SystemTime {
        self.phone.now()
    }

    /// A session of the running app.
    pub fn session(&self, identifier: String) -> Option<Arc<Session>> {
        let session = self.phone.session(&identifier)?;
        Some(Arc::new(Session(session)))
    }

    /// What the app made at its launch; none while it does not run.
    pub fn background_sessions(&self) -> Option<Arc<BackgroundSessions>> {
        let sessions = self.phone.backhaul()?;
        let unmade = self.phone.unmade_sessions();
        Some(BackgroundSessions::of(sessions, unmade))
    }

    /// Where a task stands, whether the app runs or not.
    pub fn state(&self, session: String, task: i64) -> Option<TaskState> {
        let task = TaskId::from_i64(task);
        let state = self.hand(|phone| phone.state(&session, task)).flatten()?;
        Some(state.into())
    }

    /// Which version of its object a task's file is: 1 for the first. None unless it lies at its
    /// destination, whole and of one version. Files are simulated: there is nothing to read.
    pub fn file_version(&self, session: String, task: i64) -> Option<u64> {
        self.phone.file_version(&session, TaskId::from_i64(task))
    }

    /// How many wakes the platform lent so far.
    pub fn wakes(&self) -> u64 {
        self.phone.wakes()
    }

    /// Notes a line in the log.
    pub fn say(&self, text: String) {
        self.phone.say(text);
    }

    /// What has happened so far: one JSON object a line. Two runs of one seed give the same bytes.
    pub fn log(&self) -> String {
        self.phone.trace().to_log()
    }

    /// The same for people: one sentence a line.
    pub fn story(&self) -> String {
        let trace = self.phone.trace();
        let lines = trace.entries().iter().map(|entry| format!("{entry}\n"));
        lines.collect()
    }

    /// The promises that were broken. Empty, or there is a defect in the library.
    pub fn broken_promises(&self) -> Vec<BrokenPromise> {
        let broken = self.phone.broken().into_iter();
        let broken = broken.map(|(rule, text)| BrokenPromise {
            rule: rule.to_owned(),
            text,
        });
        broken.chain(self.defects().iter().cloned()).collect()
    }
}

impl SimulatedPhone {
    fn defects(&self) -> MutexGuard<'_, Vec<BrokenPromise>> {
        self.defects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the phone; none if that panicked.
    fn hand<T>(&self, act: impl FnOnce(&Phone) -> T) -> Option<T> {
        let done = guarded(|| act(&self.phone));
        let defect = |text| BrokenPromise {
            rule: "C2".to_owned(),
            text: format!("a panic: {text}"),
        };
        done.map_err(|text| self.defects().push(defect(text))).ok()
    }

    fn checked(&self, step: Step) -> Result<()> {
        step.check().map_err(|error| mistake(&error))?;
        self.happen(&step)
    }

    fn happen(&self, step: &Step) -> Result<()> {
        Ok(self.hand(|phone| phone.perform(step)).unwrap_or(Ok(()))?)
    }
}
