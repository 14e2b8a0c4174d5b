//! Whom we trust (rule T1): the platform's store, and what the configuration adds to it.
//!
//! Must never accept a certificate that neither vouches for, and never speak less than TLS 1.2.

use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::evaluated::Evaluated;
use crate::error::{Error, ErrorKind, Result};
use crate::trust::TrustEvaluator;

/// The certificates in `pems`, each checked to be one that can be trusted.
pub(super) fn parse_roots(pems: &[Vec<u8>]) -> Result<Vec<CertificateDer<'static>>> {
    let mut roots = Vec::with_capacity(pems.len());
    for (index, pem) in pems.iter().enumerate() {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|source| bad_root(index, source))?;
            RootCertStore::empty()
                .add(certificate.clone())
                .map_err(|source| bad_root(index, source))?;
            roots.push(certificate);
        }
        if roots.len() == before {
            return Err(bad_root(index, "there is no certificate in it"));
        }
    }
    Ok(roots)
}

fn bad_root(index: usize, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    let message = format!(
        "root certificate number {} is not usable; give it in PEM form, as -----BEGIN CERTIFICATE-----",
        index + 1
    );
    Error::new(ErrorKind::InvalidRequest, message).with_source(source)
}

/// For https. Reads the platform's trust store: blocks for milliseconds.
pub(super) fn secure(
    roots: Vec<CertificateDer<'static>>,
    evaluator: Option<Arc<dyn TrustEvaluator>>,
) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let platform = verifier(roots, Arc::clone(&provider)).map_err(setup_failed)?;
    let verifier: Arc<dyn ServerCertVerifier> = match evaluator {
        Some(evaluator) => Arc::new(Evaluated {
            evaluator,
            platform,
        }),
        None => platform,
    };
    let mut config = builder(provider)?
        .dangerous() // The name of the call, not of what is done with it.
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// For plain http: trusts nobody, and costs nothing.
pub(super) fn none() -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(builder(provider)?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

fn builder(
    provider: Arc<CryptoProvider>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>> {
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(setup_failed)
}

#[cfg(not(target_os = "android"))]
fn verifier(
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> std::result::Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(roots, provider)?;
    Ok(Arc::new(verifier))
}

/// Android's verifier takes no further roots: an app names them in its network security configuration.
#[cfg(target_os = "android")]
fn verifier(
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> std::result::Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    if !roots.is_empty() {
        log::warn!(
            "on Android root certificates belong into the network security configuration; those of the session are not used"
        );
    }
    Ok(Arc::new(rustls_platform_verifier::Verifier::new(provider)?))
}

fn setup_failed(source: rustls::Error) -> Error {
    Error::new(
        ErrorKind::Tls,
        "TLS could not be set up; is the system's list of certificate authorities installed?",
    )
    .with_source(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_root_certificate_is_named() {
        // rule T1
        let empty = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec();
        let broken = b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n".to_vec();
        for bad in [b"not PEM".to_vec(), Vec::new(), empty, broken] {
            let error = parse_roots(&[bad]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(error.message().contains("number 1"), "{error}");
        }
        assert_eq!(parse_roots(&[]).unwrap(), []);
    }
}
