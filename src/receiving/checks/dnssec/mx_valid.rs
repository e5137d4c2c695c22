//! Whether an MX host's name validates. `Insecure`: it is a signed alias of an unsigned name.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::dnssec::shared::state::{own_state, state, word};
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::{Finding, Inapplicable, Word, lines};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "dnssec-mx-valid",
    category: Category::Dnssec,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::Secure, Word::Insecure, Word::Bogus]),
    internetnl: Some("dnssec_mx_valid"),
    judge: mx_valid,
    turns_away: &[Word::Bogus],
    answered_by: &[Check::MxSigned],
    en: r"Mail server's name validates
    .secure = The signatures of the mail server's name are valid.
    .insecure = The mail server's name is an alias in a signed zone, and what it stands for is not signed.
    .bogus = The signatures of the mail server's name are broken: senders that validate cannot find it.
    .why = Broken signatures are worse than none: whoever validates cannot send mail to this host, and certificate authorities, which must validate since March 2026 (CA/Browser Forum ballot SC-085), issue no certificate for it.
    .todo = Renew the signatures of the mail server's zone, and compare the DS record at its parent with its keys.",
    de: r"Name des Mailservers validiert
    .secure = Die Signaturen des Mailservernamens sind gültig.
    .insecure = Der Name des Mailservers ist ein Alias in einer signierten Zone, und wofür er steht, ist nicht signiert.
    .bogus = Die Signaturen des Mailservernamens sind ungültig: Absender, die sie prüfen, finden ihn nicht.
    .why = Ungültige Signaturen sind schlimmer als keine: Wer sie prüft, kann diesem Mailserver keine Mail schicken, und Zertifizierungsstellen, die seit März 2026 prüfen müssen (CA/Browser-Forum, SC-085), stellen für ihn kein Zertifikat aus.
    .todo = Erneuern Sie die Signaturen der Zone des Mailservers, und vergleichen Sie den DS-Eintrag der übergeordneten Zone mit ihren Schlüsseln.",
    ..Definition::BARE
};

/// A signed alias of an unsigned name is insecure; of an unsigned name the question does not arise.
pub(in crate::receiving::checks) fn mx_valid(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxValid, evidence, |host| {
        let said = match own_state(&host.soa) {
            Ok(Security::Insecure) => Said::not_applicable(Inapplicable::Unsigned),
            _ => word(state(&host.soa)),
        };
        let said = said.details(lines::broken(&host.soa)).details(lines::extended(&host.soa));
        said.seen(lines::of(&host.soa))
    })
}
