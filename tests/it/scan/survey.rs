//! What answers and refusals are taken to say.

use mailassay::shared::evidence::scan::{
    Answer, Authentication, CodePoints, Flight, Gap, Hello, Known, LookupResult, NameAnswer, Probe, Question,
    Reach, Server, Session, SessionFault, Stage, Stopped, Survey,
};
use mailassay::shared::evidence::{Alert, Security, TlsVersion};

const TLS10: TlsVersion = TlsVersion(0x0301);
const TLS11: TlsVersion = TlsVersion(0x0302);
const TLS12: TlsVersion = TlsVersion::TLS12;
const TLS13: TlsVersion = TlsVersion::TLS13;

pub(crate) fn server(probes: Vec<Probe>) -> Server {
    let nothing = LookupResult {
        name: String::new(),
        rtype: "PTR".into(),
        answer: NameAnswer::NotAsked,
        hops: vec![],
        security: Security::Insecure,
        broken: None,
        extended_errors: vec![],
        signature: None,
    };
    Server {
        host: "mx.example".into(),
        ip: "192.0.2.1".parse().unwrap(),
        at: jiff::Timestamp::UNIX_EPOCH,
        reach: Reach::Reached,
        session: Session::default(),
        handshake: None,
        probes,
        stopped: None,
        earlier: None,
        unasked: vec![],
        intrusive: None,
        ptr: nothing,
        probed_as: None,
        ptr_addresses: vec![],
        connections: 1,
    }
}

fn hello(version: TlsVersion, suites: &[u16]) -> Hello {
    Hello {
        version,
        suites: CodePoints(suites.to_vec()),
        groups: CodePoints(vec![0x1d, 0x17, 0x18, 0x19]),
        schemes: CodePoints(vec![0x0403, 0x0804, 0x0401, 0x0203, 0x0201]),
        compression: false,
        share: None,
    }
}

pub(crate) fn flight(version: TlsVersion, suite: u16) -> Flight {
    Flight {
        version,
        suite,
        retry: false,
        group: None,
        dh: None,
        scheme: None,
        compression: 0,
        extensions: CodePoints(vec![]),
        chain: vec![],
        client_certificate: false,
        complete: true,
    }
}

fn probe(hello: Hello, answer: Answer) -> Probe {
    Probe { step: "a".into(), question: Question::Hello(hello), answer }
}

fn chose(offer: Hello, version: TlsVersion, suite: u16) -> Probe {
    probe(offer, Answer::Flight(flight(version, suite)))
}

fn alert(offer: Hello, code: u8) -> Probe {
    probe(offer, Answer::Alert { alert: Alert(code) })
}

fn survey(probes: Vec<Probe>) -> Survey {
    Survey::of(&server(probes))
}

#[test]
fn a_refusal_of_bad_suites_is_none_of_the_version() {
    let seen = survey(vec![alert(hello(TLS12, &[0x0004, 0x0005]), 40)]);
    assert_eq!(seen.version(TLS12), Known::Unknown(Gap::NotAsked));
    assert_eq!(seen.suite(TLS12, 0x0004), Known::No);
    assert_eq!(seen.suite(TLS12, 0xc02f), Known::Unknown(Gap::NotAsked));
}

#[test]
fn a_suite_that_works_elsewhere_makes_a_refusal_one_of_the_version() {
    let seen =
        survey(vec![chose(hello(TLS12, &[0xc013]), TLS12, 0xc013), alert(hello(TLS11, &[0xc013, 5]), 40)]);
    assert_eq!(seen.version(TLS11), Known::No);
    assert_eq!(seen.version(TLS10), Known::Unknown(Gap::NotAsked));
    // A suite of TLS 1.2 alone says nothing of TLS 1.1.
    let seen =
        survey(vec![chose(hello(TLS12, &[0xc02f]), TLS12, 0xc02f), alert(hello(TLS11, &[0xc02f, 5]), 40)]);
    assert_eq!(seen.version(TLS11), Known::Unknown(Gap::NotAsked));
}

