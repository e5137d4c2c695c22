//! What a certificate is worth by TLSA records (RFC 7672).

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;

use super::verify::{CertificateFault, named, path_to};
use crate::shared::policy::Tlsa;
use crate::shared::tls::spki_of;
use crate::shared::tls::words::of_webpki;

/// How many certificates of one chain are tried as the root of a path, whatever many records match them: each costs
/// as many signatures as webpki verifies for a path, which is a hundred.
const ANCHORS_TRIED_MAX: usize = 4;

/// Which certificates of a chain, leaf first, TLSA records match, as RFC 7672 §3.1 wants it. `names` are the reference
/// identifiers for DANE-TA: the TLSA base domain and the next-hop domain (§3.2.2). Each certificate is tried once.
pub struct TlsaJudge<'a, 'c> {
    chain: &'a [CertificateDer<'c>],
    names: &'a [&'a str],
    now: Timestamp,
    tried: Vec<(CertificateDer<'c>, Result<(), CertificateFault>)>,
}

impl<'a, 'c> TlsaJudge<'a, 'c> {
    /// Looks at `chain`, for a host of these `names`, at `now`.
    pub fn new(chain: &'a [CertificateDer<'c>], names: &'a [&'a str], now: Timestamp) -> Self {
        Self { chain, names, now, tried: Vec::new() }
    }

    /// The certificates that one usable record matches: the leaf for DANE-EE, where neither names nor dates count;
    /// for DANE-TA each issuer that is a root to a sound path with one of the names.
    pub fn matched(&mut self, record: &Tlsa) -> Vec<CertificateDer<'c>> {
        match (record.usable(), record.usage) {
            (true, 3) => {
                self.chain.first().filter(|leaf| matches(record, leaf)).into_iter().cloned().collect()
            }
            (true, 2) => {
                let mut issuers = issuers(self.chain, record);
                issuers.retain(|issuer| self.is_anchor(issuer).is_ok());
                issuers
            }
            _ => Vec::new(),
        }
    }

    /// Whether a sound path leads to a certificate.
    fn is_anchor(&mut self, issuer: &CertificateDer<'c>) -> Result<(), CertificateFault> {
        if let Some((_, judged)) = self.tried.iter().find(|(tried, _)| tried == issuer) {
            return judged.clone();
        }
        if self.tried.len() == ANCHORS_TRIED_MAX {
            return Err(CertificateFault::Path("our limit: records match too many issuers".to_owned()));
        }
        let judged = trust_anchor(self.chain, issuer, self.names, self.now);
        self.tried.push((issuer.clone(), judged.clone()));
        judged
    }
}

/// Judges a chain, leaf first, by the usable ones among `tlsa` (RFC 7672 §3); the record that matched.
/// `names` are the reference identifiers for DANE-TA: the TLSA base domain and the next-hop domain (§3.2.2).
///
/// # Errors
///
/// If no record matches, or one for an issuer does and path, dates or name are wrong.
pub fn dane<'t>(
    chain: &[CertificateDer<'_>],
    names: &[&str],
    tlsa: &'t [Tlsa],
    now: Timestamp,
) -> Result<&'t Tlsa, CertificateFault> {
    let leaf = chain.first().ok_or_else(|| CertificateFault::Unreadable("none was sent".to_owned()))?;
    let usable = || tlsa.iter().filter(|record| record.usable());
    // RFC 7672 §3.1.1: for DANE-EE neither names nor dates count, the binding is in the DNS.
    if let Some(record) = usable().find(|record| record.usage == 3 && matches(record, leaf)) {
        return Ok(record);
    }
    let mut fault = CertificateFault::NoTlsaMatch;
    let mut judge = TlsaJudge::new(chain, names, now);
    for record in usable().filter(|record| record.usage == 2) {
        for issuer in issuers(chain, record) {
            match judge.is_anchor(&issuer) {
                Ok(()) => return Ok(record),
                Err(found) => fault = found,
            }
        }
    }
    Err(fault)
}

