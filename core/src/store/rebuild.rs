//! Tasks that only their sidecars still knew come back, when their session opens (rule D6).
//!
//! A session looks for them in each base directory that it names, once: a base that it does not name
//! yet, or that could not be read, is looked into when a later open can. What is already there, by its
//! id, its caller id or its destination, is never made twice; so a kill at any point costs nothing, and
//! the next open does it again.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::columns::text;
use super::fault::{Fault, SqlResult};
use super::places::PlaceList;
use super::recover::{self, Recovery};
use super::rows::{NewTask, PartRow, Phase, Record, SessionKey};
use super::writer::Pace;
use super::{Reply, Store, dependency, enqueue, ledger, salvage};
use crate::clock::Moment;
use crate::error::ErrorKind;
use crate::task_id::TaskId;

/// What a sidecar brings back.
#[derive(Debug)]
pub(crate) enum Rebuilt {
    /// A task that has not ended.
    Task {
        id: TaskId,
        task: Box<NewTask>,
        record: Box<Record>,
    },
    /// Only a part file, which waits for somebody with resume data (rule L4).
    Part(PartRow),
}

impl Store {
    /// The list of directories with sidecars; none for a store that ends with the process.
    pub fn place_list(&self) -> Option<&Arc<PlaceList>> {
        self.inner.places.as_ref()
    }

    /// Up to which id tasks may have been lost; none if the store does not come from a recovery.
    pub fn lost_up_to(&self) -> Option<TaskId> {
        self.inner.note.as_ref().map(|note| TaskId(note.highest))
    }

    /// That recovery.
    pub fn recovery(&self) -> Option<Recovery> {
        let (container, _) = self.inner.place.as_ref()?;
        Some(self.inner.note.as_ref()?.recovery(container))
    }

    /// The app was told of it. As lazy as the acknowledgement of an end: told twice is allowed.
    pub fn acknowledge_recovery(&self) {
        drop(self.request(Pace::Lazy, recover::acknowledge));
    }

    pub(super) fn note_session(&self, session: SessionKey, identifier: &str) {
        let noted = match self.place_list() {
            Some(list) => list.note_session(session.0, identifier),
            None => Ok(()),
        };
        if let Err(error) = noted {
            log::warn!("session {identifier:?} could not be listed: {error}");
        }
    }

    /// The base directories in which the session has looked for its sidecars.
    pub fn searched_bases(&self, session: SessionKey) -> Reply<BTreeSet<String>> {
        self.request(Pace::Grouped, move |db| searched(db, session))
    }

    /// Puts back what is not there. Returns the tasks that were made.
    pub fn rebuild(
        &self,
        session: SessionKey,
        found: Vec<Rebuilt>,
        now: Moment,
    ) -> Reply<Vec<TaskId>> {
        let opened = self.opened();
        self.request(Pace::Grouped, move |db| {
            let mut made = Vec::new();
            for found in &found {
                match found {
                    Rebuilt::Part(part) => {
                        if !exists(db, part.task)? {
                            ledger::insert_kept(db, session, part, now)?;
                        }
                    }
                    Rebuilt::Task { id, task, record } => {
                        if put_back(db, session, *id, task, record, opened)? {
                            made.push(*id);
                        }
                    }
                }
            }
            Ok(made)
        })
    }

    /// The session has looked into these base directories, and will not look there again. What still
    /// waits for a task that did not come back ends (rule L6).
    pub fn note_searched(&self, session: SessionKey, bases: BTreeSet<String>) -> Reply<()> {
        self.request(Pace::Grouped, move |db| {
            let mut all = searched(db, session)?;
            all.extend(bases);
            db.execute(
                "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)",
                params![mark(session), text(&all)?],
            )?;
            settle_lost(db, session)
        })
    }
}

fn mark(session: SessionKey) -> String {
    format!("searched/{}", session.0)
}

fn searched(db: &Connection, session: SessionKey) -> SqlResult<BTreeSet<String>> {
    let value: Option<String> = db
        .query_row(
            "SELECT value FROM meta WHERE name = ?1",
            [mark(session)],
            |row| row.get(0),
        )
        .optional()?;
    match value {
        Some(text) => Ok(serde_json::from_str(&text)?),
        None => Ok(BTreeSet::new()),
    }
}

fn exists(db: &Connection, id: TaskId) -> SqlResult<bool> {
    let mut find = db.prepare_cached("SELECT 1 FROM task WHERE id = ?1")?;
    Ok(find.exists([id.0])?)
}

/// Makes a task again under its old id, which its part file carries. False if it is there, or another
/// has its place.
fn put_back(
    db: &Connection,
    session: SessionKey,
    id: TaskId,
    task: &NewTask,
    record: &Record,
    opened: Moment,
) -> SqlResult<bool> {
    if exists(db, id)? {
        return Ok(false);
    }
    let made = match enqueue::one(db, session, task, opened) {
        Ok(Some(made)) => made,
        Ok(None) => return Ok(false),
        Err(Fault::Typed(error)) if error.kind() == ErrorKind::DestinationInUse => {
            log::info!("task {id} is not made again: {error}");
            return Ok(false);
        }
        Err(fault) => return Err(fault),
    };
    db.prepare_cached("UPDATE task SET id = ?2, record = ?3 WHERE id = ?1")?
        .execute(params![made.0, id.0, text(record)?])?;
    Ok(true)
}

/// Settles what tasks wait for that is not there, or has ended and is not settled.
fn settle_lost(db: &Connection, session: SessionKey) -> SqlResult<()> {
    let mut find = db.prepare(
        "SELECT DISTINCT dependency.waits_for, ahead.id IS NULL FROM dependency \
         JOIN task ON task.id = dependency.task AND task.session = ?1 \
         LEFT JOIN task AS ahead ON ahead.id = dependency.waits_for \
         WHERE (ahead.id IS NULL OR ahead.phase = ?2) \
         AND dependency.waits_for NOT IN (SELECT task FROM settled)",
    )?;
    let unsettled: Vec<(i64, bool)> = find
        .query_map(params![session.0, Phase::Completed as i64], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut settle =
        db.prepare("INSERT OR IGNORE INTO settled (task, session, doom) VALUES (?1, ?2, ?3)")?;
    for (id, is_lost) in unsettled {
        let doom = match is_lost {
            true => Some(salvage::lost(TaskId(id))),
            false => dependency::doom_of_ended(db, TaskId(id))?,
        };
        settle.execute(params![id, session.0, doom.as_ref().map(text).transpose()?])?;
    }
    Ok(())
}