#[test]
fn protocol_version_speaks_of_the_older_ones_only_from_a_server_that_knows_a_newer_one() {
    let modern =
        survey(vec![chose(hello(TLS13, &[0x1301]), TLS13, 0x1301), alert(hello(TLS12, &[0xc02f]), 70)]);
    assert_eq!([TLS12, TLS11, TLS10].map(|v| modern.version(v)), [Known::No; 3]);
    let intolerant =
        survey(vec![alert(hello(TLS12, &[0xc02f, 0x2f]), 70), chose(hello(TLS10, &[0x2f]), TLS10, 0x2f)]);
    assert_eq!(intolerant.version(TLS12), Known::No);
    assert_eq!(intolerant.version(TLS11), Known::Unknown(Gap::NotAsked));
    assert_eq!(intolerant.version(TLS10), Known::Yes);
}

#[test]
fn a_lower_choice_refuses_those_above() {
    let seen = survey(vec![chose(hello(TLS12, &[0xc02f, 0x2f]), TLS10, 0x2f)]);
    assert_eq!([TLS12, TLS11, TLS10].map(|v| seen.version(v)), [Known::No, Known::No, Known::Yes]);
    assert_eq!(seen.suites(TLS10), [0x2f]);
}

#[test]
fn a_drop_is_a_refusal_only_in_company() {
    let drop = || probe(hello(TLS12, &[0x0004]), Answer::Dropped);
    let fine = || chose(hello(TLS12, &[0xc02f]), TLS12, 0xc02f);
    let known = |probes| survey(probes).suite(TLS12, 0x0004);
    assert_eq!(known(vec![drop()]), Known::Unknown(Gap::NoAnswer));
    assert_eq!(known(vec![fine(), drop()]), Known::Unknown(Gap::NoAnswer));
    assert_eq!(known(vec![drop(), drop()]), Known::Unknown(Gap::NoAnswer), "it never spoke TLS");
    assert_eq!(known(vec![fine(), drop(), fine()]), Known::No);
    assert_eq!(known(vec![fine(), drop(), drop()]), Known::No);
    let limited = || {
        let fault = SessionFault::Dropped { stage: Stage::Greeting };
        probe(hello(TLS12, &[0x0005]), Answer::NotPut { fault })
    };
    assert_eq!(known(vec![fine(), drop(), limited()]), Known::Unknown(Gap::NoAnswer));
    assert_eq!(survey(vec![fine(), limited()]).suite(TLS12, 0x0005), Known::Unknown(Gap::Limited));
}

#[test]
fn a_hash_counts_only_if_the_key_exchange_uses_it() {
    let narrow = |schemes: &[u16]| Hello { schemes: CodePoints(schemes.to_vec()), ..hello(TLS12, &[0xc02f]) };
    let answered = |scheme: u16| {
        let fine = chose(hello(TLS12, &[0xc02f]), TLS12, 0xc02f);
        let flight = Flight { scheme: Some(scheme), ..flight(TLS12, 0xc02f) };
        survey(vec![fine, probe(narrow(&[0x0201, 0x0301]), Answer::Flight(flight))])
    };
    assert_eq!(["SHA-1", "SHA-224"].map(|hash| answered(0x0804).hash(hash)), [Known::No; 2]);
    assert_eq!(answered(0x0804).hash("SHA-256"), Known::Yes);
    assert_eq!(answered(0x0201).hash("SHA-1"), Known::Yes);
    assert_eq!(answered(0x0201).hash("SHA-224"), Known::Unknown(Gap::NotAsked));
    let refused = survey(vec![chose(hello(TLS12, &[0xc02f]), TLS12, 0xc02f), alert(narrow(&[0x0201]), 40)]);
    assert_eq!(refused.hash("SHA-1"), Known::No);
    assert_eq!(refused.suite(TLS12, 0xc02f), Known::Yes);
    // Without a suite that is known to work, the refusal may be about the suites.
    assert!(survey(vec![alert(narrow(&[0x0201]), 40)]).hash("SHA-1").unknown());
}

#[test]
fn weak_groups_are_refused_only_with_a_suite_that_works() {
    let narrow = |suites: &[u16]| Hello { groups: CodePoints(vec![0x15, 0x01]), ..hello(TLS12, suites) };
    let fine = || chose(hello(TLS12, &[0xc02f]), TLS12, 0xc02f);
    assert_eq!(survey(vec![fine(), alert(narrow(&[0xc02f]), 40)]).group(false, 0x15), Known::No);
    assert!(survey(vec![fine(), alert(narrow(&[0xc030]), 40)]).group(false, 0x15).unknown());
    assert!(survey(vec![fine(), alert(narrow(&[0xc030]), 40)]).suite(TLS12, 0xc030).unknown());
}

