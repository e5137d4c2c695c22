//! Whether every certificate of an address matches a usable record. `Unusable`: no record is (RFC 7672 §3.1).

use jiff::Timestamp;

use crate::receiving::checks::binding::shared::dane_match::address;
use crate::receiving::checks::check::{Category, Check, Definition, Made, Scale, Scope};
use crate::receiving::checks::subjects::each_address;
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "tlsa-match",
    category: Category::Binding,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Matched, Word::Unmatched, Word::Unusable]),
    internetnl: Some("dane_valid"),
    judge: matches,
    turns_away: &[Word::Unmatched],
    en: r"TLSA records fit the certificate
    .matched = Every certificate that the server shows fits a TLSA record.
    .unmatched = A certificate that the server shows fits no TLSA record: senders that use DANE do not deliver here.
    .unusable = No TLSA record is usable (RFC 7672 §3.1): senders encrypt without checking for whom.
    .why = A record that does not fit is worse than none: it turns mail away.
    .todo = Publish the TLSA record of the key in use at once. With two certificates (RSA and ECDSA) each needs one.",
    de: r"TLSA-Einträge passen zum Zertifikat
    .matched = Jedes Zertifikat, das der Server zeigt, passt zu einem TLSA-Eintrag.
    .unmatched = Ein Zertifikat, das der Server zeigt, passt zu keinem TLSA-Eintrag: Absender mit DANE stellen hier nicht zu.
    .unusable = Kein TLSA-Eintrag ist brauchbar (RFC 7672 §3.1): Absender verschlüsseln, ohne zu prüfen, für wen.
    .why = Ein Eintrag, der nicht passt, ist schlimmer als keiner: Er sorgt dafür, dass Mail abgewiesen wird.
    .todo = Veröffentlichen Sie sofort den TLSA-Eintrag des verwendeten Schlüssels. Bei zwei Zertifikaten (RSA und ECDSA) braucht jedes einen.",
    fix: r"
    .command = postfix tls output-server-tlsa -h { $host }",
    made: Some(Made::Tlsa),
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn matches(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::TlsaMatch, evidence, |mx, server| address(evidence, mx, server))
}
