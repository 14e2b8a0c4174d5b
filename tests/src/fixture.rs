//! A server, a container on disk, and sessions between the two.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use backhaul::{
    Background, Destination, DownloadTask, ErrorKind, Foreground, Request, RetryPolicy, Session,
    SessionConfiguration, SessionDelegate,
};
use backhaul_fault_server::{FaultServer, Object, ServerState};
use tempfile::TempDir;

use crate::files;
use crate::recorder::{PATIENCE, Recorder};

/// Pauses that a test can wait for.
pub const QUICK: RetryPolicy = RetryPolicy {
    base: Duration::from_millis(20),
    cap: Duration::from_millis(200),
};

/// What most tests need.
#[derive(Debug)]
pub struct Fixture {
    /// Serves, and misbehaves when told to.
    pub server: FaultServer,
    container: TempDir,
}

impl Fixture {
    /// With a server over plain http.
    ///
    /// # Panics
    /// If it cannot be made, as everything here.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "it starts a server")]
    pub fn new() -> Fixture {
        Fixture::with(FaultServer::start().unwrap())
    }

    /// With a server over TLS, speaking HTTP/1.1.
    #[must_use]
    pub fn tls() -> Fixture {
        Fixture::with(FaultServer::builder().tls(true).start().unwrap())
    }

    /// With a server over TLS, speaking HTTP/2.
    #[must_use]
    pub fn http2() -> Fixture {
        Fixture::with(FaultServer::builder().http2(true).start().unwrap())
    }

    /// With this server.
    #[must_use]
    pub fn with(server: FaultServer) -> Fixture {
        Fixture {
            server,
            container: tempfile::tempdir().unwrap(),
        }
    }

    /// The container.
    #[must_use]
    pub fn container(&self) -> &Path {
        self.container.path()
    }

    /// Where files go.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.container().join("files")
    }

    /// Where the file of this name goes.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// A background configuration for this server, in a hurry.
    #[must_use]
    pub fn background(&self, identifier: &str) -> SessionConfiguration<Background> {
        self.furnish(SessionConfiguration::background(identifier).unwrap())
            .is_discretionary(false)
    }

    /// A default configuration for this server.
    #[must_use]
    pub fn foreground(&self) -> SessionConfiguration<Foreground> {
        self.furnish(SessionConfiguration::default())
    }

    fn furnish<Kind>(
        &self,
        configuration: SessionConfiguration<Kind>,
    ) -> SessionConfiguration<Kind> {
        let configuration = configuration
            .container(self.container())
            .allow_plain_http("127.0.0.1")
            .retry_policy(QUICK);
        match self.server.ca_certificate_pem() {
            Some(pem) => configuration.root_certificate(pem),
            None => configuration,
        }
    }

    /// A background session with the usual configuration.
    #[must_use]
    pub fn session(&self, delegate: &Arc<Recorder>) -> Session {
        start(self.background("com.example.test"), delegate)
    }

    /// A default session with the usual configuration.
    #[must_use]
    pub fn default_session(&self, delegate: &Arc<Recorder>) -> Session {
        start_foreground(self.foreground(), delegate)
    }

    /// A request for the object of this name, to a file of this name.
    #[must_use]
    pub fn request(&self, name: &str) -> Request {
        request_to(&self.server.object_url(name), name)
    }

    /// Puts an object on the server and starts its download.
    pub fn fetch(&self, session: &Session, name: &str, object: &Object) -> DownloadTask {
        self.server.put(name, object.clone());
        let task = session.download_task(self.request(name)).unwrap();
        task.resume().unwrap();
        task
    }

    /// Waits for something to happen at the server.
    ///
    /// # Panics
    /// If it does not happen in time.
    pub fn wait_for_server(&self, seen: impl FnMut(&ServerState) -> bool) {
        let happened = self.server.wait_until(seen, PATIENCE);
        assert!(
            happened,
            "waited in vain for the server: {:#?}",
            self.server.requests()
        );
    }

    /// # Panics
    /// If the file of this name is not the object, or if part files or sidecars lie about.
    pub fn assert_arrived(&self, name: &str, object: &Object) {
        files::assert_is(&self.file(name), object);
        self.assert_no_leftovers();
    }

    /// # Panics
    /// If part files or sidecars lie about.
    pub fn assert_no_leftovers(&self) {
        files::assert_no_leftovers(self.container());
    }
}

/// A request for `url`, to the file of this name in the container.
#[must_use]
pub fn request_to(url: &str, name: &str) -> Request {
    let destination = Destination::in_container(name).unwrap();
    Request::new(url).unwrap().destination(destination)
}

/// Makes a background session.
#[must_use]
pub fn start(configuration: SessionConfiguration<Background>, delegate: &Arc<Recorder>) -> Session {
    Session::background(configuration, told(delegate), Default::default()).unwrap()
}

/// Makes a background session as soon as its identifier is free: an earlier one is just ending.
///
/// # Panics
/// If it stays taken.
#[must_use]
pub fn start_when_free(
    configuration: impl Fn() -> SessionConfiguration<Background>,
    delegate: &Arc<Recorder>,
) -> Session {
    let end = Instant::now() + PATIENCE;
    loop {
        let made = Session::background(configuration(), told(delegate), Default::default());
        match made {
            Ok(session) => return session,
            Err(error) if error.kind() == ErrorKind::SessionInUse && Instant::now() < end => {
                std::thread::yield_now();
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Makes a default session.
#[must_use]
pub fn start_foreground(
    configuration: SessionConfiguration<Foreground>,
    delegate: &Arc<Recorder>,
) -> Session {
    Session::new(configuration, Some(told(delegate)), Default::default()).unwrap()
}

/// A queue that takes work and never runs it: an app whose main thread hangs.
pub struct Never;

impl backhaul::Executor for Never {
    fn execute(&self, work: Box<dyn FnOnce() + Send>) {
        drop(work);
    }
}

/// The recorder as a delegate.
#[must_use]
pub fn told(delegate: &Arc<Recorder>) -> Arc<dyn SessionDelegate> {
    Arc::clone(delegate) as Arc<dyn SessionDelegate>
}
