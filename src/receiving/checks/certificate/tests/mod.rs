//! The checks of certificates, a case for each word.

use crate::receiving::checks::certificate::caa::caa;
use crate::receiving::checks::certificate::caa_issuer::issuer;
use crate::receiving::checks::certificate::chain_order::chain_order;
use crate::receiving::checks::certificate::expiry::expiry;
use crate::receiving::checks::certificate::key::key;
use crate::receiving::checks::certificate::name::name;
use crate::receiving::checks::certificate::renewal::renewal;
use crate::receiving::checks::certificate::signature::signature;
use crate::receiving::checks::certificate::trust::trust;
use crate::receiving::checks::tests::sample::{
    self, ISSUER, LEAF, check_all, count, in_days, inconclusive, is, items, not_applicable,
};
use crate::receiving::checks::{Inapplicable, Item, Unknown, Word};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{
    Answer, CodePoints, Evidence, Examined, Flight, Hello, Key, Path, PathFault, Probe, Question,
    RealHandshake, Stopped,
};

/// A second certificate's SHA-256.
const SECOND: &str = "3333333333333333333333333333333333333333333333333333333333333333";

fn untrusted(evidence: &mut Evidence, fault: PathFault) {
    evidence.examined[0].path = Path::Untrusted { fault, reason: "no".to_owned() };
}

fn flight(chain: &[&str]) -> Probe {
    let hello = Hello {
        version: TlsVersion::TLS12,
        suites: CodePoints(vec![0xc02f]),
        groups: CodePoints::default(),
        schemes: CodePoints::default(),
        compression: false,
        share: None,
    };
    let flight = Flight {
        version: TlsVersion::TLS12,
        suite: 0xc02f,
        retry: false,
        group: None,
        dh: None,
        scheme: None,
        compression: 0,
        extensions: CodePoints::default(),
        chain: chain.iter().map(|sha256| (*sha256).to_owned()).collect(),
        client_certificate: false,
        complete: true,
    };
    Probe { step: "second".to_owned(), question: Question::Hello(hello), answer: Answer::Flight(flight) }
}

/// A second certificate on the first address: self-signed, of RSA and for another name.
fn second(evidence: &mut Evidence) {
    let mut certificate = evidence.certificates[LEAF].clone();
    certificate.key = Key::Rsa { bits: 2048 };
    certificate.self_issued = true;
    certificate.ca = true;
    certificate.not_after = in_days(3);
    evidence.certificates.insert(SECOND.to_owned(), certificate);
    evidence.examined.push(Examined {
        chain: vec![SECOND.to_owned()],
        path: Path::Untrusted { fault: PathFault::SelfSigned, reason: "self-signed".to_owned() },
        name_matches: false,
        ..evidence.examined[0].clone()
    });
    evidence.servers[0].probes.push(flight(&[SECOND]));
}

/// The first address sends one more, of this kind, which no path needs.
fn stray(evidence: &mut Evidence, bend: impl Fn(&mut crate::shared::evidence::scan::Certificate)) {
    let mut stray = evidence.certificates[ISSUER].clone();
    stray.subject = "CN=Stray".to_owned();
    bend(&mut stray);
    evidence.certificates.insert(SECOND.to_owned(), stray);
    let chain = vec![LEAF.to_owned(), ISSUER.to_owned(), SECOND.to_owned()];
    let host = evidence.examined[0].host.clone();
    for examined in evidence.examined.iter_mut().filter(|examined| examined.host == host) {
        examined.chain.clone_from(&chain);
    }
    for server in evidence.servers.iter_mut().filter(|server| server.host == host) {
        let Some(RealHandshake::Completed(completed)) = &mut server.handshake else { panic!("no handshake") };
        completed.chain.clone_from(&chain);
    }
}

/// As before it was kept which certificates a verifier goes over.
fn long_ago(evidence: &mut Evidence) {
    evidence.examined.iter_mut().for_each(|examined| examined.relied = None);
}

/// A verifier goes over none of them (R6).
#[test]
fn what_is_merely_sent_along_does_not_count() {
    let p256 = || Item::Key(Key::Ec { oid: "1.2.840.10045.3.1.7".to_owned() });
    check_all(
        key,
        vec![
            (|e| stray(e, |stray| stray.key = Key::Rsa { bits: 1024 }), items(vec![p256()])),
            (
                |e| {
                    stray(e, |stray| stray.key = Key::Rsa { bits: 1024 });
                    long_ago(e);
                },
                items(vec![p256()]),
            ),
        ],
    );
    check_all(
        expiry,
        vec![
            (|e| stray(e, |stray| stray.not_after = in_days(-1)), count(60)),
            // An older issuer of the same name, of which the path cannot have been.
            (
                |e| {
                    let name = e.certificates[ISSUER].subject.clone();
                    stray(e, |stray| (stray.not_after, stray.subject) = (in_days(-1), name.clone()));
                    long_ago(e);
                },
                count(60),
            ),
            // Without a sound path it counts as far as names lead.
            (
                |e| {
                    untrusted(e, PathFault::Expired);
                    e.certificates.get_mut(ISSUER).unwrap().not_after = in_days(-1);
                    long_ago(e);
                },
                count(0),
            ),
        ],
    );
    check_all(
        chain_order,
        vec![
            (|e| stray(e, |_| {}), is(Word::Ordered)),
            (|e| stray(e, |stray| stray.not_after = in_days(-1)), is(Word::Expired)),
        ],
    );
}

