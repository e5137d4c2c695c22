//! What certificates say, and which path, name and TLSA record a chain fits: facts, with no level.

mod certificate;
mod names;
mod signed;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;

use crate::shared::evidence::scan::{Examined, Path, PathFault};
use crate::shared::policy::Tlsa;

use crate::shared::tls::client::{FoundPath, PathError, Roots, TlsaJudge, path};
use crate::shared::tls::fingerprint;
use crate::shared::tls::words::of_webpki;

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
    let (path, relied) = to_root(chain, roots, now);
    Examined {
        host: host.to_owned(),
        chain: chain.iter().map(|der| fingerprint(der)).collect(),
        path,
        relied: Some(relied),
        name_matches: leaf.is_some_and(|(_, leaf)| names::names_host(&leaf, host)),
        ordered: chain.windows(2).all(|pair| signed::by(&pair[0], &pair[1])),
        tlsa: tlsa.iter().map(matches).collect::<BTreeMap<_, _>>(),
    }
}

/// The path to a root, and the certificates that lie on it; where there is none, those that signatures lead over.
fn to_root(chain: &[CertificateDer<'_>], roots: &Roots, now: Timestamp) -> (Path, Vec<String>) {
    match path(chain, roots, now) {
        Ok(FoundPath { root, certificates }) => {
            let root = cut(&names::of_root(&root), 255);
            (Path::Trusted { root }, certificates.iter().map(|der| fingerprint(der)).collect())
        }
        Err(error) => {
            let signed = signed::path(chain, now);
            (untrusted(chain, error), signed.into_iter().map(|der| fingerprint(der)).collect())
        }
    }
}

fn untrusted(chain: &[CertificateDer<'_>], error: PathError) -> Path {
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
                webpki::Error::RequiredEkuNotFoundContext(_) | webpki::Error::EmptyEkuExtension => {
                    PathFault::Purpose
                }
                _ => PathFault::Other,
            };
            (fault, of_webpki(&error))
        }
    };
    // It comes first: another date or another version would not help. webpki says of it that a CA is used as end
    // entity, or that the issuer is unknown.
    if chain.first().is_some_and(|leaf| signed::by_itself(leaf)) {
        fault = PathFault::SelfSigned;
    }
    Path::Untrusted { fault, reason: cut(&reason, REASON_OCTETS_MAX) }
}

/// The beginning of a text, at most `octets_max` of it.
fn cut(text: &str, octets_max: usize) -> String {
    let mut end = text.len().min(octets_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}
