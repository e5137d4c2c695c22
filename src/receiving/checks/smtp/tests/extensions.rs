//! What a server announces.

use crate::receiving::checks::smtp::extensions::extensions;
use crate::receiving::checks::smtp::requiretls::requiretls;
use crate::receiving::checks::tests::sample::{
    self, Bent, inconclusive, is, items, not_applicable, null_mx, reply,
};
use crate::receiving::checks::{Inapplicable, Item, Measured, Unknown, Word};
use crate::shared::evidence::scan::{Evidence, Reach, RealHandshake, SessionFault, Stage, Stopped};

fn named(keywords: &[&str]) -> Vec<Item> {
    keywords.iter().map(|keyword| Item::Extension((*keyword).to_owned())).collect()
}

fn in_clear(evidence: &mut Evidence, ehlo: &[&str]) {
    evidence.servers[0].handshake = None;
    let session = &mut evidence.servers[0].session;
    (session.ehlo_in_tls, session.starttls) = (None, None);
    session.ehlo = Some(reply(250, ehlo));
}

fn refused(evidence: &mut Evidence, code: u16) {
    in_clear(evidence, &[]);
    let session = &mut evidence.servers[0].session;
    session.ehlo = None;
    session.fault = Some(SessionFault::Reply { stage: Stage::Ehlo, reply: reply(code, &["no"]) });
}

fn beyond_us(evidence: &mut Evidence) {
    let server = &mut evidence.servers[0];
    server.session.ehlo_in_tls = None;
    let reason = "no suite in common".to_owned();
    server.handshake = Some(RealHandshake::Failed { alert: None, our_limit: true, reason });
}

#[test]
fn extensions_are_those_announced_in_tls_or_all_without_it() {
    let in_tls = ["PIPELINING", "SIZE", "8BITMIME", "REQUIRETLS", "SMTPUTF8", "CHUNKING"];
    assert_eq!(extensions(&sample::perfect(), sample::now())[0].measured, items(named(&in_tls)));
    let cases: Vec<(Bent, _)> = vec![
        (|e| in_clear(e, &["mx", "size=1", "AUTH=LOGIN", "b\u{f6}se"]), items(named(&["SIZE", "AUTH"]))),
        (|e| in_clear(e, &["mx"]), items(Vec::new())),
        (|e| refused(e, 502), items(Vec::new())),
        (
            beyond_us,
            Measured::Items {
                items: named(&["PIPELINING", "SIZE", "STARTTLS", "8BITMIME", "SMTPUTF8", "CHUNKING"]),
                complete: false,
                open: Some(Unknown::OurLimit),
            },
        ),
        (|e| refused(e, 421), inconclusive(Unknown::Limited)),
        (|e| refused(e, 550), inconclusive(Unknown::Rejected)),
        (|e| e.servers[0].reach = Reach::Refused, not_applicable(Inapplicable::OtherAddressCounts)),
        (null_mx, not_applicable(Inapplicable::NoMail)),
    ];
    sample::check_all(extensions, cases);
}

#[test]
fn words_of_requiretls() {
    let cases: Vec<(Bent, _)> = vec![
        (|_| {}, is(Word::Present)),
        (|e| e.servers[0].session.ehlo_in_tls = Some(reply(250, &["mx", "SIZE"])), is(Word::Absent)),
        (|e| in_clear(e, &["mx", "REQUIRETLS"]), not_applicable(Inapplicable::NoStarttls)),
        (|e| refused(e, 502), not_applicable(Inapplicable::NoStarttls)),
        (beyond_us, inconclusive(Unknown::OurLimit)),
        (|e| refused(e, 421), inconclusive(Unknown::Limited)),
        (
            |e| {
                e.servers[0].session.ehlo_in_tls = None;
                e.servers[0].stopped = Some(Stopped::OutOfTime);
            },
            inconclusive(Unknown::OutOfTime),
        ),
        (|e| e.servers[0].session.ehlo_in_tls = None, inconclusive(Unknown::NoAnswer)),
        (|e| e.servers[0].reach = Reach::Refused, not_applicable(Inapplicable::OtherAddressCounts)),
        (null_mx, not_applicable(Inapplicable::NoMail)),
    ];
    sample::check_all(requiretls, cases);
}
