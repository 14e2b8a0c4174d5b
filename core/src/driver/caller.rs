//! Calls the delegate: one thread for each session, one call at a time (rule L2).
//!
//! The ends of tasks come from the journal and are acknowledged when the calls about them have
//! returned (rule D4). This module holds no lock while it calls.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Moment;
use crate::delegate::{DelegateQueue, DownloadedFile, SessionDelegate};
use crate::driver::dispatcher::{Inner, Item};
use crate::driver::machine::Machine;
use crate::driver::mail::{Mail, Mailbox};
use crate::driver::places::Places;
use crate::driver::returned::Returned;
use crate::driver::shared::Shared;
use crate::engine::{Event, EventKind, task_info};
use crate::error::Error;
use crate::store::{JournalRow, SessionKey, SessionLock, Store};
use crate::task_state::{TaskInfo, TaskState};
use crate::wake::WakeTicket;

/// Journal entries read at a time when the delegate had fallen behind.
const BACKLOG_PAGE: usize = 64;

/// Acknowledgements written at a time.
const ACKNOWLEDGE_PAGE: usize = 64;

/// And how long a busy delegate's may wait for more. An app that always dies before it has heard a
/// whole page would otherwise hear the same page at every launch.
const ACKNOWLEDGE_INTERVAL_MS: i64 = 50;

/// What the delegate's thread works with.
pub(crate) struct Parts {
    pub delegate: Arc<dyn SessionDelegate>,
    pub delegate_queue: DelegateQueue,
    pub machine: Arc<dyn Machine>,
    pub store: Store,
    pub session: SessionKey,
    pub places: Arc<Places>,
    pub shared: Arc<Shared>,
    pub mailbox: Mailbox,
    /// Held until the last call has returned (rule C3).
    pub lock: Option<SessionLock>,
}

/// The half that calls.
pub(crate) struct Caller {
    inner: Arc<Inner>,
    parts: Parts,
    /// The newest journal entry that was delivered.
    last_seq: i64,
    /// Delivered, and not yet written as such.
    unacknowledged: Vec<i64>,
    /// When ends were written as delivered last.
    acknowledged_at: Option<Moment>,
    /// Ends were told since the delegate last heard that all of them were.
    told_something: bool,
}

/// What came of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The delegate was called, or the journal was read.
    Called,
    /// There was nothing to call about.
    Nothing,
    /// The session has ended: [`Caller::end`] follows.
    Over,
}

/// What to do next.
enum Next {
    Item(Item),
    /// The queue is empty, and the journal holds more.
    Backlog,
    /// Nothing, for the moment.
    Nothing,
    Close,
}

impl Caller {
    pub(super) fn new(inner: Arc<Inner>, parts: Parts) -> Caller {
        Caller {
            inner,
            parts,
            last_seq: 0,
            unacknowledged: Vec::new(),
            acknowledged_at: None,
            told_something: false,
        }
    }

    /// Calls until the session has ended, on this thread.
    pub fn run(mut self) {
        self.parts.shared.set_delegate_thread();
        while self.turn(true) != Turn::Over {}
        self.end();
    }

    /// Makes the next call. With `may_wait`, waits until there is one to make.
    pub fn turn(&mut self, may_wait: bool) -> Turn {
        match self.next(may_wait) {
            Next::Item(Item::Invalid) => {
                self.parts.shared.leave();
                self.acknowledge();
                let tickets = std::mem::take(&mut self.inner.lock().tickets);
                if !tickets.is_empty() {
                    self.call(|delegate| delegate.did_finish_events_for_background_session());
                    self.give_back(tickets);
                }
                self.call(|delegate| delegate.did_become_invalid(None));
                return Turn::Over;
            }
            Next::Item(item) => self.tell(item),
            Next::Backlog => self.read_backlog(),
            Next::Nothing => return Turn::Nothing,
            Next::Close => return Turn::Over,
        }
        Turn::Called
    }

    /// Lets everything go, in order.
    pub fn end(mut self) {
        self.acknowledge();
        let tickets = std::mem::take(&mut self.inner.lock().tickets);
        drop(tickets);
        let Parts {
            delegate,
            lock,
            store,
            shared,
            ..
        } = self.parts;
        // The delegate is released first, then the identifier is free, then waiters are told.
        drop((delegate, store));
        drop(lock);
        shared.update(|status| status.closed = true);
    }

