//! Scores and letters of findings written by hand.

use std::net::IpAddr;

mod internetnl;
mod letters;

use crate::receiving::checks::tests::sample;
use crate::receiving::checks::{
    Check, Finding, Inapplicable, Item, Level, Measured, Outcome, Scale, Scope, Subject, Unknown, Word,
};
use crate::receiving::grades::{
    Bsi, Colour, Criterion, Grade, Letter, Luxsci, LuxsciLetter, Medal, MxCase, Own, Rating, Receiving,
    Score, SectionVerdict,
};
use crate::receiving::profiles::{Section, Status};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Evidence, Key};
use crate::shared::policy::Tlsa;

const V2: &str = "internetnl-v2";
const TODAY: &str = "internetnl-2025";

/// What is best in every check: the first word, few of what is bad, many of what is good.
fn best(check: Check) -> Measured {
    match check.scale() {
        Scale::Words(words) => sample::is(words[0]),
        Scale::Count => match check.id() {
            "dnssec-expiry" | "cert-expiry" | "cert-renewal" | "mta-sts-max-age" => sample::count(90),
            _ => sample::count(0),
        },
        Scale::Order => sample::not_applicable(Inapplicable::NothingToOrder),
        Scale::Items => sample::items(match check.id() {
            "tls-versions" => vec![Item::Version(TlsVersion::TLS12), Item::Version(TlsVersion::TLS13)],
            "tls-suites" => vec![Item::Suite(0x1302), Item::Suite(0xc030)],
            "tls-groups" => vec![Item::Group(0x001d)],
            "tls-handshake-hash" => vec![Item::Hash("SHA-256".into())],
            "cert-key" => vec![Item::Key(Key::Rsa { bits: 4096 })],
            "cert-signature" => {
                vec![Item::Signature { oid: "1.2.840.113549.1.1.11".into(), hash: Some("SHA-256".into()) }]
            }
            "dnssec-algorithm" => vec![Item::Algorithm(13)],
            "dnssec-ds-digest" => vec![Item::Digest(2)],
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
                notes: Vec::new(),
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

    fn bsi(&self) -> Bsi {
        let Grade::Bsi(bsi) = rating(&self.rated(), "bsi").grade else { panic!() };
        bsi
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
