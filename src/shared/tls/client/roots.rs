//! The roots that a sender is assumed to trust.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, TrustAnchor};

use crate::shared::tls::words::of_webpki;

/// The roots that a sender is assumed to trust.
#[derive(Clone)]
pub struct Roots(pub(super) Arc<Vec<TrustAnchor<'static>>>);

/// Why a file gives no roots.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}; it must hold root certificates in PEM")]
pub struct RootsError {
    pub path: PathBuf,
    pub reason: String,
}

impl Roots {
    /// Mozilla's roots, which a sender is assumed to trust.
    pub fn mozilla() -> Self {
        Self(Arc::new(webpki_roots::TLS_SERVER_ROOTS.to_vec()))
    }

    /// Those in a PEM file, and no others: for labs and the demo.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or holds no certificate.
    pub fn read(path: &Path) -> Result<Self, RootsError> {
        let unfit = |reason: String| RootsError { path: path.to_owned(), reason };
        let text = std::fs::read(path).map_err(|error| unfit(error.to_string()))?;
        Self::from_pem(&text).map_err(unfit)
    }

    /// Those in a PEM text; at least one.
    ///
    /// # Errors
    ///
    /// If it holds no certificate, or one that does not read.
    pub fn from_pem(text: &[u8]) -> Result<Self, String> {
        let anchor = |der: CertificateDer<'static>| {
            webpki::anchor_from_trusted_cert(&der).map(|anchor| anchor.to_owned()).map_err(|e| of_webpki(&e))
        };
        let anchors: Vec<_> = CertificateDer::pem_slice_iter(text)
            .map(|der| der.map_err(|error| error.to_string()).and_then(anchor))
            .collect::<Result<_, _>>()?;
        if anchors.is_empty() { Err("no certificate in it".to_owned()) } else { Ok(Self(Arc::new(anchors))) }
    }
}
