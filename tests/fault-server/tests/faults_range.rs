//! Faults of ranges and validators: what each does, to the byte.

mod common;

use backhaul_fault_server::Fault;
use common::{Raw, get, server_with};

const LEN: usize = 10_000;

/// The answer to `bytes=4000-` under a fault, and the object's bytes.
fn ranged(fault: Fault) -> (Raw, Vec<u8>) {
    let (server, bytes) = server_with(LEN as u64);
    server.script("a", vec![fault]);
    let fields = ["Range: bytes=4000-", "If-Range: \"v1\""];
    let raw = get(&server, "/o/a", &fields);
    let again = get(&server, "/o/a", &fields);
    assert_eq!(again.status(), 206, "a script is used up");
    assert_eq!(again.body(), &bytes[4000..]);
    (raw, bytes)
}

fn content_range(raw: &Raw) -> String {
    raw.header("Content-Range").unwrap_or_default()
}

#[test]
fn a_range_is_placed_elsewhere_and_says_so() {
    for (fault, place) in [
        (Fault::RangeEarly(100), 3900..LEN),
        (Fault::RangeEarly(9000), 0..LEN),
        (Fault::RangeLate(100), 4100..LEN),
        (Fault::RangeLate(9000), LEN - 1..LEN),
        (Fault::RangeShort(100), 4000..LEN - 100),
    ] {
        let (raw, bytes) = ranged(fault.clone());
        let label = format!("bytes {}-{}/{LEN}", place.start, place.end - 1);
        assert_eq!(raw.status(), 206, "{fault:?}");
        assert_eq!(content_range(&raw), label, "{fault:?}");
        assert_eq!(raw.body(), &bytes[place], "{fault:?}");
    }
}

#[test]
fn a_body_is_not_what_its_content_range_says() {
    let label = format!("bytes 4000-9999/{LEN}");
    let (short, bytes) = ranged(Fault::RangeBodyShort(100));
    assert_eq!(content_range(&short), label);
    assert_eq!(short.header("Content-Length").as_deref(), Some("5900"));
    assert_eq!(short.body(), &bytes[4000..LEN - 100]);
    let (long, bytes) = ranged(Fault::RangeBodyLong(100));
    assert_eq!(content_range(&long), label);
    assert_eq!(long.header("Content-Length").as_deref(), Some("6100"));
    assert_eq!(long.body().len(), 6100);
    assert_eq!(&long.body()[..6000], &bytes[4000..]);
}

#[test]
fn the_label_is_missing_or_strange() {
    for (fault, label) in [
        (Fault::RangeWithoutContentRange, ""),
        (Fault::RangeUnplaced, "bytes */10000"),
        (Fault::RangeUnknownTotal, "bytes 4000-9999/*"),
        (Fault::RangeGarbage, "bytes=4000-, of 10000"),
    ] {
        let (raw, bytes) = ranged(fault);
        assert_eq!((raw.status(), content_range(&raw).as_str()), (206, label));
        assert_eq!(raw.body(), &bytes[4000..]);
    }
    let (chunked, _) = ranged(Fault::RangeChunked);
    assert_eq!(chunked.status(), 206);
    assert_eq!(chunked.header("Content-Length"), None);
    assert!(chunked.body().starts_with(b"1770\r\n"));
    assert!(chunked.body().ends_with(b"\r\n0\r\n\r\n"));
}

#[test]
fn range_or_if_range_is_ignored() {
    let (whole, bytes) = ranged(Fault::IgnoreRange);
    assert_eq!((whole.status(), whole.body()), (200, &bytes[..]));
    assert_eq!(whole.header("ETag").as_deref(), Some("\"v1\""));

    let (server, bytes) = server_with(LEN as u64);
    let stale = ["Range: bytes=4000-", "If-Range: \"v0\""];
    let raw = get(&server, "/o/a?fault=ignore-if-range", &stale);
    assert_eq!((raw.status(), raw.body()), (206, &bytes[4000..]));
}

#[test]
fn nothing_is_satisfiable() {
    let (raw, _) = ranged(Fault::NotSatisfiable);
    assert_eq!(
        (raw.status(), content_range(&raw).as_str()),
        (416, "bytes */10000")
    );
    let (bare, _) = ranged(Fault::NotSatisfiableBare);
    assert_eq!((bare.status(), content_range(&bare).as_str()), (416, ""));
}

#[test]
fn validators_change_or_go() {
    let tag = |raw: &Raw| raw.header("ETag").unwrap_or_default();
    let (other, bytes) = ranged(Fault::OtherVersion);
    assert_eq!(
        other.status(),
        200,
        "our tag is not that of the other version"
    );
    assert_eq!(tag(&other), "\"other-v1\"");
    assert_eq!(other.body().len(), LEN);
    assert_ne!(other.body(), bytes);
    let (edge, bytes) = ranged(Fault::OtherEtag);
    assert_eq!((edge.status(), edge.body()), (200, &bytes[..]));
    assert_eq!(tag(&edge), "\"another-edge\"");
    assert_eq!(tag(&ranged(Fault::WeakEtag).0), "W/\"v1\"");
    assert_eq!(tag(&ranged(Fault::WithoutValidators).0), "");
}
