//! x
use super::*;
use crate::files::PartPaths;
use crate::protocol::headers::Headers;
use std::path::Path;
use std::time::Duration;
pub(super) fn transfer(url: &str, destination: &str) -> Transfer {
    Transfer {
        id: "1.1".parse().unwrap(),
        url: url::Url::parse(url).unwrap(),
        headers: Headers::new(),
        secret_headers: Vec::new(),
        expected_size: None,
        expected_digest: None,
        timeout_for_request: Duration::from_secs(10),
        status_policy: Default::default(),
        resume_policy: Default::default(),
        asks_about_redirects: false,
        is_discretionary: false,
        paths: PartPaths::new(Path::new(destination), "t", 1),
    }
}
