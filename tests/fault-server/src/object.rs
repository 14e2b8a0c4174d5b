//! What the server serves: content with the header fields that describe it.
//!
//! An object never changes; another one is put in its place. Responses that are under way go on
//! with the object they began with.

use crate::content::Content;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

/// Bytes handled at a time when an object is hashed, written or compared.
const STEP_BYTES: usize = 256 * 1024;

/// An object: content, validators and the like. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Object {
    pub(crate) content: Content,
    pub(crate) etag: Etag,
    pub(crate) last_modified: Option<String>,
    pub(crate) content_type: String,
    pub(crate) content_disposition: Option<Vec<u8>>,
    pub(crate) digest: ReprDigest,
    sha256: Arc<OnceLock<[u8; 32]>>,
}

/// How an object's entity tag is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Etag {
    /// There is none.
    Absent,
    /// This one, quotes and a possible `W/` included.
    Fixed(String),
    /// Another at every answer, as from a farm of edges that do not agree.
    EveryAnswer,
}

/// Which `Repr-Digest` (RFC 9530) an object is sent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReprDigest {
    /// None.
    Absent,
    /// SHA-256 of the content.
    Right,
    /// SHA-256 of something else.
    Wrong,
}

impl Object {
    /// `len` bytes that follow from `seed`; they are computed when asked for. The entity tag is
    /// strong and follows from both.
    pub fn generated(seed: u64, len: u64) -> Self {
        let etag = format!("\"g{seed:x}-{len:x}\"");
        Self::new(Content::Generated { seed, len }, etag)
    }

