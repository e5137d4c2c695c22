//! What became of each sample at the first cases, and whether it is right.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::program::app::service::Service;
use crate::program::demo::{Sample, World};
use crate::sending::history::History;
use crate::sending::persona::{CaseId, Catalogue, Suite};
use crate::sending::trial::{Label, Pace};
use crate::sending::trials::Wanted;
use crate::sending::verdict::model::ruled::{CaseEnd, CaseModel};
use crate::sending::verdict::{CaseFinding, CasesVerdict, Term, cases_of, judge_cases};

use super::error::DemoError;
use super::outcome::Worth;
use crate::shared::time::Timestamp;

/// What was said of a sample at one case.
struct Told {
    case: CaseId,
    found: Option<CaseEnd>,
    /// How the sample may have come out there.
    possible: Vec<CaseEnd>,
}

/// What became of a sample at all cases.
pub(super) struct CasesOutcome {
    name: &'static str,
    told: Vec<Told>,
    terms: Vec<Term>,
    /// The term that is right.
    term: Term,
    /// Whether its trial has ended.
    is_over: bool,
}

impl CasesOutcome {
    /// The outcome of a sample whose trial is this; none where it has none.
    pub(super) fn of(catalogue: &Catalogue, pace: &Pace, sample: &Sample, history: Option<&History>) -> Self {
        let verdict: CasesVerdict =
            history.map(|history| judge_cases(catalogue, pace, history)).unwrap_or_default();
        let model = CaseModel::usual(sample.model);
        let cases = history.map(|history| cases_of(catalogue, history)).unwrap_or_default();
        let told = cases.iter().filter_map(|id| catalogue.ruled_case(id)).map(|case| Told {
            case: case.id.clone(),
            found: verdict.finding(&case.id).and_then(end),
            possible: model.ends(case),
        });
        Self {
            name: sample.name,
            told: told.collect(),
            term: sample.term,
            terms: verdict.terms,
            is_over: history.is_some_and(|history| history.ended.is_some()),
        }
    }

    /// What the verdict is worth.
    pub(super) fn worth(&self) -> Worth {
        let wrong = |told: &Told| told.found.is_some_and(|found| !told.possible.contains(&found));
        if self.told.iter().any(wrong) || self.is_over && !self.terms.contains(&self.term) {
            return Worth::Wrong;
        }
        let open = self.told.iter().any(|told| told.found.is_none());
        match self.told.is_empty() || open || self.terms != [self.term] {
            true => Worth::NotInTime,
            false => Worth::Right,
        }
    }
}

fn end(finding: &CaseFinding) -> Option<CaseEnd> {
    finding.outcome.end()
}

/// Labels for each sample, by its name: all of them send at the same time, and permanent names would not tell whose
/// questions are whose.
pub(super) async fn labels(
    world: &World,
    service: &Service,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Result<BTreeMap<&'static str, BTreeMap<CaseId, Label>>, DemoError> {
    let first = catalogue.suite(Suite::First);
    let cases: Vec<CaseId> = first.map(|case| case.id.clone()).collect();
    let mut labels = BTreeMap::new();
    for sample in &world.samples {
        let letters: String = sample.name.chars().filter(char::is_ascii_alphabetic).collect();
        let Ok(label) = format!("demo{letters}").parse() else { continue };
        let wanted = Wanted { label, cases: cases.clone(), first: None, domain: None };
        let issued = service.issuer().issue(now, &wanted).await;
        labels.insert(sample.name, issued.map_err(DemoError::Labels)?);
    }
    Ok(labels)
}

/// Samples beside what was said of them, on 80 columns.
pub(super) fn table(outcomes: &[CasesOutcome]) -> String {
    let cases: Vec<&CaseId> = outcomes
        .first()
        .map(|outcome| outcome.told.iter().map(|told| &told.case).collect())
        .unwrap_or_default();
    let mut table = String::new();
    for (n, case) in (1..).zip(&cases) {
        let _ = writeln!(table, "   {n}  {case}");
    }
    let numbers: String = (1..).take(cases.len()).map(|n| format!("{n:>3}")).collect();
    let _ = writeln!(table, "\n   the sender was{numbers}   its verdict says");
    for outcome in outcomes {
        let mark = match outcome.worth() {
            Worth::Right => '✔',
            Worth::NotInTime => '?',
            Worth::Wrong => '✘',
        };
        let letters: String = outcome
            .told
            .iter()
            .map(|told| format!("{:>3}", told.found.map_or('?', CaseEnd::letter)))
            .collect();
        let terms: Vec<_> = outcome.terms.iter().map(|term| term.name()).collect();
        let _ = writeln!(table, " {mark} {:<14}{letters}   {}", outcome.name, terms.join(", "));
        for told in &outcome.told {
            if let Some(found) = told.found.filter(|found| !told.possible.contains(found)) {
                let should: String = told.possible.iter().map(|end| end.letter()).collect();
                let _ = writeln!(table, "     {}: {}, should be {should}", told.case, found.letter());
            }
        }
    }
    table
        + "\n   P in clear, D delivered at the faulty host, g at the sound one, h held\n   ? not seen in the time that the demo takes\n"
}

/// What it comes to; the mails lie in `out`.
pub(super) fn conclusion(outcomes: &[CasesOutcome], out: &Path) -> String {
    let count = |worth: Worth| outcomes.iter().filter(|outcome| outcome.worth() == worth).count();
    let (all, wrong, late) = (outcomes.len(), count(Worth::Wrong), count(Worth::NotInTime));
    match (wrong, late) {
        (0, 0) => {
            let out = out.display();
            format!("All {all} verdicts are right. The mails are in {out}, as .eml and .html.\n")
        }
        (0, late) => format!(
            "{late} of {all} verdicts left something open. They are not wrong. That happens\n\
             where the machine is busy: try again.\n"
        ),
        (wrong, _) => format!("{wrong} of {all} verdicts are WRONG.\n"),
    }
}
