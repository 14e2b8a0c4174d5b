//! The phone: what a test holds in its hand.

mod hands;
mod host;
mod launch;
mod perform;
mod stage;
mod view;

pub(super) use stage::PhoneStage;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use super::http::SimHttp;
use super::lender::{Platform, Profile};
use super::listener::Deliveries;
use super::process::Process;
use super::promises::Model;
use super::service::TransferService;
use super::trace::{Trace, What};
use super::world::World;
use super::{Net, SimDisk};
use crate::clock::duration_ms;
use crate::conditions::{AppState, SystemConditions};
use crate::configuration::PreviousExit;
use crate::error::{Error, ErrorRecord, Result};
use crate::launch::{Backhaul, Launch};
use crate::store::Medium;

/// Where the app's container lies on the simulated disk.
const CONTAINER: &str = "/simulated/container";
/// The mark of the store's part files.
const TOKEN: &str = "51371a7e";

/// The app under test: which sessions it makes at a launch.
///
/// It is the app's own code that runs: give the configurations and delegates that the real app
/// gives to [`Backhaul::launch`]. In place of their transport, wake scheduler and delegate queue there
/// are simulated ones.
///
/// # Errors
/// What goes wrong is noted in the trace; that session is not made at this launch.
pub trait App: Send + Sync + 'static {
    /// The sessions that it always makes.
    fn sessions(&self) -> Result<Vec<String>>;

    /// The parts of one of them; none for an identifier that it does not know (any more).
    fn session(&self, identifier: &str) -> Result<Option<Launch>>;

    /// What the app does next at its launch: its sessions are made, but for those that it could not make,
    /// and none of their delegates was called yet.
    fn launched(&self, backhaul: Arc<Backhaul>, unmade: Vec<(String, Error)>) -> Result<()> {
        let _ = (backhaul, unmade);
        Ok(())
    }
}

/// A device with one app on it. Clones are handles to the same one.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use backhaul::sim::{App, Object, Phone, Profile};
/// use backhaul::{Launch, Request, SessionConfiguration, SessionDelegate, TaskState};
///
/// struct Maps;
/// impl SessionDelegate for Maps {}
/// impl App for Maps {
///     fn sessions(&self) -> Result<Vec<String>, backhaul::Error> {
///         Ok(vec!["maps".to_owned()])
///     }
///     fn session(&self, identifier: &str) -> Result<Option<Launch>, backhaul::Error> {
///         let configuration = SessionConfiguration::background(identifier)?.is_discretionary(false);
///         Ok(Some(Launch::new(configuration, Arc::new(Maps))))
///     }
/// }
///
/// # fn main() -> Result<(), backhaul::Error> {
/// let phone = Phone::new(Profile::Android, 42, Arc::new(Maps));
/// phone.net().serve("https://example.com/alps", Object::new(40_000_000));
/// phone.open();
/// let task = phone.session("maps").unwrap().download_task(Request::new("https://example.com/alps")?)?;
/// task.resume()?;
/// phone.advance(Duration::from_millis(800));
/// phone.kill();
/// phone.open();
/// phone.advance(Duration::from_secs(60));
/// assert_eq!(phone.state("maps", task.id()), Some(TaskState::Completed));
/// assert_eq!(phone.broken(), []);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Phone(Arc<Inner>);

pub(super) struct Inner {
    me: Weak<Inner>,
    profile: Profile,
    world: World,
    net: Net,
    disk: SimDisk,
    medium: Medium,
    deliveries: Deliveries,
    platform: Platform,
    /// Apple's.
    service: Option<TransferService>,
    app: Arc<dyn App>,
    state: Mutex<State>,
}

struct State {
    conditions: SystemConditions,
    running: Option<Running>,
    processes: u64,
    previous_exit: PreviousExit,
    /// What the app could not make at its last launch, and why.
    unmade: Vec<(String, ErrorRecord)>,
    /// Every session that there has been.
    sessions: BTreeSet<String>,
    model: Model,
    /// A look at the promises is under way.
    is_checking: bool,
}

/// A process of the app, and what it has made.
#[derive(Clone)]
struct Running {
    number: u64,
    /// When it began, in true time.
    since_ms: i64,
    process: Arc<Process>,
    /// None while it launches.
    backhaul: Option<Arc<Backhaul>>,
    /// Of its sessions, where it moves the bytes itself.
    transports: Vec<SimHttp>,
}

impl Phone {
    /// A phone that lies there: the app was never started. The same seed and the same hands give the
    /// same trace.
    ///
    /// # Panics
    /// When SQLite cannot make a database in memory.
    #[must_use]
    pub fn new(profile: Profile, seed: u64, app: Arc<dyn App>) -> Phone {
        Phone::try_new(profile, seed, app).unwrap_or_else(|error| panic!("no phone: {error}"))
    }

