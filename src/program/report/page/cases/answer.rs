//! The answer as ruled cases give it.

use fluent::FluentValue;

use crate::program::report::account::Account;
use crate::sending::persona::Standing;
use crate::sending::verdict::{AttackCell, CasesVerdict, Exposure};
use crate::shared::text::Tone;

use super::super::telling::Telling;

/// What the answer depends on: the worst that was seen.
#[derive(Clone, Copy)]
enum Worst {
    Fault,
    NotPractised,
    Fine,
    Unseen,
}

impl Worst {
    fn of(cases: &CasesVerdict) -> Self {
        let has = |standing| count(cases, standing) > 0;
        if has(Standing::Fault) {
            Self::Fault
        } else if has(Standing::NotPractised) {
            Self::NotPractised
        } else if seen(cases) > 0 {
            Self::Fine
        } else {
            Self::Unseen
        }
    }

    /// The ending of the texts' names.
    fn key(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::NotPractised => "not-practised",
            Self::Fine => "fine",
            Self::Unseen => "unseen",
        }
    }
}

fn count(cases: &CasesVerdict, standing: Standing) -> usize {
    cases.findings.iter().filter(|one| one.standing == Some(standing)).count()
}

/// At how many cases something was seen that could be judged.
fn seen(cases: &CasesVerdict) -> usize {
    cases.findings.iter().filter(|one| one.standing.is_some()).count()
}

fn blanks(telling: &Telling<'_>) -> Vec<(&'static str, FluentValue<'static>)> {
    let cases = telling.account.cases;
    let counted = match Worst::of(cases) {
        Worst::Fault => count(cases, Standing::Fault),
        Worst::NotPractised => count(cases, Standing::NotPractised),
        Worst::Fine | Worst::Unseen => seen(cases),
    };
    vec![
        ("sender", telling.sender(None).into()),
        ("all", cases.findings.len().into()),
        ("count", counted.into()),
    ]
}

/// The answer in a subject, of a trial of ruled cases alone.
pub(in crate::program::report::page) fn subject(telling: &Telling<'_>) -> String {
    let worst = Worst::of(telling.account.cases);
    telling.words.tell(&format!("subject-cases-{}", worst.key()), &blanks(telling))
}

/// How good it is as a whole.
pub(in crate::program::report::page) fn tone(cases: &CasesVerdict) -> Tone {
    match Worst::of(cases) {
        Worst::Fault => Tone::Bad,
        Worst::NotPractised => Tone::Warning,
        Worst::Fine if count(cases, Standing::Conforms) > 0 => Tone::Good,
        Worst::Fine => Tone::Info,
        Worst::Unseen => Tone::Inconclusive,
    }
}

/// The answer of a trial of ruled cases alone.
pub(in crate::program::report::page) fn paragraphs(telling: &Telling<'_>) -> Vec<String> {
    let worst = Worst::of(telling.account.cases);
    let answer = telling.words.tell(&format!("answer-cases-{}", worst.key()), &blanks(telling));
    std::iter::once(answer).chain(left(telling)).collect()
}

/// What a mail of both parts adds to the answer of the first.
pub(in crate::program::report::page) fn also(telling: &Telling<'_>) -> Vec<String> {
    if telling.account.cases.findings.is_empty() {
        return Vec::new();
    }
    let worst = Worst::of(telling.account.cases);
    let also = telling.words.tell(&format!("also-cases-{}", worst.key()), &blanks(telling));
    std::iter::once(also).chain(left(telling)).collect()
}

/// That some cases stay open, where others do not.
fn left(telling: &Telling<'_>) -> Option<String> {
    let cases = telling.account.cases;
    let left = cases.findings.len() - seen(cases);
    (left > 0 && seen(cases) > 0).then(|| telling.words.tell("answer-cases-left", &[("count", left.into())]))
}

/// The verdict on cases in a few words, for tables.
pub(in crate::program::report) fn summary(account: Account<'_>) -> String {
    let cases = account.cases;
    let (all, faults) = (cases.findings.len(), count(cases, Standing::Fault));
    match cases.terms[..] {
        [term] => format!("{all} cases, {faults} faults: {term}"),
        _ => format!("{all} cases, {faults} faults"),
    }
}

/// Whether an attack view says nothing that the cases of a trial of them alone could have shown.
pub(in crate::program::report::page) fn unseen_alone(account: Account<'_>, cells: &[AttackCell]) -> bool {
    account.is_of_cases_alone()
        && cells.iter().all(|cell| matches!(cell.exposure, Exposure::NotSeen | Exposure::NothingToBlock))
}
