//! What a server answered.

use serde::{Deserialize, Serialize};

use crate::protocol::Headers;

/// The head of a server's answer, as the delegate receives it (rule S6).
///
/// The body of a success is the file. An answer that made the task fail carries at most 64 KiB of
/// its body here (rule H5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    pub(crate) url: String,
    pub(crate) status: u16,
    pub(crate) http_version: String,
    pub(crate) headers: Headers,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "as_base64")]
    pub(crate) body: Vec<u8>,
}

/// A body in the store takes a third more room than its bytes, not four times as much.
mod as_base64 {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(body: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(body))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD.decode(text).map_err(D::Error::custom)
    }
}

impl Response {
    /// The head of an answer that a transport received: the URL that answered, the status, the
    /// protocol as `HTTP/1.1` or `HTTP/2.0`, and the fields.
    #[must_use]
    pub fn new(
        url: impl Into<String>,
        status: u16,
        http_version: impl Into<String>,
        headers: Headers,
    ) -> Response {
        Response {
            url: url.into(),
            status,
            http_version: http_version.into(),
            headers,
            body: Vec::new(),
        }
    }

    /// The URL that answered, after redirects.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The protocol spoken, `HTTP/1.1` or `HTTP/2.0`.
    #[must_use]
    pub fn http_version(&self) -> &str {
        &self.http_version
    }

    /// The header fields in their order.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The first 64 KiB of the body of an answer that made the task fail; empty for a success.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// A file name that the server suggests by `Content-Disposition`, else the last component of
    /// the URL's path: one safe path component (rule T4), or none.
    #[must_use]
    pub fn suggested_filename(&self) -> Option<String> {
        self.headers
            .get("content-disposition")
            .and_then(crate::protocol::file_name::from_content_disposition)
            .or_else(|| {
                let url = url::Url::parse(&self.url).ok()?;
                crate::protocol::file_name::from_url(&url)
            })
    }
}