    fn next(&mut self, may_wait: bool) -> Next {
        loop {
            let mut queue = self.inner.lock();
            if queue.closing {
                return Next::Close;
            }
            if let Some(event) = queue.created.pop_front() {
                return Next::Item(Item::Event(Box::new(event)));
            }
            let is_held = queue.creators > 0;
            let may_tell = queue.may_tell();
            if !is_held {
                if let Some(item) = queue.items.pop_front() {
                    return Next::Item(item);
                }
                if queue.backlog && may_tell {
                    return Next::Backlog;
                }
                queue.flushes = false;
            }
            // Behind a closed gate nothing is told, but a wake can be over.
            let wake_is_over = !queue.tickets.is_empty();
            let has_ended = wake_is_over || (may_tell && self.told_something);
            if self.unacknowledged.is_empty() && (is_held || !has_ended) {
                if !may_wait {
                    return Next::Nothing;
                }
                let queue = self.inner.wait(queue);
                drop(queue);
                continue;
            }
            if is_held {
                drop(queue);
                self.acknowledge();
                continue;
            }
            let tickets = std::mem::take(&mut queue.tickets);
            drop(queue);
            self.acknowledge();
            if has_ended && may_tell {
                self.told_something = false;
                self.call(|delegate| delegate.did_finish_events_for_background_session());
            }
            self.give_back(tickets);
        }
    }

    /// The wakes are over. The last entry of each was told, and so was that it was the last (W4).
    fn give_back(&self, tickets: Vec<WakeTicket>) {
        if tickets.is_empty() {
            return;
        }
        for ticket in tickets {
            if ticket.has_executor() {
                drop(ticket);
            } else {
                self.call(move |_| drop(ticket));
            }
        }
        self.parts.mailbox.post(Mail::WakeOver);
    }

    fn tell(&mut self, item: Item) {
        match item {
            Item::Event(event) => self.tell_event(*event),
            // It was committed while the journal was read: that told it already.
            Item::End(_, entry) if entry.seq <= self.last_seq => {}
            Item::End(task, entry) => {
                self.tell_end(*task, *entry);
                self.told_something = true;
            }
            Item::Recovered(recovery) => {
                if self.call(move |delegate| delegate.did_recover_store(&recovery)) {
                    self.parts.store.acknowledge_recovery();
                }
            }
            Item::Cancelled(transfer) => {
                self.call(move |delegate| delegate.did_cancel_unknown_transfer(transfer));
            }
            Item::Invalid => {}
        }
    }

    fn tell_event(&self, event: Event) {
        let Event { task, kind } = event;
        self.call(move |delegate| match kind {
            EventKind::Created => delegate.did_create_task(&task),
            EventKind::Waiting(reason) => delegate.task_is_waiting(&task, reason),
            EventKind::Redirecting {
                response,
                url,
                reply,
            } => {
                reply.answer(delegate.will_perform_redirection(&task, &response, &url));
            }
            EventKind::Responded(response) => delegate.did_receive_response(&task, &response),
            EventKind::ResumedAt { offset, total } => {
                delegate.did_resume_at_offset(&task, offset, total)
            }
            EventKind::Restarted { reason, discarded } => {
                delegate.did_restart(&task, reason, discarded)
            }
            EventKind::Progressed(progress) => delegate.did_write_data(&task, progress),
        });
    }

    /// The calls about a task's end, and their acknowledgement if all of them returned.
    fn tell_end(&mut self, mut task: TaskInfo, entry: JournalRow) {
        let seq = entry.seq;
        self.last_seq = self.last_seq.max(seq);
        task.sequence = Some(entry.task_seq);
        task.state = TaskState::Completed;
        let location = self
            .parts
            .places
            .destination(task.destination.base(), task.destination.path());
        let returned = self.call(move |delegate| {
            let outcome = entry.outcome;
            delegate.did_finish_collecting_metrics(&task, &outcome.metrics);
            match (outcome.result, location) {
                (Ok(finished), Ok(location)) => {
                    let file = DownloadedFile::new(finished, location);
                    delegate.did_finish_downloading_to(&task, &file);
                    delegate.did_complete(&task, None);
                }
                // The base directory is not known in this launch: the file cannot be named.
                (Ok(_), Err(error)) => delegate.did_complete(&task, Some(&error)),
                (Err(record), _) => delegate.did_complete(&task, Some(&Error::from(record))),
            }
        });
        if returned {
            self.unacknowledged.push(seq);
            let now = self.parts.machine.now();
            let is_due = self
                .acknowledged_at
                .is_none_or(|at| at.until_ms(now) >= ACKNOWLEDGE_INTERVAL_MS);
            if is_due || self.unacknowledged.len() >= ACKNOWLEDGE_PAGE {
                self.acknowledge();
            }
        } else {
            self.leave_in_journal();
        }
    }

