//! The digest that a file must have (rule H6).

use crate::error::{BackhaulError, Result};

/// The algorithm of a [`Digest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// The digest that a finished file must have.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Digest {
    /// By which algorithm.
    pub algorithm: DigestAlgorithm,
    /// Its hex digits, in either case.
    pub hex: String,
}

impl Digest {
    pub(crate) fn to_core(&self) -> Result<backhaul::Digest> {
        match self.algorithm {
            DigestAlgorithm::Sha256 => backhaul::Digest::sha256_hex(&self.hex),
            DigestAlgorithm::Sha512 => backhaul::Digest::sha512_hex(&self.hex),
        }
        .map_err(|error| BackhaulError::new(backhaul::ErrorKind::InvalidRequest, error.to_string()))
    }

    pub(crate) fn of(digest: &backhaul::Digest) -> Digest {
        let algorithm = match digest.algorithm() {
            backhaul::DigestAlgorithm::Sha512 => DigestAlgorithm::Sha512,
            _ => DigestAlgorithm::Sha256,
        };
        Digest {
            algorithm,
            hex: digest.to_string(),
        }
    }
}
