//! What a launch asks the store before its sessions are open: which there are, what the process before
//! this one had in hand, when it was woken (rules W5, W6, P8).

use rusqlite::{Connection, OptionalExtension, params};

use super::columns::{json, text};
use super::fault::SqlResult;
use super::writer::Pace;
use super::{Reply, Store};
use crate::clock::Moment;
use crate::task_id::TaskId;

/// Where the last wakes lie in the table of single values.
const WAKES: &str = "wakes";

// The phases one by one: a partial index is used only when its condition is there literally.
const UNFINISHED: &str = "SELECT identifier FROM session WHERE \
     EXISTS (SELECT 1 FROM task WHERE session = key AND phase = 0) \
     OR EXISTS (SELECT 1 FROM task WHERE session = key AND phase = 1) \
     OR EXISTS (SELECT 1 FROM task WHERE session = key AND phase = 2) \
     OR EXISTS (SELECT 1 FROM task WHERE session = key AND phase = 3) \
     OR EXISTS (SELECT 1 FROM journal WHERE session = key AND acknowledged = 0) \
     OR (?1 AND NOT EXISTS (SELECT 1 FROM meta WHERE name = 'searched/' || key)) \
     ORDER BY key";

const IN_HAND: &str = "SELECT task.id FROM task JOIN session ON session.key = task.session \
     WHERE session.identifier = ?1 AND phase = 3 AND lease_from = 1 \
     AND (NOT ?2 OR json_extract(record, '$.attempt_count') > 0) ORDER BY task.id";

impl Store {
    /// The identifiers of sessions with tasks that have not ended, or ends that were not told; after a
    /// recovery also of those that have not yet looked for tasks that are lost (rule D6).
    pub fn unfinished_sessions(&self) -> Reply<Vec<String>> {
        let is_recovered = self.lost_up_to().is_some();
        self.request(Pace::Grouped, move |db| {
            let mut names = db.prepare_cached(UNFINISHED)?;
            let rows = names.query_map([is_recovered], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The tasks that the last owner of this session took from the queue and had not given back.
    /// To be asked before the session is opened. `started` leaves out those that no attempt is on
    /// record of. As many as fit the memory of that owner.
    pub fn tasks_in_hand(&self, identifier: &str, started: bool) -> Reply<Vec<TaskId>> {
        let identifier = identifier.to_owned();
        self.request(Pace::Grouped, move |db| {
            let mut in_hand = db.prepare_cached(IN_HAND)?;
            let rows =
                in_hand.query_map(params![identifier, started], |row| row.get(0).map(TaskId))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The last wakes, as [`Store::remember_wakes`] left them.
    pub fn wakes(&self) -> Reply<Vec<Moment>> {
        self.request(Pace::Grouped, |db| Ok(wakes(db)?.unwrap_or_default()))
    }

    /// Keeps the last wakes for the processes to come.
    pub fn remember_wakes(&self, wakes: Vec<Moment>) -> Reply<()> {
        self.request(Pace::Grouped, move |db| {
            db.prepare_cached(
                "INSERT INTO meta (name, value) VALUES (?1, ?2) \
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )?
            .execute(params![WAKES, text(&wakes)?])?;
            Ok(())
        })
    }
}

fn wakes(db: &Connection) -> SqlResult<Option<Vec<Moment>>> {
    let found = db
        .prepare_cached("SELECT value FROM meta WHERE name = ?1")?
        .query_row([WAKES], |row| Ok(json(row, 0)))
        .optional()?;
    Ok(found.transpose()?.flatten())
}
