//! Whether the domain validates. `Unsupported`: a DS whose algorithm or digest validators do not support;
//! `Insecure`: keys without a chain of trust to them.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::dnssec::shared::domain::{Standing, seen, standing};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable, Unknown, Word, lines};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "dnssec-domain-valid",
    category: Category::Dnssec,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Secure, Word::Insecure, Word::Bogus, Word::Unsupported]),
    internetnl: Some("dnssec_valid"),
    judge: domain_valid,
    turns_away: &[Word::Bogus],
    answered_by: &[Check::DomainSigned],
    en: r"Domain validates
    .secure = The signatures of the domain are valid.
    .insecure = The zone has keys, but no chain of trust leads to them: its DS record is missing, or the zone above is not signed. It counts as unsigned.
    .bogus = The signatures of the domain are broken: resolvers that validate give no answer at all.
    .unsupported = The domain is signed by an algorithm or digest that validators do not support, and counts as unsigned (RFC 4035 §5.2). RFC 9904 recommends algorithm 13.
    .why = Broken signatures are worse than none: whoever validates cannot send mail to the domain, and since March 2026 certificate authorities must validate, too (CA/Browser Forum ballot SC-085): the next certificate is refused.
    .todo = Renew the signatures, and compare the DS record at the parent with the zone's keys.",
    de: r"Domain validiert
    .secure = Die Signaturen der Domain sind gültig.
    .insecure = Die Zone hat Schlüssel, aber keine Vertrauenskette führt zu ihnen: Ihr DS-Eintrag fehlt, oder die Zone darüber ist nicht signiert. Sie gilt als nicht signiert.
    .bogus = Die Signaturen der Domain sind ungültig: Resolver, die sie prüfen, geben überhaupt keine Antwort.
    .unsupported = Die Domain ist mit einem Verfahren signiert, das Validatoren nicht unterstützen, und gilt als nicht signiert (RFC 4035 §5.2). RFC 9904 empfiehlt Verfahren 13.
    .why = Ungültige Signaturen sind schlimmer als keine: Wer sie prüft, kann der Domain keine Mail schicken. Seit März 2026 müssen auch Zertifizierungsstellen prüfen (CA/Browser-Forum, SC-085): Das nächste Zertifikat wird verweigert.
    .todo = Erneuern Sie die Signaturen, und vergleichen Sie den DS-Eintrag der übergeordneten Zone mit den Schlüsseln der Zone.",
    ..Definition::BARE
};

/// An island is insecure; of an unsigned domain the question does not arise.
pub(in crate::receiving::checks) fn domain_valid(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match standing(evidence) {
        Ok(Standing::Secure) => Said::is(Word::Secure),
        Ok(Standing::Bogus) => Said::is(Word::Bogus),
        Ok(Standing::Unsupported) => Said::is(Word::Unsupported),
        Ok(Standing::BeyondUs) => Said::inconclusive(Unknown::DnsAlgorithm),
        Ok(Standing::Island) => Said::is(Word::Insecure),
        Ok(Standing::Unsigned) => Said::not_applicable(Inapplicable::Unsigned),
        Err(why) => Said::inconclusive(why),
    };
    let names = &evidence.names;
    let broken = [lines::broken(&names.soa), lines::broken(&names.ds), lines::broken(&names.keys)];
    let said = said.details(broken.into_iter().flatten()).details(lines::extended(&names.soa));
    domain(Check::DomainValid, evidence, said.seen(seen(evidence)))
}
