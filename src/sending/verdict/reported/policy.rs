//! A policy of a report, line by line.

use std::collections::BTreeSet;

use crate::sending::history::History;
use crate::sending::persona::{Addresses, Catalogue, RuledCase};
use crate::sending::trial::{CasePhase, HostRole, Label, Part};
use crate::shared::policy::Policy;
use crate::shared::policy::tls_report::{PolicyType, ReportedPolicy, TlsReport};
use crate::shared::time::UtcDay;

use super::count::{count, within};
use super::expected::{may_fail_unseen, publishes};
use super::finding::{FieldFinding, FieldResult, LineFinding, Subject, Untold};
use super::session::Session;

/// What is known here.
pub(super) struct Own<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) addresses: &'a Addresses,
    pub(super) history: &'a History,
    pub(super) sessions: &'a [Session],
}

/// A policy of a report beside what is known of its case.
pub(super) struct Beside<'a> {
    pub(super) own: &'a Own<'a>,
    pub(super) report: &'a TlsReport,
    pub(super) policy: &'a ReportedPolicy,
    pub(super) case: &'a RuledCase,
    pub(super) label: Option<Label>,
    pub(super) part: Part,
    /// The hosts that its numbers are of.
    pub(super) roles: Vec<HostRole>,
    /// Whether another policy of the report counts sessions of the same hosts.
    pub(super) shares: bool,
}

/// The hosts that a policy is of: for DANE those that it names (RFC 8460 §1.1: the policy domain is the TLSA base domain),
/// else all.
pub(super) fn roles(
    catalogue: &Catalogue,
    case: &RuledCase,
    policy: &ReportedPolicy,
    part: Part,
) -> Vec<HostRole> {
    let of_host = match part {
        Part::Tlsa(role) => Some(role),
        // Of a domain that is its own host both kinds of policy are told by its name.
        part => case.host_at(part),
    };
    if let Some(role) = of_host {
        return vec![role];
    }
    let named = |host: &String| match catalogue.ruled_host_named(host)? {
        (of, role, _) if of.id == case.id => Some(role),
        _ => None,
    };
    let roles: BTreeSet<_> = policy.mx_host.iter().filter_map(named).collect();
    match policy.policy_type == PolicyType::Tlsa && !roles.is_empty() {
        true => roles.into_iter().collect(),
        false => case.roles().to_vec(),
    }
}

