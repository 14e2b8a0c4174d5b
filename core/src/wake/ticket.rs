//! The ticket of a wake: the duty to say when the wake is over, which cannot be forgotten (rule W3).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::{self, Moment, duration_ms};
use crate::delegate::Executor;

/// How much of a wake is kept to stop transfers and to deliver, in percent of its limit.
pub(crate) const MARGIN_PERCENT: i64 = 20;

/// And no more than this.
pub(crate) const MARGIN_LIMIT_MS: i64 = 2_000;

/// The platform's permission to run, and the duty to say when it is no longer needed.
///
/// The app's entry point for background work makes one and hands it to
/// [`Session::handle_background_events`](crate::Session::handle_background_events) or
/// [`Backhaul::handle_background_events`](crate::Backhaul::handle_background_events). It is completed
/// exactly once (rule W3): when everything was delivered, before the platform's limit if that comes
/// first, and when it is dropped.
///
/// ```
/// use std::time::Duration;
/// let ticket = backhaul::WakeTicket::new(|| println!("the system may suspend us"))
///     .limit(Duration::from_secs(10));
/// drop(ticket); // an app that cannot use the wake gives it back
/// ```
pub struct WakeTicket {
    completion: Arc<Completion>,
    limit: Option<Duration>,
    made: Moment,
}

impl WakeTicket {
    /// A ticket whose completion runs `complete`: on the session's delegate queue as a rule, on
    /// another thread when the delegate keeps that one busy until the limit, or where the ticket is
    /// dropped. It must neither block nor call a session, which may be waiting for it. See [`on`](WakeTicket::on) for a thread of your choice.
    pub fn new(complete: impl FnOnce() + Send + 'static) -> WakeTicket {
        let work = Work {
            complete: Once(Some(Box::new(complete))),
            executor: None,
        };
        WakeTicket {
            completion: Arc::new(Completion(Mutex::new(Some(work)))),
            limit: None,
            made: clock::now(),
        }
    }

    /// How long the wake may last, from when the ticket was made. Default: 25 seconds, and 10 for a
    /// session with the watch profile. It is completed then, whatever is still to be done; shortly
    /// before, transfers of an app that is not in front are stopped, and keep their bytes.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> WakeTicket {
        self.limit = Some(limit);
        self
    }

    /// Completes it there, whoever does: the platform's main thread (rule W4).
    #[must_use]
    pub fn on(self, executor: Arc<dyn Executor>) -> WakeTicket {
        if let Some(work) = self.completion.lock().as_mut() {
            work.executor = Some(executor);
        }
        self
    }

    /// A ticket of a simulated platform, whose clock is not the machine's.
    #[cfg(feature = "testkit")]
    #[allow(dead_code, reason = "the simulated lender makes its tickets with it")]
    pub(crate) fn made_at(mut self, made: Moment) -> WakeTicket {
        self.made = made;
        self
    }

    /// Tickets for several sessions: when the last one is completed, this one is.
    pub(crate) fn split(self, count: usize) -> Vec<WakeTicket> {
        let (limit, made) = (self.limit, self.made);
        let whole = Arc::new(self);
        let part = |_| {
            let whole = Arc::clone(&whole);
            let mut part = WakeTicket::new(move || drop(whole));
            (part.limit, part.made) = (limit, made);
            part
        };
        (0..count).map(part).collect()
    }

    /// What completes it although somebody else has it.
    pub(crate) fn completion(&self) -> Arc<Completion> {
        Arc::clone(&self.completion)
    }

    /// Whether the app chose the thread that it is completed on.
    pub(crate) fn has_executor(&self) -> bool {
        let work = self.completion.lock();
        work.as_ref().is_some_and(|work| work.executor.is_some())
    }

    /// When it must be over.
    pub(crate) fn period(&self, default_limit: Duration) -> Period {
        Period::new(self.made, self.limit.unwrap_or(default_limit))
    }
}

impl Drop for WakeTicket {
    fn drop(&mut self) {
        self.completion.complete();
    }
}

impl std::fmt::Debug for WakeTicket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WakeTicket")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// How long a wake lasts, by the clock that counts since boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    /// From here on nothing new begins, and what runs in this process stops.
    pub closes: Moment,
    /// The ticket is completed at the latest.
    pub ends: Moment,
}

