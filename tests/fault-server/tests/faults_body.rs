//! Faults of bodies, header sections and connections: what each does on the wire.

mod common;

use backhaul_fault_server::Fault;
use common::{PATIENCE, Raw, connect, get, request, send, server_with};
use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

const LEN: usize = 300_000;

/// The answer to a plain GET under a fault, and the object's bytes.
fn faulty(fault: Fault) -> (Raw, Vec<u8>) {
    let (server, bytes) = server_with(LEN as u64);
    server.script("a", vec![fault]);
    (get(&server, "/o/a", &[]), bytes)
}

fn unchunk(mut body: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    while let Some(end) = body.windows(2).position(|w| w == b"\r\n") {
        let size = std::str::from_utf8(&body[..end]).expect("a size in text");
        let size = usize::from_str_radix(size, 16).expect("a size in hex");
        out.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 2 + size + 2..];
        if size == 0 {
            return (out, true);
        }
    }
    (out, false)
}

#[test]
fn a_body_is_cut() {
    let (cut, bytes) = faulty(Fault::Truncate(70_000));
    assert_eq!(cut.header("Content-Length").as_deref(), Some("300000"));
    assert_eq!((cut.body(), cut.error), (&bytes[..70_000], None));

    let (abort, bytes) = faulty(Fault::ChunkedAbort(70_000));
    assert_eq!(unchunk(abort.body()), (bytes[..70_000].to_vec(), false));

    let (short, bytes) = faulty(Fault::CloseDelimitedShort(70_000));
    assert_eq!(short.header("Content-Length"), None);
    assert_eq!((short.body(), short.error), (&bytes[..70_000], None));

    let (reset, bytes) = faulty(Fault::ResetAfter(70_000));
    assert_eq!(reset.error, Some(ErrorKind::ConnectionReset));
    assert_eq!(reset.body(), &bytes[..70_000]);
}

#[test]
fn a_body_has_no_length_or_a_wrong_one() {
    let (chunked, bytes) = faulty(Fault::Chunked);
    assert_eq!(chunked.header("Content-Length"), None);
    assert_eq!(unchunk(chunked.body()), (bytes, true));

    let (close, bytes) = faulty(Fault::CloseDelimited);
    assert_eq!(close.header("Content-Length"), None);
    assert_eq!(close.body(), bytes);

    let (empty, _) = faulty(Fault::Empty);
    assert_eq!((empty.status(), empty.body()), (200, &b""[..]));
    assert_eq!(empty.header("Content-Length").as_deref(), Some("0"));

    let (long, bytes) = faulty(Fault::TooLong(5));
    assert_eq!(long.header("Content-Length").as_deref(), Some("300000"));
    assert_eq!(long.body().len(), LEN + 5);
    assert!(long.body().starts_with(&bytes));
}

#[test]
fn gzip_that_nobody_asked_for_is_the_object() {
    let (gzip, bytes) = faulty(Fault::Gzip);
    assert_eq!(gzip.header("Content-Encoding").as_deref(), Some("gzip"));
    let mut child = std::process::Command::new("gzip")
        .arg("-dc")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let body = gzip.body().to_vec();
    let writer = std::thread::spawn(move || input.write_all(&body).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    assert!(output.stdout == bytes);
}

#[test]
fn a_stall_lasts_until_the_client_goes() {
    let (server, bytes) = server_with(LEN as u64);
    let mut stream = connect(&server);
    send(
        &mut stream,
        "GET",
        "/o/a?fault=stall&bytes=1000",
        &[],
        false,
    );
    assert!(server.wait_until(|state| state.bytes_sent("a") == 1000, PATIENCE));
    let mut seen = Vec::new();
    while !seen.ends_with(&bytes[..1000]) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        seen.push(byte[0]);
    }
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    let nothing = stream.read(&mut [0]).unwrap_err().kind();
    assert!(matches!(
        nothing,
        ErrorKind::WouldBlock | ErrorKind::TimedOut
    ));
    drop(stream);
    assert!(server.wait_until(|state| state.connections_open() == 0, PATIENCE));
}

#[test]
fn there_is_no_proper_header_section() {
    let close = faulty(Fault::CloseBeforeHeaders).0;
    assert_eq!((close.bytes.len(), close.error), (0, None));
    let reset = faulty(Fault::ResetBeforeHeaders).0;
    assert_eq!(reset.bytes.len(), 0);
    assert_eq!(reset.error, Some(ErrorKind::ConnectionReset));
    let half = faulty(Fault::ResetInHeaders).0;
    assert!(half.bytes.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert!(!half.bytes.windows(4).any(|w| w == b"\r\n\r\n"));
    assert_eq!(half.error, Some(ErrorKind::ConnectionReset));
    assert!(!faulty(Fault::Garbage).0.bytes.starts_with(b"HTTP"));
}

#[test]
fn headers_come_slowly_or_in_a_flood() {
    let begun = Instant::now();
    let (slow, bytes) = faulty(Fault::SlowHeadersMs(1));
    assert!(begun.elapsed() >= Duration::from_millis(slow.head().len() as u64));
    assert_eq!(slow.body(), bytes);

    let flood = faulty(Fault::HeaderFlood {
        count: 500,
        value_bytes: 2000,
    });
    assert!(flood.0.head().len() > 1_000_000);
    assert_eq!(flood.0.status(), 200);
    assert_eq!(flood.0.body(), flood.1);
}

#[test]
fn an_expected_continue_comes_or_does_not() {
    let (server, _) = server_with(10);
    let fields = ["Content-Length: 3", "Expect: 100-continue"];
    for (target, first) in [
        ("/o/a", "HTTP/1.1 100 Continue"),
        ("/o/a?fault=no-continue", "HTTP/1.1 200 OK"),
    ] {
        let mut stream = connect(&server);
        send(&mut stream, "POST", target, &fields, true);
        let mut bytes = Vec::new();
        if first.contains("100") {
            let mut interim = [0; 25];
            stream.read_exact(&mut interim).unwrap();
            bytes.extend_from_slice(&interim);
        }
        stream.write_all(b"abc").unwrap();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.starts_with(first), "{text}");
        assert!(text.contains("HTTP/1.1 200 OK"));
    }
}

#[test]
fn a_file_name_is_sent_as_it_is() {
    let name = b"attachment; filename=\"../\0\xff.bin\"";
    let (raw, _) = faulty(Fault::ContentDisposition(name.to_vec()));
    assert!(raw.bytes.windows(name.len()).any(|w| w == name));
}

#[test]
fn head_has_the_fields_and_nothing_behind_them() {
    let (server, _) = server_with(1000);
    for fault in ["none", "chunked", "truncate", "too-long", "gzip"] {
        let raw = request(&server, "HEAD", &format!("/o/a?fault={fault}"), &[]);
        assert_eq!((raw.status(), raw.body()), (200, &b""[..]), "{fault}");
    }
}
