//! Scenarios as readable Rust: one method for each step, named as in the file.

use std::time::Duration;

use super::step::{
    AdvanceUntil, DiskError, DiskFaultStep, DiskStep, Enqueue, NetworkStep, ObjectSetup, PowerStep,
    RangeSupport, ServerFault, ServerStep, Step, Validator,
};
use super::{Expectation, Is, Profile, Scenario, SessionSetup, Shift, Size};
use crate::conditions::{AppState, Network, StandbyBucket, ThermalState};

/// So many hours.
#[must_use]
pub fn hours(count: u64) -> Duration {
    minutes(count.saturating_mul(60))
}

/// So many minutes.
#[must_use]
pub fn minutes(count: u64) -> Duration {
    seconds(count.saturating_mul(60))
}

/// So many seconds.
#[must_use]
pub fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

macro_rules! steps {
    ($($(#[$doc:meta])+ $name:ident($($argument:ident: $kind:ty),*) => $step:expr;)+) => {
        impl Scenario {
            $($(#[$doc])+
            #[must_use]
            pub fn $name(mut self, $($argument: $kind),*) -> Scenario {
                self.steps.push($step);
                self
            })+
        }
    };
}

steps! {
    /// The app asks for a file.
    enqueue(task: Enqueue) => Step::Enqueue(task);
    /// The app asks for several in one commit.
    plan(tasks: Vec<Enqueue>) => Step::Plan(tasks);
    /// The app resumes a task.
    resume(task: &str) => Step::Resume(task.to_owned());
    /// The app pauses a task.
    suspend(task: &str) => Step::Suspend(task.to_owned());
    /// The app cancels a task.
    cancel(task: &str) => Step::Cancel(task.to_owned());
    /// The network is another one.
    network(network: NetworkStep) => Step::Network(network);
    /// The charger comes or goes.
    charging(charging: bool) => Step::Power(PowerStep { charging, battery_percent: None });
    /// The device is this warm now.
    thermal(state: ThermalState) => Step::Thermal(state);
    /// Low Power Mode goes on or off.
    low_power(is_on: bool) => Step::LowPower(is_on);
    /// The system says that storage is short, or no longer.
    storage_low(is_low: bool) => Step::StorageLow(is_low);
    /// Android's Data Saver goes on or off.
    data_saver(is_on: bool) => Step::DataSaver(is_on);
    /// Android puts the app into another bucket.
    standby_bucket(bucket: StandbyBucket) => Step::StandbyBucket(bucket);
    /// The device is locked or unlocked.
    locked(is_locked: bool) => Step::Locked(is_locked);
    /// The app goes to the screen or from it.
    app(state: AppState) => Step::App(state);
    /// The system ends the process.
    kill() => Step::Kill;
    /// The process ends before its nth act on the outside from now.
    kill_after_acts(acts: u64) => Step::KillAfterActs(acts);
    /// The user throws the app out.
    force_quit() => Step::ForceQuit;
    /// The user starts the app.
    launch() => Step::Launch;
    /// The device starts again.
    reboot() => Step::Reboot;
    /// The power goes: what was not synced is lost.
    lose_power() => Step::LosePower;
    /// Somebody sets the wall clock forward, or back by a negative number of milliseconds.
    clock(by_ms: i64) => Step::Clock(Shift::by_ms(by_ms));
    /// Time passes.
    advance(by: Duration) => Step::Advance(by.into());
    /// Time passes until something is so.
    advance_until(expect: Expectation, within: Duration) => {
        Step::AdvanceUntil(AdvanceUntil { expect, within: within.into() })
    };
    /// An object is another one: its next version.
    change_object(object: ObjectSetup) => Step::Object(object);
    /// A server behaves otherwise from now on.
    server(host: &str, fault: ServerFault) => {
        Step::Server(ServerStep { host: host.to_owned(), fault, times: None })
    };
    /// The disk has this much room left.
    disk(free_bytes: u64) => Step::Disk(DiskStep { free: free_bytes.into() });
    /// A write to the disk fails.
    disk_fault(after_writes: u64, error: DiskError) => {
        Step::DiskFault(DiskFaultStep { after_writes, error })
    };
    /// A remark for the log.
    say(text: &str) => Step::Say(text.to_owned());
    /// Something is so now.
    expect(expected: Expectation) => Step::Expect(expected);
}

impl Scenario {
    /// An empty one.
    #[must_use]
    pub fn new(name: &str) -> Scenario {
        Scenario {
            name: name.to_owned(),
            ..Scenario::default()
        }
    }

    /// Decides everything that the story leaves open.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Scenario {
        self.seed = seed;
        self
    }

    /// Whose rules the platform follows.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Scenario {
        self.profile = profile;
        self
    }

    /// What the app asks of its session.
    #[must_use]
    pub fn session(mut self, session: SessionSetup) -> Scenario {
        self.session = session;
        self
    }

    /// An object that lies on its server from the beginning.
    #[must_use]
    pub fn object(mut self, object: ObjectSetup) -> Scenario {
        self.objects.push(object);
        self
    }

    /// Something is so at the end.
    #[must_use]
    pub fn finally(mut self, expected: Expectation) -> Scenario {
        self.expect.push(expected);
        self
    }
}

impl Enqueue {
    /// A file.
    #[must_use]
    pub fn new(task: &str, url: &str) -> Enqueue {
        Enqueue {
            task: task.to_owned(),
            url: url.to_owned(),
            ..Enqueue::default()
        }
    }

    /// How large the object is, if no [`ObjectSetup`] says so.
    #[must_use]
    pub fn size(mut self, bytes: u64) -> Enqueue {
        self.size = Some(Size::from(bytes));
        self
    }

    /// It waits for this task, and those named before.
    #[must_use]
    pub fn after(mut self, task: &str) -> Enqueue {
        self.after.push(task.to_owned());
        self
    }
}

impl NetworkStep {
    /// A network that costs nothing; a mobile one costs money.
    #[must_use]
    pub fn new(kind: Network) -> NetworkStep {
        NetworkStep {
            kind,
            expensive: kind == Network::Cellular,
            constrained: false,
            captive: false,
            captive_unnoticed: false,
            rate: None,
        }
    }
}

impl ObjectSetup {
    /// An object with a strong ETag.
    #[must_use]
    pub fn new(url: &str, bytes: u64) -> ObjectSetup {
        ObjectSetup {
            url: url.to_owned(),
            size: bytes.into(),
            validator: Validator::Strong,
            ranges: RangeSupport::Honoured,
            digest: false,
        }
    }
}

impl Expectation {
    /// A task stands like this: `Is::Completed`, or a reason to wait, or an error's kind.
    #[must_use]
    pub fn task(task: &str, is: impl Into<Is>) -> Expectation {
        Expectation {
            task: Some(task.to_owned()),
            is: Some(is.into()),
            ..Expectation::default()
        }
    }

    /// And its file is this version of the object, whole.
    #[must_use]
    pub fn file_version(mut self, version: u64) -> Expectation {
        self.file_version = Some(version);
        self
    }

    /// And so many bytes are here, or more.
    #[must_use]
    pub fn received_at_least(mut self, bytes: u64) -> Expectation {
        self.received_at_least = Some(bytes.into());
        self
    }

    /// And its end was delivered so often.
    #[must_use]
    pub fn delivered(mut self, times: u64) -> Expectation {
        self.delivered = Some(times);
        self
    }

    /// No more wakes were lent than this.
    #[must_use]
    pub fn wakes_at_most(wakes: u64) -> Expectation {
        Expectation {
            wakes_at_most: Some(wakes),
            ..Expectation::default()
        }
    }

    /// At least so many wakes were lent.
    #[must_use]
    pub fn wakes_at_least(wakes: u64) -> Expectation {
        Expectation {
            wakes_at_least: Some(wakes),
            ..Expectation::default()
        }
    }
}
