//! What to do, the most important first.

mod fixes;

pub use fixes::as_spf;

use super::Telling;
use super::checks::{rated, sentences_of, titles, tone, worst};

use super::checks::sentences::key;
use super::results::grade_key;
use crate::receiving::checks::{Check, Finding, Measured, Word};
use crate::receiving::profiles::{Rated, Status};
use crate::shared::text::{Body, Section, Step, Tone};

/// How many steps are told in full.
const STEPS_MAX: usize = 12;

/// How many of them a text for somebody else repeats.
const ASKED_MAX: usize = 4;

/// What matters most, in order: what keeps mail away, what leaves it open, what outsiders rely on, then the rest in
/// the order of the checks.
const FIRST: [Check; 22] = [
    Check::MxRecords,
    Check::MxTarget,
    Check::DomainValid,
    Check::MxValid,
    Check::TlsaMatch,
    Check::TlsaState,
    Check::MtaStsMx,
    Check::Starttls,
    Check::Relay,
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
    /// Whether mail is turned away or cannot be delivered for it now.
    pub(super) turns_away: bool,
}

/// The checks that ask for something, the most important first.
pub(super) fn advised(telling: Telling<'_>) -> Vec<Advised> {
    let open = |check: &Check| {
        let status = worst(telling, *check)?.status();
        let asks = matches!(status, Status::Failed | Status::Recommendation);
        let turns_away = || rated(telling, *check).iter().any(|(finding, _)| turns_away(telling, finding));
        (asks && !answered_elsewhere(telling, *check)).then(|| Advised {
            check: *check,
            status,
            turns_away: turns_away(),
        })
    };
    let mut advised: Vec<Advised> = super::checks::all(telling).iter().filter_map(open).collect();
    let place = |check: Check| FIRST.iter().position(|first| *first == check).unwrap_or(FIRST.len());
    advised.sort_by_key(|one| {
        (!one.turns_away, std::cmp::Reverse(one.status.rank()), place(one.check), one.check)
    });
    advised
}

/// Whether senders cannot deliver, or those that check must not, as long as this is so.
fn turns_away(telling: Telling<'_>, finding: &Finding) -> bool {
    let Measured::Is { word } = finding.measured else { return false };
    let in_force = || {
        let policies = rated(telling, Check::MtaStsPolicy);
        policies.iter().any(|(policy, _)| policy.measured == Measured::Is { word: Word::Enforce })
    };
    let check = finding.check;
    check.definition().turns_away.contains(&word) && (check != Check::MtaStsMx || in_force())
}

/// Where another check asks for the same, or what it rests on is missing.
fn answered_elsewhere(telling: Telling<'_>, check: Check) -> bool {
    let failed = |other: Check| {
        worst(telling, other)
            .is_some_and(|rated| matches!(rated.status(), Status::Failed | Status::Recommendation))
    };
    let unproved = || {
        let of = rated(telling, Check::Tlsa);
        of.iter().any(|(finding, _)| turns_away(telling, finding))
    };
    let answered = check.definition().answered_by.iter().any(|other| failed(*other));
    answered
        || check == Check::TlsaState && failed(Check::Tlsa) && !unproved()
        // Another record helps nobody where the answer does not validate.
        || check == Check::Tlsa && unproved() && failed(Check::TlsaState)
}

pub(super) fn section(telling: Telling<'_>) -> Section {
    let mut steps = steps(telling, |_| true);
    if steps.is_empty() {
        let nothing = vec![telling.words.say("recv-advice-nothing")];
        return telling.section("advice", Body::Points(nothing));
    }
    steps.extend(for_the_provider(telling));
    telling.section("advice", Body::Advice(steps.into_iter().map(|(_, step)| step).collect()))
}

/// How urgent a step is, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Mail is turned away or lies about as long as it is not done.
    MailIsKeptBack,
    /// Mail can be read or changed on its way.
    Open,
    /// It protects, and should be better.
    Better,
    /// It is worth knowing.
    Besides,
}

impl Urgency {
    /// That of something so good.
    pub fn of(tone: Tone) -> Self {
        match tone {
            Tone::Bad => Self::Open,
            Tone::Warning | Tone::Inconclusive => Self::Better,
            Tone::Good | Tone::Info => Self::Besides,
        }
    }
}

