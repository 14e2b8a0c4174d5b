//! Part files that no task will use are removed, by the ledger (rule D8): at open those of tasks that
//! are gone or ended, and with a session that does not outlive the process all of its own.

use crate::driver::Places;
use crate::error::Result;
use crate::files;
use crate::store::{PartRow, SessionKey, Store};
use crate::task_id::TaskId;

/// Removes what no task will use. One file that cannot be removed does not stop the session: the
/// ledger keeps it, and the next launch tries again. Blocking.
pub(crate) fn sweep_parts(store: &Store, session: SessionKey, places: &Places) -> Result<()> {
    let orphans = store.part_rows(session, crate::clock::now()).wait()?;
    let removed = remove(orphans, places);
    if !removed.is_empty() {
        store.part_removed(session, &removed).detach();
    }
    Ok(())
}

/// Removes every part file of a session that ends with its process (rule S8): its ledger is in
/// memory, nobody could do it later.
pub(super) async fn remove_all_parts(store: &Store, session: SessionKey, places: &Places) {
    match store.all_part_rows(session).await {
        Ok(parts) => drop(remove(parts, places)),
        Err(error) => log::error!("part files could not be listed to remove them: {error}"),
    }
}

/// The tasks whose files are gone.
fn remove(parts: Vec<PartRow>, places: &Places) -> Vec<TaskId> {
    let mut removed = Vec::new();
    for part in parts {
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
    removed
}
