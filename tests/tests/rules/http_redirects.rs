//! Redirects (rule H3).

use backhaul::{ErrorKind, StatusPolicy};
use backhaul_fault_server::{Fault, FaultServer, LoggedRequest, Object};
use backhaul_tests::fixture::start_foreground;
use backhaul_tests::{Fixture, Recorder, What};

const SECRETS: [&str; 3] = ["authorization", "cookie", "x-api-key"];

fn secrets_of(request: &LoggedRequest) -> Vec<&str> {
    SECRETS
        .into_iter()
        .filter(|name| request.header(name).is_some())
        .collect()
}

#[test]
fn secrets_stay_with_their_origin() {
    // rule H3
    let fixture = Fixture::new();
    let other = FaultServer::start().unwrap();
    let object = Object::generated(1, 100_000);
    other.put("there", object.clone());
    let delegate = Recorder::new();
    let session = start_foreground(fixture.foreground().secret_header("X-Api-Key"), &delegate);
    let request = |name: &str| {
        let request = fixture
            .request(name)
            .header("Authorization", "Bearer s3cret")
            .unwrap();
        let request = request.header("Cookie", "id=s3cret").unwrap();
        let request = request.header("X-Api-Key", "s3cret").unwrap();
        request.header("X-Kind", "harmless").unwrap()
    };
    // To another port, and from there back again: another origin than the one before.
    fixture.server.put("back", object.clone());
    other.script(
        "there",
        vec![Fault::redirect(302, fixture.server.object_url("back"))],
    );
    for name in ["first", "second"] {
        let to = other.object_url("there");
        fixture.server.script(name, vec![Fault::redirect(307, to)]);
        let task = session.download_task(request(name)).unwrap();
        task.resume().unwrap();
        delegate.wait_for_file(task.id());
        fixture.assert_arrived(name, &object);
        assert_eq!(secrets_of(&fixture.server.requests_for(name)[0]), SECRETS);
    }
    let crossed = other.requests_for("there");
    assert_eq!(crossed.len(), 2);
    let back = fixture.server.requests_for("back");
    for request in crossed.iter().chain(&back) {
        assert!(secrets_of(request).is_empty(), "{request:?}");
        assert_eq!(request.header("x-kind"), Some("harmless"));
        assert_eq!(request.header("referer"), None);
    }
}

#[test]
fn secrets_follow_within_an_origin_and_into_the_next_attempt() {
    // rule H3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.default_session(&delegate);
    let object = Object::generated(1, 200_000);
    fixture.server.put("a", object.clone());
    let faults = vec![Fault::RedirectToTarget(302), Fault::Truncate(100_000)];
    fixture.server.script("a", faults);
    let request = fixture
        .request("a")
        .header("Authorization", "Bearer s3cret")
        .unwrap();
    let task = session.download_task(request).unwrap();
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
    for request in fixture.server.requests() {
        assert_eq!(request.header("authorization"), Some("Bearer s3cret"));
    }
    fixture.assert_arrived("a", &object);
}

#[test]
fn user_info_is_for_its_origin_only() {
    // rule H3
    let fixture = Fixture::new();
    let other = FaultServer::start().unwrap();
    other.put("there", Object::generated(1, 1_000));
    fixture
        .server
        .script("a", vec![Fault::redirect(302, other.object_url("there"))]);
    let delegate = Recorder::new();
    let session = fixture.default_session(&delegate);
    let url = fixture
        .server
        .object_url("a")
        .replacen("http://", "http://user:pass@", 1);
    let task = session
        .download_task(backhaul_tests::fixture::request_to(&url, "a"))
        .unwrap();
    task.resume().unwrap();
    delegate.wait_for_file(task.id());
    let basic = fixture.server.requests_for("a")[0]
        .header("authorization")
        .map(str::to_owned);
    assert_eq!(basic.as_deref(), Some("Basic dXNlcjpwYXNz"));
    assert_eq!(other.requests_for("there")[0].header("authorization"), None);
}

#[test]
fn loops_and_long_chains_end() {
    // rule H3
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let fetch = |name: &str| {
        let task = fixture.fetch(&session, name, &Object::generated(1, 1_000));
        delegate.wait_for_end(task.id()).map(|failure| failure.kind)
    };
    fixture.server.always("loop", Fault::RedirectLoop);
    assert_eq!(fetch("loop"), Some(ErrorKind::TooManyRedirects));
    let chain = |from: usize, to: usize| {
        for hop in from..to {
            let next = fixture.server.object_url(&format!("hop{}", hop + 1));
            fixture
                .server
                .always(&format!("hop{hop}"), Fault::redirect(302, next));
        }
        fixture
            .server
            .put(&format!("hop{to}"), Object::generated(1, 1_000));
    };
    chain(0, 10);
    assert_eq!(fetch("hop0"), None, "ten are followed");
    chain(20, 31);
    assert_eq!(fetch("hop20"), Some(ErrorKind::TooManyRedirects));
    assert!(fixture.server.requests_for("hop31").is_empty());
}

