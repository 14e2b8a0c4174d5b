//! Answers with status 200, 416 and others.

use RestartReason::{NoValidator, ObjectChanged, RangeIgnored, RangeMismatch};

use super::*;

#[test]
fn a_200_replaces_unless_it_is_ours() {
    // rule R4, rule R7
    let length = ("content-length", "200");
    let held = part(100, Some(200), &[ETAG]);
    let table: &[(Fields<'_>, Verdict)] = &[
        (&[ETAG_2, length], replace(ObjectChanged, Some(200))),
        (
            &[ETAG, ("content-length", "150")],
            replace(ObjectChanged, Some(150)),
        ),
        (&[length], replace(RangeIgnored, Some(200))),
        (&[], replace(RangeIgnored, None)),
        (&[ETAG, length], Verdict::RetryPlainRange),
        (&[ETAG], Verdict::RetryPlainRange),
        (
            &[ETAG, length, ("accept-ranges", "none")],
            replace(RangeIgnored, Some(200)),
        ),
    ];
    for (fields, expected) in table {
        assert_eq!(
            verdict(&held, &strict(), 200, fields),
            *expected,
            "{fields:?}"
        );
    }
    let plain = ask(Some(&held), &strict()).plain();
    let answer = headers(&[ETAG, length]);
    let answer = Answer {
        status: 200,
        headers: &answer,
    };
    assert_eq!(
        judge(&plain, Some(&held), &strict(), &answer),
        replace(RangeIgnored, Some(200)),
        "one retry only"
    );

    let all = part(200, Some(200), &[ETAG]);
    assert_eq!(
        verdict(&all, &strict(), 200, &[ETAG, length]),
        Verdict::Complete
    );
    assert_eq!(
        verdict(&all, &strict(), 200, &[ETAG_2, length]),
        replace(ObjectChanged, Some(200))
    );
    let all_weak = part(200, Some(200), &[WEAK]);
    assert_eq!(
        verdict(&all_weak, &lenient(), 200, &[WEAK, length]),
        replace(RangeIgnored, Some(200))
    );
}

#[test]
fn a_whole_that_was_asked_for() {
    // rule R5, rule R7, rule T5
    let length = ("content-length", "200");
    let whole = |part: Option<&PartState>, exp: &Expectations, status, fields: Fields<'_>| {
        judge(
            &Ask::Whole,
            part,
            exp,
            &Answer {
                status,
                headers: &headers(fields),
            },
        )
    };
    assert_eq!(
        whole(None, &strict(), 200, &[length]),
        Verdict::Replace {
            reason: None,
            total: Some(200)
        }
    );
    assert_eq!(
        whole(None, &strict(), 200, &[]),
        Verdict::Replace {
            reason: None,
            total: None
        }
    );
    let weak = part(100, Some(200), &[WEAK]);
    assert_eq!(
        whole(Some(&weak), &strict(), 200, &[length]),
        replace(NoValidator, Some(200))
    );
    let outgrown = part(100, Some(100), &[ETAG]);
    assert_eq!(
        whole(Some(&outgrown), &sized(200), 200, &[length]),
        replace(ObjectChanged, Some(200))
    );

    let mismatch = Verdict::Failed(ResumeError::SizeMismatch {
        expected: 300,
        declared: 200,
    });
    assert_eq!(whole(None, &sized(300), 200, &[length]), mismatch);
    assert_eq!(
        verdict(&part(100, None, &[ETAG]), &sized(300), 200, &[ETAG, length]),
        mismatch
    );
    let given = [ETAG, ("content-range", "bytes 100-199/200")];
    assert_eq!(
        verdict(&part(100, None, &[ETAG]), &sized(300), 206, &given),
        again(ObjectChanged)
    );

    assert_eq!(
        whole(None, &strict(), 206, &given),
        Verdict::Failed(ResumeError::UnaskedRange)
    );
    assert_eq!(
        whole(None, &strict(), 416, &[]),
        Verdict::NotOk { status: 416 }
    );
}

#[test]
fn encoded_bytes_are_not_the_file() {
    // rule R2
    let range = ("content-range", "bytes 100-199/200");
    let failed = |coding: &str| {
        Verdict::Failed(ResumeError::ContentEncoded {
            coding: coding.to_owned(),
        })
    };
    assert_eq!(
        on_206(&[ETAG, range, ("content-encoding", "gzip")]),
        failed("gzip")
    );
    assert_eq!(
        on_206(&[ETAG, range, ("content-encoding", "identity, br")]),
        failed("br")
    );
    assert_eq!(
        on_206(&[ETAG, range, ("content-encoding", "Identity")]),
        append(0, 199, Some(200))
    );
    let held = part(100, Some(200), &[ETAG]);
    assert_eq!(
        verdict(&held, &strict(), 200, &[("content-encoding", "gzip")]),
        failed("gzip")
    );
    assert_eq!(
        verdict(&held, &strict(), 404, &[("content-encoding", "gzip")]),
        Verdict::NotOk { status: 404 }
    );
}

#[test]
fn a_416_is_complete_only_when_everything_agrees() {
    // rule R6
    let end = ("content-range", "bytes */100");
    let table: &[(Option<u64>, Expectations, Fields<'_>, Verdict)] = &[
        (None, strict(), &[ETAG, end], Verdict::Complete),
        (Some(100), strict(), &[ETAG, end], Verdict::Complete),
        (None, digest(), &[end], Verdict::Complete),
        (None, digest(), &[ETAG_2, end], again(ObjectChanged)),
        (None, sized(100), &[ETAG, end], Verdict::Complete),
        (None, strict(), &[end], again(NoValidator)),
        (None, lenient(), &[end], again(NoValidator)),
        (None, strict(), &[ETAG_2, end], again(ObjectChanged)),
        (Some(200), digest(), &[ETAG, end], again(ObjectChanged)),
        (None, sized(200), &[ETAG, end], again(ObjectChanged)),
        (
            None,
            strict(),
            &[ETAG, ("content-range", "bytes */99")],
            again(ObjectChanged),
        ),
        (
            None,
            strict(),
            &[ETAG, ("content-range", "bytes */101")],
            again(RangeMismatch),
        ),
        (
            None,
            strict(),
            &[ETAG, ("content-range", "bytes 0-99/100")],
            again(RangeMismatch),
        ),
        (None, strict(), &[ETAG], again(RangeMismatch)),
    ];
    for (total, exp, fields, expected) in table {
        assert_eq!(
            verdict(&part(100, *total, &[ETAG]), exp, 416, fields),
            *expected,
            "{total:?} {exp:?} {fields:?}"
        );
    }
}

#[test]
fn other_statuses_are_not_ours_to_judge() {
    for status in [100, 201, 203, 204, 301, 304, 403, 404, 412, 429, 500, 503] {
        assert_eq!(
            verdict(&part(100, Some(200), &[ETAG]), &strict(), status, &[ETAG]),
            Verdict::NotOk { status }
        );
    }
}
