//! Claiming: rows leave the queue for the memory of the live session.
//!
//! A claimed row remembers the phase it came from, so that it goes back there when its owner dies
//! (rule W5), and its part file is in the ledger before anybody can make it (rule D8).

use std::collections::BinaryHeap;

use rusqlite::{Connection, OptionalExtension, params};

use super::columns::{TASK, limit, task_row};
use super::fault::SqlResult;
use super::rows::{Claim, ClaimRequest, SessionKey, TaskRow};
use super::schema::NO_CHECK_MS;
use super::writer::Pace;
use super::{Reply, Store, dependency};
use crate::clock::Moment;
use crate::task_id::TaskId;

/// Rows that must be looked at, past their deadline above all, that one claim brings besides those
/// that it was asked for.
const EXPIRED_LIMIT: usize = 64;
/// Held rows that one claim makes ready; the rest are due at once, so the next claim follows.
const RELEASED_LIMIT: usize = 10_000;

pub(super) const RELEASE: &str = "UPDATE task SET phase = 1, hold = NULL, due_ms = NULL \
     WHERE id IN (SELECT id FROM task WHERE session = ?1 AND phase = 2 AND due_ms <= ?2 \
     ORDER BY due_ms LIMIT ?3)";
pub(super) const EXPIRED: &str = "SELECT id FROM task WHERE session = ?1 AND phase < 3 \
     AND check_ms <= ?2 ORDER BY check_ms LIMIT ?3";
// Not `(needs, host) > (?2, ?3)`: SQLite then steps over every row of the lane.
pub(super) const NEXT_HOST: &str = "SELECT needs, host FROM task \
     WHERE session = ?1 AND phase = 1 AND needs = ?2 AND host > ?3 ORDER BY host LIMIT 1";
pub(super) const NEXT_NEEDS: &str = "SELECT needs, host FROM task \
     WHERE session = ?1 AND phase = 1 AND needs > ?2 ORDER BY needs, host LIMIT 1";
pub(super) const IN_LANE: &str = "SELECT rank, deadline_ms, id FROM task \
     WHERE session = ?1 AND phase = 1 AND needs = ?2 AND host = ?3 \
     ORDER BY rank, deadline_ms, id LIMIT ?4";
pub(super) const NEXT_HELD: &str = "SELECT due_ms, needs FROM task WHERE session = ?1 \
     AND phase = 2 AND due_ms IS NOT NULL ORDER BY due_ms LIMIT 1";
pub(super) const NEXT_CHECK: &str = "SELECT check_ms FROM task WHERE session = ?1 \
     AND phase < 3 ORDER BY check_ms LIMIT 1";

/// Rank, deadline, id: rule P3 as a value that sorts.
type Place = (i64, i64, i64);

impl Store {
    /// Claims up to `limit` rows that may run now, in order (rule P3), and besides them up to 64
    /// whose deadline has passed or whose needs are to be decided again, whatever they need, and 64
    /// that come after one that failed; those come first. Rows come back with the phase that they had.
    pub fn claim(&self, session: SessionKey, request: ClaimRequest) -> Reply<Claim> {
        let opened = self.opened();
        self.request(Pace::Grouped, move |db| {
            dependency::spread(db, session, opened)?;
            claim(db, session, &request)
        })
    }

    /// Claims these rows whatever their phase and order, except ended and claimed ones, which are
    /// left out. Rows come back with the phase and the hold that they had.
    pub fn claim_by_id(&self, session: SessionKey, ids: &[TaskId], now: Moment) -> Reply<Claim> {
        let ids = ids.to_vec();
        self.request(Pace::Grouped, move |db| {
            let mut rows = Vec::new();
            for id in ids {
                rows.extend(take(db, session, id)?);
            }
            Ok(Claim {
                rows,
                next_held: next_held(db, session, now)?,
                next_check_ms: next_check_ms(db, session, now)?,
                ..Claim::default()
            })
        })
    }
}

fn claim(db: &Connection, session: SessionKey, request: &ClaimRequest) -> SqlResult<Claim> {
    let now = request.now;
    db.prepare_cached(RELEASE)?.execute(params![
        session.0,
        now.uptime_ms,
        limit(RELEASED_LIMIT)
    ])?;
    let mut ids: Vec<TaskId> = db
        .prepare_cached(EXPIRED)?
        .query_map(
            params![session.0, now.uptime_ms, limit(EXPIRED_LIMIT)],
            |row| row.get(0).map(TaskId),
        )?
        .collect::<rusqlite::Result<_>>()?;
    ids.extend(dependency::doomed(db, session)?);
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids.drain(..) {
        rows.extend(take(db, session, id)?);
    }
    let (first, more, blocked) = first_in_order(db, session, request)?;
    for id in first {
        rows.extend(take(db, session, id)?);
    }
    Ok(Claim {
        rows,
        more,
        blocked,
        next_held: next_held(db, session, now)?,
        next_check_ms: next_check_ms(db, session, now)?,
    })
}

