//! Whether receivers pass over something in the DMARC record (RFC 9989 §4.7, §4.8). `Invalid`: errors, whose tags
//! count as if they were not there; `Obsolete`: only tags that are not known, or not any more.

use jiff::Timestamp;

use crate::receiving::checks::auth::shared::dmarc::{Applies, Without, applies, seen};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable, Word};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::dmarc::DmarcFault;

pub(super) static CHECK: Definition = Definition {
    id: "dmarc-tags",
    category: Category::Auth,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Sound, Word::Obsolete, Word::Invalid]),
    judge: dmarc_tags,
    en: r"Tags of the DMARC record
    .sound = Every tag of the DMARC record is one that receivers read.
    .obsolete = The DMARC record has tags that RFC 9989 does not know, or has dropped (pct, rf, ri): receivers pass over them, and the rest counts.
    .invalid = The DMARC record has errors. Receivers pass over what is wrong, take the default in its place, and let the rest count (RFC 9989 §4.7, §4.8).
    .why = What is passed over does not do what it was written for: with an error in rua, for instance, no reports come. Receivers that go by the older RFC 7489 may read such a record otherwise.
    .todo = Write each tag once, as tag=value, separated by semicolons, and each address with mailto: before it; remove tags that are not known any more.",
    de: r"Angaben im DMARC-Eintrag
    .sound = Alle Angaben im DMARC-Eintrag werden von Empfängern gelesen.
    .obsolete = Der DMARC-Eintrag enthält Angaben, die RFC 9989 nicht oder nicht mehr kennt (pct, rf, ri): Empfänger übergehen sie, der Rest gilt.
    .invalid = Der DMARC-Eintrag enthält Fehler. Empfänger übergehen, was falsch ist, nehmen dafür die Voreinstellung und lassen den Rest gelten (RFC 9989 §4.7, §4.8).
    .why = Was übergangen wird, bewirkt nicht, wofür es dasteht: Mit einem Fehler in rua kommen zum Beispiel keine Berichte. Empfänger, die sich noch nach RFC 7489 richten, lesen einen solchen Eintrag vielleicht anders.
    .todo = Schreiben Sie jede Angabe nur einmal, als name=wert, getrennt durch Semikolons, und vor jede Adresse mailto:; entfernen Sie Angaben, die niemand mehr kennt.",
    ..Definition::BARE
};

/// What receivers pass over in the record: errors, and tags that RFC 9989 does not know or has dropped.
fn dmarc_tags(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match applies(evidence) {
        Err(Without::Unknown(why)) => Said::inconclusive(why),
        Err(Without::Several | Without::Absent) => Said::not_applicable(Inapplicable::NoRecord),
        Ok(Applies { record, .. }) => {
            let word = match record.faults.as_slice() {
                [] => Word::Sound,
                faults if faults.iter().any(DmarcFault::is_error) => Word::Invalid,
                _ => Word::Obsolete,
            };
            Said::is(word).details(record.faults.iter().map(ToString::to_string))
        }
    };
    domain(Check::DmarcTags, evidence, said.seen(seen(evidence)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::Unknown;
    use crate::receiving::checks::tests::sample::{self, inconclusive, not_applicable};
    use crate::shared::evidence::scan::NameAnswer;

    #[test]
    fn what_is_passed_over_stands_beside_the_policy() {
        let mut evidence = sample::perfect();
        for (tags, word, rows) in [
            ("p=reject", Word::Sound, &[][..]),
            ("p=reject; fo:0; psd=x", Word::Invalid, &["fo:0", "psd=x"]),
            ("p=reject; p=none", Word::Invalid, &["p, p"]),
            ("p=reject; pct=50; x=y", Word::Obsolete, &["(pct)", "(x)"]),
            ("p=reject; pct=50; ruf=b@example.net", Word::Invalid, &["(pct)", "ruf=b@example.net"]),
        ] {
            evidence.names.dmarc.walk[0] = sample::txt("_dmarc.example.net", &format!("v=DMARC1; {tags}"));
            let finding = dmarc_tags(&evidence, sample::now()).remove(0);
            assert_eq!(finding.measured, sample::is(word), "{tags}");
            assert_eq!(finding.details, rows, "{tags}");
        }
        evidence.names.dmarc.walk[0].answer = NameAnswer::NoName;
        let nothing = dmarc_tags(&evidence, sample::now()).remove(0);
        assert_eq!(nothing.measured, not_applicable(Inapplicable::NoRecord));
        sample::breaks(&mut evidence.names.dmarc.walk[0]);
        let unknown = dmarc_tags(&evidence, sample::now()).remove(0);
        assert_eq!(unknown.measured, inconclusive(Unknown::DnsBogus));
    }
}
