//! Scores and letters of findings written by hand.

use std::net::IpAddr;

use super::sample;
use crate::evidence::TlsVersion;
use crate::evidence::scan::{Evidence, Key};
use crate::policy::Tlsa;
use crate::verdict::receiving::grade::{
    Colour, Grade, Letter, Luxsci, LuxsciLetter, Own, Rating, Receiving, Score, SectionVerdict,
};
use crate::verdict::receiving::profile::{Section, Status};
use crate::verdict::receiving::{
    Check, Finding, Inapplicable, Item, Level, Measured, Outcome, Scale, Scope, Subject, Unknown, Word,
};

const V2: &str = "internetnl-v2";
const TODAY: &str = "internetnl-2025";

/// What is best in every check: the first word, few of what is bad, many of what is good.
fn best(check: Check) -> Measured {
    match check.scale() {
        Scale::Words(words) => sample::is(words[0]),
        Scale::Count => match check {
            Check::SignatureExpiry | Check::CertExpiry | Check::MtaStsMaxAge => sample::count(90),
            _ => sample::count(0),
        },
        Scale::Order => sample::not_applicable(Inapplicable::NothingToOrder),
        Scale::Items => sample::items(match check {
            Check::Versions => vec![Item::Version(TlsVersion::TLS12), Item::Version(TlsVersion::TLS13)],
            Check::Suites => vec![Item::Suite(0x1302), Item::Suite(0xc030)],
            Check::Groups => vec![Item::Group(0x001d)],
            Check::HandshakeHash => vec![Item::Hash("SHA-256".into())],
            Check::CertKey => vec![Item::Key(Key::Rsa { bits: 4096 })],
            Check::CertSignature => {
                vec![Item::Signature { oid: "1.2.840.113549.1.1.11".into(), hash: Some("SHA-256".into()) }]
            }
            Check::DnssecAlgorithm => vec![Item::Algorithm(13)],
            Check::DsDigest => vec![Item::Digest(2)],
            _ => vec![Item::Extension("PIPELINING".into())],
        }),
    }
}

/// A domain whose findings can be changed one by one.
struct Bench {
    evidence: Evidence,
    findings: Vec<Finding>,
}

impl Bench {
    fn perfect() -> Self {
        let evidence = sample::perfect();
        let mut findings = Vec::new();
        for check in Check::ALL {
            let hosts = || evidence.mx.iter().map(|mx| mx.host.clone());
            let subjects: Vec<Subject> = match check.scope() {
                Scope::Domain => vec![Subject::Domain { domain: evidence.domain.clone() }],
                Scope::Mx => hosts().map(|host| Subject::Mx { host }).collect(),
                Scope::Address => evidence
                    .servers
                    .iter()
                    .map(|server| Subject::Address { host: server.host.clone(), ip: server.ip })
                    .collect(),
            };
            findings.extend(subjects.into_iter().map(|subject| Finding {
                check: *check,
                subject,
                measured: best(*check),
                details: Vec::new(),
                evidence: Vec::new(),
            }));
        }
        Self { evidence, findings }
    }

    /// Changes what a check measured, everywhere.
    fn with(mut self, check: Check, measured: Measured) -> Self {
        for finding in self.findings.iter_mut().filter(|finding| finding.check == check) {
            finding.measured = measured.clone();
        }
        self
    }

    fn is(self, check: Check, word: Word) -> Self {
        self.with(check, sample::is(word))
    }

    fn unknown(self, check: Check, why: Unknown) -> Self {
        self.with(check, sample::inconclusive(why))
    }

    /// Changes it at one host only, or at one address of it.
    fn at(mut self, check: Check, host: usize, ip: Option<usize>, measured: Measured) -> Self {
        let name = self.evidence.mx[host].host.clone();
        let mine = self.findings.iter_mut().filter(|f| f.check == check && f.subject.host() == Some(&name));
        for (n, finding) in mine.enumerate() {
            if ip.is_none_or(|ip| ip == n) {
                finding.measured = measured.clone();
            }
        }
        self
    }

