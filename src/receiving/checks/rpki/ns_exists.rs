//! Whether every routed prefix of the domain's name servers has a ROA.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::rpki::shared::exists::exists;
use crate::receiving::checks::subjects::domain;
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::{Evidence, Purpose};

pub(super) static CHECK: Definition = Definition {
    id: "rpki-ns-exists",
    category: Category::Rpki,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::All, Word::Partly, Word::Absent]),
    internetnl: Some("ns_rpki_exists"),
    judge: ns_rpki_exists,
    en: r"Routes of the name servers: authorised
    .all = Every route to the domain's name servers has an authorisation (ROA).
    .partly = Some routes to the domain's name servers have no authorisation (ROA).
    .absent = No route to the domain's name servers has an authorisation (ROA).
    .why = { check-rpki-mx-exists.why }
    .todo = { check-rpki-mx-exists.todo }",
    de: r"Routen der Nameserver: autorisiert
    .all = Jede Route zu den Nameservern der Domain hat eine Autorisierung (ROA).
    .partly = Manche Routen zu den Nameservern der Domain haben keine Autorisierung (ROA).
    .absent = Keine Route zu den Nameservern der Domain hat eine Autorisierung (ROA).
    .why = { check-rpki-mx-exists.why }
    .todo = { check-rpki-mx-exists.todo }",
    ..Definition::BARE
};

/// Of the domain's name servers.
pub(in crate::receiving::checks) fn ns_rpki_exists(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    domain(Check::NsRpkiExists, evidence, exists(evidence, Purpose::NameServer))
}
