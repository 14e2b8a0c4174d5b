//! A server that misbehaves when told to, and a container on disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use backhaul_fault_server::{FaultServer, Object};
use backhaul_ffi::{
    BackhaulError, ErrorKind, Request, Session, SessionConfiguration, SessionKind, SessionParts,
};
use tempfile::TempDir;

use super::parts::{configuration_of, request};

/// How long a test waits at most for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A server and a container.
pub struct Site {
    pub server: FaultServer,
    container: TempDir,
}

impl Site {
    /// With a server over plain http.
    pub fn new() -> Site {
        Site::with(FaultServer::start().unwrap())
    }

    /// With this server.
    pub fn with(server: FaultServer) -> Site {
        let container = tempfile::tempdir().unwrap();
        Site { server, container }
    }

    /// A background session's configuration, in a hurry.
    pub fn background(&self, identifier: &str) -> SessionConfiguration {
        let identifier = identifier.to_owned();
        self.of(SessionKind::Background { identifier })
    }

    /// The configuration of any kind of session.
    pub fn of(&self, kind: SessionKind) -> SessionConfiguration {
        SessionConfiguration {
            container: Some(self.container.path().to_string_lossy().into_owned()),
            ..configuration_of(kind)
        }
    }

    /// Puts an object on the server; a request for it.
    pub fn put(&self, name: &str, object: &Object) -> Request {
        self.server.put(name, object.clone());
        request(&self.server.object_url(name))
    }

    /// Where the file of this name goes.
    pub fn file(&self, name: &str) -> PathBuf {
        self.container.path().join("files").join(name)
    }
}

/// Makes a session.
pub fn session(parts: SessionParts) -> Arc<Session> {
    Session::new(parts).unwrap()
}

/// Makes a session as soon as its identifier is free: an earlier one is just ending.
pub fn session_when_free(parts: impl Fn() -> SessionParts) -> Arc<Session> {
    let end = Instant::now() + PATIENCE;
    loop {
        match Session::new(parts()) {
            Ok(session) => return session,
            Err(BackhaulError::Failed { info })
                if info.kind == ErrorKind::SessionInUse && Instant::now() < end =>
            {
                std::thread::yield_now();
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Downloads one file: enqueues and gives the task's number.
pub fn fetch(session: &Session, request: Request) -> i64 {
    session.enqueue(vec![request]).unwrap()[0].id()
}
