//! Whether every routed prefix of the MX addresses has a ROA.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::rpki::shared::exists::exists;
use crate::receiving::checks::subjects::domain;
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::{Evidence, Purpose};

pub(super) static CHECK: Definition = Definition {
    id: "rpki-mx-exists",
    category: Category::Rpki,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::All, Word::Partly, Word::Absent]),
    internetnl: Some("mail_rpki_exists"),
    judge: mx_rpki_exists,
    en: r"Routes of the mail servers: authorised
    .all = Every route to the mail servers has an authorisation (ROA).
    .partly = Some routes to the mail servers have no authorisation (ROA).
    .absent = No route to the mail servers has an authorisation (ROA).
    .why = A ROA says which network may announce a route. Without it, nobody can tell a wrong announcement, which may lead mail elsewhere.
    .todo = Ask the owner of the addresses, mostly your hoster, to publish ROAs.",
    de: r"Routen der Mailserver: autorisiert
    .all = Jede Route zu den Mailservern hat eine Autorisierung (ROA).
    .partly = Manche Routen zu den Mailservern haben keine Autorisierung (ROA).
    .absent = Keine Route zu den Mailservern hat eine Autorisierung (ROA).
    .why = Eine ROA sagt, welches Netz eine Route ankündigen darf. Ohne sie erkennt niemand eine falsche Ankündigung, die Mail woandershin lenken kann.
    .todo = Bitten Sie den Inhaber der Adressen, meist Ihren Anbieter, ROAs zu veröffentlichen.",
    ..Definition::BARE
};

/// Of the MX hosts.
pub(in crate::receiving::checks) fn mx_rpki_exists(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    domain(Check::MxRpkiExists, evidence, exists(evidence, Purpose::Mx))
}
