//! How a session comes to be: its store's rows are taken over, its parts are made and joined.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Handle, Session, UNNAMED};
use crate::clock::{self, Moment};
use crate::configuration::{ForceQuitPolicy, PreviousExit, Settings};
use crate::delegate::{DelegateQueue, SessionDelegate, StoreRecovery};
use crate::driver::{self, Dispatcher, Driver, DriverParts, Mailbox, Parts, Places, Shared};
use crate::engine::policy::{LaunchLimiter, Rules};
use crate::engine::{Engine, EngineConfig};
use crate::error::{Error, ErrorKind, Result};
use crate::files::BaseDirectories;
use crate::request::CONTAINER_BASE;
use crate::store::{SessionLock, Store};
use crate::task_id::TaskId;
use crate::transport::Transport;
use crate::wake::WakeDesk;

impl Session {
    pub(super) fn open(
        settings: Settings,
        store: Store,
        lock: Option<SessionLock>,
        recovery: Option<StoreRecovery>,
        delegate: Arc<dyn SessionDelegate>,
        delegate_queue: DelegateQueue,
    ) -> Result<Session> {
        let machine = Arc::clone(&settings.machine);
        let now = machine.now();
        let name = settings.identifier.as_deref().unwrap_or(UNNAMED);
        let delegate = machine.delegate(name, delegate);
        let transport = make_transport(&settings)?;
        let in_hand = tasks_in_hand(&settings, &store, transport.as_ref())?;
        let session = store.open_session(name, now)?;
        let places = Arc::new(Places::new(
            base_directories(&settings)?,
            store.token().to_owned(),
        ));
        let recovery = driver::rebuild(&store, session, &settings, &places, recovery)?;
        driver::sweep_parts(&store, session, &places, machine.disk().as_ref(), now)?;
        let (sender, mail) = mpsc::unbounded_channel();
        let mailbox = Mailbox(sender);
        transport.attach(Arc::new(mailbox.clone()));
        let shared = Arc::new(Shared::default());
        // A status that says "nothing to do" must mean it from the start. Counting a long queue takes
        // longer than starting on it, so until the first count it says only whether there is any.
        let any = store.any(session).wait()?;
        shared.update(|status| {
            status.active = any.ready + any.held + any.claimed;
            status.suspended = any.suspended;
            status.undelivered = any.unacknowledged;
        });
        let (dispatcher, caller) = Dispatcher::new(Parts {
            delegate,
            delegate_queue,
            machine: Arc::clone(&machine),
            store: store.clone(),
            session,
            places: Arc::clone(&places),
            shared: Arc::clone(&shared),
            mailbox: mailbox.clone(),
            lock,
        });
        if let Some(recovery) = recovery {
            dispatcher.recovered(recovery);
        }
        let is_in_front = settings.conditions.app_state.is_in_front().into();
        let limiter = store.limiter(session).wait()?.restored(now);
        let driver = Driver::new(DriverParts {
            engine: Engine::new(engine_config(&settings, transport.as_ref(), limiter)),
            store: store.clone(),
            session,
            settings: settings.clone(),
            places: Arc::clone(&places),
            transport,
            machine: Arc::clone(&machine),
            dispatcher: dispatcher.clone(),
            shared: Arc::clone(&shared),
            mailbox: mailbox.clone(),
            mail,
            desk: wake_desk(&settings, &store, now)?,
            in_hand,
        });
        machine.run(driver, caller)?;
        Ok(Session(Arc::new(Handle {
            settings,
            store,
            session,
            places,
            shared,
            mailbox,
            dispatcher,
            is_in_front,
        })))
    }
}

/// What an earlier process had in hand, if the user ended it and its tasks are to report that (W6).
fn tasks_in_hand(
    settings: &Settings,
    store: &Store,
    transport: &dyn Transport,
) -> Result<Vec<TaskId>> {
    let reports = settings.previous_exit == PreviousExit::ForceQuit
        && settings.force_quit == ForceQuitPolicy::Report;
    match &settings.identifier {
        Some(identifier) if reports => {
            let outlives = transport.capabilities().outlives_process;
            store.tasks_in_hand(identifier, outlives).wait()
        }
        _ => Ok(Vec::new()),
    }
}

/// Where the session says when it would be woken, if anybody is to hear it (P6).
fn wake_desk(settings: &Settings, store: &Store, now: Moment) -> Result<Option<Arc<WakeDesk>>> {
    let scheduler = match (&settings.identifier, &settings.wake_scheduler) {
        (Some(_), Some(scheduler)) if settings.sends_launch_events => Arc::clone(scheduler),
        _ => return Ok(None),
    };
    let desk = settings.machine.wake_desk(&container(settings));
    desk.open(scheduler);
    if settings.watch.is_some() {
        desk.keep_to(store.wakes().wait()?, now);
    }
    Ok(Some(desk))
}

fn container(settings: &Settings) -> PathBuf {
    let container = settings.container.clone();
    container.unwrap_or_else(crate::default_container)
}

fn base_directories(settings: &Settings) -> Result<BaseDirectories> {
    let container = container(settings);
    let container = std::path::absolute(&container).unwrap_or(container);
    let mut bases = BaseDirectories::default();
    let named = settings
        .base_directories
        .iter()
        .map(|(name, path)| (name.as_str(), path.clone()));
    for (name, path) in std::iter::once((CONTAINER_BASE, container.join("files"))).chain(named) {
        bases.insert(name, &path).map_err(|source| {
            let text = format!("base directory {name:?} must be an absolute path");
            Error::new(ErrorKind::InvalidDestination, text).with_source(source)
        })?;
    }
    Ok(bases)
}

fn engine_config(
    settings: &Settings,
    transport: &dyn Transport,
    limiter: LaunchLimiter,
) -> EngineConfig {
    let capabilities = transport.capabilities();
    let window = capabilities.window.unwrap_or(usize::MAX).max(1);
    EngineConfig {
        max_concurrent_transfers: settings.max_concurrent_transfers.min(window),
        // A service that goes on without us keeps to this by itself. What it is given must last it until
        // it wakes the app, which it does only when all of that has ended.
        max_connections_per_host: match capabilities.outlives_process {
            true => usize::MAX,
            false => settings.max_connections_per_host,
        },
        retry: settings.retry,
        timeout_for_resource_ms: clock::duration_ms(settings.timeout_for_resource),
        outlives_process: capabilities.outlives_process,
        max_transfers_per_group: settings.max_transfers_per_group,
        rules: Rules::of(settings),
        limiter,
        conditions: settings.conditions,
        seed: settings.machine.seed(),
    }
}

#[cfg(feature = "http")]
fn make_transport(settings: &Settings) -> Result<Arc<dyn Transport>> {
    match &settings.transport {
        Some(transport) => Ok(Arc::clone(transport)),
        None => Ok(Arc::new(crate::transport::http::HttpTransport::new(
            settings,
            driver::runtime_handle()?,
        )?)),
    }
}

#[cfg(not(feature = "http"))]
fn make_transport(settings: &Settings) -> Result<Arc<dyn Transport>> {
    settings.transport.clone().ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidRequest,
            "this build has no HTTP of its own; give the configuration a transport",
        )
    })
}
