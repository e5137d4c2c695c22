//! TLS reports (RFC 8460) beside our own log: which of their lines are right, which are wrong, and what they leave out.
//!
//! A report covers a day, and counts sessions as the sender saw them. Our log knows of some sessions only that they may have
//! been of a case, or may be counted either way: then a number has a span, and what lies within it is right. What our log
//! cannot tell is open, and is held against nobody.

mod count;
mod expected;
mod failure;
mod finding;
mod policy;
mod session;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::sending::history::{History, Noted, ReportReceived};
use crate::sending::persona::{Addresses, CaseId, Catalogue};
use crate::sending::trial::{Label, Part};
use crate::shared::policy::tls_report::{ReportedPolicy, TlsReport};
use crate::shared::time::UtcDay;

pub use finding::{FieldFinding, FieldResult, LineFinding, ReportFinding, Reported, Subject, Untold};
use policy::{Beside, Own};
use session::SessionEnd;

/// The labels that a trial's names carry, by case.
pub fn labels_of(history: &History) -> BTreeMap<CaseId, BTreeSet<Label>> {
    let mut labels: BTreeMap<CaseId, BTreeSet<Label>> = BTreeMap::new();
    for (case, label) in &history.labels {
        labels.entry(case.clone()).or_default().insert(label.clone());
    }
    for (_, _, received) in history.transactions() {
        for recipient in &received.recipients {
            if let Some(label) = &recipient.label {
                labels.entry(recipient.case.clone()).or_default().insert(label.clone());
            }
        }
    }
    labels
}

/// What reports say of a trial, beside what our log says. A report is the trial's if it names a label of its, and a day
/// on which the trial was: labels with a policy are leased to others later. Pure.
pub fn compare_reports(
    catalogue: &Catalogue,
    addresses: &Addresses,
    history: &History,
    reports: &[Noted<ReportReceived>],
) -> Reported {
    let labels = labels_of(history);
    let sessions = session::sessions(catalogue, history, &labels);
    let own = Own { catalogue, addresses, history, sessions: &sessions };
    let mut told: Reported = Reported::default();
    let mut known: BTreeSet<(&str, &str, Option<UtcDay>)> = BTreeSet::new();
    let mut covered: BTreeSet<(CaseId, UtcDay)> = BTreeSet::new();
    let mut days: BTreeSet<UtcDay> = BTreeSet::new();
    // What a report said of other cases may be in what was too much of it.
    let mut cut: BTreeSet<UtcDay> = BTreeSet::new();
    // The same report comes by mail and by HTTPS: the one that somebody vouches for counts.
    let mut in_order: Vec<_> = reports.iter().collect();
    in_order.sort_by_key(|noted| (noted.what.vouched_by().is_none(), noted.seq));
    for noted in in_order {
        let Some(report) = noted.what.report() else { continue };
        let of_trial: Vec<_> =
            report.policies.iter().filter_map(|policy| of_trial(catalogue, &labels, policy)).collect();
        if of_trial.is_empty() || !overlaps(history, report) {
            continue;
        }
        let day = report.start.map(UtcDay::of);
        if !known.insert((&report.organization_name, &report.report_id, day)) {
            continue;
        }
        if let Some(day) = day {
            days.insert(day);
            cut.extend((report.policies_beyond > 0).then_some(day));
            covered.extend(of_trial.iter().map(|(case, _)| (case.clone(), day)));
        }
        let lines = lines(&own, report, &of_trial);
        told.reports.push(ReportFinding::new(noted, report, lines));
    }
    told.reports.sort_by_key(|finding| finding.seq);
    let certain = sessions.iter().filter(|session| session.is_certain && session.end != SessionEnd::Unclear);
    let met: BTreeSet<_> =
        certain.map(|session| (session.case.clone(), UtcDay::of(session.opened))).collect();
    told.without = met
        .into_iter()
        .filter(|(_, day)| days.contains(day) && !cut.contains(day))
        .filter(|(case, day)| !covered.contains(&(case.clone(), *day)))
        .collect();
    told
}

/// The lines of those policies of a report that are the trial's.
fn lines(
    own: &Own<'_>,
    report: &TlsReport,
    of_trial: &[(CaseId, (&ReportedPolicy, Part))],
) -> Vec<LineFinding> {
    let mut lines = Vec::new();
    let scopes: Vec<_> = of_trial
        .iter()
        .filter_map(|(id, (policy, part))| {
            let case = own.catalogue.ruled_case(id)?;
            Some((case, *policy, *part, policy::roles(own.catalogue, case, policy, *part)))
        })
        .collect();
    for (n, (case, policy, part, roles)) in scopes.iter().enumerate() {
        let shares = scopes.iter().enumerate().any(|(other, (other_case, _, _, other_roles))| {
            other != n && other_case.id == case.id && other_roles.iter().any(|role| roles.contains(role))
        });
        let named = policy.policy_domain.as_deref().and_then(|domain| own.catalogue.read_name(domain));
        let label = named.and_then(|(_, name)| name.label);
        let (part, roles) = (*part, roles.clone());
        let beside = Beside { own, report, policy, case, label, part, roles, shares };
        lines.push(beside.line());
        lines.extend(failure::lines(&beside));
    }
    lines
}

/// The case of a policy that names a label of the trial.
fn of_trial<'a>(
    catalogue: &Catalogue,
    labels: &BTreeMap<CaseId, BTreeSet<Label>>,
    policy: &'a ReportedPolicy,
) -> Option<(CaseId, (&'a ReportedPolicy, Part))> {
    let (case, name) = catalogue.read_name(policy.policy_domain.as_deref()?)?;
    let label = name.label?;
    labels
        .get(&case.id)
        .is_some_and(|of_case| of_case.contains(&label))
        .then(|| (case.id.clone(), (policy, name.part)))
}

/// Whether a report is about a time in which the trial was; one without a range may be.
fn overlaps(history: &History, report: &TlsReport) -> bool {
    let first = history.links.first().map_or(history.opened, |first| first.link.opened.min(history.opened));
    let last = history.links.iter().map(|attributed| attributed.link.opened).max().unwrap_or(history.opened);
    report.end.is_none_or(|end| end >= first) && report.start.is_none_or(|start| start <= last)
}
