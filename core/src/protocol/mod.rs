//! What HTTP says, read strictly: the fields that decide whether bytes may be kept.
//!
//! Everything here is a pure function of text that somebody else wrote. Nothing here does I/O or
//! reads a clock, and nothing guesses: a field that is not exactly what its RFC says is treated as
//! if it were not there, because a wrong guess here becomes a wrong file.

pub(crate) mod content_range;
pub(crate) mod digest;
pub(crate) mod entity_tag;
pub(crate) mod file_name;
pub(crate) mod headers;
pub(crate) mod number;
pub(crate) mod origin;
pub(crate) mod redact;
pub(crate) mod retry_after;
pub(crate) mod validator;

#[cfg(test)]
mod fuzz;

pub(crate) use digest::Hasher;
pub use digest::{Digest, DigestAlgorithm, InvalidDigest};
pub use headers::{Headers, InvalidHeader};
