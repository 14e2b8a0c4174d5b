//! Who vouches for a server beside the platform (rule T6): the seam for pinned keys, and for a platform
//! whose trust manager is only reached from its own language.

/// What an evaluator says of a server's certificates, in the words of `URLSession`'s challenge
/// dispositions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TrustVerdict {
    /// The platform's store decides, with the session's root certificates.
    #[default]
    PerformDefaultHandling,
    /// The evaluator itself has verified the chain: the platform is not asked. For the trust manager of
    /// a platform; never for "accept all".
    Trusted,
    /// No, and nothing overrules it. The reason goes into the error's message.
    Refused(String),
}

/// Evaluates the certificates of a TLS server. Given to a session by
/// [`SessionConfiguration::trust_evaluator`](crate::SessionConfiguration::trust_evaluator).
///
/// Called in each handshake, on the thread that carries the transfers: it should answer within
/// milliseconds, and must not call a session. It is for the in-process HTTP transport; a platform's own
/// service asks its own delegate. That the server holds the certificate's key is always verified.
pub trait TrustEvaluator: Send + Sync + 'static {
    /// Judges `chain`, DER certificates with the server's own first, for the server called `host`.
    fn evaluate(&self, host: &str, chain: &[&[u8]]) -> TrustVerdict;
}
