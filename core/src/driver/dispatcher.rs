//! What the delegate is still to be told, in order, and the half that adds to it.
//!
//! What may be lost, progress above all, is dropped when the delegate falls behind; the ends of
//! tasks are then left to the journal, so that memory stays bounded however slow the delegate is.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::delegate::StoreRecovery;
use crate::driver::caller::{Caller, Parts};
use crate::engine::{Event, EventKind};
use crate::store::JournalRow;
use crate::task_state::TaskInfo;
use crate::transport::TransferId;
use crate::wake::WakeTicket;

/// Calls waiting in memory. Past it, progress is dropped and ends stay in the journal only.
const QUEUE_LIMIT: usize = 4096;

/// One thing to tell.
pub(super) enum Item {
    Event(Box<Event>),
    End(Box<TaskInfo>, Box<JournalRow>),
    Recovered(StoreRecovery),
    /// A transfer that no task was for was cancelled.
    Cancelled(TransferId),
    /// The session was invalidated: the last call.
    Invalid,
}

/// Everything to tell. Only the delegate's thread takes from it.
#[derive(Default)]
pub(super) struct Queue {
    /// What happens is told as it comes; else it is left to the journal.
    pub is_open: bool,
    /// What the journal holds is told once, until nothing is left.
    pub flushes: bool,
    /// Creations, which are told before anything else (rule L1). Bounded by their callers.
    pub created: VecDeque<Event>,
    /// Callers that are creating tasks: until they have said which, nothing else is told.
    pub creators: usize,
    pub items: VecDeque<Item>,
    /// Journal entries exist that are not in `items`.
    pub backlog: bool,
    /// How many ends were left to the journal so far.
    pub left: u64,
    /// Wakes to give back when everything that may be told has been told.
    pub tickets: Vec<WakeTicket>,
    /// The session ends without having been invalidated: stop calling.
    pub closing: bool,
}

/// The sending half, used by the driver.
#[derive(Clone)]
pub(crate) struct Dispatcher(Arc<Inner>);

/// What the two halves share.
pub(super) struct Inner {
    queue: Mutex<Queue>,
    /// Woken when there is something to tell, and when a handed-over call has returned.
    pub wake: Condvar,
}

impl Dispatcher {
    /// The two halves. The calling one begins with what earlier processes left in the journal.
    pub fn new(parts: Parts) -> (Dispatcher, Caller) {
        let queue = Queue {
            backlog: true,
            ..Queue::default()
        };
        let inner = Arc::new(Inner {
            queue: Mutex::new(queue),
            wake: Condvar::new(),
        });
        let caller = Caller::new(Arc::clone(&inner), parts);
        (Dispatcher(inner), caller)
    }

    /// Holds back all calls but creations while tasks are being created: a quick server must not
    /// bring the end of a task before its beginning (rule L1).
    pub fn hold_for_creation(&self) -> CreationHold {
        self.push(|queue| queue.creators += 1);
        CreationHold(self.clone())
    }

    /// A task was created.
    pub fn created(&self, task: TaskInfo) {
        let kind = EventKind::Created;
        self.push(|queue| queue.created.push_back(Event { task, kind }));
    }

    /// A call that may be lost: it is dropped when the delegate is far behind, and when nobody looks.
    pub fn tell(&self, event: Event) {
        self.push(|queue| {
            if !queue.may_tell() {
                return;
            }
            let behind = queue.items.len() >= QUEUE_LIMIT;
            // A progress call that was not made yet is replaced by the newer one.
            let stale = match queue.items.back_mut() {
                Some(Item::Event(last)) if is_newer_progress(last, &event) => Some(last),
                _ => None,
            };
            match stale {
                Some(last) => merge_progress(last, event),
                None if behind => {
                    log::debug!("the delegate is {QUEUE_LIMIT} calls behind: one was dropped")
                }
                None => queue.items.push_back(Item::Event(Box::new(event))),
            }
        });
    }

    /// The end of a task, which the journal already holds.
    pub fn end(&self, task: TaskInfo, entry: JournalRow) {
        self.push(|queue| {
            if queue.backlog || !queue.may_tell() || queue.items.len() >= QUEUE_LIMIT {
                queue.backlog = true;
                queue.left += 1;
            } else {
                queue
                    .items
                    .push_back(Item::End(Box::new(task), Box::new(entry)));
            }
        });
    }

    pub fn recovered(&self, recovery: StoreRecovery) {
        self.push(|queue| queue.items.push_back(Item::Recovered(recovery)));
    }

    /// A platform's service had a transfer that no task was for.
    pub fn cancelled(&self, transfer: TransferId) {
        self.push(|queue| {
            if queue.items.len() < QUEUE_LIMIT {
                queue.items.push_back(Item::Cancelled(transfer));
            }
        });
    }

    /// Opens or closes the gate.
    pub fn set_open(&self, is_open: bool) {
        self.push(|queue| {
            queue.is_open = is_open;
            queue.leave_untold();
        });
    }

    /// Tells once what the journal holds.
    pub fn flush(&self) {
        self.push(|queue| queue.flushes = true);
    }

    /// No wake is left to tell in: the rest stays in the journal.
    pub fn stop_flush(&self) {
        self.push(|queue| {
            queue.flushes = false;
            queue.leave_untold();
        });
    }

    /// The last call of a session that was invalidated.
    pub fn invalid(&self) {
        self.push(|queue| queue.items.push_back(Item::Invalid));
    }

    /// Completes the ticket when everything that there is to tell, and may be told, has been told.
    /// With `flushes` the journal may be told for it.
    pub fn end_wake(&self, ticket: WakeTicket, flushes: bool) {
        self.push(|queue| {
            queue.tickets.push(ticket);
            queue.flushes |= flushes;
        });
    }

    /// Ends without further calls; the journal keeps what was not delivered.
    pub fn close(&self) {
        self.push(|queue| queue.closing = true);
    }

    fn push(&self, change: impl FnOnce(&mut Queue)) {
        change(&mut self.0.lock());
        self.0.wake.notify_all();
    }
}

/// Until it is dropped, only creations are told.
pub(crate) struct CreationHold(Dispatcher);

impl Drop for CreationHold {
    fn drop(&mut self) {
        self.0.push(|queue| queue.creators -= 1);
    }
}

impl Queue {
    /// Whether the delegate may be told what happened.
    pub fn may_tell(&self) -> bool {
        self.is_open || self.flushes
    }

    /// Behind a closed gate, ends are in the journal only, and what may be lost is lost.
    fn leave_untold(&mut self) {
        if self.may_tell() {
            return;
        }
        let mut left = 0;
        self.items.retain(|item| {
            left += u64::from(matches!(item, Item::End(..)));
            !matches!(item, Item::End(..) | Item::Event(_))
        });
        self.left += left;
        self.backlog |= left > 0;
    }
}

impl Inner {
    pub fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn wait<'a>(&self, queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        self.wake
            .wait(queue)
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_newer_progress(last: &Event, event: &Event) -> bool {
    last.task.id == event.task.id
        && matches!(
            (&last.kind, &event.kind),
            (EventKind::Progressed(_), EventKind::Progressed(_))
        )
}

fn merge_progress(last: &mut Event, event: Event) {
    if let (EventKind::Progressed(old), EventKind::Progressed(new)) = (&last.kind, &event.kind) {
        let mut merged = *new;
        merged.written += old.written;
        *last = Event {
            task: event.task,
            kind: EventKind::Progressed(merged),
        };
    }
}
