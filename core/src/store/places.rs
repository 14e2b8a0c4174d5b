//! The places list: what must be known when the database is lost (rule D6).
//!
//! A small file beside the database: the store's token, up to where task ids may be in use, the
//! sessions, and every directory that ever held a sidecar of this store. So a rebuild looks where the
//! list says, and never searches the disk (rule D8). Lines are only ever appended, each with its own
//! checksum, and durable before what they speak of is made. Must never hold an absolute path (rule D5).

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::folder;

const FILE_NAME: &str = "backhaul.places";
/// Directories that are remembered. Tasks of more of them go on as ever; they cannot be rebuilt.
const PLACES_LIMIT: usize = 16_384;
/// Sessions that are remembered.
const SESSIONS_LIMIT: usize = 1_024;
/// Lines from which on an open makes the list short again.
const COMPACT_LINES: usize = 2_048;
/// A list that is longer than this is not ours; the rest of it is not read.
const READ_LIMIT_BYTES: u64 = 64 * 1024 * 1024;
/// Ids are set aside in blocks of this size: far more than a process can use up.
pub(super) const ID_BLOCK: i64 = 1_000_000_000;

/// A directory that may hold sidecars.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The name of the base directory.
    pub base: String,
    /// Relative to it; empty for the base itself.
    pub directory: String,
}

impl Place {
    /// Where the file with this stored path lies.
    pub fn of(base: &str, path: &str) -> Place {
        let directory = Path::new(path).parent().unwrap_or(Path::new(""));
        Place {
            base: base.to_owned(),
            directory: directory.to_string_lossy().into_owned(),
        }
    }
}

/// A session, under the number that task rows know it by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct KnownSession {
    pub key: i64,
    pub identifier: String,
}

/// One line. Every one has the token, so that any of them that is whole tells it.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Line {
    token: String,
    /// Ids up to this one may be in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ids: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<KnownSession>,
}

/// What a list says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Listed {
    /// None if there is no line that can be read.
    pub token: Option<String>,
    pub ids: i64,
    pub places: BTreeSet<Place>,
    pub sessions: BTreeSet<KnownSession>,
    lines: usize,
    /// The last line has its end.
    is_whole: bool,
}

/// The list of an open store.
#[derive(Debug)]
pub(crate) struct PlaceList {
    container: PathBuf,
    token: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    listed: Listed,
    has_overflowed: bool,
}