    fn rated(&self) -> Receiving<'_> {
        Receiving::rated(&self.evidence, self.findings.clone())
    }

    fn score(&self, profile: &str) -> Score {
        let Grade::Internetnl(score) = rating(&self.rated(), profile).grade else { panic!("{profile}") };
        score
    }

    fn tls(&self, profile: &str) -> (Option<u8>, u16) {
        let score = self.score(profile);
        let section = score.sections.into_iter().find(|section| section.section == Section::Tls).unwrap();
        (section.score, section.maximum)
    }

    fn verdict(&self, profile: &str, section: Section) -> SectionVerdict {
        self.score(profile).sections.iter().find(|of| of.section == section).unwrap().verdict
    }

    fn luxsci(&self) -> Luxsci {
        let Grade::Luxsci(luxsci) = rating(&self.rated(), "luxsci").grade else { panic!() };
        luxsci
    }

    fn own(&self) -> Own {
        let Grade::Mailassay(own) = rating(&self.rated(), "mailassay").grade else { panic!() };
        own
    }

    fn colour(&self) -> Colour {
        let Grade::Lindenberg(lindenberg) = rating(&self.rated(), "lindenberg").grade else { panic!() };
        lindenberg.colour
    }

    fn qte(&self) -> Option<bool> {
        let Grade::Qte(qte) = rating(&self.rated(), "qte").grade else { panic!() };
        qte.capable
    }

    fn without_tlsa(self) -> Self {
        let nothing = || sample::not_applicable(Inapplicable::NoRecord);
        self.is(Check::Tlsa, Word::Absent)
            .with(Check::TlsaMatch, nothing())
            .with(Check::TlsaRollover, nothing())
            .with(Check::TlsaStale, nothing())
            .with(Check::TlsaUnusable, nothing())
    }
}

fn rating(receiving: &Receiving<'_>, profile: &str) -> Rating {
    receiving.ratings.of(profile).unwrap().clone()
}

#[test]
fn a_perfect_domain_gets_everything() {
    let bench = Bench::perfect();
    for (profile, maximum) in [(TODAY, 140), (V2, 120)] {
        let score = bench.score(profile);
        assert_eq!((score.score, score.range), (Some(100), (100, 100)), "{profile}");
        assert!(score.sections.iter().all(|section| section.verdict == SectionVerdict::Passed));
        let points: Vec<u16> = score.sections.iter().map(|section| section.maximum).collect();
        assert_eq!(points, [20, 10, 50, maximum, 45], "{profile}");
    }
    let receiving = bench.rated();
    assert!(receiving.ratings.hall_of_fame());
    for rating in &receiving.ratings.profiles {
        let expected = if rating.profile.name == "no-mail" { Outcome::NotApplicable } else { Outcome::Pass };
        assert_eq!(rating.outcome(), expected, "{}", rating.profile.name);
    }
    let letters = (bench.luxsci().letter, bench.own().letter, bench.colour(), bench.qte());
    assert_eq!(letters, (Some(LuxsciLetter::APlus), Some(Letter::APlus), Colour::Green, Some(true)));
}

/// facts/inbound.md §0.2 and §3.1.
#[test]
fn tls_points_are_those_of_internetnl() {
    let absent = Bench::perfect().without_tlsa();
    assert_eq!(absent.tls(TODAY), (Some(92), 130), "120 of 130");
    assert_eq!(absent.score(TODAY).score, Some(98), "the mean of 100, 100, 100, 92 and 100");
    assert_eq!(absent.tls(V2), (Some(90), 110), "100 of 110");

    let broken = Bench::perfect().is(Check::TlsaMatch, Word::Unmatched);
    assert_eq!(broken.tls(TODAY), (Some(85), 140), "120 of 140: existence counts only with a match");

    let compression = Bench::perfect().is(Check::Compression, Word::Present);
    assert_eq!(compression.tls(TODAY), (Some(92), 140), "130 of 140");
    assert_eq!(compression.tls(V2), (Some(91), 120), "110 of 120");

    // Without TLS 1.2 there is no EMS to ask for.
    let only_13 =
        Bench::perfect().with(Check::ExtendedMasterSecret, sample::not_applicable(Inapplicable::OnlyTls13));
    assert_eq!(only_13.tls(TODAY), (Some(100), 130));
    assert_eq!(only_13.without_tlsa().tls(TODAY), (Some(91), 120), "110 of 120");
}

