//! What a sidecar says of its task, so that the task can be made again when the database is lost
//! (rule D6). Must never hold an absolute path (rule D5), nor a credential (rule T2).
//!
//! The URL is whole, with its query, which may be a signed one: the sidecar is as private as the store
//! that has the same URL, 0600 (rule T3). Requests of background sessions with secret headers or
//! user-info are refused before they are stored; sessions of the foreground record nothing here.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::places::{Place, PlaceList};
use super::rows::TaskRow;
use crate::request::RequestOptions;
use crate::transport::TransferId;

/// A part of a task that did not fit into the sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Omitted {
    /// The app's own text.
    Metadata,
}

/// A task, as far as a sidecar tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The identifier.
    pub session: String,
    pub url: String,
    /// The destination.
    pub base: String,
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    #[serde(default)]
    pub options: RequestOptions,
    pub created_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<i64>,
    /// How long after the first `resume` that is.
    #[serde(default)]
    pub timeout_ms: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub started_in_background: bool,
    /// How many attempts there were.
    #[serde(default)]
    pub attempts: u32,
    /// What is missing here, because it did not fit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub omitted: Vec<Omitted>,
    /// The task has ended, and what it left waits for somebody with its resume data (rule L4).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_ended: bool,
}

impl Origin {
    /// Of the task in `row`, at the start of an attempt.
    pub fn of(session: &str, row: &TaskRow, id: TransferId) -> Origin {
        Origin {
            session: session.to_owned(),
            url: row.url.clone(),
            base: row.base.clone(),
            path: row.path.clone(),
            caller_id: row.caller_id.clone(),
            metadata: row.metadata.clone(),
            options: row.options.clone(),
            created_ms: row.created_ms,
            deadline_ms: row.deadline.map(|deadline| deadline.wall_ms),
            timeout_ms: row.deadline.map_or(0, |deadline| deadline.delay_ms),
            started_in_background: row.record.started_in_background,
            attempts: id.attempt,
            omitted: Vec::new(),
            has_ended: false,
        }
    }

    /// The directory of its files.
    pub fn place(&self) -> Place {
        Place::of(&self.base, &self.path)
    }

    /// Leaves out what can be done without; false if there is no more of that. The rest is the
    /// request itself, and who asked for it.
    pub fn shrink(&mut self) -> bool {
        let had = self.metadata.take().is_some();
        if had {
            self.omitted.push(Omitted::Metadata);
        }
        had
    }
}

/// An origin, and the list that must know its directory before a sidecar is made there.
#[derive(Clone, Debug)]
pub(crate) struct Provenance {
    pub origin: Origin,
    pub list: Arc<PlaceList>,
}

impl Provenance {
    /// Lists the directory, durably. Blocks when it is new. Going on matters more than a rebuild.
    pub fn note(&self) {
        if let Err(error) = self.list.note(&self.origin.place()) {
            log::warn!(
                "a directory could not be listed, its tasks would not survive a loss of the store: {error}"
            );
        }
    }
}

/// What stands in a sidecar, for a rebuild.
#[derive(Clone, Debug)]
pub(crate) struct FoundOrigin {
    pub task: i64,
    pub origin: Origin,
    /// Bytes of the file that are here.
    pub offset: u64,
    pub total: Option<u64>,
}
