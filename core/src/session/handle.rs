//! What the handles of a session share: the way to its driver, and the end of the session.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::block_on::block_on;
use crate::clock;
use crate::configuration::Settings;
use crate::driver::{Disk, Dispatcher, Mail, Mailbox, Places, SessionStatus, Shared, Stepped};
use crate::error::{Error, ErrorKind, Result};
use crate::new_task::{self, Start};
use crate::request::Request;
use crate::store::{NewTask, SessionKey, Store};

/// What all handles of a session share. Its drop is the end of the session.
pub(crate) struct Handle {
    pub(super) settings: Settings,
    pub(super) store: Store,
    pub(super) session: SessionKey,
    pub(super) places: Arc<Places>,
    pub(super) shared: Arc<Shared>,
    pub(super) mailbox: Mailbox,
    pub(super) dispatcher: Dispatcher,
    /// By the last conditions: what is started while the app is not in front is discretionary.
    pub(super) is_in_front: AtomicBool,
}

impl Handle {
    /// Asks the driver and waits for its answer.
    pub fn ask<T>(&self, mail: impl FnOnce(oneshot::Sender<Result<T>>) -> Mail) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.mailbox.post(mail(answer));
        self.wait_for(answered).unwrap_or_else(|| {
            Err(Error::new(
                ErrorKind::SessionInvalidated,
                "the session has ended; make it again",
            ))
        })
    }

    /// Waits for an answer; none if whoever was to give it is gone.
    fn wait_for<T>(&self, mut answered: oneshot::Receiver<T>) -> Option<T> {
        while let Some(stepped) = self.settings.machine.step() {
            match answered.try_recv() {
                Ok(answer) => return Some(answer),
                Err(oneshot::error::TryRecvError::Closed) => return None,
                // Nothing more comes of itself: the answer waits for time to go by.
                Err(oneshot::error::TryRecvError::Empty) if stepped == Stepped::AtRest => {
                    return None;
                }
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
        }
        block_on(answered).ok()
    }

    /// As [`Shared::wait_until`], on any machine.
    pub(super) fn wait_until(
        &self,
        timeout: Option<Duration>,
        mut done: impl FnMut(&SessionStatus) -> bool,
    ) -> SessionStatus {
        while let Some(stepped) = self.settings.machine.step() {
            let status = self.shared.status();
            if done(&status) || status.closed || stepped == Stepped::AtRest {
                return status;
            }
        }
        self.shared.wait_until(timeout, done)
    }

    pub fn disk(&self) -> Arc<dyn Disk> {
        self.settings.machine.disk()
    }

    pub fn store(&self) -> (&Store, SessionKey) {
        (&self.store, self.session)
    }

    pub fn places(&self) -> &Places {
        &self.places
    }

    /// A task was resumed: it counts as active from now on, until the next count.
    pub fn note_resumed(&self) {
        self.shared.note_new(1, 0);
        self.mailbox.post(Mail::Enqueued);
    }

    /// How tasks start that are made now.
    pub(super) fn start(&self, resumed: bool) -> Start {
        let is_in_front = self.is_in_front.load(Ordering::Relaxed);
        let is_background_session = self.settings.identifier.is_some();
        match (resumed, is_background_session && !is_in_front) {
            (false, _) => Start::Suspended,
            (true, false) => Start::InFront,
            (true, true) => Start::InBackground,
        }
    }

    /// Judges a request by the configuration, before anything is written (rules C2, T1, T2).
    pub(super) fn new_task(
        &self,
        request: Request,
        start: Start,
        now: clock::Moment,
    ) -> Result<NewTask> {
        let row = new_task::new_task(&self.settings, request, start, now)?;
        self.places.destination(&row.base, &row.path)?;
        Ok(row)
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let identifier = &self.settings.identifier;
        f.debug_struct("Session")
            .field("identifier", identifier)
            .finish_non_exhaustive()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // A session that was invalidated ends by itself, when its tasks have (rule C3).
        if self.shared.is_invalidated() {
            return;
        }
        self.shared.leave();
        self.mailbox.post(Mail::Shutdown);
        // The identifier is free when this returns, except on the delegate's own thread, which
        // would wait for itself.
        if !self.shared.is_delegate_thread() {
            self.wait_until(None, |status| status.closed);
        }
    }
}
