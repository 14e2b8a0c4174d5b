//! Digests of whole files: the caller's, and the server's by RFC 9530 (rule H6).
//!
//! Must never take a digest of a part for a digest of the whole: that would condemn a good file, or
//! worse, stand in for the check that a splice needs.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};
use sfv::{BareItem, Dictionary, ListEntry, Parser};
use sha2::{Digest as _, Sha256, Sha512};

use crate::protocol::headers::Headers;

/// The algorithm of a [`Digest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DigestAlgorithm {
    /// SHA-256, 32 bytes.
    #[serde(rename = "sha-256")]
    Sha256,
    /// SHA-512, 64 bytes.
    #[serde(rename = "sha-512")]
    Sha512,
}

/// The digest that a finished file must have. Displayed as lower-case hex.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Digest {
    algorithm: DigestAlgorithm,
    value: Vec<u8>,
}

/// A text that is not the hex form of a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidDigest {
    algorithm: DigestAlgorithm,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    algorithm: DigestAlgorithm,
    value: String,
}

impl DigestAlgorithm {
    /// The name in the registry of RFC 9530.
    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha512 => "sha-512",
        }
    }

    fn len_bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for InvalidDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a {} digest is {} hex digits",
            self.algorithm,
            self.algorithm.len_bytes() * 2
        )
    }
}

impl Error for InvalidDigest {}

impl Digest {
    /// A SHA-256 digest from its 64 hex digits, in either case.
    ///
    /// # Errors
    ///
    /// [`InvalidDigest`] if the text is anything else.
    pub fn sha256_hex(hex: &str) -> Result<Self, InvalidDigest> {
        Self::from_hex(DigestAlgorithm::Sha256, hex)
    }

    /// A SHA-512 digest from its 128 hex digits, in either case.
    ///
    /// # Errors
    ///
    /// [`InvalidDigest`] if the text is anything else.
    pub fn sha512_hex(hex: &str) -> Result<Self, InvalidDigest> {
        Self::from_hex(DigestAlgorithm::Sha512, hex)
    }

    /// Which algorithm this is a digest by.
    #[must_use]
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// What the server says about the whole object: `Repr-Digest`, else `Content-Digest`. The latter is
    /// about the bytes of this one answer, so it counts only with status 200.
    pub(crate) fn from_headers(status: u16, headers: &Headers) -> Option<Self> {
        let whole_in_body = if status == 200 {
            Some("content-digest")
        } else {
            None
        };
        std::iter::once("repr-digest")
            .chain(whole_in_body)
            .find_map(|name| Self::from_field(headers, name))
    }

    fn from_field(headers: &Headers, name: &str) -> Option<Self> {
        let lines: Vec<&str> = headers.get_all(name).collect();
        let dictionary: Dictionary = Parser::new(&lines.join(", ")).parse().ok()?;
        [DigestAlgorithm::Sha512, DigestAlgorithm::Sha256]
            .into_iter()
            .find_map(|algorithm| match dictionary.get(algorithm.name())? {
                ListEntry::Item(item) => match &item.bare_item {
                    BareItem::ByteSequence(value) => Self::new(algorithm, value.clone()),
                    _ => None,
                },
                ListEntry::InnerList(_) => None,
            })
    }

    fn from_hex(algorithm: DigestAlgorithm, hex: &str) -> Result<Self, InvalidDigest> {
        let nibble = |byte: &u8| char::from(*byte).to_digit(16);
        let value: Option<Vec<u8>> = hex
            .as_bytes()
            .chunks(2)
            .map(|pair| match pair {
                [high, low] => u8::try_from(nibble(high)? * 16 + nibble(low)?).ok(),
                _ => None,
            })
            .collect();
        value
            .and_then(|value| Self::new(algorithm, value))
            .ok_or(InvalidDigest { algorithm })
    }

    fn new(algorithm: DigestAlgorithm, value: Vec<u8>) -> Option<Self> {
        (value.len() == algorithm.len_bytes()).then_some(Self { algorithm, value })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{self}", self.algorithm)
    }
}

impl TryFrom<Wire> for Digest {
    type Error = InvalidDigest;

    fn try_from(wire: Wire) -> Result<Self, InvalidDigest> {
        Self::from_hex(wire.algorithm, &wire.value)
    }
}

impl From<Digest> for Wire {
    fn from(digest: Digest) -> Self {
        Self {
            algorithm: digest.algorithm,
            value: digest.to_string(),
        }
    }
}

