//! TLS and HTTP/2, with curl for a client.

#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see in helpers"
)]

mod common;

use backhaul_fault_server::{Fault, FaultServer, Object};
use std::io::Write;
use std::process::{Command, Output};

struct Secure {
    server: FaultServer,
    object: Object,
    ca: tempfile::NamedTempFile,
}

impl Secure {
    fn new(http2: bool) -> Self {
        let builder = FaultServer::builder().tls(true).http2(http2);
        let server = builder.start().unwrap();
        let object = Object::generated(5, 2_000_000).etag("\"v1\"");
        server.put("a", object.clone());
        let mut ca = tempfile::NamedTempFile::new().unwrap();
        let pem = server.ca_certificate_pem().unwrap();
        ca.write_all(pem.as_bytes()).unwrap();
        Self { server, object, ca }
    }

    /// Runs curl with `arguments` on the object; its body is the output.
    fn curl(&self, arguments: &[&str], target: &str) -> Output {
        Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "20", "--cacert"])
            .arg(self.ca.path())
            .args(arguments)
            .arg(self.server.url(target))
            .output()
            .unwrap()
    }

    fn is_object(&self, output: &Output) -> bool {
        Object::bytes(output.stdout.clone()).sha256() == self.object.sha256()
    }
}

#[test]
fn tls_is_trusted_by_both_names() {
    let secure = Secure::new(false);
    let output = secure.curl(&[], "/o/a");
    assert!(output.status.success(), "{output:?}");
    assert!(secure.is_object(&output));
    let localhost = format!("https://localhost:{}/o/a", secure.server.port());
    let output = secure.curl(&["--head", &localhost], "/o/a");
    assert!(output.status.success());
    let logged = secure.server.requests();
    assert_eq!(logged.len(), 3);
    assert!(logged.iter().all(|r| r.http_version == "HTTP/1.1"));

    let cut = secure.curl(&[], "/o/a?fault=truncate&bytes=1000");
    assert_eq!((cut.status.code(), cut.stdout.len()), (Some(18), 1000));
    let down = secure.curl(&["--head"], "/o/a?fault=redirect-downgrade");
    let text = String::from_utf8(down.stdout).unwrap();
    assert!(text.contains("Location: http://127.0.0.1"), "{text}");
}

#[test]
fn http2_serves_objects_and_ranges() {
    let secure = Secure::new(true);
    let output = secure.curl(&["--http2"], "/o/a");
    assert!(secure.is_object(&output), "{:?}", output.status);
    let part = secure.curl(&["--http2", "--range", "1999990-"], "/o/a");
    assert_eq!(part.stdout.len(), 10);
    let head = secure.curl(&["--http2", "--head"], "/o/a");
    assert!(head.status.success());
    let empty = secure.curl(&["--http2"], "/o/a?fault=empty");
    assert!(empty.status.success() && empty.stdout.is_empty());
    let logged = secure.server.requests_for("a");
    assert!(logged.iter().all(|r| r.http_version == "HTTP/2"));
    assert!(logged[0].header("host").is_some());
    assert_eq!(secure.server.bytes_sent("a"), 2_000_010);
}

#[test]
fn http2_streams_are_refused_and_reset() {
    let secure = Secure::new(true);
    secure.server.script("a", vec![Fault::RefusedStream]);
    let refused = secure.curl(&["--http2"], "/o/a");
    assert!(secure.is_object(&refused), "curl tries again: {refused:?}");
    assert_eq!(secure.server.requests_for("a").len(), 2);

    let reset = secure.curl(&["--http2"], "/o/a?fault=reset-after&bytes=50000");
    assert_eq!(
        (reset.status.code(), reset.stdout.len()),
        (Some(92), 50_000)
    );
    let early = secure.curl(&["--http2"], "/o/a?fault=truncate&bytes=50000");
    assert!(!early.status.success());
    let before = secure.curl(&["--http2"], "/o/a?fault=reset-before-headers");
    assert_eq!(before.status.code(), Some(92));
}

#[test]
fn http2_goes_away_now_or_gracefully() {
    let secure = Secure::new(true);
    let now = secure.curl(&["--http2"], "/o/a?fault=go-away&bytes=50000");
    assert!(!now.status.success());
    assert_eq!(now.stdout.len(), 50_000);

    secure.server.clear_log();
    secure.server.script("a", vec![Fault::GoAwayGracefully]);
    let again = secure.server.object_url("a");
    let arguments = ["--http2", "--output", "/dev/null", &again];
    let output = secure.curl(&arguments, "/o/a");
    assert!(output.status.success(), "{output:?}");
    assert!(secure.is_object(&output));
    let connections = |made| {
        let patience = common::PATIENCE;
        let server = &secure.server;
        server.wait_until(|state| state.connections_made() == made, patience)
    };
    assert!(
        connections(2),
        "the second request needs a connection of its own"
    );
}