impl Period {
    fn new(made: Moment, limit: Duration) -> Period {
        let limit_ms = duration_ms(limit);
        let margin_ms = limit_ms.saturating_mul(MARGIN_PERCENT) / 100;
        Period {
            closes: made.plus_ms(limit_ms - margin_ms.min(MARGIN_LIMIT_MS)),
            ends: made.plus_ms(limit_ms),
        }
    }
}

/// What a ticket does when it is over: once, whoever asks first.
pub(crate) struct Completion(Mutex<Option<Work>>);

struct Work {
    complete: Once,
    executor: Option<Arc<dyn Executor>>,
}

impl Completion {
    fn lock(&self) -> MutexGuard<'_, Option<Work>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Completes the ticket, unless it is. Never under the lock, and never with a panic.
    pub fn complete(&self) {
        let Some(work) = self.lock().take() else {
            return;
        };
        let Work { complete, executor } = work;
        let handed_over = catch_unwind(AssertUnwindSafe(|| match executor {
            Some(executor) => executor.execute(Box::new(move || complete.run())),
            None => complete.run(),
        }));
        if handed_over.is_err() {
            log::error!("the executor of a wake ticket panicked");
        }
    }

    pub fn is_complete(&self) -> bool {
        self.lock().is_none()
    }
}

impl std::fmt::Debug for Completion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Completion")
    }
}

/// The app's closure. An executor that throws it away unrun has it run all the same.
struct Once(Option<Box<dyn FnOnce() + Send>>);

impl Once {
    fn run(mut self) {
        self.run_once();
    }

    fn run_once(&mut self) {
        if let Some(complete) = self.0.take() {
            if catch_unwind(AssertUnwindSafe(complete)).is_err() {
                log::error!("the completion of a wake ticket panicked");
            }
        }
    }
}

impl Drop for Once {
    fn drop(&mut self) {
        self.run_once();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn counted() -> (WakeTicket, Arc<AtomicUsize>) {
        let count = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&count);
        let ticket = WakeTicket::new(move || {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        (ticket, count)
    }

    #[test]
    fn it_is_completed_once_whoever_is_first() {
        // rule W3
        let (ticket, count) = counted();
        let watchdog = ticket.completion();
        assert!(!watchdog.is_complete());
        watchdog.complete();
        watchdog.complete();
        drop(ticket);
        assert!(watchdog.is_complete());
        assert_eq!(count.load(Ordering::SeqCst), 1);

        let (ticket, count) = counted();
        let watchdog = ticket.completion();
        drop(ticket);
        watchdog.complete();
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    /// Throws away what it should run.
    struct Careless;
    impl Executor for Careless {
        fn execute(&self, work: Box<dyn FnOnce() + Send>) {
            drop(work);
            panic!("not today");
        }
    }

    #[test]
    fn an_executor_that_throws_work_away_cannot_lose_it() {
        // rule W3
        let (ticket, count) = counted();
        drop(ticket.on(Arc::new(Careless)));
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn one_wake_of_several_sessions_ends_with_the_last() {
        // rule W3
        let (ticket, count) = counted();
        let mut parts = ticket.split(3);
        parts.pop();
        parts.pop();
        assert_eq!(count.load(Ordering::SeqCst), 0);
        parts.pop();
        assert_eq!(count.load(Ordering::SeqCst), 1);
        let (ticket, count) = counted();
        drop(ticket.split(0));
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_completion_that_panics_hurts_nobody() {
        // rule W3
        drop(WakeTicket::new(|| panic!("not today")));
    }

    #[test]
    fn the_margin_is_a_part_of_the_limit_up_to_two_seconds() {
        // rule W3
        let made = clock::now();
        let margin = |limit_ms| {
            let period = Period::new(made, Duration::from_millis(limit_ms));
            (
                made.until_ms(period.ends),
                period.closes.until_ms(period.ends),
            )
        };
        assert_eq!(margin(25_000), (25_000, 2_000));
        assert_eq!(margin(10_000), (10_000, 2_000));
        assert_eq!(margin(1_000), (1_000, 200));
        assert_eq!(margin(0), (0, 0));
    }
}
