//! Letters, colours, and what all systems say of one domain.

use super::*;
use crate::receiving::checks::tests::sample::now;

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
        notes: Vec::new(),
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

/// Gold for DANE, silver for MTA-STS, neither without current TLS.
#[test]
fn medals_of_the_bsi() {
    let medal = |bench: &Bench| bench.bsi().medal;
    assert_eq!((medal(&Bench::perfect()), Bench::perfect().bsi().missing), (Some(Medal::Gold), Vec::new()));
    let without = Bench::perfect().without_tlsa();
    assert_eq!((medal(&without), without.bsi().missing), (Some(Medal::Silver), vec![Criterion::Dane]));
    let tested = Bench::perfect().without_tlsa().is(Check::MtaStsPolicy, Word::Testing);
    let both = vec![Criterion::Dane, Criterion::MtaSts];
    assert_eq!((medal(&tested), tested.bsi().missing), (Some(Medal::Neither), both));
    // DANE binds the one host, MTA-STS both.
    let one = Bench::perfect().at(Check::TlsaMatch, 0, None, sample::is(Word::Unmatched));
    assert_eq!(medal(&one), Some(Medal::Silver));
    let chacha = Bench::perfect().with(Check::Suites, sample::items(vec![Item::Suite(0xcca8)]));
    assert_eq!((medal(&chacha), chacha.bsi().missing), (Some(Medal::Neither), vec![Criterion::Tls]));
    let open = Bench::perfect().unknown(Check::TlsaMatch, Unknown::NoAnswer);
    assert_eq!((medal(&open), open.bsi().range), (None, Some((Medal::Silver, Medal::Gold))));
    assert_eq!(open.bsi().open, vec![Criterion::Dane]);
    let outcome = |bench: &Bench| rating(&bench.rated(), "bsi").outcome();
    assert_eq!(
        [&without, &tested, &open].map(outcome),
        [Outcome::Pass, Outcome::Fail, Outcome::Inconclusive]
    );
}

/// From evidence to results: the sample's servers were not probed, so that their TLS stays open, and only that.
#[test]
fn the_sample_domain_is_perfect_as_far_as_it_was_asked() {
    let evidence = sample::perfect();
    let receiving = Receiving::of(&evidence, now());
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

#[test]
fn a_host_that_is_an_address_says_nothing_of_tls_and_dnssec() {
    let mut bench = Bench::perfect();
    for check in Check::ALL.iter().filter(|check| check.scope() != Scope::Domain) {
        bench = bench.at(*check, 1, None, sample::not_applicable(Inapplicable::NoAddress));
    }
    let percents: Vec<Option<u8>> = bench.score(TODAY).sections.iter().map(|section| section.score).collect();
    assert_eq!(percents, [Some(75), Some(100), Some(100), Some(100), Some(100)]);
    assert_eq!(bench.own().letter, Some(Letter::APlus), "senders pass over it");
}

/// Nothing is known of the MX hosts: nothing is graded, except that bogus names are too bad for any.
#[test]
fn a_domain_whose_mx_is_not_known_stays_open() {
    let mut bench = Bench::perfect().unknown(Check::MxRecords, Unknown::DnsFailed);
    bench.evidence.mx.clear();
    for finding in &mut bench.findings {
        if finding.check.scope() != Scope::Domain {
            finding.subject = Subject::Domain { domain: "example.net".into() };
            finding.measured = sample::inconclusive(Unknown::DnsFailed);
        }
    }
    let own = bench.own();
    assert_eq!((own.applies, own.letter, own.range), (true, None, Some((Letter::F, Letter::APlus))));
    let receiving = bench.rated();
    for profile in ["luxsci", "lindenberg", "qte", "bsi", "mailassay", TODAY] {
        assert_eq!(rating(&receiving, profile).outcome(), Outcome::Inconclusive, "{profile}");
    }
    assert_eq!(bench.is(Check::DomainValid, Word::Bogus).own().letter, Some(Letter::F));
}

/// What could only come to a recommendation keeps nobody from the best letter.
#[test]
fn only_what_could_fail_keeps_a_letter_open() {
    assert_eq!(Bench::perfect().unknown(Check::Ptr, Unknown::DnsFailed).own().letter, Some(Letter::APlus));
    let open = Bench::perfect().unknown(Check::Spf, Unknown::DnsFailed).own();
    assert_eq!((open.letter, open.open), (None, vec![Check::Spf]));
}
