//! How a provider sends: what its trials say together.

use std::collections::BTreeSet;

use crate::program::report::{self, Account};
use crate::receiving::report::Half;
use crate::sending::history::{History, Seq};
use crate::sending::persona::Catalogue;
use crate::sending::trial::Pace;
use crate::sending::verdict::{
    CasesVerdict, Finding, FindingResult, Judgement, Mechanism, Term, Verdict, judge,
};
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

use super::super::exhibit::{Document, Exhibit};
use super::super::settings::Settings;
use super::{Amount, Cell, Colour, Counting, InBoth, Proof, Seen, SendingRow, colour, day};

/// A trial as it is judged by the rules of today.
pub(super) struct Judged<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) exhibit: &'a Exhibit,
    pub(super) counting: Counting,
    /// The waits that it was made with.
    pace: &'a Pace,
    pub(super) history: History,
    pub(super) verdict: Verdict,
}

impl<'a> Judged<'a> {
    /// The trial that an exhibit is; none: it is none.
    pub(super) fn of(catalogue: &'a Catalogue, exhibit: &'a Exhibit, counting: Counting) -> Option<Self> {
        let Document::Trial(redacted) = &exhibit.document else { return None };
        let history = redacted.history();
        let verdict = judge(catalogue, &redacted.pace, &history);
        Some(Self { catalogue, exhibit, counting, pace: &redacted.pace, history, verdict })
    }

    /// What is judged of it: each source apart where they contradict each other, else all together.
    pub(super) fn judgements(&self) -> Vec<&Judgement> {
        match self.verdict.apart.as_slice() {
            [] => vec![&self.verdict.overall],
            apart => apart.iter().map(|apart| &apart.judgement).collect(),
        }
    }

    /// The findings on a mechanism.
    pub(super) fn findings(&self, mechanism: Mechanism) -> Vec<&Finding> {
        let judgements = self.judgements();
        judgements.into_iter().filter_map(|judgement| judgement.finding(mechanism)).collect()
    }

    /// Whether some source of it shows `result` of a mechanism.
    pub(super) fn shows(&self, mechanism: Mechanism, result: FindingResult) -> bool {
        self.findings(mechanism).iter().any(|finding| finding.result == result)
    }

    /// What proves a finding.
    pub(super) fn proof(&self, finding: &Finding) -> Proof {
        let account = Account {
            catalogue: self.catalogue,
            pace: self.pace,
            history: &self.history,
            verdict: &self.verdict,
            cases: &CasesVerdict::default(),
            receiving: Half::NotScanned,
            now: self.exhibit.document.at(),
        };
        let settings = report::Settings::default();
        let why = |language| report::reason(account, &settings, finding, language);
        Proof {
            exhibit: self.exhibit.number,
            connections: self.connections(&finding.evidence),
            why: InBoth { en: why(Language::En), de: why(Language::De) },
        }
    }

    /// A proof without words.
    pub(super) fn proof_by(&self, evidence: &[Seq]) -> Proof {
        let connections = self.connections(evidence);
        Proof { exhibit: self.exhibit.number, connections, why: InBoth::default() }
    }

    /// The numbers of the connections that observations lie on.
    fn connections(&self, evidence: &[Seq]) -> Vec<usize> {
        let on = |link| report::observations(link).iter().any(|seq| evidence.contains(seq));
        let links = (1..).zip(&self.history.links);
        links.filter(|(_, attributed)| on(&attributed.link)).map(|(number, _)| number).collect()
    }
}

/// How a provider sends, by the trials that count.
pub(super) fn row(settings: &Settings, trials: &[&Judged<'_>]) -> SendingRow {
    let amount = amount(trials);
    let is_enough = amount.trials >= settings.trials_min
        && amount.days >= settings.days_min
        && amount.sources >= settings.sources_min;
    let mut row = SendingRow {
        colour: Colour::Grey,
        amount,
        is_enough,
        newest: trials.iter().map(|trial| trial.exhibit.document.at()).max(),
        term: term(trials),
        clear_where_forbidden: cell(trials, Mechanism::ClearTextEt),
        clear_elsewhere: cell(trials, Mechanism::ClearTextUt),
        dane: cell(trials, Mechanism::Dane),
        mta_sts: cell(trials, Mechanism::MtaSts),
        certificates: cell(trials, Mechanism::CertificateChecking),
    };
    if is_enough {
        let practised = FindingResult::Practised;
        let falls_back = trials.iter().any(|trial| trial.shows(Mechanism::FallsBackToClearText, practised));
        row.colour = colour::of_sending(&row, falls_back);
    }
    row
}

fn amount(trials: &[&Judged<'_>]) -> Amount {
    let at = |trial: &&Judged<'_>| -> Timestamp { trial.exhibit.document.at() };
    let days: BTreeSet<String> = trials.iter().map(|trial| day(at(trial))).collect();
    let sources: BTreeSet<&String> = trials.iter().flat_map(|trial| &trial.exhibit.sources).collect();
    Amount { trials: trials.len(), days: days.len(), sources: sources.len() }
}

fn term(trials: &[&Judged<'_>]) -> Cell<Term> {
    let mut values = BTreeSet::new();
    let mut proofs = Vec::new();
    for trial in trials {
        let terms: Vec<Term> =
            trial.judgements().into_iter().filter_map(|judgement| judgement.term()).collect();
        if terms.is_empty() {
            continue;
        }
        let findings = trial.judgements().into_iter().flat_map(|judgement| &judgement.findings);
        let evidence: Vec<Seq> = findings.flat_map(|finding| finding.evidence.iter().copied()).collect();
        proofs.push(trial.proof_by(&evidence));
        values.extend(terms);
    }
    Cell { seen: together(values), proofs }
}

/// What trials say of a mechanism. What stayed open in one says nothing against the others.
fn cell(trials: &[&Judged<'_>], mechanism: Mechanism) -> Cell<FindingResult> {
    let mut values = BTreeSet::new();
    let mut proofs = Vec::new();
    for trial in trials {
        for finding in trial.findings(mechanism) {
            if finding.result != FindingResult::Inconclusive {
                values.insert(finding.result);
                proofs.push(trial.proof(finding));
            }
        }
    }
    if values.is_empty() {
        // Why nothing was seen is evidence, too.
        let open = trials.iter().filter_map(|trial| Some((trial, *trial.findings(mechanism).first()?)));
        proofs.extend(open.map(|(trial, finding)| trial.proof(finding)));
    }
    Cell { seen: together(values), proofs }
}

fn together<T>(values: BTreeSet<T>) -> Seen<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    match values.len() {
        0 => Seen::NotSeen,
        1 => Seen::Agreed(values.remove(0)),
        _ => Seen::Contradictory(values),
    }
}
