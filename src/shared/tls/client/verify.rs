//! What a certificate is worth by WebPKI.

use std::time::Duration;

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::roots::Roots;
use crate::shared::tls::words::of_webpki;

/// A sound path to a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPath {
    /// The root's subject in DER.
    pub root: Vec<u8>,
    /// The certificates that lie on it, the server's own first, without the root.
    pub certificates: Vec<CertificateDer<'static>>,
}

/// Why no path leads to a root, in webpki's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathError {
    /// The server sent no certificate.
    NoCertificate,
    /// The end entity does not read, or no path is sound.
    Webpki(webpki::Error),
}

/// Why a certificate does not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// The server sent none, or one that does not parse.
    #[error("no certificate that can be read: {0}")]
    Unreadable(String),
    /// No path leads to a trusted root.
    #[error("no path to a trusted root")]
    UnknownIssuer,
    /// Its time is over, or has not begun.
    #[error("outside its time: {0}")]
    Dates(String),
    /// It names other hosts.
    #[error("it does not name {0}")]
    Name(String),
    /// Something else about the path.
    #[error("{0}")]
    Path(String),
    /// No usable TLSA record matches the certificate or, for DANE-TA, one of its issuers.
    #[error("no TLSA record matches")]
    NoTlsaMatch,
}

/// Judges a chain, leaf first, for the host `name` as a browser would (RFC 5280, RFC 6125): a path to one of
/// `roots`, valid at `now`, for servers, with the name. The root's name, for the administrator.
///
/// # Errors
///
/// What is wrong first: the path, the dates or the name.
pub fn webpki(
    chain: &[CertificateDer<'_>],
    name: &str,
    roots: &Roots,
    now: Timestamp,
) -> Result<String, CertificateFault> {
    let root = path_to(chain, &roots.0, now)?;
    named(chain, &[name])?;
    Ok(root)
}

/// The sound path to one among `roots`, valid at `now` and for servers; names apart.
///
/// # Errors
///
/// If there is no certificate, or no sound path.
pub fn path(chain: &[CertificateDer<'_>], roots: &Roots, now: Timestamp) -> Result<FoundPath, PathError> {
    let leaf = chain.first().ok_or(PathError::NoCertificate)?;
    let leaf = EndEntityCert::try_from(leaf).map_err(PathError::Webpki)?;
    anchor_of(&leaf, chain, &roots.0, now).map_err(PathError::Webpki)
}

pub(super) fn path_to(
    chain: &[CertificateDer<'_>],
    anchors: &[TrustAnchor<'_>],
    now: Timestamp,
) -> Result<String, CertificateFault> {
    match anchor_of(&leaf(chain)?, chain, anchors, now) {
        Ok(found) => Ok(X509Name::from_der(&found.root)
            .map_or_else(|_| "a root without a readable name".to_owned(), |(_, name)| name.to_string())),
        Err(webpki::Error::UnknownIssuer) => Err(CertificateFault::UnknownIssuer),
        Err(error @ (webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. })) => {
            Err(CertificateFault::Dates(of_webpki(&error)))
        }
        Err(error) => Err(CertificateFault::Path(of_webpki(&error))),
    }
}

/// The sound path to one of `anchors`.
fn anchor_of(
    leaf: &EndEntityCert<'_>,
    chain: &[CertificateDer<'_>],
    anchors: &[TrustAnchor<'_>],
    now: Timestamp,
) -> Result<FoundPath, webpki::Error> {
    let time = UnixTime::since_unix_epoch(Duration::from_secs(now.as_second().try_into().unwrap_or(0)));
    let path = leaf.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        anchors,
        chain.get(1..).unwrap_or_default(),
        time,
        KeyUsage::server_auth(),
        None,
        None,
    )?;
    let between = path.intermediate_certificates().map(|certificate| certificate.der().into_owned());
    let own = chain.first().map(|leaf| leaf.clone().into_owned());
    Ok(FoundPath { root: subject(path.anchor()), certificates: own.into_iter().chain(between).collect() })
}

pub(super) fn named(chain: &[CertificateDer<'_>], names: &[&str]) -> Result<(), CertificateFault> {
    let leaf = leaf(chain)?;
    let names_it = |name: &&str| {
        ServerName::try_from(name.trim_end_matches('.'))
            .is_ok_and(|name| leaf.verify_is_valid_for_subject_name(&name).is_ok())
    };
    if names.iter().any(names_it) { Ok(()) } else { Err(CertificateFault::Name(names.join(" or "))) }
}

fn leaf<'c>(chain: &'c [CertificateDer<'c>]) -> Result<EndEntityCert<'c>, CertificateFault> {
    let leaf = chain.first().ok_or_else(|| CertificateFault::Unreadable("none was sent".to_owned()))?;
    EndEntityCert::try_from(leaf).map_err(|error| CertificateFault::Unreadable(of_webpki(&error)))
}

/// The subject of a root, in DER. webpki keeps it without its outer SEQUENCE.
fn subject(anchor: &TrustAnchor<'_>) -> Vec<u8> {
    let content = anchor.subject.as_ref();
    let length = content.len().to_be_bytes();
    let digits: Vec<u8> = length.iter().copied().skip_while(|byte| *byte == 0).collect();
    let mut der = vec![0x30];
    if content.len() < 0x80 {
        der.push(u8::try_from(content.len()).unwrap_or_default());
    } else {
        der.push(0x80 | u8::try_from(digits.len()).unwrap_or_default());
        der.extend_from_slice(&digits);
    }
    der.extend_from_slice(content);
    der
}
