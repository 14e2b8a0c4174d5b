//! What the tests of the bindings share: the foreign traits, implemented in Rust.

pub mod delegate;
pub mod parts;
pub mod site;

pub use delegate::{Call, Recorder, Told};
pub use parts::{background, configuration_of, parts, request};
pub use site::{PATIENCE, Site, fetch, session, session_when_free};

use backhaul_ffi::{BackhaulError, CallbackError, ErrorInfo};

/// What a foreign method throws.
pub fn thrown<T>() -> Result<T, CallbackError> {
    Err(CallbackError::Failed {
        reason: "thrown by the test".to_owned(),
    })
}

/// What is in an error.
pub fn info<T>(result: Result<T, BackhaulError>) -> ErrorInfo {
    match result {
        Ok(_) => panic!("it did not fail"),
        Err(BackhaulError::Failed { info }) => *info,
    }
}
