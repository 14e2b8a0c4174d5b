//! Wakes on a desktop host (rule P6): a timer while the process runs, and a command that asks the
//! system for the next start when it leaves.
//!
//! It must never block the thread that a session runs on, and must never start a shell.

mod hook;
mod judge;
#[cfg(test)]
mod tests;

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use crate::conditions::SystemConditions;
use crate::error::{Error, ErrorKind, Result};
use crate::wake::{WakeConstraints, WakeRequest, WakeScheduler};

pub use hook::HookCommand;

/// The clock is looked at again this often while a request stands: what a thread waits by stands
/// still while the machine sleeps, and the wall clock may be set (rule P7).
const LOOK_AGAIN_MS: u64 = 60 * 1000;

/// Wakes for a host that has no platform to lend them: a command-line program, a desktop app, a
/// service. Give it to the session as its wake scheduler.
///
/// While the process runs, `wake` is called on a thread of its own once the moment has come and the
/// constraints hold by the latest [`conditions`](DesktopWakes::conditions), or when the request's
/// `latest` has come. When the process is about to end, [`leave`](DesktopWakes::leave) runs the hook
/// for the request that stands, so that systemd, cron or `at` starts it again. A process that is
/// killed asks for nothing: what was asked before it still stands.
///
/// ```no_run
/// use backhaul::{DesktopWakes, HookCommand};
/// # fn main() -> Result<(), backhaul::Error> {
/// let hook = HookCommand::new("systemd-run", ["--user", "--on-calendar=@{unix}", "--", "backhaul", "run"]);
/// let wakes = DesktopWakes::start(|| println!("time to look"))?.hook(hook);
/// // … sessions ask; and when there is nothing more to do in this process:
/// wakes.leave()?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct DesktopWakes {
    state: Arc<Mutex<State>>,
    /// Says that the state changed. Dropped, the thread ends.
    changed: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    hook: Option<HookCommand>,
    cancel_hook: Option<HookCommand>,
    /// What the hooks asked for; held while one runs, so that two never do.
    asked: Mutex<Asked>,
}

#[derive(Debug, Default)]
struct State {
    wanted: Wanted,
    /// It came while the process ran; the session will ask for the next.
    was_called: bool,
    conditions: SystemConditions,
}

/// What the session asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Wanted {
    /// It has not spoken: what an earlier process asked for stays.
    #[default]
    Unsaid,
    Nothing,
    Wake(WakeRequest),
}

/// What the system was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Asked {
    /// By this process nothing; an earlier one may have.
    #[default]
    Unknown,
    Nothing,
    Wake(WakeRequest),
}

impl DesktopWakes {
    /// Calls `wake` whenever a moment that was asked for has come.
    ///
    /// # Errors
    /// [`ErrorKind::System`]: no thread.
    pub fn start(wake: impl FnMut() + Send + 'static) -> Result<DesktopWakes> {
        let state = Arc::new(Mutex::new(State::default()));
        let (changed, changes) = mpsc::channel();
        let shared = Arc::clone(&state);
        let thread = thread::Builder::new()
            .name("backhaul-wakes".to_owned())
            .spawn(move || run(&shared, &changes, wake))
            .map_err(|error| {
                Error::new(ErrorKind::System, "no thread for wakes").with_source(error)
            })?;
        Ok(DesktopWakes {
            state,
            changed: Some(changed),
            thread: Some(thread),
            hook: None,
            cancel_hook: None,
            asked: Mutex::default(),
        })
    }

    /// The command that asks the system for the next start.
    #[must_use]
    pub fn hook(mut self, command: HookCommand) -> DesktopWakes {
        self.hook = Some(command);
        self
    }

    /// The command that takes such a request back: it runs before another is made, and when nothing
    /// is left to wake for.
    #[must_use]
    pub fn cancel_hook(mut self, command: HookCommand) -> DesktopWakes {
        self.cancel_hook = Some(command);
        self
    }

    /// What the system is like now: constraints are judged by it. Until it is first given,
    /// [`SystemConditions::default`] is taken.
    pub fn conditions(&self, conditions: SystemConditions) {
        lock(&self.state).conditions = conditions;
        self.tell();
    }