fn matches(record: &Tlsa, certificate: &CertificateDer<'_>) -> bool {
    match spki_of(certificate) {
        Some(spki) => record.matches(certificate, &spki),
        None => record.selector == 0 && record.matches(certificate, &[]),
    }
}

/// What certificates are, apart from whether they pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainFacts {
    /// The host's own carries one of its names.
    pub named: bool,
    /// Its time has come and is not over.
    pub in_time: bool,
}

impl ChainFacts {
    /// Those of a chain, leaf first, for a host of these names.
    pub fn of(chain: &[CertificateDer<'_>], names: &[&str], now: Timestamp) -> Self {
        let parsed = chain.first().and_then(|leaf| x509_parser::parse_x509_certificate(leaf).ok());
        let in_time = parsed.is_some_and(|(_, leaf)| {
            let validity = leaf.validity();
            (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&now.as_second())
        });
        Self { named: named(chain, names).is_ok(), in_time }
    }
}

/// Whether the data of one record, usable or not, are those of the leaf, with usage 2 those of a certificate above it; and
/// for that usage whether a path leads from there to the leaf. Neither names nor usability count.
pub fn compare(chain: &[CertificateDer<'_>], record: &Tlsa, now: Timestamp) -> (bool, bool) {
    match (record.usage, chain.first()) {
        (2, Some(_)) => {
            let issuers = issuers(chain, record);
            let leads = |issuer: &CertificateDer<'_>| {
                let anchor = webpki::anchor_from_trusted_cert(issuer);
                anchor.is_ok_and(|anchor| path_to(chain, &[anchor], now).is_ok())
            };
            (!issuers.is_empty(), issuers.iter().take(ANCHORS_TRIED_MAX).any(leads))
        }
        (_, Some(leaf)) => (matches(record, leaf), true),
        (_, None) => (false, false),
    }
}

/// The certificates above the leaf that a DANE-TA record matches. A whole certificate in the record may be
/// missing from the chain (RFC 7671 §5.2.2 allows it for `2 0 0`).
fn issuers<'c>(chain: &[CertificateDer<'c>], record: &Tlsa) -> Vec<CertificateDer<'c>> {
    let above = chain.get(1..).unwrap_or_default();
    let mut found: Vec<_> = above.iter().filter(|issuer| matches(record, issuer)).cloned().collect();
    if found.is_empty() && (record.selector, record.matching) == (0, 0) {
        found.push(CertificateDer::from(record.data.clone()));
    }
    found
}

