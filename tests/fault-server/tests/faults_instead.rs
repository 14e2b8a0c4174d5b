//! Faults that answer with something else than the object.

mod common;

use backhaul_fault_server::{Fault, RetryAfter};
use common::{get, server_with};
use std::time::{Duration, SystemTime};

#[test]
fn redirects_lead_where_they_are_told_to() {
    let (server, bytes) = server_with(100);
    let location = |target: &str| {
        let raw = get(&server, target, &[]);
        (raw.status(), raw.header("Location").unwrap())
    };
    assert_eq!(
        location("/o/a?fault=redirect&status=308&to=http%3A%2F%2Fother%2Fx"),
        (308, "http://other/x".into())
    );
    assert_eq!(
        location("/o/a?fault=redirect-loop"),
        (302, "http://127.0.0.1:99/o/a?fault=redirect-loop".into())
    );
    server.always("a", Fault::RedirectToTarget(307));
    let raw = get(&server, "/o/a", &[]);
    assert_eq!(raw.header("ETag"), None);
    assert_eq!(raw.header("Location").unwrap(), "http://127.0.0.1:99/t/a");
    let target = get(&server, "/t/a", &[]);
    assert_eq!((target.status(), target.body()), (200, &bytes[..]));
    assert_eq!(target.header("ETag").as_deref(), Some("\"v1\""));
}

#[test]
fn statuses_carry_retry_after_in_every_form() {
    let (server, _) = server_with(100);
    let retry_after = |form| {
        let (status, retry_after) = (503, form);
        server.script(
            "a",
            vec![Fault::Status {
                status,
                retry_after,
            }],
        );
        let raw = get(&server, "/o/a", &[]);
        assert_eq!(raw.status(), 503);
        raw.header("Retry-After")
    };
    assert_eq!(retry_after(RetryAfter::Absent), None);
    assert_eq!(retry_after(RetryAfter::Seconds(7)).as_deref(), Some("7"));
    let date = retry_after(RetryAfter::Date(60)).unwrap();
    let away = httpdate::parse_http_date(&date)
        .unwrap()
        .duration_since(SystemTime::now())
        .unwrap();
    assert!(away > Duration::from_secs(50) && away <= Duration::from_secs(60));
    let garbage = retry_after(RetryAfter::Garbage).unwrap();
    assert!(httpdate::parse_http_date(&garbage).is_err());
}

#[test]
fn credentials_are_asked_for() {
    let (server, bytes) = server_with(100);
    let raw = get(&server, "/o/a?fault=unauthorized", &[]);
    assert_eq!(raw.status(), 401);
    assert!(
        raw.header("WWW-Authenticate")
            .unwrap()
            .starts_with("Bearer")
    );
    let middle = "/o/a?fault=unauthorized-on-range";
    assert_eq!(get(&server, middle, &[]).body(), bytes);
    assert_eq!(get(&server, middle, &["Range: bytes=5-"]).status(), 401);
    let token = "/o/a?fault=require-authorization&value=Bearer+new";
    assert_eq!(
        get(&server, token, &["Authorization: Bearer old"]).status(),
        401
    );
    assert_eq!(
        get(&server, token, &["Authorization: Bearer new"]).status(),
        200
    );
    assert_eq!(get(&server, "/o/a?fault=expired-url", &[]).status(), 403);
    assert_eq!(
        get(&server, "/o/a?fault=proxy-unauthorized", &[]).status(),
        407
    );
}

#[test]
fn errors_and_portals_do_not_count_as_the_object() {
    let (server, _) = server_with(100);
    let error = get(&server, "/o/a?fault=error-body&status=500", &[]);
    assert_eq!((error.status(), error.body().len()), (500, 1024 * 1024));
    let portal = get(&server, "/o/a?fault=captive-portal", &["Range: bytes=5-"]);
    assert_eq!(portal.status(), 200);
    assert!(
        portal
            .header("Content-Type")
            .unwrap()
            .starts_with("text/html")
    );
    assert_eq!(server.bytes_sent("a"), 0);
    assert_eq!(get(&server, "/o/a?fault=no-such-fault", &[]).status(), 400);
}
