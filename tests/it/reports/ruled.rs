//! The cases of `tests/reports` that are about ruled cases, one function a folder.

use mailassay::sending::history::TrialEnd;
use mailassay::sending::persona::{Standing, Trait};
use mailassay::sending::trial::HostRole::{Bad, Good};
use mailassay::sending::verdict::{CaseOutcome, CaseSign, CaseWhy, Term, TlsOffered};
use mailassay::shared::evidence::TlsVersion;

use super::world::World;

use CaseOutcome::{Clear, Delivered, Held, PassedOver, Refused, Unseen};
use CaseWhy::Shown;

const LABEL: &str = "k3f9a2m7q1w8e4r6";

/// Postfix with DANE and a validating resolver, without MTA-STS: `first`, under the trial's label.
pub(super) fn first() -> World {
    let mut world = World::new();
    for case in ["none", "none-nostarttls", "dane-mismatch", "tlsa-servfail", "bogus-ds", "dane-good"] {
        world.label(case, LABEL);
    }
    for case in ["sts-unlisted", "sts-badcert", "both-conflict"] {
        world.label(case, "p0001");
    }
    world.query("22:47:48", "MX", &format!("{LABEL}.dane-mismatch.example.org"));
    world.query("22:47:48", "TLSA", &format!("_25._tcp.{LABEL}.bad.dane-mismatch.example.org"));
    world.query("22:47:48", "MX", &format!("{LABEL}.bogus-ds.example.org"));
    world.ruled("22:47:49", "dane-good", Bad, Some((true, 250)));
    world.ruled("22:47:49", "none", Bad, Some((true, 451)));
    world.ruled("22:47:50", "none-nostarttls", Bad, Some((false, 451)));
    world.ruled("22:47:51", "dane-mismatch", Bad, None);
    world.ruled("22:47:51", "dane-mismatch", Good, Some((true, 250)));
    world.ruled("22:47:52", "tlsa-servfail", Good, Some((true, 250)));
    world.ruled("22:47:52", "sts-unlisted", Bad, Some((true, 451)));
    world.ruled("22:47:53", "sts-badcert", Bad, Some((true, 451)));
    world.ruled("22:47:53", "both-conflict", Bad, None);
    world.ruled("22:47:54", "both-conflict", Good, Some((true, 250)));
    world.ruled("22:58:02", "sts-unlisted", Bad, Some((true, 250)));
    world.ruled("22:58:02", "sts-badcert", Bad, Some((true, 250)));
    world.case("both-conflict", Refused, Shown, &[9, 10]);
    world.case("dane-good", Delivered, Shown, &[1]);
    world.case("dane-mismatch", Refused, Shown, &[4, 5]);
    world.case("none", Delivered, Shown, &[2]);
    world.case("none-nostarttls", Clear, Shown, &[3]);
    world.case("sts-badcert", Delivered, Shown, &[8, 12]);
    world.case("sts-unlisted", Delivered, Shown, &[7, 11]).policy_asked_for = true;
    world.case("tlsa-servfail", PassedOver, Shown, &[6]);
    world.case("bogus-ds", Held, Shown, &[1]);
    world.cases.findings.sort_by(|a, b| a.case.cmp(&b.case));
    world.cases.alone = true;
    world.cases.terms = vec![Term::Dane];
    world.tells(Trait::Dane, &["where-usable"], Some(Standing::Conforms), &["dane-mismatch"]);
    world.tells(Trait::Dnssec, &["validates"], Some(Standing::Conforms), &["bogus-ds"]);
    world.tells(Trait::FailedLookup, &["next-host"], Some(Standing::Conforms), &["tlsa-servfail"]);
    world.tells(
        Trait::MtaSts,
        &["not-practised"],
        Some(Standing::NotPractised),
        &["sts-unlisted", "sts-badcert"],
    );
    world.tells(Trait::Precedence, &["dane", "both"], None, &["both-conflict"]);
    world.cases.offered = Some(TlsOffered {
        versions: vec![TlsVersion::TLS12, TlsVersion::TLS13],
        dhe: false,
        rsa_key_transport: true,
        post_quantum: true,
        evidence: vec![world.history.links[0].link.tls.as_ref().expect("TLS").seq],
    });
    world.end("22:58:02", TrialEnd::Settled);
    world.sent("22:58:10");
    world
}