#[test]
fn one_host_without_starttls_takes_all_points() {
    let mut bench = Bench::perfect().at(Check::Starttls, 1, None, sample::is(Word::Absent));
    for check in Check::ALL.iter().filter(|check| check.scope() == Scope::Address) {
        if check.internetnl().is_some() && *check != Check::Starttls {
            bench = bench.at(*check, 1, None, sample::not_applicable(Inapplicable::NoStarttls));
        }
    }
    assert_eq!(bench.tls(TODAY), (Some(0), 140));
    assert_eq!(bench.score(TODAY).score, Some(80));
    assert_eq!(bench.verdict(TODAY, Section::Tls), SectionVerdict::Failed);
    assert_eq!(bench.luxsci().letter, Some(LuxsciLetter::F));
    assert_eq!(bench.own().letter, Some(Letter::F));
    assert_eq!((bench.colour(), bench.qte()), (Colour::Red, Some(false)));
}

/// One maximum for all hosts, the sum of the worst (internet.nl's totals are per host).
#[test]
fn the_worst_host_counts_and_the_culprit_is_named() {
    let old = sample::items(vec![Item::Version(TlsVersion(0x0301)), Item::Version(TlsVersion::TLS12)]);
    let bench = Bench::perfect().at(Check::Versions, 1, Some(1), old);
    let score = bench.score(TODAY);
    let tls = &score.sections[3];
    assert_eq!((tls.score, tls.verdict), (Some(92), SectionVerdict::Failed));
    let subtest = tls.subtests.iter().find(|subtest| subtest.check == Check::Versions).unwrap();
    assert_eq!((subtest.status, subtest.points.unwrap().least), (Status::Failed, 0));
    let culprit = &bench.findings[subtest.culprit.unwrap()].subject;
    assert_eq!(
        *culprit,
        Subject::Address {
            host: bench.evidence.mx[1].host.clone(),
            ip: "2001:db8:2::1".parse::<IpAddr>().unwrap(),
        }
    );
    // To be phased out then: no points lost, the section passed.
    assert_eq!((bench.tls(V2), bench.verdict(V2, Section::Tls)), ((Some(100), 120), SectionVerdict::Passed));
    let change = bench.rated().ratings.changes.into_iter().find(|change| change.check == Check::Versions);
    assert_eq!(
        change.map(|change| (change.before, change.after)),
        Some((Level::PhaseOut, Level::Insufficient))
    );
}

#[test]
fn tlsa_at_one_host_only_is_the_maximum_of_both() {
    let nothing = sample::not_applicable(Inapplicable::NoRecord);
    let bench = Bench::perfect().at(Check::Tlsa, 1, None, sample::is(Word::Absent)).at(
        Check::TlsaMatch,
        1,
        None,
        nothing,
    );
    assert_eq!(bench.tls(TODAY), (Some(85), 140));
}

#[test]
fn an_address_in_whose_place_another_answers_is_left_out() {
    let elsewhere = sample::not_applicable(Inapplicable::OtherAddressCounts);
    let mut bench = Bench::perfect().at(Check::MxReach, 0, None, sample::is(Word::Unreachable));
    for check in Check::ALL.iter().filter(|check| check.scope() == Scope::Address) {
        bench = bench.at(*check, 0, Some(1), elsewhere.clone());
    }
    assert_eq!(bench.tls(TODAY), (Some(100), 140));
    let ipv6 = &bench.score(TODAY).sections[0];
    assert_eq!(
        (ipv6.score, ipv6.verdict),
        (Some(75), SectionVerdict::Failed),
        "the mean of 0 and 10, and 10"
    );
}

#[test]
fn what_is_not_known_makes_a_range() {
    let bench = Bench::perfect().unknown(Check::Compression, Unknown::Limited);
    let score = bench.score(TODAY);
    assert_eq!((score.score, score.range), (None, (98, 100)));
    assert_eq!(bench.verdict(TODAY, Section::Tls), SectionVerdict::Inconclusive);
    assert!(!score.hall_of_fame);

    // What gives no points moves nothing, nor does what could not fall lower.
    let bench = Bench::perfect()
        .unknown(Check::ClientRenegotiation, Unknown::Limited)
        .unknown(Check::ZeroRtt, Unknown::OurLimit);
    assert_eq!(
        (bench.score(TODAY).score, bench.verdict(TODAY, Section::Tls)),
        (Some(100), SectionVerdict::Passed)
    );
    assert_eq!(bench.score(V2).range, (98, 100));
    let bench = Bench::perfect().at(Check::Compression, 0, Some(0), sample::is(Word::Present)).at(
        Check::Compression,
        0,
        Some(1),
        sample::inconclusive(Unknown::Limited),
    );
    assert_eq!(bench.tls(TODAY), (Some(92), 140));

    // Neither MX records nor hosts are known: TLS is anything.
    let mut bench = Bench::perfect().unknown(Check::MxRecords, Unknown::DnsFailed);
    bench.evidence.mx.clear();
    for finding in &mut bench.findings {
        if finding.check.scope() != Scope::Domain {
            finding.subject = Subject::Domain { domain: "example.net".into() };
            finding.measured = sample::inconclusive(Unknown::DnsFailed);
        }
    }
    assert_eq!(bench.score(TODAY).range, (50, 100));
}

