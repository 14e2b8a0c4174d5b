//! What lies on simulated servers.

use backhaul::sim;

use crate::mirror::mirror;

mirror! {
    /// What a server says to tell versions of an object apart.
    SimulatedValidator of sim::Validator {
        /// A strong `ETag`.
        Strong,
        /// A weak `ETag`.
        Weak,
        /// Only the time of the last change.
        LastModified,
        /// Nothing.
        None,
        /// A strong `ETag` that is another one in every answer, for the same bytes.
        Fickle,
    }
}

mirror! {
    /// What a server does with a `Range`.
    SimulatedRanges of sim::RangeSupport {
        /// It sends what was asked for, and checks `If-Range`.
        Honoured,
        /// It always sends everything.
        Ignored,
        /// It sends everything as soon as there is an `If-Range`.
        NotIfRange,
        /// It sends what was asked for, whatever `If-Range` says.
        Unchecked,
    }
}

/// An object on a server. A later one with the same URL is its next version: another length, and other
/// bytes.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SimulatedObject {
    /// Where.
    pub url: String,
    /// Its length in bytes.
    pub size: u64,
    /// What the server says to tell versions apart.
    pub validator: SimulatedValidator,
    /// What the server does with a `Range`.
    pub ranges: SimulatedRanges,
    /// The server sends a digest of the whole object.
    pub sends_digest: bool,
}

impl From<SimulatedObject> for sim::ObjectSetup {
    fn from(object: SimulatedObject) -> sim::ObjectSetup {
        sim::ObjectSetup {
            url: object.url,
            size: object.size.into(),
            validator: object.validator.into(),
            ranges: object.ranges.into(),
            digest: object.sends_digest,
        }
    }
}
