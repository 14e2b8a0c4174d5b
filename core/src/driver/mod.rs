//! Carries the engine's effects out, and brings what came of them back in.
//!
//! One task on our own runtime for each session. It decides nothing: time, commands, transfer
//! events, committed transactions and finished files go into the engine, and effects come out. The
//! store answers in the order it was asked, so its answers are taken in that order too: what
//! follows a commit never overtakes it.

mod adopt;
mod caller;
mod carry_out;
mod dispatcher;
mod filing;
mod gate;
mod machine;
mod mail;
mod places;
mod questions;
mod rebuild;
mod returned;
mod runtime;
mod shared;
mod sweep;
mod take_over;
mod waiting_store;
mod wakes;

use std::collections::HashMap;
use std::sync::Arc;

pub(crate) use caller::Parts;
#[cfg(feature = "testkit")]
pub(crate) use caller::{Caller, Turn};
pub(crate) use carry_out::unknown_task;
pub(crate) use dispatcher::Dispatcher;
#[cfg(feature = "testkit")]
pub(crate) use filing::file_error;
pub use gate::DeliveryPolicy;
pub(crate) use machine::{Disk, Machine, Sleep, Stepped, threads};
#[cfg(feature = "testkit")]
pub(crate) use machine::{Job, OpenedStore};
pub(crate) use mail::{Mail, Mailbox};
pub(crate) use places::Places;
pub(crate) use rebuild::rebuild;
pub(crate) use runtime::handle as runtime_handle;
pub use shared::SessionStatus;
pub(crate) use shared::Shared;
pub(crate) use sweep::sweep_parts;
use tokio::sync::mpsc;

use crate::clock::{self, Moment};
use crate::configuration::Settings;
use crate::driver::filing::Filing;
use crate::driver::mail::Answer;
use crate::driver::waiting_store::{Resolved, WaitingStore};
use crate::driver::wakes::Wakes;
use crate::engine::{Command, CommandToken, Engine, Input};
use crate::store::{SessionKey, Store};
use crate::task_id::TaskId;
use crate::transport::Transport;
use crate::wake::WakeDesk;

/// How long transfers get to stop and save what they have when a session ends.
const WIND_DOWN_LIMIT_MS: i64 = 10_000;

/// How often the tasks of a busy session are counted.
const COUNT_INTERVAL_MS: i64 = 100;

/// One session's loop.
pub(crate) struct Driver {
    engine: Engine,
    store: Store,
    session: SessionKey,
    settings: Settings,
    places: Arc<Places>,
    transport: Arc<dyn Transport>,
    /// Clocks, threads and files.
    machine: Arc<dyn Machine>,
    dispatcher: Dispatcher,
    shared: Arc<Shared>,
    mailbox: Mailbox,
    mail: mpsc::UnboundedReceiver<Mail>,
    /// What the store was asked and has not answered.
    waiting: WaitingStore,
    /// Bodies on their way to their destinations.
    filing: Filing,
    /// Callers that wait for a command to be durable.
    callers: HashMap<CommandToken, Answer<()>>,
    next_token: u64,
    /// Wakes that the platform lent and that are not over.
    wakes: Wakes,
    /// Where the next one is asked for, if anybody is asked.
    desk: Option<Arc<WakeDesk>>,
    /// What the process before this one had in hand when the user ended it, if that is to be told.
    in_hand: Vec<TaskId>,
    ending: Ending,
    /// The numbers in the status may be old.
    counts_stale: bool,
    counted_at: Option<Moment>,
}

/// Whether, and how, the session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// It goes on.
    Not,
    /// When the last task has ended and was delivered (`finish_tasks_and_invalidate`).
    WhenFinished,
    /// Now, without telling the delegate: the next launch goes on.
    Now { deadline: Moment },
}

/// What a driver is made of.
pub(crate) struct DriverParts {
    pub engine: Engine,
    pub store: Store,
    pub session: SessionKey,
    pub settings: Settings,
    pub places: Arc<Places>,
    pub transport: Arc<dyn Transport>,
    pub machine: Arc<dyn Machine>,
    pub dispatcher: Dispatcher,
    pub shared: Arc<Shared>,
    pub mailbox: Mailbox,
    pub mail: mpsc::UnboundedReceiver<Mail>,
    pub desk: Option<Arc<WakeDesk>>,
    pub in_hand: Vec<TaskId>,
}

