//! Whether all IPv6 addresses of the name servers answer. `One`: they do, but belong to one server.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::ipv6::shared::name_servers::{detailed, families, reach};
use crate::receiving::checks::lines::{self, unknown_after};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "ns-reach",
    category: Category::Ipv6,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::All, Word::One, Word::Partly, Word::Unreachable]),
    internetnl: Some("ns_reach"),
    judge: ns_reach,
    answered_by: &[Check::NsAaaa],
    en: r"Name servers answer over IPv6
    .all = Every IPv6 address of the name servers answers.
    .one = The IPv6 addresses of the name servers answer, but they belong to one server.
    .partly = Some IPv6 addresses of the name servers do not answer.
    .unreachable = No IPv6 address of the name servers answers.
    .why = An address that is published and does not answer costs every resolver with IPv6 seconds, and may cost it the answer.
    .todo = Let the name servers answer on UDP and TCP port 53 on every published IPv6 address, or withdraw the address.",
    de: r"Nameserver antworten über IPv6
    .all = Jede IPv6-Adresse der Nameserver antwortet.
    .one = Die IPv6-Adressen der Nameserver antworten, gehören aber zu einem einzigen Server.
    .partly = Manche IPv6-Adressen der Nameserver antworten nicht.
    .unreachable = Keine IPv6-Adresse der Nameserver antwortet.
    .why = Eine veröffentlichte Adresse, die nicht antwortet, kostet jeden Resolver mit IPv6 Sekunden und vielleicht die Antwort.
    .todo = Sorgen Sie dafür, dass die Nameserver auf jeder veröffentlichten IPv6-Adresse an Port 53 über UDP und TCP antworten, oder entfernen Sie die Adresse.",
    ..Definition::BARE
};

/// Every IPv6 address answers over UDP or TCP.
pub(in crate::receiving::checks) fn ns_reach(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let names = &evidence.names;
    let families = families(evidence, &names.name_servers, names.ns.records().len());
    let why_unknown = unknown_after(&names.ns, &names.soa).or(families.unknown);
    let all = if families.with == 1 { Word::One } else { Word::All };
    let said = reach(evidence, &names.name_servers, why_unknown)
        .map_or_else(|| Said::not_applicable(Inapplicable::NoIpv6NameServer), |tally| tally.said(all));
    let said = detailed(said, &names.name_servers);
    let said = if names.name_servers.is_empty() { said.seen(lines::of(&names.ns)) } else { said };
    domain(Check::NsReach, evidence, said)
}
