//! Enqueuing: any number of tasks in one transaction (rule D1).
//!
//! The rows are streamed to the store's thread, so memory does not grow with their number. It is
//! all or nothing: any error leaves the store as it was.

use std::sync::mpsc::{self, Receiver, SyncSender};

use rusqlite::{CachedStatement, Connection, ErrorCode, OptionalExtension, params};

use super::columns::{check_column, deadline_column, due_ms, text, text_unless_default};
use super::fault::{self, Fault, SqlResult};
use super::rows::{EnqueuedTask, NewTask, Phase, Record, SessionKey};
use super::writer::Pace;
use super::{Reply, Store, dependency};
use crate::clock::Moment;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::redact;
use crate::task_id::TaskId;

/// Rows that travel together.
const CHUNK_ROWS: usize = 256;
/// Chunks under way: one is written while the next is filled.
const CHUNKS_UNDER_WAY: usize = 2;

/// The caller's side of a stream of rows.
enum Piece {
    Rows(Vec<NewTask>),
    /// Only after this are the rows wanted: without it the caller has failed.
    End,
}

impl Store {
    /// Writes `tasks` in one transaction and returns once that is durable, with an answer for each
    /// task in order. Blocks the thread; `tasks` is iterated on it and must not use this store.
    ///
    /// # Errors
    /// The first error that `tasks` yields; [`ErrorKind::DestinationInUse`] when a task that has
    /// not ended, or an earlier one of this call, has the same destination; errors of the store.
    /// Then nothing was written.
    pub fn enqueue(
        &self,
        session: SessionKey,
        tasks: &mut dyn Iterator<Item = Result<NewTask>>,
    ) -> Result<Vec<EnqueuedTask>> {
        let first = match self.is_inline() {
            // Nobody could take the pieces while they are sent.
            true => tasks.collect::<Result<_>>()?,
            false => chunk(tasks)?,
        };
        let opened = self.opened();
        if first.len() < CHUNK_ROWS || self.is_inline() {
            let write = move |db: &Connection| {
                let mut rows = Rows::new(db, session, opened)?;
                rows.insert_all(&first)?;
                Ok(rows.done)
            };
            return self.request(Pace::Grouped, write).wait();
        }
        let (pieces, inbox) = mpsc::sync_channel(CHUNKS_UNDER_WAY);
        let reply = self.request(Pace::Alone, move |db| {
            let mut rows = Rows::new(db, session, opened)?;
            rows.insert_stream(&inbox)?;
            Ok(rows.done)
        });
        feed(pieces, first, tasks, reply)
    }
}

/// Sends the pieces until there are no more or the other side stops listening.
fn feed(
    pieces: SyncSender<Piece>,
    first: Vec<NewTask>,
    tasks: &mut dyn Iterator<Item = Result<NewTask>>,
    reply: Reply<Vec<EnqueuedTask>>,
) -> Result<Vec<EnqueuedTask>> {
    let mut next = first;
    while !next.is_empty() {
        if pieces.send(Piece::Rows(next)).is_err() {
            return reply.wait();
        }
        next = match chunk(tasks) {
            Ok(rows) => rows,
            Err(error) => {
                drop(pieces);
                // Not before the rows are out of the store again.
                let _ = reply.wait();
                return Err(error);
            }
        };
    }
    let _ = pieces.send(Piece::End);
    reply.wait()
}

fn chunk(tasks: &mut dyn Iterator<Item = Result<NewTask>>) -> Result<Vec<NewTask>> {
    tasks.take(CHUNK_ROWS).collect()
}

/// Inserts one row; none if the session has a task with its caller id (rule L5).
pub(super) fn one(
    db: &Connection,
    session: SessionKey,
    task: &NewTask,
    opened: Moment,
) -> SqlResult<Option<TaskId>> {
    let mut rows = Rows::new(db, session, opened)?;
    match rows.existing(task)? {
        Some(_) => Ok(None),
        None => rows.insert(task).map(Some),
    }
}

/// What is on record of a new task; of most, nothing.
fn first_record(task: &NewTask) -> Option<Record> {
    task.started_in_background.then(|| Record {
        since_ms: task.created.wall_ms,
        started_in_background: true,
        ..Record::default()
    })
}

/// Rows on their way into the open transaction.
struct Rows<'db> {
    db: &'db Connection,
    insert: CachedStatement<'db>,
    by_caller_id: CachedStatement<'db>,
    session: SessionKey,
    opened: Moment,
    /// The smallest id that this call made.
    first_new: Option<i64>,
    done: Vec<EnqueuedTask>,
}

