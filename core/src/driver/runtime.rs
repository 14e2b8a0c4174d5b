//! Our own named runtime, made once for the process.

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Handle};

use crate::error::{Error, ErrorKind, Result};

/// Threads for blocking file work: syncs, renames, re-hashing. They end after ten idle seconds.
const BLOCKING_THREADS: usize = 16;

/// The runtime that every session of the process runs on.
///
/// One thread carries it: transfers are bound by the network and by the page cache, and a second
/// thread would only add locking and hand bytes from one core's cache to another's.
pub(crate) fn handle() -> Result<Handle> {
    static RUNTIME: OnceCell<Handle> = OnceCell::new();
    RUNTIME.get_or_try_init(start).cloned()
}

fn start() -> Result<Handle> {
    let cannot = |source: std::io::Error| {
        Error::new(
            ErrorKind::System,
            "cannot start the thread that runs transfers; free some threads or descriptors",
        )
        .with_source(source)
    };
    let runtime = Builder::new_current_thread()
        .enable_all()
        .thread_name("backhaul-io")
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .map_err(cannot)?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("backhaul".to_owned())
        // For the life of the process: sessions come and go on it.
        .spawn(move || runtime.block_on(std::future::pending::<()>()))
        .map_err(cannot)?;
    Ok(handle)
}
