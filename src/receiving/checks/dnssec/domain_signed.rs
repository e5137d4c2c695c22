//! Whether the domain is signed.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::dnssec::shared::domain::{Standing, seen, standing};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "dnssec-domain-signed",
    category: Category::Dnssec,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Present, Word::Absent]),
    internetnl: Some("dnssec_exists"),
    judge: domain_signed,
    en: r"Domain signed
    .present = The domain is signed with DNSSEC.
    .absent = The domain is not signed with DNSSEC.
    .why = Without a signature an attacker can forge the MX records and lead mail to another server. DANE needs DNSSEC.
    .todo = Have the zone signed and its DS record published by the registrar. Many hosters do both on request.",
    de: r"Domain signiert
    .present = Die Domain ist mit DNSSEC signiert.
    .absent = Die Domain ist nicht mit DNSSEC signiert.
    .why = Ohne Signatur kann ein Angreifer die MX-Einträge fälschen und Mail auf einen anderen Server lenken. DANE braucht DNSSEC.
    .todo = Lassen Sie die Zone signieren und den DS-Eintrag vom Registrar veröffentlichen. Viele Anbieter tun beides auf Wunsch.",
    fix: r"
    .exchange = Enable-DnssecForVerifiedDomain -DomainName { $domain }",
    ..Definition::BARE
};

/// Keys that nobody vouches for do not count: no validator looks at them.
pub(in crate::receiving::checks) fn domain_signed(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match standing(evidence) {
        Ok(Standing::Secure | Standing::Bogus | Standing::Unsupported | Standing::BeyondUs) => {
            Said::is(Word::Present)
        }
        Ok(Standing::Island | Standing::Unsigned) => Said::is(Word::Absent),
        Err(why) => Said::inconclusive(why),
    };
    let registrar = evidence.registrar.iter().map(|registrar| format!("{}: {registrar}", evidence.domain));
    let said = said.details(evidence.names.zone.clone()).details(registrar);
    domain(Check::DomainSigned, evidence, said.seen(seen(evidence)))
}
