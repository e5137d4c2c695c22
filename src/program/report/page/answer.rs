//! The answer for a person with a mailbox.

use std::net::IpAddr;

use fluent::FluentValue;

use crate::receiving::grades::{Grade, Letter, OWN, Own};
use crate::receiving::report as receiving;
use crate::receiving::report::Half;
use crate::sending::history::TrialEnd;
use crate::sending::verdict::{Apart, FindingResult, Judgement, Mechanism, Reason, Term, Verdict};
use crate::shared::domain_name::a_labels;
use crate::shared::text::clean_to;

use super::cases;
use super::telling::Telling;
use crate::shared::text::Tone;

/// With more candidates than this the evidence says so little that naming them all helps nobody.
const CANDIDATES_NAMED_MAX: usize = 5;

/// How long a subject is, in characters.
const SUBJECT_CHARS_MAX: usize = 100;

/// How much of the sender's domain a subject shows, in characters.
const DOMAIN_CHARS_MAX: usize = 40;

/// What is shown of a domain in any case.
const DOMAIN_CHARS_MIN: usize = 16;

/// What the answer depends on. What undoes a policy goes before the policy.
enum Answer {
    /// This mechanism undoes what is demanded or checked.
    Undone(Mechanism),
    /// Even the sound server is refused.
    SoundRefused,
    /// The policy is determined.
    Determined(Term),
    /// A few policies fit.
    Undecided,
    /// Nearly every policy fits.
    Unknown,
    Contradiction,
    /// The judge failed at it.
    Unjudged,
}

impl Answer {
    fn of(judgement: &Judgement) -> Self {
        if judgement.findings.iter().any(|finding| finding.reason == Reason::NotJudged) {
            return Self::Unjudged;
        }
        if let Some(by) = undone(judgement) {
            return Self::Undone(by);
        }
        if is(judgement, Mechanism::RefusesSoundServer, FindingResult::Practised) {
            return Self::SoundRefused;
        }
        match judgement.candidates[..] {
            [] => Self::Contradiction,
            [term] => Self::Determined(term),
            _ if judgement.candidates.len() <= CANDIDATES_NAMED_MAX => Self::Undecided,
            _ => Self::Unknown,
        }
    }

    /// The ending of the texts' names.
    fn key(&self) -> String {
        match self {
            Self::Undone(by) => format!("undone-{}", by.name()),
            Self::SoundRefused => "sound-refused".to_owned(),
            // Where no `+` may stand.
            Self::Determined(term) => term.name().replace('+', "-and-"),
            Self::Undecided => "undecided".to_owned(),
            Self::Unknown => "unknown".to_owned(),
            Self::Contradiction => "contradiction".to_owned(),
            Self::Unjudged => "unjudged".to_owned(),
        }
    }
}

/// What undoes the policy: mail that was kept back went out unprotected after all. Where nothing was demanded, nothing
/// is undone.
pub(super) fn undone(judgement: &Judgement) -> Option<Mechanism> {
    let said = judgement.findings.iter().find_map(|finding| match finding.reason {
        Reason::Undone(by) if finding.result == FindingResult::Broken => Some(by),
        _ => None,
    });
    let promises = |term: Term| match term {
        Term::None | Term::May | Term::MaySni => None,
        Term::Encrypt | Term::EncryptSni => Some(&[Mechanism::FallsBackToClearText][..]),
        _ => Some(&[Mechanism::FallsBackToClearText, Mechanism::LaxerOnRetry][..]),
    };
    let by_term = || {
        let undoing = promises(judgement.term()?)?;
        undoing.iter().copied().find(|by| is(judgement, *by, FindingResult::Practised))
    };
    said.or_else(by_term)
}

/// The subject line: whose mail it is, as far as a domain can be one, and the answer.
pub(super) fn subject(telling: &Telling<'_>) -> String {
    let words = telling.words;
    let mut subject = match weaker(telling) {
        _ if telling.account.is_of_cases_alone() => cases::subject(telling),
        Some(apart) => {
            let of = statement(telling, &apart.judgement);
            words.tell("subject-apart", &[("subject", of.into())])
        }
        None => statement(telling, &telling.account.verdict.overall),
    };
    if receives_badly(telling.account.receiving) {
        subject = words.tell("subject-receives-badly", &[("subject", subject.into())]);
    }
    if telling.account.history.ended.is_none() {
        subject = words.tell("subject-open", &[("subject", subject.into())]);
    }
    let room = SUBJECT_CHARS_MAX.saturating_sub(subject.chars().count() + 2);
    let subject = match domain(telling, room.clamp(DOMAIN_CHARS_MIN, DOMAIN_CHARS_MAX)) {
        Some(domain) => format!("{domain}: {subject}"),
        None => subject,
    };
    // Where even that is too long, the end of it has to go.
    match subject.chars().count() {
        0..=SUBJECT_CHARS_MAX => subject,
        _ => clean_to(&subject, SUBJECT_CHARS_MAX - 1),
    }
}

