//! The numbered notes: what was seen and has no column.

use serde::{Deserialize, Serialize};

use crate::sending::history::{Seq, TrialEnd};
use crate::sending::verdict::{FindingResult, Mechanism, Reason, Term};

use super::Proof;
use super::sending::Judged;

/// A note. Its number is the same in every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// It did not come back after STARTTLS was not offered: the mail is returned at once, or lost.
    GivesUpWithoutStarttls,
    /// It delivered on a retry where it had refused before.
    LaxerOnRetry,
    /// It sent in clear where STARTTLS was offered, after TLS had failed.
    FallsBackToClearText,
    /// It refused the sound server, too.
    RefusesSoundServer,
    /// It asked for TLSA records, and took a certificate that they forbid because MTA-STS allows it.
    DaneOverridden,
    /// It has a policy for each destination.
    PerDestination,
    /// It sent in clear before it had fetched the policy.
    ClearBeforePolicy,
    /// Its servers do not all do the same.
    SourcesDiffer,
}

impl Note {
    /// All, by their numbers.
    pub const ALL: [Self; 8] = [
        Self::GivesUpWithoutStarttls,
        Self::LaxerOnRetry,
        Self::FallsBackToClearText,
        Self::RefusesSoundServer,
        Self::DaneOverridden,
        Self::PerDestination,
        Self::ClearBeforePolicy,
        Self::SourcesDiffer,
    ];

    /// Its number in the table, from 1.
    pub fn number(self) -> usize {
        1 + Self::ALL.iter().position(|note| *note == self).unwrap_or_default()
    }

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::GivesUpWithoutStarttls => "gives-up-without-starttls",
            Self::LaxerOnRetry => "laxer-on-retry",
            Self::FallsBackToClearText => "falls-back-to-clear-text",
            Self::RefusesSoundServer => "refuses-sound-server",
            Self::DaneOverridden => "dane-overridden",
            Self::PerDestination => "per-destination",
            Self::ClearBeforePolicy => "clear-before-policy",
            Self::SourcesDiffer => "sources-differ",
        }
    }
}

/// A note that a row has, and what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    pub note: Note,
    pub proofs: Vec<Proof>,
}

/// The notes of the trials that count.
pub(super) fn notes(trials: &[&Judged<'_>]) -> Vec<Noted> {
    let noted = |note: Note| {
        let proofs: Vec<Proof> = trials.iter().filter_map(|trial| proof(trial, note)).collect();
        (!proofs.is_empty()).then_some(Noted { note, proofs })
    };
    Note::ALL.into_iter().filter_map(noted).collect()
}

/// What proves a note in a trial; none: it does not.
fn proof(trial: &Judged<'_>, note: Note) -> Option<Proof> {
    let practised = |mechanism| {
        let found = trial.findings(mechanism);
        let finding = found.into_iter().find(|finding| finding.result == FindingResult::Practised);
        finding.map(|finding| trial.proof(finding))
    };
    let because = |reason: &Reason| {
        let all = Mechanism::ALL.into_iter().flat_map(|mechanism| trial.findings(mechanism));
        let mut all = all.filter(|finding| finding.reason == *reason);
        all.next().map(|finding| trial.proof(finding))
    };
    match note {
        Note::GivesUpWithoutStarttls => gives_up(trial).map(|evidence| trial.proof_by(&evidence)),
        Note::LaxerOnRetry => practised(Mechanism::LaxerOnRetry),
        Note::FallsBackToClearText => practised(Mechanism::FallsBackToClearText),
        Note::RefusesSoundServer => practised(Mechanism::RefusesSoundServer),
        Note::DaneOverridden => because(&Reason::Overridden),
        Note::ClearBeforePolicy => because(&Reason::BeforePolicy),
        Note::PerDestination => {
            let is =
                trial.judgements().iter().any(|judgement| judgement.term() == Some(Term::PerDestination));
            is.then(|| trial.proof_by(&[]))
        }
        Note::SourcesDiffer => {
            let (one, other) = trial.verdict.overall.contradiction.unzip();
            let evidence: Vec<Seq> = one.into_iter().chain(other).collect();
            (!trial.verdict.apart.is_empty()).then(|| trial.proof_by(&evidence))
        }
    }
}

/// The links on which a sender left because STARTTLS was not offered, if patience ended without anything after them.
fn gives_up(trial: &Judged<'_>) -> Option<Vec<Seq>> {
    let history = &trial.history;
    let expired = history.ended.as_ref().is_some_and(|ended| ended.what == TrialEnd::Expired);
    let last = history.links.last().map(|attributed| &attributed.link)?;
    let complete = history.beyond.links == 0;
    (expired && complete && last.left_without_starttls()).then(|| {
        let links = history.links.iter().map(|attributed| &attributed.link);
        links.filter(|link| link.left_without_starttls()).map(|link| link.first).collect()
    })
}
