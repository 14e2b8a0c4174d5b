//! What is logged holds no credential (rule E4). Alone in its process: the logger is the process's.
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see in helpers"
)]

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backhaul_fault_server::{Fault, FaultServer, Object};
use backhaul_tests::fixture::{request_to, start_foreground};
use backhaul_tests::{Fixture, Recorder, What};
use log::{LevelFilter, Log, Metadata, Record};

/// Keeps everything that anybody in the process logs.
struct Memory(Mutex<Vec<String>>);

static MEMORY: Memory = Memory(Mutex::new(Vec::new()));

impl Log for Memory {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}: {}", record.level(), record.target(), record.args());
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }

    fn flush(&self) {}
}

fn logged() -> Vec<String> {
    MEMORY
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// Everything that can go wrong with a request that carries secrets everywhere it can.
fn exercise(fixture: &Fixture) {
    let other = FaultServer::start().unwrap();
    other.put("there", Object::generated(1, 1_000));
    let delegate = Recorder::with_hook(|call| {
        if matches!(call.what, What::Finished(_)) {
            panic!("so that something is logged");
        }
    });
    let configuration = fixture
        .foreground()
        .secret_header("X-Api-Key")
        .additional_header("X-Api-Key", "s3cret-session")
        .unwrap()
        .timeout_for_request(Duration::from_millis(200))
        .timeout_for_resource(Duration::from_secs(1));
    let session = start_foreground(configuration, &delegate);
    let secret_target = other.object_url("there") + "?sig=s3cret-redirect";
    let faults = [
        Fault::None,
        Fault::Truncate(500),
        Fault::status(404),
        Fault::status(503),
        Fault::ResetBeforeHeaders,
        Fault::Garbage,
        Fault::Gzip,
        Fault::NoAnswer,
        Fault::RedirectLoop,
        Fault::RedirectDowngrade,
        Fault::redirect(302, secret_target),
        Fault::redirect(
            302,
            "ftp://user:s3cret-redirect@127.0.0.1/?sig=s3cret-redirect",
        ),
        Fault::OtherVersion,
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let name = format!("o{number}");
        fixture.server.put(&name, Object::generated(1, 1_000));
        fixture
            .server
            .script(&name, vec![Fault::ResetAfter(500), fault]);
        let url = fixture.server.object_url(&name);
        let url = url.replacen("://", "://user:s3cret-password@", 1) + "?token=s3cret-query";
        let request = request_to(&url, &name)
            .header("Authorization", "Bearer s3cret-header")
            .unwrap()
            .header("Cookie", "id=s3cret-cookie")
            .unwrap();
        let task = session.download_task(request).unwrap();
        task.resume().unwrap();
        let ended = |what: &What| matches!(what, What::Finished(_) | What::Completed(_));
        delegate.wait_for_call(task.id(), ended);
    }
}

#[test]
fn nothing_that_is_logged_holds_a_credential() {
    // rule E4, rule T2
    log::set_logger(&MEMORY).unwrap();
    log::set_max_level(LevelFilter::Trace);
    for fixture in [Fixture::new(), Fixture::tls(), Fixture::http2()] {
        exercise(&fixture);
        // And a part file that cannot be trusted, at the next launch.
        let delegate = Recorder::new();
        let session = fixture.session(&delegate);
        let url = fixture.server.object_url("a") + "?token=s3cret-query";
        fixture.server.put("a", Object::generated(1, 400_000));
        fixture.server.script("a", vec![Fault::Stall(250_000)]);
        let task = session.download_task(request_to(&url, "a")).unwrap();
        task.resume().unwrap();
        delegate.wait_for_call(
            task.id(),
            |what| matches!(what, What::Wrote(progress) if progress.received == 250_000),
        );
        let id = task.id();
        drop((task, session));
        for file in backhaul_tests::files::leftovers(fixture.container()) {
            std::fs::write(file, "damaged").unwrap();
        }
        let again = Recorder::new();
        let _session = fixture.session(&again);
        again.wait_for_file(id);
    }
    let lines = logged();
    assert!(
        lines.iter().any(|line| line.starts_with("ERROR backhaul")),
        "{lines:#?}"
    );
    assert!(
        lines.iter().any(|line| line.starts_with("WARN backhaul")),
        "{lines:#?}"
    );
    // The last one is the user-info as it goes over the wire.
    let secrets = ["s3cret", "dXNlcjpzM2NyZXQt"];
    let tells = |line: &&String| secrets.iter().any(|secret| line.contains(secret));
    let telling: Vec<_> = lines.iter().filter(tells).collect();
    assert!(telling.is_empty(), "{telling:#?}");
}
