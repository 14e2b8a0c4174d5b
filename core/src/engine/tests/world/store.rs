//! The store's promises without a store: rows in a map, and the claims that `store::claim` makes.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Moment;
use crate::engine::policy::LaunchLimiter;
use crate::store::{Change, Claim, ClaimRequest, Hold, Outcome, Phase, TaskRow};
use crate::task_id::TaskId;

/// As many rows past their deadline come with one claim, besides those that it was asked for.
const EXPIRED_LIMIT: usize = 64;
/// And as many that come after one that failed.
const DOOMED_LIMIT: usize = 64;

/// What is left of a deadline after a reboot; the time to relax keeps its distance from it.
fn recount(row: &mut TaskRow, opened: Moment) {
    if let Some(deadline) = &mut row.deadline {
        let left_ms = (deadline.wall_ms - opened.wall_ms).clamp(0, deadline.delay_ms);
        let moved = opened.uptime_ms + left_ms - deadline.due_ms;
        deadline.due_ms += moved;
        row.relax_ms = row.relax_ms.map(|at| at + moved);
    }
}

/// What is durable: it outlives every engine.
#[derive(Default)]
pub(crate) struct ModelStore {
    rows: BTreeMap<TaskId, Row>,
    /// Ready rows in the order of rule P3.
    ready: BTreeSet<(i64, i64, TaskId)>,
    /// Held rows by the uptime at which they are due.
    held: BTreeSet<(i64, TaskId)>,
    /// Uptimes at which rows must be looked at that are neither claimed nor ended.
    checks: BTreeSet<(i64, TaskId)>,
    /// Rows that come after others, not ended.
    pub(super) followers: BTreeSet<TaskId>,
    /// How many ready rows have which needs.
    lanes: BTreeMap<i64, usize>,
    /// The launch limiter as it was saved.
    pub limiter: LaunchLimiter,
    /// Rows that must end because of another, neither claimed nor ended.
    doomed: BTreeSet<TaskId>,
    /// When the present process opened it.
    opened: Option<Moment>,
    /// Ends, in the order in which they were written (rule D4).
    pub journal: Vec<(TaskId, Outcome)>,
    pub claims: usize,
    pub commits: usize,
}

pub(super) struct Row {
    pub row: TaskRow,
    /// Where a claimed row goes when its owner dies.
    lease_from: Phase,
}

impl ModelStore {
    pub fn get(&self, id: TaskId) -> &TaskRow {
        &self.rows[&id].row
    }

    pub fn rows(&self) -> impl Iterator<Item = &TaskRow> {
        self.rows.values().map(|held| &held.row)
    }

    pub fn ends_of(&self, id: TaskId) -> usize {
        self.journal.iter().filter(|(task, _)| *task == id).count()
    }

    pub fn insert(&mut self, mut row: TaskRow) {
        self.look_ahead(&mut row);
        let lease_from = row.phase;
        self.put(Row { row, lease_from });
    }

    /// A process begins: what a dead one had claimed goes back where it came from (rule W5).
    pub fn open(&mut self, now: Moment) {
        let rebooted = self.opened.is_some_and(|last| last.boot != now.boot);
        self.opened = Some(now);
        // Due times count in this boot from now on.
        (self.ready, self.held, self.checks, self.doomed) = Default::default();
        (self.followers, self.lanes) = Default::default();
        for (_, mut row) in std::mem::take(&mut self.rows) {
            if rebooted {
                recount(&mut row.row, now);
            }
            if row.row.phase == Phase::Claimed {
                row.row.phase = row.lease_from;
            }
            self.put(row);
        }
    }

    pub fn claim(&mut self, request: &ClaimRequest) -> Claim {
        self.claims += 1;
        let now = request.now;
        let due = |index: &BTreeSet<(i64, TaskId)>, clock_ms: i64| -> Vec<TaskId> {
            let up_to = ..=(clock_ms, TaskId(i64::MAX));
            index.range(up_to).map(|(_, id)| *id).collect()
        };
        for id in due(&self.held, now.uptime_ms) {
            let mut row = self.take(id);
            (row.row.phase, row.row.hold) = (Phase::Ready, None);
            self.put(row);
        }
        let mut ids = due(&self.checks, now.uptime_ms);
        ids.truncate(EXPIRED_LIMIT);
        ids.extend(self.doomed.iter().take(DOOMED_LIMIT));
        let may_run = |id: &TaskId| {
            let row = &self.rows[id].row;
            row.needs & request.unmet_needs == 0 && !request.full_hosts.contains(&row.host)
        };
        let in_order = self.ready.iter().map(|(_, _, id)| *id);
        let mut first: Vec<TaskId> = in_order
            .filter(|id| may_run(id) && !ids.contains(id))
            .take(request.limit + 1)
            .collect();
        let more = first.len() > request.limit;
        first.truncate(request.limit);
        ids.append(&mut first);
        let lanes = self.lanes.iter().filter(|(_, count)| **count > 0);
        let blocked = lanes
            .map(|(needs, _)| *needs)
            .filter(|needs| needs & request.unmet_needs != 0)
            .collect();
        let rows = ids.into_iter().filter_map(|id| self.lease(id)).collect();
        Claim {
            rows,
            more,
            next_held: self.next_held(now),
            next_check_ms: self.next_check_ms(now),
            blocked,
        }
    }

