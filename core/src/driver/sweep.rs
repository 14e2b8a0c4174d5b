//! At open: part files of tasks that are gone or ended are removed, by the ledger (rule D8).

use crate::driver::Places;
use crate::error::Result;
use crate::files;
use crate::store::{SessionKey, Store};

/// Removes what no task will use. One file that cannot be removed does not stop the session: the
/// ledger keeps it, and the next launch tries again. Blocking.
pub(crate) fn sweep_parts(store: &Store, session: SessionKey, places: &Places) -> Result<()> {
    let orphans = store.part_rows(session, crate::clock::now()).wait()?;
    let mut removed = Vec::new();
    for part in orphans {
        match places.part(&part).map(|paths| files::remove_parts(&paths)) {
            Ok(Ok(())) => removed.push(part.task),
            Ok(Err(error)) => log::warn!(
                "the part file of task {} could not be removed: {error}",
                part.task
            ),
            Err(error) => log::warn!(
                "the part file of task {} cannot be found: {error}",
                part.task
            ),
        }
    }
    if !removed.is_empty() {
        store.part_removed(session, &removed).detach();
    }
    Ok(())
}
