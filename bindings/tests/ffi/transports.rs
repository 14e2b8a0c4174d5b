//! A platform's transfer service in another language: what it hands over, and what it throws.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use backhaul_ffi::{
    CallbackError, ErrorKind, PlatformTransport, Response, SessionParts, TaskMetrics, TaskState,
    Transfer, TransferEvents, TransferId, TransportCapabilities, transfer_id_of, transfer_id_text,
};
use tempfile::TempDir;

use crate::support::{
    Call, PATIENCE, Recorder, Site, fetch, parts, request, session, session_when_free, thrown,
};

const NAME: &str = "com.example.test";
const URL: &str = "https://example.com/a";

/// What a transport throws at.
#[derive(Clone, Copy, Default, PartialEq)]
struct Throws {
    capabilities: bool,
    attach: bool,
    start: bool,
    stop: bool,
    list: bool,
    forget: bool,
}

/// A service that finishes each transfer at once, or never.
struct Service {
    throws: Throws,
    finishes: bool,
    folder: TempDir,
    events: OnceLock<Arc<TransferEvents>>,
    started: Mutex<Vec<Transfer>>,
    /// Tasks whose leftovers are of no more use.
    forgotten: (Sender<i64>, Mutex<Receiver<i64>>),
    /// What it says that an earlier process has left.
    left: Vec<TransferId>,
}

impl Service {
    fn new(throws: Throws, finishes: bool) -> Service {
        let (forgotten, is_forgotten) = channel();
        Service {
            forgotten: (forgotten, Mutex::new(is_forgotten)),
            throws,
            finishes,
            folder: tempfile::tempdir().unwrap(),
            events: OnceLock::new(),
            started: Mutex::default(),
            left: Vec::new(),
        }
    }

    fn fail_if(&self, throws: bool) -> Result<(), CallbackError> {
        if throws { thrown() } else { Ok(()) }
    }

    fn events(&self) -> &TransferEvents {
        self.events.get().unwrap()
    }

    /// The file lies there, and is the core's from now on.
    fn hand_over(&self, transfer: &Transfer, bytes: &[u8]) {
        let file: PathBuf = self.folder.path().join(transfer_id_text(transfer.id));
        std::fs::write(&file, bytes).unwrap();
        self.events().finished(
            transfer.id,
            file.to_string_lossy().into_owned(),
            bytes.len() as u64,
            response(&transfer.url),
            metrics(),
        );
    }
}

fn response(url: &str) -> Response {
    Response {
        url: url.to_owned(),
        status: 200,
        http_version: "HTTP/2.0".to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        suggested_filename: None,
    }
}

fn metrics() -> TaskMetrics {
    TaskMetrics {
        first_byte: Duration::from_millis(1),
        duration: Duration::from_millis(2),
        received: 5,
        discarded: 0,
        attempts: 1,
        redirects: 0,
        http_version: "HTTP/2.0".to_owned(),
        remote_address: None,
    }
}

impl PlatformTransport for Service {
    fn capabilities(&self) -> Result<TransportCapabilities, CallbackError> {
        self.fail_if(self.throws.capabilities)?;
        Ok(TransportCapabilities {
            outlives_process: true,
            window: Some(50),
        })
    }

    fn attach(&self, events: Arc<TransferEvents>) -> Result<(), CallbackError> {
        assert!(self.events.set(events).is_ok(), "attached once");
        self.fail_if(self.throws.attach)
    }

    fn start(&self, transfer: Transfer) -> Result<(), CallbackError> {
        self.fail_if(self.throws.start)?;
        if self.finishes {
            self.hand_over(&transfer, b"12345");
        }
        self.started.lock().unwrap().push(transfer);
        Ok(())
    }

    fn stop(&self, id: TransferId) -> Result<(), CallbackError> {
        self.fail_if(self.throws.stop)?;
        self.events().stopped(id, metrics(), 0);
        Ok(())
    }

    fn list(&self) -> Result<(), CallbackError> {
        self.fail_if(self.throws.list)?;
        self.events().listed(self.left.clone());
        Ok(())
    }

    fn forget(&self, task: i64) -> Result<(), CallbackError> {
        // Nobody may be listening any more.
        let _ = self.forgotten.0.send(task);
        self.fail_if(self.throws.forget)
    }
}

fn over(site: &Site, service: &Arc<Service>, delegate: &Arc<Recorder>) -> SessionParts {
    SessionParts {
        transport: Some(service.clone()),
        ..parts(site.background(NAME), delegate.clone())
    }
}

fn is_end(call: &Call) -> bool {
    matches!(call, Call::Completed(..))
}

#[test]
fn a_file_that_the_service_hands_over_is_put_in_its_place_before_anybody_is_told() {
    // rule D2, rule L1
    let site = Site::new();
    let (delegate, told) = Recorder::new();
    let service = Arc::new(Service::new(Throws::default(), true));
    let session = session(over(&site, &service, &delegate));
    fetch(&session, request(URL));
    told.wait_for(1, is_end);
    assert_eq!(std::fs::read(site.file("a")).unwrap(), b"12345");
    assert_eq!(std::fs::read_dir(service.folder.path()).unwrap().count(), 0);
}

