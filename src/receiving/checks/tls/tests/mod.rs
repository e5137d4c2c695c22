//! The checks of TLS, a case for each word, on servers that answer everything, something, or nothing.

mod model;
mod starttls;

use jiff::Timestamp;

use crate::receiving::checks::tests::sample::{
    self, count, inconclusive, is, items, not_applicable, now, reply,
};
use crate::receiving::checks::tls::client_certificate::client_certificate;
use crate::receiving::checks::tls::client_renegotiation::client_renegotiation;
use crate::receiving::checks::tls::compression::compression;
use crate::receiving::checks::tls::extended_master_secret::extended_master_secret;
use crate::receiving::checks::tls::groups::groups;
use crate::receiving::checks::tls::handshake_hash::handshake_hash;
use crate::receiving::checks::tls::key_exchange::key_exchange;
use crate::receiving::checks::tls::post_quantum::post_quantum;
use crate::receiving::checks::tls::secure_renegotiation::secure_renegotiation;
use crate::receiving::checks::tls::starttls_injection::injection;
use crate::receiving::checks::tls::suite_order::order;
use crate::receiving::checks::tls::suites::suites;
use crate::receiving::checks::tls::tests::model::Model;
use crate::receiving::checks::tls::versions::versions;
use crate::receiving::checks::tls::zero_rtt::zero_rtt;
use crate::receiving::checks::{Choice, Finding, Inapplicable, Item, Measured, Order, Unknown, Word};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{
    Answer, Depth, Evidence, Probe, Question, RealHandshake, SessionFault, Stage, Stopped,
};

type Judgement = fn(&Evidence, Timestamp) -> Vec<Finding>;

/// What a check says of the first address, once it is that server and bent further.
fn of(judgement: Judgement, model: &Model, bend: impl Fn(&mut Evidence)) -> Measured {
    let mut evidence = sample::perfect();
    evidence.depth = Depth::Full;
    model.play(&mut evidence);
    bend(&mut evidence);
    judgement(&evidence, now())[0].measured.clone()
}

fn hardened(change: impl Fn(&mut Model)) -> Model {
    let mut model = Model::hardened();
    change(&mut model);
    model
}

/// Default Debian in small: all versions from TLS 1.0, CBC, static RSA and a prime of its own.
fn old() -> Model {
    hardened(|model| {
        model.versions = vec![0x0304, 0x0303, 0x0302, 0x0301];
        model.suites = vec![0xc02c, 0xc030, 0x009f, 0xc014, 0x0039, 0x0035];
        model.schemes = vec![0x0804, 0x0403, 0x0201];
    })
    .with_prime()
}

fn only_13() -> Model {
    hardened(|model| {
        model.versions = vec![0x0304];
        model.suites = Vec::new();
    })
}

/// No better than TLS 1.2 with static RSA.
fn static_rsa() -> Model {
    hardened(|model| {
        model.versions = vec![0x0303];
        model.suites = vec![0x009c, 0x002f];
        model.groups = Vec::new();
        model.extensions = Vec::new();
    })
}

/// After so many probes the server would not go on.
fn limited_after(evidence: &mut Evidence, probes: usize) {
    let server = &mut evidence.servers[0];
    server.probes.truncate(probes);
    server.stopped = Some(Stopped::Limited { reason: "421 4.7.0 too many connections".to_owned() });
}

fn version(wire: u16) -> Item {
    Item::Version(TlsVersion(wire))
}

fn open(items: Vec<Item>, why: Unknown) -> Measured {
    Measured::Items { items, complete: false, open: Some(why) }
}

#[test]
fn versions_are_what_was_accepted_and_a_lower_one_may_be_open() {
    let cases = [
        (Model::hardened(), items(vec![version(0x0304), version(0x0303)])),
        (only_13(), items(vec![version(0x0304)])),
        (
            hardened(|m| (m.ssl2, m.versions, m.suites) = (true, vec![0x0301, 0x0300], vec![0x0035])),
            items(vec![version(0x0301), version(0x0300), version(0x0002)]),
        ),
    ];
    for (model, expected) in cases {
        assert_eq!(of(versions, &model, |_| {}), expected);
    }
    let cut = of(versions, &Model::hardened(), |e| limited_after(e, 4));
    assert_eq!(cut, open(vec![version(0x0304)], Unknown::Limited));
    // What was seen is bad whatever else there is.
    let cut = of(versions, &old(), |e| e.servers[0].probes.retain(|probe| probe.step != "ssl2"));
    assert_eq!(cut, open([0x0304, 0x0303, 0x0302, 0x0301].map(version).into(), Unknown::NoAnswer));
}

