//! Zones by every algorithm, delegations that name several, signatures that must not count.

use hickory_proto::dnssec::PublicKey as _;
use hickory_proto::dnssec::crypto::{Ed25519SigningKey, RsaSigningKey};
use hickory_proto::dnssec::rdata::NSEC;
use rustls::pki_types::PrivatePkcs8KeyDer;

use super::*;
use crate::shared::evidence::scan::ExtendedError;

/// Ed448, which nobody here can sign by.
const ED448: Algorithm = Algorithm::Unknown(16);
/// An algorithm that nobody knows.
const UNKNOWN: Algorithm = Algorithm::Unknown(250);

/// The key of a zone, of an algorithm of choice.
pub(super) fn signer_of(zone: &str, algorithm: Algorithm) -> DnssecSigner {
    let key: Box<dyn SigningKey> = match algorithm {
        Algorithm::ED25519 => {
            let pkcs8 = Ed25519SigningKey::generate_pkcs8().expect("a key");
            Box::new(Ed25519SigningKey::from_pkcs8(&pkcs8).expect("a key"))
        }
        Algorithm::RSASHA256 | Algorithm::RSASHA512 => {
            use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
            let key = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).expect("a key");
            let der: Pkcs8V1Der<'_> = key.as_der().expect("octets");
            let pkcs8 = PrivatePkcs8KeyDer::from(der.as_ref().to_vec());
            Box::new(RsaSigningKey::from_pkcs8(&pkcs8, algorithm).expect("a key"))
        }
        _ => {
            let pkcs8 = EcdsaSigningKey::generate_pkcs8(algorithm).expect("a key");
            Box::new(EcdsaSigningKey::from_pkcs8(&pkcs8, algorithm).expect("a key"))
        }
    };
    let public = key.to_public_key().expect("a key");
    DnssecSigner::new(DNSKEY::with_flags(257, public), key, name(zone), Duration::from_secs(86_400))
}

/// The DS record of a key.
pub(super) fn ds(of: &DnssecSigner, digest: DigestType) -> RData {
    let key = of.to_dnskey();
    let octets = key.to_digest(of.signer_name(), digest).expect("a digest").as_ref().to_vec();
    let tag = key.calculate_key_tag().expect("a tag");
    RData::DNSSEC(DNSSECRData::DS(DS::new(tag, key.public_key().algorithm(), digest, octets)))
}

/// A DS record of nobody's key.
fn no_ones(algorithm: Algorithm, digest: DigestType) -> RData {
    RData::DNSSEC(DNSSECRData::DS(DS::new(4711, algorithm, digest, vec![7; 32])))
}

/// A key that only looks like one.
fn no_key(algorithm: Algorithm) -> DNSKEY {
    DNSKEY::with_flags(257, PublicKeyBuf::new(vec![7; 57], algorithm))
}

/// A signature that only looks like one, by a key that does.
fn no_signature(over: &RecordSet, by: &DnssecSigner, key: &DNSKEY) -> Record {
    let made = signature(over, by);
    let Some(mut input) = super::super::signatures::signature(&made).map(|made| made.input().clone()) else {
        unreachable!("it is a signature")
    };
    input.algorithm = key.public_key().algorithm();
    input.key_tag = key.calculate_key_tag().expect("a tag");
    let data = RData::DNSSEC(DNSSECRData::RRSIG(RRSIG::from_sig(input, vec![7; 114])));
    Record::from_rdata(over.name().clone(), 300, data)
}

impl Root {
    /// A delegation by one zone to another: the DS records as the one signs them, the other's key as it signs it.
    pub(super) fn delegate(&mut self, by: Option<&DnssecSigner>, to: &DnssecSigner, ds: Vec<RData>) {
        let zone = to.signer_name().to_ascii();
        let records = signed(&set(&zone, ds), by.unwrap_or(&self.signer));
        self.lay(&question(&zone, RecordType::DS), records);
        self.lay(&question(&zone, RecordType::DNSKEY), signed(&set(&zone, [key(to.to_dnskey())]), to));
    }

    /// An unsigned zone below the root, or below `by`.
    pub(super) fn leave_unsigned(&mut self, by: Option<&DnssecSigner>, zone: &str) {
        self.deny_ds(by, zone, RecordType::NS);
    }

    /// No DS at a name that has records of `rtype`.
    pub(super) fn deny_ds(&mut self, by: Option<&DnssecSigner>, owner: &str, rtype: RecordType) {
        let by = by.unwrap_or(&self.signer);
        let asked = question(owner, RecordType::DS);
        let mut answer = message(&asked, []);
        let apex = by.signer_name().to_ascii();
        answer.add_authorities(signed(&set(&apex, [RData::SOA(soa())]), by));
        answer.add_authorities(signed(&set(owner, [nsec(owner, &[rtype])]), by));
        self.zones.answers.insert(asked, answer);
    }
}

