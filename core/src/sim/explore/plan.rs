//! Makes the plan of some random days.

use std::time::Duration;

use fastrand::Rng;

use crate::conditions::{AppState, Network, StandbyBucket, ThermalState};
use crate::sim::Profile;
use crate::sim::scenario::{
    DiskError, DiskFaultStep, DiskStep, Enqueue, NetworkStep, ObjectSetup, PowerStep, RangeSupport,
    Scenario, ServerFault, ServerStep, SessionSetup, Shift, Size, Span, Step, Validator,
};

const DAY_S: u64 = 24 * 60 * 60;
/// Tasks a day: more would only take longer.
const TASKS: std::ops::RangeInclusive<u64> = 3..=12;
const SIZES: [u64; 5] = [900, 40_000, 700_000, 9_000_000, 80_000_000];
pub(super) const HOSTS: [&str; 2] = ["maps.example", "media.example"];

/// A plan of `days` random days.
#[must_use]
pub fn plan(seed: u64, days: u32, profile: Profile) -> Scenario {
    let mut maker = Maker {
        rng: Rng::with_seed(seed),
        steps: Vec::new(),
        objects: Vec::new(),
        tasks: Vec::new(),
    };
    let session = maker.session();
    for _ in 0..days {
        maker.day();
    }
    let mut scenario = Scenario::new(&format!("seed {seed}"))
        .seed(seed)
        .profile(profile)
        .session(session);
    scenario.objects = maker.objects;
    scenario.steps = maker.steps;
    scenario
}

struct Maker {
    rng: Rng,
    steps: Vec<Step>,
    objects: Vec<ObjectSetup>,
    /// Names of tasks so far.
    tasks: Vec<String>,
}

impl Maker {
    fn session(&mut self) -> SessionSetup {
        let rng = &mut self.rng;
        SessionSetup {
            discretionary: rng.bool().then(|| rng.bool()),
            allows_cellular: (rng.u8(0..4) == 0).then_some(false),
            allows_expensive: (rng.u8(0..6) == 0).then_some(false),
            timeout_for_resource: (rng.u8(0..3) == 0)
                .then(|| Span::from(Duration::from_secs(rng.u64(1..=48) * 3_600))),
            requeues_after_force_quit: rng.bool().then_some(true),
            max_concurrent_transfers: rng.bool().then(|| rng.u16(1..=4)),
            ..SessionSetup::default()
        }
    }

    fn day(&mut self) {
        let mut left_s = DAY_S;
        let mut enqueues = self.rng.u64(TASKS);
        while left_s > 0 {
            let is_time = enqueues > 0 && self.rng.u64(0..left_s) < enqueues * 3_600;
            if is_time {
                enqueues -= 1;
                self.enqueue();
            } else {
                self.event();
            }
            // Mostly minutes, at times seconds or hours.
            let step_s = match self.rng.u8(0..10) {
                0..3 => self.rng.u64(1..=30),
                3..8 => self.rng.u64(60..=3_600),
                _ => self.rng.u64(3_600..=14_400),
            };
            let step_s = step_s.min(left_s);
            left_s -= step_s;
            self.advance(Duration::from_secs(step_s));
        }
    }

    fn advance(&mut self, time: Duration) {
        self.steps.push(Step::Advance(Span::from(time)));
    }

    fn enqueue(&mut self) {
        let count = if self.rng.u8(0..5) == 0 {
            self.rng.usize(2..=4)
        } else {
            1
        };
        let first = self.tasks.len();
        let tasks: Vec<Enqueue> = (0..count).map(|_| self.task(first)).collect();
        self.steps.push(match count {
            1 => Step::Enqueue(tasks.into_iter().next().unwrap_or_default()),
            _ => Step::Plan(tasks),
        });
    }

    /// One task; those of the same plan begin with number `first`.
    fn task(&mut self, first: usize) -> Enqueue {
        let number = self.tasks.len();
        let name = format!("t{number}");
        let rng = &mut self.rng;
        let url = format!("https://{}/{number}", HOSTS[rng.usize(0..HOSTS.len())]);
        let size = SIZES[rng.usize(0..SIZES.len())] + rng.u64(0..500);
        let validators = [
            Validator::Strong,
            Validator::Strong,
            Validator::Weak,
            Validator::LastModified,
            Validator::None,
        ];
        let mut object = ObjectSetup::new(&url, size);
        object.validator = validators[rng.usize(0..validators.len())];
        let ranges = [
            RangeSupport::Honoured,
            RangeSupport::Honoured,
            RangeSupport::Honoured,
            RangeSupport::Ignored,
            RangeSupport::NotIfRange,
            RangeSupport::Unchecked,
        ];
        object.ranges = ranges[rng.usize(0..ranges.len())];
        object.digest = rng.u8(0..4) == 0;
        let mut task = Enqueue::new(&name, &url);
        task.no_cellular = rng.u8(0..4) == 0;
        task.no_expensive = rng.u8(0..6) == 0;
        task.no_constrained = rng.u8(0..6) == 0;
        task.discretionary = (rng.u8(0..4) == 0).then_some(true);
        task.priority = (rng.u8(0..3) == 0).then(|| f32::from(rng.u8(0..=10)) / 10.0);
        task.earliest =
            (rng.u8(0..6) == 0).then(|| Span::from(Duration::from_secs(rng.u64(60..=20_000))));
        task.expect_bytes = rng.bool().then(|| Size::from(size));
        // Now and then after an earlier task, most often one of the same plan.
        if number > 0 && (number > first || rng.u8(0..10) == 0) {
            let from = if rng.u8(0..4) == 0 {
                0
            } else {
                first.min(number - 1)
            };
            task.after.push(self.tasks[rng.usize(from..number)].clone());
        }
        self.objects.push(object);
        self.tasks.push(name);
        task
    }