impl Driver {
    pub fn new(parts: DriverParts) -> Driver {
        Driver {
            engine: parts.engine,
            store: parts.store,
            session: parts.session,
            settings: parts.settings,
            places: parts.places,
            transport: parts.transport,
            machine: parts.machine,
            dispatcher: parts.dispatcher,
            shared: parts.shared,
            mailbox: parts.mailbox,
            mail: parts.mail,
            waiting: WaitingStore::default(),
            filing: Filing::default(),
            callers: HashMap::new(),
            next_token: 0,
            wakes: Wakes::default(),
            desk: parts.desk,
            in_hand: parts.in_hand,
            ending: Ending::Not,
            counts_stale: true,
            counted_at: None,
        }
    }

    /// Runs the session to its end.
    pub async fn run(mut self) {
        // Before anything may start: without run time nothing does.
        self.tell_awake();
        if self.transport.capabilities().outlives_process {
            self.ask_for_list();
        } else {
            self.end_in_hand(&[]);
        }
        self.feed(Input::MoreReady);
        while !self.is_over() {
            self.refresh_counts();
            self.tend_wakes();
            let timeout = self.timeout();
            let timer = timeout.map(|due| self.machine.sleep_until(due));
            // In this order: answers are bounded by what was asked, so mail cannot be starved by
            // them; and a busy mailbox must not starve the timer.
            if timeout.is_some_and(|due| self.now().until_ms(due) == 0) {
                self.feed(Input::Tick);
            }
            tokio::select! {
                biased;
                resolved = self.waiting.next(), if !self.waiting.is_empty() => self.resolved(resolved),
                mail = self.mail.recv() => match mail {
                    Some(mail) => self.open(mail),
                    None => break,
                },
                () = sleep(timer), if timeout.is_some() => self.feed(Input::Tick),
            }
        }
        if self.settings.identifier.is_none() {
            let disk = self.machine.disk();
            sweep::remove_all_parts(&self.store, self.session, &self.places, disk.as_ref()).await;
        }
        let (dispatcher, ending) = (self.dispatcher.clone(), self.ending);
        if matches!(ending, Ending::WhenFinished) {
            // There is no more work: nobody is woken for it.
            self.wants_wake(None);
            self.leave_wakes();
        }
        // Mail that is still in the box is answered by its dropped channels. The store is let go
        // before anyone hears that the session has ended.
        drop(self);
        match ending {
            Ending::WhenFinished => dispatcher.invalid(),
            Ending::Not | Ending::Now { .. } => dispatcher.close(),
        }
    }

    /// Gives the engine an input and carries out what follows.
    fn feed(&mut self, input: Input) {
        self.engine.handle(self.machine.now(), input);
        while let Some(effect) = self.engine.poll_effect() {
            self.carry_out(effect);
        }
    }

    fn open(&mut self, mail: Mail) {
        match mail {
            Mail::Enqueued => {
                self.counts_stale = true;
                // Before the next end is told: others may follow it now.
                self.wakes.all_ended = false;
                self.set_gate();
                self.feed(Input::MoreReady);
            }
            Mail::StartsInBackground => self.feed(Input::StartsInBackground),
            Mail::Command(id, command, answer) => self.take_command(id, command, answer),
            Mail::Explain(id, answer) => self.ask_task(id, answer),
            Mail::Tasks {
                after,
                limit,
                answer,
            } => self.ask_tasks(after, limit, answer),
            Mail::SetMetadata { ids, text, answer } => self.set_metadata(ids, text, answer),
            Mail::Conditions(conditions) => {
                self.counts_stale = true;
                if conditions.app_state.is_in_front() {
                    self.run_time_was_useful();
                }
                self.feed(Input::Conditions(conditions));
            }
            Mail::Invalidate { cancel } => self.invalidate(cancel),
            Mail::Shutdown => {
                let deadline = self.now().plus_ms(WIND_DOWN_LIMIT_MS);
                self.ending = Ending::Now { deadline };
                self.feed(Input::Shutdown);
            }
            Mail::Transfer(id, event) => self.transfer_event(id, event),
            Mail::Listed(transfers) => self.listed(transfers),
            Mail::Taken(id, job) => self.taken(id, job),
            Mail::Filed(results) => self.filed(results),
            Mail::Gathered => self.gathered(),
            #[cfg(feature = "testkit")]
            Mail::States(rows, answer) => {
                let states = rows.iter().map(|row| (row.id, self.state(row)));
                let _ = answer.send(Ok(states.collect()));
            }
            Mail::WakesExpire => self.expire_wakes(),
            Mail::Wake(ticket) => self.lend(ticket),
            Mail::CommitAgain { changes, then } => {
                self.commit(changes, then);
                // Claims passed over the row while it could not be given back.
                self.feed(Input::MoreReady);
            }
            Mail::Delivered => self.counts_stale = true,
            // The next turn looks at the wakes.
            Mail::WakeOver => {}
        }
    }

