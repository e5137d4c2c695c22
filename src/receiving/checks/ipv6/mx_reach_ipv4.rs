//! Whether all IPv4 addresses of an MX host can be reached on port 25.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::ipv6::shared::port_25::said;
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "mx-reach-ipv4",
    category: Category::Ipv6,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::All, Word::Partly, Word::Unreachable, Word::Absent]),
    judge: mx_reach_ipv4,
    turns_away: &[Word::Unreachable],
    en: r"Mail server reachable over IPv4
    .all = Port 25 answers on every IPv4 address of the mail server.
    .partly = Port 25 does not answer on some IPv4 addresses of the mail server.
    .unreachable = Port 25 answers on none of the mail server's IPv4 addresses.
    .absent = The mail server has no IPv4 address.
    .why = Most senders still come over IPv4. A host that does not answer delays mail until a sender tries another.
    .todo = Let the mail server listen on its IPv4 addresses and open port 25 in the firewall.",
    de: r"Mailserver über IPv4 erreichbar
    .all = Port 25 antwortet auf jeder IPv4-Adresse des Mailservers.
    .partly = Port 25 antwortet auf manchen IPv4-Adressen des Mailservers nicht.
    .unreachable = Port 25 antwortet auf keiner IPv4-Adresse des Mailservers.
    .absent = Der Mailserver hat keine IPv4-Adresse.
    .why = Die meisten Absender kommen noch über IPv4. Ein Mailserver, der nicht antwortet, verzögert Mail, bis der Absender einen anderen versucht.
    .todo = Lassen Sie den Mailserver auf seinen IPv4-Adressen Verbindungen annehmen, und öffnen Sie Port 25 in der Firewall.",
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn mx_reach_ipv4(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxReach4, evidence, |host| {
        said(evidence, host, &host.a, IpAddr::is_ipv4, || Said::is(Word::Absent))
    })
}
