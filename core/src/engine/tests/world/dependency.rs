//! Rows that come after others, as `store::dependency` keeps them, but at once and without limits.

use super::ModelStore;
use crate::error::ErrorKind;
use crate::store::{Doom, Outcome, Phase, TaskRow};
use crate::task_id::TaskId;

impl ModelStore {
    /// What is in the way of a new row.
    pub(super) fn look_ahead(&self, row: &mut TaskRow) {
        for id in std::mem::take(&mut row.after) {
            let doom = match self.get(id).phase {
                Phase::Completed => self.doom_of_ended(id),
                _ => self.get(id).doomed.clone().map(|doom| passed_on(doom, id)),
            };
            match doom {
                Some(doom) => {
                    row.doomed.get_or_insert(doom);
                }
                None if self.get(id).phase == Phase::Completed => continue,
                None => row.after.push(id),
            }
        }
        row.waits = row.after.len() as u32 + u32::from(row.doomed.is_some());
        if row.waits > 0 && row.phase == Phase::Ready {
            row.phase = Phase::Held;
        }
    }

    fn doom_of_ended(&self, id: TaskId) -> Option<Doom> {
        let (_, outcome) = self.journal.iter().find(|(task, _)| *task == id)?;
        self.doom(id, outcome)
    }

    fn doom(&self, id: TaskId, outcome: &Outcome) -> Option<Doom> {
        let cause = outcome.result.as_ref().err()?.clone();
        let own = self.get(id).doomed.clone();
        let doom = match own.filter(|_| cause.kind == ErrorKind::DependencyFailed) {
            Some(own) => passed_on(own, id),
            None => Doom {
                after: id,
                root: id,
                cause,
            },
        };
        Some(doom)
    }

    /// A task has ended. Whether others waited for it.
    pub(super) fn settle(&mut self, id: TaskId, outcome: &Outcome) -> bool {
        let doom = self.doom(id, outcome);
        self.tell(id, doom.as_ref())
    }

    fn tell(&mut self, id: TaskId, doom: Option<&Doom>) -> bool {
        let comes_after = |follower: &&TaskId| self.get(**follower).after.contains(&id);
        let waiting: Vec<TaskId> = self.followers.iter().filter(comes_after).copied().collect();
        for task in &waiting {
            let mut row = self.take(*task);
            row.row.after.retain(|ahead| *ahead != id);
            let is_new = doom.is_some() && row.row.doomed.is_none();
            match doom {
                Some(doom) => row.row.doomed = row.row.doomed.or_else(|| Some(doom.clone())),
                None => row.row.waits -= 1,
            }
            let is_free = row.row.waits == 0 && row.row.hold.is_none();
            if is_free && row.row.phase == Phase::Held {
                row.row.phase = Phase::Ready;
            }
            let own = row.row.doomed.clone();
            self.put(row);
            if let Some(own) = own.filter(|_| is_new) {
                self.tell(*task, Some(&passed_on(own, *task)));
            }
        }
        !waiting.is_empty()
    }
}

fn passed_on(doom: Doom, by: TaskId) -> Doom {
    Doom { after: by, ..doom }
}
