//! Whom to trust, and how far (section T).

use std::sync::{Arc, Mutex};

use backhaul::{
    Destination, ErrorKind, Request, SessionConfiguration, TrustEvaluator, TrustVerdict,
};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::fixture::{start, start_foreground};
use backhaul_tests::{Fixture, QUICK, Recorder, What, files};

#[test]
fn certificates_are_checked() {
    // rule T1
    for fixture in [Fixture::tls(), Fixture::http2()] {
        let stranger = Fixture::tls();
        let delegate = Recorder::new();
        let trusting = fixture.session(&delegate);
        let wary = SessionConfiguration::background("com.example.wary")
            .unwrap()
            .container(fixture.container())
            .is_discretionary(false)
            .retry_policy(QUICK)
            .root_certificate(stranger.server.ca_certificate_pem().unwrap());
        let wary = start(wary, &delegate);
        let refused = fixture.fetch(&wary, "a", &Object::generated(1, 1_000));
        let failure = delegate.wait_for_failure(refused.id());
        assert_eq!(failure.kind, ErrorKind::Tls, "{}", failure.message);
        let task = fixture.fetch(&trusting, "a", &Object::generated(1, 1_000));
        delegate.wait_for_file(task.id());
        assert_eq!(
            fixture.server.requests().len(),
            1,
            "the wary one asked nothing"
        );
    }
}

/// Says the same of every server, and keeps what it was shown.
struct Judge {
    verdict: TrustVerdict,
    shown: Mutex<Vec<(String, usize)>>,
}

impl TrustEvaluator for Judge {
    fn evaluate(&self, host: &str, chain: &[&[u8]]) -> TrustVerdict {
        let shown = (host.to_owned(), chain.len());
        self.shown.lock().unwrap().push(shown);
        self.verdict.clone()
    }
}

#[test]
fn an_evaluators_no_is_final_and_its_silence_leaves_it_to_the_platform() {
    // rule T6
    let stranger = Fixture::tls();
    for (verdict, trusts_root, arrives) in [
        (TrustVerdict::Refused("not pinned".to_owned()), true, false),
        (TrustVerdict::PerformDefaultHandling, true, true),
        (TrustVerdict::PerformDefaultHandling, false, false),
        (TrustVerdict::Trusted, false, true),
    ] {
        let fixture = Fixture::tls();
        let ca = if trusts_root { &fixture } else { &stranger };
        let judge = Arc::new(Judge {
            verdict: verdict.clone(),
            shown: Mutex::default(),
        });
        let configuration = SessionConfiguration::background("com.example.t6")
            .unwrap()
            .container(fixture.container())
            .is_discretionary(false)
            .retry_policy(QUICK)
            .root_certificate(ca.server.ca_certificate_pem().unwrap())
            .trust_evaluator(Arc::clone(&judge) as _);
        let delegate = Recorder::new();
        let session = start(configuration, &delegate);
        let task = fixture.fetch(&session, "a", &Object::generated(1, 1_000));
        if arrives {
            delegate.wait_for_file(task.id());
        } else {
            let failure = delegate.wait_for_failure(task.id());
            assert_eq!(failure.kind, ErrorKind::Tls, "{}", failure.message);
            let says_why = failure.message.contains("not pinned");
            assert_eq!(says_why, matches!(verdict, TrustVerdict::Refused(_)));
        }
        let shown = judge.shown.lock().unwrap();
        assert!(
            shown.iter().all(|(host, _)| host == "127.0.0.1"),
            "{shown:?}"
        );
        assert!(shown.iter().any(|(_, certificates)| *certificates > 0));
    }
}

