//! Which tasks come into the window, and which of those start (rules P3, P6, P9).

use crate::clock::Moment;
use crate::engine::Engine;
use crate::engine::effect::Effect;
use crate::engine::policy::Needs;
use crate::engine::task::{Stage, StartTransfer, StopFor, Task};
use crate::engine::window::WINDOW_LIMIT;
use crate::error::Error;
use crate::store::{Claim, ClaimRequest, Phase, TaskRow};
use crate::task_id::TaskId;
use crate::task_state::WaitReason;
use crate::transport::TransferId;

/// The smallest window: enough to hide the commit of a claim behind small files.
const WINDOW_FLOOR: usize = 128;

/// Pages in order fill the window up to here. The rest is for hosts that would otherwise wait behind
/// full ones.
const PAGES_LIMIT: usize = WINDOW_LIMIT - WINDOW_FLOOR;

/// The most files that are being made durable at a time: each holds a descriptor open.
const FINISHING_LIMIT: usize = 256;

/// What is known of the rows that are not in the window.
#[derive(Debug, Default)]
pub(super) struct ClaimState {
    /// The claim under way.
    asked: Option<Asked>,
    /// Nothing more can be claimed until something changes.
    exhausted: bool,
    /// Rows may have come that are more urgent than those that are queued here.
    dirty: bool,
    /// Nothing more can be claimed while all of these hosts are full: a claim has looked past them.
    exhausted_but_for: Vec<String>,
    /// When the next held row is due, and what it needs.
    held: Option<(Moment, Needs)>,
    /// When a row that is not in the window must be looked at: its needs relax, or its deadline passes.
    check: Option<Moment>,
    /// What rows need that are ready and may not run.
    blocked: Vec<Needs>,
    /// A platform's service has not yet said what it holds: a row claimed now could be one whose
    /// transfer goes on there, and would be started twice (rule W5).
    awaits_list: bool,
}

/// A claim that the store has not answered.
#[derive(Debug)]
struct Asked {
    at: Moment,
    /// The hosts that it looks past.
    past: Vec<String>,
}

impl ClaimState {
    pub fn new(awaits_list: bool) -> ClaimState {
        ClaimState {
            awaits_list,
            ..ClaimState::default()
        }
    }

    pub fn listed(&mut self) {
        self.awaits_list = false;
        self.more_ready();
    }

    /// Rows may have become claimable.
    pub fn more_ready(&mut self) {
        self.exhausted = false;
        self.exhausted_but_for.clear();
        self.dirty = true;
    }

    pub fn next_due(&self) -> Option<Moment> {
        let held = self.held.map(|(due, _)| due);
        let both = held.into_iter().chain(self.check);
        both.min_by_key(|due| due.uptime_ms)
            .filter(|_| !self.is_asking())
    }

    pub fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    pub fn held(&self) -> Option<(Moment, Needs)> {
        self.held
    }

    pub fn check(&self) -> Option<Moment> {
        self.check
    }

    pub fn blocked(&self) -> &[Needs] {
        &self.blocked
    }

    pub fn tick(&mut self, now: Moment) {
        let is_due = |due: &Moment| now.until_ms(*due) == 0;
        let held = self.held.take_if(|(due, _)| is_due(due)).is_some();
        let check = self.check.take_if(|due| is_due(due)).is_some();
        if held || check {
            self.more_ready();
        }
    }

    /// A held row outside the window will be due then.
    pub fn held_until(&mut self, now: Moment, moment: Moment, needs: Needs) {
        let sooner = |(old, _): (Moment, Needs)| now.until_ms(old) <= now.until_ms(moment);
        if !self.held.is_some_and(sooner) {
            self.held = Some((moment, needs));
        }
    }

    /// A row outside the window must be looked at then.
    pub fn check_at(&mut self, now: Moment, moment: Moment) {
        let sooner = |old: Moment| now.until_ms(old) <= now.until_ms(moment);
        if !self.check.is_some_and(sooner) {
            self.check = Some(moment);
        }
    }
}

impl Engine {
    /// Starts what may start, and claims more when the window runs low.
    pub(super) fn advance(&mut self, now: Moment) {
        if self.stopping {
            return;
        }
        self.start_queued(now);
        self.claim_more(now);
    }