/// RFC 7672 §3.1.2: the matched certificate becomes the only root; path, dates and names count.
fn trust_anchor(
    chain: &[CertificateDer<'_>],
    issuer: &CertificateDer<'_>,
    names: &[&str],
    now: Timestamp,
) -> Result<(), CertificateFault> {
    let anchor = webpki::anchor_from_trusted_cert(issuer)
        .map_err(|error| CertificateFault::Unreadable(of_webpki(&error)))?;
    path_to(chain, &[anchor], now)?;
    named(chain, names)
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

    use super::*;

    const NOW: &str = "2026-11-21T12:00:00Z";

    /// A leaf for `mx.example`, the CA that signed it, and what the server sends.
    fn signed() -> (Vec<u8>, Vec<CertificateDer<'static>>) {
        let mut ca = CertificateParams::default();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut leaf = CertificateParams::new(["mx.example".to_owned()]).unwrap();
        leaf.not_after = rcgen::date_time_ymd(2027, 1, 1);
        let leaf = leaf.signed_by(&key, &ca).unwrap();
        (ca.der().to_vec(), vec![leaf.der().clone(), ca.der().clone()])
    }

    fn digest(usage: u8, selector: u8, certificate: &[u8]) -> Tlsa {
        use sha2::{Digest, Sha256};
        let spki = spki_of(certificate).unwrap();
        let selected = if selector == 0 { certificate } else { &spki };
        Tlsa { usage, selector, matching: 1, data: Sha256::digest(selected).to_vec() }
    }

    #[test]
    fn a_trust_anchor_wants_path_name_and_dates_and_an_end_entity_neither() {
        let (ca, chain) = signed();
        let (other, _) = signed();
        let now: Timestamp = NOW.parse().unwrap();
        let later: Timestamp = "2027-02-01T00:00:00Z".parse().unwrap();
        let judge = |names: &[&str], record: &Tlsa, now| {
            dane(&chain, names, std::slice::from_ref(record), now).map(|_| ())
        };
        for record in [digest(2, 0, &ca), digest(2, 1, &ca)] {
            assert_eq!(judge(&["mx.example"], &record, now), Ok(()), "{record}");
            assert_eq!(judge(&["x.example", "mx.example"], &record, now), Ok(()), "{record}");
            assert_eq!(
                judge(&["x.example"], &record, now),
                Err(CertificateFault::Name("x.example".to_owned()))
            );
            assert!(matches!(judge(&["mx.example"], &record, later), Err(CertificateFault::Dates(_))));
        }
        for record in [digest(3, 0, &chain[0]), digest(3, 1, &chain[0])] {
            assert_eq!(judge(&[], &record, later), Ok(()), "{record}");
        }
        for record in
            [digest(2, 1, &other), digest(3, 1, &ca), digest(2, 1, &chain[0]), digest(1, 1, &chain[0])]
        {
            assert_eq!(judge(&["mx.example"], &record, now), Err(CertificateFault::NoTlsaMatch), "{record}");
        }
    }

    #[test]
    fn a_whole_trust_anchor_in_the_record_needs_not_be_sent() {
        let (ca, chain) = signed();
        let now: Timestamp = NOW.parse().unwrap();
        let leaf = &chain[..1];
        let whole = Tlsa { usage: 2, selector: 0, matching: 0, data: ca.clone() };
        assert_eq!(dane(leaf, &["mx.example"], std::slice::from_ref(&whole), now), Ok(&whole));
        let digest = [digest(2, 0, &ca)];
        assert_eq!(dane(leaf, &["mx.example"], &digest, now), Err(CertificateFault::NoTlsaMatch));
        assert!(matches!(dane(&[], &[], &digest, now), Err(CertificateFault::Unreadable(_))));
    }

    #[test]
    fn each_issuer_is_tried_once_and_only_so_many() {
        let (ca, sound) = signed();
        let now: Timestamp = NOW.parse().unwrap();
        // Issuers of other chains: each matches three records, and no path leads to it.
        let others: Vec<Vec<u8>> = (0..3 * ANCHORS_TRIED_MAX).map(|_| signed().0).collect();
        let records = |ca: &[u8]| [digest(2, 0, ca), digest(2, 1, ca)];
        for (before, found) in [(ANCHORS_TRIED_MAX - 1, true), (3 * ANCHORS_TRIED_MAX, false)] {
            let others = &others[..before];
            let mut chain = vec![sound[0].clone()];
            chain.extend(others.iter().map(|der| CertificateDer::from(der.clone())));
            chain.push(sound[1].clone());
            let tlsa: Vec<Tlsa> =
                others.iter().map(Vec::as_slice).chain([&ca[..]]).flat_map(records).collect();
            assert_eq!(dane(&chain, &["mx.example"], &tlsa, now).is_ok(), found, "{before}");
            let mut judge = TlsaJudge::new(&chain, &["mx.example"], now);
            let matched: Vec<_> = tlsa.iter().flat_map(|record| judge.matched(record)).collect();
            assert_eq!(matched.len(), if found { 2 } else { 0 });
            assert!(judge.tried.len() <= ANCHORS_TRIED_MAX);
        }
    }
}
