//! Makes the session, the same at every launch.

use std::fs;
use std::sync::{Arc, Mutex, PoisonError};

use backhaul::{
    DelegateQueue, Executor, Network, Session, SessionConfiguration, SessionDelegate,
    SystemConditions,
};

use crate::app::App;
use crate::args::{Common, TransferArgs};
use crate::conditions;
use crate::exit::{Exit, Failure, Outcome};
use crate::hosts::Hosts;
use crate::place;

/// A session that moves bytes and tells `app` about it.
pub fn running(
    common: &Common,
    transfer: &TransferArgs,
    hosts: &Hosts,
    conditions: SystemConditions,
    app: &Arc<App>,
) -> Outcome<Session> {
    let (delegate, queue) = (Arc::clone(app) as _, DelegateQueue::Serial);
    let session = open(common, Some(transfer), hosts, delegate, queue, conditions)?;
    conditions::save(&common.container(), &conditions)?;
    Ok(session)
}

/// A session that only has its queue changed. Nothing is told, so that what the journal holds waits
/// for the next `get` or `run`; nothing is transferred.
pub fn quiet(common: &Common, transfer: Option<&TransferArgs>, hosts: &Hosts) -> Outcome<Session> {
    let queue = DelegateQueue::Custom(Arc::new(Never::default()));
    let conditions = SystemConditions {
        network: Network::None,
        ..SystemConditions::default()
    };
    open(common, transfer, hosts, Arc::new(Nobody), queue, conditions)
}

fn open(
    common: &Common,
    transfer: Option<&TransferArgs>,
    hosts: &Hosts,
    delegate: Arc<dyn SessionDelegate>,
    queue: DelegateQueue,
    conditions: SystemConditions,
) -> Outcome<Session> {
    let mut configuration = SessionConfiguration::background(common.session_id())?
        .container(common.container())
        .base_directory(place::BASE, "/")
        .is_discretionary(false)
        .conditions(conditions);
    for host in hosts.iter() {
        configuration = configuration.allow_plain_http(host);
    }
    if let Some(transfer) = transfer {
        configuration = configuration
            .max_concurrent_transfers(usize::from(transfer.max))
            .max_connections_per_host(usize::from(transfer.max))
            .bandwidth_limit(transfer.limit_rate);
        if let Some(timeout) = transfer.timeout_for_resource {
            configuration = configuration.timeout_for_resource(timeout);
        }
        if let Some(file) = &transfer.cacert {
            let pem = fs::read(file).map_err(|error| {
                let file = file.display();
                Failure::usage(format!(
                    "cannot read --cacert {file}: {error}; give a PEM file"
                ))
            })?;
            configuration = configuration.root_certificate(pem);
        }
    }
    Session::background(configuration, delegate, queue).map_err(|error| {
        let failure = Failure::from(error);
        match failure.exit {
            Exit::Store => failure.about(&common.container().display().to_string()),
            _ => failure,
        }
    })
}

/// Ends of tasks that nobody hears stay in the journal.
struct Nobody;

impl SessionDelegate for Nobody {}

/// Takes calls and never makes them: they would count as told.
#[derive(Default)]
struct Never(Mutex<Vec<Box<dyn FnOnce() + Send>>>);

impl Executor for Never {
    fn execute(&self, work: Box<dyn FnOnce() + Send>) {
        // Kept rather than dropped: a dropped call might be taken for one that was made. The next one
        // comes when this one has returned, so there is never more than one.
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(work);
    }
}
