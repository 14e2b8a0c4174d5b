//! What is asked for, and how.

use super::*;

#[test]
fn what_is_asked_for() {
    // rule R2, rule R5
    let dated: Fields<'_> = &[MODIFIED, LATER];
    let etag = Some("\"v1\"");
    let table = [
        (part(0, Some(200), &[ETAG]), strict(), Ask::Whole),
        (part(201, Some(200), &[ETAG]), strict(), Ask::Whole),
        (part(100, Some(200), &[ETAG]), sized(300), Ask::Whole),
        (part(100, None, &[ETAG]), sized(99), Ask::Whole),
        (
            part(100, Some(200), &[ETAG]),
            strict(),
            range(100, 100, etag),
        ),
        (part(100, None, &[ETAG]), sized(200), range(100, 100, etag)),
        (
            part(100, Some(200), &[ETAG]),
            digest(),
            range(100, 100, etag),
        ),
        (
            part(200, Some(200), &[ETAG]),
            strict(),
            range(199, 200, etag),
        ),
        (part(100, None, &[ETAG]), strict(), range(99, 100, etag)),
        (
            part(MIB, Some(2 * MIB), &[ETAG]),
            lenient(),
            range(MIB - KIB_64, MIB, etag),
        ),
        (
            part(100, Some(200), dated),
            strict(),
            range(100, 100, Some(MODIFIED.1)),
        ),
        (part(100, Some(200), &[MODIFIED]), strict(), Ask::Whole),
        (part(100, Some(200), &[WEAK]), strict(), Ask::Whole),
        (part(100, Some(200), &[]), strict(), Ask::Whole),
        (
            part(MIB, Some(2 * MIB), &[WEAK]),
            digest(),
            range(MIB - KIB_64, MIB, None),
        ),
        (
            part(MIB, Some(MIB), &[]),
            digest(),
            range(MIB - KIB_64, MIB, None),
        ),
        (
            part(MIB, None, &[MODIFIED]),
            lenient(),
            range(MIB - KIB_64, MIB, None),
        ),
        (part(100, Some(200), &[]), lenient(), range(0, 100, None)),
    ];
    for (part, exp, expected) in table {
        assert_eq!(ask(Some(&part), &exp), expected, "{part:?} {exp:?}");
    }
    assert_eq!(ask(None, &digest()), Ask::Whole);
}

#[test]
fn how_it_is_asked_for() {
    // rule R2
    let mut fields = headers(&[
        ("Range", "bytes=1-2"),
        ("If-Range", "x"),
        ("Accept-Encoding", "gzip"),
        ("A", "b"),
    ]);
    let asked = ask(Some(&part(100, Some(200), &[ETAG])), &strict());
    asked.set_headers(&mut fields).unwrap();
    let expected = [
        ("A", "b"),
        ("accept-encoding", "identity"),
        ("range", "bytes=100-"),
        ("if-range", "\"v1\""),
    ];
    assert_eq!(fields.iter().collect::<Vec<_>>(), expected);
    asked.plain().set_headers(&mut fields).unwrap();
    assert_eq!(
        (fields.get("range"), fields.get("if-range")),
        (Some("bytes=100-"), None)
    );
    Ask::Whole.set_headers(&mut fields).unwrap();
    assert_eq!(
        fields.iter().collect::<Vec<_>>(),
        [("A", "b"), ("accept-encoding", "identity")]
    );
}