/// What a name has, and that nothing is behind it before `zz.` below.
fn nsec(owner: &str, types: &[RecordType]) -> RData {
    let types = types.iter().copied().chain([RecordType::NSEC, RecordType::RRSIG]);
    RData::DNSSEC(DNSSECRData::NSEC(NSEC::new(name(&format!("zz.{owner}")), types)))
}

fn soa() -> SOA {
    SOA::new(name("ns."), name("hostmaster."), 1, 1, 1, 1, 300)
}

/// What comes of an address in a zone that has `ds` at the root, and `by` to sign it.
async fn of_zone(by: &DnssecSigner, ds: Vec<RData>) -> Result<Security, Box<Fault>> {
    let mut root = Root::new(|_| Vec::new());
    root.delegate(None, by, ds);
    let (asked, answer) = address_of(by);
    root.judge(&asked, &answer).await.0
}

/// The address of `a` in a zone, signed.
fn address_of(by: &DnssecSigner) -> (Question, Message) {
    let owner = format!("a.{}", by.signer_name());
    let asked = question(&owner, RecordType::A);
    let answer = message(&asked, signed(&set(&owner, [address()]), by));
    (asked, answer)
}

fn reason(judged: &Result<Security, Box<Fault>>) -> String {
    let broken = judged.as_ref().err().and_then(|fault| fault.broken.as_ref());
    broken.map(ToString::to_string).unwrap_or_default()
}

const ALL: [Algorithm; 5] = [
    Algorithm::RSASHA256,
    Algorithm::RSASHA512,
    Algorithm::ECDSAP256SHA256,
    Algorithm::ECDSAP384SHA384,
    Algorithm::ED25519,
];

#[tokio::test]
async fn a_zone_of_any_algorithm_in_use_validates_and_breaks() {
    for algorithm in ALL {
        for digest in [DigestType::SHA1, DigestType::SHA256, DigestType::SHA384] {
            let by = signer_of("x.", algorithm);
            let judged = of_zone(&by, vec![ds(&by, digest)]).await;
            assert_eq!(judged, Ok(Security::Secure), "{algorithm} {digest:?}");
        }
        let by = signer_of("x.", algorithm);
        let mut root = Root::new(|_| Vec::new());
        root.delegate(None, &by, vec![ds(&by, DigestType::SHA256)]);
        let asked = question("a.x.", RecordType::A);
        let answer = message(&asked, forged("a.x.", address(), &by, 1));
        let judged = root.judge(&asked, &answer).await.0;
        assert!(reason(&judged).ends_with("does not verify"), "{algorithm}: {judged:?}");
        // A DS record of another key.
        let judged = of_zone(&by, vec![ds(&signer_of("x.", algorithm), DigestType::SHA256)]).await;
        assert!(reason(&judged).starts_with("no key of `x.`"), "{algorithm}: {judged:?}");
    }
}

#[tokio::test]
async fn zones_of_several_algorithms_below_each_other() {
    let (x, y, z) = (
        signer_of("x.", Algorithm::ED25519),
        signer_of("y.x.", Algorithm::ECDSAP384SHA384),
        signer_of("z.y.x.", Algorithm::ECDSAP256SHA256),
    );
    let root = || {
        let mut root = Root::new(|_| Vec::new());
        root.delegate(None, &x, vec![ds(&x, DigestType::SHA256)]);
        root.delegate(Some(&x), &y, vec![ds(&y, DigestType::SHA384)]);
        root.delegate(Some(&y), &z, vec![ds(&z, DigestType::SHA256)]);
        root.leave_unsigned(Some(&y), "u.y.x.");
        root
    };
    let (asked, answer) = address_of(&z);
    assert_eq!(root().judge(&asked, &answer).await.0, Ok(Security::Secure));
    // A denial.
    let asked = question("y.x.", RecordType::MX);
    let mut denial = message(&asked, signed(&set("y.x.", [RData::SOA(soa())]), &y));
    denial.authorities = std::mem::take(&mut denial.answers);
    let broken = denial.clone();
    let proof = nsec("y.x.", &[RecordType::SOA, RecordType::NS]);
    denial.add_authorities(signed(&set("y.x.", [proof]), &y));
    assert_eq!(root().judge(&asked, &denial).await.0, Ok(Security::Secure));
    let judged = root().judge(&asked, &broken).await.0;
    assert!(reason(&judged).starts_with("the denial"), "{judged:?}");
    // What is not signed, where it need not be and where it must.
    let unsigned = |owner: &str| {
        let asked = question(owner, RecordType::A);
        let answer = message(&asked, set(owner, [address()]).records_without_rrsigs().cloned());
        (asked, answer)
    };
    let (asked, answer) = unsigned("u.y.x.");
    assert_eq!(root().judge(&asked, &answer).await.0, Ok(Security::Insecure));
    let (asked, answer) = unsigned("z.y.x.");
    let judged = root().judge(&asked, &answer).await.0;
    assert_eq!(reason(&judged), "there is no signature", "{judged:?}");
}