#[test]
fn routes_without_a_source_are_not_measured_and_dropped() {
    let mut bench = Bench::perfect();
    for check in Check::ALL.iter().filter(|check| check.id().starts_with("rpki-")) {
        bench = bench.unknown(*check, Unknown::NoSource);
    }
    let score = bench.score(TODAY);
    assert_eq!((score.score, score.not_measured().collect::<Vec<_>>()), (Some(100), vec![Section::Rpki]));
    assert_eq!(bench.without_tlsa().score(TODAY).score, Some(98), "(300 + 92) / 4");
    assert!(score.hall_of_fame);
}

#[test]
fn missing_route_authorisation_is_a_recommendation_and_an_invalid_one_fails() {
    let bench = Bench::perfect().is(Check::NsRpkiExists, Word::Partly).is(Check::NsRpkiValid, Word::NotFound);
    let rpki = &bench.score(TODAY).sections[4];
    assert_eq!((rpki.score, rpki.verdict), (Some(66), SectionVerdict::Recommendation));
    let bench = Bench::perfect().is(Check::MxRpkiValid, Word::Invalid);
    assert_eq!(bench.verdict(TODAY, Section::Rpki), SectionVerdict::Failed);
    let bench = Bench::perfect().is(Check::MxRpkiValid, Word::Unrouted);
    assert_eq!(bench.score(TODAY).score, Some(100));
}

#[test]
fn dnssec_is_the_least_of_domain_and_hosts() {
    for (word, percent) in [(Word::Insecure, 20), (Word::Bogus, 0)] {
        let bench = Bench::perfect().at(Check::MxValid, 1, None, sample::is(word));
        assert_eq!(bench.score(TODAY).sections[1].score, Some(percent));
        let bench = Bench::perfect().is(Check::DomainValid, word);
        assert_eq!(bench.score(TODAY).sections[1].score, Some(percent));
    }
    let bench = Bench::perfect()
        .is(Check::DomainSigned, Word::Absent)
        .with(Check::DomainValid, sample::not_applicable(Inapplicable::Unsigned));
    let dnssec = &bench.score(TODAY).sections[1];
    assert_eq!((dnssec.score, dnssec.verdict), (Some(20), SectionVerdict::Failed));
}

#[test]
fn a_domain_without_mail_is_measured_without_its_tls() {
    let mut bench = Bench::perfect().is(Check::MxRecords, Word::Null);
    bench.evidence.mx.clear();
    bench.findings.retain(|finding| finding.check.scope() == Scope::Domain);
    let checks = Check::ALL.iter().filter(|check| check.scope() != Scope::Domain);
    bench.findings.extend(checks.map(|check| Finding {
        check: *check,
        subject: Subject::Domain { domain: "example.net".into() },
        measured: sample::not_applicable(Inapplicable::NoMail),
        details: Vec::new(),
        evidence: Vec::new(),
    }));
    let score = bench.score(TODAY);
    let points: Vec<u16> = score.sections.iter().map(|section| section.maximum).collect();
    assert_eq!((score.score, points), (Some(100), vec![10, 10, 50, 0, 45]));
    assert_eq!(bench.verdict(TODAY, Section::Tls), SectionVerdict::Info);
    assert!(!bench.own().applies && bench.own().letter.is_none());
    assert_eq!(rating(&bench.rated(), "mailassay").outcome(), Outcome::Pass);
    assert_eq!(rating(&bench.rated(), "no-mail").outcome(), Outcome::Pass);
    let open = bench.is(Check::SpfPolicy, Word::SoftFail);
    assert_eq!(rating(&open.rated(), "no-mail").outcome(), Outcome::Fail);
}

