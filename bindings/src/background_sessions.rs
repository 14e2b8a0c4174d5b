//! The one call of every launch (rule W5).

use std::sync::Arc;

use crate::callback_error::CallbackError;
use crate::conditions::SystemConditions;
use crate::configuration::PreviousExit;
use crate::delegate::StoreRecovery;
use crate::error::{ErrorInfo, Result};
use crate::session::{Session, SessionParts};
use crate::wake::{Scheduler, WakeScheduler, WakeTicket};

/// Knows how the app's background sessions are made.
#[uniffi::export(foreign)]
pub trait SessionFactory: Send + Sync {
    /// The parts of the session with this identifier; none if this version of the app no longer knows
    /// it. Called during a launch, on its thread.
    fn make_session(&self, identifier: String) -> Result<Option<SessionParts>, CallbackError>;
}

/// A session that could not be made again.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct FailedSession {
    /// Which.
    pub identifier: String,
    /// Why.
    pub error: ErrorInfo,
}

/// The background sessions of one container: the core's `Backhaul`. An app makes it first of all at
/// every launch, and keeps it.
#[derive(uniffi::Object)]
pub struct BackgroundSessions {
    core: Arc<backhaul::Backhaul>,
    /// Those that the factory could not even describe.
    undescribed: Vec<FailedSession>,
}

#[uniffi::export]
impl BackgroundSessions {
    /// Makes the sessions again that have something left to do or to tell.
    ///
    /// # Errors
    /// `container_in_use`, `store_too_new`, `store`. A session that cannot be made stops no other.
    #[uniffi::constructor]
    pub fn launch(
        container: String,
        conditions: Option<SystemConditions>,
        previous_exit: PreviousExit,
        wake_scheduler: Option<Arc<dyn WakeScheduler>>,
        factory: Arc<dyn SessionFactory>,
    ) -> Result<Arc<BackgroundSessions>> {
        let mut options = backhaul::LaunchOptions::default().previous_exit(previous_exit.into());
        if let Some(conditions) = conditions {
            options = options.conditions(conditions.into());
        }
        if let Some(scheduler) = wake_scheduler {
            options = options.wake_scheduler(Arc::new(Scheduler(scheduler)));
        }
        let mut undescribed = Vec::new();
        let core = backhaul::Backhaul::launch(container, options, |identifier| {
            launch_of(factory.as_ref(), identifier)
                .map_err(|error| {
                    undescribed.push(FailedSession {
                        identifier: identifier.to_owned(),
                        error: *error,
                    });
                })
                .ok()
                .flatten()
        })?;
        let core = Arc::new(core);
        Ok(Arc::new(BackgroundSessions { core, undescribed }))
    }

    /// The session with this identifier: the one that the launch made again, or else a new one.
    ///
    /// # Errors
    /// As for a new background session.
    pub fn open(&self, parts: SessionParts) -> Result<Arc<Session>> {
        let session = self.core.open(parts.into_launch()?)?;
        Ok(Arc::new(Session(session)))
    }

    /// The live session with this identifier.
    pub fn session(&self, identifier: String) -> Option<Arc<Session>> {
        let session = self.core.session(&identifier)?;
        Some(Arc::new(Session(session)))
    }

    /// The sessions that the launch made again and those that were opened since.
    pub fn sessions(&self) -> Vec<Arc<Session>> {
        let sessions = self.core.sessions().into_iter();
        sessions.map(|s| Arc::new(Session(s))).collect()
    }

    /// Identifiers that the store knows and the factory did not. Nothing of them is lost.
    pub fn unknown_sessions(&self) -> Vec<String> {
        let failed = |identifier: &&String| {
            let mut undescribed = self.undescribed.iter();
            undescribed.any(|session| session.identifier == **identifier)
        };
        let unknown = self.core.unknown_sessions().iter();
        unknown
            .filter(|identifier| !failed(identifier))
            .cloned()
            .collect()
    }

    /// Sessions that could not be made again, and why.
    pub fn failed_sessions(&self) -> Vec<FailedSession> {
        let failed = self.core.failed_sessions().iter();
        let failed = failed.map(|(identifier, error)| FailedSession {
            identifier: identifier.clone(),
            error: ErrorInfo::from(error),
        });
        self.undescribed.iter().cloned().chain(failed).collect()
    }

    /// The store was damaged and has been replaced (rule D6).
    pub fn recovery(&self) -> Option<StoreRecovery> {
        self.core.recovery().map(StoreRecovery::from)
    }

    /// Hands a wake to the session that it is for (rule S5). Without such a session it is completed at
    /// once: then, and for a ticket that was used before, this returns false.
    pub fn handle_background_events(&self, identifier: String, ticket: Arc<WakeTicket>) -> bool {
        match ticket.take() {
            Some(ticket) => self.core.handle_background_events(&identifier, ticket),
            None => false,
        }
    }

    /// Hands a wake that is for no session in particular to all of them. False for a ticket that was
    /// used before.
    pub fn handle_wake(&self, ticket: Arc<WakeTicket>) -> bool {
        let ticket = ticket.take();
        let is_new = ticket.is_some();
        if let Some(ticket) = ticket {
            self.core.handle_wake(ticket);
        }
        is_new
    }

    /// The platform takes back the wakes that it lent, before their limit.
    pub fn expire_background_events(&self) {
        self.core.expire_background_events();
    }

    /// Tells every session what the system is like now (rule P2).
    pub fn set_conditions(&self, conditions: SystemConditions) {
        self.core.set_conditions(conditions.into());
    }
}

impl BackgroundSessions {
    /// Those that a simulated app has made, and could not make.
    pub(crate) fn of(
        core: Arc<backhaul::Backhaul>,
        unmade: Vec<(String, backhaul::Error)>,
    ) -> Arc<BackgroundSessions> {
        let undescribed = unmade.into_iter().map(|(identifier, error)| FailedSession {
            identifier,
            error: ErrorInfo::from(&error),
        });
        Arc::new(BackgroundSessions {
            undescribed: undescribed.collect(),
            core,
        })
    }
}

/// The parts of a session, as the app gives them.
fn launch_of(
    factory: &dyn SessionFactory,
    identifier: &str,
) -> Result<Option<backhaul::Launch>, Box<ErrorInfo>> {
    let parts = factory
        .make_session(identifier.to_owned())
        .map_err(|error| {
            let reason = format!("the app could not make the session: {error}");
            let error = backhaul::Error::new(backhaul::ErrorKind::System, reason);
            Box::new(ErrorInfo::from(&error))
        })?;
    let Some(parts) = parts else {
        return Ok(None);
    };
    match parts.into_launch() {
        Ok(launch) => Ok(Some(launch)),
        Err(crate::BackhaulError::Failed { info }) => Err(info),
    }
}