#[test]
fn a_start_that_throws_is_a_failed_attempt() {
    // rule E3
    let site = Site::new();
    let (delegate, told) = Recorder::new();
    let throws = Throws {
        start: true,
        ..Throws::default()
    };
    let service = Arc::new(Service::new(throws, true));
    let session = session(over(&site, &service, &delegate));
    let task = fetch(&session, request(URL));
    told.wait_for(1, is_end);
    let error = session.task(task).unwrap().info().unwrap().error.unwrap();
    assert_eq!(error.kind, ErrorKind::System);
    assert!(
        error.reason.contains("thrown by the test"),
        "{}",
        error.reason
    );
}

#[test]
fn a_stop_that_throws_counts_as_stopped() {
    // rule L4
    let site = Site::new();
    let (delegate, told) = Recorder::new();
    let throws = Throws {
        stop: true,
        ..Throws::default()
    };
    let service = Arc::new(Service::new(throws, false));
    let session = session(over(&site, &service, &delegate));
    let task = session.download_task(request(URL)).unwrap();
    task.resume().unwrap();
    task.cancel().unwrap();
    told.wait_for(1, is_end);
    let error = task.info().unwrap().error.unwrap();
    assert_eq!(error.kind, ErrorKind::Cancelled);
}

#[test]
fn what_else_throws_stops_no_transfer() {
    // rule W5
    let nothing = Throws::default();
    let each = [
        Throws {
            capabilities: true,
            ..nothing
        },
        Throws {
            attach: true,
            ..nothing
        },
        Throws {
            list: true,
            ..nothing
        },
        Throws {
            forget: true,
            ..nothing
        },
    ];
    for throws in each {
        let site = Site::new();
        let (delegate, told) = Recorder::new();
        let service = Arc::new(Service::new(throws, true));
        let session = session(over(&site, &service, &delegate));
        fetch(&session, request(URL));
        told.wait_for(1, |call| matches!(call, Call::Completed(_, None)));
    }
}

#[test]
fn the_service_hears_when_what_it_keeps_of_a_task_is_of_no_more_use() {
    // rule D8
    let site = Site::new();
    let (delegate, _told) = Recorder::new();
    let service = Arc::new(Service::new(Throws::default(), true));
    let session = session(over(&site, &service, &delegate));
    let task = fetch(&session, request(URL));
    let forgotten = service.forgotten.1.lock().unwrap();
    assert_eq!(forgotten.recv_timeout(PATIENCE), Ok(task));
}

#[test]
fn a_transfer_that_nobody_knows_is_cancelled_and_reported() {
    // rule W5
    let site = Site::new();
    let (delegate, told) = Recorder::new();
    let unknown = TransferId {
        task: 77,
        attempt: 3,
    };
    let mut service = Service::new(Throws::default(), true);
    service.left.push(unknown);
    let _session = session(over(&site, &Arc::new(service), &delegate));
    told.wait_for(1, |call| *call == Call::UnknownTransfer(unknown));
}

#[test]
fn events_that_come_twice_or_about_nothing_change_nothing() {
    // rule L1
    let site = Site::new();
    let (delegate, told) = Recorder::new();
    let service = Arc::new(Service::new(Throws::default(), true));
    let first = session(over(&site, &service, &delegate));
    let task = fetch(&first, request(URL));
    told.wait_for(1, is_end);
    let transfer = service.started.lock().unwrap()[0].clone();
    let events = service.events();
    service.hand_over(&transfer, b"other");
    events.stopped(transfer.id, metrics(), 3);
    events.progressed(
        TransferId {
            task: 99,
            attempt: 1,
        },
        7,
        None,
        7,
    );
    drop(first);
    // And behind the session's end.
    service.hand_over(&transfer, b"third");
    let (delegate, told_next) = Recorder::new();
    let next = Arc::new(Service::new(Throws::default(), true));
    let session = session_when_free(|| over(&site, &next, &delegate));
    let state = session.task(task).unwrap().info().unwrap().state;
    assert_eq!(state, TaskState::Completed);
    session.finish_tasks_and_invalidate();
    told_next.wait_until_invalid();
    assert_eq!(told.count(is_end) + told_next.count(is_end), 1);
    assert_eq!(std::fs::read(site.file("a")).unwrap(), b"12345");
}

#[test]
fn a_description_of_somebody_else_is_no_transfer_of_ours() {
    // rule T7
    let id = TransferId {
        task: 7,
        attempt: 2,
    };
    assert_eq!(transfer_id_of(transfer_id_text(id)), Some(id));
    for text in ["", "photo upload", "7", "7.", ".2", "7.2.3", "-", "7/2"] {
        assert_eq!(transfer_id_of(text.to_owned()), None, "{text:?}");
    }
}
