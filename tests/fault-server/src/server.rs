//! The handle that tests hold.

use crate::accept::Running;
use crate::endpoint::Endpoint;
use crate::fault::Fault;
use crate::object::{Object, ReprDigest};
use crate::state::{LoggedRequest, ServerState, Shared};
use crate::tls;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A server on 127.0.0.1, with a thread of its own. Dropping it stops it.
///
/// Every method may be called from any thread, at any time.
pub struct FaultServer {
    endpoint: Endpoint,
    port: u16,
    ca_certificate_pem: Option<String>,
    /// `None` while stopped.
    running: Mutex<Option<Running>>,
}

/// How a server shall be.
#[derive(Clone, Copy, Debug, Default)]
pub struct FaultServerBuilder {
    port: u16,
    tls: bool,
    http2: bool,
}

impl FaultServerBuilder {
    /// The port; 0, which is also what holds without this, is any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Whether it speaks TLS, with a certificate authority of its own.
    #[must_use]
    pub fn tls(mut self, tls: bool) -> Self {
        self.tls = tls;
        self
    }

    /// Whether it offers HTTP/2. There is no HTTP/2 without TLS here: this turns TLS on.
    #[must_use]
    pub fn http2(mut self, http2: bool) -> Self {
        self.http2 = http2;
        self
    }

    /// Starts it. It can be connected to when this returns.
    ///
    /// # Errors
    ///
    /// If the port is taken, or the system refuses a thread or a socket.
    pub fn start(self) -> io::Result<FaultServer> {
        let identity = if self.tls || self.http2 {
            Some(tls::identity(self.http2)?)
        } else {
            None
        };
        let (acceptor, ca_certificate_pem) = identity
            .map(|identity| (identity.acceptor, identity.ca_certificate_pem))
            .unzip();
        let endpoint = Endpoint {
            shared: Arc::new(Shared::default()),
            tls: acceptor,
        };
        let listener = listen(self.port)?;
        let port = listener.local_addr()?.port();
        let running = Running::start(listener, endpoint.clone())?;
        Ok(FaultServer {
            endpoint,
            port,
            ca_certificate_pem,
            running: Mutex::new(Some(running)),
        })
    }
}

/// The standard library sets `SO_REUSEADDR` on Unix: the port can be bound again at once after a stop.
fn listen(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

impl FaultServer {
    /// Starts a server on a free port, over plain http.
    ///
    /// # Errors
    ///
    /// If the system refuses a thread or a socket.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// A server that is not as the plain one.
    pub fn builder() -> FaultServerBuilder {
        FaultServerBuilder::default()
    }

    /// The port; the same across `stop` and `restart`.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}://127.0.0.1:{}{path}", self.endpoint.scheme(), self.port)
    }

    /// The address of the object of this name.
    pub fn object_url(&self, name: &str) -> String {
        self.url(&format!("/o/{name}"))
    }

    /// The certificate of the authority that signed the server's, with TLS. It is made anew for every
    /// server, and valid for `127.0.0.1` and `localhost`.
    pub fn ca_certificate_pem(&self) -> Option<&str> {
        self.ca_certificate_pem.as_deref()
    }

    /// Stops answering: connections are cut, new ones refused. Objects, scripts and the log stay.
    pub fn stop(&self) {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    /// Answers again, on the same port and with the same certificate. Cuts the connections if it was
    /// running.
    ///
    /// # Errors
    ///
    /// If somebody else took the port.
    pub fn restart(&self) -> io::Result<()> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.take();
        *running = Some(Running::start(listen(self.port)?, self.endpoint.clone())?);
        Ok(())
    }

    /// Puts an object at `/o/{name}`, in the place of what is there. The name is as it stands in the
    /// path: percent-encoded, if need be. Answers that are under way go on with what they began with.
    pub fn put(&self, name: &str, object: Object) {
        if object.digest != ReprDigest::Absent {
            // Here rather than on the server's thread, which has others to serve.
            object.sha256_bytes();
        }
        self.shared().change(|state| {
            state.objects.insert(name.to_owned(), object);
        });
    }

    /// Takes the object away: 404.
    pub fn remove(&self, name: &str) {
        self.shared().change(|state| state.objects.remove(name));
    }

    /// The next requests for the object meet these faults, one each; what is left of an earlier script
    /// is dropped. Requests that bring a fault in their query use up none.
    pub fn script(&self, name: &str, faults: Vec<Fault>) {
        self.shared().change(|state| state.set_script(name, faults));
    }

    /// Requests for the object meet this fault, whenever no script is left. `Fault::None` ends it.
    pub fn always(&self, name: &str, fault: Fault) {
        self.shared().change(|state| state.set_always(name, fault));
    }

    /// Holds every answer to this many bytes a second, or to none; at once, also those under way.
    pub fn limit_rate(&self, bytes_per_second: Option<u64>) {
        self.shared().set_rate(bytes_per_second);
    }

    /// The last requests, oldest first; at most [`MAX_LOGGED_REQUESTS`](crate::MAX_LOGGED_REQUESTS).
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared().state().requests().cloned().collect()
    }

    /// The last requests for one object, oldest first.
    pub fn requests_for(&self, name: &str) -> Vec<LoggedRequest> {
        self.shared().state().requests_for(name).cloned().collect()
    }

    /// Body bytes of the object that were written, over all its answers. Some may still be on their way
    /// to the client, or lost to a reset.
    pub fn bytes_sent(&self, name: &str) -> u64 {
        self.shared().state().bytes_sent(name)
    }

    /// Forgets requests, sent bytes and connections that were counted.
    pub fn clear_log(&self) {
        self.shared().change(ServerState::clear_log);
    }

    /// Waits until `condition` holds, which is asked now and after every change; `false` if it did not
    /// within `timeout`. It is asked under the server's lock: it must not call this server.
    #[must_use]
    pub fn wait_until(
        &self,
        condition: impl FnMut(&ServerState) -> bool,
        timeout: Duration,
    ) -> bool {
        self.shared().wait_until(condition, timeout)
    }

    fn shared(&self) -> &Shared {
        &self.endpoint.shared
    }
}

impl std::fmt::Debug for FaultServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaultServer")
            .field("url", &self.url("/"))
            .finish_non_exhaustive()
    }
}