#[test]
fn suites_are_complete_only_where_all_was_asked() {
    let suites_of = |codes: &[u16]| codes.iter().map(|code| Item::Suite(*code)).collect::<Vec<_>>();
    let all = suites_of(&[0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xcca9]);
    assert_eq!(of(suites, &Model::hardened(), |_| {}), items(all.clone()));
    assert_eq!(
        of(suites, &Model::hardened(), |e| e.depth = Depth::Verdict),
        Measured::Items { items: all.clone(), complete: false, open: None }
    );
    assert_eq!(
        of(suites, &Model::hardened(), |e| limited_after(e, 7)),
        open(suites_of(&[0x1301, 0x1302, 0x1303]), Unknown::Limited)
    );
    let ssl2 = of(suites, &hardened(|m| m.ssl2 = true), |_| {});
    let mut with = all;
    with.push(Item::Ssl2("010080".to_owned()));
    assert_eq!(ssl2, items(with));
}

/// RFC 10015 forbids all other in TLS 1.2.
#[test]
fn key_exchange_is_on_curves_or_it_is_forbidden() {
    let with = |code: u16| hardened(move |m| m.suites.push(code));
    for (model, expected) in [
        (Model::hardened(), is(Word::Absent)),
        (old(), is(Word::Present)),
        (static_rsa(), is(Word::Present)),
        (with(0x009f).with_prime(), is(Word::Present)),
        (with(0x00a6).with_prime(), is(Word::Present)),
        (only_13(), not_applicable(Inapplicable::OnlyTls13)),
    ] {
        assert_eq!(of(key_exchange, &model, |_| {}), expected);
    }
    let cut = of(key_exchange, &Model::hardened(), |e| limited_after(e, 8));
    assert_eq!(cut, inconclusive(Unknown::Limited));
    // A plan of old had no reason to ask.
    let unasked = |e: &mut Evidence| {
        let forbids = |probe: &Probe| match &probe.question {
            Question::Hello(hello) => hello.suites.contains(0x003c),
            _ => false,
        };
        e.servers[0].probes.retain(|probe| !forbids(probe));
    };
    assert_eq!(of(key_exchange, &Model::hardened(), unasked), inconclusive(Unknown::NotAsked));
}

#[test]
fn a_request_for_a_certificate_is_seen_in_the_whole_handshake() {
    let asks = |asked: Option<bool>| {
        move |e: &mut Evidence| {
            if let Some(RealHandshake::Completed(completed)) = &mut e.servers[0].handshake {
                completed.client_certificate = asked;
            }
        }
    };
    assert_eq!(of(client_certificate, &only_13(), asks(Some(false))), is(Word::Absent));
    assert_eq!(of(client_certificate, &only_13(), asks(Some(true))), is(Word::Present));
    assert_eq!(of(client_certificate, &only_13(), asks(None)), inconclusive(Unknown::NotAsked));
    assert_eq!(of(client_certificate, &Model::hardened(), asks(None)), is(Word::Absent));
}

#[test]
fn order_shows_the_choices_and_who_decides() {
    let Measured::Order(Order { server_decides, choices }) = of(order, &old(), |_| {}) else {
        panic!("no order");
    };
    assert_eq!(server_decides, Some(true));
    let reversed = vec![0x0035, 0x0039, 0xc014, 0x009f, 0xc030, 0xc02c];
    assert!(choices.contains(&Choice { accepted: reversed, chosen: 0xc02c }), "{choices:?}");
    let client = old();
    let client = Model { decides: false, ..client };
    assert!(matches!(of(order, &client, |_| {}), Measured::Order(Order { server_decides: Some(false), .. })));
    assert_eq!(of(order, &only_13(), |_| {}), not_applicable(Inapplicable::OnlyTls13));
    let one = hardened(|m| m.suites = vec![0xc02c]);
    assert_eq!(of(order, &one, |_| {}), not_applicable(Inapplicable::NothingToOrder));
    let cut = of(order, &Model::hardened(), |e| limited_after(e, 12));
    assert_eq!(cut, inconclusive(Unknown::Limited));
}

