//! Certificates and chains as facts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use mailassay::receiving::examine::{certificate, examine};
use mailassay::shared::evidence::scan::{Examined, Key, Path, PathFault};
use mailassay::shared::policy::Tlsa;
use mailassay::shared::tls::client::Roots;
use mailassay::shared::tls::{fingerprint, spki_of};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256,
    RsaKeySize, date_time_ymd,
};
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256, Sha512};

use super::SNI;

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// A root, an intermediate and a leaf for `names`, valid in the year given.
struct World {
    root: CertificateDer<'static>,
    root_pem: String,
    intermediate: CertificateDer<'static>,
    leaf: CertificateDer<'static>,
}

impl World {
    fn new(names: &[&str], year: i32) -> Self {
        let root = CertifiedIssuer::self_signed(authority("Root"), KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let intermediate = CertifiedIssuer::signed_by(authority("Intermediate"), key, &root).unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut leaf = CertificateParams::new(names).unwrap();
        leaf.not_before = date_time_ymd(year, 1, 1);
        leaf.not_after = date_time_ymd(year + 1, 1, 1);
        let leaf = leaf.signed_by(&KeyPair::generate().unwrap(), &intermediate).unwrap();
        Self {
            root: root.der().clone(),
            root_pem: root.pem(),
            intermediate: intermediate.der().clone(),
            leaf: leaf.der().clone(),
        }
    }

    fn roots(&self) -> Roots {
        Roots::from_pem(self.root_pem.as_bytes()).unwrap()
    }

    fn examine(&self, chain: &[&CertificateDer<'static>], tlsa: &[Tlsa], at: Timestamp) -> Examined {
        let chain: Vec<_> = chain.iter().map(|der| (*der).clone()).collect();
        examine(SNI, &["example"], &chain, tlsa, &self.roots(), at)
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Trust, Inc.");
    params.distinguished_name.push(DnType::CommonName, format!("Test {name}"));
    params
}

#[track_caller]
fn fault(examined: &Examined) -> PathFault {
    match &examined.path {
        Path::Untrusted { fault, reason } => {
            assert!(!reason.is_empty());
            *fault
        }
        Path::Trusted { root } => panic!("trusted by {root}"),
    }
}

#[test]
fn a_sound_chain_names_its_root() {
    let world = World::new(&[SNI, "other.example"], 2026);
    let examined = world.examine(&[&world.leaf, &world.intermediate], &[], now());
    assert_eq!(examined.path, Path::Trusted { root: "Test Root".to_owned() });
    assert!(examined.name_matches && examined.ordered);
    assert_eq!(examined.chain, [fingerprint(&world.leaf), fingerprint(&world.intermediate)]);
}

#[test]
fn faults_of_a_path_are_told_apart_and_say_nothing_of_the_name() {
    let world = World::new(&[SNI], 2026);
    let (leaf, intermediate) = (&world.leaf, &world.intermediate);
    for (chain, at, expected) in [
        (&[leaf][..], "2026-11-21T12:00:00Z", PathFault::UnknownIssuer),
        (&[leaf, intermediate], "2027-11-21T12:00:00Z", PathFault::Expired),
        (&[leaf, intermediate], "2025-11-21T12:00:00Z", PathFault::NotYetValid),
    ] {
        let examined = world.examine(chain, &[], at.parse().unwrap());
        assert_eq!(fault(&examined), expected);
        assert!(examined.name_matches);
    }
    // The path is sound, and the name is another.
    let world = World::new(&["other.example", "*.mx.example"], 2026);
    let examined = world.examine(&[&world.leaf, &world.intermediate], &[], now());
    assert!(matches!(examined.path, Path::Trusted { .. }) && !examined.name_matches);
}

/// What verifiers go over, and nothing that is merely sent along (R6).
#[test]
fn the_path_is_of_those_that_verifiers_need() {
    let root_key = KeyPair::generate().unwrap();
    let over = |mut params: CertificateParams| {
        params.not_after = date_time_ymd(2021, 9, 30);
        params
    };
    let old =
        CertifiedIssuer::self_signed(over(authority("Old Root")), KeyPair::generate().unwrap()).unwrap();
    // The root's name and key, of an older root whose time is over.
    let cross = over(authority("Root")).signed_by(&root_key, &old).unwrap().der().clone();
    let root = CertifiedIssuer::self_signed(authority("Root"), root_key).unwrap();
    let key = KeyPair::generate().unwrap();
    // The intermediate as it was, and as it is.
    let former = over(authority("Intermediate")).signed_by(&key, &root).unwrap().der().clone();
    let intermediate = CertifiedIssuer::signed_by(authority("Intermediate"), key, &root).unwrap();
    let stray = World::new(&["other.example"], 2026).intermediate;
    let mut params = CertificateParams::new([SNI.to_owned()]).unwrap();
    params.not_after = date_time_ymd(2027, 1, 1);
    let leaf = params.signed_by(&KeyPair::generate().unwrap(), &intermediate).unwrap().der().clone();
    let sent = [leaf.clone(), former, stray, intermediate.der().clone(), cross.clone(), root.der().clone()];
    let relied = |roots: &str| {
        let roots = Roots::from_pem(roots.as_bytes()).unwrap();
        let examined = examine(SNI, &[], &sent, &[], &roots, now());
        (matches!(examined.path, Path::Trusted { .. }), examined.relied.unwrap())
    };
    let own = [fingerprint(&leaf), fingerprint(intermediate.der())];
    assert_eq!(relied(&root.pem()), (true, own.to_vec()));
    // Who knows neither root goes by signatures, and prefers what is in its time.
    let whole = [own.to_vec(), vec![fingerprint(root.der())]].concat();
    assert_eq!(relied(&World::new(&[], 2026).root_pem), (false, whole));
}

#[test]
fn a_path_by_signatures_is_looked_for_only_so_long() {
    let world = World::new(&[SNI], 2026);
    let others: Vec<_> = (0..40).map(|_| World::new(&[], 2026).intermediate).collect();
    let mut chain = vec![&world.leaf];
    chain.extend(&others);
    chain.push(&world.intermediate);
    let roots = Roots::from_pem(others_root().as_bytes()).unwrap();
    let sent: Vec<_> = chain.into_iter().cloned().collect();
    let examined = examine(SNI, &[], &sent, &[], &roots, now());
    assert_eq!(examined.relied, Some(vec![fingerprint(&world.leaf)]));
}

fn others_root() -> String {
    World::new(&[], 2026).root_pem
}

#[test]
fn what_a_certificate_is_for_is_told_in_words_and_numbers() {
    let world = World::new(&[SNI], 2026);
    let root = CertifiedIssuer::self_signed(authority("Root"), KeyPair::generate().unwrap()).unwrap();
    let mut params = CertificateParams::new([SNI.to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let leaf = params.signed_by(&KeyPair::generate().unwrap(), &root).unwrap().der().clone();
    assert_eq!(certificate(&leaf).purposes, Some(vec!["1.3.6.1.5.5.7.3.2".to_owned()]));
    assert_eq!(certificate(&world.leaf).purposes, None);
    let roots = Roots::from_pem(root.pem().as_bytes()).unwrap();
    let examined = examine(SNI, &[], &[leaf], &[], &roots, now());
    assert_eq!(fault(&examined), PathFault::Purpose);
    let Path::Untrusted { reason, .. } = &examined.path else { panic!("trusted") };
    assert_eq!(reason, "not meant for TLS servers (extended key usage: 1.3.6.1.5.5.7.3.2)");
}

#[test]
fn a_self_signed_certificate_is_called_so_whatever_else_is_wrong() {
    let world = World::new(&[SNI], 2026);
    for ca in [false, true] {
        for year in [2020, 2026] {
            let mut params = CertificateParams::new([SNI.to_owned()]).unwrap();
            params.not_before = date_time_ymd(year, 1, 1);
            params.not_after = date_time_ymd(year + 1, 1, 1);
            if ca {
                params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            }
            let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone();
            let examined = world.examine(&[&der], &[], now());
            assert_eq!(fault(&examined), PathFault::SelfSigned);
            assert!(examined.name_matches && examined.ordered);
        }
    }
    // The same name is not the same key.
    let stranger = World::new(&[SNI], 2026);
    let mut params = authority("Root");
    params.is_ca = IsCa::NoCa;
    let root = CertifiedIssuer::self_signed(authority("Root"), KeyPair::generate().unwrap()).unwrap();
    let der = params.signed_by(&KeyPair::generate().unwrap(), &root).unwrap().der().clone();
    assert_eq!(fault(&stranger.examine(&[&der], &[], now())), PathFault::UnknownIssuer);
}

#[test]
fn order_is_that_of_signatures() {
    let world = World::new(&[SNI], 2026);
    let other = World::new(&[SNI], 2026);
    let (leaf, intermediate, root) = (&world.leaf, &world.intermediate, &world.root);
    for (chain, expected) in [
        (&[leaf, intermediate, root][..], true),
        (&[leaf, root, intermediate], false),
        (&[leaf, leaf], false),
        // Named alike, and signed by another key.
        (&[leaf, &other.intermediate], false),
    ] {
        assert_eq!(world.examine(chain, &[], now()).ordered, expected);
    }
    // webpki finds the path whatever the order.
    let examined = world.examine(&[leaf, root, intermediate], &[], now());
    assert!(matches!(examined.path, Path::Trusted { .. }));
}

fn tlsa(usage: u8, selector: u8, matching: u8, der: &[u8]) -> Tlsa {
    let selected = if selector == 0 { der.to_vec() } else { spki_of(der).unwrap() };
    let data = match matching {
        0 => selected,
        1 => Sha256::digest(&selected).to_vec(),
        _ => Sha512::digest(&selected).to_vec(),
    };
    Tlsa { usage, selector, matching, data }
}

#[test]
fn every_record_says_what_it_matches() {
    let world = World::new(&[SNI], 2026);
    let (leaf, intermediate, root) = (&world.leaf, &world.intermediate, &world.root);
    let chain = [leaf, intermediate, root];
    let mut expected = BTreeMap::new();
    let mut records = Vec::new();
    for selector in [0, 1] {
        for matching in [0, 1, 2] {
            for (usage, der, matched) in [
                (3, leaf, true),
                (3, intermediate, false),
                (2, intermediate, true),
                (2, root, true),
                (2, leaf, false),
                (1, leaf, false),
                (0, root, false),
            ] {
                let record = tlsa(usage, selector, matching, der);
                let hashes = if matched { vec![fingerprint(der)] } else { Vec::new() };
                records.push(record.clone());
                expected.insert(record, hashes);
            }
        }
    }
    assert_eq!(world.examine(&chain, &records, now()).tlsa, expected);
}

#[test]
fn names_and_dates_count_for_trust_anchors_alone() {
    for (names, at, anchor) in [
        (&[SNI][..], now(), true),
        (&["example"], now(), true),
        (&["other.example"], now(), false),
        (&[SNI], "2028-01-01T00:00:00Z".parse().unwrap(), false),
    ] {
        let world = World::new(names, 2026);
        let records = [tlsa(2, 1, 1, &world.intermediate), tlsa(3, 1, 1, &world.leaf)];
        let examined = world.examine(&[&world.leaf, &world.intermediate], &records, at);
        assert_eq!(examined.tlsa[&records[0]].len(), usize::from(anchor), "{names:?}");
        assert_eq!(examined.tlsa[&records[1]].len(), 1);
    }
}

#[test]
fn a_certificate_says_what_it_is() {
    let rsa = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    for (key, expected, oid, hash) in [
        (rsa, Key::Rsa { bits: 2048 }, "1.2.840.113549.1.1.11", Some("SHA-256")),
        (
            KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap(),
            Key::Ec { oid: "1.3.132.0.34".to_owned() },
            "1.2.840.10045.4.3.3",
            Some("SHA-384"),
        ),
        (KeyPair::generate_for(&PKCS_ED25519).unwrap(), Key::Ed25519, "1.3.101.112", None),
    ] {
        let mut params =
            CertificateParams::new((0..30).map(|at| format!("MX{at}.example")).collect::<Vec<_>>()).unwrap();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CountryName, "DE");
        params.distinguished_name.push(DnType::OrganizationName, "A, B");
        params.distinguished_name.push(DnType::CommonName, "<b>\n");
        params.not_after = date_time_ymd(9999, 12, 31);
        let der = params.self_signed(&key).unwrap().der().clone();
        let seen = certificate(&der);
        assert_eq!(
            (seen.key, seen.signature_oid.as_str(), seen.signature_hash.as_deref()),
            (expected, oid, hash)
        );
        assert_eq!(seen.subject, "CN=\\<b\\>\\0A,O=A\\, B,C=DE");
        assert_eq!((seen.names.len(), seen.names_count), (20, 30));
        assert_eq!(seen.names[0], "mx0.example");
        assert!(seen.self_issued && !seen.ca && seen.unreadable.is_none() && seen.scts == 0);
        assert!(seen.not_after >= Timestamp::MAX - jiff::SignedDuration::from_hours(24 * 2));
    }
}

#[test]
fn what_does_not_read_is_said() {
    let seen = certificate(b"no certificate");
    assert!(seen.unreadable.is_some() && seen.der.is_some());
    let world = World::new(&[SNI], 2026);
    let odd = CertificateDer::from(b"no certificate".to_vec());
    let whole = tlsa(3, 0, 1, &odd);
    // The digest of nothing is no key of what has none.
    let nothing = Tlsa { usage: 3, selector: 1, matching: 1, data: Sha256::digest(b"").to_vec() };
    let examined = world.examine(&[&odd], &[whole.clone(), nothing.clone()], now());
    assert_eq!(fault(&examined), PathFault::Other);
    assert!(!examined.name_matches);
    assert_eq!(examined.tlsa[&whole], [fingerprint(&odd)]);
    assert!(examined.tlsa[&nothing].is_empty());
    assert_eq!(fault(&world.examine(&[], &[whole], now())), PathFault::Other);
}

#[test]
fn strings_of_old_kinds_read_and_long_ones_are_cut() {
    let mut params = CertificateParams::new([SNI.to_owned()]).unwrap();
    params.distinguished_name = DistinguishedName::new();
    let bmp = rcgen::string::BmpString::try_from("Zürich").unwrap();
    params.distinguished_name.push(DnType::LocalityName, DnValue::BmpString(bmp));
    params.distinguished_name.push(DnType::CommonName, "x".repeat(5000));
    let seen = certificate(params.self_signed(&KeyPair::generate().unwrap()).unwrap().der());
    assert_eq!(seen.subject.len(), 512);
    let mut params = params.clone();
    params.distinguished_name.remove(DnType::CommonName);
    let seen = certificate(params.self_signed(&KeyPair::generate().unwrap()).unwrap().der());
    assert_eq!(seen.subject, "L=Zürich");
}

proptest! {
    #[test]
    fn no_octets_make_it_panic_or_grow(
        changes in prop::collection::vec((0_usize..4000, any::<u8>()), 1..12),
        cut in 0_usize..2000,
    ) {
        static SOUND: std::sync::LazyLock<(World, Vec<u8>)> = std::sync::LazyLock::new(|| {
            let world = World::new(&[SNI, "*.example"], 2026);
            let der = world.leaf.to_vec();
            (world, der)
        });
        let mut der = SOUND.1.clone();
        for (at, octet) in changes {
            let length = der.len();
            der[at % length] = octet;
        }
        der.truncate(der.len().saturating_sub(cut / 4).max(1));
        let seen = certificate(&der);
        prop_assert!(seen.subject.len() <= 512 && seen.issuer.len() <= 512 && seen.names.len() <= 20);
        prop_assert!(seen.names.iter().all(|name| name.len() <= 255));
        let der = CertificateDer::from(der);
        let records = [tlsa(3, 0, 1, &der), tlsa(2, 1, 1, &SOUND.0.intermediate)];
        SOUND.0.examine(&[&der, &SOUND.0.intermediate], &records, now());
    }
}
