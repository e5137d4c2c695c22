//! The state of the MX RRset with its aliases.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::dnssec::shared::state::{own_state, state, word};
use crate::receiving::checks::subjects::domain;
use crate::receiving::checks::{Finding, Word, lines};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "dnssec-mx-rrset",
    category: Category::Dnssec,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Secure, Word::Insecure, Word::Bogus]),
    judge: mx_rrset,
    turns_away: &[Word::Bogus],
    answered_by: &[Check::DomainSigned],
    en: r"State of the MX records
    .secure = The MX records are signed and valid.
    .insecure = The MX records are not signed, so senders cannot know that they are genuine.
    .bogus = The MX records do not validate: senders that validate cannot use them.
    .why = DANE and qualified transport encryption begin with MX records that can be trusted.
    .todo = Have the domain signed with DNSSEC, or repair its signatures.",
    de: r"Zustand der MX-Einträge
    .secure = Die MX-Einträge sind signiert und gültig.
    .insecure = Die MX-Einträge sind nicht signiert; Absender können nicht wissen, ob sie echt sind.
    .bogus = Die Signaturen der MX-Einträge sind ungültig: Absender, die sie prüfen, können die Einträge nicht nutzen.
    .why = DANE und qualifizierte Transportverschlüsselung beginnen mit MX-Einträgen, auf die Verlass ist.
    .todo = Lassen Sie die Domain mit DNSSEC signieren, oder reparieren Sie ihre Signaturen.",
    ..Definition::BARE
};

/// The state of the MX RRset, or of its denial: without it nobody knows that the hosts are the right ones
/// (RFC 7672 §2.2.1).
pub(in crate::receiving::checks) fn mx_rrset(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let mx = &evidence.names.mx;
    let own = own_state(mx);
    let said = word(state(mx));
    let said = match own {
        Ok(own) if !mx.hops.is_empty() => said.detail(format!("{}: {}", evidence.domain, lines::state(own))),
        _ => said,
    };
    let said = said.details(lines::broken(mx)).details(lines::extended(mx));
    domain(Check::MxRrset, evidence, said.seen(lines::of(mx)))
}