#[test]
fn a_renewal_is_due_by_the_share_of_the_lifetime() {
    let lives = |from: i64, until: i64| {
        let mut evidence = sample::perfect();
        for certificate in evidence.certificates.values_mut() {
            (certificate.not_before, certificate.not_after) = (in_days(from), in_days(until));
        }
        renewal(&evidence, sample::now())[0].measured.clone()
    };
    // A third of 45 days, half of six, and what is late for 90 days though it were early for six.
    for ((from, until), percent) in [
        ((-30, 15), 33),
        ((-3, 3), 50),
        ((-80, 10), 11),
        ((-398, 1), 1),
        ((-45, 0), 0),
        ((-45, -9), 0),
        ((2, 47), 100),
    ] {
        assert_eq!(lives(from, until), count(percent), "{from} {until}");
    }
    check_all(renewal, vec![(second, count(9)), (cut_short, inconclusive(Unknown::Limited))]);
}

fn no_handshake(evidence: &mut Evidence, our_limit: bool) {
    evidence.servers[0].handshake =
        Some(RealHandshake::Failed { alert: None, our_limit, reason: "no".to_owned() });
}

/// The first address stops before all is asked.
fn cut_short(evidence: &mut Evidence) {
    evidence.servers[0].stopped = Some(Stopped::Limited { reason: "421".to_owned() });
}

#[test]
fn every_certificate_counts_for_trust_and_name() {
    check_all(
        trust,
        vec![
            (|_| {}, is(Word::Trusted)),
            (|e| untrusted(e, PathFault::SelfSigned), is(Word::SelfSigned)),
            (|e| untrusted(e, PathFault::UnknownIssuer), is(Word::Untrusted)),
            (|e| untrusted(e, PathFault::Other), is(Word::Untrusted)),
            (|e| untrusted(e, PathFault::Purpose), is(Word::Unfit)),
            (|e| untrusted(e, PathFault::Expired), is(Word::Expired)),
            (|e| untrusted(e, PathFault::NotYetValid), is(Word::NotYetValid)),
            (second, is(Word::SelfSigned)),
            (|e| e.examined.clear(), inconclusive(Unknown::Cut)),
            (|e| drop(e.certificates.remove(ISSUER)), inconclusive(Unknown::Cut)),
            (|e| no_handshake(e, true), inconclusive(Unknown::OurLimit)),
            (|e| no_handshake(e, false), inconclusive(Unknown::NoAnswer)),
            (cut_short, inconclusive(Unknown::Limited)),
            (
                |e| {
                    cut_short(e);
                    untrusted(e, PathFault::Expired);
                },
                is(Word::Expired),
            ),
            (
                |e| {
                    no_handshake(e, true);
                    e.servers[0].probes.push(flight(&[]));
                },
                not_applicable(Inapplicable::NoCertificate),
            ),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ],
    );
    check_all(
        name,
        vec![
            (|_| {}, is(Word::Matched)),
            (|e| e.examined[0].name_matches = false, is(Word::Unmatched)),
            (second, is(Word::Unmatched)),
            (cut_short, inconclusive(Unknown::Limited)),
            (|e| e.servers.clear(), inconclusive(Unknown::Cut)),
        ],
    );
}