/// Many cases by their permanent names, with a fault and every reason for which one stays open.
pub(super) fn many() -> World {
    let mut world = World::new();
    let good =
        ["dane-good", "dane-mismatch", "ee-expired", "ee-name", "mixed-roll", "sts-good", "sts-unlisted"];
    for case in good {
        world.ruled("22:47:49", case, Good, Some((true, 250)));
    }
    world.ruled("22:47:50", "both-conflict", Bad, Some((true, 451)));
    world.ruled("22:49:50", "both-conflict", Bad, Some((true, 250)));
    world.ruled("22:49:51", "none-454", Bad, Some((false, 250)));
    for (n, case) in good.into_iter().enumerate() {
        world.case(case, Refused, Shown, &[n + 1]);
    }
    let elsewhere = CaseWhy::PractisedElsewhere(vec!["dane-good".into(), "dane-mismatch".into()]);
    let finding = world.case("both-conflict", Delivered, elsewhere, &[8, 9]);
    (finding.laxer_on_retry, finding.tlsa_asked_for) = (true, true);
    world.case("none-454", Clear, Shown, &[10]);
    // Without SNI no more is told than where mail came.
    world.case("none", Refused, CaseWhy::Ambiguous, &[1]);
    let finding = world.case("none-inject", Delivered, Shown, &[2]);
    (finding.signs, finding.standing) = (vec![CaseSign::InjectionBelieved], Some(Standing::Fault));
    let finding = world.case("requiretls", Delivered, Shown, &[8]);
    finding.signs = vec![CaseSign::TlsNotRequired, CaseSign::RequireTls];
    let open = [
        ("bogus-ds", CaseWhy::NeverReached),
        ("tlsa-servfail", CaseWhy::NotLookedUp),
        ("sts-badcert", CaseWhy::BeforePolicy),
        ("ta-ok", CaseWhy::NoControl("dane-good".into())),
        ("none-garbage", CaseWhy::GoesAheadAnyway),
        ("resume", CaseWhy::NotResumed),
        ("none-reset", CaseWhy::NotLookedAt),
        ("bogus-expired", CaseWhy::OurFault("SERVFAIL".to_owned())),
        ("none-tls10", CaseWhy::OurLimit),
        ("v6only-mx", CaseWhy::ControlNotTried("none".into())),
        ("usage-1", CaseWhy::Incomplete),
        ("sts-refetch", CaseWhy::Running),
    ];
    for (case, why) in open {
        world.case(case, Unseen, why, &[]);
    }
    world.cases.findings.sort_by(|a, b| a.case.cmp(&b.case));
    world.cases.alone = true;
    world.end("23:58:02", TrialEnd::Expired);
    world
}

