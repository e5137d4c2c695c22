//! The sessions of a trial by case and host, as our log has them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::sending::history::{Attributed, History, Link, Strength};
use crate::sending::persona::{CaseId, Catalogue};
use crate::sending::trial::{HostRole, Label};
use crate::shared::time::Timestamp;

/// A connection to a host of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) case: CaseId,
    pub(super) role: HostRole,
    pub(super) opened: Timestamp,
    /// When it ended, as far as that was seen.
    pub(super) closed: Timestamp,
    pub(super) sender: IpAddr,
    pub(super) end: SessionEnd,
    /// Whether it was of this case, and of the trial's sender, beyond doubt.
    pub(super) is_certain: bool,
}

/// What a report may make of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SessionEnd {
    /// TLS was spoken, and a mail was begun in it.
    Tls,
    /// TLS was wanted and did not come about, or the certificate was refused.
    Failed,
    /// A mail was begun in clear: some count that as failed.
    Clear,
    /// It ended in a way that may be counted as either.
    Unclear,
}

/// All sessions at entrances, in their order.
pub(super) fn sessions(
    catalogue: &Catalogue,
    history: &History,
    labels: &BTreeMap<CaseId, BTreeSet<Label>>,
) -> Vec<Session> {
    let mut sessions = Vec::new();
    for Attributed { link, strength } in &history.links {
        let Some(entrance) = link.entrance else { continue };
        let named = named(catalogue, link, labels);
        let is_exact = *strength == Strength::Exact;
        let mut add = |case: &CaseId, role, is_certain| {
            sessions.push(Session {
                case: case.clone(),
                role,
                opened: link.opened,
                closed: link.closing.as_ref().map_or(link.opened, |closing| closing.at),
                sender: link.address(),
                end: end(link),
                is_certain,
            });
        };
        if named.is_empty() {
            // Without SNI and RCPT it may be of any case that has a host there.
            for case in labels.keys().filter_map(|id| catalogue.ruled_case(id)) {
                for role in case.roles_at(entrance) {
                    add(&case.id, role, false);
                }
            }
        }
        for (case, role, by_label) in &named {
            add(case, *role, is_exact || *by_label);
        }
    }
    sessions
}

/// The hosts that a link is known to be of, each once: by SNI, and by the recipients of its mail at its entrance; and
/// whether a label of the trial says so.
fn named(
    catalogue: &Catalogue,
    link: &Link,
    labels: &BTreeMap<CaseId, BTreeSet<Label>>,
) -> Vec<(CaseId, HostRole, bool)> {
    let is_own = |case: &CaseId, label: Option<&Label>| {
        label.is_some_and(|label| labels.get(case).is_some_and(|own| own.contains(label)))
    };
    let mut found: Vec<(CaseId, HostRole, bool)> = Vec::new();
    let mut add = |case: &CaseId, role, by_label| {
        if !found.iter().any(|(known, known_role, _)| known == case && *known_role == role) {
            found.push((case.clone(), role, by_label));
        }
    };
    if let Some((case, role)) = link.ruled_host(catalogue) {
        let label = link.ruled_name(catalogue).and_then(|(_, name)| name.label);
        add(&case.id, role, is_own(&case.id, label.as_ref()));
    }
    for (_, received) in &link.transactions {
        for recipient in &received.recipients {
            let Some(case) = catalogue.ruled_case(&recipient.case) else { continue };
            if let Some(role) = link.entrance.and_then(|entrance| case.roles_at(entrance).next()) {
                add(&case.id, role, is_own(&case.id, recipient.label.as_ref()));
            }
        }
    }
    found
}

fn end(link: &Link) -> SessionEnd {
    let in_tls = link.transactions.iter().any(|(_, received)| received.tls);
    let in_clear = link.transactions.iter().any(|(_, received)| !received.tls);
    let refused_starttls = link.starttls.is_some_and(|code| code >= 400);
    match () {
        () if link.refused_certificate() || link.tls_failed().is_some() => SessionEnd::Failed,
        () if in_tls => SessionEnd::Tls,
        () if in_clear => SessionEnd::Clear,
        () if link.left_without_starttls() || refused_starttls => SessionEnd::Failed,
        () => SessionEnd::Unclear,
    }
}