#[tokio::test]
async fn any_one_way_down_is_enough() {
    let by = signer_of("x.", Algorithm::ED25519);
    let good = || ds(&by, DigestType::SHA256);
    let sha256 = DigestType::SHA256;
    for (case, records, expected) in [
        (
            "a key of another algorithm that is gone",
            vec![no_ones(Algorithm::ECDSAP256SHA256, sha256), good()],
            true,
        ),
        ("an algorithm that nobody knows beside it", vec![no_ones(UNKNOWN, sha256), good()], true),
        ("Ed448 beside it", vec![no_ones(ED448, sha256), good()], true),
        (
            "a digest that nobody knows beside it",
            vec![no_ones(Algorithm::ED25519, DigestType::Unknown(99)), good()],
            true,
        ),
        ("nothing but an algorithm that nobody knows", vec![no_ones(UNKNOWN, sha256)], false),
        (
            "nothing but a digest that nobody knows",
            vec![no_ones(Algorithm::ED25519, DigestType::Unknown(99))],
            false,
        ),
        ("Ed448 by a digest that nobody knows", vec![no_ones(ED448, DigestType::Unknown(99))], false),
    ] {
        let expected = if expected { Security::Secure } else { Security::Insecure };
        assert_eq!(of_zone(&by, records).await, Ok(expected), "{case}");
    }
    for beside in [vec![], vec![no_ones(UNKNOWN, sha256)]] {
        let judged = of_zone(&by, [vec![no_ones(ED448, sha256)], beside].concat()).await;
        assert_eq!(limit(&judged), Some(DnsLimit::Ed448), "{judged:?}");
    }
}

#[tokio::test]
async fn what_only_ed448_signs_beside_another_is_our_limit() {
    let (by, other) = (signer_of("x.", Algorithm::ECDSAP256SHA256), no_key(ED448));
    let owner = "a.x.";
    let records = set(owner, [address()]);
    let lone = no_signature(&records, &by, &other);
    for (case, signatures, expected) in [
        ("by Ed448 alone", vec![lone.clone()], Some(DnsLimit::Ed448)),
        ("by both", vec![lone.clone(), signature(&records, &by)], None),
    ] {
        let mut root = Root::new(|_| Vec::new());
        root.delegate(None, &by, vec![ds(&by, DigestType::SHA256)]);
        let keys = set("x.", [key(by.to_dnskey()), key(other.clone())]);
        root.lay(&question("x.", RecordType::DNSKEY), signed(&keys, &by));
        let asked = question(owner, RecordType::A);
        let answer = message(&asked, records.records_without_rrsigs().cloned().chain(signatures));
        let judged = root.judge(&asked, &answer).await.0;
        assert_eq!(limit(&judged), expected, "{case}: {judged:?}");
        assert!(expected.is_some() || judged == Ok(Security::Secure), "{case}: {judged:?}");
    }
}

#[tokio::test]
async fn out_of_its_time_is_told() {
    for (from_s, expected) in [(-100_000, "the signature ended"), (3600, "the signature begins")] {
        for algorithm in [Algorithm::ECDSAP256SHA256, Algorithm::ED25519] {
            let by = signer_of("x.", algorithm);
            let mut root = Root::new(|_| Vec::new());
            root.delegate(None, &by, vec![ds(&by, DigestType::SHA256)]);
            let asked = question("a.x.", RecordType::A);
            let records = set("a.x.", [address()]);
            let signature = signature_from(&records, &by, from_s);
            let answer = message(&asked, records.records_without_rrsigs().cloned().chain([signature]));
            let judged = root.judge(&asked, &answer).await.0;
            assert!(reason(&judged).starts_with(expected), "{algorithm}: {judged:?}");
        }
    }
}