    fn some_task(&mut self) -> Option<String> {
        self.rng.choice(self.tasks.iter()).cloned()
    }

    fn event(&mut self) {
        let step = match self.rng.u8(0..100) {
            0..18 => Some(self.network()),
            18..30 => Some(Step::Power(PowerStep {
                charging: self.rng.bool(),
                battery_percent: Some(self.rng.u8(1..=100)),
            })),
            30..52 => Some(self.app()),
            52..58 => Some(Step::Kill),
            58..66 => Some(Step::KillAfterActs(self.rng.u64(0..60))),
            66..68 => Some(Step::ForceQuit),
            68..70 => Some(Step::Reboot),
            70..72 => Some(Step::LosePower),
            72..74 => Some(Step::Clock(Shift::by_ms(
                self.rng.i64(-172_800_000..=172_800_000),
            ))),
            74..78 => self.change(),
            78..84 => Some(self.server()),
            84..86 => Some(self.disk()),
            86..88 => Some(Step::DiskFault(DiskFaultStep {
                after_writes: self.rng.u64(0..20),
                error: if self.rng.bool() {
                    DiskError::NoSpace
                } else {
                    DiskError::Io
                },
            })),
            88..93 => Some(self.condition()),
            93..95 => self.some_task().map(Step::Suspend),
            95..98 => self.some_task().map(Step::Resume),
            98 => self.some_task().map(Step::Cancel),
            _ => Some(Step::Launch),
        };
        self.steps.extend(step);
    }

    fn network(&mut self) -> Step {
        let rng = &mut self.rng;
        let kinds = [
            Network::None,
            Network::Wifi,
            Network::Wifi,
            Network::Cellular,
        ];
        let kind = kinds[rng.usize(0..kinds.len())];
        let mut network = NetworkStep::new(kind);
        network.expensive = kind == Network::Cellular || rng.u8(0..8) == 0;
        network.constrained = rng.u8(0..8) == 0;
        network.rate = (rng.u8(0..4) == 0).then(|| Size::from(rng.u64(50_000..5_000_000)));
        network.captive = kind == Network::Wifi && rng.u8(0..12) == 0;
        Step::Network(network)
    }

    fn app(&mut self) -> Step {
        let states = [
            AppState::Active,
            AppState::Background,
            AppState::Background,
            AppState::Frontmost,
        ];
        Step::App(states[self.rng.usize(0..states.len())])
    }

    fn change(&mut self) -> Option<Step> {
        let object = self.rng.choice(self.objects.iter())?.clone();
        Some(Step::Object(object))
    }

    fn server(&mut self) -> Step {
        let rng = &mut self.rng;
        let fault = match rng.u8(0..14) {
            0 => ServerFault::Down,
            1 => ServerFault::Status {
                code: 503,
                retry_after: rng
                    .bool()
                    .then(|| Span::from(Duration::from_secs(rng.u64(1..=7_200)))),
            },
            2 => ServerFault::BreaksAfter(Size::from(rng.u64(1..2_000_000))),
            3 => ServerFault::EndsAfter(Size::from(rng.u64(1..2_000_000))),
            4 => ServerFault::StallsAfter(Size::from(rng.u64(1..2_000_000))),
            5 => ServerFault::Early(Size::from(rng.u64(1..5_000))),
            6 => ServerFault::NoContentRange,
            7 => ServerFault::Unsatisfiable,
            _ => ServerFault::None,
        };
        Step::Server(ServerStep {
            host: HOSTS[rng.usize(0..HOSTS.len())].to_owned(),
            fault,
            times: rng.bool().then(|| rng.u32(1..5)),
        })
    }

    fn disk(&mut self) -> Step {
        let free = match self.rng.u8(0..3) {
            0 => self.rng.u64(0..3_000_000),
            _ => 10_000_000_000,
        };
        Step::Disk(DiskStep {
            free: Size::from(free),
        })
    }

    fn condition(&mut self) -> Step {
        let rng = &mut self.rng;
        match rng.u8(0..6) {
            0 => Step::LowPower(rng.bool()),
            1 => Step::Thermal(ThermalState::ALL[rng.usize(0..ThermalState::ALL.len())]),
            2 => Step::DataSaver(rng.bool()),
            3 => Step::StandbyBucket(StandbyBucket::ALL[rng.usize(0..StandbyBucket::ALL.len())]),
            4 => Step::StorageLow(rng.bool()),
            _ => Step::Locked(rng.bool()),
        }
    }
}
