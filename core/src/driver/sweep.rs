//! At open: part files of tasks that are gone or ended are removed, by the ledger (rule D8).

use crate::driver::Places;
use crate::error::Result;
use crate::store::{SessionKey, Store};

/// Removes what no task will use. One file that cannot be removed does not stop the session.
/// Blocking.
pub(crate) fn sweep_parts(store: &Store, session: SessionKey, places: &Places) -> Result<()> {
    let orphans = store.part_rows(session, crate::clock::now()).wait()?;
    let mut removed = Vec::new();
    for part in orphans {
        if places.remove_part(&part) {
            removed.push(part.task);
        }
    }
    if !removed.is_empty() {
        store.part_removed(session, &removed).detach();
    }
    Ok(())
}