/// While keys or algorithms change, signatures that are over, or by Ed448, lie beside the one that counts.
#[tokio::test]
async fn one_good_signature_of_several_is_enough() {
    let by = signer_of("x.", Algorithm::ED25519);
    let records = set("a.x.", [address()]);
    let other = no_key(ED448);
    let over = |from_s| signature_from(&records, &by, from_s);
    let beside = [over(-100_000), over(-200_000), over(3600), no_signature(&records, &by, &other)];
    let signatures = beside.into_iter().chain([signature(&records, &by)]);
    let mut root = Root::new(|_| Vec::new());
    root.delegate(None, &by, vec![ds(&by, DigestType::SHA256)]);
    let keys = set("x.", [key(by.to_dnskey()), key(other.clone())]);
    root.lay(&question("x.", RecordType::DNSKEY), signed(&keys, &by));
    let asked = question("a.x.", RecordType::A);
    let answer = message(&asked, records.records_without_rrsigs().cloned().chain(signatures));
    assert_eq!(root.judge(&asked, &answer).await.0, Ok(Security::Secure));
}

/// RFC 5011 §2.1: a key that is withdrawn signs itself once more, and its tag is another.
#[tokio::test]
async fn a_revoked_key_beside_the_one_in_use_does_no_harm() {
    for algorithm in [Algorithm::ECDSAP256SHA256, Algorithm::ED25519] {
        let (by, old) = (signer_of("x.", algorithm), signer_of("x.", algorithm));
        let revoked = DNSKEY::with_flags(257 | 128, old.dnskey().public_key().clone());
        let keys = set("x.", [key(by.to_dnskey()), key(revoked.clone())]);
        let mut root = Root::new(|_| Vec::new());
        // The parent still names the key as it was, too.
        let named = vec![ds(&old, DigestType::SHA256), ds(&by, DigestType::SHA256)];
        root.delegate(None, &by, named);
        let records = signed(&keys, &by).into_iter().chain([no_signature(&keys, &old, &revoked)]);
        root.lay(&question("x.", RecordType::DNSKEY), records);
        let (asked, answer) = address_of(&by);
        assert_eq!(root.judge(&asked, &answer).await.0, Ok(Security::Secure), "{algorithm}");
    }
}

/// Whoever can change an answer must not make it unsigned by the word of an unsigned zone (RFC 4035 §5.3.1).
#[tokio::test]
async fn a_zone_that_records_do_not_lie_in_signs_nothing() {
    let (x, stranger) = (signer_of("x.", Algorithm::ED25519), signer_of("u.", Algorithm::ED25519));
    let root = || {
        let mut root = Root::new(|_| Vec::new());
        root.delegate(None, &x, vec![ds(&x, DigestType::SHA256)]);
        root.leave_unsigned(None, "u.");
        root.deny_ds(Some(&x), "a.x.", RecordType::A);
        root
    };
    let asked = question("a.x.", RecordType::A);
    let records = set("a.x.", [address()]);
    let foreign = message(&asked, signed(&records, &stranger));
    let judged = root().judge(&asked, &foreign).await.0;
    assert_eq!(reason(&judged), "the signature is by `u.`, another zone", "{judged:?}");
    // Beside the zone's own it does no harm.
    let both = [signature(&records, &stranger), signature(&records, &x)];
    let both = message(&asked, records.records_without_rrsigs().cloned().chain(both));
    assert_eq!(root().judge(&asked, &both).await.0, Ok(Security::Secure));
    // A zone does not vouch for itself.
    let mut root = root();
    let itself = signed(&set("x.", [ds(&x, DigestType::SHA256)]), &x);
    root.lay(&question("x.", RecordType::DS), itself);
    let (asked, answer) = address_of(&x);
    let judged = root.judge(&asked, &answer).await.0;
    assert_eq!(reason(&judged), "the signature is by `x.`, another zone", "{judged:?}");
}

/// A resolver that fails, and says why (RFC 8914).
struct Explains;

impl Upstream for Explains {
    fn ask(&self, _: Question) -> Asking<'_, Result<Vec<u8>, NameFailure>> {
        Box::pin(async { Err(crate::shared::dns::failed("Server Failure")) })
    }

    fn explain(&self, _: Question) -> Asking<'_, Vec<ExtendedError>> {
        Box::pin(async { vec![ExtendedError { code: 22, text: "at 192.0.2.53".to_owned() }] })
    }
}

#[tokio::test]
async fn what_a_resolver_says_beside_an_error_is_kept() {
    let servers = Servers::Forwarder { addresses: Vec::new(), trust_anchors: String::new() };
    let settings = ResolverSettings::new(servers);
    let anchors = format!(". 3600 IN DNSKEY {}", signer(".").dnskey());
    let resolver = Resolver::over(Box::new(Explains), &anchors, settings, Arc::new(Timestamp::now));
    let looked = resolver.expect("a resolver").ask("a.test.", RecordType::A).await.looked;
    assert!(looked.unknown(), "{looked:?}");
    assert_eq!(looked.extended_errors, [ExtendedError { code: 22, text: "at 192.0.2.53".to_owned() }]);
}
