//! A phone whose own service moves the bytes: each test says when a transfer ends.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use backhaul::transport::TransferId;
use backhaul::{
    AppState, Background, DownloadTask, Session, SessionConfiguration, SystemConditions, TaskId,
    WakeTicket,
};
use backhaul_tests::fixture::{QUICK, request_to, start};
use backhaul_tests::platform::Service;
use backhaul_tests::{Call, PATIENCE, Recorder};
use tempfile::TempDir;

pub const SESSION: &str = "com.example.phone";
/// The session that the second service is for.
pub const SECOND: &str = "com.example.books";
pub const BODY: &[u8] = b"the mountains, all of them";

pub struct Phone {
    pub service: Service,
    /// What the service is to a second session: each has its own, as with the real one.
    pub second: Service,
    pub container: TempDir,
}

impl Phone {
    pub fn new() -> Phone {
        Phone {
            service: Service::default(),
            second: Service::default(),
            container: tempfile::tempdir().unwrap(),
        }
    }

    pub fn configuration(&self, state: AppState) -> SessionConfiguration<Background> {
        self.named(SESSION, state)
    }

    pub fn named(&self, identifier: &str, state: AppState) -> SessionConfiguration<Background> {
        SessionConfiguration::background(identifier)
            .unwrap()
            .container(self.container.path())
            .is_discretionary(false)
            .retry_policy(QUICK)
            .conditions(app(state))
            .transport(self.service_of(identifier).transport())
    }

    pub fn service_of(&self, identifier: &str) -> &Service {
        match identifier {
            SECOND => &self.second,
            _ => &self.service,
        }
    }

    /// A session of an app in this state.
    pub fn session(&self, state: AppState, delegate: &Arc<Recorder>) -> Session {
        start(self.configuration(state), delegate)
    }

    /// A download that the service has begun.
    pub fn begin(&self, session: &Session, name: &str) -> DownloadTask {
        let url = format!("https://example.com/{name}");
        let task = session.download_task(request_to(&url, name)).unwrap();
        task.resume().unwrap();
        let id = first_attempt(task.id());
        self.service_of(session.identifier().unwrap())
            .wait_for(|state| state.running.contains_key(&id));
        task
    }

    /// Two downloads, one of which arrives while the app is in the background: its end waits.
    pub fn leave_one_untold(&self, session: &Session, name: &str) {
        let first = self.begin(session, name);
        self.begin(session, &format!("{name}-2"));
        self.service_of(session.identifier().unwrap()).finish(
            first_attempt(first.id()),
            BODY,
            self.container.path(),
        );
        wait_for_untold(session, 1);
    }

    /// It arrives.
    pub fn finish(&self, id: TaskId) {
        self.service
            .finish(first_attempt(id), BODY, self.container.path());
    }
}

/// Unmetered Wi-Fi, a charger, and the app in this state.
pub fn app(app_state: AppState) -> SystemConditions {
    SystemConditions {
        app_state,
        ..Default::default()
    }
}

pub fn first_attempt(task: TaskId) -> TransferId {
    TransferId { task, attempt: 1 }
}

/// What was told, shortened; progress left out.
pub fn names(calls: &[Call]) -> Vec<&'static str> {
    let names = calls.iter().map(|call| call.what.name());
    names.filter(|name| *name != "wrote").collect()
}

/// How many ends were told.
pub fn ends(calls: &[Call]) -> usize {
    let is_end = |call: &&Call| ["completed", "failed"].contains(&call.what.name());
    calls.iter().filter(is_end).count()
}

/// Waits until an end is in the journal that nobody was told.
pub fn wait_for_untold(session: &Session, count: u64) {
    let status = session.wait_until(Some(PATIENCE), |status| status.undelivered == count);
    assert_eq!(status.undelivered, count);
}

/// A ticket that says when it is completed, and counts how often.
pub struct Ticket {
    completions: Arc<AtomicUsize>,
    told: mpsc::Receiver<Vec<&'static str>>,
}

impl Ticket {
    /// It notes what the delegate had been told when it is completed.
    pub fn new(delegate: &Arc<Recorder>) -> (WakeTicket, Ticket) {
        let completions = Arc::new(AtomicUsize::new(0));
        let (sender, told) = mpsc::channel();
        let (count, delegate) = (Arc::clone(&completions), Arc::clone(delegate));
        let ticket = WakeTicket::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
            // Nobody may listen any more.
            let _ = sender.send(names(&delegate.calls()));
        });
        (ticket, Ticket { completions, told })
    }

    /// Waits for the completion; what had been told by then.
    pub fn wait(&self) -> Vec<&'static str> {
        self.told
            .recv_timeout(PATIENCE)
            .expect("the wake is given back")
    }

    pub fn count(&self) -> usize {
        self.completions.load(Ordering::SeqCst)
    }
}
