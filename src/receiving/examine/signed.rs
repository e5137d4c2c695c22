//! Which certificate signed which.

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use webpki::{ALL_VERIFICATION_ALGS, RawPublicKeyEntity};
use x509_parser::certificate::X509Certificate;

use crate::shared::evidence::scan::Key;

use super::certificate::{key, self_issued};

/// The RSA keys that webpki verifies with.
const RSA_BITS: std::ops::RangeInclusive<u16> = 2048..=8192;

/// Whether `certificate` is signed by the key of `issuer`, and names it as its issuer. Where webpki has no such
/// key or algorithm (RSA below 2048 bits, SHA-1, Ed448 and others) the names decide alone.
pub(super) fn by(certificate: &[u8], issuer: &[u8]) -> bool {
    let parsed =
        (x509_parser::parse_x509_certificate(certificate), x509_parser::parse_x509_certificate(issuer));
    let (Ok((_, certificate)), Ok((_, issuer))) = parsed else { return false };
    certificate.tbs_certificate.issuer.as_raw() == issuer.tbs_certificate.subject.as_raw()
        && verified(&certificate, &issuer).unwrap_or(true)
}

/// How many signatures are looked at to find the path of a chain, whoever sends how many certificates.
const ISSUERS_TRIED_MAX: usize = 32;

/// The certificates of a chain that lead one to the next by their signatures, from the first on, in whatever order they
/// were sent. Of several issuers with one name and key one that is valid at `now` goes first; none is taken twice.
pub(super) fn path<'a, 'c>(chain: &'a [CertificateDer<'c>], now: Timestamp) -> Vec<&'a CertificateDer<'c>> {
    let mut path: Vec<_> = chain.first().into_iter().collect();
    let mut others: Vec<_> = chain.iter().skip(1).collect();
    // A stable sort: otherwise in the order in which they were sent.
    others.sort_by_key(|der| !in_time(der, now));
    let mut tried = 0;
    while let Some(last) = path.last().copied() {
        let issuer = others.iter().position(|issuer| {
            tried += 1;
            tried <= ISSUERS_TRIED_MAX && by(last, issuer)
        });
        match issuer {
            Some(at) if !by_itself(last) => path.push(others.remove(at)),
            _ => break,
        }
    }
    path
}

fn in_time(der: &[u8], now: Timestamp) -> bool {
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(der) else { return false };
    let validity = &certificate.tbs_certificate.validity;
    (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&now.as_second())
}

/// Whether a certificate is its own issuer.
pub(super) fn by_itself(certificate: &[u8]) -> bool {
    let Ok((_, parsed)) = x509_parser::parse_x509_certificate(certificate) else { return false };
    self_issued(&parsed) && verified(&parsed, &parsed).unwrap_or(true)
}

/// Whether the signature fits the key; none: it cannot be verified here.
fn verified(certificate: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> Option<bool> {
    let spki = &issuer.tbs_certificate.subject_pki;
    if let Key::Rsa { bits } = key(spki)
        && !RSA_BITS.contains(&bits)
    {
        return None;
    }
    let spki = SubjectPublicKeyInfoDer::from(spki.raw);
    let issuer = RawPublicKeyEntity::try_from(&spki).ok()?;
    let oid = certificate.signature_algorithm.algorithm.as_bytes();
    let mut fits = None;
    for algorithm in ALL_VERIFICATION_ALGS {
        // An AlgorithmIdentifier without its SEQUENCE: the OID, then parameters.
        let identifier = algorithm.signature_alg_id();
        if identifier.get(2..).is_none_or(|content| !content.starts_with(oid)) {
            continue;
        }
        let message = certificate.tbs_certificate.as_ref();
        match issuer.verify_signature(*algorithm, message, &certificate.signature_value.data) {
            Ok(()) => return Some(true),
            Err(webpki::Error::InvalidSignatureForPublicKey) => fits = Some(false),
            Err(_) => {}
        }
    }
    fits
}
