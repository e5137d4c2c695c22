//! Whether all IPv6 addresses of an MX host can be reached on port 25.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::ipv6::shared::port_25::said;
use crate::receiving::checks::ipv6::shared::tally::ipv6;
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::{Finding, Inapplicable, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "mx-reach",
    category: Category::Ipv6,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::All, Word::Partly, Word::Unreachable]),
    internetnl: Some("mx_reach"),
    judge: mx_reach,
    answered_by: &[Check::MxAaaa],
    en: r"Mail server reachable over IPv6
    .all = Port 25 answers on every IPv6 address of the mail server.
    .partly = Port 25 does not answer on some IPv6 addresses of the mail server.
    .unreachable = Port 25 answers on none of the mail server's IPv6 addresses.
    .why = Senders try IPv6 first, wait in vain, and only then take IPv4. Senders with IPv6 only cannot deliver.
    .todo = Let the mail server listen on its IPv6 addresses and open port 25 in the firewall, or withdraw the AAAA record.",
    de: r"Mailserver über IPv6 erreichbar
    .all = Port 25 antwortet auf jeder IPv6-Adresse des Mailservers.
    .partly = Port 25 antwortet auf manchen IPv6-Adressen des Mailservers nicht.
    .unreachable = Port 25 antwortet auf keiner IPv6-Adresse des Mailservers.
    .why = Absender versuchen es zuerst mit IPv6, warten vergeblich und nehmen erst dann IPv4. Absender, die nur IPv6 haben, können nicht zustellen.
    .todo = Lassen Sie den Mailserver auf seinen IPv6-Adressen Verbindungen annehmen, und öffnen Sie Port 25 in der Firewall, oder entfernen Sie den AAAA-Eintrag.",
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn mx_reach(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxReach, evidence, |host| {
        let none = || Said::not_applicable(Inapplicable::NoAddress);
        said(evidence, host, &host.aaaa, ipv6, none)
    })
}
