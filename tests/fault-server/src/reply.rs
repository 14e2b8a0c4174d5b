//! An answer before it is written: what a good server decides, a fault bends, and a protocol sends.
//!
//! It is a value, so that everything about an answer can be decided without a connection.

use crate::content::Content;
use bytes::Bytes;

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Every field but those that frame the body. Values may hold bytes that HTTP forbids.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) framing: Framing,
    pub(crate) body: Body,
    pub(crate) head: Head,
    pub(crate) ending: Ending,
    pub(crate) delay_ms: u64,
    /// Bytes a second; the server's own limit if `None`.
    pub(crate) rate: Option<u64>,
    /// Whether the connection ends in good order after this answer.
    pub(crate) go_away: bool,
    /// Whether there is no body because nobody asked for one (HEAD).
    pub(crate) bodiless: bool,
}

/// A stretch of content.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) content: Content,
    pub(crate) first: u64,
    pub(crate) len: u64,
    /// The object whose sent bytes these count as.
    pub(crate) counts_for: Option<String>,
}

/// How the end of the body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// `Content-Length` of this, right or wrong.
    Length(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// The close of the connection.
    Close,
}

/// How the header section goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// Whole, at once.
    Whole,
    /// A byte at a time, this far apart.
    TrickleMs(u64),
    /// Never; the connection stays open.
    Never,
    /// Not at all: the connection is closed.
    Close,
    /// Not at all: the connection is reset.
    Reset,
    /// Half of it, then a reset.
    HalfThenReset,
    /// As a refused stream.
    Refuse,
    /// As something that is not HTTP.
    Garbage,
}

/// What happens to the body at the end, or before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It is sent as declared.
    Proper,
    /// After so many bytes the connection closes.
    CloseAfter(u64),
    /// After so many bytes the connection is reset.
    ResetAfter(u64),
    /// After so many bytes nothing comes until the client goes.
    StallAfter(u64),
    /// After so many bytes the whole HTTP/2 connection goes away.
    GoAwayAfter(u64),
}

impl Ending {
    /// The number of body bytes that are sent of `len`.
    pub(crate) fn sent_of(self, len: u64) -> u64 {
        match self {
            Ending::Proper => len,
            Ending::CloseAfter(after)
            | Ending::ResetAfter(after)
            | Ending::StallAfter(after)
            | Ending::GoAwayAfter(after) => after.min(len),
        }
    }
}

impl Reply {
    /// An answer with a body of stretch `body` and its length declared.
    pub(crate) fn new(status: u16, body: Body) -> Self {
        Self {
            status,
            headers: Vec::new(),
            framing: Framing::Length(body.len),
            body,
            head: Head::Whole,
            ending: Ending::Proper,
            delay_ms: 0,
            rate: None,
            go_away: false,
            bodiless: false,
        }
    }

    /// An answer that is not about an object.
    pub(crate) fn text(status: u16, media_type: &str, text: impl Into<Bytes>) -> Self {
        Self::new(status, Body::given(text.into())).with("Content-Type", media_type)
    }

    /// Adds a field.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Removes a field, and sets it again if there is a value.
    pub(crate) fn replace(&mut self, name: &str, value: Option<String>) {
        self.headers.retain(|(found, _)| found != name);
        self.headers
            .extend(value.map(|value| (name.to_owned(), value.into_bytes())));
    }

    /// Makes it the answer to a HEAD: the same fields, no body.
    pub(crate) fn without_body(mut self) -> Self {
        self.body.len = 0;
        self.bodiless = true;
        self
    }
}

impl Body {
    pub(crate) fn given(bytes: Bytes) -> Self {
        Self {
            len: bytes.len() as u64,
            content: Content::Given(bytes),
            first: 0,
            counts_for: None,
        }
    }
}
