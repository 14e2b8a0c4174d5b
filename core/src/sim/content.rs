//! What a file holds, without its bytes: which stretch of which version of which object.
//!
//! Two bytes are equal when they are the same byte of the same version: bytes of different versions
//! always differ. So a file that mixes versions can never be taken for a whole one (rule R9), and a
//! file of ten gigabytes is as cheap as one of ten bytes.

use std::fmt;

use crate::protocol::{Digest, DigestAlgorithm, Hasher};

/// Pieces that one file may consist of: more means that something splices without end.
const RUNS_LIMIT: usize = 10_000;

/// The content of a file, or of the body of an answer.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// In order; no two neighbours could be one, none is empty.
    runs: Vec<Run>,
}

/// A stretch of one version of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Which object; 0 is what no server of the app's sends, such as the page of a captive portal.
    pub object: u64,
    /// Which version of it.
    pub version: u64,
    /// Where in the object it begins.
    pub start: u64,
    /// How long it is, in bytes.
    pub len: u64,
}

impl Run {
    /// The bytes from `from` on, at most `len` of them.
    fn part(self, from: u64, len: u64) -> Run {
        let from = from.min(self.len);
        Run {
            start: self.start + from,
            len: len.min(self.len - from),
            ..self
        }
    }

    fn is_continued_by(self, next: Run) -> bool {
        (self.object, self.version, self.start + self.len)
            == (next.object, next.version, next.start)
    }
}

impl Content {
    /// All of one version of an object.
    #[must_use]
    pub fn whole(object: u64, version: u64, len: u64) -> Content {
        let mut content = Content::default();
        content.push(Run {
            object,
            version,
            start: 0,
            len,
        });
        content
    }

    /// How many bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.runs.iter().map(|run| run.len).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// What it consists of, in order.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The object and version that this is the beginning of, perhaps all of it. None if it is empty,
    /// or mixes versions.
    #[must_use]
    pub fn version(&self) -> Option<(u64, u64)> {
        match self.runs.as_slice() {
            [run] if run.start == 0 => Some((run.object, run.version)),
            _ => None,
        }
    }

    /// Whether bytes of more than one version are in it, or the same ones in a wrong order (rule R9).
    #[must_use]
    pub fn is_spliced(&self) -> bool {
        !self.is_empty() && self.version().is_none()
    }

    fn push(&mut self, next: Run) {
        if next.len == 0 {
            return;
        }
        match self.runs.last_mut() {
            Some(last) if last.is_continued_by(next) => last.len += next.len,
            _ => {
                assert!(self.runs.len() < RUNS_LIMIT, "a file of pieces without end");
                self.runs.push(next);
            }
        }
    }

    /// Puts more behind the end.
    pub(crate) fn append(&mut self, more: &Content) {
        for run in &more.runs {
            self.push(*run);
        }
    }

    /// The bytes from `from` on, at most `len` of them.
    #[must_use]
    pub(crate) fn part(&self, from: u64, len: u64) -> Content {
        let (mut skip, mut left) = (from, len);
        let mut part = Content::default();
        for run in &self.runs {
            let piece = run.part(skip, left);
            skip = skip.saturating_sub(run.len);
            left -= piece.len;
            part.push(piece);
        }
        part
    }

    /// Cuts what lies behind `len`.
    pub(crate) fn cut(&mut self, len: u64) {
        *self = self.part(0, len);
    }

    /// Writes over what lies at `at`, and past the end. `at` is within the file.
    pub(crate) fn write_at(&mut self, at: u64, bytes: &Content) {
        let behind = self.part(at + bytes.len(), u64::MAX);
        self.cut(at);
        self.append(bytes);
        self.append(&behind);
    }

    /// A digest that no other content has.
    #[must_use]
    pub fn digest(&self, algorithm: DigestAlgorithm) -> Digest {
        let mut hasher = Hasher::new(algorithm);
        for run in &self.runs {
            for number in [run.object, run.version, run.start, run.len] {
                hasher.update(&number.to_be_bytes());
            }
        }
        hasher.finish()
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, run) in self.runs.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            let end = run.start + run.len;
            write!(f, "{gap}{}v{}:{}-{end}", run.object, run.version, run.start)?;
        }
        f.write_str("]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_in_order_are_the_whole() {
        let whole = Content::whole(1, 1, 100);
        let mut file = Content::default();
        for (from, len) in [(0, 40), (40, 0), (40, 60), (100, 5)] {
            file.append(&whole.part(from, len));
        }
        assert_eq!(file, whole);
        assert_eq!(file.runs().len(), 1);
        assert_eq!(file.version(), Some((1, 1)));
        let of = |content: &Content| content.digest(DigestAlgorithm::Sha256);
        assert_eq!(of(&file), of(&whole));
        file.cut(99);
        assert_ne!(of(&file), of(&whole));
        assert_eq!(format!("{file:?}"), "[1v1:0-99]");
    }

    #[test]
    fn versions_never_mix_unseen() {
        // rule R9
        let (old, new) = (Content::whole(1, 1, 100), Content::whole(1, 2, 100));
        assert_ne!(old.part(60, 10), new.part(60, 10));
        let mut spliced = old.part(0, 60);
        spliced.append(&new.part(60, 40));
        assert_eq!((spliced.len(), spliced.version()), (100, None));
        assert!(spliced.is_spliced());
        assert!(old.part(1, 99).is_spliced(), "its beginning is missing");
        assert!(!Content::default().is_spliced());
    }

    #[test]
    fn a_write_in_the_middle_leaves_what_is_behind_it() {
        let (old, new) = (Content::whole(1, 1, 100), Content::whole(1, 2, 100));
        let mut file = old.clone();
        file.write_at(10, &new.part(10, 20));
        assert_eq!(format!("{file:?}"), "[1v1:0-10 1v2:10-30 1v1:30-100]");
        file.write_at(10, &old.part(10, 20));
        assert_eq!(file, old);
        file.write_at(100, &new.part(0, 1));
        assert_eq!(file.len(), 101);
        assert_eq!(old.part(95, u64::MAX).len(), 5);
        assert!(old.part(100, 1).is_empty());
    }
}