#[test]
fn groups_and_primes_are_listed_together() {
    let groups_of = |codes: &[u16]| codes.iter().map(|code| Item::Group(*code)).collect::<Vec<_>>();
    let three = groups_of(&[0x0017, 0x001d, 0x11ec]);
    assert_eq!(of(groups, &Model::hardened(), |_| {}), items(three.clone()));
    let mut with_prime = three.clone();
    with_prime.push(Item::Prime { sha256: "ab".repeat(32), bits: 1024 });
    assert_eq!(of(groups, &old(), |_| {}), items(with_prime));
    assert_eq!(of(groups, &static_rsa(), |_| {}), not_applicable(Inapplicable::NoSuchParameter));
    // The suite is there, its prime was not shown.
    let hidden = Model { prime: None, ..old() };
    assert!(matches!(of(groups, &hidden, |_| {}), Measured::Items { open: Some(Unknown::NoAnswer), .. }));
    let cut = of(groups, &Model::hardened(), |e| limited_after(e, 0));
    assert_eq!(cut, open(groups_of(&[0x11ec]), Unknown::Limited));
}

#[test]
fn post_quantum_groups_are_known_or_not() {
    assert_eq!(of(post_quantum, &Model::hardened(), |_| {}), is(Word::Present));
    let classic = hardened(|m| m.groups = vec![0x001d]);
    assert_eq!(of(post_quantum, &classic, |_| {}), is(Word::Absent));
    assert_eq!(of(post_quantum, &static_rsa(), |_| {}), is(Word::Absent));
    assert_eq!(of(post_quantum, &classic, |e| limited_after(e, 0)), inconclusive(Unknown::Limited));
}

#[test]
fn a_hash_counts_only_if_the_server_signs_with_it() {
    let hash = |name: &str| Item::Hash(name.to_owned());
    assert_eq!(of(handshake_hash, &Model::hardened(), |_| {}), items(vec![hash("SHA-256")]));
    assert_eq!(of(handshake_hash, &old(), |_| {}), items(vec![hash("SHA-1"), hash("SHA-256")]));
    assert_eq!(of(handshake_hash, &only_13(), |_| {}), not_applicable(Inapplicable::OnlyTls13));
    assert_eq!(of(handshake_hash, &static_rsa(), |_| {}), not_applicable(Inapplicable::NoSuchParameter));
    let ancient = hardened(|m| (m.versions, m.suites) = (vec![0x0301], vec![0xc014]));
    assert_eq!(of(handshake_hash, &ancient, |_| {}), items(vec![hash("SHA-1")]));
    let unasked = |e: &mut Evidence| {
        let server = &mut e.servers[0];
        server.probes.retain(|probe| probe.step != "hash");
        server.stopped = Some(Stopped::OutOfConnections);
    };
    let cut = of(handshake_hash, &Model::hardened(), unasked);
    assert_eq!(cut, open(vec![hash("SHA-256")], Unknown::OutOfConnections));
}