impl<'db> Rows<'db> {
    fn new(db: &'db Connection, session: SessionKey, opened: Moment) -> SqlResult<Rows<'db>> {
        Ok(Rows {
            db,
            insert: db.prepare_cached(
                "INSERT INTO task (session, phase, needs, rank, deadline_ms, created_ms, host, \
                 base, path, url, caller_id, metadata, options, hold, due_ms, timeout_ms, \
                 deadline_due_ms, check_ms, record, waits, doomed) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, \
                 ?17, ?18, ?19, ?20, ?21)",
            )?,
            by_caller_id: db
                .prepare_cached("SELECT id FROM task WHERE session = ?1 AND caller_id = ?2")?,
            session,
            opened,
            first_new: None,
            done: Vec::new(),
        })
    }

    fn insert_stream(&mut self, inbox: &Receiver<Piece>) -> SqlResult<()> {
        loop {
            match inbox.recv() {
                Ok(Piece::Rows(tasks)) => self.insert_all(&tasks)?,
                Ok(Piece::End) => return Ok(()),
                // The caller has its own error and waits only for the end of this one.
                Err(_) => return Err(Fault::Typed(fault::closed())),
            }
        }
    }

    fn insert_all(&mut self, tasks: &[NewTask]) -> SqlResult<()> {
        self.done.reserve(tasks.len());
        for task in tasks {
            let enqueued = match self.existing(task)? {
                Some(id) => EnqueuedTask { id, existed: true },
                None => EnqueuedTask {
                    id: self.insert(task)?,
                    existed: false,
                },
            };
            self.done.push(enqueued);
        }
        Ok(())
    }

    /// The task that already has this caller id, whatever became of it (rule L5).
    fn existing(&mut self, task: &NewTask) -> SqlResult<Option<TaskId>> {
        let Some(caller_id) = &task.caller_id else {
            return Ok(None);
        };
        let id = self
            .by_caller_id
            .query_row(params![self.session.0, caller_id], |row| row.get(0))
            .optional()?;
        Ok(id.map(TaskId))
    }

    fn insert(&mut self, task: &NewTask) -> SqlResult<TaskId> {
        if matches!(task.phase, Phase::Claimed | Phase::Completed) {
            return Err(Fault::Typed(Error::new(
                ErrorKind::InvalidRequest,
                "a new task is suspended, ready or held",
            )));
        }
        let ahead = dependency::ahead(self.db, self.session, &task.after, &self.done)?;
        let phase = match task.phase {
            Phase::Ready if ahead.waits() > 0 => Phase::Held,
            phase => phase,
        };
        // A row that is held for no reason would never come out.
        let due = (phase == Phase::Held && ahead.waits() == 0).then(|| {
            task.hold
                .map_or(i64::MIN, |hold| due_ms(&hold, self.opened))
        });
        let inserted = self.insert.execute(params![
            self.session.0,
            phase as i64,
            task.needs,
            task.rank,
            deadline_column(task.deadline),
            task.created.wall_ms,
            task.host,
            task.base,
            task.path,
            task.url,
            task.caller_id,
            task.metadata,
            text_unless_default(&task.options)?,
            task.hold.map(|hold| text(&hold)).transpose()?,
            due,
            task.deadline.map(|deadline| deadline.delay_ms),
            task.deadline.map(|deadline| deadline.due_ms),
            check_column(task.deadline, task.relax_ms),
            first_record(task).map(|record| text(&record)).transpose()?,
            ahead.waits(),
            ahead.doom.as_ref().map(text).transpose()?,
        ]);
        match inserted {
            Ok(_) => {
                let id = self.db.last_insert_rowid();
                self.first_new.get_or_insert(id);
                ahead.link(self.db, TaskId(id))?;
                Ok(TaskId(id))
            }
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Err(self.conflict(task, error))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Who has the destination.
    fn conflict(&self, task: &NewTask, error: rusqlite::Error) -> Fault {
        let holder = self
            .db
            .prepare_cached("SELECT id, url FROM task WHERE path = ?1 AND base = ?2 AND phase < 4")
            .and_then(|mut find| {
                find.query_row([&task.path, &task.base], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
                })
            });
        let Ok((id, url)) = holder else {
            return error.into();
        };
        let url = url::Url::parse(&url).map_or_else(|_| String::new(), |url| redact::redact(&url));
        let is_ours = self.first_new.is_some_and(|first| id >= first);
        let message = if is_ours {
            format!(
                "two tasks of this call have the destination {:?} in {:?}, the first for {url}; give each its own",
                task.path, task.base
            )
        } else {
            format!(
                "destination {:?} in {:?} belongs to task {id} ({url}), which has not ended; wait for it, cancel it, or choose another destination",
                task.path, task.base
            )
        };
        Fault::Typed(Error::new(ErrorKind::DestinationInUse, message))
    }
}
