//! Whether TLSA records exist. `Insecure`: in an unsigned zone, so senders ignore them; `Unproven`: their
//! denial is bogus or proves nothing.

use jiff::Timestamp;

use crate::receiving::checks::binding::shared::dane::{seen, state};
use crate::receiving::checks::check::{Category, Check, Definition, Made, Scale, Scope};
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "tlsa",
    category: Category::Binding,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::Present, Word::Absent, Word::Insecure, Word::Bogus, Word::Unproven]),
    internetnl: Some("dane_exists"),
    judge: tlsa,
    turns_away: &[Word::Bogus, Word::Unproven],
    en: r"TLSA records (DANE)
    .present = There are TLSA records, and they are signed.
    .absent = There are no TLSA records.
    .insecure = There are TLSA records, but in a zone that is not signed: senders ignore them.
    .bogus = The answer on TLSA records does not validate, so that nobody knows whether there are any: senders that use DANE do not deliver to this host.
    .unproven = There seem to be no TLSA records, but the proof is missing or broken: senders that use DANE may defer mail to this host.
    .why = TLSA records tell senders which key the server has. They then send encrypted and to this server only, without any authority.
    .todo = Publish a TLSA record 3 1 1 for the server's key, in a signed zone. Let every change of the key publish the new one first.",
    de: r"TLSA-Einträge (DANE)
    .present = Es gibt TLSA-Einträge, und sie sind signiert.
    .absent = Es gibt keine TLSA-Einträge.
    .insecure = Es gibt TLSA-Einträge, aber in einer Zone, die nicht signiert ist: Absender übergehen sie.
    .bogus = Die Antwort auf die Frage nach TLSA-Einträgen ist ungültig signiert, sodass niemand weiß, ob es welche gibt: Absender mit DANE stellen diesem Mailserver nicht zu.
    .unproven = Es scheint keine TLSA-Einträge zu geben, aber der Beweis fehlt oder ist ungültig: Absender mit DANE halten Mail an diesen Mailserver vielleicht zurück.
    .why = TLSA-Einträge sagen Absendern, welchen Schlüssel der Server hat. Sie senden dann nur verschlüsselt und nur an diesen Server, ganz ohne Zertifizierungsstelle.
    .todo = Veröffentlichen Sie in einer signierten Zone einen TLSA-Eintrag 3 1 1 für den Schlüssel des Servers. Veröffentlichen Sie bei jedem Schlüsselwechsel zuerst den neuen.",
    fix: r"
    .command = postfix tls output-server-tlsa -h { $host }
    .exchange =
        Enable-DnssecForVerifiedDomain -DomainName { $domain }
        Enable-SmtpDaneInbound -DomainName { $domain }",
    made: Some(Made::Tlsa),
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn tlsa(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::Tlsa, evidence, |mx| {
        let said = match state(mx) {
            Ok(word) => Said::is(word),
            Err(why) => Said::inconclusive(why),
        };
        said.seen(seen(mx))
    })
}
