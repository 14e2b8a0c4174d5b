//! What every connection of one server has in common, and what a connection is made of.

use crate::state::Shared;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// One server's shared part.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) shared: Arc<Shared>,
    /// `None` for plain http.
    pub(crate) tls: Option<TlsAcceptor>,
}

impl Endpoint {
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}

/// A byte stream that can be cut in a bad manner.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin {
    /// Makes the coming drop a reset (RST) instead of an orderly close.
    fn reset_on_drop(&self);
}

impl Wire for TcpStream {
    fn reset_on_drop(&self) {
        // If the socket is already dead the client has its reset.
        let _ = self.set_zero_linger();
    }
}

impl Wire for TlsStream<TcpStream> {
    fn reset_on_drop(&self) {
        self.get_ref().0.reset_on_drop();
    }
}