    /// The same, for who must not panic.
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) when SQLite cannot make a database in memory.
    pub fn try_new(profile: Profile, seed: u64, app: Arc<dyn App>) -> Result<Phone> {
        let world = World::new(seed);
        let net = Net::new(&world);
        let disk = SimDisk::new(&world);
        let platform = Platform::new(&world, profile);
        let conditions = SystemConditions {
            app_state: AppState::NotRunning,
            ..Default::default()
        };
        let service = profile.has_transfer_service().then(|| {
            let (net, disk, platform) = (net.clone(), disk.clone(), platform.clone());
            TransferService::new(&world, net, disk, platform, conditions)
        });
        let medium = Medium::new(TOKEN)?;
        let inner = Arc::new_cyclic(|me| Inner {
            me: Weak::clone(me),
            profile,
            net,
            disk,
            medium,
            deliveries: Deliveries::default(),
            platform,
            service,
            app,
            state: Mutex::new(State {
                conditions,
                running: None,
                processes: 0,
                previous_exit: PreviousExit::default(),
                unmade: Vec::new(),
                sessions: BTreeSet::new(),
                model: Model::default(),
                is_checking: false,
            }),
            world,
        });
        let host: Arc<dyn super::lender::Host> = Arc::clone(&inner) as _;
        inner.platform.set_host(Arc::downgrade(&host));
        let phone = Phone(inner);
        phone.0.push_conditions();
        Ok(phone)
    }

    /// Whose rules it follows.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.0.profile
    }

    /// The servers and the network.
    #[must_use]
    pub fn net(&self) -> &Net {
        &self.0.net
    }

    /// The disk.
    #[must_use]
    pub fn disk(&self) -> &SimDisk {
        &self.0.disk
    }

    /// What has happened so far.
    #[must_use]
    pub fn trace(&self) -> Trace {
        self.0.world.trace()
    }

    /// The promises that were broken, as rule and text. Empty, or there is a defect.
    #[must_use]
    pub fn broken(&self) -> Vec<(&'static str, String)> {
        self.0.world.with_trace(|trace| {
            let broken = trace
                .entries()
                .iter()
                .filter_map(|entry| match &entry.what {
                    What::Broken { rule, text } => Some((*rule, text.clone())),
                    _ => None,
                });
            broken.collect()
        })
    }

    /// How many wakes the platform lent so far.
    #[must_use]
    pub fn wakes(&self) -> u64 {
        self.0.world.with_trace(Trace::wakes)
    }

    /// What its wall clock shows.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.0.world.now().system_time()
    }

    /// True time since the world began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.world.elapsed_ms().unsigned_abs())
    }

    /// Lets time go by, and everything happen that falls into it.
    pub fn advance(&self, time: Duration) {
        let end_ms = self.0.world.elapsed_ms() + duration_ms(time);
        self.0.settle();
        while self.0.next_moment(end_ms) {}
    }

    /// Lets time go by until the next thing happens, or `at_most` so much; says how much it was.
    pub fn advance_to_next(&self, at_most: Duration) -> Duration {
        let began = self.elapsed();
        self.0.settle();
        let end_ms = self.0.world.elapsed_ms() + duration_ms(at_most);
        self.0.next_moment(end_ms);
        self.elapsed() - began
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process that lives, if one does.
    fn running(&self) -> Option<Running> {
        let running = self.lock().running.clone();
        running.filter(|running| running.process.life().is_alive())
    }

    fn backhaul(&self) -> Option<Arc<Backhaul>> {
        self.running()?.backhaul
    }

    fn next_timer_ms(&self) -> Option<i64> {
        let running = self.running()?;
        match running.process.is_frozen() {
            true => None,
            false => running.process.next_timer_ms(),
        }
    }

    /// Goes to the next moment at which something happens, and lets it happen. At the end, goes there
    /// and says false.
    fn next_moment(&self, end_ms: i64) -> bool {
        let now_ms = self.world.elapsed_ms();
        let event_ms = self.world.next_event_ms();
        let timer_ms = self.next_timer_ms().map(|ms| now_ms + ms);
        let next_ms = event_ms.into_iter().chain(timer_ms).min();
        let next_ms = next_ms.filter(|next| *next <= end_ms);
        match next_ms {
            Some(next) if event_ms == Some(next) => {
                self.world.happen();
            }
            Some(next) => self.world.move_to(next),
            None => self.world.move_to(end_ms),
        }
        self.settle();
        next_ms.is_some()
    }

    /// Does everything that there is to do at this moment, and looks whether all promises hold.
    fn settle(&self) {
        let process = self.lock().running.as_ref().map(|r| Arc::clone(&r.process));
        if let Some(process) = process {
            process.settle();
            if !process.life().is_alive() {
                self.end("killed");
            }
        }
        self.check();
    }

    fn check(&self) {
        let mut model = {
            let mut state = self.lock();
            if std::mem::replace(&mut state.is_checking, true) {
                return;
            }
            std::mem::take(&mut state.model)
        };
        let broken = model.check(&view::Seen(self));
        for ((session, task), reason) in model.take_news() {
            self.world.note(What::Waiting {
                session,
                task,
                reason,
            });
        }
        for (rule, text) in broken {
            self.world.note(What::Broken { rule, text });
        }
        let mut state = self.lock();
        state.model = model;
        state.is_checking = false;
    }

    /// The file of a destination in the container.
    fn place(&self, path: &str) -> PathBuf {
        Path::new(CONTAINER).join("files").join(path)
    }
}
