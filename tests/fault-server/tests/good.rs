//! Without a fault it is a good server.

mod common;

use backhaul_fault_server::{FaultServer, Object};
use common::{PATIENCE, connect, get, request, send, server_with};
use std::io::Read;
use std::time::{Duration, Instant, SystemTime};

#[test]
fn a_whole_object_and_its_fields() {
    let (server, bytes) = server_with(200_000);
    let raw = get(&server, "/o/a", &[]);
    assert_eq!((raw.status(), raw.error), (200, None));
    assert_eq!(raw.body(), bytes);
    assert_eq!(raw.header("Content-Length").as_deref(), Some("200000"));
    assert_eq!(raw.header("ETag").as_deref(), Some("\"v1\""));
    assert_eq!(raw.header("Accept-Ranges").as_deref(), Some("bytes"));
    assert!(raw.header("Date").is_some());
    assert_eq!(server.bytes_sent("a"), 200_000);

    let head = request(&server, "HEAD", "/o/a", &[]);
    assert_eq!(head.header("Content-Length").as_deref(), Some("200000"));
    assert_eq!(head.body(), b"");
    assert_eq!(get(&server, "/o/b", &[]).status(), 404);
    assert_eq!(get(&server, "/x", &[]).status(), 404);
}

#[test]
fn ranges_and_their_conditions() {
    let (server, bytes) = server_with(1000);
    let ask = |fields: &[&str]| get(&server, "/o/a", fields);

    let part = ask(&["Range: bytes=300-", "If-Range: \"v1\""]);
    assert_eq!(part.status(), 206);
    assert_eq!(
        part.header("Content-Range").as_deref(),
        Some("bytes 300-999/1000")
    );
    assert_eq!(part.body(), &bytes[300..]);
    assert_eq!(ask(&["Range: bytes=10-19"]).body(), &bytes[10..20]);
    assert_eq!(ask(&["Range: bytes=-7"]).body(), &bytes[993..]);

    let other = ask(&["Range: bytes=300-", "If-Range: \"v2\""]);
    assert_eq!((other.status(), other.body()), (200, &bytes[..]));
    let weak = ask(&["Range: bytes=300-", "If-Range: W/\"v1\""]);
    assert_eq!(weak.status(), 200);

    let past = ask(&["Range: bytes=1000-"]);
    assert_eq!(past.status(), 416);
    assert_eq!(
        past.header("Content-Range").as_deref(),
        Some("bytes */1000")
    );

    let logged = server.requests_for("a");
    assert_eq!(logged.len(), 6);
    assert_eq!(logged[0].range.as_deref(), Some("bytes=300-"));
    assert_eq!(logged[0].if_range.as_deref(), Some("\"v1\""));
    assert_eq!(logged[0].status, 206);
    assert_eq!(logged[0].http_version, "HTTP/1.1");
    assert_eq!(logged[0].header("host"), Some("127.0.0.1:99"));
}

#[test]
fn validators_are_as_the_object_says() {
    let server = FaultServer::start().unwrap();
    let tag = |object: Object| {
        server.put("a", object);
        let raw = get(&server, "/o/a", &[]);
        (raw.header("ETag"), raw.header("Last-Modified"))
    };
    let object = || Object::generated(1, 10);
    let (strong, none) = tag(object());
    assert!(strong.unwrap().starts_with('"') && none.is_none());
    assert!(tag(object().weak_etag()).0.unwrap().starts_with("W/\""));
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let dated = object().without_validators().last_modified(time);
    let date = "Tue, 14 Nov 2023 22:13:20 GMT";
    assert_eq!(tag(dated), (None, Some(date.into())));
    let range = get(
        &server,
        "/o/a",
        &["Range: bytes=1-", &format!("If-Range: {date}")],
    );
    assert_eq!(range.status(), 206);
    let farm = object().etag_differs_at_every_answer();
    assert_ne!(tag(farm.clone()), tag(farm));
}

#[test]
fn digests_are_right_or_wrong_as_asked() {
    let server = FaultServer::start().unwrap();
    let digest = |object| {
        server.put("a", object);
        get(&server, "/o/a", &["Range: bytes=1-"]).header("Repr-Digest")
    };
    assert_eq!(digest(Object::bytes(&b"abc"[..])), None);
    assert_eq!(
        digest(Object::bytes(&b"abc"[..]).repr_digest()).as_deref(),
        Some("sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:")
    );
    assert_ne!(
        digest(Object::bytes(&b"abc"[..]).wrong_digest()).as_deref(),
        Some("sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:")
    );
}

