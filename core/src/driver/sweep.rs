//! Part files that no task will use are removed, by the ledger (rule D8): at open those of tasks that
//! are gone or ended, and with a session that does not outlive the process all of its own.

use crate::clock::Moment;
use crate::driver::Places;
use crate::driver::machine::Disk;
use crate::error::Result;
use crate::store::{PartRow, SessionKey, Store};
use crate::task_id::TaskId;

/// Removes what no task will use. One file that cannot be removed does not stop the session.
/// Blocking.
pub(crate) fn sweep_parts(
    store: &Store,
    session: SessionKey,
    places: &Places,
    disk: &dyn Disk,
    now: Moment,
) -> Result<()> {
    let orphans = store.part_rows(session, now).wait()?;
    let removed = remove(orphans, places, disk);
    if !removed.is_empty() {
        store.part_removed(session, &removed).detach();
    }
    Ok(())
}

/// Removes every part file of a session that ends with its process (rule S8): its ledger is in
/// memory, nobody could do it later.
pub(super) async fn remove_all_parts(
    store: &Store,
    session: SessionKey,
    places: &Places,
    disk: &dyn Disk,
) {
    match store.all_part_rows(session).await {
        Ok(parts) => drop(remove(parts, places, disk)),
        Err(error) => log::error!("part files could not be listed to remove them: {error}"),
    }
}

/// The tasks whose files are gone.
fn remove(parts: Vec<PartRow>, places: &Places, disk: &dyn Disk) -> Vec<TaskId> {
    let mut removed = Vec::new();
    for part in parts {
        if places.remove_part(&part, disk) {
            removed.push(part.task);
        }
    }
    removed
}
