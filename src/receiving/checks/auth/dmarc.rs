//! Whether there is exactly one DMARC record, here or up the tree. `Inherited`: of the organisational domain as
//! the public suffix list has it; `InheritedByWalk`: of another domain above, which only the tree walk of
//! RFC 9989 finds.

use jiff::Timestamp;

use crate::receiving::checks::auth::shared::dmarc::{Applies, Without, applies, seen};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Note, Word};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::DmarcRecord;

pub(super) static CHECK: Definition = Definition {
    id: "dmarc",
    category: Category::Auth,
    scope: Scope::Domain,
    scale: Scale::Words(&[
        Word::Present,
        Word::Inherited,
        Word::InheritedByWalk,
        Word::Several,
        Word::Absent,
    ]),
    internetnl: Some("dmarc"),
    judge: dmarc,
    en: r"DMARC record
    .present = There is one DMARC record.
    .inherited = A domain above has a DMARC record that holds here, too.
    .inherited-by-walk = Another domain above has a DMARC record that holds here by the rules of RFC 9989; receivers that go by the older RFC 7489 do not find it.
    .several = There is more than one DMARC record, so none counts.
    .absent = There is no DMARC record.
    .why = DMARC ties SPF and DKIM to the address in From, and says what becomes of mail that fails both.
    .todo = Publish one DMARC record. Begin with reports alone, and ask for quarantine or reject once they show that your own mail passes.
    .todo-no-mail = Publish one DMARC record that asks for reject: nobody sends mail in this name.",
    de: r"DMARC-Eintrag
    .present = Es gibt genau einen DMARC-Eintrag.
    .inherited = Eine übergeordnete Domain hat einen DMARC-Eintrag, der auch hier gilt.
    .inherited-by-walk = Eine andere übergeordnete Domain hat einen DMARC-Eintrag, der nach RFC 9989 auch hier gilt; Empfänger, die sich nach dem älteren RFC 7489 richten, finden ihn nicht.
    .several = Es gibt mehr als einen DMARC-Eintrag; deshalb zählt keiner.
    .absent = Es gibt keinen DMARC-Eintrag.
    .why = DMARC bindet SPF und DKIM an die Adresse in From und sagt, was mit Mail geschehen soll, bei der beides scheitert.
    .todo = Veröffentlichen Sie einen DMARC-Eintrag. Beginnen Sie mit Berichten allein, und verlangen Sie quarantine oder reject, sobald diese zeigen, dass Ihre eigene Mail besteht.
    .todo-no-mail = Veröffentlichen Sie einen DMARC-Eintrag, der reject verlangt: In diesem Namen verschickt niemand Mail.",
    fix: r#"
    .dns = _dmarc.{ $domain }. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@{ $domain }"
    .dns-no-mail = _dmarc.{ $domain }. IN TXT "v=DMARC1; p=reject""#,
    ..Definition::BARE
};

/// Exactly one record, here or above.
fn dmarc(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let names = &evidence.names.dmarc;
    let said = match applies(evidence) {
        Err(Without::Unknown(why)) => Said::inconclusive(why),
        Err(Without::Several) => Said::is(Word::Several),
        Err(Without::Absent) => Said::is(Word::Absent).notes(capitals(evidence)),
        Ok(Applies { inherited: false, record, .. }) => Said::is(Word::Present).detail(record.to_string()),
        Ok(Applies { domain, record, .. }) => {
            let listed = names.organisational.as_deref() == Some(&*domain);
            Said::is(if listed { Word::Inherited } else { Word::InheritedByWalk })
                .detail(format!("{domain}: {record}"))
        }
    };
    domain(Check::Dmarc, evidence, said.seen(seen(evidence)))
}

/// Whether the domain has a record but for its tags, which are in capitals.
fn capitals(evidence: &Evidence) -> Option<Note> {
    let own = evidence.names.dmarc.walk.first()?.records();
    own.iter().any(|text| DmarcRecord::is_in_capitals(text)).then_some(Note::DmarcCapitals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::Unknown;
    use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is};
    use crate::shared::evidence::scan::NameAnswer;

    /// The walk of a subdomain, of which `texts` are the records; empty: none.
    fn walk(evidence: &mut Evidence, texts: [&str; 3]) {
        evidence.domain = "mail.example.net".to_owned();
        let names = ["_dmarc.mail.example.net", "_dmarc.example.net", "_dmarc.net"];
        evidence.names.dmarc.walk = names
            .into_iter()
            .zip(texts)
            .map(|(name, text)| match text {
                "" => sample::secure(name, "TXT", Vec::new()),
                text => sample::txt(name, text),
            })
            .collect();
    }

    #[test]
    fn words() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Present)),
            (|e| walk(e, ["v=DMARC1; p=none", "v=DMARC1; p=reject", ""]), is(Word::Present)),
            (|e| walk(e, ["", "v=DMARC1; p=reject", ""]), is(Word::Inherited)),
            (|e| walk(e, ["", "", "v=DMARC1; p=reject; psd=y"]), is(Word::InheritedByWalk)),
            (
                |e| {
                    let records = vec!["v=DMARC1; p=none".to_owned(); 2];
                    e.names.dmarc.walk[0].answer = NameAnswer::Records { records };
                },
                is(Word::Several),
            ),
            (|e| walk(e, ["", "", ""]), is(Word::Absent)),
            (|e| e.names.dmarc.walk[0] = sample::txt("_dmarc.example.net", "v=spf1 -all"), is(Word::Absent)),
            (|e| sample::times_out(&mut e.names.dmarc.walk[0]), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.names.dmarc.walk[0]), inconclusive(Unknown::DnsBogus)),
            (
                |e| {
                    walk(e, ["", "", "v=DMARC1; p=reject"]);
                    sample::times_out(&mut e.names.dmarc.walk[1]);
                },
                inconclusive(Unknown::DnsFailed),
            ),
            (
                |e| {
                    walk(e, ["", "v=DMARC1; p=reject", ""]);
                    sample::times_out(&mut e.names.dmarc.walk[2]);
                },
                is(Word::Inherited),
            ),
            (|e| e.names.dmarc.walk.clear(), inconclusive(Unknown::Cut)),
        ];
        sample::check_all(dmarc, cases);
    }
}
