//! From evidence to the sections of internet.nl that DNS decides, in its own arithmetic.

use crate::receiving::checks::tests::sample::{self, Bent, now};
use crate::receiving::checks::{Check, Inapplicable, Measured, Word, judge};
use crate::receiving::grades::{Grade, Receiving, SectionVerdict};
use crate::receiving::profiles::Section;
use crate::shared::evidence::scan::{MxRecord, NameAnswer, Origin, Reach, Rpki};

use SectionVerdict::{Failed, Inconclusive, NotMeasured, Passed, Recommendation};

/// A bent domain, and what it gets: percentages if all that is open is bad, and if all is good.
type Case = (&'static str, Bent, Section, (u8, u8), SectionVerdict);

fn cases() -> Vec<Case> {
    [ipv6(), dnssec(), auth(), rpki()].concat()
}

fn ipv6() -> Vec<Case> {
    let section = Section::Ipv6;
    vec![
        ("perfect", |_| {}, section, (100, 100), Passed),
        ("no mail: 10 of 10", sample::null_mx, section, (100, 100), Passed),
        (
            "a mail server without IPv6: the mean of 10 and 0",
            |e| {
                e.mx[0].aaaa.answer = NameAnswer::NoData;
                e.servers.remove(1);
            },
            section,
            (75, 75),
            Failed,
        ),
        (
            "a mail server that is not reached: the mean of 10 and 0",
            |e| e.servers[1].reach = Reach::TimedOut,
            section,
            (75, 75),
            Failed,
        ),
        (
            "a name server that does not answer over IPv6: 2",
            |e| {
                let reach = &mut e.names.name_servers[0].reach[1];
                (reach.udp, reach.tcp) = (Some(false), Some(false));
            },
            section,
            (60, 60),
            Failed,
        ),
        (
            "one name server with IPv6: half",
            |e| {
                e.names.name_servers[0].aaaa.answer = NameAnswer::NoData;
                e.names.name_servers[0].reach.truncate(1);
            },
            section,
            (75, 75),
            Failed,
        ),
        (
            "no name server with IPv6: none",
            |e| {
                for server in &mut e.names.name_servers {
                    server.aaaa.answer = NameAnswer::NoData;
                    server.reach.truncate(1);
                }
            },
            section,
            (50, 50),
            Failed,
        ),
        ("no IPv6 here", |e| e.control.ipv6 = Some(false), section, (50, 100), Inconclusive),
    ]
}

fn dnssec() -> Vec<Case> {
    let section = Section::Dnssec;
    vec![
        ("perfect", |_| {}, section, (100, 100), Passed),
        ("no mail", sample::null_mx, section, (100, 100), Passed),
        (
            "not signed: 2",
            |e| {
                sample::unsigned(&mut e.names.soa);
                e.names.ds.answer = NameAnswer::NoData;
                e.names.keys.answer = NameAnswer::NoData;
            },
            section,
            (20, 20),
            Failed,
        ),
        (
            "signed without a DS: 2",
            |e| {
                sample::unsigned(&mut e.names.soa);
                sample::unsigned(&mut e.names.keys);
                e.names.ds.answer = NameAnswer::NoData;
            },
            section,
            (20, 20),
            Failed,
        ),
        ("bogus: none", |e| sample::breaks(&mut e.names.soa), section, (0, 0), Failed),
        (
            "a mail server's name is not signed: 2",
            |e| sample::unsigned(&mut e.mx[1].soa),
            section,
            (20, 20),
            Failed,
        ),
        (
            "a mail server's name is bogus: none",
            |e| sample::breaks(&mut e.mx[1].soa),
            section,
            (0, 0),
            Failed,
        ),
        ("no answer", |e| sample::times_out(&mut e.names.soa), section, (0, 100), Inconclusive),
    ]
}

fn auth() -> Vec<Case> {
    let section = Section::Auth;
    vec![
        ("perfect", |_| {}, section, (100, 100), Passed),
        (
            "DMARC none: 2",
            |e| e.names.dmarc.walk[0] = sample::txt("_dmarc.example.net", "v=DMARC1; p=none"),
            section,
            (84, 84),
            Failed,
        ),
        ("no DMARC", |e| e.names.dmarc.walk[0].answer = NameAnswer::NoName, section, (60, 60), Failed),
        (
            "SPF ?all: 2",
            |e| e.names.spf.policies[0].txt = sample::txt("example.net", "v=spf1 mx ?all"),
            section,
            (84, 84),
            Failed,
        ),
        ("no SPF", |e| e.names.spf.policies[0].txt.answer = NameAnswer::NoData, section, (60, 60), Failed),
        ("no _domainkey", |e| e.names.domainkey.answer = NameAnswer::NoName, section, (80, 80), Failed),
        (
            "a domain that sends nothing needs no keys",
            |e| {
                e.names.domainkey.answer = NameAnswer::NoName;
                e.names.spf.policies[0].txt = sample::txt("example.net", "v=spf1 -all");
            },
            section,
            (100, 100),
            Passed,
        ),
        (
            "reports go to one that did not agree: no points are lost",
            |e| {
                let looked = sample::secure("example.net._report._dmarc.b.example", "TXT", Vec::new());
                e.names.dmarc.external.push(("b.example".to_owned(), looked));
            },
            section,
            (100, 100),
            Passed,
        ),
    ]
}

fn rpki() -> Vec<Case> {
    let section = Section::Rpki;
    vec![
        ("perfect", |_| {}, section, (100, 100), Passed),
        (
            "no ROA for a network that all groups use: 0 of 45",
            |e| e.networks[0].origins[0].rpki = Some(Rpki::NotFound),
            section,
            (0, 0),
            Recommendation,
        ),
        (
            "an invalid announcement of it: 15 of 45",
            |e| e.networks[0].origins.push(Origin { asn: 64666, rpki: Some(Rpki::Invalid) }),
            section,
            (33, 33),
            Failed,
        ),
        (
            "nothing is routed: all",
            |e| {
                for network in &mut e.networks {
                    network.routed = Some(false);
                    network.origins.clear();
                }
            },
            section,
            (100, 100),
            Passed,
        ),
        ("no source", |e| e.networks.clear(), section, (0, 0), NotMeasured),
    ]
}

#[test]
fn sections_come_to_what_internetnl_makes_of_them() {
    for (name, bend, section, range, verdict) in cases() {
        let mut evidence = sample::perfect();
        bend(&mut evidence);
        let receiving = Receiving::of(&evidence, now());
        let rating = receiving.ratings.of("internetnl-2025").unwrap();
        let Grade::Internetnl(score) = &rating.grade else { panic!() };
        let found = score.sections.iter().find(|found| found.section == section).unwrap();
        let expected = if verdict == NotMeasured { None } else { Some(range) };
        assert_eq!((found.range, found.verdict), (expected, verdict), "{section:?}, {name}: {found:#?}");
    }
}

/// internet.nl does not look at the addresses of a domain without MX records; we do.
#[test]
fn a_host_by_its_addresses_is_judged_and_not_scored_by_internetnl() {
    let mut evidence = sample::perfect();
    evidence.names.mx.answer = NameAnswer::NoData;
    evidence.names.a = sample::secure("example.net", "A", vec![sample::ip("192.0.2.1")]);
    evidence.names.aaaa.answer = NameAnswer::NoData;
    sample::rename(&mut evidence, 0, "example.net");
    evidence.mx.truncate(1);
    evidence.servers.retain(|server| server.host == "example.net");
    let receiving = Receiving::of(&evidence, now());
    assert!(receiving.findings.iter().any(|finding| finding.subject.host() == Some("example.net")));
    let Grade::Internetnl(score) = &receiving.ratings.of("internetnl-2025").unwrap().grade else { panic!() };
    let ipv6 = score.sections.iter().find(|section| section.section == Section::Ipv6).unwrap();
    assert_eq!((ipv6.maximum, ipv6.score), (10, Some(100)));
}

#[test]
fn localhost_is_no_mail_server_and_is_told() {
    let mut evidence = sample::perfect();
    evidence.names.mx = sample::secure(
        "example.net",
        "MX",
        vec![MxRecord { preference: 10, host: "mx1.example.net".to_owned() }],
    );
    evidence.mx.truncate(1);
    sample::rename(&mut evidence, 0, "localhost");
    let findings = judge(&evidence, now());
    let of = |check| findings.iter().find(|finding| finding.check == check).unwrap().measured.clone();
    assert_eq!(of(Check::MxAaaa), Measured::NotApplicable { why: Inapplicable::NoMail });
    assert_eq!(of(Check::MxTarget), Measured::Is { word: Word::Private });
}
