//! A certificate authority for one run, and a server's certificate from it.

use crate::Failure;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::fs;
use std::path::{Path, PathBuf};

/// The files that server and clients are given.
pub struct Files {
    /// The authority's certificate.
    pub authority: PathBuf,
    /// The server's certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// Makes the files in `folder`, valid for 127.0.0.1.
pub fn make(folder: &Path) -> Result<Files, Failure> {
    let mut authority = named("Backhaul benchmark authority", Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let server = named("Backhaul benchmark", vec!["127.0.0.1".to_owned()])?;
    let certificate = server.signed_by(&key, &authority)?;
    let files = Files {
        authority: folder.join("authority.pem"),
        certificate: folder.join("server.pem"),
        key: folder.join("server.key"),
    };
    fs::write(&files.authority, authority.pem())?;
    fs::write(&files.certificate, certificate.pem())?;
    fs::write(&files.key, key.serialize_pem())?;
    Ok(files)
}

/// A certificate whose issuer had its own name would pass for one that signed itself.
fn named(name: &str, addresses: Vec<String>) -> Result<CertificateParams, Failure> {
    let mut parameters = CertificateParams::new(addresses)?;
    parameters.distinguished_name.push(DnType::CommonName, name);
    Ok(parameters)
}
