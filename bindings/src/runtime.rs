//! Threads of our own for asynchronous functions: the core's calls block for a disk's sync, and whoever
//! awaits them must not.

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::error::{BackhaulError, Result};

/// Calls at a time; more wait for their turn.
const THREADS_LIMIT: usize = 4;

static RUNTIME: OnceCell<Runtime> = OnceCell::new();

fn runtime() -> Result<&'static Runtime> {
    RUNTIME.get_or_try_init(|| {
        let made = Builder::new_current_thread()
            .max_blocking_threads(THREADS_LIMIT)
            .thread_name("backhaul-ffi")
            .build();
        made.map_err(|source| {
            let reason = format!("no threads for asynchronous calls ({source})");
            BackhaulError::new(backhaul::ErrorKind::System, reason)
        })
    })
}

/// Does the work on one of the threads. A caller that stops waiting does not stop the work.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (answer, answered) = oneshot::channel();
    runtime()?.spawn_blocking(move || {
        // Nobody may be waiting any more.
        let _ = answer.send(work());
    });
    answered.await.unwrap_or_else(|_| {
        let reason = "the call failed inside the library; see the log";
        Err(BackhaulError::new(backhaul::ErrorKind::System, reason))
    })
}