/// Reads the list of `container`; a line that is damaged, and one of another store, is left out
/// (rule T7).
pub(super) fn read(container: &Path) -> io::Result<Listed> {
    let mut listed = Listed {
        is_whole: true,
        ..Listed::default()
    };
    let file = match File::open(container.join(FILE_NAME)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(listed),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(READ_LIMIT_BYTES).read_to_end(&mut bytes)?;
    listed.is_whole = bytes.last().is_none_or(|last| *last == b'\n');
    for line in bytes.split(|byte| *byte == b'\n') {
        match decode(line) {
            Some(line) => listed.take(line),
            None if line.is_empty() => {}
            None => log::warn!("a line of the places list is damaged, and left out"),
        }
    }
    Ok(listed)
}

impl Listed {
    fn take(&mut self, line: Line) {
        if *self.token.get_or_insert_with(|| line.token.clone()) != line.token {
            return;
        }
        self.lines += 1;
        self.ids = self.ids.max(line.ids.unwrap_or(0));
        if self.places.len() < PLACES_LIMIT {
            self.places.extend(line.place);
        }
        if self.sessions.len() < SESSIONS_LIMIT {
            self.sessions.extend(line.session);
        }
    }
}

impl PlaceList {
    /// Opens the list of a store, whose highest id in use is `highest`, and makes it short again if
    /// it is long: `in_use` are then the places that stay, all of them if none.
    pub(super) fn open(
        container: &Path,
        token: &str,
        highest: i64,
        in_use: impl FnOnce() -> Option<BTreeSet<Place>>,
    ) -> PlaceList {
        let mut listed = read(container).unwrap_or_else(|error| {
            log::warn!("the places list cannot be read: {error}");
            Listed::default()
        });
        let is_of_another = listed.token.as_deref().is_some_and(|found| found != token);
        if is_of_another {
            log::warn!("the places list is of another store, and is made anew");
            listed = Listed::default();
        }
        let is_long = listed.lines > COMPACT_LINES;
        if is_long {
            if let Some(in_use) = in_use() {
                listed.places.retain(|place| in_use.contains(place));
            }
        }
        let needs_ids = listed.ids < highest.saturating_add(ID_BLOCK / 2);
        if needs_ids {
            listed.ids = next_block(highest);
        }
        let list = PlaceList {
            container: container.to_owned(),
            token: token.to_owned(),
            state: Mutex::new(State {
                listed,
                has_overflowed: false,
            }),
        };
        let written = match (is_long || is_of_another, needs_ids) {
            (true, _) => list.rewrite(),
            (false, true) => list.note_ids(),
            (false, false) => Ok(()),
        };
        if let Err(error) = written {
            // It is only needed when the database is lost, so it never stops the app.
            log::warn!("the places list could not be written: {error}");
        }
        list
    }

    fn note_ids(&self) -> io::Result<()> {
        let mut state = self.lock();
        let line = Line {
            ids: Some(state.listed.ids),
            ..self.line()
        };
        self.append(&mut state, &line)
    }

    /// Lists a directory, durably, unless it is listed. To be called before a sidecar is made there.
    ///
    /// # Errors
    /// The system's: what is there can then not be rebuilt.
    pub fn note(&self, place: &Place) -> io::Result<()> {
        let mut state = self.lock();
        if state.listed.places.contains(place) {
            return Ok(());
        }
        if state.listed.places.len() >= PLACES_LIMIT {
            if !std::mem::replace(&mut state.has_overflowed, true) {
                log::warn!(
                    "the places list is full: tasks of further directories would not survive a loss of the store"
                );
            }
            return Ok(());
        }
        let line = Line {
            place: Some(place.clone()),
            ..self.line()
        };
        self.append(&mut state, &line)?;
        state.listed.places.insert(place.clone());
        Ok(())
    }

    /// Lists a session, unless it is listed.
    pub(super) fn note_session(&self, key: i64, identifier: &str) -> io::Result<()> {
        let session = KnownSession {
            key,
            identifier: identifier.to_owned(),
        };
        let mut state = self.lock();
        let sessions = &state.listed.sessions;
        if sessions.contains(&session) || sessions.len() >= SESSIONS_LIMIT {
            return Ok(());
        }
        let line = Line {
            session: Some(session.clone()),
            ..self.line()
        };
        self.append(&mut state, &line)?;
        state.listed.sessions.insert(session);
        Ok(())
    }

    /// The directories.
    pub fn places(&self) -> Vec<Place> {
        self.lock().listed.places.iter().cloned().collect()
    }

    fn line(&self) -> Line {
        Line {
            token: self.token.clone(),
            ..Line::default()
        }
    }

    fn append(&self, state: &mut State, line: &Line) -> io::Result<()> {
        let mut file = folder::private_file(&self.container.join(FILE_NAME))?;
        let is_new = file.seek(SeekFrom::End(0))? == 0;
        let mut bytes = Vec::new();
        if !state.listed.is_whole {
            bytes.push(b'\n');
        }
        bytes.extend(encode(line)?);
        // Until it is known to be whole: what a write that failed left must not spoil the next line.
        state.listed.is_whole = false;
        file.write_all(&bytes)?;
        state.listed.is_whole = true;
        state.listed.lines += 1;
        file.sync_data()?;
        if is_new {
            folder::sync_directory(&self.container);
        }
        Ok(())
    }

    fn rewrite(&self) -> io::Result<()> {
        let mut state = self.lock();
        let listed = &mut state.listed;
        let first = Line {
            ids: Some(listed.ids),
            ..self.line()
        };
        let mut bytes = encode(&first)?;
        for session in &listed.sessions {
            let session = Some(session.clone());
            bytes.extend(encode(&Line {
                session,
                ..self.line()
            })?);
        }
        for place in &listed.places {
            let place = Some(place.clone());
            bytes.extend(encode(&Line {
                place,
                ..self.line()
            })?);
        }
        let unborn = self.container.join(format!("{FILE_NAME}.new"));
        let mut file = folder::private_file(&unborn)?;
        file.set_len(0)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&unborn, self.container.join(FILE_NAME))?;
        folder::sync_directory(&self.container);
        listed.lines = 1 + listed.sessions.len() + listed.places.len();
        listed.is_whole = true;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A line is listed only after it was written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end of the block that has at least half a block above `highest`.
fn next_block(highest: i64) -> i64 {
    let above = highest.max(0).saturating_add(ID_BLOCK / 2);
    (above / ID_BLOCK)
        .saturating_add(1)
        .saturating_mul(ID_BLOCK)
}

/// The checksum, a space, the line as JSON.
fn encode(line: &Line) -> io::Result<Vec<u8>> {
    let json = serde_json::to_string(line)?;
    Ok(format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes())).into_bytes())
}

fn decode(line: &[u8]) -> Option<Line> {
    let (sum, json) = line.split_at_checked(9)?;
    let sum = std::str::from_utf8(sum).ok()?.strip_suffix(' ')?;
    if u32::from_str_radix(sum, 16).ok()? != crc32fast::hash(json) {
        return None;
    }
    serde_json::from_slice(json).ok()
}

#[cfg(test)]
mod tests;
