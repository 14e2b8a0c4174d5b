//! What goes wrong on a server, or on the way to it.

/// When a server wants to be asked again (rule H2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// It says how long to wait, in seconds.
    Seconds(u64),
    /// It says until when, on its own clock, which is right: so many seconds from the answer.
    Date(u64),
}

/// What goes wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Nobody takes the connection.
    Refused,
    /// The answer is this status, and a page that is not the object.
    Status {
        /// 503, 404, 401, 403, 429 ….
        status: u16,
        /// When to come back.
        retry_after: Option<RetryAfter>,
    },
    /// Every range is answered with a 416 that says that the object is empty.
    Unsatisfiable,
    /// A 206 that begins so many bytes before what was asked for.
    Early {
        /// How many.
        bytes: u64,
    },
    /// A 206 that begins so many bytes behind what was asked for.
    Late {
        /// How many.
        bytes: u64,
    },
    /// A 206 without `Content-Range`.
    NoContentRange,
    /// The body ends early, in good order.
    Truncated {
        /// Bytes of the body that come.
        after_bytes: u64,
    },
    /// The connection breaks.
    Reset {
        /// Bytes of the body that come before.
        after_bytes: u64,
    },
    /// Nothing more comes, and nothing breaks.
    Stall {
        /// Bytes of the body that come before.
        after_bytes: u64,
    },
}

/// A fault, and where and how often it happens.
#[derive(Clone, Debug)]
pub(super) struct Faulty {
    /// A URL, or a host.
    pub at: String,
    pub fault: Fault,
    /// None: until it is cleared.
    pub left: Option<u32>,
}

impl Faulty {
    pub fn concerns(&self, url: &url::Url) -> bool {
        if self.at.contains("://") {
            self.at == url.as_str()
        } else {
            url.host_str() == Some(self.at.as_str())
        }
    }
}
