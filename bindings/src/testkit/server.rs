//! What simulated servers do wrong.

use std::time::Duration;

use backhaul::sim;

/// What a server does wrong.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ServerFault {
    /// Nothing: it is well again.
    None,
    /// It does not answer.
    Down,
    /// It answers with this status.
    Status {
        /// 300 to 599.
        code: u16,
        /// When it says to come back.
        retry_after: Option<Duration>,
    },
    /// It answers every range with 416.
    Unsatisfiable,
    /// Its 206 begins so many bytes before what was asked for.
    Early {
        /// How many.
        bytes: u64,
    },
    /// Its 206 begins so many bytes behind what was asked for.
    Late {
        /// How many.
        bytes: u64,
    },
    /// Its 206 has no `Content-Range`.
    NoContentRange,
    /// The body ends after so many bytes, in good order.
    EndsAfter {
        /// How many.
        bytes: u64,
    },
    /// The connection breaks after so many bytes.
    BreaksAfter {
        /// How many.
        bytes: u64,
    },
    /// Nothing more comes after so many bytes, and nothing breaks.
    StallsAfter {
        /// How many.
        bytes: u64,
    },
}

impl From<ServerFault> for sim::ServerFault {
    fn from(fault: ServerFault) -> sim::ServerFault {
        match fault {
            ServerFault::None => sim::ServerFault::None,
            ServerFault::Down => sim::ServerFault::Down,
            ServerFault::Status { code, retry_after } => sim::ServerFault::Status {
                code,
                retry_after: retry_after.map(sim::Span::from),
            },
            ServerFault::Unsatisfiable => sim::ServerFault::Unsatisfiable,
            ServerFault::Early { bytes } => sim::ServerFault::Early(bytes.into()),
            ServerFault::Late { bytes } => sim::ServerFault::Late(bytes.into()),
            ServerFault::NoContentRange => sim::ServerFault::NoContentRange,
            ServerFault::EndsAfter { bytes } => sim::ServerFault::EndsAfter(bytes.into()),
            ServerFault::BreaksAfter { bytes } => sim::ServerFault::BreaksAfter(bytes.into()),
            ServerFault::StallsAfter { bytes } => sim::ServerFault::StallsAfter(bytes.into()),
        }
    }
}
