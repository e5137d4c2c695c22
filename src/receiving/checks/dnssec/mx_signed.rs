//! Whether an MX host's name is signed.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::dnssec::shared::state::{own_state, word};
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::{Finding, Word, lines};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "dnssec-mx-signed",
    category: Category::Dnssec,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::Present, Word::Absent]),
    internetnl: Some("dnssec_mx_exists"),
    judge: mx_signed,
    en: r"Mail server's name signed
    .present = The name of the mail server is signed with DNSSEC.
    .absent = The name of the mail server is not signed with DNSSEC.
    .why = A signed domain helps little if the addresses of its mail servers can be forged. DANE needs both.
    .todo = Have the zone of the mail server signed, or ask its operator to. If the operator does not, DANE is not to be had there.",
    de: r"Name des Mailservers signiert
    .present = Der Name des Mailservers ist mit DNSSEC signiert.
    .absent = Der Name des Mailservers ist nicht mit DNSSEC signiert.
    .why = Eine signierte Domain hilft wenig, wenn sich die Adressen ihrer Mailserver fälschen lassen. DANE braucht beides.
    .todo = Lassen Sie die Zone des Mailservers signieren, oder bitten Sie deren Betreiber darum. Tut er es nicht, ist DANE dort nicht zu haben.",
    ..Definition::BARE
};

/// Whether the zone that the name lies in is signed.
pub(in crate::receiving::checks) fn mx_signed(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxSigned, evidence, |host| {
        let said = match own_state(&host.soa) {
            Ok(Security::Secure | Security::Bogus) => Said::is(Word::Present),
            Ok(Security::Insecure) => Said::is(Word::Absent),
            Ok(Security::Indeterminate) => word(Ok(Security::Indeterminate)),
            Err(why) => Said::inconclusive(why),
        };
        said.details(host.zone.clone()).seen(lines::of(&host.soa))
    })
}
