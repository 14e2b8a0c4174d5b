//! Answers with status 206.

use RestartReason::{NoValidator, ObjectChanged, RangeMismatch};

use super::*;

#[test]
fn only_the_very_range_is_appended() {
    // rule R3
    let table: &[(&str, Verdict)] = &[
        ("bytes 100-199/200", append(0, 199, Some(200))),
        ("bytes 100-149/200", append(0, 149, Some(200))),
        ("bytes 60-199/200", append(40, 199, Some(200))),
        ("bytes 0-199/200", append(100, 199, Some(200))),
        ("bytes 100-199/*", append(0, 199, Some(200))),
        ("bytes 100-200/*", again(RangeMismatch)),
        ("bytes 101-199/200", again(RangeMismatch)),
        ("bytes 0-99/200", again(RangeMismatch)),
        ("bytes 0-98/200", again(RangeMismatch)),
        ("bytes 0-49/200", again(RangeMismatch)),
        ("bytes 100-199/201", again(ObjectChanged)),
        ("bytes 100-149/150", again(ObjectChanged)),
        ("bytes */200", again(RangeMismatch)),
        ("bytes */100", again(ObjectChanged)),
        ("bytes 100-200/200", again(RangeMismatch)),
        ("100-199/200", again(RangeMismatch)),
    ];
    for (value, expected) in table {
        assert_eq!(
            on_206(&[ETAG, ("content-range", value)]),
            *expected,
            "{value}"
        );
    }
    assert_eq!(on_206(&[ETAG]), again(RangeMismatch), "no Content-Range");
    let good = ("content-range", "bytes 100-199/200");
    assert_eq!(
        on_206(&[ETAG, good, good]),
        again(RangeMismatch),
        "two of them"
    );
    assert_eq!(
        on_206(&[ETAG, good, ("content-length", "100")]),
        append(0, 199, Some(200))
    );
    assert_eq!(
        on_206(&[ETAG, good, ("content-length", "200")]),
        again(RangeMismatch)
    );
    let multipart = ("content-type", "Multipart/ByteRanges; boundary=x");
    assert_eq!(on_206(&[ETAG, good, multipart]), again(RangeMismatch));
}

#[test]
fn an_early_start_is_bounded() {
    // rule R3
    let held = part(2 * MIB, Some(3 * MIB), &[ETAG]);
    let starts = |first: u64| {
        let value = format!("bytes {first}-{}/{}", 3 * MIB - 1, 3 * MIB);
        verdict(&held, &strict(), 206, &[ETAG, ("content-range", &value)])
    };
    assert!(matches!(starts(MIB), Verdict::Append { overlap: MIB, .. }));
    assert_eq!(starts(MIB - 1), again(RangeMismatch));
}

#[test]
fn the_last_byte_again_proves_that_all_is_here() {
    // rule R3, rule R6
    let tail = |total, value| {
        verdict(
            &part(100, total, &[ETAG]),
            &strict(),
            206,
            &[ETAG, ("content-range", value)],
        )
    };
    assert_eq!(tail(Some(100), "bytes 99-99/100"), append(1, 99, Some(100)));
    assert_eq!(tail(None, "bytes 99-99/100"), append(1, 99, Some(100)));
    assert_eq!(tail(None, "bytes 99-149/150"), append(1, 149, Some(150)));
    assert_eq!(tail(None, "bytes 99-149/*"), append(1, 149, None));
    assert_eq!(
        tail(None, "bytes 99-99/150"),
        again(RangeMismatch),
        "nothing new: would go on for ever"
    );
    assert_eq!(
        tail(None, "bytes 99-99/*"),
        again(RangeMismatch),
        "is there more or not?"
    );
}