/// The classic suite and three cases in one mail.
pub(super) fn both_parts() -> World {
    let mut world = super::cases::dane();
    world.ruled("22:52:09", "dane-mismatch", Good, Some((true, 250)));
    world.ruled("22:52:09", "insecure-tlsa", Bad, None);
    world.ruled("22:52:09", "insecure-tlsa", Good, Some((true, 250)));
    world.case("bogus-ds", Unseen, CaseWhy::NeverReached, &[]);
    world.case("dane-mismatch", PassedOver, Shown, &[11]);
    world.case("insecure-tlsa", Refused, Shown, &[12, 13]);
    world
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mailassay::program::report::cases::describe;
    use mailassay::sending::persona::CatalogueFiles;
    use mailassay::shared::text::{Body, Language, Page};

    use super::*;

    /// Every case of the catalogue has words of its own, in each language, and says what is expected.
    #[test]
    fn there_are_words_for_every_case() {
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("fits");
        for language in Language::ALL {
            let mut titles = BTreeSet::new();
            for case in catalogue.ruled_cases() {
                let text = describe(case, language);
                assert!(titles.insert(text.title.clone()), "{}: {}", case.id, text.title);
                assert!(text.what.ends_with('.') && !text.what.contains(';'), "{}: {}", case.id, text.what);
                assert!(!text.expected().is_empty(), "{}", case.id);
                assert!(text.title.chars().count() <= 70, "{}", text.title);
            }
        }
    }

    /// Every value of every trait has words, in each language.
    #[test]
    fn there_are_words_for_every_trait() {
        use mailassay::sending::verdict::model::ruled::TraitValue;
        let own = [
            (Trait::Starttls, &["never", "if-offered", "required"][..]),
            (Trait::Certificates, &["ignored", "verified"]),
            (Trait::MtaSts, &["enforced", "not-practised"]),
            (Trait::Dane, &["not-practised", "where-usable", "required"]),
            (Trait::Precedence, &["dane", "both", "mta-sts"]),
            (Trait::RequireTls, &["requiretls"]),
        ];
        let own = own.into_iter().flat_map(|(tells, values)| values.iter().map(move |value| (tells, *value)));
        let all: Vec<_> =
            own.chain(TraitValue::all().into_iter().map(|value| (value.tells(), value.word()))).collect();
        let mut world = first();
        world.cases.traits.clear();
        for (tells, value) in &all {
            world.tells(*tells, &[value], Some(Standing::Allowed), &["none"]);
        }
        for language in Language::ALL {
            let page = Page::whole(super::super::account(&world), language, &super::super::settings());
            let practices = page.sections.iter().filter_map(|section| match &section.body {
                Body::Practices(all) => Some(&all.practices),
                _ => None,
            });
            let told: Vec<_> = practices.flatten().take(all.len()).collect();
            for ((tells, value), told) in all.iter().zip(&told) {
                let means_itself = matches!(*value, "no" | "believed") && language == Language::En;
                assert!(means_itself || told.result != *value, "{}: {value}: {told:?}", tells.word());
            }
        }
    }

    /// A case of the operator's own has words, too: those of its file.
    #[test]
    fn a_case_without_words_is_told_by_its_file() {
        let file = "family = \"dane\"\ntells = \"dane\"\nrfc = [\"RFC 7672 §2.2\"]\n\
                    expect = { clear = \"not-practised\", delivered = \"not-practised\", turned = \"conforms\", \
                    held = \"conforms\" }\ntlsa = [\"3 1 1 right\"]\n[bad]\nsmtp = \"garbage\"\n";
        let files = CatalogueFiles::embedded().with_case("my-own", file);
        let catalogue = files.catalogue("example.org").expect("fits");
        let case = catalogue.ruled_case(&"my-own".into()).expect("a case");
        let text = describe(case, Language::En);
        assert_eq!(
            text.what,
            "It differs from a signed domain with two sound servers in: tlsa 3 1 1 right; bad.smtp garbage."
        );
        // Where no handshake can be completed, no encrypted mail is spoken of.
        assert!(!text.worth.iter().any(|worth| worth.text.contains("encrypted")), "{text:?}");
        assert_eq!(text.expected(), "The standards ask for: mail at the second server alone or no mail.");
    }

    /// Of a trial of cases alone the classic suite says nothing.
    #[test]
    fn cases_alone_show_nothing_of_the_classic_suite() {
        for make in [first, many] {
            let world = make();
            for language in Language::ALL {
                let page = Page::whole(super::super::account(&world), language, &super::super::settings());
                let text = page.text();
                for word in ["et.example.org", "ut.example.org", "server 1", "Server 1", "mx0"] {
                    assert!(!text.contains(word), "{word} in {text}");
                }
            }
        }
    }
}
