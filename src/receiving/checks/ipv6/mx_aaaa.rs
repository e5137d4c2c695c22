//! Whether an MX host has an IPv6 address.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::ipv6::shared::tally::ipv6;
use crate::receiving::checks::lines::{self, Shown, unknown};
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "mx-aaaa",
    category: Category::Ipv6,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::Present, Word::Absent]),
    internetnl: Some("mx_aaaa"),
    judge: mx_aaaa,
    en: r"IPv6 address of the mail server
    .present = The mail server has an IPv6 address.
    .absent = The mail server has no IPv6 address.
    .why = Senders with IPv6 only cannot reach it.
    .todo = Give the mail server an IPv6 address, let it listen there, and publish an AAAA record.",
    de: r"IPv6-Adresse des Mailservers
    .present = Der Mailserver hat eine IPv6-Adresse.
    .absent = Der Mailserver hat keine IPv6-Adresse.
    .why = Absender, die nur IPv6 haben, erreichen ihn nicht.
    .todo = Geben Sie dem Mailserver eine IPv6-Adresse, lassen Sie ihn dort Verbindungen annehmen, und veröffentlichen Sie einen AAAA-Eintrag.",
    ..Definition::BARE
};

/// An IPv6 address of its own.
pub(in crate::receiving::checks) fn mx_aaaa(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxAaaa, evidence, |host| {
        let present = host.aaaa.records().iter().any(ipv6);
        let said = match unknown(&host.aaaa) {
            Some(why) => Said::inconclusive(why),
            None if present => Said::is(Word::Present),
            None => lines::cut(evidence, &host.aaaa).map_or(Said::is(Word::Absent), Said::inconclusive),
        };
        said.details(host.aaaa.records().iter().map(Shown::shown)).seen(lines::of(&host.aaaa))
    })
}