    /// An entry that could not be delivered comes at the next launch. A session that is finishing
    /// does not wait for it.
    fn leave_in_journal(&self) {
        self.parts.shared.leave_in_journal();
        self.parts.mailbox.post(Mail::Delivered);
    }

    fn acknowledge(&mut self) {
        if self.unacknowledged.is_empty() {
            return;
        }
        self.acknowledged_at = Some(self.parts.machine.now());
        let delivered = std::mem::take(&mut self.unacknowledged);
        let count = delivered.len() as u64;
        self.parts.shared.note_delivered(count);
        self.parts.store.acknowledge(self.parts.session, delivered);
        self.parts.mailbox.post(Mail::Delivered);
    }

    /// One page of what the journal holds and memory does not.
    fn read_backlog(&mut self) {
        let (store, session) = (&self.parts.store, self.parts.session);
        let left_before = self.inner.lock().left;
        // Never under the lock: the store may be waiting for a caller who waits for that.
        let page = store
            .journal_after(session, self.last_seq, BACKLOG_PAGE, true)
            .wait();
        let entries = match page {
            Ok(entries) => entries,
            Err(error) => {
                log::error!(
                    "the journal could not be read, its entries come at the next launch: {error}"
                );
                self.inner.lock().backlog = false;
                return;
            }
        };
        if entries.is_empty() {
            // An end may have been left to the journal since the page was read.
            let mut queue = self.inner.lock();
            queue.backlog = queue.left != left_before;
            return;
        }
        for entry in entries {
            let goes_on = {
                let queue = self.inner.lock();
                !queue.closing && queue.may_tell()
            };
            if !goes_on {
                return;
            }
            match self.parts.store.task(self.parts.session, entry.task).wait() {
                Ok(Some(row)) => {
                    let info = task_info(&row, TaskState::Completed);
                    self.tell_end(info, entry);
                    self.told_something = true;
                }
                Ok(None) => self.last_seq = self.last_seq.max(entry.seq),
                Err(error) => {
                    log::error!("task {} could not be read: {error}", entry.task);
                    self.last_seq = self.last_seq.max(entry.seq);
                    self.leave_in_journal();
                }
            }
        }
    }

    /// Makes one call on the delegate queue. False if it panicked, or the session closed meanwhile.
    fn call(&self, work: impl FnOnce(&dyn SessionDelegate) + Send + 'static) -> bool {
        let delegate = Arc::clone(&self.parts.delegate);
        let shared = Arc::clone(&self.parts.shared);
        let guarded = move || {
            let _call = shared.begin_call();
            let call = AssertUnwindSafe(|| work(delegate.as_ref()));
            let outcome = std::panic::catch_unwind(call);
            if outcome.is_err() {
                log::error!("a delegate method panicked: what it was told stays in the journal");
            }
            outcome.is_ok()
        };
        match &self.parts.delegate_queue {
            DelegateQueue::Serial => guarded(),
            DelegateQueue::Custom(executor) => {
                let answer = Arc::new(Mutex::new(None));
                let (inner, result) = (Arc::clone(&self.inner), Arc::clone(&answer));
                let mut returned = Returned::new(inner, result);
                executor.execute(Box::new(move || returned.note(guarded())));
                self.wait_for(&answer)
            }
        }
    }

    /// Waits until a handed-over call returned. A session that is closing does not wait for it: the
    /// executor may be the very thread that closes it.
    fn wait_for(&self, answer: &Mutex<Option<bool>>) -> bool {
        let mut queue = self.inner.lock();
        loop {
            if let Some(returned) = *answer.lock().unwrap_or_else(PoisonError::into_inner) {
                return returned;
            }
            if queue.closing {
                return false;
            }
            queue = self.inner.wait(queue);
        }
    }
}