    /// The process is about to end, or to be out of the user's sight: runs the hook for the request
    /// that stands, on this thread, for at most ten seconds a command.
    ///
    /// One request stands with the system (rule P6): the hook does not run again unless the moment
    /// differs by more than a minute, or the constraints do. A moment that has come already is asked
    /// for in a minute; one whose constraints do not hold now, in a quarter of an hour, because a timer
    /// of the system does not know them.
    ///
    /// # Errors
    /// [`ErrorKind::WakeHook`]: the hook could not be started, failed or took too long. The next call
    /// tries again.
    pub fn leave(&self) -> Result<()> {
        let (wanted, conditions) = {
            let state = lock(&self.state);
            (state.wanted, state.conditions)
        };
        // Only this is held while a command runs: a session that asks meanwhile does not wait.
        let mut asked = lock(&self.asked);
        match wanted {
            Wanted::Unsaid => Ok(()),
            Wanted::Nothing => self.take_back(&mut asked),
            Wanted::Wake(request) => {
                let now = SystemTime::now();
                let request = judge::for_the_hook(request, &conditions, now);
                let Some(hook) = &self.hook else {
                    return Ok(());
                };
                if matches!(*asked, Asked::Wake(stands) if judge::is_the_same(&stands, &request)) {
                    return Ok(());
                }
                // One start too many does less harm than none: it is asked for in any case.
                let taken = self.take_back(&mut asked);
                hook.run(&request, now)?;
                *asked = Asked::Wake(request);
                taken
            }
        }
    }

    /// Takes back what stands. What an earlier process asked for may have come already: then it is no
    /// failure that it cannot be taken back.
    fn take_back(&self, asked: &mut Asked) -> Result<()> {
        let (Some(hook), true) = (&self.cancel_hook, *asked != Asked::Nothing) else {
            return Ok(());
        };
        let now = SystemTime::now();
        // Its placeholders have nothing to stand for.
        let nothing = WakeRequest {
            at: now,
            constraints: WakeConstraints::default(),
            latest: None,
        };
        match hook.run(&nothing, now) {
            Err(error) if *asked == Asked::Unknown => log::info!("{error}"),
            other => other?,
        }
        *asked = Asked::Nothing;
        Ok(())
    }

    fn tell(&self) {
        if let Some(changed) = &self.changed {
            // Without a thread there is nobody to tell: its callback panicked.
            let _ = changed.send(());
        }
    }

    fn want(&self, wanted: Wanted) {
        {
            let mut state = lock(&self.state);
            if state.wanted == wanted {
                return;
            }
            state.wanted = wanted;
            state.was_called = false;
        }
        self.tell();
    }
}

impl WakeScheduler for DesktopWakes {
    fn schedule(&self, request: WakeRequest) {
        self.want(Wanted::Wake(request));
    }

    fn cancel(&self) {
        self.want(Wanted::Nothing);
    }
}

impl Drop for DesktopWakes {
    /// Leaves, if the host forgot to; a failure can only be logged then.
    fn drop(&mut self) {
        drop(self.changed.take());
        if let Some(thread) = self.thread.take() {
            // The callback may hold the last handle.
            if thread.thread().id() != thread::current().id() && thread.join().is_err() {
                log::error!("the callback for wakes panicked");
            }
        }
        if let Err(error) = self.leave() {
            log::error!("{error}");
        }
    }
}

fn run(state: &Mutex<State>, changes: &Receiver<()>, mut wake: impl FnMut()) {
    loop {
        let (is_due, patience) = look(&mut lock(state), SystemTime::now());
        if is_due {
            wake();
        }
        let said = match patience {
            Some(patience) => changes.recv_timeout(patience),
            None => changes.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        if said == Err(RecvTimeoutError::Disconnected) {
            return;
        }
    }
}

/// Whether to call, and how long to wait until the next look: for ever where only a change can help
/// (rule P6).
fn look(state: &mut State, now: SystemTime) -> (bool, Option<Duration>) {
    let Wanted::Wake(request) = state.wanted else {
        return (false, None);
    };
    if state.was_called {
        return (false, None);
    }
    let next = match judge::call_at(&request, &state.conditions) {
        Some(next) => next,
        None => return (false, None),
    };
    match next.duration_since(now) {
        Ok(left) if !left.is_zero() => {
            (false, Some(left.min(Duration::from_millis(LOOK_AGAIN_MS))))
        }
        _ => {
            state.was_called = true;
            (true, None)
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
