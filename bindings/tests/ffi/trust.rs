//! An app's own judge of server certificates, over TLS.

use std::sync::{Arc, Mutex};

use backhaul_fault_server::{FaultServer, Object};
use backhaul_ffi::{
    CallbackError, ErrorKind, SessionConfiguration, SessionParts, TrustEvaluator, TrustVerdict,
};

use crate::support::{Call, Recorder, Site, fetch, parts, session, thrown};

type Seen = (String, Vec<Vec<u8>>);

/// Answers the same each time, or throws.
struct Judge {
    verdict: Option<TrustVerdict>,
    seen: Mutex<Vec<Seen>>,
}

impl TrustEvaluator for Judge {
    fn evaluate(&self, host: String, chain: Vec<Vec<u8>>) -> Result<TrustVerdict, CallbackError> {
        self.seen.lock().unwrap().push((host, chain));
        self.verdict.clone().map_or_else(thrown, Ok)
    }
}

/// The kind of error that a download over TLS ends with; what the judge saw.
fn download(verdict: Option<TrustVerdict>, knows_root: bool) -> (Option<ErrorKind>, Vec<Seen>) {
    let site = Site::with(FaultServer::builder().tls(true).start().unwrap());
    let root = site.server.ca_certificate_pem().unwrap().to_owned();
    let (delegate, told) = Recorder::new();
    let judge = Arc::new(Judge {
        verdict,
        seen: Mutex::default(),
    });
    let configuration = SessionConfiguration {
        root_certificates: if knows_root { vec![root] } else { Vec::new() },
        ..site.background("com.example.test")
    };
    let session = session(SessionParts {
        trust_evaluator: Some(judge.clone()),
        ..parts(configuration, delegate)
    });
    let task = fetch(&session, site.put("a", &Object::generated(1, 1_000)));
    told.wait_for(1, |call| matches!(call, Call::Completed(..)));
    let error = session.task(task).unwrap().info().unwrap().error;
    let seen = judge.seen.lock().unwrap().clone();
    (error.map(|error| error.kind), seen)
}

#[test]
fn its_yes_is_enough_and_its_no_is_final() {
    // rule T6
    let (error, seen) = download(Some(TrustVerdict::Trusted), false);
    assert_eq!(error, None);
    assert_eq!(seen[0].0, "127.0.0.1");
    assert!(!seen[0].1.is_empty() && seen[0].1.iter().all(|der| !der.is_empty()));
    let no = TrustVerdict::Refused {
        reason: "not pinned".to_owned(),
    };
    assert_eq!(download(Some(no), true).0, Some(ErrorKind::Tls));
}

#[test]
fn one_that_throws_refuses() {
    // rule T6
    assert_eq!(download(None, true).0, Some(ErrorKind::Tls));
}

#[test]
fn one_that_leaves_it_to_the_platform_changes_nothing() {
    // rule T6
    let default = Some(TrustVerdict::PerformDefaultHandling);
    assert_eq!(download(default.clone(), true).0, None);
    assert_eq!(download(default, false).0, Some(ErrorKind::Tls));
}
