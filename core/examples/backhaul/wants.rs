//! Which tasks this run was asked for, and how they ended. It takes some 40 bytes a task, so that a
//! list of hundreds of thousands of lines stays small: paths and URLs are known by their hashes.

use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};

use backhaul::{Error, TaskId, TaskInfo, TaskState};
use url::Url;

use crate::place;
use crate::source::Item;

/// The metadata of tasks whose end was told to whoever asked for them.
pub const REPORTED: &str = "reported";

/// Tasks that were asked for.
#[derive(Debug, Default)]
pub struct Wants {
    /// Everything in the session counts, whoever queued it.
    everything: bool,
    tasks: HashMap<u64, Want>,
    left: usize,
    right: Vec<TaskId>,
    wrong: Vec<TaskId>,
}

#[derive(Debug)]
struct Want {
    url: u64,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    New,
    /// A task of an earlier run does it.
    Queued,
    Ended,
}

/// What a task that is already there means for this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nobody asked for its destination.
    NotWanted,
    /// It goes on, for this run too.
    GoesOn,
    /// It ended and nobody was told: its end is this run's.
    Counts,
    /// It ended and was told, or its file is gone: it makes place for a new one.
    Stale,
    /// It fetches something else to the same place.
    Conflict,
}

/// What the end of a task means for this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was asked for, or nobody else would be told: say it.
    Tell,
    /// It was said before.
    Again,
}

impl Wants {
    /// Whatever the session holds.
    pub fn everything() -> Wants {
        Wants {
            everything: true,
            ..Wants::default()
        }
    }

    /// Asks for an item. False if its destination was asked for before.
    pub fn add(&mut self, item: &Item) -> bool {
        let Ok(path) = place::below_base(&item.path) else {
            return false;
        };
        match self.tasks.entry(key(&path)) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(Want {
                    url: key(item.url.as_str()),
                    stage: Stage::New,
                });
                self.left += 1;
                true
            }
        }
    }

    /// How many were asked for.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// How many have not ended.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Tasks that ended with a right file, and were told in this run.
    pub fn right(&self) -> &[TaskId] {
        &self.right
    }

    /// Tasks that ended without one, and were told in this run.
    pub fn wrong(&self) -> &[TaskId] {
        &self.wrong
    }

    /// Whether the item still needs a task.
    pub fn needs_task(&self, item: &Item) -> bool {
        let want = place::below_base(&item.path)
            .ok()
            .and_then(|path| self.tasks.get(&key(&path)));
        want.is_some_and(|want| want.stage == Stage::New)
    }

    /// Judges a task that was there before this run.
    pub fn look(&mut self, task: &TaskInfo) -> Found {
        let Some(want) = self.want_for(task) else {
            return Found::NotWanted;
        };
        let same_url = want.url == url_key(&task.url);
        let told = task.metadata.as_deref() == Some(REPORTED);
        let (stage, found) = match task.state {
            TaskState::Completed if !same_url || told => (want.stage, Found::Stale),
            TaskState::Completed if counts(task, task.error.as_ref()) => {
                (Stage::Queued, Found::Counts)
            }
            TaskState::Completed => (want.stage, Found::Stale),
            _ if same_url => (Stage::Queued, Found::GoesOn),
            _ => (want.stage, Found::Conflict),
        };
        // The delegate may have been told meanwhile.
        if want.stage == Stage::New {
            want.stage = stage;
        }
        found
    }

    /// A task ended.
    pub fn settle(&mut self, task: &TaskInfo, error: Option<&Error>) -> Settled {
        if self.everything {
            // Who cancelled it knows.
            if error.is_none_or(|error| !error.is_cancelled()) {
                self.note_end(task.id, error);
            }
            return Settled::Tell;
        }
        let Some(want) = self.want_for(task) else {
            return Settled::Tell;
        };
        // Not the end that this run waits for: an old one that is only told now.
        if want.url != url_key(&task.url) || !counts(task, error) {
            return Settled::Tell;
        }
        if want.stage == Stage::Ended {
            return Settled::Again;
        }
        want.stage = Stage::Ended;
        self.left -= 1;
        self.note_end(task.id, error);
        Settled::Tell
    }

    fn note_end(&mut self, id: TaskId, error: Option<&Error>) {
        match error {
            None => self.right.push(id),
            Some(_) => self.wrong.push(id),
        }
    }

    fn want_for(&mut self, task: &TaskInfo) -> Option<&mut Want> {
        let ours = task.destination.base() == place::BASE;
        ours.then(|| self.tasks.get_mut(&key(task.destination.path())))
            .flatten()
    }
}

/// Whether an end is a result: a failure, or a file that is still there. Who cancelled a task and asks
/// for it again wants a new one.
fn counts(task: &TaskInfo, error: Option<&Error>) -> bool {
    match error {
        Some(error) => !error.is_cancelled(),
        None => place::path_of(&task.destination)
            .and_then(|path| path.metadata().ok())
            .is_some_and(|about| about.is_file() && about.len() == task.received),
    }
}

fn url_key(url: &str) -> u64 {
    Url::parse(url).map_or_else(|_| key(url), |url| key(url.as_str()))
}

fn key(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(url: &str, path: &str) -> Item {
        Item {
            url: Url::parse(url).unwrap(),
            path: path.into(),
            read_bytes: 0,
        }
    }

    #[test]
    fn two_files_for_one_destination_are_noticed() {
        let mut wants = Wants::default();
        assert!(wants.add(&item("https://h/a", "/d/a")));
        assert!(wants.add(&item("https://h/a", "/d/b")));
        assert!(!wants.add(&item("https://h/b", "/d/a")));
        assert_eq!((wants.len(), wants.left()), (2, 2));
        assert!(wants.needs_task(&item("https://h/a", "/d/a")));
        assert!(!wants.needs_task(&item("https://h/a", "/d/c")));
    }

    #[test]
    fn urls_are_compared_as_urls() {
        assert_eq!(url_key("HTTPS://H"), url_key("https://h/"));
        assert_ne!(url_key("https://h/a"), url_key("https://h/b"));
    }
}
