//! Redirects, and what is carried over (rules H2, H3, T1).

use backhaul_fault_server::{Fault, RetryAfter};

use super::*;

/// A transfer with three secrets and one header that is none.
fn with_secrets(mut transfer: Transfer) -> Transfer {
    for name in ["Authorization", "Cookie", "X-Api-Key", "X-Plain"] {
        transfer.headers.append(name, "value").unwrap();
    }
    transfer.secret_headers = vec!["x-api-key".to_owned()];
    transfer
}

fn secrets_in(server: &FaultServer, path: &str) -> (usize, bool) {
    let requests = server.requests();
    let request = requests
        .iter()
        .find(|request| request.path == path)
        .unwrap();
    let secrets = ["authorization", "cookie", "x-api-key"];
    let sent = secrets.iter().filter(|name| request.header(name).is_some());
    (sent.count(), request.header("x-plain").is_some())
}

#[test]
fn secrets_stay_with_the_origin_they_were_meant_for() {
    // rule H3
    let room = Room::new();
    let other = FaultServer::start().unwrap();
    let object = Object::generated(1, 10_000);
    other.put("there", object.clone());
    room.server.put("a", object.clone());
    room.server.put("b", object.clone());
    let hops = vec![Fault::redirect(302, "/o/b")];
    room.server.script("a", hops);
    room.server
        .script("b", vec![Fault::redirect(307, other.object_url("there"))]);

    let transfer = with_secrets(room.transfer("a"));
    let finished = room.assert_arrived(room.run(&transfer), &transfer, &object);
    assert_eq!(finished.metrics.redirects, 2);
    assert_eq!(finished.response.url(), other.object_url("there"));
    assert_eq!(secrets_in(&room.server, "/o/a"), (3, true));
    assert_eq!(
        secrets_in(&room.server, "/o/b"),
        (3, true),
        "the same origin"
    );
    assert_eq!(secrets_in(&other, "/o/there"), (0, true), "another origin");
}

#[test]
fn a_resumption_goes_through_the_redirect_again() {
    // rule R2
    let room = Room::new();
    let object = Object::generated(2, 3_000_000);
    room.server.put("a", object.clone());
    room.server.put("b", object.clone());
    room.server.always("a", Fault::redirect(302, "/o/b"));
    room.server.script("b", vec![Fault::Truncate(1_000_000)]);
    let first = room.transfer("a");
    room.run(&first).failed_with(ErrorKind::ConnectionLost);
    let second = next(&first);
    let told = room.run(&second);
    assert_eq!(told.offsets(), [1_000_000]);
    room.assert_arrived(told, &second, &object);
}

#[test]
fn circles_and_forbidden_ways_are_refused() {
    // rule H3, rule T1
    let meet = |fault: Fault| {
        let room = Room::new();
        room.server.put("a", Object::generated(3, 10));
        room.server.always("a", fault);
        room.run(&room.transfer("a")).failed().0.kind()
    };
    assert_eq!(meet(Fault::RedirectLoop), ErrorKind::TooManyRedirects);
    assert_eq!(
        meet(Fault::redirect(302, "ftp://127.0.0.1/")),
        ErrorKind::RedirectRefused
    );
    let elsewhere = Fault::redirect(302, "http://localhost:1/");
    assert_eq!(meet(elsewhere), ErrorKind::PlainHttpNotAllowed);

    let room = Room::new();
    let mut transfer = room.transfer("a");
    transfer.url.set_host(Some("localhost")).unwrap();
    room.run(&transfer)
        .failed_with(ErrorKind::PlainHttpNotAllowed);
}

#[test]
fn the_delegate_may_say_no() {
    // rule H3
    let room = Room::new();
    let object = Object::generated(4, 10_000);
    room.server.put("a", object.clone());
    room.server.put("b", object.clone());
    room.server.always("a", Fault::redirect(302, "/o/b"));
    let mut transfer = room.transfer("a");
    transfer.asks_about_redirects = true;
    let told = room.run(&transfer);
    let asked = |event: &TransferEvent| matches!(event, TransferEvent::Redirecting { url, .. } if url.ends_with("/o/b"));
    assert!(told.events.iter().any(asked));
    room.assert_arrived(told, &transfer, &object);

    room.heard.refuses_redirects.store(true, Ordering::SeqCst);
    let mut transfer = room.transfer("a");
    transfer.asks_about_redirects = true;
    let error = room.run(&transfer).failed_with(ErrorKind::HttpStatus);
    assert_eq!((error.status(), error.is_retryable()), (Some(302), false));
}

#[test]
fn a_redirect_that_asks_to_wait_is_followed_later() {
    // rule H2
    let room = Room::new();
    let object = Object::generated(5, 10_000);
    room.server.put("a", object.clone());
    room.server.put("b", object.clone());
    room.server.always(
        "a",
        Fault::Redirect {
            status: 307,
            to: "/o/b".to_owned(),
            retry_after: RetryAfter::Seconds(1),
        },
    );
    let first = room.transfer("a");
    let (error, after, _) = room.run(&first).failed();
    assert!(error.is_retryable(), "{error}");
    let after = after.unwrap();
    assert!((900..=1000).contains(&after), "{after}");
    assert_eq!(room.server.requests_for("b").len(), 0);

    // The engine's part is to wait. Asked early, the transport says how long it still is.
    let mut attempt = next(&first);
    let told = loop {
        let told = room.run(&attempt);
        match told.events.last() {
            Some(TransferEvent::Failed {
                retry_after_ms: Some(left),
                ..
            }) if *left <= after => {
                attempt = next(&attempt);
            }
            _ => break told,
        }
    };
    room.assert_arrived(told, &attempt, &object);
    let (asked, redirected) = (room.server.requests_for("a"), room.server.requests_for("b"));
    assert!(asked.len() > redirected.len() && redirected.len() == 1);
}