/// The ids of the first rows that may run, whether there are more, and the needs of the lanes that
/// may not.
///
/// Ready rows lie in lanes, one for each pair of needs and host, each in order. Whole lanes that
/// may not run are stepped over; the others are merged, and each is read only as far as it is
/// better than what was found: the cost is that of the lanes, not of the rows.
fn first_in_order(
    db: &Connection,
    session: SessionKey,
    request: &ClaimRequest,
) -> SqlResult<(Vec<TaskId>, bool, Vec<i64>)> {
    let mut blocked = Vec::new();
    let wanted = request.limit.saturating_add(1);
    let mut best: BinaryHeap<Place> = BinaryHeap::new();
    let mut in_lane = db.prepare_cached(IN_LANE)?;
    let mut lane = next_lane(db, session, i64::MIN, None)?;
    while let Some((needs, host)) = lane {
        if needs & request.unmet_needs != 0 {
            blocked.push(needs);
            lane = next_lane(db, session, needs, None)?;
            continue;
        }
        if !request.full_hosts.contains(&host) {
            let mut rows = in_lane.query(params![session.0, needs, host, limit(wanted)])?;
            while let Some(row) = rows.next()? {
                let place = (row.get(0)?, row.get(1)?, row.get(2)?);
                if best.len() >= wanted {
                    if best.peek().is_some_and(|worst| *worst <= place) {
                        break;
                    }
                    best.pop();
                }
                best.push(place);
            }
        }
        lane = next_lane(db, session, needs, Some(&host))?;
    }
    let mut places = best.into_sorted_vec();
    let more = places.len() > request.limit;
    places.truncate(request.limit);
    let ids = places.into_iter().map(|(_, _, id)| TaskId(id)).collect();
    Ok((ids, more, blocked))
}

/// The lane behind this one; without a host, behind all lanes with these needs.
fn next_lane(
    db: &Connection,
    session: SessionKey,
    needs: i64,
    host: Option<&str>,
) -> SqlResult<Option<(i64, String)>> {
    let lane = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    if let Some(host) = host {
        let mut next = db.prepare_cached(NEXT_HOST)?;
        let found = next.query_row(params![session.0, needs, host], lane);
        if let Some(found) = found.optional()? {
            return Ok(Some(found));
        }
    }
    let mut next = db.prepare_cached(NEXT_NEEDS)?;
    let found = next.query_row(params![session.0, needs], lane);
    Ok(found.optional()?)
}

/// Claims one row, unless it is claimed or has ended.
fn take(db: &Connection, session: SessionKey, id: TaskId) -> SqlResult<Option<TaskRow>> {
    let key = params![id.0, session.0];
    let row = db
        .prepare_cached(&format!(
            "SELECT {TASK} FROM task WHERE id = ?1 AND session = ?2 AND phase < 3"
        ))?
        .query_row(key, |row| Ok(task_row(row)))
        .optional()?;
    let Some(mut row) = row.transpose()? else {
        return Ok(None);
    };
    dependency::name(db, &mut row)?;
    db.prepare_cached(
        "UPDATE task SET lease_from = phase, phase = 3 WHERE id = ?1 AND session = ?2",
    )?
    .execute(key)?;
    db.prepare_cached(
        "INSERT OR IGNORE INTO part_file (task, session, base, path) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![id.0, session.0, row.base, row.path])?;
    Ok(Some(row))
}

/// How long until the next held row may be claimed, and what it needs.
pub(super) fn next_held(
    db: &Connection,
    session: SessionKey,
    now: Moment,
) -> SqlResult<Option<(i64, i64)>> {
    let mut next = db.prepare_cached(NEXT_HELD)?;
    let found = next
        .query_row([session.0], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.map(|(due, needs)| (due.saturating_sub(now.uptime_ms).max(0), needs)))
}

/// How long until a row must be looked at.
pub(super) fn next_check_ms(
    db: &Connection,
    session: SessionKey,
    now: Moment,
) -> SqlResult<Option<i64>> {
    if dependency::is_spreading(db, session)? {
        return Ok(Some(0));
    }
    let mut next = db.prepare_cached(NEXT_CHECK)?;
    let found: Option<i64> = next.query_row([session.0], |row| row.get(0)).optional()?;
    let due = found.filter(|due| *due != NO_CHECK_MS);
    Ok(due.map(|due| due.saturating_sub(now.uptime_ms).max(0)))
}
