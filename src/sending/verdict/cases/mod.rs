//! What the ruled cases of a trial show: how each came out, what that is worth, and which traits of the sender it tells.
//!
//! `seen` gathers what was seen of one case and puts it together to attempts, `outcome` says what these come to, `fits`
//! which models do all of it, with which traits, and `practice` what is proved to be practised.

mod bases;
mod finding;
mod fits;
mod offered;
mod outcome;
mod practice;
mod progress;
mod seen;
mod signs;

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::sending::history::History;
use crate::sending::persona::{CaseId, Catalogue, Standing, Trait};
use crate::sending::trial::Pace;
use crate::sending::verdict::model::ruled::RequireTls;
use crate::sending::verdict::recipients::is_classic;

use fits::{Explained, Fits, Observed, explained};
use outcome::Trial;
use practice::{Proofs, excused};
use seen::{Seen, attempts, perhaps_laxer};
use signs::is_lifted;

pub use finding::{CaseFinding, CaseOutcome, CaseSign, CaseWhy, CasesVerdict, TraitFinding};
pub use offered::TlsOffered;
pub use outcome::standing;
pub(super) use progress::cases_progress;
pub use progress::{ended_cases, taken_cases};

/// The word for mail with REQUIRETLS.
const DEMANDED: &str = "requiretls";

/// The ruled cases that a trial is of: those that its mail names in its envelope or its header section, those whose names
/// with its label were met, and those that it was begun for.
pub fn cases_of(catalogue: &Catalogue, history: &History) -> Vec<CaseId> {
    let mut cases: BTreeSet<CaseId> = history.labels.keys().cloned().collect();
    for (_, _, received) in history.transactions() {
        cases.extend(received.named().map(|recipient| recipient.case.clone()));
    }
    catalogue.ruled_cases().map(|case| case.id.clone()).filter(|case| cases.contains(case)).collect()
}

/// What the ruled cases of a history show. Pure: the same journal always gives the same verdict.
pub fn judge_cases(catalogue: &Catalogue, pace: &Pace, history: &History) -> CasesVerdict {
    let cases = cases_of(catalogue, history);
    if cases.is_empty() {
        return CasesVerdict::default();
    }
    let seen = Seen::all(catalogue, history, &cases);
    let trial = Trial { catalogue, pace, history, seen: &seen };
    let (findings, observed, explained) = judged(&trial);
    let fits = Fits::of(&observed, &explained);
    let asked = asked(&findings);
    let inferred = |one: &TraitFinding| one.tells != Trait::RequireTls || asked.is_empty();
    let traits = fits.traits().into_iter().filter(inferred).chain(asked.iter().cloned()).collect();
    CasesVerdict {
        alone: !is_classic(catalogue, history),
        findings,
        traits,
        terms: fits.terms(),
        apart: apart(&trial),
        offered: TlsOffered::of(history),
    }
}

/// What mail asked of TLS on its way, as it said itself (RFC 8689): no model tells that.
fn asked(findings: &[CaseFinding]) -> Vec<TraitFinding> {
    let of = |(sign, word): (CaseSign, &'static str)| {
        let asking = findings.iter().filter(|finding| finding.signs.contains(&sign));
        let by: Vec<CaseId> = asking.map(|finding| finding.case.clone()).collect();
        let (tells, standing) = (Trait::RequireTls, Some(Standing::Allowed));
        (!by.is_empty()).then(|| TraitFinding { tells, values: vec![word], standing, by })
    };
    let told = [(CaseSign::TlsNotRequired, RequireTls::No.word()), (CaseSign::RequireTls, DEMANDED)].map(of);
    told.into_iter().flatten().collect()
}

/// The finding on each case, what of it models must explain, and how they do.
fn judged<'t>(trial: &Trial<'t>) -> (Vec<CaseFinding>, Vec<Observed<'t>>, Vec<Explained>) {
    let mut findings: Vec<CaseFinding> = trial.seen.iter().map(|seen| trial.finding(seen)).collect();
    let observed = observed(trial.pace, trial.seen, &findings);
    let mut explained = explained(&observed);
    if asks_for_no_policy(trial) {
        explained.retain(|one| !one.base.mta_sts);
    }
    let proofs = Proofs::of(&observed, &explained);
    let excused = excused(&observed, &explained);
    let lifted: BTreeSet<&CaseId> =
        observed.iter().filter(|one| is_lifted(one)).map(|one| &one.case.id).collect();
    for (seen, finding) in trial.seen.iter().zip(&mut findings) {
        if lifted.contains(&seen.case.id) && !finding.signs.contains(&CaseSign::InjectionBelieved) {
            finding.standing = Some(Standing::Allowed);
        }
        proofs.weigh(seen.case, finding);
        if excused.contains(&finding.case) && finding.standing == Some(Standing::Fault) {
            finding.standing = Some(Standing::Allowed);
        }
    }
    (findings, observed, explained)
}

/// Whether no policy was asked for although its question would have been seen: who never asks obeys none. That it is asked for
/// proves nothing.
fn asks_for_no_policy(trial: &Trial<'_>) -> bool {
    let history = trial.history;
    let complete = history.queries_complete
        && history.fetches_complete
        && history.earlier_policy_queries.is_empty()
        && history.unseen_name_servers().is_empty();
    let mut with_policy = trial.seen.iter().filter(|seen| seen.case.has_policy()).peekable();
    complete
        && with_policy.peek().is_some()
        && with_policy
            .all(|seen| !seen.looked_up.is_empty() && seen.policy_asked.is_empty() && seen.fetched.is_empty())
}

fn observed<'t>(pace: &Pace, seen: &'t [Seen<'t>], findings: &[CaseFinding]) -> Vec<Observed<'t>> {
    let of = |(seen, finding): (&'t Seen<'t>, &CaseFinding)| {
        finding.standing?;
        let in_tls = seen.mails.iter().find(|mail| mail.tls);
        Some(Observed {
            case: seen.case,
            end: finding.outcome.end()?,
            laxer: finding.laxer_on_retry,
            perhaps_laxer: perhaps_laxer(seen, &attempts(pace, seen)),
            sni: in_tls.map(|mail| mail.sni),
            signs: finding.signs.clone(),
        })
    };
    seen.iter().zip(findings).filter_map(of).collect()
}

/// Senders of the trial that came out differently at a case, each with its own findings.
fn apart(trial: &Trial<'_>) -> Vec<(IpAddr, Vec<CaseFinding>)> {
    let mails = trial.seen.iter().flat_map(|seen| seen.mails.iter().map(|mail| mail.address));
    let addresses: BTreeSet<IpAddr> = mails.collect();
    if addresses.len() < 2 {
        return Vec::new();
    }
    let each = addresses.into_iter().map(|address| {
        let alone: Vec<Seen<'_>> = trial.seen.iter().map(|seen| seen.of_address(address)).collect();
        let findings = judged(&Trial { seen: &alone, ..*trial }).0;
        (address, findings)
    });
    let each: Vec<_> = each.collect();
    let differ = (0..trial.seen.len()).any(|n| {
        let ends: BTreeSet<_> = each
            .iter()
            .filter(|(_, findings)| findings[n].standing.is_some())
            .filter_map(|(_, findings)| findings[n].outcome.end())
            .collect();
        ends.len() > 1
    });
    if differ { each } else { Vec::new() }
}

#[cfg(test)]
mod tests;