#[test]
fn a_refusal_for_want_of_the_certificates_curve_is_none_of_the_others() {
    let with = |groups: &[u16]| Hello { groups: CodePoints(groups.to_vec()), ..hello(TLS12, &[0xc02b]) };
    let took = |groups: &[u16], group: u16| {
        probe(with(groups), Answer::Flight(Flight { group: Some(group), ..flight(TLS12, 0xc02b) }))
    };
    let known = |probes| survey(probes).group(false, 0x15);
    let fine = || chose(hello(TLS12, &[0xc02b]), TLS12, 0xc02b);
    let refused = || alert(with(&[0x15, 0x01]), 40);
    assert!(known(vec![fine(), refused()]).unknown());
    assert_eq!(known(vec![fine(), refused(), took(&[0x15, 0x01, 0x17], 0x17)]), Known::No);
    assert!(known(vec![fine(), refused(), took(&[0x17, 0x15, 0x01], 0x17)]).unknown(), "the client's order");
    assert!(known(vec![fine(), took(&[0x15, 0x01, 0x17], 0x17)]).unknown(), "the server's order");
    assert_eq!(known(vec![fine(), refused(), took(&[0x15, 0x01, 0x17], 0x15)]), Known::Yes);
}

#[test]
fn who_decides_shows_in_two_orders() {
    let asked = |first: u16, second: u16, offer: [u16; 3]| {
        let mut reversed = offer;
        reversed.reverse();
        let third = chose(hello(TLS12, &[offer[1]]), TLS12, offer[1]);
        survey(vec![
            third,
            chose(hello(TLS12, &offer), TLS12, first),
            chose(hello(TLS12, &reversed), TLS12, second),
        ])
        .server_decides
    };
    let plain = [0xc030, 0xc02f, 0xc014];
    assert_eq!(asked(0xc030, 0xc030, plain), Some(true));
    assert_eq!(asked(0xc030, 0xc014, plain), Some(false));
    // ChaCha20 in front: a server may give way to it and decide all the same.
    let chacha = [0xcca8, 0xc030, 0xc02f];
    assert_eq!(asked(0xcca8, 0xc030, chacha), None);
    assert_eq!(asked(0xcca8, 0xcca8, chacha), Some(true));
}

#[test]
fn the_second_certificate_shows_by_its_suites() {
    let rsa = chose(hello(TLS12, &[0xc02f, 0xc02b]), TLS12, 0xc02f);
    let ecdsa: &[u16] = &[0xc02b, 0xc02c, 0xcca9, 0xc009, 0xc00a];
    let known = |probes| {
        let seen: Survey = survey(probes);
        [Authentication::Rsa, Authentication::Ecdsa].map(|kind| seen.certificate(kind))
    };
    assert_eq!(known(vec![rsa.clone()]), [Known::Yes, Known::Unknown(Gap::NotAsked)]);
    assert_eq!(known(vec![rsa.clone(), alert(hello(TLS12, ecdsa), 40)]), [Known::Yes, Known::No]);
    assert_eq!(known(vec![rsa, chose(hello(TLS12, ecdsa), TLS12, 0xc02c)]), [Known::Yes, Known::Yes]);
}

#[test]
fn what_was_not_asked_says_why() {
    let mut stopped = server(vec![chose(hello(TLS12, &[0xc02f]), TLS12, 0xc02f)]);
    stopped.stopped = Some(Stopped::OutOfTime);
    let seen = Survey::of(&stopped);
    assert_eq!(seen.version(TLS10), Known::Unknown(Gap::OutOfTime));
    assert_eq!(seen.hash("SHA-1"), Known::Unknown(Gap::OutOfTime));
    assert_eq!(seen.secure_renegotiation, Known::No);
    assert_eq!(seen.injected, Known::Unknown(Gap::OutOfTime));
    assert_eq!(seen.compression, Known::Unknown(Gap::OutOfTime));
}