impl Beside<'_> {
    /// The line on the policy itself.
    pub(super) fn line(&self) -> LineFinding {
        let mut fields = vec![
            FieldFinding { field: "policy-domain", result: self.policy_domain() },
            FieldFinding { field: "policy-type", result: self.policy_type() },
            FieldFinding { field: "date-range", result: self.date_range() },
        ];
        if !self.policy.policy_string.is_empty() {
            fields.push(FieldFinding { field: "policy-string", result: self.policy_string() });
        }
        if !self.policy.mx_host.is_empty() {
            fields.push(FieldFinding { field: "mx-host", result: self.mx_host() });
        }
        fields.extend(self.totals());
        LineFinding {
            case: self.case.id.clone(),
            policy_type: self.policy.policy_type,
            subject: Subject::Policy,
            fields,
        }
    }

    pub(super) fn of_case(&self) -> impl Iterator<Item = &Session> {
        self.own.sessions.iter().filter(|session| session.case == self.case.id)
    }

    /// The name of a part of the case, with the trial's label.
    fn name(&self, part: Part) -> String {
        self.own.catalogue.ruled_name(self.case, self.label.as_ref(), part)
    }

    /// The name of a host of the case, with the trial's label.
    pub(super) fn host_name(&self, role: HostRole) -> String {
        self.own.catalogue.ruled_host_name(self.case, role, self.label.as_ref())
    }

    /// The MTA-STS policy of the case before anything changed.
    fn published(&self) -> Option<Policy> {
        self.own.catalogue.ruled_policy(self.case, self.label.as_ref(), CasePhase::First)
    }

    /// Whether what we publish changed in the range: a trial's faults are withdrawn at its end.
    fn changed(&self) -> bool {
        let ended = self.own.history.ended.as_ref().map(|ended| ended.at);
        self.case.then.is_some() || ended.is_some_and(|ended| self.report.end.is_none_or(|end| ended <= end))
    }

    /// What differs from what we publish, unless that changed.
    fn unless_changed(&self, reported: String, ours: String) -> FieldResult {
        match self.changed() {
            true => FieldResult::Open(Untold::Changed),
            false => FieldResult::wrong(reported, ours),
        }
    }

    fn policy_domain(&self) -> FieldResult {
        let is_of_host = self.case.host_at(self.part).is_some();
        let fits = self.part == Part::Domain || is_of_host && self.policy.policy_type == PolicyType::Tlsa;
        match fits {
            true => FieldResult::Right,
            false => FieldResult::wrong(
                self.policy.policy_domain.clone().unwrap_or_default(),
                self.name(Part::Domain),
            ),
        }
    }

    fn policy_type(&self) -> FieldResult {
        let published: Vec<_> = [PolicyType::Tlsa, PolicyType::Sts]
            .into_iter()
            .filter(|policy_type| publishes(self.case, *policy_type))
            .map(PolicyType::name)
            .collect();
        match self.policy.policy_type {
            PolicyType::NoPolicyFound if published.is_empty() => FieldResult::Right,
            PolicyType::NoPolicyFound => FieldResult::Open(Untold::NotPractised),
            one if published.contains(&one.name()) => FieldResult::Right,
            one => {
                let ours =
                    if published.is_empty() { vec![PolicyType::NoPolicyFound.name()] } else { published };
                FieldResult::wrong(one.name(), ours.join(", "))
            }
        }
    }

    /// The days on which our log has sessions of the case.
    fn date_range(&self) -> FieldResult {
        let (Some(start), Some(end)) = (self.report.start, self.report.end) else {
            return FieldResult::Open(Untold::NotSaid);
        };
        let counted = [self.policy.successful_sessions, self.policy.failed_sessions];
        let any = counted.into_iter().flatten().any(|number| number > 0);
        if !any || self.of_case().any(|session| within(session, self.report).is_some()) {
            return FieldResult::Right;
        }
        let days: BTreeSet<_> = self.of_case().map(|session| UtcDay::of(session.opened)).collect();
        if days.is_empty() {
            return FieldResult::Open(Untold::BeforeConnecting);
        }
        let days: Vec<_> = days.iter().map(ToString::to_string).collect();
        FieldResult::wrong(format!("{start} – {end}"), days.join(", "))
    }

    fn policy_string(&self) -> FieldResult {
        let reported = &self.policy.policy_string;
        match self.policy.policy_type {
            PolicyType::Sts => {
                let Some(ours) = self.published() else {
                    return FieldResult::wrong(reported.join("; "), "");
                };
                match lines_of(&ours) == reported.iter().map(|line| normal(line)).collect() {
                    true => FieldResult::Right,
                    false => self.unless_changed(
                        reported.join("; "),
                        ours.to_string().lines().collect::<Vec<_>>().join("; "),
                    ),
                }
            }
            // The data of a record changes with its certificate: the three numbers tell which it is.
            PolicyType::Tlsa => {
                let ours: BTreeSet<String> = (self.roles.iter())
                    .flat_map(|role| self.case.tlsa_of(*role))
                    .map(|plan| format!("{} {} {}", plan.usage, plan.selector, plan.matching))
                    .collect();
                let known = reported.iter().all(|record| {
                    let mut words = record.split_ascii_whitespace();
                    let numbers: Vec<_> = words.by_ref().take(3).collect();
                    ours.contains(&numbers.join(" ")) && words.next().is_some()
                });
                match known {
                    true => FieldResult::Right,
                    false => self.unless_changed(
                        reported.join("; "),
                        ours.into_iter().map(|numbers| format!("{numbers} …")).collect::<Vec<_>>().join("; "),
                    ),
                }
            }
            PolicyType::NoPolicyFound | PolicyType::Other => FieldResult::Open(Untold::NotPractised),
        }
    }

    fn mx_host(&self) -> FieldResult {
        let reported: BTreeSet<&str> = self.policy.mx_host.iter().map(String::as_str).collect();
        let hosts: Vec<String> = self.case.roles().iter().map(|role| self.host_name(*role)).collect();
        let listed = self.published().map(|policy| policy.mx);
        let (right, ours) = match (self.policy.policy_type, listed) {
            (PolicyType::Sts, Some(listed)) => {
                (listed.iter().map(String::as_str).collect::<BTreeSet<_>>() == reported, listed)
            }
            _ => (reported.iter().all(|host| hosts.iter().any(|own| own == host)), hosts),
        };
        match right {
            true => FieldResult::Right,
            false => self.unless_changed(self.policy.mx_host.join(", "), ours.join(", ")),
        }
    }

    fn totals(&self) -> [FieldFinding; 2] {
        let results = if self.report.start.is_none() || self.report.end.is_none() {
            [(); 2].map(|()| FieldResult::Open(Untold::NotSaid))
        } else if !self.own.history.beyond.is_nothing() {
            [(); 2].map(|()| FieldResult::Open(Untold::Incomplete))
        } else {
            let mut counts = count(self.of_case(), self.report, &self.roles);
            if self.shares {
                (counts.tls.least, counts.failed.least) = (0, 0);
            }
            let policy_type = self.policy.policy_type;
            let unseen = self.roles.iter().any(|role| may_fail_unseen(self.case, *role, policy_type));
            [
                counts.tls.weigh(self.policy.successful_sessions, false),
                counts.failed.weigh(self.policy.failed_sessions, unseen),
            ]
        };
        let [tls, failed] = results;
        [
            FieldFinding { field: "total-successful-session-count", result: tls },
            FieldFinding { field: "total-failure-session-count", result: failed },
        ]
    }
}

/// The lines of a policy, without regard to their order and to white space.
fn lines_of(policy: &Policy) -> BTreeSet<String> {
    policy.to_string().lines().map(normal).filter(|line| !line.is_empty()).collect()
}

fn normal(line: &str) -> String {
    line.split_ascii_whitespace().collect::<String>().to_ascii_lowercase()
}