#[test]
fn tls_is_never_given_up() {
    // rule H3, rule T1
    let fixture = Fixture::tls();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    fixture.server.always("a", Fault::RedirectDowngrade);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 1_000));
    let failure = delegate.wait_for_failure(task.id());
    assert_eq!(failure.kind, ErrorKind::RedirectRefused);
    assert_eq!(fixture.server.requests().len(), 1);
    fixture.assert_no_leftovers();
}

#[test]
fn only_http_is_followed() {
    // rule H3, rule T1
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let table = [
        ("ftp://127.0.0.1/x", ErrorKind::RedirectRefused),
        ("file:///etc/passwd", ErrorKind::RedirectRefused),
        ("http://127.0.0.2/x", ErrorKind::PlainHttpNotAllowed),
    ];
    for (number, (to, kind)) in table.into_iter().enumerate() {
        let name = format!("o{number}");
        fixture.server.always(&name, Fault::redirect(301, to));
        let task = fixture.fetch(&session, &name, &Object::generated(1, 1_000));
        assert_eq!(delegate.wait_for_failure(task.id()).kind, kind, "{to}");
    }
}

#[test]
fn in_a_default_session_the_delegate_is_asked() {
    // rule H3
    let fixture = Fixture::new();
    fixture.server.always("a", Fault::RedirectToTarget(302));
    let object = Object::generated(1, 1_000);

    let willing = Recorder::new();
    let session = fixture.default_session(&willing);
    let task = fixture.fetch(&session, "a", &object);
    willing.wait_for_file(task.id());
    let asked = willing.wait_for_call(task.id(), |what| matches!(what, What::Redirecting(..)));
    let to = fixture.server.url("/t/a");
    assert!(matches!(asked.what, What::Redirecting(302, url) if url == to));
    drop((task, session));

    // No: the redirect itself is the answer.
    let unwilling = Recorder::refusing_redirects();
    let session = fixture.default_session(&unwilling);
    let task = fixture.fetch(&session, "a", &object);
    let failure = unwilling.wait_for_failure(task.id());
    assert_eq!(failure.kind, ErrorKind::HttpStatus);
    let response = failure.response.unwrap();
    assert_eq!(
        (response.status(), response.headers().get("location")),
        (302, Some(to.as_str()))
    );
    drop((task, session));

    // In a background session nobody is asked.
    let background = Recorder::refusing_redirects();
    let session = fixture.session(&background);
    let task = fixture.fetch(&session, "a", &object);
    background.wait_for_file(task.id());
    assert!(!background.order_for(task.id()).contains(&"redirecting"));
}

#[test]
fn a_resumed_transfer_is_redirected_like_the_first() {
    // rule H3, rule R2
    let fixture = Fixture::new();
    let delegate = Recorder::new();
    let session = fixture.session(&delegate);
    let cut = fixture.server.object_url("cut");
    fixture.server.always("a", Fault::redirect(302, cut));
    let object = Object::generated(1, 200_000);
    fixture.server.put("cut", object.clone());
    fixture.server.script("cut", vec![Fault::Truncate(100_000)]);
    let task = fixture.fetch(&session, "a", &object);
    delegate.wait_for_file(task.id());
    let metrics = delegate.wait_for_call(task.id(), |what| matches!(what, What::Metrics(_)));
    let What::Metrics(metrics) = metrics.what else {
        unreachable!()
    };
    assert_eq!((metrics.redirects, metrics.attempts), (1, 2));
    let asked = fixture.server.requests_for("cut");
    assert_eq!(asked[1].range.as_deref(), Some("bytes=100000-"));
    assert!(asked[1].if_range.is_some());
    fixture.assert_arrived("a", &object);
}

#[test]
fn a_redirect_as_a_file_is_an_option() {
    // rule H5
    let fixture = Fixture::new();
    fixture.server.always("a", Fault::RedirectToTarget(302));
    let delegate = Recorder::refusing_redirects();
    let configuration = fixture.foreground().status_policy(StatusPolicy::Any);
    let session = start_foreground(configuration, &delegate);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 1_000));
    let arrived = delegate.wait_for_file(task.id());
    assert_eq!(arrived.response.unwrap().status(), 302);
    assert_eq!(std::fs::read(fixture.file("a")).unwrap(), b"elsewhere\n");
}
