//! What certificates say, and which path, name and TLSA record a chain fits: facts, with no level.

mod certificate;
mod names;
mod signed;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;

use crate::evidence::scan::{Examined, Path, PathFault};
use crate::policy::Tlsa;

use super::client::{PathError, Roots, TlsaJudge, path};
use super::fingerprint;

pub use certificate::certificate;

/// How long a verifier's words may be, in octets: they quote names of certificates.
const REASON_OCTETS_MAX: usize = 300;

/// Examines a chain, as it came, for the MX host `host`. `also`: further reference identifiers that DANE-TA
/// allows beside the host, which is the TLSA base domain: the next-hop domain (RFC 7672 §3.2.2).
///
/// The path is judged apart from the name, so that each can be shown; a certificate that webpki refuses still has
/// its names compared and its TLSA records matched.
pub fn examine(
    host: &str,
    also: &[&str],
    chain: &[CertificateDer<'_>],
    tlsa: &[Tlsa],
    roots: &Roots,
    now: Timestamp,
) -> Examined {
    let mut names = vec![host];
    names.extend(also);
    let leaf = chain.first().and_then(|leaf| x509_parser::parse_x509_certificate(leaf).ok());
    let mut judge = TlsaJudge::new(chain, &names, now);
    let matches = |record: &Tlsa| {
        let matched = judge.matched(record);
        (record.to_string(), matched.iter().map(|der| fingerprint(der)).collect())
    };
    Examined {
        host: host.to_owned(),
        chain: chain.iter().map(|der| fingerprint(der)).collect(),
        path: to_root(chain, roots, now),
        name_matches: leaf.is_some_and(|(_, leaf)| names::names_host(&leaf, host)),
        ordered: chain.windows(2).all(|pair| signed::by(&pair[0], &pair[1])),
        tlsa: tlsa.iter().map(matches).collect::<BTreeMap<_, _>>(),
    }
}

fn to_root(chain: &[CertificateDer<'_>], roots: &Roots, now: Timestamp) -> Path {
    let error = match path(chain, roots, now) {
        Ok(subject) => return Path::Trusted { root: certificate::cut(&names::of_root(&subject), 255) },
        Err(error) => error,
    };
    let (mut fault, reason) = match error {
        PathError::NoCertificate => (PathFault::Other, "no certificate was sent".to_owned()),
        PathError::Webpki(error) => {
            let fault = match &error {
                // The second: there is a root of that name, and it is another's.
                webpki::Error::UnknownIssuer | webpki::Error::InvalidSignatureForPublicKey => {
                    PathFault::UnknownIssuer
                }
                webpki::Error::CertExpired { .. } => PathFault::Expired,
                webpki::Error::CertNotValidYet { .. } => PathFault::NotYetValid,
                _ => PathFault::Other,
            };
            (fault, error.to_string())
        }
    };
    // It comes first: another date or another version would not help. webpki says of it that a CA is used as end
    // entity, or that the issuer is unknown.
    if chain.first().is_some_and(|leaf| signed::by_itself(leaf)) {
        fault = PathFault::SelfSigned;
    }
    Path::Untrusted { fault, reason: certificate::cut(&reason, REASON_OCTETS_MAX) }
}