fn statement(telling: &Telling<'_>, judgement: &Judgement) -> String {
    telling.words.tell(&format!("subject-{}", Answer::of(judgement).key()), &blanks(telling, judgement, None))
}

/// The sender's domain as A-labels, the end of it where it is long; what can be in no domain is shown as `?`.
fn domain(telling: &Telling<'_>, chars_max: usize) -> Option<String> {
    let domain = crate::program::report::link::sender_domain(telling.account.history)?;
    let safe = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' | '[' | ']' | ':' => character,
        _ => '?',
    };
    let domain = a_labels(&domain).unwrap_or_else(|| domain.chars().map(safe).collect());
    let length = domain.chars().count();
    if length <= chars_max {
        return Some(domain);
    }
    let end: String = domain.chars().skip(length - (chars_max - 1)).collect();
    Some(format!("…{end}"))
}

/// How good the answer is as a whole: not green where others cannot write to the domain safely.
pub(super) fn tone(telling: &Telling<'_>) -> Tone {
    let sending = match weaker(telling) {
        _ if telling.account.is_of_cases_alone() => cases::tone(telling.account.cases),
        Some(apart) => tone_of(&apart.judgement),
        None => tone_of(&telling.account.verdict.overall),
    };
    match sending {
        Tone::Good if weaker(telling).is_some() || receives_badly(telling.account.receiving) => Tone::Warning,
        other => other,
    }
}

fn receives_badly(half: Half<'_>) -> bool {
    let Half::Scanned(receiving) = half else { return false };
    let grade = receiving.ratings.of(OWN).map(|rating| &rating.grade);
    matches!(grade, Some(Grade::Mailassay(Own { letter: Some(Letter::D | Letter::F), .. })))
}

/// How good a way of sending is.
pub(super) fn tone_of(judgement: &Judgement) -> Tone {
    let of_term = |term: Term| match term {
        Term::None | Term::May | Term::MaySni | Term::MayVerify => Tone::Bad,
        Term::Encrypt | Term::EncryptSni | Term::PerDestination => Tone::Info,
        // It protects, and most of the world gets no mail.
        Term::DaneOnly => Tone::Warning,
        Term::MtaSts if is(judgement, Mechanism::Dane, FindingResult::Broken) => Tone::Bad,
        _ if is(judgement, Mechanism::ClearTextEt, FindingResult::Practised) => Tone::Bad,
        _ => Tone::Good,
    };
    match Answer::of(judgement) {
        Answer::Undone(_) | Answer::SoundRefused => Tone::Bad,
        // As bad as the worst of them, and never good: what is best for one is not what all get.
        Answer::Determined(Term::PerDestination) => {
            let each = judgement.per_destination.iter().map(|(_, term)| of_term(*term));
            if each.clone().any(|tone| tone == Tone::Bad) { Tone::Bad } else { Tone::Info }
        }
        Answer::Determined(term) => of_term(term),
        Answer::Undecided | Answer::Unknown | Answer::Contradiction | Answer::Unjudged => Tone::Inconclusive,
    }
}

/// Where sources are judged apart: the one by which a mail is protected least.
pub(super) fn weaker<'a>(telling: &Telling<'a>) -> Option<&'a Apart> {
    telling.account.verdict.apart.iter().min_by_key(|apart| {
        let judgement = &apart.judgement;
        let broken = matches!(Answer::of(judgement), Answer::Undone(_));
        let weakest = judgement.candidates.iter().min().copied();
        // What undoes itself protects as little as what is only tried.
        if broken { weakest.min(Some(Term::May)) } else { weakest }
    })
}

/// The answer: first what the sender does and what that means, then what disturbed the test.
pub(super) fn paragraphs(telling: &Telling<'_>) -> Vec<String> {
    let words = telling.words;
    let mut sentences = match telling.account.is_of_cases_alone() {
        true => cases::paragraphs(telling),
        false => classic(telling).into_iter().chain(cases::also(telling)).collect(),
    };
    let senders = telling.senders();
    sentences.extend(receiving::sentence(telling.account.receiving, telling.told(&senders)));
    match telling.account.history.ended.as_ref().map(|ended| ended.what) {
        None => sentences.push(words.say("answer-open")),
        Some(TrialEnd::Expired) => sentences.push(words.say("answer-expired")),
        Some(TrialEnd::Settled | TrialEnd::Unjudged) => {}
    }
    sentences
}

