//! The state of the TLSA records of an MX host, or of their denial.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::dnssec::shared::state::{addresses, state, word};
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::{Finding, Inapplicable, Word, lines};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Evidence, NameAnswer};

pub(super) static CHECK: Definition = Definition {
    id: "dnssec-tlsa",
    category: Category::Dnssec,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::Secure, Word::Insecure, Word::Bogus]),
    judge: tlsa_state,
    turns_away: &[Word::Bogus],
    answered_by: &[Check::MxSigned],
    en: r"State of the TLSA records
    .secure = The TLSA records, or the proof that there are none, are signed and valid.
    .secure-some = The TLSA records are signed and valid.
    .secure-none = That there are no TLSA records is signed and valid.
    .insecure = The TLSA records, or their absence, are not signed.
    .insecure-some = The TLSA records are not signed.
    .insecure-none = That there are no TLSA records is not signed.
    .bogus = The TLSA records, or their absence, do not validate: senders that use DANE do not deliver to this host.
    .bogus-some = The signatures of the TLSA records are broken: senders that use DANE do not deliver to this host.
    .bogus-none = The signed proof that there are no TLSA records is broken: senders that use DANE do not deliver to this host.
    .why = Senders with DANE act on signed TLSA records alone: unsigned ones bind nobody. But where the host's addresses are signed, and the question for TLSA fails or its answer does not validate, they must not deliver (RFC 7672 §2.1).
    .todo = Repair the signatures at _25._tcp under the host's name. Old name servers and some load balancers fail for types they do not know.",
    de: r"Zustand der TLSA-Einträge
    .secure = Die TLSA-Einträge, oder der Beweis, dass es keine gibt, sind signiert und gültig.
    .secure-some = Die TLSA-Einträge sind signiert und gültig.
    .secure-none = Dass es keine TLSA-Einträge gibt, ist signiert und gültig.
    .insecure = Die TLSA-Einträge, oder ihr Fehlen, sind nicht signiert.
    .insecure-some = Die TLSA-Einträge sind nicht signiert.
    .insecure-none = Dass es keine TLSA-Einträge gibt, ist nicht signiert.
    .bogus = Die TLSA-Einträge, oder ihr Fehlen, validieren nicht: Absender mit DANE stellen diesem Mailserver nicht zu.
    .bogus-some = Die Signaturen der TLSA-Einträge sind ungültig: Absender mit DANE stellen diesem Mailserver nicht zu.
    .bogus-none = Der signierte Beweis, dass es keine TLSA-Einträge gibt, ist ungültig: Absender mit DANE stellen diesem Mailserver nicht zu.
    .why = Absender mit DANE halten sich nur an signierte TLSA-Einträge; unsignierte binden niemanden. Sind aber die Adressen des Servers signiert, und die Frage nach TLSA scheitert oder die Antwort validiert nicht, dürfen sie nicht zustellen (RFC 7672 §2.1).
    .todo = Reparieren Sie die Signaturen bei _25._tcp unter dem Namen des Mailservers. Alte Nameserver und manche Lastverteiler versagen bei Typen, die sie nicht kennen.",
    ..Definition::BARE
};

/// A sender that does DANE needs the records, or the proof that there are none; where the addresses are insecure it
/// does not ask (RFC 7672 §2.2.2).
pub(in crate::receiving::checks) fn tlsa_state(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::TlsaState, evidence, |host| {
        let counting = host.tlsa.counting();
        let unasked = counting.answer == NameAnswer::NotAsked;
        let said = match addresses(host) {
            Ok(Security::Insecure) if unasked => Said::not_applicable(Inapplicable::Unsigned),
            Err(why) if unasked => Said::inconclusive(why),
            _ => word(state(counting)),
        };
        let said = said.detail(counting.name.clone()).details(lines::broken(counting));
        let said = said.details(lines::extended(counting));
        let before = host.tlsa.expanded.iter().filter(|expanded| !std::ptr::eq(*expanded, counting));
        let said = said.seen(before.flat_map(lines::of)).seen(lines::of(counting));
        // It is for these that nobody asks.
        if unasked { said.seen(lines::of(&host.a)).seen(lines::of(&host.aaaa)) } else { said }
    })
}