    fn start_queued(&mut self, now: Moment) {
        while self.window.transferring() < self.config.max_concurrent_transfers
            && self.window.finishing() < FINISHING_LIMIT
        {
            let has_room = |task: &&Task| self.full(&task.row).is_none();
            let Some(id) = self.window.queued().find(has_room).map(|task| task.row.id) else {
                break;
            };
            self.start(now, id);
        }
    }

    /// The limit that keeps a task waiting, beside that of the session.
    pub(super) fn full(&self, row: &TaskRow) -> Option<WaitReason> {
        let to_host = self.window.transferring_to(&row.host);
        if to_host >= self.config.max_connections_per_host {
            return Some(WaitReason::HostLimit);
        }
        let (limit, group) = (
            self.config.max_transfers_per_group?,
            row.options.group.as_ref()?,
        );
        let is_full = self.window.transferring_in(group) >= limit;
        is_full.then_some(WaitReason::GroupLimit)
    }

    fn start(&mut self, now: Moment, id: TaskId) {
        let Some(task) = self.window.get_mut(id) else {
            return;
        };
        task.row.record.attempt_count = task.row.record.attempt_count.saturating_add(1);
        task.row.record.since_ms = now.wall_ms;
        task.last_reason = None;
        task.pace.told = task.row.record.received;
        task.pace.told_at_ms = now.uptime_ms;
        let transfer = TransferId {
            task: id,
            attempt: task.row.record.attempt_count,
        };
        let start = Effect::Start(Box::new(StartTransfer {
            id: transfer,
            row: std::sync::Arc::new(task.row.clone()),
        }));
        let record_first = self
            .config
            .outlives_process
            .then(|| crate::store::Change::Save {
                id,
                phase: Phase::Claimed,
                hold: None,
                needs: task.row.needs,
                deadline: task.row.deadline,
                relax_ms: task.row.relax_ms,
                record: task.row.record.clone(),
            });
        let stage = Stage::Transferring {
            attempt: transfer.attempt,
            began: now,
            stop: None,
        };
        self.window.set_stage(id, stage);
        // The claim is on record already. A service that outlives us also needs its attempt there.
        self.effects.push_back(match record_first {
            Some(change) => Effect::Commit {
                changes: vec![change],
                then: vec![start],
            },
            None => start,
        });
    }

    fn window_size(&self) -> usize {
        let wanted = self.config.max_concurrent_transfers.saturating_mul(4);
        wanted.clamp(WINDOW_FLOOR, WINDOW_LIMIT / 2)
    }

    fn claim_more(&mut self, now: Moment) {
        if self.claims.asked.is_some() || self.claims.awaits_list {
            return;
        }
        let Some((limit, full_hosts)) = self.next_page().or_else(|| self.page_for_idle_places())
        else {
            return;
        };
        // The answer names the next moment; what comes due meanwhile is noted beside it.
        (self.claims.held, self.claims.check) = (None, None);
        self.claims.asked = Some(Asked {
            at: now,
            past: full_hosts.clone(),
        });
        self.effects.push_back(Effect::Claim(ClaimRequest {
            now,
            limit,
            full_hosts,
            unmet_needs: self.unmet.bits(),
        }));
    }

    /// The next rows in order: when the queue here runs low, or when newcomers may belong before it.
    fn next_page(&mut self) -> Option<(usize, Vec<String>)> {
        let size = self.window_size();
        let low = self.window.queued_len() <= size / 4;
        let room = PAGES_LIMIT.saturating_sub(self.window.len());
        let wanted = self.claims.dirty || (low && !self.claims.exhausted);
        if !wanted || room == 0 {
            return None;
        }
        self.claims.dirty = false;
        Some((room.min(size / 2), Vec::new()))
    }

    /// What is queued here may all be for hosts that are full: then others must not wait behind it.
    fn page_for_idle_places(&mut self) -> Option<(usize, Vec<String>)> {
        let per_host = self.config.max_connections_per_host;
        let has_idle_places = self.window.transferring() < self.config.max_concurrent_transfers
            && self.window.finishing() < FINISHING_LIMIT;
        // No more than one host can use: that host is full then, and is looked past next time.
        let limit = WINDOW_LIMIT
            .saturating_sub(self.window.len())
            .min(self.window_size() / 2)
            .min(per_host);
        if !has_idle_places || limit == 0 || self.claims.exhausted {
            return None;
        }
        let full = self.window.full_hosts(per_host);
        let but_for = &self.claims.exhausted_but_for;
        if !but_for.is_empty() && but_for.iter().all(|host| full.contains(host)) {
            return None;
        }
        Some((limit, full))
    }