#[test]
fn a_host_name_must_match_where_dane_ta_is_used() {
    let mut bench = Bench::perfect().is(Check::CertName, Word::Unmatched);
    assert_eq!(bench.verdict(TODAY, Section::Tls), SectionVerdict::Passed);
    for mx in &mut bench.evidence.mx {
        let records = mx.tlsa.original.records().iter().map(|record| Tlsa { usage: 2, ..record.clone() });
        mx.tlsa.original = sample::secure("_25._tcp.mx", "TLSA", records.collect());
    }
    assert_eq!(bench.verdict(TODAY, Section::Tls), SectionVerdict::Failed);
    assert_eq!(bench.tls(TODAY), (Some(100), 140), "without points all the same");
}

#[test]
fn dmarc_of_the_older_rules_knows_neither_t_nor_np() {
    for (word, today, v2) in [
        (Word::Testing, Level::Insufficient, Level::Good),
        (Word::IncompleteNp, Level::Info, Level::Good),
        (Word::Incomplete, Level::Insufficient, Level::Insufficient),
        (Word::Nothing, Level::Insufficient, Level::Insufficient),
    ] {
        let bench = Bench::perfect().is(Check::DmarcPolicy, word);
        let receiving = bench.rated();
        let at = bench.findings.iter().position(|finding| finding.check == Check::DmarcPolicy).unwrap();
        let level = |profile| rating(&receiving, profile).rated[at].level;
        assert_eq!((level(TODAY), level(V2)), (today, v2), "{word:?}");
    }
    let bench = Bench::perfect().is(Check::DmarcPolicy, Word::Nothing);
    assert_eq!(bench.score(TODAY).sections[2].score, Some(84), "42 of 50");
}

#[test]
fn luxsci_counts_strong_and_slight() {
    let letter = |bench: Bench| bench.luxsci().letter.unwrap().name();
    let weak = || sample::items(vec![Item::Suite(0xc02f), Item::Suite(0x000a)]);
    assert_eq!(letter(Bench::perfect().is(Check::CertName, Word::Unmatched)), "A");
    assert_eq!(letter(Bench::perfect().with(Check::Suites, weak())), "A");
    let two = || Bench::perfect().with(Check::Suites, weak()).is(Check::CertName, Word::Unmatched);
    assert_eq!(letter(two()), "A-");
    // RSA with 3DES: of Rev. 1, not of Rev. 2, and weak.
    let only_3des = sample::items(vec![Item::Suite(0x000a)]);
    assert_eq!(letter(two().with(Check::Suites, only_3des)), "B+");
    // Untrusted and expired are one.
    assert_eq!(letter(two().is(Check::CertTrust, Word::Expired)), "C");
    let old = sample::items(vec![Item::Version(TlsVersion(0x0301)), Item::Version(TlsVersion(0x0300))]);
    assert_eq!(letter(Bench::perfect().with(Check::Versions, old.clone())), "D");
    assert_eq!(
        letter(Bench::perfect().with(Check::Versions, old).is(Check::CertTrust, Word::SelfSigned)),
        "F"
    );
    // A server of TLS 1.3 and ChaCha20 only: better than both lists.
    let modern = Bench::perfect()
        .with(Check::Versions, sample::items(vec![Item::Version(TlsVersion::TLS13)]))
        .with(Check::Suites, sample::items(vec![Item::Suite(0x1303)]));
    assert_eq!((modern.luxsci().forced_tls, letter(modern)), (Some(true), "A+"));
}

#[test]
fn letters_stay_open_only_while_they_can_change() {
    let bench = Bench::perfect().unknown(Check::CertTrust, Unknown::Limited);
    assert_eq!((bench.luxsci().letter, bench.luxsci().open), (None, vec![Check::CertTrust]));
    // DANE vouches for the certificate.
    assert_eq!((bench.own().letter, bench.own().range), (None, Some((Letter::A, Letter::APlus))));
    assert_eq!((bench.colour(), bench.qte()), (Colour::Green, Some(true)));
    // It is F whatever the certificate.
    let bench = bench.at(Check::Starttls, 1, Some(0), sample::is(Word::Absent));
    assert_eq!(bench.luxsci().letter, Some(LuxsciLetter::F));
    assert_eq!(bench.own().letter, Some(Letter::F));
}

