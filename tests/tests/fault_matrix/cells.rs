//! The dimensions of the matrix.

use std::time::{Duration, SystemTime};

use backhaul::{Digest, Request};
use backhaul_fault_server::Object;
use backhaul_tests::Fixture;

/// Length of every object: a part and a rest, both longer than the overlap that is compared.
pub const LEN: u64 = 200_000;
/// What a resumed download has when it meets the fault.
pub const PART: u64 = 100_000;
/// After how many bytes a body is cut, stalls or is reset: longer than the overlap that is compared, so
/// that attempts add up.
pub const CUT: u64 = 80_000;

/// How the server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Plain,
    Tls,
    Http2,
}

impl Protocol {
    pub fn fixture(self) -> Fixture {
        match self {
            Protocol::Plain => Fixture::new(),
            Protocol::Tls => Fixture::tls(),
            Protocol::Http2 => Fixture::http2(),
        }
    }
}

/// What the download has when it meets the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Fresh,
    /// An earlier answer was cut.
    Resumed,
}

/// For how many answers the fault holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    Once,
    Always,
}

/// What tells whether the object is still the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validator {
    /// A strong entity tag.
    Strong,
    /// A weak one.
    Weak,
    /// `Last-Modified`, a year old.
    Date,
    /// Nothing.
    Absent,
    /// Another strong entity tag at every answer.
    Differs,
    /// Nothing from the server; the app knows the digest.
    Digest,
}

impl Validator {
    pub const ALL: &'static [Validator] = &[
        Validator::Strong,
        Validator::Weak,
        Validator::Date,
        Validator::Absent,
        Validator::Differs,
        Validator::Digest,
    ];

    /// Whether a part is worth asking for the rest.
    pub fn resumes(self) -> bool {
        !matches!(self, Validator::Weak | Validator::Absent)
    }

    /// Whether a resumed transfer is ever answered with the rest.
    pub fn vouches(self) -> bool {
        self.resumes() && self != Validator::Differs
    }

    /// The object of this number, described so.
    pub fn object(self, seed: u64, len: u64) -> Object {
        let object = Object::generated(seed, len);
        let year = Duration::from_secs(365 * 24 * 3600);
        // Versions have dates of their own.
        let date = SystemTime::now() - year + Duration::from_secs(3600 * (seed % 1000));
        match self {
            Validator::Strong => object,
            Validator::Weak => object.weak_etag(),
            Validator::Date => object.without_validators().last_modified(date),
            Validator::Absent | Validator::Digest => object.without_validators(),
            Validator::Differs => object.etag_differs_at_every_answer(),
        }
    }

    /// What the app says it wants.
    pub fn expect(self, request: Request, object: &Object) -> Request {
        match self {
            Validator::Digest => {
                request.expected_digest(Digest::sha256_hex(&object.sha256()).unwrap())
            }
            _ => request,
        }
    }
}

/// The bytes that the server sends as another version of a generated object.
pub fn other_version(seed: u64, len: u64) -> Object {
    Object::generated(seed ^ 0x9e37_79b9_7f4a_7c15, len)
}

/// One cell.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub protocol: Protocol,
    pub start: Start,
    pub hold: Hold,
    pub validator: Validator,
}

impl Cell {
    /// Whether the fault meets a request for the rest.
    pub fn asks_for_rest(&self) -> bool {
        self.start == Start::Resumed && self.validator.resumes()
    }

    pub fn is_http2(&self) -> bool {
        self.protocol == Protocol::Http2
    }

    pub fn is_always(&self) -> bool {
        self.hold == Hold::Always
    }
}
