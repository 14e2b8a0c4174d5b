//! What lies on a server, and what the server says of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::protocol::{DigestAlgorithm, Headers};
use crate::sim::content::Content;

/// How long before the world began an object was last changed: its date is a strong validator then.
const AGE_MS: i64 = 24 * 60 * 60 * 1000;

/// What a server says about the version of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Validators {
    /// A strong `ETag`.
    #[default]
    Strong,
    /// A weak `ETag`.
    Weak,
    /// A `Last-Modified` alone.
    LastModified,
    /// Nothing.
    None,
    /// A strong `ETag` that is another one in every answer, though the bytes are the same: several
    /// servers that do not agree.
    Fickle,
}

/// What a server does with a `Range`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ranges {
    /// It sends what was asked for, and checks `If-Range`.
    #[default]
    Honoured,
    /// It sends everything, always, with a 200.
    Ignored,
    /// It sends what was asked for, but takes a request with `If-Range` for one without a range.
    NotIfRange,
    /// It sends what was asked for, whatever `If-Range` says.
    Unchecked,
}

/// An object on a server.
///
/// ```
/// use backhaul::sim::{Object, Validators};
/// let map = Object::new(40_000_000).validators(Validators::LastModified);
/// ```
#[derive(Clone, Debug)]
pub struct Object {
    pub(super) size: u64,
    validators: Validators,
    ranges: Ranges,
    gives_digest: bool,
    pub(super) changes_always: bool,
    /// Its number; given when it is put on a server.
    pub(super) number: u64,
    pub(super) version: u64,
    /// The highest that there was.
    pub(super) latest: u64,
    /// When it became what it is, on a true clock.
    pub(super) modified_ms: i64,
    /// Answers so far.
    pub(super) answers: u64,
}

impl Object {
    /// An object of `size` bytes on a server that does everything right.
    #[must_use]
    pub fn new(size: u64) -> Object {
        Object {
            size,
            validators: Validators::default(),
            ranges: Ranges::default(),
            gives_digest: false,
            changes_always: false,
            number: 0,
            version: 1,
            latest: 1,
            modified_ms: 0,
            answers: 0,
        }
    }

    /// What the server says about its version.
    #[must_use]
    pub fn validators(mut self, validators: Validators) -> Object {
        self.validators = validators;
        self
    }

    /// What the server does with a `Range`.
    #[must_use]
    pub fn ranges(mut self, ranges: Ranges) -> Object {
        self.ranges = ranges;
        self
    }

    /// Whether answers carry a `Repr-Digest`.
    #[must_use]
    pub fn repr_digest(mut self, gives: bool) -> Object {
        self.gives_digest = gives;
        self
    }

    /// Whether every answer is made anew: each is another version.
    #[must_use]
    pub fn changes_at_every_answer(mut self, changes: bool) -> Object {
        self.changes_always = changes;
        self
    }

    pub(super) fn put(mut self, number: u64, now_ms: i64) -> Object {
        self.number = number;
        self.modified_ms = now_ms - AGE_MS;
        self
    }

    /// It is another one from now on.
    pub(super) fn renew(&mut self, now_ms: i64) {
        self.latest += 1;
        self.version = self.latest;
        self.modified_ms = now_ms;
    }

    /// Everything that it is now.
    pub(super) fn content(&self) -> Content {
        Content::whole(self.number, self.version, self.size)
    }

    pub(super) fn ignores_ranges(&self, has_if_range: bool) -> bool {
        self.ranges == Ranges::Ignored || (has_if_range && self.ranges == Ranges::NotIfRange)
    }

    pub(super) fn checks_if_range(&self) -> bool {
        self.ranges != Ranges::Unchecked
    }

    /// Whether the version is the one that `If-Range` names: only what is strong may say so.
    pub(super) fn is(&self, if_range: &str) -> bool {
        let fields = self.fields();
        match self.validators {
            Validators::Strong | Validators::Fickle => fields.etag.as_deref() == Some(if_range),
            Validators::LastModified => fields.last_modified.as_deref() == Some(if_range),
            Validators::Weak | Validators::None => false,
        }
    }

    fn fields(&self) -> Fields {
        let version = self.version;
        let etag = match self.validators {
            Validators::Strong => Some(format!("\"v{version}\"")),
            Validators::Weak => Some(format!("W/\"v{version}\"")),
            Validators::Fickle => Some(format!("\"v{version}-{}\"", self.answers)),
            Validators::LastModified | Validators::None => None,
        };
        let dated = self.validators == Validators::LastModified;
        Fields {
            etag,
            last_modified: dated.then(|| http_date(self.modified_ms)),
        }
    }

    /// Adds what every answer with a body of it says.
    pub(super) fn describe(&self, headers: &mut Headers) {
        let Fields {
            etag,
            last_modified,
        } = self.fields();
        let digest = self.gives_digest.then(|| {
            let hex = self.content().digest(DigestAlgorithm::Sha256).to_string();
            format!("sha-256=:{}:", STANDARD.encode(bytes_of(&hex)))
        });
        // A server that ignores ranges does not say so, mostly.
        let ranges = (self.ranges != Ranges::Ignored).then(|| "bytes".to_owned());
        let fields = [
            ("etag", etag),
            ("last-modified", last_modified),
            ("repr-digest", digest),
            ("accept-ranges", ranges),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                super::answer::set(headers, name, &value);
            }
        }
    }
}

/// The validators of one answer.
struct Fields {
    etag: Option<String>,
    last_modified: Option<String>,
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
    hex.as_bytes()
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |value, byte| value << 4 | digit(*byte)))
        .collect()
}

/// The last time that HTTP can write: the end of the year 9999.
const LAST_DATE_MS: u64 = 253_402_300_799_000;

/// A time as servers write it; before 1970 there is none.
pub(super) fn http_date(wall_ms: i64) -> String {
    let since_ms = u64::try_from(wall_ms).unwrap_or(0).min(LAST_DATE_MS);
    let since = std::time::Duration::from_millis(since_ms);
    httpdate::fmt_http_date(std::time::SystemTime::UNIX_EPOCH + since)
}