#[test]
fn our_own_letters() {
    let letter = |bench: &Bench| bench.own().letter.unwrap().name();
    let unbound = || {
        Bench::perfect()
            .without_tlsa()
            .is(Check::MtaStsRecord, Word::Absent)
            .with(Check::MtaStsPolicy, sample::not_applicable(Inapplicable::NoRecord))
            .with(Check::MtaStsMx, sample::not_applicable(Inapplicable::NoRecord))
            .with(Check::BindingsAgree, sample::not_applicable(Inapplicable::NoRecord))
    };
    assert_eq!(letter(&Bench::perfect().is(Check::TlsRpt, Word::Absent)), "A");
    assert_eq!(letter(&Bench::perfect().is(Check::Compression, Word::Present)), "A");
    assert_eq!(letter(&Bench::perfect().without_tlsa()), "A", "WebPKI with MTA-STS enforce");
    assert_eq!(letter(&Bench::perfect().is(Check::MtaStsPolicy, Word::Testing)), "A", "DANE");
    assert_eq!(letter(&unbound()), "B");
    assert_eq!(letter(&unbound().is(Check::CertName, Word::Unmatched)), "C");
    let dane_only = Bench::perfect().is(Check::MtaStsPolicy, Word::Unfetched);
    assert_eq!(letter(&dane_only.is(Check::CertTrust, Word::SelfSigned)), "A", "TLSA vouches for it");
    let old = sample::items(vec![Item::Version(TlsVersion(0x0301))]);
    assert_eq!(letter(&unbound().with(Check::Versions, old)), "D");
    let static_rsa = sample::items(vec![Item::Suite(0x009d)]);
    assert_eq!(letter(&unbound().with(Check::Suites, static_rsa)), "D");
    for (check, word) in [
        (Check::TlsaMatch, Word::Unmatched),
        (Check::Tlsa, Word::Bogus),
        (Check::MtaStsMx, Word::Unlisted),
        (Check::MxRrset, Word::Bogus),
    ] {
        assert_eq!(letter(&Bench::perfect().is(check, word)), "F", "{check:?}");
    }
}

#[test]
fn colours_and_qte() {
    let plain = || Bench::perfect().without_tlsa().is(Check::MxRrset, Word::Insecure);
    assert_eq!((plain().colour(), plain().qte()), (Colour::White, Some(false)));
    assert_eq!(plain().is(Check::CertTrust, Word::SelfSigned).colour(), Colour::Yellow);
    let signed = Bench::perfect().without_tlsa();
    assert_eq!((signed.colour(), signed.qte()), (Colour::Green, Some(true)));
    assert_eq!(plain().unknown(Check::CertTrust, Unknown::NoAnswer).colour(), Colour::Grey);
    let chacha = sample::items(vec![Item::Suite(0xcca8)]);
    assert_eq!(Bench::perfect().with(Check::Suites, chacha).qte(), Some(false), "BSI does not list ChaCha20");
}

/// From evidence to results: the sample's servers were not probed, so that their TLS stays open, and only that.
#[test]
fn the_sample_domain_is_perfect_as_far_as_it_was_asked() {
    let evidence = sample::perfect();
    let receiving = Receiving::of(&evidence, sample::now());
    let Grade::Internetnl(score) = rating(&receiving, TODAY).grade else { panic!() };
    let verdicts: Vec<SectionVerdict> = score.sections.iter().map(|section| section.verdict).collect();
    use SectionVerdict::{Inconclusive, Passed};
    assert_eq!(verdicts, [Passed, Passed, Passed, Inconclusive, Passed]);
    assert!(score.score.is_none() && score.range.1 == 100);
    let Grade::Mailassay(own) = rating(&receiving, "mailassay").grade else { panic!() };
    assert_eq!(own.range, Some((Letter::A, Letter::APlus)));
    assert_eq!(rating(&receiving, "qte").outcome(), Outcome::Pass);
}

/// What nobody here can measure keeps nobody from the best letter.
#[test]
fn our_own_limits_are_not_theirs() {
    let bench = Bench::perfect()
        .unknown(Check::NsReach, Unknown::NoIpv6Here)
        .unknown(Check::CaaIssuer, Unknown::UnlistedIssuer)
        .unknown(Check::MxRpkiValid, Unknown::NoSource);
    assert_eq!(bench.own().letter, Some(Letter::APlus));
    assert_eq!(
        bench.unknown(Check::Compression, Unknown::NoAnswer).own().range,
        Some((Letter::A, Letter::APlus))
    );
}
