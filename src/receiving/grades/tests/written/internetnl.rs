//! internet.nl's score.

use super::*;

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
        (Word::IncompleteNp, Level::Notice, Level::Good),
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
fn hosts_beside_a_null_mx_and_addresses_without_mx_are_not_internetnls() {
    for (word, verdict) in
        [(Word::Several, SectionVerdict::Recommendation), (Word::Fallback, SectionVerdict::Info)]
    {
        let bench = Bench::perfect().is(Check::MxRecords, word);
        assert_eq!((bench.tls(TODAY), bench.verdict(TODAY, Section::Tls)), ((None, 0), verdict));
        assert!(bench.own().applies && bench.luxsci().mx.len() == 2, "ours are");
    }
    assert_eq!(
        Bench::perfect().is(Check::MxRecords, Word::Several).score(TODAY).mx_case,
        Some(MxCase::NullMxBesideOthers)
    );
}

/// reference/internetnl-mail-test-report.txt: TLS 1.0 to 1.3, client-initiated renegotiation, no rollover scheme.
#[test]
fn the_seeds_domain_has_100_percent_under_the_rules_of_its_time() {
    let versions = [0x0301, 0x0302, 0x0303, 0x0304].map(|wire| Item::Version(TlsVersion(wire)));
    let good = [0xc02c, 0xcca9, 0xc02b, 0xc030, 0xcca8, 0xc02f].map(Item::Suite);
    let bench = Bench::perfect()
        .with(Check::Versions, sample::items(versions.into()))
        .with(Check::Suites, sample::items(good.into()))
        .with(Check::ClientRenegotiation, sample::count(11))
        .is(Check::DmarcPolicy, Word::Quarantine)
        .is(Check::TlsaRollover, Word::Absent);
    let score = bench.score(V2);
    assert_eq!(score.score, Some(100));
    assert!(score.sections.iter().all(|section| section.verdict == SectionVerdict::Passed));
    let subtests = score.sections.iter().flat_map(|section| &section.subtests);
    let odd: Vec<_> = subtests
        .filter(|subtest| !matches!(subtest.status, Status::Passed | Status::NotApplicable))
        .map(|subtest| (subtest.check.internetnl().unwrap_or_default(), subtest.status))
        .collect();
    let expected = [
        ("tls_version", Status::Recommendation),
        ("renegotiation_client", Status::Info),
        ("dane_rollover", Status::Info),
    ];
    assert_eq!(odd, expected);
    let today = bench.score(TODAY);
    assert_eq!((today.score, today.sections[3].verdict), (Some(98), SectionVerdict::Failed));
}

/// reference/internetnl-mail-test-summary.txt.
#[test]
fn the_summarys_domain_fails_the_same_sections() {
    let bench = Bench::perfect()
        .without_tlsa()
        .is(Check::MxAaaa, Word::Absent)
        .with(Check::MxReach, sample::not_applicable(Inapplicable::NoAddress))
        .is(Check::DomainSigned, Word::Absent)
        .is(Check::DomainValid, Word::Insecure)
        .is(Check::MxRpkiExists, Word::Partly)
        .is(Check::MxRpkiValid, Word::NotFound);
    let verdicts: Vec<SectionVerdict> =
        bench.score(V2).sections.iter().map(|section| section.verdict).collect();
    use SectionVerdict::{Failed, Passed, Recommendation};
    assert_eq!(verdicts, [Failed, Failed, Passed, Failed, Recommendation]);
}

#[test]
fn bogus_tlsa_records_cost_their_existence_only() {
    for word in [Word::Bogus, Word::Unproven, Word::Insecure] {
        let bench = Bench::perfect().is(Check::Tlsa, word).unknown(Check::TlsaMatch, Unknown::DnsBogus);
        assert_eq!(bench.tls(TODAY), (Some(92), 130), "{word:?}: 120 of 130");
    }
    let bench = Bench::perfect()
        .unknown(Check::Tlsa, Unknown::DnsFailed)
        .unknown(Check::TlsaMatch, Unknown::DnsFailed);
    assert_eq!(bench.score(TODAY).sections[3].range, Some((85, 100)));
}

#[test]
fn routes_of_a_domain_without_mail_are_not_measured_either() {
    let mut bench = Bench::perfect();
    for check in Check::ALL.iter().filter(|check| check.id().starts_with("rpki-")) {
        bench = if check.id().starts_with("rpki-ns") {
            bench.unknown(*check, Unknown::NoSource)
        } else {
            bench.with(*check, sample::not_applicable(Inapplicable::NoMail))
        };
    }
    assert_eq!(bench.verdict(TODAY, Section::Rpki), SectionVerdict::NotMeasured);
    assert_eq!(bench.score(TODAY).score, Some(100));
}
