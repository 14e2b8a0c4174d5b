//! A session's own word on a server's certificates (rule T6), before or in place of the platform's.
//!
//! Must never turn a "no" of the evaluator into a yes, nor skip the proof that the server has the key.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};

use crate::trust::{TrustEvaluator, TrustVerdict};

/// Asks the evaluator, then the platform if that is what it says.
pub(super) struct Evaluated {
    pub evaluator: Arc<dyn TrustEvaluator>,
    pub platform: Arc<dyn ServerCertVerifier>,
}

/// Why a certificate was refused, as the evaluator said it.
#[derive(Debug)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused by the app's trust evaluator: {}", self.0)
    }
}

impl std::error::Error for Refused {}

impl fmt::Debug for Evaluated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evaluated").finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Evaluated {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let mut chain: Vec<&[u8]> = vec![end_entity];
        chain.extend(intermediates.iter().map(|der| der.as_ref()));
        match self.evaluator.evaluate(&server_name.to_str(), &chain) {
            TrustVerdict::Trusted => Ok(ServerCertVerified::assertion()),
            TrustVerdict::PerformDefaultHandling => self.platform.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            ),
            TrustVerdict::Refused(reason) => {
                let reason = OtherError(Arc::new(Refused(reason)));
                Err(CertificateError::Other(reason).into())
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.platform
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.platform
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.platform.supported_verify_schemes()
    }
}
