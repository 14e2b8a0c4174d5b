//! Who vouches for a server beside the platform (rule T6).

use std::sync::Arc;

use crate::callback_error::CallbackError;

/// What an evaluator says of a server's certificates.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum TrustVerdict {
    /// The platform's store decides, with the session's root certificates.
    PerformDefaultHandling,
    /// The evaluator itself has verified the chain.
    Trusted,
    /// No, and nothing overrules it.
    Refused {
        /// Why, for the error's message.
        reason: String,
    },
}

/// Evaluates the certificates of a TLS server, in each handshake, on the thread that carries the
/// transfers: within milliseconds, and without calling a session. One that fails refuses.
#[uniffi::export(foreign)]
pub trait TrustEvaluator: Send + Sync {
    /// Judges `chain`, DER certificates with the server's own first, for the server called `host`.
    fn evaluate(&self, host: String, chain: Vec<Vec<u8>>) -> Result<TrustVerdict, CallbackError>;
}

/// The other language's evaluator as the core's.
pub(crate) struct Evaluator(pub Arc<dyn TrustEvaluator>);

impl backhaul::TrustEvaluator for Evaluator {
    fn evaluate(&self, host: &str, chain: &[&[u8]]) -> backhaul::TrustVerdict {
        let chain = chain.iter().map(|der| der.to_vec()).collect();
        match self.0.evaluate(host.to_owned(), chain) {
            Ok(TrustVerdict::PerformDefaultHandling) => {
                backhaul::TrustVerdict::PerformDefaultHandling
            }
            Ok(TrustVerdict::Trusted) => backhaul::TrustVerdict::Trusted,
            Ok(TrustVerdict::Refused { reason }) => backhaul::TrustVerdict::Refused(reason),
            Err(error) => backhaul::TrustVerdict::Refused(error.to_string()),
        }
    }
}
