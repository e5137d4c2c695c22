//! Certificates that an operator's ACME client keeps in files.

use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde::Deserialize;

use super::{CertificatesError, Certified};
use crate::shared::keyfile::{self, Want, told};
use crate::shared::tls::spki_of;

/// A certificate with its key, in two PEM files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateFile {
    /// The leaf first, then the intermediates (certbot: `fullchain.pem`).
    pub chain: PathBuf,
    /// The private key (certbot: `privkey.pem`).
    pub key: PathBuf,
}

/// The certificate files, read.
pub(in crate::sending::identities) struct Files {
    read: Vec<(PathBuf, Certified)>,
}

impl Files {
    /// Reads every file; a chain whose leaf does not belong to its key is refused.
    pub(in crate::sending::identities) fn read(files: &[CertificateFile]) -> Result<Self, CertificatesError> {
        let read = files.iter().map(|file| Ok((file.chain.clone(), certified(file)?)));
        Ok(Self { read: read.collect::<Result<_, _>>()? })
    }

    /// The first certificate that names all of `hosts`, such as a wildcard for several personas.
    pub(in crate::sending::identities) fn covering(
        &self,
        hosts: &[String],
        purpose: &str,
    ) -> Result<Certified, CertificatesError> {
        let found = self.read.iter().find(|(_, file)| hosts.iter().all(|host| names(file, host)));
        if let Some((_, found)) = found {
            let Certified { chain, key, spki } = found;
            return Ok(Certified { chain: chain.clone(), key: key.clone_key(), spki: spki.clone() });
        }
        let missing = hosts.iter().find(|host| !self.read.iter().any(|(_, file)| names(file, host)));
        let searched: Vec<_> = self.read.iter().map(|(path, _)| path.display().to_string()).collect();
        Err(CertificatesError::Uncovered {
            host: missing.cloned().unwrap_or_else(|| format!("all of {}", hosts.join(", "))),
            purpose: purpose.to_owned(),
            searched: match &searched[..] {
                [] => "tls.files is empty".to_owned(),
                some => format!("looked into {}", some.join(", ")),
            },
        })
    }
}

fn names(file: &Certified, host: &str) -> bool {
    // A wildcard names what a host in its place would be (RFC 9525 §6.3).
    let host = host.replacen("*.", "wildcard.", 1);
    let (Some(leaf), Ok(host)) = (file.chain.first(), ServerName::try_from(host.as_str())) else {
        return false;
    };
    webpki::EndEntityCert::try_from(leaf)
        .is_ok_and(|leaf| leaf.verify_is_valid_for_subject_name(&host).is_ok())
}

fn certified(file: &CertificateFile) -> Result<Certified, CertificatesError> {
    let text = |path: &Path| {
        let read = std::fs::read(path).map_err(|error| told(path, Want::Read, error));
        read.map_err(|source| CertificatesError::File { path: path.to_owned(), source })
    };
    let unfit = |path: &Path, reason: String| CertificatesError::Content { path: path.to_owned(), reason };
    let chain = CertificateDer::pem_slice_iter(&text(&file.chain)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unfit(&file.chain, format!("not certificates in PEM: {error}")))?;
    let spki = chain.first().and_then(|leaf| spki_of(leaf));
    let spki = spki.ok_or_else(|| unfit(&file.chain, "holds no certificate; give the full chain".into()))?;
    let no_key = |source| CertificatesError::File { path: file.key.clone(), source };
    let key = PrivateKeyDer::from_pem_slice(&keyfile::read(&file.key).map_err(no_key)?)
        .map_err(|error| unfit(&file.key, format!("not a private key in PEM: {error}")))?;
    let signing = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key)
        .map_err(|error| unfit(&file.key, format!("{error}; use ECDSA P-256 or RSA of 2048 bits")))?;
    if signing.public_key().is_some_and(|public| public.as_ref() != spki) {
        let reason = format!("not the key of the first certificate in {}", file.chain.display());
        return Err(unfit(&file.key, reason));
    }
    Ok(Certified { chain, key, spki })
}
