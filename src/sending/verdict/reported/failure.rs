//! The failures that a policy of a report lists, and those that it leaves out.

use std::net::IpAddr;

use crate::sending::trial::HostRole;
use crate::shared::policy::tls_report::{FailureDetails, ResultType};

use super::count::{count, within};
use super::expected::{may_fail_unseen, results};
use super::finding::{FieldFinding, FieldResult, LineFinding, Subject, Untold};
use super::policy::Beside;
use super::session::SessionEnd;

/// A line for each failure; and one for each host at which sessions failed and of which none tells.
pub(super) fn lines(beside: &Beside<'_>) -> Vec<LineFinding> {
    let failures = &beside.policy.failures;
    let mut lines: Vec<_> = failures.iter().map(|failure| beside.failure(failure)).collect();
    if beside.policy.failures_beyond == 0 && !beside.shares {
        lines.extend(beside.roles.iter().filter_map(|role| beside.missing(*role)));
    }
    lines
}

impl Beside<'_> {
    fn line_of(&self, subject: Subject, fields: Vec<FieldFinding>) -> LineFinding {
        let (case, policy_type) = (self.case.id.clone(), self.policy.policy_type);
        LineFinding { case, policy_type, subject, fields }
    }

    /// The host that a failure names; none where it names none, or no host of the case.
    fn role(&self, failure: &FailureDetails) -> Option<HostRole> {
        let host = failure.receiving_mx_hostname.as_deref()?;
        self.case.roles().iter().copied().find(|role| self.host_name(*role) == host)
    }

    fn failure(&self, failure: &FailureDetails) -> LineFinding {
        let role = self.role(failure);
        let mut fields = vec![FieldFinding { field: "result-type", result: self.result_type(failure, role) }];
        let mut add = |field, result| fields.push(FieldFinding { field, result });
        if let Some(host) = &failure.receiving_mx_hostname {
            let hosts = self.case.roles().iter().map(|role| self.host_name(*role));
            let result = match role {
                Some(_) => FieldResult::Right,
                None => FieldResult::wrong(host, hosts.collect::<Vec<_>>().join(", ")),
            };
            add("receiving-mx-hostname", result);
        }
        if let Some(address) = failure.receiving_ip {
            add("receiving-ip", self.receiving_ip(address, role));
        }
        if let Some(address) = failure.sending_mta_ip {
            add("sending-mta-ip", self.sending_mta_ip(address));
        }
        if failure.failed_sessions.is_some() {
            add("failed-session-count", self.sessions(failure, role));
        }
        self.line_of(Subject::Failure(failure.result_type.clone()), fields)
    }

    fn result_type(&self, failure: &FailureDetails, role: Option<HostRole>) -> FieldResult {
        let of = |role: &HostRole| results(self.case, *role, self.policy.policy_type);
        let expected: Vec<_> = match role {
            Some(role) => of(&role),
            None => self.roles.iter().flat_map(of).collect(),
        };
        if expected.contains(&failure.result_type) {
            return FieldResult::Right;
        }
        // TLS may fail for a reason of the sender's own, and then the general word is right.
        let failed = self.of_case().any(|session| {
            within(session, self.report).is_some()
                && session.end != SessionEnd::Tls
                && role.is_none_or(|role| session.role == role)
        });
        if failure.result_type == ResultType::ValidationFailure && expected.is_empty() && failed {
            return FieldResult::Right;
        }
        let mut names: Vec<_> = expected.iter().map(ResultType::name).collect();
        names.sort_unstable();
        names.dedup();
        FieldResult::wrong(failure.result_type.name(), names.join(", "))
    }

    fn receiving_ip(&self, address: IpAddr, role: Option<HostRole>) -> FieldResult {
        let roles = role.map_or_else(|| self.roles.clone(), |role| vec![role]);
        let addresses = |role: &HostRole| self.own.addresses.of_ruled_host(self.case, *role);
        let ours: Vec<IpAddr> = roles.iter().flat_map(addresses).collect();
        match ours.contains(&address.to_canonical()) {
            true => FieldResult::Right,
            false => {
                let ours: Vec<_> = ours.iter().map(ToString::to_string).collect();
                FieldResult::wrong(address.to_string(), ours.join(", "))
            }
        }
    }

    fn sending_mta_ip(&self, address: IpAddr) -> FieldResult {
        let address = address.to_canonical();
        let mut senders: Vec<_> = self.own.sessions.iter().map(|session| session.sender).collect();
        senders.sort_unstable();
        senders.dedup();
        match senders.contains(&address) {
            true => FieldResult::Right,
            false if is_private(address) => FieldResult::Open(Untold::PrivateAddress),
            false if senders.is_empty() => FieldResult::Open(Untold::BeforeConnecting),
            false => {
                let ours: Vec<_> = senders.iter().map(ToString::to_string).collect();
                FieldResult::wrong(address.to_string(), ours.join(", "))
            }
        }
    }

    /// A line's number, where it is the only one of its host.
    fn sessions(&self, failure: &FailureDetails, role: Option<HostRole>) -> FieldResult {
        let Some(role) = role else { return FieldResult::Open(Untold::NotSaid) };
        if self.report.start.is_none() || self.report.end.is_none() {
            return FieldResult::Open(Untold::NotSaid);
        }
        if !self.own.history.beyond.is_nothing() {
            return FieldResult::Open(Untold::Incomplete);
        }
        let mut failed = count(self.of_case(), self.report, &[role]).failed;
        // Lines may differ in address, result or reason: each has a part of all, and one at least.
        let of_host = self.policy.failures.iter().filter(|other| self.role(other) == Some(role)).count();
        if of_host > 1 || self.shares || self.policy.failures.iter().any(|other| self.role(other).is_none()) {
            failed.least = failed.least.min(1);
        }
        let unseen = may_fail_unseen(self.case, role, self.policy.policy_type);
        failed.weigh(failure.failed_sessions, unseen)
    }

    /// Sessions that failed at a host beyond doubt, where no line tells of that host.
    fn missing(&self, role: HostRole) -> Option<LineFinding> {
        if self.report.start.is_none() || self.report.end.is_none() {
            return None;
        }
        let told = |failure: &FailureDetails| match self.role(failure) {
            Some(named) => named == role,
            // One that names no host may be of any.
            None => failure.receiving_mx_hostname.is_none(),
        };
        if self.policy.failures.iter().any(told) {
            return None;
        }
        let failed = count(self.of_case(), self.report, &[role]).failed;
        let lacking = FieldFinding { field: "failure-details", result: failed.weigh(Some(0), false) };
        let host = FieldFinding {
            field: "receiving-mx-hostname",
            result: FieldResult::wrong("", self.host_name(role)),
        };
        lacking.result.is_wrong().then(|| self.line_of(Subject::Missing, vec![host, lacking]))
    }
}

/// Addresses that are used within networks only (RFC 1918, RFC 6598, RFC 4193, RFC 3927, RFC 4291).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || (first, second & 0xc0) == (100, 64)
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}
