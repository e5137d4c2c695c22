//! What to do, the most important first.

use super::Telling;
use super::checks::{rank, rated, sentences_of, titles, tone, worst};
use super::results::grade_key;
use super::sentences::key;
use crate::report::layout::{Body, Section, Step};
use crate::verdict::receiving::profile::{Rated, Status};
use crate::verdict::receiving::{Check, Finding};

/// How many steps are told in full.
const STEPS_MAX: usize = 12;

/// What matters most, in order: what leaves mail open or turns it away, what outsiders rely on, then the rest in the
/// order of the checks.
const FIRST: [Check; 22] = [
    Check::MxRecords,
    Check::MxTarget,
    Check::Starttls,
    Check::Relay,
    Check::DomainValid,
    Check::MxValid,
    Check::TlsaMatch,
    Check::TlsaState,
    Check::MtaStsMx,
    Check::MtaStsPolicy,
    Check::Injection,
    Check::Versions,
    Check::CertExpiry,
    Check::CertTrust,
    Check::CertName,
    Check::Suites,
    Check::DomainSigned,
    Check::MxSigned,
    Check::Tlsa,
    Check::MtaStsRecord,
    Check::TlsRpt,
    Check::DmarcPolicy,
];

/// What follows from a check that has failed or can be better.
pub(super) struct Advised {
    pub(super) check: Check,
    pub(super) status: Status,
}

/// The checks that ask for something, the most important first.
pub(super) fn advised(telling: Telling<'_>) -> Vec<Advised> {
    let open = |check: &Check| {
        let status = worst(telling, *check)?.status;
        let asks = matches!(status, Status::Failed | Status::Recommendation);
        (asks && !answered_elsewhere(telling, *check)).then_some(Advised { check: *check, status })
    };
    let mut advised: Vec<Advised> = Check::ALL.iter().filter_map(open).collect();
    let place = |check: Check| FIRST.iter().position(|first| *first == check).unwrap_or(FIRST.len());
    advised.sort_by_key(|one| (std::cmp::Reverse(rank(&one.status)), place(one.check), one.check));
    advised
}

/// Where another check asks for the same, or what it rests on is missing.
fn answered_elsewhere(telling: Telling<'_>, check: Check) -> bool {
    let failed = |other: Check| {
        worst(telling, other)
            .is_some_and(|rated| matches!(rated.status, Status::Failed | Status::Recommendation))
    };
    match check {
        Check::DomainValid | Check::MxRrset => failed(Check::DomainSigned),
        Check::MxValid | Check::MxAddresses => failed(Check::MxSigned),
        Check::TlsaState => failed(Check::MxSigned) || failed(Check::Tlsa),
        Check::MtaStsPolicy | Check::MtaStsMaxAge => failed(Check::MtaStsRecord),
        Check::DmarcPolicy | Check::DmarcReports => failed(Check::Dmarc),
        Check::SpfPolicy => failed(Check::Spf),
        Check::NsReach => failed(Check::NsAaaa),
        Check::MxReach => failed(Check::MxAaaa),
        Check::SuiteOrder | Check::KeyExchange => failed(Check::Suites),
        Check::CertRenewal => failed(Check::CertExpiry),
        Check::BindingsAgree => failed(Check::TlsaMatch) || failed(Check::MtaStsMx),
        Check::MxRpkiValid => failed(Check::MxRpkiExists),
        Check::NsRpkiValid => failed(Check::NsRpkiExists),
        Check::MxNsRpkiValid => failed(Check::MxNsRpkiExists),
        _ => false,
    }
}

/// The steps.
pub(super) fn section(telling: Telling<'_>) -> Section {
    let advised = advised(telling);
    if advised.is_empty() {
        let nothing = vec![telling.words.say("recv-advice-nothing")];
        return telling.section("advice", Body::Points(nothing));
    }
    let mut steps: Vec<Step> = advised.iter().take(STEPS_MAX).map(|one| step(telling, one)).collect();
    let rest = advised.get(STEPS_MAX..).unwrap_or_default();
    if !rest.is_empty() {
        let list = titles(telling, rest.iter().map(|one| one.check)).join(", ");
        let blanks = [("count", rest.len().into()), ("list", list.into())];
        let title = telling.words.tell("recv-advice-more", &blanks);
        steps.push(Step { tone: tone(rest[0].status), title, text: Vec::new(), settings: Vec::new() });
    }
    telling.section("advice", Body::Advice(steps))
}

/// The findings that a step is for.
fn concerned<'a>(telling: Telling<'a>, one: &Advised) -> Vec<(&'a Finding, &'a Rated)> {
    let mut findings = rated(telling, one.check);
    findings.retain(|(_, rated)| matches!(rated.status, Status::Failed | Status::Recommendation));
    findings
}

fn step(telling: Telling<'_>, one: &Advised) -> Step {
    let words = telling.words;
    let findings = concerned(telling, one);
    let host = findings.iter().find_map(|(finding, _)| finding.subject.host());
    let names = telling.names(host);
    let mut text = sentences_of(telling, one.check, &findings);
    text.push(words.tell(&for_domain(telling, key(one.check, "todo")), &names));
    if words.has(&key(one.check, "cost")) {
        let cost = words.say(&key(one.check, "cost"));
        text.push(words.tell("recv-advice-cost", &[("cost", cost.into())]));
    }
    let settings = ["dns", "postfix", "openssl", "exim"].into_iter().filter_map(|system| {
        let fix = for_domain(telling, format!("fix-{}.{system}", one.check.id()));
        let lines = words.lines(&fix, &names);
        (!lines.is_empty()).then(|| (words.say(&format!("recv-advice-{system}")), lines))
    });
    Step { tone: tone(one.status), title: words.say(&key(one.check, "")), text, settings: settings.collect() }
}

/// The text of this name for such a domain: one without mail needs other records than one that sends some.
fn for_domain(telling: Telling<'_>, key: String) -> String {
    let without_mail = format!("{key}-no-mail");
    if grade_key(telling) == "no-mail" && telling.words.has(&without_mail) { without_mail } else { key }
}

/// What to do about which check, for the verdict mail.
pub(super) fn short(telling: Telling<'_>, most: usize) -> Vec<(String, String)> {
    let one = |one: &Advised| {
        let findings = concerned(telling, one);
        let host = findings.iter().find_map(|(finding, _)| finding.subject.host());
        let todo = telling.words.tell(&for_domain(telling, key(one.check, "todo")), &telling.names(host));
        (telling.words.say(&key(one.check, "")), todo)
    };
    advised(telling).iter().take(most).map(one).collect()
}
