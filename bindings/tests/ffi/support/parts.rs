//! Records with what a test does not care about filled in.

use std::sync::Arc;
use std::time::Duration;

use backhaul_ffi::{
    Request, RetryPolicy, SessionConfiguration, SessionDelegate, SessionKind, SessionParts,
};

/// Pauses that a test can wait for.
const QUICK: RetryPolicy = RetryPolicy {
    base: Duration::from_millis(20),
    cap: Duration::from_millis(200),
};

/// A background session's configuration.
pub fn background(identifier: &str) -> SessionConfiguration {
    configuration_of(SessionKind::Background {
        identifier: identifier.to_owned(),
    })
}

/// A configuration as the other languages make it: everything else at its default. Discretion waits for
/// nothing, plain http is allowed on loopback, and pauses are short.
pub fn configuration_of(kind: SessionKind) -> SessionConfiguration {
    SessionConfiguration {
        kind,
        container: None,
        base_directories: Vec::new(),
        is_discretionary: Some(false),
        waits_for_connectivity: None,
        allows_cellular_access: true,
        allows_expensive_network_access: true,
        allows_constrained_network_access: true,
        timeout_for_request: None,
        timeout_for_resource: None,
        max_connections_per_host: None,
        max_concurrent_transfers: None,
        max_transfers_per_group: None,
        bandwidth_limit: None,
        additional_headers: Vec::new(),
        secret_headers: Vec::new(),
        status_policy: None,
        resume_policy: None,
        retry_policy: Some(QUICK),
        plain_http_hosts: vec!["127.0.0.1".to_owned()],
        root_certificates: Vec::new(),
        conditions: None,
        file_protection: None,
        watch_budget: None,
        delivery_policy: None,
        sends_launch_events: true,
        force_quit_policy: None,
    }
}

/// A session's parts with a delegate, and nothing else.
pub fn parts(
    configuration: SessionConfiguration,
    delegate: Arc<dyn SessionDelegate>,
) -> SessionParts {
    SessionParts {
        configuration,
        delegate: Some(delegate),
        executor: None,
        transport: None,
        trust_evaluator: None,
        deferral_policy: None,
        wake_scheduler: None,
    }
}

/// A request for a URL.
pub fn request(url: &str) -> Request {
    Request {
        url: url.to_owned(),
        destination: None,
        caller_id: None,
        metadata: None,
        group: None,
        priority: None,
        headers: Vec::new(),
        earliest_begin_date: None,
        count_of_bytes_client_expects_to_receive: None,
        count_of_bytes_client_expects_to_send: None,
        expected_size: None,
        expected_digest: None,
        allows_cellular_access: None,
        allows_expensive_network_access: None,
        allows_constrained_network_access: None,
        is_discretionary: None,
        after: Vec::new(),
    }
}