/// A digest being computed.
#[derive(Clone)]
pub(crate) enum Hasher {
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Hasher {
    pub(crate) fn new(algorithm: DigestAlgorithm) -> Self {
        match algorithm {
            DigestAlgorithm::Sha256 => Self::Sha256(Sha256::new()),
            DigestAlgorithm::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Digest {
        match self {
            Self::Sha256(hasher) => Digest {
                algorithm: DigestAlgorithm::Sha256,
                value: hasher.finalize().to_vec(),
            },
            Self::Sha512(hasher) => Digest {
                algorithm: DigestAlgorithm::Sha512,
                value: hasher.finalize().to_vec(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const ABC_256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn hashed(algorithm: DigestAlgorithm, bytes: &[u8]) -> Digest {
        let mut hasher = Hasher::new(algorithm);
        bytes.chunks(2).for_each(|chunk| hasher.update(chunk));
        hasher.finish()
    }

    fn headers(fields: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in fields {
            headers.append(name, value).unwrap();
        }
        headers
    }

    #[test]
    fn hex_in_either_case() {
        // rule H6
        assert_eq!(
            hashed(DigestAlgorithm::Sha256, b"abc"),
            Digest::sha256_hex(ABC_256).unwrap()
        );
        assert_eq!(
            Digest::sha256_hex(&ABC_256.to_uppercase())
                .unwrap()
                .to_string(),
            ABC_256
        );
        let long = hashed(DigestAlgorithm::Sha512, b"abc");
        assert!(
            long.to_string()
                .starts_with("ddaf35a193617abacc417349ae204131")
        );
        assert_eq!(Digest::sha512_hex(&long.to_string()).unwrap(), long);
        for wrong in [
            "",
            "ba",
            &ABC_256[1..],
            &format!("{ABC_256}00"),
            &ABC_256.replace('b', "+"),
            &"é".repeat(32),
        ] {
            assert!(Digest::sha256_hex(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            Digest::sha256_hex("").unwrap_err().to_string(),
            "a sha-256 digest is 64 hex digits"
        );
    }

    #[test]
    fn fields_of_rfc_9530() {
        // rule H6
        let short = hashed(DigestAlgorithm::Sha256, b"abc");
        let long = hashed(DigestAlgorithm::Sha512, b"abc");
        let (b256, b512) = (STANDARD.encode(&short.value), STANDARD.encode(&long.value));
        let both = format!("sha-256=:{b256}:, unixsum=:AA==:, sha-512=:{b512}:");
        assert_eq!(
            Digest::from_headers(206, &headers(&[("Repr-Digest", &both)])),
            Some(long.clone())
        );
        let broken_long = format!("sha-256=:{b256}:, sha-512=:AA==:");
        assert_eq!(
            Digest::from_headers(200, &headers(&[("Repr-Digest", &broken_long)])),
            Some(short.clone())
        );

        let lines = [
            ("repr-digest", "md5=:AA==:"),
            ("repr-digest", &format!("sha-256=:{b256}:;q=1")),
        ];
        assert_eq!(
            Digest::from_headers(200, &headers(&lines)),
            Some(short.clone())
        );

        let content = headers(&[("Content-Digest", &both)]);
        assert_eq!(Digest::from_headers(200, &content), Some(long));
        assert_eq!(
            Digest::from_headers(206, &content),
            None,
            "only about the part"
        );
    }

    #[test]
    fn unreadable_fields_are_absent() {
        // rule T7
        let text = ABC_256.to_owned();
        let wrong = [
            "",
            "sha-256",
            "sha-256=abc",
            "sha-256=\"abc\"",
            "sha-256=:!:",
            "sha-256=(:AA==:)",
            "sha-1=:AA==:",
            &text,
        ];
        for value in wrong {
            assert_eq!(
                Digest::from_headers(200, &headers(&[("Repr-Digest", value)])),
                None,
                "{value}"
            );
        }
    }

    #[test]
    fn survives_the_store() {
        let digest = Digest::sha256_hex(ABC_256).unwrap();
        let text = serde_json::to_string(&digest).unwrap();
        assert_eq!(
            text,
            format!(r#"{{"algorithm":"sha-256","value":"{ABC_256}"}}"#)
        );
        assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), digest);
        assert!(serde_json::from_str::<Digest>(&text.replace("256", "512")).is_err());
    }
}