/// The steps for such checks with their urgency; of many, the last one names the rest.
pub(super) fn steps(telling: Telling<'_>, of: impl Fn(Check) -> bool) -> Vec<(Urgency, Step)> {
    let advised: Vec<Advised> = advised(telling).into_iter().filter(|one| of(one.check)).collect();
    let urgency = |one: &Advised| {
        if one.turns_away { Urgency::MailIsKeptBack } else { Urgency::of(tone(one.status)) }
    };
    let mut steps: Vec<_> =
        advised.iter().take(STEPS_MAX).map(|one| (urgency(one), step(telling, one))).collect();
    let rest = advised.get(STEPS_MAX..).unwrap_or_default();
    if !rest.is_empty() {
        let list = titles(telling, rest.iter().map(|one| one.check)).join(", ");
        let blanks = [("count", rest.len().into()), ("list", list.into())];
        let title = telling.words.tell("recv-advice-more", &blanks);
        let step = Step { tone: tone(rest[0].status), title, text: Vec::new(), settings: Vec::new() };
        steps.push((Urgency::Besides, step));
    }
    steps
}

/// The findings that a step is for.
fn concerned<'a>(telling: Telling<'a>, one: &Advised) -> Vec<(&'a Finding, &'a Rated)> {
    let mut findings = rated(telling, one.check);
    findings.retain(|(_, rated)| matches!(rated.status(), Status::Failed | Status::Recommendation));
    findings
}

fn step(telling: Telling<'_>, one: &Advised) -> Step {
    let words = telling.words;
    let findings = concerned(telling, one);
    let (title, more) = todo(telling, one.check, &findings);
    let mut text = sentences_of(telling, one.check, &findings);
    text.extend(more);
    if words.has(&key(one.check, "cost")) {
        let cost = words.say(&key(one.check, "cost"));
        text.push(words.tell("recv-advice-cost", &[("cost", cost.into())]));
    }
    let hosts: Vec<&str> = findings.iter().filter_map(|(finding, _)| finding.subject.host()).collect();
    Step { tone: tone(one.status), title, text, settings: fixes::settings(telling, one.check, &hosts) }
}

/// The first sentence of what to do, which is its title, and the others.
fn todo(telling: Telling<'_>, check: Check, findings: &[(&Finding, &Rated)]) -> (String, Option<String>) {
    let host = findings.iter().find_map(|(finding, _)| finding.subject.host());
    let todo = telling.words.tell(&for_domain(telling, key(check, "todo")), &telling.names(host));
    match todo.split_once(". ") {
        Some((first, more)) => (format!("{first}."), Some(more.to_owned())),
        None => (todo, None),
    }
}

/// The text of this name for such a domain: one without mail needs other records than one that sends some.
pub(super) fn for_domain(telling: Telling<'_>, key: String) -> String {
    let without_mail = format!("{key}-no-mail");
    if grade_key(telling) == "no-mail" && telling.words.has(&without_mail) { without_mail } else { key }
}

/// What whoever does not run the mail server can send to those who do.
fn for_the_provider(telling: Telling<'_>) -> Option<(Urgency, Step)> {
    let asked = asked(telling, |_| true)?;
    let domain = crate::shared::text::clean(&telling.receiving.evidence.domain);
    let blanks = [("domain", domain.into()), ("list", asked.into())];
    let text = vec![telling.words.tell("recv-advice-provider.text", &blanks)];
    let title = telling.words.say("recv-advice-provider");
    Some((Urgency::Besides, Step { tone: Tone::Info, title, text, settings: Vec::new() }))
}

/// The first steps for such checks as a request to somebody else; none if nothing is to be done.
pub(super) fn asked(telling: Telling<'_>, of: impl Fn(Check) -> bool) -> Option<String> {
    let advised: Vec<Advised> = advised(telling).into_iter().filter(|one| of(one.check)).collect();
    let asked =
        advised.iter().take(ASKED_MAX).map(|one| todo(telling, one.check, &concerned(telling, one)).0);
    let asked: Vec<String> = asked.collect();
    (!asked.is_empty()).then(|| asked.join(" "))
}
