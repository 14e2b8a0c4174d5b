//! Random and mutilated text through every parser: none panics, and what one accepts reads back (rule T7).

use url::Url;

use crate::protocol::content_range::ContentRange;
use crate::protocol::digest::Digest;
use crate::protocol::entity_tag::EntityTag;
use crate::protocol::file_name::{from_content_disposition, from_url, sanitise};
use crate::protocol::headers::Headers;
use crate::protocol::retry_after::RetryAfter;
use crate::protocol::validator::Validator;

const RUNS: usize = 20_000;

const SEEDS: [&str; 12] = [
    "bytes 10-19/20",
    "bytes */184467440737095516150",
    "W/\"abc\"",
    "\"abc\"",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "120",
    "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:, sha-512=:AA==:",
    "attachment; filename=\"a\\\"b.zip\"; filename*=UTF-8''%e2%82%ac%2f..",
    "../..\\CON.tar.gz . ",
    "%2e%2E/%",
    "\u{202e}\u{feff}\0\r\n;='\"",
    "LPT³ .é",
];

/// A seed with some of its characters dropped, doubled, swapped for others, or joined to another seed.
fn mutilated(rng: &mut fastrand::Rng) -> String {
    let mut text: Vec<char> = SEEDS[rng.usize(..SEEDS.len())].chars().collect();
    for _ in 0..rng.usize(..6) {
        let at = rng.usize(..=text.len());
        match rng.u8(..5) {
            0 => text.truncate(at),
            1 if at < text.len() => drop(text.remove(at)),
            2 => text.insert(at, rng.char(..)),
            3 => text.insert(at, char::from(rng.u8(..128))),
            _ => text.extend(SEEDS[rng.usize(..SEEDS.len())].chars().take(at)),
        }
    }
    if rng.u8(..50) == 0 {
        text.repeat(40).into_iter().collect()
    } else {
        text.into_iter().collect()
    }
}

#[test]
fn parsers_never_panic_and_read_back() {
    // rule T7
    let mut rng = fastrand::Rng::with_seed(7);
    for _ in 0..RUNS {
        let text = mutilated(&mut rng);
        if let Some(ContentRange::Bytes { first, last, total }) = ContentRange::parse(&text) {
            let total_text = total.map_or("*".to_owned(), |total| total.to_string());
            let again = ContentRange::parse(&format!("bytes {first}-{last}/{total_text}"));
            assert_eq!(again, Some(ContentRange::Bytes { first, last, total }));
        }
        if let Some(tag) = EntityTag::parse(&text) {
            assert_eq!(tag.to_string(), text);
        }
        if let Some(after) = RetryAfter::parse(&text) {
            assert!(after.delay_ms(rng.u64(..)) <= 7 * 24 * 60 * 60 * 1000);
        }
        check_headers(&text);
        check_name(sanitise(&text));
        check_name(from_content_disposition(&text));
        check_name(
            Url::parse(&format!("https://h/{text}"))
                .ok()
                .and_then(|url| from_url(&url)),
        );
    }
}

fn check_headers(text: &str) {
    let mut headers = Headers::new();
    for name in [
        "etag",
        "last-modified",
        "date",
        "repr-digest",
        "content-digest",
    ] {
        if headers.append(name, text).is_err() {
            return;
        }
    }
    if let Some(digest) = Digest::from_headers(200, &headers) {
        assert!(matches!(digest.to_string().len(), 64 | 128));
    }
    let validator = Validator::from_headers(&headers);
    let stored = serde_json::to_string(&validator).unwrap();
    assert_eq!(
        serde_json::from_str::<Validator>(&stored).unwrap(),
        validator
    );
    if let Some(field) = validator.if_range() {
        assert_eq!(field, text, "sent back as it came");
        assert!(!field.starts_with("W/"));
    }
}

fn check_name(name: Option<String>) {
    // rule T4
    let Some(name) = name else { return };
    assert!(!name.is_empty() && name.len() <= 255, "{name:?}");
    assert!(
        !name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']),
        "{name:?}"
    );
    assert!(
        !name.contains(['/', '\\', '\0', '\n', '\u{202e}', ':']),
        "{name:?}"
    );
    assert!(!name.to_uppercase().starts_with("CON."), "{name:?}");
    assert_eq!(sanitise(&name).as_ref(), Some(&name), "once is enough");
}
