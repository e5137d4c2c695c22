//! What kind of MX records the domain has (RFC 5321 §5.1, RFC 7505). `Fallback`: none, but addresses;
//! `Several`: a null MX beside others.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::lines::{self, Shown, unknown};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::{Evidence, NameAnswer};

pub(super) static CHECK: Definition = Definition {
    id: "mx-records",
    category: Category::Mx,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Present, Word::Null, Word::Several, Word::Fallback, Word::Absent]),
    judge: mx_records,
    turns_away: &[Word::Absent, Word::Several],
    en: r"MX records
    .present = The domain names its mail servers by MX records.
    .null = The domain says by a null MX that it receives no mail.
    .several = A null MX stands beside other MX records, so senders cannot know whether the domain receives mail.
    .fallback = There are no MX records; senders fall back to the addresses of the domain itself.
    .absent = There are neither MX records nor addresses: the domain cannot receive mail.
    .why = MX records say which hosts take mail for a domain. Without them senders try the domain's own addresses, which is seldom meant. A domain that takes no mail should say so, so that mail to it fails at once and not after days.
    .todo = Publish an MX record for each mail server, or a null MX alone if the domain receives no mail.",
    de: r"MX-Einträge
    .present = Die Domain nennt ihre Mailserver mit MX-Einträgen.
    .null = Die Domain sagt mit einem Null-MX, dass sie keine Mail empfängt.
    .several = Neben anderen MX-Einträgen steht ein Null-MX; Absender können nicht wissen, ob die Domain Mail empfängt.
    .fallback = Es gibt keine MX-Einträge; Absender nehmen ersatzweise die Adressen der Domain selbst.
    .absent = Es gibt weder MX-Einträge noch Adressen: Die Domain kann keine Mail empfangen.
    .why = MX-Einträge sagen, welche Server Mail für eine Domain annehmen. Ohne sie versuchen es Absender bei den Adressen der Domain, was selten gemeint ist. Eine Domain, die keine Mail annimmt, sollte das sagen, damit Mail an sie sofort scheitert und nicht erst nach Tagen.
    .todo = Veröffentlichen Sie einen MX-Eintrag für jeden Mailserver oder, wenn die Domain keine Mail empfängt, allein einen Null-MX.",
    ..Definition::BARE
};

/// Without MX records, mail goes to the addresses of the domain itself (RFC 5321 §5.1). A null MX says that the
/// domain takes none, and stands alone (RFC 7505 §3).
pub(in crate::receiving::checks) fn mx_records(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let names = &evidence.names;
    let records = names.mx.records();
    let null = records.iter().any(|record| record.host.is_empty());
    let (mut said, fallback) = if let Some(why) = unknown(&names.mx) {
        (Said::inconclusive(why), false)
    } else if null {
        (Said::is(if records.len() == 1 { Word::Null } else { Word::Several }), false)
    } else if !records.is_empty() {
        (Said::is(Word::Present), false)
    } else if names.mx.answer == NameAnswer::NoName {
        (Said::is(Word::Absent), false)
    } else if !names.a.records().is_empty() || !names.aaaa.records().is_empty() {
        (Said::is(Word::Fallback), true)
    } else if let Some(why) = unknown(&names.a).or(unknown(&names.aaaa)) {
        (Said::inconclusive(why), true)
    } else {
        (Said::is(Word::Absent), true)
    };
    said = said.details(records.iter().map(Shown::shown)).seen(lines::of(&names.mx));
    if fallback {
        said = said.seen(lines::of(&names.a)).seen(lines::of(&names.aaaa));
    }
    domain(Check::MxRecords, evidence, said)
}
