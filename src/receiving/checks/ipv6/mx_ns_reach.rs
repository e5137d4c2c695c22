//! Whether the name servers of an MX host's zone can be reached over IPv6.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::ipv6::shared::name_servers::{detailed, not_whole, reach};
use crate::receiving::checks::lines::{self, unknown};
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::{Finding, Unknown, Word};
use crate::shared::evidence::scan::{Cut, Evidence, MxHost, NameServer};

pub(super) static CHECK: Definition = Definition {
    id: "mx-ns-reach",
    category: Category::Ipv6,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::All, Word::Partly, Word::Unreachable, Word::Absent]),
    judge: mx_ns_reach,
    en: r"Name servers of the mail server's zone over IPv6
    .all = Every IPv6 address of the name servers of the host's zone answers.
    .partly = Some IPv6 addresses of the name servers of the host's zone do not answer.
    .unreachable = No IPv6 address of the name servers of the host's zone answers.
    .absent = No name server of the host's zone has an IPv6 address.
    .why = A sender with IPv6 only must be able to look up the mail server, too, not only the domain.
    .todo = Ask the operator of the mail server's zone for name servers that answer over IPv6.",
    de: r"Nameserver der Zone des Mailservers über IPv6
    .all = Jede IPv6-Adresse der Nameserver für die Zone des Mailservers antwortet.
    .partly = Manche IPv6-Adressen der Nameserver für die Zone des Mailservers antworten nicht.
    .unreachable = Keine IPv6-Adresse der Nameserver für die Zone des Mailservers antwortet.
    .absent = Kein Nameserver für die Zone des Mailservers hat eine IPv6-Adresse.
    .why = Ein Absender, der nur IPv6 hat, muss auch den Mailserver nachschlagen können, nicht nur die Domain.
    .todo = Bitten Sie den Betreiber der Zone des Mailservers um Nameserver, die über IPv6 antworten.",
    ..Definition::BARE
};

/// Whether name servers of a zone were left out.
fn cut_servers(evidence: &Evidence, zone: &str) -> bool {
    let left_out = [format!("name servers of {zone}"), Cut::records(zone, "NS")];
    evidence.cuts.iter().any(|cut| left_out.contains(&cut.what))
}

/// Likewise, the name servers of the zone that an MX host lies in: who cannot find the host cannot deliver.
pub(in crate::receiving::checks) fn mx_ns_reach(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxNsReach, evidence, |host| {
        let servers = servers_of(evidence, host);
        let cut = host.zone.as_deref().is_some_and(|zone| cut_servers(evidence, zone));
        let why_unknown = if servers.is_empty() {
            Some(unknown(&host.soa).unwrap_or(Unknown::Cut))
        } else {
            servers.iter().find_map(|server| not_whole(evidence, server)).or(cut.then_some(Unknown::Cut))
        };
        let said = reach(evidence, servers, why_unknown)
            .map_or_else(|| Said::is(Word::Absent), |tally| tally.said(Word::All));
        let said = detailed(said, servers).details(host.zone.clone());
        if servers.is_empty() { said.seen(lines::of(&host.soa)) } else { said }
    })
}

/// A host in the domain's own zone has the domain's name servers.
fn servers_of<'a>(evidence: &'a Evidence, host: &'a MxHost) -> &'a [NameServer] {
    let own = host.zone.is_some() && host.zone == evidence.names.zone;
    if own && host.name_servers.is_empty() { &evidence.names.name_servers } else { &host.name_servers }
}