#[test]
fn a_root_that_is_none_is_said_at_once() {
    // rule T1
    let fixture = Fixture::new();
    let configuration = fixture.foreground().root_certificate("no certificate");
    let error = backhaul::Session::new(configuration, None, Default::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[test]
fn plain_http_is_for_hosts_that_were_named() {
    // rule T1
    let fixture = Fixture::new();
    let session = fixture.session(&Recorder::new());
    for url in [
        "http://localhost/a",
        "http://127.0.0.2/a",
        "http://127.0.0.1.example.com/a",
    ] {
        let error = session
            .download_task(Request::new(url).unwrap())
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PlainHttpNotAllowed, "{url}");
        assert!(
            error.message().contains("allow_plain_http"),
            "it says what to do"
        );
    }
    assert!(session.tasks_after(None, 1).unwrap().is_empty());
}

#[test]
fn secrets_are_never_stored() {
    // rule T2
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let configuration = fixture
        .background("com.example.t2")
        .secret_header("X-Api-Key");
    let session = start(configuration, &delegate);
    let plain = fixture.server.object_url("a");
    let with = |name| fixture.request("a").header(name, "s3cret").unwrap();
    let user = plain.replacen("http://", "http://user:s3cret@", 1);
    for request in [
        with("Authorization"),
        with("cookie"),
        with("Proxy-Authorization"),
        with("x-api-key"),
        backhaul_tests::fixture::request_to(&user, "a"),
    ] {
        let error = session.download_task(request).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SecretNotStorable);
        assert!(!error.to_string().contains("s3cret"));
    }
    // A default session may carry them, and keeps them in memory.
    let foreground = fixture.default_session(&delegate);
    fixture.server.put("a", Object::generated(1, 400_000));
    fixture.server.script("a", vec![Fault::Stall(250_000)]);
    let task = foreground.download_task(with("Authorization")).unwrap();
    task.resume().unwrap();
    delegate.wait_for_call(
        task.id(),
        |what| matches!(what, What::Wrote(progress) if progress.received == 250_000),
    );
    task.suspend().unwrap();
    for file in files::files_below(fixture.container()) {
        let bytes = std::fs::read(&file).unwrap();
        let found = bytes.windows(6).any(|window| window == b"s3cret");
        assert!(!found, "in {}", file.display());
    }
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
}

#[test]
fn nobody_else_may_look() {
    // rule T3
    let fixture = Fixture::new();
    let container = fixture.container().join("made/by us");
    let delegate = Recorder::new();
    let session = start(fixture.background("t3").container(&container), &delegate);
    fixture.server.put("a", Object::generated(1, 400_000));
    fixture.server.script("a", vec![Fault::Stall(250_000)]);
    let task = session.download_task(fixture.request("a")).unwrap();
    task.resume().unwrap();
    delegate.wait_for_call(
        task.id(),
        |what| matches!(what, What::Wrote(progress) if progress.received == 250_000),
    );
    task.suspend().unwrap();
    let found = files::files_below(&container);
    let kinds = ["sqlite3", "sqlite3-wal", "lock", "part", "state"];
    for kind in kinds {
        let of_kind = found
            .iter()
            .any(|path| path.extension().is_some_and(|ext| ext == kind));
        assert!(of_kind, "no {kind} in {found:?}");
    }
    for file in found {
        assert_eq!(files::mode_of(&file), 0o600, "{}", file.display());
    }
    for folder in [&container, &container.join("locks")] {
        assert_eq!(files::mode_of(folder), 0o700, "{}", folder.display());
    }
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
    assert_eq!(files::mode_of(&container.join("files/a")), 0o600);
}

