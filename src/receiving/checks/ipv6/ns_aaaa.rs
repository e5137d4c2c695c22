//! How many name servers have IPv6 addresses: `All` two or more, `One`, `Absent`.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::ipv6::shared::name_servers::{Families, families, row};
use crate::receiving::checks::lines::{self, unknown_after};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "ns-aaaa",
    category: Category::Ipv6,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::All, Word::One, Word::Absent]),
    internetnl: Some("ns_aaaa"),
    judge: ns_aaaa,
    en: r"IPv6 addresses of the name servers
    .all = At least two name servers of the domain have an IPv6 address.
    .one = Only one name server of the domain has an IPv6 address.
    .absent = No name server of the domain has an IPv6 address.
    .why = A sender that has IPv6 only finds the domain by such a name server alone; one of them may fail. BCP 91 (RFC 10001) asks for name servers that answer over both families.
    .todo = Ask the operator of the name servers for IPv6 addresses of at least two of them.",
    de: r"IPv6-Adressen der Nameserver
    .all = Mindestens zwei Nameserver der Domain haben eine IPv6-Adresse.
    .one = Nur ein Nameserver der Domain hat eine IPv6-Adresse.
    .absent = Kein Nameserver der Domain hat eine IPv6-Adresse.
    .why = Ein Absender, der nur IPv6 hat, findet die Domain allein über einen solchen Nameserver; einer davon kann ausfallen. BCP 91 (RFC 10001) verlangt Nameserver, die über beide Protokolle antworten.
    .todo = Bitten Sie den Betreiber der Nameserver um IPv6-Adressen für mindestens zwei von ihnen.",
    ..Definition::BARE
};

/// Two or more name servers with IPv6 are wanted; from then on the others do not matter.
pub(in crate::receiving::checks) fn ns_aaaa(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let names = &evidence.names;
    let families = families(evidence, &names.name_servers, names.ns.records().len());
    let said = match (unknown_after(&names.ns, &names.soa), families) {
        (Some(why), _) => Said::inconclusive(why),
        (None, Families { with: 2.., .. }) => Said::is(Word::All),
        (None, Families { unknown: Some(why), .. }) => Said::inconclusive(why),
        (None, Families { with: 1, .. }) => Said::is(Word::One),
        (None, Families { with: 0, .. }) => Said::is(Word::Absent),
    };
    let said = said.details(names.name_servers.iter().map(row)).seen(lines::of(&names.ns));
    let said = said.seen(names.name_servers.iter().flat_map(|server| lines::of(&server.aaaa)));
    domain(Check::NsAaaa, evidence, said)
}
