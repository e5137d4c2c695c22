//! Whether every announcement of the MX addresses is valid. `NotFound`: for want of a ROA.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::rpki::shared::valid::valid;
use crate::receiving::checks::subjects::domain;
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::{Evidence, Purpose};

pub(super) static CHECK: Definition = Definition {
    id: "rpki-mx-valid",
    category: Category::Rpki,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Valid, Word::NotFound, Word::Invalid, Word::Unrouted]),
    internetnl: Some("mail_rpki_valid"),
    judge: mx_rpki_valid,
    answered_by: &[Check::MxRpkiExists],
    en: r"Routes of the mail servers: valid
    .valid = Every announcement of these routes is valid.
    .not-found = For want of an authorisation, some announcements can be neither valid nor invalid.
    .invalid = An announcement contradicts its authorisation: many networks drop it.
    .unrouted = No route to these addresses is known, so there is none to check.
    .why = Networks that filter do not reach an address whose announcement is invalid.
    .todo = Have the ROA and the announcement brought together: the number of the network, and the length of the prefix.",
    de: r"Routen der Mailserver: gültig
    .valid = Jede Ankündigung dieser Routen ist gültig.
    .not-found = Mangels Autorisierung können manche Ankündigungen weder gültig noch ungültig sein.
    .invalid = Eine Ankündigung widerspricht ihrer Autorisierung: Viele Netze verwerfen sie.
    .unrouted = Zu diesen Adressen ist keine Route bekannt, es gibt also keine zu prüfen.
    .why = Netze, die filtern, erreichen eine Adresse mit ungültiger Ankündigung nicht.
    .todo = Lassen Sie ROA und Ankündigung in Einklang bringen: die Nummer des Netzes und die Länge des Präfixes.",
    ..Definition::BARE
};

/// Of the MX hosts.
pub(in crate::receiving::checks) fn mx_rpki_valid(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    domain(Check::MxRpkiValid, evidence, valid(evidence, Purpose::Mx))
}