#[test]
fn only_the_same_version_is_appended() {
    // rule R3, rule R5, rule R9
    let range = ("content-range", "bytes 100-199/200");
    let dated: Fields<'_> = &[MODIFIED, LATER];
    let table: &[(Fields<'_>, Fields<'_>, Verdict)] = &[
        (&[ETAG], &[ETAG, MODIFIED_2], append(0, 199, Some(200))),
        (&[ETAG], &[ETAG_2], again(ObjectChanged)),
        (&[ETAG], &[WEAK], again(ObjectChanged)),
        (&[ETAG], &[], again(NoValidator)),
        (&[ETAG], &[("etag", "v1")], again(NoValidator)),
        (&[ETAG], &[ETAG, ETAG], again(NoValidator)),
        (
            &[ETAG, MODIFIED, LATER],
            &[MODIFIED, LATER],
            again(NoValidator),
        ),
        (dated, &[MODIFIED], append(0, 199, Some(200))),
        (dated, &[MODIFIED_2], again(ObjectChanged)),
        (dated, &[], again(NoValidator)),
        (dated, &[ETAG], again(NoValidator)),
    ];
    for (held, given, expected) in table {
        let fields = [&[range], *given].concat();
        let held = part(100, Some(200), held);
        assert_eq!(
            verdict(&held, &strict(), 206, &fields),
            *expected,
            "{held:?} {given:?}"
        );
        // The same without If-Range (rule R4).
        let plain = ask(Some(&held), &strict()).plain();
        let answer = headers(&fields);
        let answer = Answer {
            status: 206,
            headers: &answer,
        };
        assert_eq!(
            judge(&plain, Some(&held), &strict(), &answer),
            *expected,
            "{held:?} {given:?}"
        );
    }
}

#[test]
fn weak_evidence_needs_a_digest_or_a_flag() {
    // rule R5
    let whole = ("content-range", "bytes 0-199/200");
    let late = ("content-range", "bytes 100-199/200");
    let unknown = ("content-range", "bytes 0-199/*");
    let held = part(100, Some(200), &[WEAK]);
    let flagged = Verdict::Append {
        at: 100,
        overlap: 100,
        last: 199,
        total: Some(200),
        validator_weak: true,
    };
    let table: &[(Fields<'_>, Verdict, Verdict)] = &[
        (&[WEAK, whole], append(100, 199, Some(200)), flagged.clone()),
        (&[whole], append(100, 199, Some(200)), flagged),
        (&[WEAK, late], again(RangeMismatch), again(RangeMismatch)),
        (&[WEAK, unknown], again(RangeMismatch), again(RangeMismatch)),
        (&[ETAG_2, whole], again(ObjectChanged), again(ObjectChanged)),
        (
            &[WEAK, ("content-range", "bytes 0-198/199")],
            again(ObjectChanged),
            again(ObjectChanged),
        ),
    ];
    for (fields, with_digest, under_lenient) in table {
        assert_eq!(
            verdict(&held, &digest(), 206, fields),
            *with_digest,
            "{fields:?}"
        );
        assert_eq!(
            verdict(&held, &lenient(), 206, fields),
            *under_lenient,
            "{fields:?}"
        );
    }
    let strong = part(100, Some(200), &[ETAG]);
    assert_eq!(
        verdict(&strong, &digest(), 206, &[late]),
        append(0, 199, Some(200)),
        "the digest judges"
    );
    assert_eq!(
        verdict(&strong, &lenient(), 206, &[ETAG, whole]),
        append(100, 199, Some(200)),
        "no flag"
    );
    assert!(matches!(
        verdict(&strong, &lenient(), 206, &[whole]),
        Verdict::Append {
            validator_weak: true,
            ..
        }
    ));
    // A request that was made when the policy was still strict compared nothing.
    let asked = ask(Some(&strong), &strict());
    let answer = headers(&[late]);
    let answer = Answer {
        status: 206,
        headers: &answer,
    };
    assert_eq!(
        judge(&asked, Some(&strong), &lenient(), &answer),
        again(NoValidator)
    );
}

#[test]
fn a_part_that_moved_since_is_not_appended_to() {
    // rule R3, rule R9
    let asked = ask(Some(&part(100, Some(200), &[ETAG])), &strict());
    let answer = headers(&[ETAG, ("content-range", "bytes 100-199/200")]);
    let answer = Answer {
        status: 206,
        headers: &answer,
    };
    let moved = part(90, Some(200), &[ETAG]);
    let verdict = judge(&asked, Some(&moved), &strict(), &answer);
    assert_eq!(verdict, Verdict::Failed(ResumeError::UnaskedRange));
}
