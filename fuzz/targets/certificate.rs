//! The certificates of a server (`tls::examine`, `tls::client`).
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mailassay::receiving::examine::{certificate, examine};
use mailassay::shared::policy::Tlsa;
use mailassay::shared::tls::client::{self, Roots};
use mailassay::shared::tls::{fingerprint, spki_of};
use mailassay_fuzz::now;
use rustls::pki_types::CertificateDer;

/// The root of the seeds, which `seeds.py` made.
static ROOTS: LazyLock<Roots> =
    LazyLock::new(|| Roots::from_pem(include_bytes!("../seeds/root.pem")).expect("a root"));
const CHAIN_LENGTH_MAX: usize = 5;
const HOST: &str = "mx.fuzz.example";

// One certificate behind the other; what belongs to none is the last.
fuzz_target!(|octets: &[u8]| {
    let chain = certificates(octets);
    for der in &chain {
        let read = certificate(der);
        assert!(read.names.len() <= 20 && read.names.iter().all(|name| name.len() <= 255));
        assert!(read.names_count as usize >= read.names.len());
        assert!(read.subject.len() <= 512 && read.issuer.len() <= 512 && read.signature_oid.len() <= 64);
        assert!(read.purposes.as_ref().is_none_or(|all| all.len() <= 8));
        assert!(spki_of(der).is_some() || read.unreadable.is_some(), "{read:?}");
    }
    let mut tlsa = Vec::new();
    for (usage, der) in [(3, chain.first()), (2, chain.last())] {
        let spki = der.and_then(|der| spki_of(der));
        tlsa.extend(spki.map(|spki| Tlsa { usage, ..Tlsa::dane_ee_spki(&spki) }));
    }
    let examined = examine(HOST, &["fuzz.example"], &chain, &tlsa, &ROOTS, now());
    assert_eq!(examined.chain, chain.iter().map(|der| fingerprint(der)).collect::<Vec<_>>());
    assert!(examined.relied.iter().flatten().all(|der| examined.chain.contains(der)));
    // By its key the first certificate matches, whatever else it says (RFC 7671 §5.1).
    if let (Some(leaf), Some(record)) = (chain.first(), tlsa.first())
        && record.usage == 3
    {
        assert!(examined.tlsa[&record].contains(&fingerprint(leaf)), "{examined:?}");
    }
    let trusted = client::webpki(&chain, HOST, &ROOTS, now());
    assert!(
        trusted.is_err() || examined.name_matches,
        "a name that only one of two readers sees: {examined:?}"
    );
});

fn certificates(octets: &[u8]) -> Vec<CertificateDer<'_>> {
    let (mut rest, mut chain) = (octets, Vec::new());
    while !rest.is_empty() && chain.len() < CHAIN_LENGTH_MAX {
        let length = match rest {
            [0x30, 0x82, high, low, ..] => 4 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => rest.len(),
        };
        let (der, behind) = rest.split_at(length.min(rest.len()));
        chain.push(CertificateDer::from(der));
        rest = behind;
    }
    chain
}
