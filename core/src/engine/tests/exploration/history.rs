//! Makes one history from one seed, and lets it end well.

use std::collections::BTreeMap;

use fastrand::Rng;

use crate::conditions::{AppState, Network, StandbyBucket, ThermalState};
use crate::engine::policy::Needs;
use crate::engine::tests::world::{HOUR_MS, SECOND_MS, World, lost, refused, rules};
use crate::engine::{Command, CommandToken, Input};
use crate::error::{Error, ErrorKind};
use crate::store::Phase;
use crate::task_id::TaskId;

/// What happens in one history.
const STEPS: usize = 120;
/// Rounds in which everything must have ended once all goes well.
const CALM_ROUNDS: usize = 2_000;

pub(super) struct History {
    pub world: World,
    pub rng: Rng,
    pub ids: Vec<TaskId>,
    /// Commands that this process must answer.
    pub owed: Vec<(CommandToken, TaskId, Wish)>,
    /// What the app asked for last, where nothing else was under way for the task.
    pub wishes: BTreeMap<TaskId, Wish>,
    /// What each task comes after.
    pub after: BTreeMap<TaskId, Vec<TaskId>>,
    jumps: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Runs,
    Pauses,
    Ends,
    /// Commands overlapped, or a crash left it open what counted.
    Unclear,
}

impl History {
    pub fn new(seed: u64) -> History {
        let mut rng = Rng::with_seed(seed);
        let mut world = World::with(|config| {
            config.max_concurrent_transfers = rng.usize(1..=4);
            config.max_connections_per_host = rng.usize(1..=3);
            config.outlives_process = rng.u8(0..4) == 0;
            config.timeout_for_resource_ms = [HOUR_MS, 100 * HOUR_MS][rng.usize(0..2)];
            config.seed = seed;
            config.max_transfers_per_group = rng.bool().then_some(1);
            let discretionary = rng.bool();
            config.rules = rules(|settings| settings.is_discretionary = discretionary);
        });
        world.answers_stops = false;
        world.drive();
        History {
            world,
            rng,
            ids: Vec::new(),
            owed: Vec::new(),
            wishes: BTreeMap::new(),
            after: BTreeMap::new(),
            jumps: seed % 2 == 0,
        }
    }

    pub fn run(&mut self) {
        for _ in 0..STEPS {
            self.step();
            self.check();
        }
    }

    fn step(&mut self) {
        match self.rng.u8(0..100) {
            0..8 => self.enqueue(),
            8..22 => self.command(),
            22..25 => self.change_conditions(),
            25 => self.sleep_or_wake(),
            26..50 => self.transfer_event(),
            50..60 => self.file(),
            60..80 => self.store_step(),
            80..86 => {
                self.world.hear_event();
            }
            86..94 => self.pass_time(),
            94..96 => self.world.drive(),
            96..97 => self.jump(),
            97..99 => self.world.feed(Input::MoreReady),
            _ => self.crash(),
        }
    }

    fn enqueue(&mut self) {
        for _ in 0..self.rng.usize(1..=4) {
            let rng = &mut self.rng;
            let phase = [Phase::Suspended, Phase::Ready, Phase::Ready, Phase::Held];
            let phase = phase[rng.usize(0..phase.len())];
            let needs = Needs::NETWORK.bits() | (rng.i64(0..1 << 15) << 1);
            let (host, rank) = (rng.u8(0..3), rng.i64(0..4));
            let timeout_ms = rng.bool().then(|| rng.i64(SECOND_MS..10 * HOUR_MS));
            let relaxes_ms = rng.bool().then(|| rng.i64(SECOND_MS..HOUR_MS));
            let deadline = timeout_ms.and_then(|ms| self.world.deadline(ms));
            let relax_ms = deadline.zip(relaxes_ms);
            let relax_ms =
                relax_ms.map(|(end, ms)| (self.world.now.uptime_ms + ms).min(end.due_ms - 1));
            let group = [None, Some("a"), Some("b")][rng.usize(0..3)].map(str::to_owned);
            let count = rng.usize(1..=3);
            let after = match rng.u8(0..4) {
                0 => rng.choose_multiple(self.ids.iter().copied(), count),
                _ => Vec::new(),
            };
            let hold = self.world.hold(rng.i64(0..HOUR_MS));
            let id = self.world.insert(|row| {
                (row.phase, row.needs, row.rank) = (phase, needs, rank);
                row.host = format!("h{host}");
                row.options.group = group;
                (row.deadline, row.relax_ms) = (deadline, relax_ms);
                row.hold = (phase == Phase::Held).then_some(hold);
                row.after = after.clone();
            });
            self.after.insert(id, after);
            self.ids.push(id);
        }
        self.world.feed(Input::MoreReady);
    }

    fn command(&mut self) {
        let Some(id) = self.rng.choice(self.ids.iter().copied()) else {
            return;
        };
        let overlaps = self.owed.iter().any(|(_, task, _)| *task == id);
        let (command, wish): (fn(CommandToken) -> Command, Wish) = match self.rng.u8(0..12) {
            0..6 => (Command::Resume, Wish::Runs),
            6..10 => (Command::Suspend, Wish::Pauses),
            10 => (Command::Cancel, Wish::Ends),
            _ => (Command::CancelKeepingPart, Wish::Ends),
        };
        let wish = match wish {
            Wish::Runs | Wish::Pauses if overlaps => Wish::Unclear,
            wish => wish,
        };
        self.wishes.insert(id, wish);
        let token = self.world.ask(id, command);
        self.owed.push((token, id, wish));
    }