/// The answer of the classic suite.
fn classic(telling: &Telling<'_>) -> Vec<String> {
    let judgement = &telling.account.verdict.overall;
    let words = telling.words;
    let say = |what: &str, judgement: &Judgement, source: Option<IpAddr>| {
        words.tell(&format!("{what}-{}", Answer::of(judgement).key()), &blanks(telling, judgement, source))
    };
    let first = match weaker(telling) {
        Some(apart) => {
            let answer = [("answer", say("answer", &apart.judgement, Some(apart.source)).into())];
            format!("{} {}", words.tell("answer-apart", &answer), words.say("meaning-apart"))
        }
        None => format!("{} {}", say("answer", judgement, None), say("meaning", judgement, None)),
    };
    let mut sentences = vec![first];
    if judgement.findings.iter().any(|finding| matches!(finding.reason, Reason::OurFault(_))) {
        sentences.push(words.say("answer-our-fault"));
    }
    sentences
}

/// The policy in the field's terms, or those that remain.
pub(super) fn term_line(telling: &Telling<'_>) -> String {
    let judgement = &telling.account.verdict.overall;
    let postfix = |term: Term| {
        matches!(term, Term::None | Term::May | Term::Encrypt | Term::Verify | Term::Dane | Term::DaneOnly)
    };
    let id = match judgement.candidates[..] {
        [] => "term-contradiction",
        [term] if postfix(term) => "term-postfix",
        [_] => "term-other",
        _ if judgement.candidates.len() > CANDIDATES_NAMED_MAX => "term-unknown",
        _ => "term-candidates",
    };
    let term = telling.words.tell(id, &blanks(telling, judgement, None));
    let Some((first, second)) = judgement.contradiction else { return term };
    let place = |seq| match telling.links_of(&[seq])[..] {
        [number, ..] => telling.words.tell("contradiction-link", &[("number", number.into())]),
        [] => telling.words.tell("contradiction-seq", &[("seq", seq.to_string().into())]),
    };
    let places = [("first", place(first).into()), ("second", place(second).into())];
    format!("{term} {}", telling.words.tell("contradiction", &places))
}

/// The terms of one source.
pub(super) fn terms(telling: &Telling<'_>, judgement: &Judgement) -> String {
    if judgement.candidates.is_empty() {
        return telling.words.say("apart-contradiction");
    }
    let terms: Vec<String> = judgement.candidates.iter().map(|term| term.name().to_owned()).collect();
    telling.words.one_of(&terms)
}

/// The verdict in a few words, for tables.
pub(in crate::program::report) fn trial_verdict(verdict: &Verdict) -> String {
    let judgement = &verdict.overall;
    if !verdict.apart.is_empty() {
        let term = |apart: &Apart| apart.judgement.term().map_or("inconclusive", Term::name);
        let terms: std::collections::BTreeSet<&str> = verdict.apart.iter().map(term).collect();
        return format!("differ: {}", terms.into_iter().collect::<Vec<_>>().join(", "));
    }
    match judgement.candidates[..] {
        [] => "contradiction".to_owned(),
        [term] => term.name().to_owned(),
        _ if judgement.candidates.len() <= CANDIDATES_NAMED_MAX => {
            let names: Vec<&str> = judgement.candidates.iter().map(|term| term.name()).collect();
            format!("inconclusive: {}", names.join(", "))
        }
        _ => "inconclusive".to_owned(),
    }
}

pub(super) fn is(judgement: &Judgement, mechanism: Mechanism, result: FindingResult) -> bool {
    judgement.finding(mechanism).is_some_and(|finding| finding.result == result)
}

fn blanks(
    telling: &Telling<'_>,
    judgement: &Judgement,
    source: Option<IpAddr>,
) -> Vec<(&'static str, FluentValue<'static>)> {
    let result = |mechanism| {
        judgement.finding(mechanism).map_or(FindingResult::Inconclusive, |finding| finding.result).name()
    };
    let each: Vec<String> = judgement
        .per_destination
        .iter()
        .map(|(case, term)| {
            let domain = telling.account.catalogue.case(case);
            let domain =
                domain.map_or_else(|| case.to_string(), |case| telling.account.catalogue.domain(case));
            telling
                .words
                .tell("per-destination-each", &[("term", term.name().into()), ("domain", domain.into())])
        })
        .collect();
    let terms = match judgement.per_destination.as_slice() {
        [] => terms(telling, judgement),
        each => {
            each.iter().map(|(case, term)| format!("{case}: {}", term.name())).collect::<Vec<_>>().join(", ")
        }
    };
    vec![
        ("sender", telling.sender(source).into()),
        ("terms", terms.into()),
        ("each", telling.words.all_of(&each).into()),
        ("et", telling.domain(true).into()),
        ("ut", telling.domain(false).into()),
        ("clear-et", result(Mechanism::ClearTextEt).into()),
        ("clear-ut", result(Mechanism::ClearTextUt).into()),
        ("dane", result(Mechanism::Dane).into()),
        ("mta-sts", result(Mechanism::MtaSts).into()),
        ("mandatory", result(Mechanism::MandatoryTls).into()),
        ("several", if telling.several_sources() { "yes" } else { "no" }.into()),
    ]
}