    /// One row, unless it is claimed or has ended; with the phase that it had.
    pub fn lease(&mut self, id: TaskId) -> Option<TaskRow> {
        if self.get(id).phase as i64 >= Phase::Claimed as i64 {
            return None;
        }
        let mut row = self.take(id);
        let given = row.row.clone();
        row.lease_from = given.phase;
        row.row.phase = Phase::Claimed;
        self.put(row);
        Some(given)
    }

    /// Whether it moves others (rule L6).
    pub fn commit(&mut self, changes: &[Change]) -> bool {
        self.commits += 1;
        let mut moves_others = false;
        for change in changes {
            match change.clone() {
                Change::Save {
                    id,
                    phase,
                    hold,
                    needs,
                    deadline,
                    relax_ms,
                    record,
                } => {
                    assert_ne!(phase, Phase::Completed, "a task ends by Complete only");
                    let mut row = self.live(id);
                    let row_then = &mut row.row;
                    (row_then.phase, row_then.hold) = (phase, hold);
                    (row_then.needs, row_then.record) = (needs, record);
                    (row_then.deadline, row_then.relax_ms) = (deadline, relax_ms);
                    row.lease_from = match hold {
                        Some(_) => Phase::Held,
                        None => Phase::Ready,
                    };
                    if row.row.waits > 0 && phase == Phase::Ready {
                        row.row.phase = Phase::Held;
                    }
                    moves_others |= row.row.doomed.is_some();
                    self.put(row);
                }
                Change::Complete {
                    id,
                    record,
                    outcome,
                    ..
                } => {
                    let mut row = self.live(id);
                    (row.row.phase, row.row.hold, row.row.record) =
                        (Phase::Completed, None, record);
                    self.put(row);
                    moves_others |= self.settle(id, &outcome);
                    self.journal.push((id, *outcome));
                }
                Change::SaveLimiter(limiter) => self.limiter = limiter,
            }
        }
        moves_others
    }

    pub fn next_due_ms(&self, now: Moment) -> Option<i64> {
        let held = self.next_held(now).map(|(ms, _)| ms);
        let doomed = (!self.doomed.is_empty()).then_some(0);
        let all = held
            .into_iter()
            .chain(self.next_check_ms(now))
            .chain(doomed);
        all.min()
    }

    fn next_check_ms(&self, now: Moment) -> Option<i64> {
        let (due, _) = self.checks.first()?;
        Some((due - now.uptime_ms).max(0))
    }

    fn next_held(&self, now: Moment) -> Option<(i64, i64)> {
        let (due, id) = self.held.first()?;
        Some(((due - now.uptime_ms).max(0), self.get(*id).needs))
    }

    /// A row that a commit may change: the engine owns it.
    fn live(&mut self, id: TaskId) -> Row {
        let phase = self.get(id).phase;
        assert_eq!(phase, Phase::Claimed, "task {id} was changed but not owned");
        self.take(id)
    }

    pub(super) fn take(&mut self, id: TaskId) -> Row {
        let row = self.rows.remove(&id).unwrap();
        self.index(&row, false);
        row
    }

    pub(super) fn put(&mut self, row: Row) {
        self.index(&row, true);
        self.rows.insert(row.row.id, row);
    }

    fn index(&mut self, row: &Row, add: bool) {
        fn set<T: Ord>(index: &mut BTreeSet<T>, key: T, add: bool) {
            if add {
                index.insert(key);
            } else {
                index.remove(&key);
            }
        }
        let row = &row.row;
        let deadline = row.deadline.map_or(i64::MAX, |end| end.wall_ms);
        if row.phase == Phase::Ready {
            set(&mut self.ready, (row.rank, deadline, row.id), add);
            let lane = self.lanes.entry(row.needs).or_default();
            *lane = if add { *lane + 1 } else { *lane - 1 };
        }
        if row.phase == Phase::Held && row.waits == 0 {
            let due = row.hold.map_or(i64::MIN, |hold| self.due_ms(&hold));
            set(&mut self.held, (due, row.id), add);
        }
        let ends = row.deadline.map(|end| end.due_ms);
        let check = ends.into_iter().chain(row.relax_ms).min();
        if let Some(check) = check.filter(|_| (row.phase as i64) < Phase::Claimed as i64) {
            set(&mut self.checks, (check, row.id), add);
        }
        if !row.after.is_empty() && row.phase != Phase::Completed {
            set(&mut self.followers, row.id, add);
        }
        if row.doomed.is_some() && (row.phase as i64) < Phase::Claimed as i64 {
            set(&mut self.doomed, row.id, add);
        }
    }

    /// A hold of an earlier boot is measured by what was left of it at the open (rule P7).
    fn due_ms(&self, hold: &Hold) -> i64 {
        match self.opened {
            Some(opened) if opened.boot != hold.set.boot => {
                opened.uptime_ms + hold.remaining_ms(opened)
            }
            _ => hold.until().uptime_ms,
        }
    }
}
