//! Stories about the store, on real files. Time is a value here, so nothing waits.

mod claiming;
mod crashes;
mod damage;
mod dependencies;
mod dependencies_many;
mod ending;
mod enqueuing;
mod holds;
mod launch;
mod plans;
mod recovery;
mod sharing;
mod speed;

use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::request::{CONTAINER_BASE, RequestOptions};
use crate::task_id::TaskId;
use crate::task_state::{TaskMetrics, WaitReason};

impl Claim {
    /// How long until something outside the window is due.
    pub(super) fn next_due_ms(&self) -> Option<i64> {
        let held = self.next_held.map(|(ms, _)| ms);
        held.into_iter().chain(self.next_check_ms).min()
    }
}

impl Store {
    /// Arrives when everything that was asked for earlier is durable.
    pub(super) fn flush(&self) -> Reply<()> {
        self.request(Pace::Grouped, |_| Ok(()))
    }

    /// What a claim at this moment would say of the time to come.
    pub(super) fn next_due_ms(&self, session: SessionKey, now: Moment) -> Reply<Option<i64>> {
        self.request(Pace::Grouped, move |db| {
            let held = claim::next_held(db, session, now)?.map(|(ms, _)| ms);
            let check = claim::next_check_ms(db, session, now)?;
            Ok(held.into_iter().chain(check).min())
        })
    }

    pub(super) fn session_names(&self) -> Reply<Vec<String>> {
        self.request(Pace::Grouped, sessions::names)
    }
}

pub(super) const BOOT: i64 = 7;
pub(super) const DAY_MS: i64 = 24 * 60 * 60 * 1000;
pub(super) const START: Moment = Moment {
    wall_ms: 1_000_000,
    uptime_ms: 5_000,
    boot: BOOT,
};

/// A container with a store and one session.
pub(super) struct Room {
    pub store: Store,
    pub session: SessionKey,
    pub folder: TempDir,
}

impl Room {
    pub fn new() -> Room {
        let folder = tempfile::tempdir().unwrap();
        let (store, session) = open(folder.path(), START);
        Room {
            store,
            session,
            folder,
        }
    }

    /// The app ends and starts again.
    pub fn reopened(self, now: Moment) -> Room {
        drop(self.store);
        let (store, session) = open(self.folder.path(), now);
        Room {
            store,
            session,
            folder: self.folder,
        }
    }

    pub fn container(&self) -> &Path {
        self.folder.path()
    }

    pub fn enqueue(&self, tasks: Vec<NewTask>) -> Vec<TaskId> {
        let enqueued = self
            .store
            .enqueue(self.session, &mut tasks.into_iter().map(Ok))
            .unwrap();
        enqueued.into_iter().map(|task| task.id).collect()
    }

    pub fn claim(&self, now: Moment, limit: usize) -> Claim {
        self.claim_except(now, limit, &[], 0)
    }

    pub fn claim_except(&self, now: Moment, limit: usize, full: &[&str], unmet: i64) -> Claim {
        let request = ClaimRequest {
            now,
            limit,
            full_hosts: full.iter().map(|host| (*host).to_owned()).collect(),
            unmet_needs: unmet,
        };
        self.store.claim(self.session, request).wait().unwrap()
    }

    pub fn commit(&self, changes: Vec<Change>) -> Result<Committed> {
        self.store.commit(self.session, changes).wait()
    }

    pub fn task(&self, id: TaskId) -> Option<TaskRow> {
        self.store.task(self.session, id).wait().unwrap()
    }

    pub fn counts(&self) -> Counts {
        self.store.counts(self.session).wait().unwrap()
    }

    pub fn journal(&self, pending_only: bool) -> Vec<JournalRow> {
        self.store
            .journal_after(self.session, 0, 1_000, pending_only)
            .wait()
            .unwrap()
    }

    pub fn sql(&self, work: impl FnOnce(&Connection) -> SqlResult<()> + Send + 'static) {
        self.store.request(Pace::Grouped, work).wait().unwrap();
    }
}

fn open(container: &Path, now: Moment) -> (Store, SessionKey) {
    let (store, recovery) = Store::open(container, now).unwrap();
    assert_eq!(recovery, None);
    let session = store.open_session("main", now).unwrap();
    (store, session)
}

/// A ready task; `name` is its path and part of its URL.
pub(super) fn ready(name: &str) -> NewTask {
    NewTask {
        url: format!("https://host/{name}"),
        host: "host:443".into(),
        base: CONTAINER_BASE.into(),
        path: name.into(),
        caller_id: None,
        metadata: None,
        options: RequestOptions::default(),
        needs: 1,
        phase: Phase::Ready,
        hold: None,
        rank: 0,
        deadline: Some(Deadline::after(START, 7 * DAY_MS)),
        relax_ms: None,
        started_in_background: false,
        created: START,
        after: Vec::new(),
    }
}

pub(super) fn held(name: &str, set: Moment, delay_ms: i64) -> NewTask {
    NewTask {
        phase: Phase::Held,
        hold: Some(hold(set, delay_ms)),
        ..ready(name)
    }
}

pub(super) fn hold(set: Moment, delay_ms: i64) -> Hold {
    Hold {
        reason: WaitReason::RetryAfter,
        set,
        delay_ms,
    }
}

pub(super) fn record(since_ms: i64) -> Record {
    Record {
        since_ms,
        ..Record::default()
    }
}

pub(super) fn save(id: TaskId, phase: Phase, hold: Option<Hold>) -> Change {
    Change::Save {
        id,
        phase,
        hold,
        needs: 1,
        deadline: None,
        relax_ms: None,
        record: record(START.wall_ms),
    }
}

pub(super) fn complete(id: TaskId, at_ms: i64) -> Change {
    Change::Complete {
        id,
        record: record(at_ms),
        outcome: Box::new(outcome(1)),
        part_is_gone: true,
        keeps_part: false,
    }
}

pub(super) fn outcome(len: u64) -> Outcome {
    Outcome {
        result: Ok(Finished {
            len,
            response: None,
            validator_weak: false,
            length_unverified: false,
        }),
        metrics: TaskMetrics::default(),
    }
}

pub(super) fn paths(claim: &Claim) -> Vec<&str> {
    claim.rows.iter().map(|row| row.path.as_str()).collect()
}