#[test]
fn a_suggested_name_is_one_harmless_component() {
    // rule T4
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let long = format!("attachment; filename=\"{}.pdf\"", "x".repeat(300));
    let table: [(&[u8], Option<&str>); 9] = [
        (b"attachment; filename=\"report.pdf\"", Some("report.pdf")),
        (b"attachment; filename=\"../../etc/passwd\"", None),
        (b"attachment; filename=\"..\\\\..\\\\boot.ini\"", None),
        (b"attachment; filename=\".bashrc\"", None),
        (b"attachment; filename=\"CON\"", None),
        (b"attachment; filename=\"..\"", None),
        (b"attachment; filename*=UTF-8''na%C3%AFve%2F..%2Fx", None),
        (b"attachment; filename=\"\xff\xfe.pdf\"", None),
        (long.as_bytes(), None),
    ];
    for (number, (value, expected)) in table.into_iter().enumerate() {
        let name = format!("o{number}");
        let object = Object::generated(1, 10).content_disposition(value);
        let task = fixture.fetch(&session, &name, &object);
        let arrived = delegate.wait_for_file(task.id());
        assert_eq!(
            arrived.location,
            fixture.file(&name),
            "it is the app's to use"
        );
        let suggested = arrived.response.unwrap().suggested_filename();
        if let Some(expected) = expected {
            assert_eq!(suggested.as_deref(), Some(expected));
        }
        let suggested = suggested.unwrap_or_else(|| name.clone());
        let harmless = !suggested.is_empty()
            && suggested.len() <= 255
            && !suggested.starts_with('.')
            && !suggested.contains(['/', '\\', '\0'])
            && !suggested.eq_ignore_ascii_case("con");
        assert!(
            harmless,
            "{suggested:?} from {:?}",
            String::from_utf8_lossy(value)
        );
    }
}

#[test]
fn without_a_destination_the_urls_last_component_names_the_file() {
    // rule T4
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let object = Object::generated(1, 10);
    fixture.server.put("alps%20west.zip", object.clone());
    let url = fixture.server.object_url("alps%20west.zip") + "?x=../../y";
    let task = session.download_task(Request::new(&url).unwrap()).unwrap();
    task.resume().unwrap();
    let arrived = delegate.wait_for_file(task.id());
    assert_eq!(arrived.location, fixture.file("alps west.zip"));
    fixture.assert_arrived("alps west.zip", &object);
    for path in ["/etc/passwd", "../x", "a/../../x", "."] {
        let error = Destination::in_container(path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidDestination);
    }
}

#[test]
fn what_a_server_can_grow_has_limits() {
    // rule T5
    for fixture in [Fixture::new(), Fixture::http2()] {
        let delegate = Recorder::new();
        let session = fixture.session(&delegate);
        let flood = |count, value_bytes| Fault::HeaderFlood { count, value_bytes };
        let many = flood(10_000, 10);
        let large = flood(10, 1_000_000);
        for (name, fault) in [("many", many), ("large", large)] {
            fixture.server.always(name, fault);
            let task = fixture.fetch(&session, name, &Object::generated(1, 1_000));
            let failure = delegate.wait_for_failure(task.id());
            // HTTP/2's library does not say which of the two it was.
            let limit = [ErrorKind::ResponseTooLarge, ErrorKind::InvalidResponse];
            assert!(limit.contains(&failure.kind), "{name}: {failure:?}");
        }
        let request = fixture.request("sized").expected_size(1_000);
        fixture.server.put("sized", Object::generated(1, 100_000));
        let task = session.download_task(request.clone()).unwrap();
        task.resume().unwrap();
        assert_eq!(
            delegate.wait_for_failure(task.id()).kind,
            ErrorKind::SizeMismatch
        );
        fixture.server.always("sized", Fault::Chunked);
        let task = session.download_task(request).unwrap();
        task.resume().unwrap();
        assert_eq!(
            delegate.wait_for_failure(task.id()).kind,
            ErrorKind::ResponseTooLarge
        );
        fixture.assert_no_leftovers();
    }
}

#[test]
fn a_body_is_not_longer_than_it_says() {
    // rule T5
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = start_foreground(fixture.foreground(), &delegate);
    fixture.server.always("a", Fault::TooLong(5_000));
    let object = Object::generated(1, 100_000);
    let task = fixture.fetch(&session, "a", &object);
    // What comes after the declared end is not part of the answer.
    assert_eq!(delegate.wait_for_file(task.id()).len, 100_000);
    fixture.assert_arrived("a", &object);
}
