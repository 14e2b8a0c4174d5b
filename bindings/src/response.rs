//! What a server answered.

/// One header field.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct HeaderField {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// The head of a server's answer.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Response {
    /// The URL that answered, after redirects.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub http_version: String,
    /// The header fields in their order.
    pub headers: Vec<HeaderField>,
    /// The first 64 KiB of the body of an answer that made the task fail; empty for a success.
    pub body: Vec<u8>,
    /// The file name that the server suggests: one safe path component (rule T4). Not read by us.
    pub suggested_filename: Option<String>,
}

impl From<&backhaul::Response> for Response {
    fn from(response: &backhaul::Response) -> Response {
        let field = |(name, value): (&str, &str)| HeaderField {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        Response {
            url: response.url().to_owned(),
            status: response.status(),
            http_version: response.http_version().to_owned(),
            headers: response.headers().iter().map(field).collect(),
            body: response.body().to_vec(),
            suggested_filename: response.suggested_filename(),
        }
    }
}

impl From<Response> for backhaul::Response {
    /// Fields that HTTP forbids are left out: a platform's service has let them through, and nothing
    /// that is decided on depends on them.
    fn from(response: Response) -> backhaul::Response {
        let mut headers = backhaul::Headers::new();
        for HeaderField { name, value } in &response.headers {
            if headers.append(name, value).is_err() {
                log::debug!("the header field {name:?} is not HTTP's");
            }
        }
        backhaul::Response::new(
            response.url,
            response.status,
            response.http_version,
            headers,
        )
    }
}