    fn change_conditions(&mut self) {
        let rng = &mut self.rng;
        let networks = [
            Network::None,
            Network::Wifi,
            Network::Cellular,
            Network::Wired,
        ];
        let now = &mut self.world.conditions;
        now.network = networks[rng.usize(0..4)];
        now.expensive = rng.u8(0..4) == 0;
        now.constrained = rng.u8(0..4) == 0;
        now.charging = rng.u8(0..4) != 0;
        now.captive = rng.u8(0..8) == 0;
        now.low_power = rng.u8(0..4) == 0;
        now.thermal = ThermalState::ALL[rng.usize(0..4)];
        now.storage_low = rng.u8(0..8) == 0;
        now.data_saver = rng.u8(0..4) == 0;
        now.standby_bucket = StandbyBucket::ALL[rng.usize(0..5)];
        now.protected_data_available = rng.u8(0..4) != 0;
        now.app_state = AppState::ALL[rng.usize(0..3)];
        let now = *now;
        self.world.feed(Input::Conditions(now));
    }

    /// A wake begins or ends, or work is about to be started in the background.
    fn sleep_or_wake(&mut self) {
        let input = match self.rng.u8(0..3) {
            0 => Input::Awake(true),
            1 => Input::Awake(false),
            _ => Input::StartsInBackground,
        };
        self.world.feed(input);
    }

    /// Something happens to a transfer; most often it is one that was told to stop, and stops.
    fn transfer_event(&mut self) {
        let running: Vec<_> = self
            .world
            .running
            .iter()
            .map(|(id, told)| (*id, *told))
            .collect();
        let Some((id, told)) = self.rng.choice(running) else {
            return;
        };
        let received = self.rng.u64(0..1_000);
        let event = match self.rng.u8(0..10) {
            0..5 if told => World::stop_answer(received),
            0..3 => return self.world.send(id, World::progress_event(received)),
            3..6 => World::whole_body(),
            6 => World::failure(lost(), Some(self.rng.u64(0..2 * HOUR_MS as u64)), received),
            7 => World::failure(refused(), None, received),
            8 if self.rng.u8(0..8) == 0 => World::stop_answer(received),
            _ => {
                let kind = [ErrorKind::NoSpace, ErrorKind::ConnectionLost][self.rng.usize(0..2)];
                World::failure(Error::new(kind, "failed"), None, received)
            }
        };
        self.world.end_transfer(id, event);
    }

    fn file(&mut self) {
        let waiting: Vec<_> = self.world.filing.iter().copied().collect();
        let Some(id) = self.rng.choice(waiting) else {
            return;
        };
        let kinds = [
            ErrorKind::NoSpace,
            ErrorKind::ConnectionLost,
            ErrorKind::DestinationNotWritable,
        ];
        let result = match self.rng.u8(0..8) {
            0..3 => Err(Error::new(kinds[self.rng.usize(0..3)], "not filed")),
            _ => Ok(()),
        };
        self.world.filing.remove(&id);
        self.world.feed(Input::Filed(id, result));
    }

    fn store_step(&mut self) {
        for _ in 0..self.rng.usize(1..=3) {
            if self.rng.bool() {
                self.world.ask_store();
            } else {
                self.world.hear_store();
            }
        }
    }

    /// Time goes by; the timer may be served late, and never early.
    fn pass_time(&mut self) {
        let ms = [0, 1, SECOND_MS, 60 * SECOND_MS, HOUR_MS][self.rng.usize(0..5)];
        self.world.now = self.world.now.plus_ms(ms);
        if self.world.timeout_ms() == Some(0) {
            self.world.feed(Input::Tick);
        }
    }

    fn jump(&mut self) {
        let day_ms = 24 * HOUR_MS;
        let ms = self.rng.i64(-day_ms..=day_ms);
        if !self.jumps {
            return;
        }
        self.world.jump_wall_clock(ms);
    }

    /// The process dies; sometimes the machine does, and its clock since boot begins again.
    fn crash(&mut self) {
        self.world.crash();
        for (_, id, _) in self.owed.drain(..) {
            self.wishes.insert(id, Wish::Unclear);
        }
        if self.rng.bool() && !self.world.config.outlives_process {
            self.world.now.boot += 1;
            self.world.now.uptime_ms = self.rng.i64(0..HOUR_MS);
        }
        self.world.launch();
    }

    /// From now on all goes well: every task that is not paused must end.
    pub fn calm_down(&mut self) {
        self.world.answers_stops = true;
        self.world.conditions = crate::conditions::SystemConditions::default();
        let conditions = self.world.conditions;
        self.world.drive_with(Input::Conditions(conditions));
        self.world.drive_with(Input::Awake(true));
        for _ in 0..CALM_ROUNDS {
            self.check();
            if let Some((id, told)) = self.world.running.first_key_value() {
                let (id, told) = (*id, *told);
                let event = match told {
                    true => World::stop_answer(0),
                    false => World::whole_body(),
                };
                self.world.end_transfer(id, event);
                self.world.drive();
            } else if let Some(id) = self.world.filing.first().copied() {
                self.world.file(id, Ok(()));
            } else if let Some(wait) = self.world.timeout_ms() {
                self.world.advance(wait);
            } else {
                return self.check_the_end();
            }
        }
        panic!("it does not come to an end");
    }
}
