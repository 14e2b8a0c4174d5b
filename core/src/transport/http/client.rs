//! The two HTTP clients of a session, each made when it is first needed.
//!
//! Reading the platform's trust store takes longer than a whole small download, and plain http has no
//! use for it. Must never follow a redirect or decode a body by itself.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use tokio::sync::OnceCell;
use url::Url;

use super::classify;
use super::tls;
use crate::configuration::Settings;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::headers::{MAX_HEADER_FIELDS, MAX_HEADERS_BYTES};
use crate::trust::TrustEvaluator;

/// Sent unless the request has its own.
const USER_AGENT: &str = concat!("backhaul/", env!("CARGO_PKG_VERSION"));
/// Nobody answers a connection attempt later than this.
const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(30);
/// An idle connection is kept no longer: most servers close theirs by then.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// What may be under way in one HTTP/2 stream: 8 MiB is 640 Mbit/s over a path of 100 ms (rule H7).
const STREAM_WINDOW_BYTES: u32 = 8 * 1024 * 1024;
/// With a bandwidth limit the window is what comes in a second, but no less than HTTP/2 begins with.
const STREAM_WINDOW_MIN_BYTES: u32 = 64 * 1024;
/// HTTP/2 lets this much come, more than is taken, so that an answer can be refused for what it is.
const HEADER_LIST_MAX_BYTES: u32 = 4 * MAX_HEADERS_BYTES as u32;
/// The window of a whole connection, in windows of a stream.
const STREAMS_PER_CONNECTION_WINDOW: u32 = 2;

/// Makes clients, and keeps them.
pub(super) struct Clients {
    plain: OnceCell<Client>,
    secure: OnceCell<Client>,
    roots: Vec<CertificateDer<'static>>,
    evaluator: Option<Arc<dyn TrustEvaluator>>,
    connect_timeout: Duration,
    max_connections_per_host: usize,
    stream_window_bytes: u32,
}

impl Clients {
    pub fn new(settings: &Settings) -> Result<Clients> {
        let limit = settings.bandwidth_limit.unwrap_or(u64::MAX);
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        Ok(Clients {
            plain: OnceCell::new(),
            secure: OnceCell::new(),
            roots: tls::parse_roots(&settings.root_certificates)?,
            evaluator: settings.trust_evaluator.clone(),
            connect_timeout: settings.timeout_for_request.min(CONNECT_TIMEOUT_MAX),
            max_connections_per_host: settings.max_connections_per_host,
            stream_window_bytes: limit.clamp(STREAM_WINDOW_MIN_BYTES, STREAM_WINDOW_BYTES),
        })
    }

    /// The client for a URL's scheme.
    pub async fn for_url(&self, url: &Url) -> Result<&Client> {
        if url.scheme() == "https" {
            self.secure.get_or_try_init(|| self.make_secure()).await
        } else {
            let make = async || self.build(tls::none()?);
            self.plain.get_or_try_init(make).await
        }
    }

    async fn make_secure(&self) -> Result<Client> {
        let (roots, evaluator) = (self.roots.clone(), self.evaluator.clone());
        let config = tokio::task::spawn_blocking(move || tls::secure(roots, evaluator))
            .await
            .map_err(classify::of_thread)??;
        self.build(config)
    }

    fn build(&self, tls: ClientConfig) -> Result<Client> {
        Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(USER_AGENT)
            .connect_timeout(self.connect_timeout)
            .tcp_nodelay(true)
            .pool_max_idle_per_host(self.max_connections_per_host)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .http1_max_headers(MAX_HEADER_FIELDS)
            .http2_max_header_list_size(HEADER_LIST_MAX_BYTES)
            .http2_initial_stream_window_size(self.stream_window_bytes)
            .http2_initial_connection_window_size(
                self.stream_window_bytes * STREAMS_PER_CONNECTION_WINDOW,
            )
            .build()
            .map_err(|source| {
                Error::new(ErrorKind::System, "the HTTP client could not be made")
                    .with_source(source)
            })
    }
}