#[test]
fn keys_and_signatures_of_all_but_the_root_are_named() {
    let p256 = || Item::Key(Key::Ec { oid: "1.2.840.10045.3.1.7".to_owned() });
    check_all(
        key,
        vec![
            (|_| {}, items(vec![p256()])),
            (second, items(vec![p256(), Item::Key(Key::Rsa { bits: 2048 })])),
            (
                |e| e.certificates.get_mut(ISSUER).unwrap().key = Key::Rsa { bits: 1024 },
                items(vec![p256(), Item::Key(Key::Rsa { bits: 1024 })]),
            ),
            // The root's own key is not the server's matter.
            (
                |e| {
                    let root = e.certificates.get_mut(ISSUER).unwrap();
                    (root.key, root.self_issued) = (Key::Rsa { bits: 1024 }, true);
                },
                items(vec![p256()]),
            ),
            (|e| no_handshake(e, true), inconclusive(Unknown::OurLimit)),
        ],
    );
    let sha256 =
        || Item::Signature { oid: "1.2.840.10045.4.3.2".to_owned(), hash: Some("SHA-256".to_owned()) };
    let sha1 = || Item::Signature { oid: "1.2.840.113549.1.1.5".to_owned(), hash: Some("SHA-1".to_owned()) };
    check_all(
        signature,
        vec![
            (|_| {}, items(vec![sha256()])),
            (
                |e| {
                    let leaf = e.certificates.get_mut(LEAF).unwrap();
                    leaf.signature_oid = "1.2.840.113549.1.1.5".to_owned();
                    leaf.signature_hash = Some("SHA-1".to_owned());
                },
                items(vec![sha1(), sha256()]),
            ),
        ],
    );
}

#[test]
fn the_first_to_expire_counts_and_a_day_begun_is_a_day() {
    check_all(
        expiry,
        vec![
            (|_| {}, count(60)),
            (second, count(3)),
            (|e| e.certificates.get_mut(ISSUER).unwrap().not_after = in_days(-1), count(0)),
            (
                |e| e.certificates.get_mut(LEAF).unwrap().not_after = "2026-11-01T00:00:01Z".parse().unwrap(),
                count(1),
            ),
            (|e| e.examined.clear(), inconclusive(Unknown::Cut)),
        ],
    );
    check_all(
        chain_order,
        vec![
            (|_| {}, is(Word::Ordered)),
            (second, is(Word::Ordered)),
            (|e| e.examined[0].ordered = false, is(Word::Misordered)),
            (|e| e.certificates.get_mut(ISSUER).unwrap().self_issued = true, is(Word::RootSent)),
            (|e| no_handshake(e, false), inconclusive(Unknown::NoAnswer)),
        ],
    );
}

fn set_caa(evidence: &mut Evidence, tag: &str, value: &str) {
    let caa = &mut evidence.mx[0].caa[1];
    let record =
        crate::shared::evidence::scan::CaaRecord { flags: 0, tag: tag.to_owned(), value: value.to_owned() };
    caa.answer = crate::shared::evidence::scan::NameAnswer::Records { records: vec![record] };
}

fn issued_by(evidence: &mut Evidence, issuer: &str, allowed: &str) {
    set_caa(evidence, "issue", allowed);
    issuer.clone_into(&mut evidence.certificates.get_mut(LEAF).unwrap().issuer);
}

#[test]
fn caa_is_of_the_host_or_the_nearest_name_above() {
    check_all(
        caa,
        vec![
            (|_| {}, is(Word::Present)),
            (|e| set_caa(e, "iodef", "mailto:a@example.net"), is(Word::Incomplete)),
            (|e| set_caa(e, "issue", "two words"), is(Word::Invalid)),
            (|e| set_caa(e, "iodef", "ftp://example.net/"), is(Word::Invalid)),
            (|e| drop(e.mx[0].caa.pop()), is(Word::Absent)),
            (
                |e| {
                    set_caa(e, "iodef", "mailto:a@example.net");
                    sample::leaves_out(e, |e| e.mx[0].caa[1].clone());
                },
                inconclusive(Unknown::Cut),
            ),
            (|e| sample::times_out(&mut e.mx[0].caa[0]), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.mx[0].caa[1]), inconclusive(Unknown::DnsBogus)),
            (|e| e.mx[0].caa.clear(), inconclusive(Unknown::Cut)),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ],
    );
    check_all(
        issuer,
        vec![
            (|e| issued_by(e, "CN=R11,O=Let's Encrypt,C=US", "letsencrypt.org"), is(Word::Agrees)),
            (|e| issued_by(e, "CN=R11,O=Let's Encrypt,C=US", "LetsEncrypt.org; x=1"), is(Word::Agrees)),
            (|e| issued_by(e, "CN=R11,O=Let's Encrypt,C=US", "pki.goog"), is(Word::Disagrees)),
            (|e| issued_by(e, "CN=R11,O=Let's Encrypt,C=US", ";"), is(Word::Disagrees)),
            (|_| {}, inconclusive(Unknown::UnlistedIssuer)),
            (|e| set_caa(e, "issuewild", ";"), not_applicable(Inapplicable::NoRecord)),
            (|e| drop(e.mx[0].caa.pop()), not_applicable(Inapplicable::NoRecord)),
            (|e| untrusted(e, PathFault::SelfSigned), not_applicable(Inapplicable::NoCertificate)),
            (|e| sample::times_out(&mut e.mx[0].caa[0]), inconclusive(Unknown::DnsFailed)),
            (|e| e.examined.clear(), inconclusive(Unknown::Cut)),
        ],
    );
}
