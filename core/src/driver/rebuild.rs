//! A session whose store was lost finds its tasks again by their sidecars (rule D6).
//!
//! It looks only into directories that the store's list names (rule D8), and only in base directories
//! that its configuration names in this launch (rule D5). A sidecar is untrusted (rule T7): what it says
//! passes every check that a new request passes. It must never make a task of another session, or one
//! that is there.

use std::collections::BTreeSet;
use std::path::Path;

use crate::clock::Moment;
use crate::configuration::Settings;
use crate::delegate::StoreRecovery;
use crate::driver::Places;
use crate::engine::policy::{Rules, rank};
use crate::error::{Error, ErrorKind, Result};
use crate::new_task::{Start, new_task};
use crate::request::{DEFAULT_PRIORITY, Destination, Request};
use crate::store::{
    Deadline, FoundOrigin, NewTask, PartRow, Place, Rebuilt, Record, SessionKey, Store,
};
use crate::task_id::TaskId;
use crate::transport;

/// Sidecars that share a transaction.
const CHUNK: usize = 256;

/// Makes the tasks again that the store does not know, and says what the delegate is to be told:
/// `told`, or that there were such tasks. Blocking.
pub(crate) fn rebuild(
    store: &Store,
    session: SessionKey,
    settings: &Settings,
    places: &Places,
    told: Option<StoreRecovery>,
) -> Result<Option<StoreRecovery>> {
    let (Some(highest), Some(identifier)) = (store.lost_up_to(), &settings.identifier) else {
        return Ok(told);
    };
    let mut search = Search {
        store,
        session,
        settings,
        identifier,
        places,
        highest,
        now: settings.machine.now(),
        rebuilt: 0,
        incomplete: 0,
    };
    let searched = search.all_places()?;
    if !searched.is_empty() {
        store.note_searched(session, searched).wait()?;
    }
    if search.rebuilt == 0 {
        return Ok(told);
    }
    let recovery = told.or_else(|| store.recovery().map(StoreRecovery::from));
    Ok(recovery.map(|recovery| StoreRecovery {
        rebuilt_tasks: search.rebuilt,
        incomplete_tasks: search.incomplete,
        ..recovery
    }))
}

struct Search<'a> {
    store: &'a Store,
    session: SessionKey,
    settings: &'a Settings,
    identifier: &'a str,
    places: &'a Places,
    /// Tasks above were made since.
    highest: TaskId,
    now: Moment,
    rebuilt: u64,
    incomplete: u64,
}

impl Search<'_> {
    /// Looks into every listed directory whose base is known and was not searched. Returns the bases
    /// that need not be searched again.
    fn all_places(&mut self) -> Result<BTreeSet<String>> {
        let Some(list) = self.store.place_list() else {
            return Ok(BTreeSet::new());
        };
        let before = self.store.searched_bases(self.session).wait()?;
        let mut searched: BTreeSet<String> = self.places.base_names();
        searched.retain(|base| !before.contains(base));
        let mut unreadable = BTreeSet::new();
        for place in list.places() {
            if !searched.contains(&place.base) {
                continue;
            }
            // A path that leads out of its base is not followed.
            let Some(directory) = self.places.directory(&place) else {
                continue;
            };
            if !self.place(&place, &directory)? {
                unreadable.insert(place.base);
            }
        }
        searched.retain(|base| !unreadable.contains(base));
        Ok(searched)
    }

    /// False if something there could not be read now.
    fn place(&mut self, place: &Place, directory: &Path) -> Result<bool> {
        let sidecars = match self.places.sidecars(directory) {
            Ok(sidecars) => sidecars,
            Err(error) => {
                log::warn!("{} cannot be searched now: {error}", directory.display());
                return Ok(false);
            }
        };
        let mut is_whole = true;
        for chunk in sidecars.chunks(CHUNK) {
            let mut found = Vec::with_capacity(chunk.len());
            let mut incomplete = BTreeSet::new();
            for (id, path) in chunk {
                match transport::origin_in(path) {
                    Ok(Some(origin)) => {
                        if !origin.origin.omitted.is_empty() {
                            incomplete.insert(TaskId::from_i64(*id));
                        }
                        found.extend(self.judge(TaskId::from_i64(*id), place, origin));
                    }
                    Ok(None) => log::warn!(
                        "task {id} is not made again: an older version wrote its sidecar"
                    ),
                    Err(error) => {
                        log::warn!("task {id} is not made again: {error}");
                        is_whole &= !matches!(error, crate::files::SidecarError::Io(_));
                    }
                }
            }
            let made = self.store.rebuild(self.session, found, self.now).wait()?;
            self.rebuilt += made.len() as u64;
            let without_all = made.iter().filter(|id| incomplete.contains(id)).count();
            self.incomplete += without_all as u64;
        }
        Ok(is_whole)
    }

    /// What is to be put back for the sidecar of task `id` in `place`.
    fn judge(&self, id: TaskId, place: &Place, found: FoundOrigin) -> Option<Rebuilt> {
        let origin = &found.origin;
        if origin.session != self.identifier {
            return None;
        }
        if id > self.highest || found.task != id.as_i64() || origin.place() != *place {
            log::warn!("the sidecar of task {id} is of another one, and left alone");
            return None;
        }
        if origin.has_ended {
            return Some(Rebuilt::Part(PartRow {
                task: id,
                base: found.origin.base,
                path: found.origin.path,
            }));
        }
        match self.task(found) {
            Ok((task, record)) => Some(Rebuilt::Task {
                id,
                task: Box::new(task),
                record: Box::new(record),
            }),
            Err(error) => {
                log::error!("task {id} cannot be made again: {error}");
                None
            }
        }
    }

    /// The task as it was, ready to run. Its deadline is the one that it had.
    fn task(&self, found: FoundOrigin) -> Result<(NewTask, Record)> {
        let origin = found.origin;
        self.places.destination(&origin.base, &origin.path)?;
        let mut request = Request::new(&origin.url)?;
        request.destination = Some(Destination::from_store(origin.base, origin.path));
        request.caller_id = origin.caller_id;
        request.metadata = origin.metadata;
        request.options = origin.options;
        let priority = request.options.priority.unwrap_or(DEFAULT_PRIORITY);
        if !(0.0..=1.0).contains(&priority) {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                "its priority is not between 0 and 1",
            ));
        }
        let start = match origin.started_in_background {
            true => Start::InBackground,
            false => Start::InFront,
        };
        let mut task = new_task(self.settings, request, start, self.now)?;
        // A clock that went back since must not make it the last of all.
        task.created.wall_ms = origin.created_ms.min(self.now.wall_ms);
        task.rank = rank(task.created.wall_ms, priority);
        let record = Record {
            attempt_count: origin.attempts,
            received: found.offset,
            total: found.total,
            since_ms: self.now.wall_ms,
            started_in_background: origin.started_in_background,
            ..Record::default()
        };
        if let Some(wall_ms) = origin.deadline_ms {
            let delay_ms = origin.timeout_ms.max(0);
            let left_ms = wall_ms.saturating_sub(self.now.wall_ms).clamp(0, delay_ms);
            let deadline = Deadline {
                wall_ms,
                delay_ms,
                due_ms: self.now.uptime_ms.saturating_add(left_ms),
            };
            let rules = Rules::of(self.settings);
            let decision = rules.decide(self.now, &task.options, &record, Some(deadline));
            task.deadline = Some(deadline);
            task.needs = decision.needs;
            task.relax_ms = decision.relax_ms;
        }
        Ok((task, record))
    }
}