    fn take_command(
        &mut self,
        id: TaskId,
        command: fn(CommandToken) -> Command,
        answer: Answer<()>,
    ) {
        let token = CommandToken(self.next_token);
        self.next_token += 1;
        self.callers.insert(token, answer);
        self.counts_stale = true;
        self.wakes.all_ended = false;
        self.set_gate();
        self.command(id, command(token), token);
    }

    /// A command for a task that is in no window loads it first.
    fn command(&mut self, id: TaskId, command: Command, token: CommandToken) {
        if self.engine.contains(id) {
            self.feed(Input::Command(id, command));
        } else {
            let reply = self.store.claim_by_id(self.session, &[id], self.now());
            self.waiting.push(async move {
                Resolved::Loaded {
                    id,
                    command,
                    token,
                    rows: reply.await.map(|claim| claim.rows),
                }
            });
        }
    }

    fn invalidate(&mut self, cancel: bool) {
        self.ending = Ending::WhenFinished;
        self.counts_stale = true;
        if cancel {
            self.cancel_page(None);
        }
    }

    /// Cancels the session's tasks page by page: however many there are, memory stays bounded.
    fn cancel_page(&mut self, after: Option<TaskId>) {
        const PAGE: usize = 256;
        let reply = self.store.tasks(self.session, after, PAGE);
        self.waiting
            .push(async move { Resolved::CancelPage(reply.await) });
    }

    fn now(&self) -> Moment {
        self.machine.now()
    }

    fn timeout(&self) -> Option<Moment> {
        let now = self.now();
        let work = match self.ending {
            Ending::Now { deadline } => Some(deadline),
            _ => self.engine.next_timeout(now),
        };
        let wakes = self.wakes.next_timeout(now);
        [work, wakes]
            .into_iter()
            .flatten()
            .min_by_key(|due| now.until_ms(*due))
    }

    fn is_over(&self) -> bool {
        match self.ending {
            Ending::Not => false,
            Ending::Now { deadline } => {
                let stopped =
                    self.engine.busy() == 0 || self.transport.capabilities().outlives_process;
                (stopped && self.waiting.is_empty()) || self.now().until_ms(deadline) == 0
            }
            Ending::WhenFinished => {
                !self.counts_stale && self.waiting.is_empty() && self.shared.is_finished()
            }
        }
    }

    /// Asks for the numbers of the status again when they may have changed: at once when nothing
    /// moves, else now and then, because counting looks at the index entry of every task.
    fn refresh_counts(&mut self) {
        let idle = self.engine.busy() == 0;
        let due = idle
            || self
                .counted_at
                .is_none_or(|at| at.until_ms(self.now()) >= COUNT_INTERVAL_MS);
        if self.counts_stale && due && !self.waiting.asks_for_counts() {
            self.counts_stale = false;
            self.counted_at = Some(self.now());
            let changes = self.shared.changes();
            self.waiting
                .ask_counts(self.store.counts(self.session), changes);
            if idle {
                let held = self.store.held_reasons(self.session);
                let ready = self.store.ready_needs(self.session);
                self.waiting.push(async move {
                    let held = held.await;
                    Resolved::WhyWaiting {
                        held,
                        ready: ready.await,
                    }
                });
            }
        }
        let busy = self.engine.busy() as u64;
        let now = self.now();
        let next = self
            .engine
            .next_timeout(now)
            .map(|due| now.plus_ms(now.until_ms(due)).system_time());
        self.shared.update(|status| {
            status.transferring = busy;
            // Shown to a second: the same wait must not look like a change each time.
            if !same_second(status.next_evaluation, next) {
                status.next_evaluation = next;
            }
        });
    }
}

impl Drop for Driver {
    /// A bug of ours ends its session, and must not leave the app waiting for that end. Wakes are
    /// over in every case.
    fn drop(&mut self) {
        self.give_back_wakes();
        if std::thread::panicking() {
            self.dispatcher.close();
        }
    }
}

fn same_second(a: Option<std::time::SystemTime>, b: Option<std::time::SystemTime>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => clock::wall_ms(a).abs_diff(clock::wall_ms(b)) < 1000,
        _ => false,
    }
}

async fn sleep(timer: Option<Sleep>) {
    match timer {
        Some(timer) => timer.await,
        None => std::future::pending().await,
    }
}
