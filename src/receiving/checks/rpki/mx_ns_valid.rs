//! Whether every announcement of the name servers of the MX hosts' zones is valid. `NotFound`: for want of a ROA.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::rpki::shared::valid::valid;
use crate::receiving::checks::subjects::domain;
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::{Evidence, Purpose};

pub(super) static CHECK: Definition = Definition {
    id: "rpki-mx-ns-valid",
    category: Category::Rpki,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Valid, Word::NotFound, Word::Invalid, Word::Unrouted]),
    internetnl: Some("mail_mx_ns_rpki_valid"),
    judge: mx_ns_rpki_valid,
    answered_by: &[Check::MxNsRpkiExists],
    en: r"Routes of the mail servers' name servers: valid
    .valid = { check-rpki-mx-valid.valid }
    .not-found = { check-rpki-mx-valid.not-found }
    .invalid = { check-rpki-mx-valid.invalid }
    .unrouted = { check-rpki-mx-valid.unrouted }
    .why = { check-rpki-mx-valid.why }
    .todo = { check-rpki-mx-valid.todo }",
    de: r"Routen der Nameserver der Mailserver: gültig
    .valid = { check-rpki-mx-valid.valid }
    .not-found = { check-rpki-mx-valid.not-found }
    .invalid = { check-rpki-mx-valid.invalid }
    .unrouted = { check-rpki-mx-valid.unrouted }
    .why = { check-rpki-mx-valid.why }
    .todo = { check-rpki-mx-valid.todo }",
    ..Definition::BARE
};

/// Of the name servers of the MX hosts' zones.
pub(in crate::receiving::checks) fn mx_ns_rpki_valid(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    domain(Check::MxNsRpkiValid, evidence, valid(evidence, Purpose::MxNameServer))
}
