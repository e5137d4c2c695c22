//! Whether every routed prefix of the name servers of the MX hosts' zones has a ROA.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::rpki::shared::exists::exists;
use crate::receiving::checks::subjects::domain;
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::{Evidence, Purpose};

pub(super) static CHECK: Definition = Definition {
    id: "rpki-mx-ns-exists",
    category: Category::Rpki,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::All, Word::Partly, Word::Absent]),
    internetnl: Some("mail_mx_ns_rpki_exists"),
    judge: mx_ns_rpki_exists,
    en: r"Routes of the mail servers' name servers: authorised
    .all = Every route to the name servers of the mail servers' zones has an authorisation (ROA).
    .partly = Some routes to the name servers of the mail servers' zones have no authorisation (ROA).
    .absent = No route to the name servers of the mail servers' zones has an authorisation (ROA).
    .why = { check-rpki-mx-exists.why }
    .todo = { check-rpki-mx-exists.todo }",
    de: r"Routen der Nameserver der Mailserver: autorisiert
    .all = Jede Route zu den Nameservern für die Zonen der Mailserver hat eine Autorisierung (ROA).
    .partly = Manche Routen zu den Nameservern für die Zonen der Mailserver haben keine Autorisierung (ROA).
    .absent = Keine Route zu den Nameservern für die Zonen der Mailserver hat eine Autorisierung (ROA).
    .why = { check-rpki-mx-exists.why }
    .todo = { check-rpki-mx-exists.todo }",
    ..Definition::BARE
};

/// Of the name servers of the MX hosts' zones.
pub(in crate::receiving::checks) fn mx_ns_rpki_exists(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    domain(Check::MxNsRpkiExists, evidence, exists(evidence, Purpose::MxNameServer))
}