    /// These bytes. The entity tag is strong and follows from them.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let etag = format!("\"b{:x}-{:x}\"", crc32fast::hash(&bytes), bytes.len());
        Self::new(Content::Given(bytes), etag)
    }

    fn new(content: Content, etag: String) -> Self {
        Self {
            content,
            etag: Etag::Fixed(etag),
            last_modified: None,
            content_type: "application/octet-stream".to_owned(),
            content_disposition: None,
            digest: ReprDigest::Absent,
            sha256: Arc::default(),
        }
    }

    /// Sets the entity tag, quotes included: `"\"v1\""`, or `"W/\"v1\""`.
    #[must_use]
    pub fn etag(mut self, etag: &str) -> Self {
        self.etag = Etag::Fixed(etag.to_owned());
        self
    }

    /// Makes the entity tag a weak one.
    #[must_use]
    pub fn weak_etag(mut self) -> Self {
        if let Etag::Fixed(tag) = &mut self.etag {
            if !tag.starts_with("W/") {
                tag.insert_str(0, "W/");
            }
        }
        self
    }

    /// Sends another strong entity tag with every answer. `If-Range` then never holds.
    #[must_use]
    pub fn etag_differs_at_every_answer(mut self) -> Self {
        self.etag = Etag::EveryAnswer;
        self
    }

    /// Removes the entity tag and the date of the last change.
    #[must_use]
    pub fn without_validators(mut self) -> Self {
        self.etag = Etag::Absent;
        self.last_modified = None;
        self
    }

    /// Sends `Last-Modified` with this time. Without this there is none.
    #[must_use]
    pub fn last_modified(mut self, time: SystemTime) -> Self {
        self.last_modified = Some(httpdate::fmt_http_date(time));
        self
    }

    /// Sets the media type; `application/octet-stream` if never called.
    #[must_use]
    pub fn content_type(mut self, media_type: &str) -> Self {
        self.content_type = media_type.to_owned();
        self
    }

    /// Sends this `Content-Disposition`, byte for byte; on HTTP/2, which cannot carry every byte, only
    /// if it is a legal field value.
    #[must_use]
    pub fn content_disposition(mut self, value: impl Into<Vec<u8>>) -> Self {
        self.content_disposition = Some(value.into());
        self
    }

    /// Sends `Repr-Digest` (RFC 9530) with the SHA-256 of the content.
    #[must_use]
    pub fn repr_digest(mut self) -> Self {
        self.digest = ReprDigest::Right;
        self
    }

    /// Sends a `Repr-Digest` that is not that of the content.
    #[must_use]
    pub fn wrong_digest(mut self) -> Self {
        self.digest = ReprDigest::Wrong;
        self
    }

    /// The same description over other bytes of the same length.
    pub(crate) fn other_version(&self) -> Self {
        let mut other = self.clone();
        other.content = self.content.other_version();
        other.sha256 = Arc::default();
        if let Etag::Fixed(tag) = &mut other.etag {
            let at = tag.find('"').map_or(0, |quote| quote + 1);
            tag.insert_str(at, "other-");
        }
        other
    }

    /// The number of bytes.
    #[allow(clippy::len_without_is_empty, reason = "an object is not a collection")]
    pub fn len(&self) -> u64 {
        self.content.len()
    }

    /// SHA-256 of the content in lower-case hex; computed once, in constant memory.
    pub fn sha256(&self) -> String {
        self.sha256_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    pub(crate) fn sha256_bytes(&self) -> [u8; 32] {
        *self.sha256.get_or_init(|| {
            let mut hash = Sha256::new();
            for step in self.steps() {
                hash.update(&step);
            }
            hash.finalize().into()
        })
    }

    /// Writes the content.
    ///
    /// # Errors
    ///
    /// What `writer` returns.
    pub fn write_to(&self, mut writer: impl Write) -> io::Result<()> {
        self.steps().try_for_each(|step| writer.write_all(&step))
    }

    /// Whether the file holds exactly the content.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn matches_file(&self, path: impl AsRef<Path>) -> io::Result<bool> {
        Ok(self.first_difference(path)?.is_none())
    }

    /// The offset of the first byte in which the file is not the content: `None` if there is none. A
    /// file that is shorter or longer differs where the shorter of the two ends.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn first_difference(&self, path: impl AsRef<Path>) -> io::Result<Option<u64>> {
        let file = File::open(path)?;
        let mut offset = 0;
        let mut found = Vec::with_capacity(STEP_BYTES);
        for step in self.steps() {
            found.clear();
            (&file).take(step.len() as u64).read_to_end(&mut found)?;
            if found != step {
                let same = step.iter().zip(&found).take_while(|(a, b)| a == b).count();
                return Ok(Some(offset + same as u64));
            }
            offset += step.len() as u64;
        }
        let more = (&file).read(&mut [0])? > 0;
        Ok(more.then_some(offset))
    }

    fn steps(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        let len = self.len();
        (0..len).step_by(STEP_BYTES).map(move |offset| {
            let count = (len - offset).min(STEP_BYTES as u64) as usize;
            let mut step = Vec::with_capacity(count);
            self.content.append(offset, count, &mut step);
            step
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_written_bytes() {
        assert_eq!(
            Object::bytes(&b"abc"[..]).sha256(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let object = Object::generated(3, 1_000_003);
        let mut written = Vec::new();
        object.write_to(&mut written).unwrap();
        assert_eq!(written.len(), 1_000_003);
        assert_eq!(Object::bytes(written).sha256(), object.sha256());
        assert_ne!(object.other_version().sha256(), object.sha256());
    }

    #[test]
    fn a_file_is_judged_at_every_byte() {
        let object = Object::generated(9, 600_000);
        let file = tempfile::NamedTempFile::new().unwrap();
        let differs = |bytes: &[u8]| {
            std::fs::write(file.path(), bytes).unwrap();
            object.first_difference(file.path()).unwrap()
        };
        let mut bytes = Vec::new();
        object.write_to(&mut bytes).unwrap();
        assert_eq!(differs(&bytes), None);
        assert!(object.matches_file(file.path()).unwrap());
        assert_eq!(differs(&bytes[..599_999]), Some(599_999));
        bytes.push(0);
        assert_eq!(differs(&bytes), Some(600_000));
        bytes.pop();
        bytes[400_001] ^= 1;
        assert_eq!(differs(&bytes), Some(400_001));
    }

    #[test]
    fn another_version_has_another_tag_of_the_same_strength() {
        let object = Object::generated(1, 10).etag("\"v1\"");
        assert_eq!(
            object.other_version().etag,
            Etag::Fixed("\"other-v1\"".into())
        );
        assert_eq!(
            object.weak_etag().other_version().etag,
            Etag::Fixed("W/\"other-v1\"".into())
        );
    }
}
