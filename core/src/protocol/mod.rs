//! Placeholder until the protocol room is merged.
#![allow(missing_docs, dead_code)]
use serde::{Deserialize, Serialize};
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Headers(Vec<(String, String)>);
impl Headers {
    pub fn get(&self, _n: &str) -> Option<&str> {
        None
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn append(&mut self, _n: &str, _v: &str) -> Result<(), String> {
        Ok(())
    }
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Digest(String);
pub mod file_name {
    pub fn from_content_disposition(_s: &str) -> Option<String> {
        None
    }
    pub fn from_url(_u: &url::Url) -> Option<String> {
        None
    }
}
pub mod redact {
    pub fn redact(u: &url::Url) -> String {
        u.to_string()
    }
}
