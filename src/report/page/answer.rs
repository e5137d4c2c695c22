//! The answer for a person with a mailbox.

use fluent::FluentValue;

use crate::history::TrialEnd;
use crate::report::receiving;
use crate::verdict::sending::{FindingResult, Judgement, Mechanism, Reason, Term};

use super::{Telling, Tone};

/// With more candidates than this the evidence says so little that naming them all helps nobody.
const CANDIDATES_NAMED_MAX: usize = 5;

/// What the answer depends on.
enum Answer {
    /// The policy is determined.
    Determined(Term),
    /// A few policies fit.
    Undecided,
    /// Nearly every policy fits.
    Unknown,
    /// None fits.
    Contradiction,
}

impl Answer {
    fn of(judgement: &Judgement) -> Self {
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
            Self::Determined(term) => term_key(*term),
            Self::Undecided => "undecided".to_owned(),
            Self::Unknown => "unknown".to_owned(),
            Self::Contradiction => "contradiction".to_owned(),
        }
    }
}

/// A term as part of a text's name, where no `+` may stand.
fn term_key(term: Term) -> String {
    term.name().replace('+', "-and-")
}

/// The subject line. It states the answer and holds nothing that a sender controls.
pub(super) fn subject(telling: &Telling<'_>) -> String {
    let judgement = &telling.account.verdict.overall;
    let id = format!("subject-{}", Answer::of(judgement).key());
    let subject = telling.words.tell(&id, &blanks(telling, judgement));
    if telling.account.history.ended.is_some() {
        return subject;
    }
    telling.words.tell("subject-open", &[("subject", subject.into())])
}

/// How good the answer is.
pub(super) fn tone(telling: &Telling<'_>) -> Tone {
    let judgement = &telling.account.verdict.overall;
    match Answer::of(judgement) {
        Answer::Determined(term) => match term {
            Term::None | Term::May | Term::MaySni | Term::MayVerify => Tone::Bad,
            Term::Encrypt | Term::EncryptSni | Term::PerDestination => Tone::Info,
            Term::MtaSts if result(judgement, Mechanism::Dane) == "broken" => Tone::Bad,
            _ if result(judgement, Mechanism::ClearTextEt) == "practised" => Tone::Bad,
            _ => Tone::Good,
        },
        Answer::Undecided | Answer::Unknown | Answer::Contradiction => Tone::Inconclusive,
    }
}

/// The answer: first what the sender does, then what that means, then what disturbed the test.
pub(super) fn sentences(telling: &Telling<'_>) -> Vec<String> {
    let judgement = &telling.account.verdict.overall;
    let words = telling.words;
    let key = Answer::of(judgement).key();
    let blanks = blanks(telling, judgement);
    let mut sentences = vec![words.tell(&format!("answer-{key}"), &blanks)];
    sentences.push(words.tell(&format!("meaning-{key}"), &blanks));
    if judgement.findings.iter().any(|finding| matches!(finding.reason, Reason::OurFault(_))) {
        sentences.push(words.say("answer-our-fault"));
    }
    sentences.extend(receiving::sentence(telling.account.receiving, words, telling.account.now));
    match telling.account.history.ended.as_ref().map(|ended| ended.what) {
        None => sentences.push(words.say("answer-open")),
        Some(TrialEnd::Expired) => sentences.push(words.say("answer-expired")),
        Some(TrialEnd::Settled) => {}
    }
    sentences
}

/// The policy in the field's terms, or those that remain.
pub(super) fn term_line(telling: &Telling<'_>) -> String {
    let judgement = &telling.account.verdict.overall;
    let postfix = |term: Term| {
        matches!(term, Term::None | Term::May | Term::Encrypt | Term::Verify | Term::Dane | Term::DaneOnly)
    };
    let id = match Answer::of(judgement) {
        Answer::Determined(term) if postfix(term) => "term-postfix",
        Answer::Determined(_) => "term-other",
        Answer::Undecided | Answer::Unknown => "term-candidates",
        Answer::Contradiction => "term-contradiction",
    };
    telling.words.tell(id, &blanks(telling, judgement))
}

/// The verdict in a few words, for tables.
pub(in crate::report) fn trial_verdict(judgement: &Judgement) -> String {
    match Answer::of(judgement) {
        Answer::Determined(term) => term.name().to_owned(),
        Answer::Undecided => {
            let names: Vec<&str> = judgement.candidates.iter().map(|term| term.name()).collect();
            format!("inconclusive: {}", names.join(", "))
        }
        Answer::Unknown => "inconclusive".to_owned(),
        Answer::Contradiction => "contradiction".to_owned(),
    }
}

fn result(judgement: &Judgement, mechanism: Mechanism) -> &'static str {
    judgement.finding(mechanism).map_or(FindingResult::Inconclusive, |finding| finding.result).name()
}

fn blanks(telling: &Telling<'_>, judgement: &Judgement) -> Vec<(&'static str, FluentValue<'static>)> {
    let terms: Vec<String> = judgement.candidates.iter().map(|term| term.name().to_owned()).collect();
    vec![
        ("sender", telling.sender().into()),
        ("terms", telling.words.one_of(&terms).into()),
        ("et", telling.domain(true).into()),
        ("ut", telling.domain(false).into()),
        ("clear-et", result(judgement, Mechanism::ClearTextEt).into()),
        ("clear-ut", result(judgement, Mechanism::ClearTextUt).into()),
        ("dane", result(judgement, Mechanism::Dane).into()),
        ("mta-sts", result(judgement, Mechanism::MtaSts).into()),
    ]
}
