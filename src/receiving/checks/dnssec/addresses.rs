//! The state of the addresses of an MX host, the weaker family, aliases included.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::dnssec::shared::state::{addresses, state, word};
use crate::receiving::checks::subjects::each_host;
use crate::receiving::checks::{Finding, Word, lines};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "dnssec-addresses",
    category: Category::Dnssec,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::Secure, Word::Insecure, Word::Bogus]),
    judge: mx_addresses,
    turns_away: &[Word::Bogus],
    answered_by: &[Check::MxSigned],
    en: r"State of the mail server's addresses
    .secure = The addresses of the host are signed and valid.
    .insecure = The addresses of the host are not signed.
    .bogus = The addresses of the host do not validate: senders that validate cannot use them.
    .why = RFC 7672 §2.2 asks for TLSA records only where the addresses are secure.
    .todo = Have the zone of the mail server signed with DNSSEC, or repair its signatures.",
    de: r"Zustand der Adressen des Mailservers
    .secure = Die Adressen des Mailservers sind signiert und gültig.
    .insecure = Die Adressen des Mailservers sind nicht signiert.
    .bogus = Die Signaturen der Adressen des Mailservers sind ungültig: Absender, die sie prüfen, können die Adressen nicht nutzen.
    .why = Nach RFC 7672 §2.2 werden TLSA-Einträge nur gesucht, wo die Adressen sicher sind.
    .todo = Lassen Sie die Zone des Mailservers mit DNSSEC signieren, oder reparieren Sie ihre Signaturen.",
    ..Definition::BARE
};

/// Both families count: a sender may take either (RFC 7672 §2.2.2).
pub(in crate::receiving::checks) fn mx_addresses(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxAddresses, evidence, |host| {
        let families = [("A", state(&host.a)), ("AAAA", state(&host.aaaa))];
        let rows = families
            .into_iter()
            .filter_map(|(rtype, state)| Some(format!("{rtype}: {}", lines::state(state.ok()?))));
        let broken = [lines::broken(&host.a), lines::broken(&host.aaaa)];
        let said = word(addresses(host)).details(rows).details(broken.into_iter().flatten());
        said.seen(lines::of(&host.a)).seen(lines::of(&host.aaaa))
    })
}