#[test]
fn the_handshake_has_its_properties_or_has_not() {
    let plain = Model::hardened();
    let bare = hardened(|m| m.extensions = Vec::new());
    let ancient = hardened(|m| (m.versions, m.suites) = (vec![0x0301], vec![0xc014]));
    let cases: [(Judgement, Model, Measured); 15] = [
        (compression, plain.clone(), is(Word::Absent)),
        (compression, hardened(|m| m.compression = true), is(Word::Present)),
        (compression, only_13(), not_applicable(Inapplicable::OnlyTls13)),
        (secure_renegotiation, plain.clone(), is(Word::Present)),
        (secure_renegotiation, bare.clone(), is(Word::Absent)),
        (secure_renegotiation, only_13(), not_applicable(Inapplicable::OnlyTls13)),
        (extended_master_secret, plain.clone(), is(Word::Present)),
        (extended_master_secret, bare, is(Word::Absent)),
        (extended_master_secret, only_13(), not_applicable(Inapplicable::OnlyTls13)),
        (extended_master_secret, ancient, not_applicable(Inapplicable::NoSuchParameter)),
        (client_renegotiation, plain.clone(), count(0)),
        (client_renegotiation, hardened(|m| m.renegotiations = 11), count(11)),
        (client_renegotiation, only_13(), not_applicable(Inapplicable::OnlyTls13)),
        (injection, plain.clone(), is(Word::Discarded)),
        (injection, hardened(|m| m.injected = true), is(Word::Executed)),
    ];
    for (number, (judgement, model, expected)) in cases.into_iter().enumerate() {
        assert_eq!(of(judgement, &model, |_| {}), expected, "case {number}");
    }
    assert_eq!(of(injection, &only_13(), |_| {}), inconclusive(Unknown::OurLimit));
    for (executed, measured) in [
        (Some(true), is(Word::Executed)),
        (Some(false), is(Word::Discarded)),
        (None, inconclusive(Unknown::NoAnswer)),
    ] {
        let tried = |e: &mut Evidence| {
            let answer = Answer::Injected { executed };
            let probe = Probe { step: "injection".to_owned(), question: Question::Inject, answer };
            e.servers[0].probes.push(probe);
        };
        assert_eq!(of(injection, &only_13(), tried), measured);
    }
    for judgement in
        [compression, secure_renegotiation, extended_master_secret, client_renegotiation, injection]
    {
        let cut = of(judgement, &plain, |e| limited_after(e, 0));
        assert_eq!(cut, inconclusive(Unknown::Limited));
    }
}

#[test]
fn early_data_is_what_tickets_say() {
    let octets = |octets: Option<u32>| {
        move |e: &mut Evidence| {
            if let Some(RealHandshake::Completed(completed)) = &mut e.servers[0].handshake {
                completed.early_data_octets = octets;
            }
        }
    };
    let plain = Model::hardened();
    assert_eq!(of(zero_rtt, &plain, octets(Some(0))), is(Word::Absent));
    assert_eq!(of(zero_rtt, &plain, octets(None)), is(Word::Absent));
    assert_eq!(of(zero_rtt, &plain, octets(Some(16384))), is(Word::Present));
    assert_eq!(of(zero_rtt, &static_rsa(), |_| {}), not_applicable(Inapplicable::NoTls13));
    let limit = |e: &mut Evidence| {
        let reason = "no suite in common".to_owned();
        e.servers[0].handshake = Some(RealHandshake::Failed { alert: None, our_limit: true, reason });
    };
    assert_eq!(of(zero_rtt, &plain, limit), inconclusive(Unknown::OurLimit));
}

#[test]
fn nothing_is_said_of_a_server_that_was_not_heard_to_speak_tls() {
    let silent = |e: &mut Evidence| {
        let server = &mut e.servers[0];
        server.handshake = None;
        let fault = SessionFault::Reply { stage: Stage::Greeting, reply: reply(421, &["later"]) };
        for probe in &mut server.probes {
            probe.answer = Answer::NotPut { fault: fault.clone() };
        }
        server.stopped = Some(Stopped::Limited { reason: "421 later".to_owned() });
    };
    let all: [Judgement; 14] = [
        versions,
        suites,
        key_exchange,
        client_certificate,
        order,
        groups,
        post_quantum,
        handshake_hash,
        compression,
        secure_renegotiation,
        client_renegotiation,
        extended_master_secret,
        zero_rtt,
        injection,
    ];
    for (number, judgement) in all.into_iter().enumerate() {
        assert_eq!(of(judgement, &old(), silent), inconclusive(Unknown::Limited), "check {number}");
        let no_starttls = |e: &mut Evidence| {
            let server = &mut e.servers[0];
            (server.handshake, server.session.starttls) = (None, None);
            server.session.ehlo = Some(reply(250, &["mx"]));
            server.probes = Vec::<Probe>::new();
        };
        let none = of(judgement, &old(), no_starttls);
        assert_eq!(none, not_applicable(Inapplicable::NoStarttls), "check {number}");
    }
}
