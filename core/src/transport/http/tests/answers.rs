//! Answers that are not the file, or not in the right form (rules H1, H2, H5, R8, T5).

use backhaul_fault_server::{Fault, RetryAfter};

use super::*;
use crate::configuration::StatusPolicy;

/// One attempt that meets `fault`.
fn meet(fault: Fault) -> Told {
    meet_with(fault, |transfer| transfer)
}

fn meet_with(fault: Fault, change: impl FnOnce(Transfer) -> Transfer) -> Told {
    let room = Room::new();
    room.server.put("a", Object::generated(1, 1_000_000));
    room.server.script("a", vec![fault]);
    room.run(&change(room.transfer("a")))
}

#[test]
fn a_status_that_is_no_success_is_never_the_file() {
    // rule H5
    let error = meet(Fault::ErrorBody {
        status: 404,
        bytes: 200_000,
    })
    .failed_with(ErrorKind::HttpStatus);
    assert_eq!(error.status(), Some(404));
    assert!(!error.is_retryable());
    assert_eq!(error.response().unwrap().body().len(), 64 * 1024);
    for (fault, status) in [(Fault::Unauthorized, 401), (Fault::ExpiredUrl, 403)] {
        let error = meet(fault).failed_with(ErrorKind::HttpStatus);
        assert_eq!(
            (error.status(), error.is_retryable()),
            (Some(status), false)
        );
    }
}

#[test]
fn any_status_can_be_the_file_if_that_is_wanted() {
    // rule H5
    let room = Room::new();
    room.server.put("a", Object::generated(1, 1_000_000));
    room.server.script(
        "a",
        vec![Fault::ErrorBody {
            status: 404,
            bytes: 5000,
        }],
    );
    let mut transfer = room.transfer("a");
    transfer.status_policy = StatusPolicy::Any;
    let finished = room.run(&transfer).finished();
    assert_eq!((finished.len(), finished.response.status()), (5000, 404));
}

#[test]
fn the_server_says_when_to_come_back() {
    // rule H2
    let status = |status, retry_after| Fault::Status {
        status,
        retry_after,
    };
    let (error, after, _) = meet(status(503, RetryAfter::Seconds(7))).failed();
    assert!(error.is_retryable());
    assert_eq!(after, Some(7000));
    let (_, after, _) = meet(status(429, RetryAfter::Date(60))).failed();
    assert!((55_000..=61_000).contains(&after.unwrap()), "{after:?}");
    let (error, after, _) = meet(status(503, RetryAfter::Garbage)).failed();
    assert!(error.is_retryable());
    assert_eq!(after, None);
    assert!(
        meet(Fault::status(408)).failed().0.is_retryable(),
        "rule H1"
    );
}

#[test]
fn broken_answers_have_their_names() {
    // rule T5
    let flood = Fault::HeaderFlood {
        count: 500,
        value_bytes: 100,
    };
    meet(flood).failed_with(ErrorKind::ResponseTooLarge);
    let flood = Fault::HeaderFlood {
        count: 20,
        value_bytes: 10_000,
    };
    meet(flood).failed_with(ErrorKind::ResponseTooLarge);
    meet(Fault::Garbage).failed_with(ErrorKind::InvalidResponse);
    meet(Fault::Gzip).failed_with(ErrorKind::UnexpectedEncoding);
    meet(Fault::ResetBeforeHeaders).failed_with(ErrorKind::ConnectionLost);
    meet(Fault::ResetInHeaders).failed_with(ErrorKind::ConnectionLost);
    meet(Fault::CloseBeforeHeaders).failed_with(ErrorKind::ConnectionLost);
    meet(Fault::ChunkedAbort(1000)).failed_with(ErrorKind::ConnectionLost);
    let (error, _, received) = meet(Fault::ResetAfter(500_000)).failed();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert!(received <= 500_000);
}

#[test]
fn a_size_that_is_not_the_expected_one_is_refused() {
    // rule R8, rule T5
    let expect = |size| {
        move |mut transfer: Transfer| {
            transfer.expected_size = Some(size);
            transfer
        }
    };
    let (error, _, received) = meet_with(Fault::None, expect(999_999)).failed();
    assert_eq!(
        (error.kind(), received),
        (ErrorKind::SizeMismatch, 0),
        "before a byte is kept"
    );
    assert_eq!(
        meet_with(Fault::Chunked, expect(1_000_000))
            .finished()
            .len(),
        1_000_000
    );
    meet_with(Fault::Chunked, expect(2_000_000)).failed_with(ErrorKind::SizeMismatch);
    meet_with(Fault::Chunked, expect(999_999)).failed_with(ErrorKind::ResponseTooLarge);
    let closed = meet_with(Fault::CloseDelimited, expect(1_000_000)).finished();
    assert!(!closed.length_unverified);
    let short = Fault::CloseDelimitedShort(5000);
    assert!(
        meet_with(short, expect(1_000_000))
            .failed()
            .0
            .is_retryable()
    );
}

#[test]
fn an_end_that_only_the_connection_marks_is_reported() {
    // rule R8
    let finished = meet(Fault::CloseDelimited).finished();
    assert!(finished.length_unverified);
    assert_eq!(finished.len(), 1_000_000);
    let object = Object::generated(1, 1_000_000);
    let judged = meet_with(Fault::CloseDelimited, |mut transfer| {
        transfer.expected_digest =
            Some(crate::protocol::digest::Digest::sha256_hex(&object.sha256()).unwrap());
        transfer
    });
    assert!(!judged.finished().length_unverified);
}

#[test]
fn nobody_at_the_address_is_retried() {
    // rule H1
    let room = Room::new();
    room.server.put("a", Object::generated(1, 10));
    room.server.stop();
    let mut transfer = room.transfer("a");
    transfer.url.set_query(Some("sig=s3cret"));
    let error = room.run(&transfer).failed_with(ErrorKind::CannotConnect);
    assert!(error.is_retryable());
    assert!(!error.to_string().contains("s3cret"), "rule E3: {error}");
}

#[test]
fn a_destination_that_cannot_be_is_named() {
    let room = Room::new();
    room.server.put("a", Object::generated(1, 10));
    std::fs::write(room.folder.path().join("file"), "").unwrap();
    let destination = room.folder.path().join("file/below/a");
    let transfer = transfer(&room.server.object_url("a"), destination.to_str().unwrap());
    let error = room
        .run(&transfer)
        .failed_with(ErrorKind::DestinationNotWritable);
    let folder = room.folder.path().to_str().unwrap();
    assert!(!error.to_string().contains(folder), "rule D5: {error}");
}