    pub(super) fn claimed(&mut self, now: Moment, claim: Claim) {
        let asked = self.claims.asked.take();
        let (at, past) = asked.map_or((now, Vec::new()), |asked| (asked.at, asked.past));
        let is_all = !claim.more && !self.claims.dirty;
        self.claims.exhausted = is_all && past.is_empty();
        self.claims.exhausted_but_for = if is_all { past } else { Vec::new() };
        let blocked = claim.blocked.into_iter().map(Needs::from_bits);
        self.claims.blocked = blocked.collect();
        if let Some((ms, needs)) = claim.next_held {
            let needs = Needs::from_bits(needs);
            self.claims.held_until(now, at.plus_ms(ms), needs);
        }
        if let Some(ms) = claim.next_check_ms {
            self.claims.check_at(now, at.plus_ms(ms));
        }
        for row in claim.rows {
            self.admit(now, row);
        }
    }

    fn admit(&mut self, now: Moment, mut row: TaskRow) {
        let (id, phase) = (row.id, row.phase);
        if self.window.get(id).is_some() {
            return;
        }
        let needs = Needs::from_bits(row.needs);
        let blocked = needs.blocked_by(self.unmet);
        // Let through by the launch limiter once, it is not asked again.
        if blocked.is_none() {
            row.needs = needs.without(Needs::RATE).bits();
        }
        let stage = match phase {
            Phase::Ready => Stage::Queued,
            phase => Stage::Parked { phase },
        };
        let task = Task::new(row, stage, now);
        let (hold, relaxes) = (task.row.hold, task.is_relaxing(now));
        let overdue = task
            .deadline
            .is_some_and(|deadline| now.until_ms(deadline) == 0);
        self.window.insert(task);
        if self.end_if_doomed(now, id) {
            return;
        }
        if overdue {
            self.wind_down(now, id, StopFor::Deadline);
        } else if relaxes || phase != Phase::Ready {
            // Only that brought it. It goes back, and comes again in its turn (rules P3, P4).
            if relaxes {
                self.decide_again(now, id);
            }
            self.release(now, id, phase, hold, Vec::new());
        } else if let Some(reason) = blocked {
            self.hold_back(now, id, reason);
        } else if self.stopping {
            self.wind_down(now, id, StopFor::Shutdown);
        }
    }

    /// Rows that were loaded for a command.
    pub(super) fn loaded(&mut self, now: Moment, rows: Vec<TaskRow>) {
        for row in rows {
            if self.window.get(row.id).is_none() {
                let phase = row.phase;
                self.window
                    .insert(Task::new(row, Stage::Parked { phase }, now));
            }
        }
    }

    /// The system ended this task while no process of ours could say so.
    pub(super) fn ended(&mut self, now: Moment, row: TaskRow, error: Error) {
        let (id, phase) = (row.id, row.phase);
        if self.window.get(id).is_none() {
            self.window
                .insert(Task::new(row, Stage::Parked { phase }, now));
            self.fail(now, id, error, true);
        }
    }

    /// A transfer that went on without us is ours again, under the attempt it was started with. One
    /// of another attempt, or of a task that waits, is stopped, and the row goes back.
    pub(super) fn adopted(&mut self, now: Moment, row: TaskRow, transfer: TransferId) {
        let id = row.id;
        if self.window.get(id).is_some() {
            return;
        }
        let (phase, hold) = (row.phase, row.hold);
        if phase != Phase::Ready || row.record.attempt_count != transfer.attempt {
            log::warn!("transfer {transfer} of the system's service is not the task's: stopped");
            self.effects.push_back(Effect::Stop(transfer));
            let parked = Task::new(row, Stage::Parked { phase }, now);
            self.window.insert(parked);
            return self.release(now, id, phase, hold, Vec::new());
        }
        let blocked = Needs::from_bits(row.needs).blocked_by(self.unmet);
        let stage = Stage::Transferring {
            attempt: transfer.attempt,
            began: now,
            stop: None,
        };
        self.window.insert(Task::new(row, stage, now));
        if let Some(reason) = blocked {
            self.hold_back(now, id, reason);
        }
    }
}