#[test]
fn a_connection_is_kept_and_counted() {
    let (server, bytes) = server_with(100);
    let mut stream = connect(&server);
    for _ in 0..3 {
        send(&mut stream, "GET", "/o/a", &["Range: bytes=0-9"], false);
        let mut seen = Vec::new();
        while !seen.ends_with(&bytes[..10]) {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            seen.push(byte[0]);
        }
    }
    drop(stream);
    assert!(server.wait_until(|state| state.connections_open() == 0, PATIENCE));
    assert!(server.wait_until(
        |state| state.connections_made() == 1 && state.request_count() == 3,
        PATIENCE
    ));
}

#[test]
fn an_answer_ends_with_the_object_it_began_with() {
    let (server, bytes) = server_with(3_000_000);
    server.limit_rate(Some(1_000_000));
    let mut stream = connect(&server);
    send(&mut stream, "GET", "/o/a", &[], true);
    assert!(server.wait_until(|state| state.bytes_sent("a") > 0, PATIENCE));
    server.put("a", Object::generated(43, 3_000_000));
    server.limit_rate(None);
    let mut seen = Vec::new();
    stream.read_to_end(&mut seen).unwrap();
    assert!(seen.ends_with(&bytes));
    assert!(
        !get(&server, "/o/a", &[])
            .bytes
            .ends_with(&bytes[2_900_000..])
    );
}

#[test]
fn a_rate_holds() {
    let (server, _) = server_with(50_000);
    let begun = Instant::now();
    get(&server, "/o/a?rate=100000", &[]);
    let taken = begun.elapsed();
    assert!(taken >= Duration::from_millis(400), "{taken:?}");
    assert!(taken < Duration::from_secs(5), "{taken:?}");
}

#[test]
fn a_stopped_server_comes_back_on_its_port() {
    let (server, bytes) = server_with(1000);
    let mut held = connect(&server);
    send(&mut held, "GET", "/o/a?fault=stall&bytes=10", &[], false);
    assert!(server.wait_until(|state| state.bytes_sent("a") == 10, PATIENCE));
    server.stop();
    let ended = held.read_to_end(&mut Vec::new());
    assert!(ended.is_ok() || ended.is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset));
    assert!(std::net::TcpStream::connect(("127.0.0.1", server.port())).is_err());
    server.restart().unwrap();
    assert_eq!(get(&server, "/o/a", &[]).body(), bytes);

    let port = server.port();
    drop(server);
    let other = FaultServer::builder().port(port).start().unwrap();
    assert_eq!(get(&other, "/o/a", &[]).status(), 404);
}

#[test]
fn another_process_can_replace_an_object() {
    let (server, _) = server_with(10);
    let put = request(&server, "PUT", "/o/a?size=20&seed=5", &[]);
    assert_eq!(put.status(), 201);
    let mut expected = Vec::new();
    Object::generated(5, 20).write_to(&mut expected).unwrap();
    assert_eq!(get(&server, "/o/a", &[]).body(), expected);
    assert_eq!(request(&server, "PUT", "/o/a?seed=5", &[]).status(), 400);

    // The object stays as it is.
    let fault = "/o/a?fault=status&status=503";
    assert_eq!(request(&server, "PUT", fault, &[]).status(), 201);
    assert_eq!(get(&server, "/o/a", &[]).status(), 503);
    assert_eq!(get(&server, "/o/a", &[]).body(), expected);
    let nothing = request(&server, "PUT", "/o/b?fault=status&status=503", &[]);
    assert_eq!(nothing.status(), 400);

    let fault = "/o/a?size=20&seed=5&fault=status&status=503";
    assert_eq!(request(&server, "PUT", fault, &[]).status(), 201);
    assert_eq!(get(&server, "/o/a", &[]).status(), 503);
    assert_eq!(get(&server, "/o/a", &[]).body(), expected);
}

#[test]
fn a_wait_that_is_not_fulfilled_ends() {
    let server = FaultServer::start().unwrap();
    assert!(!server.wait_until(|state| state.request_count() > 0, Duration::from_millis(1)));
}
