//! CAA for the host, by tree climb, with at least one `issue`.

use jiff::Timestamp;

use crate::receiving::checks::certificate::shared::caa::{climb, cut, relevant};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::{Finding, Note, Unknown, Word};
use crate::shared::evidence::scan::{CaaRecord, Evidence};
use crate::shared::policy::CaaProperty;

pub(super) static CHECK: Definition = Definition {
    id: "caa",
    category: Category::Certificate,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::Present, Word::Incomplete, Word::Invalid, Word::Absent]),
    internetnl: Some("mail_caa"),
    judge: caa,
    en: r#"CAA
    .present = CAA records say which authorities may issue for the host.
    .incomplete = There are CAA records, but none with "issue", so every authority may issue for the host.
    .invalid = A CAA record is not written as its standard has it: authorities may refuse to issue, or pass over it.
    .absent = There are no CAA records: every authority may issue for the host.
    .why = CAA makes it harder to get a certificate for your server under false pretences.
    .todo = Publish a CAA record with "issue" for the authority that you use, at the host's name or above it."#,
    de: r"CAA
    .present = CAA-Einträge sagen, welche Zertifizierungsstellen für den Mailserver ausstellen dürfen.
    .incomplete = Es gibt CAA-Einträge, aber keinen mit „issue“; jede Zertifizierungsstelle darf also für den Mailserver ausstellen.
    .invalid = Ein CAA-Eintrag ist nicht so geschrieben, wie sein Standard es vorgibt: Zertifizierungsstellen verweigern dann vielleicht die Ausstellung oder übergehen ihn.
    .absent = Es gibt keine CAA-Einträge: Jede Zertifizierungsstelle darf für den Mailserver ausstellen.
    .why = CAA erschwert es, sich ein Zertifikat für Ihren Server zu erschleichen.
    .todo = Veröffentlichen Sie beim Namen des Mailservers oder darüber einen CAA-Eintrag mit „issue“ für die Zertifizierungsstelle, die Sie nutzen.",
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn caa(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::Caa, evidence, |mx| {
        let said = match relevant(mx) {
            Err(why) => Said::inconclusive(why),
            Ok([]) => Said::is(Word::Absent),
            // What is missing, or was shortened, may be what is looked for.
            Ok(_) if cut(evidence, mx).is_some() => Said::inconclusive(Unknown::Cut),
            Ok(records) => {
                let faults: Vec<_> = records.iter().filter_map(fault).collect();
                let issue = records.iter().any(|record| record.tag == "issue");
                let word = match (faults.is_empty(), issue) {
                    (false, _) => Word::Invalid,
                    (true, true) => Word::Present,
                    (true, false) => Word::Incomplete,
                };
                Said::is(word).details(faults).notes(notes(records))
            }
        };
        said.seen(climb(mx))
    })
}

/// The flag of a property that an authority has to understand (RFC 8659 §4.1).
const CRITICAL: u8 = 0x80;

/// What is wrong with a record, as a row of details. An authority must not issue where it does not understand a
/// critical property.
fn fault(record: &CaaRecord) -> Option<String> {
    let property = CaaProperty::read(&record.tag, &record.value);
    let understood = |property: &CaaProperty| property.is_known() || record.flags & CRITICAL == 0;
    let sound = property.is_ok_and(|property| understood(&property) && property.has_sound_parameters());
    (!sound).then(|| format!("{} {} \"{}\"", record.flags, record.tag, record.value))
}

/// What is no fault, and worth to be known.
fn notes(records: &[CaaRecord]) -> Vec<Note> {
    let in_clear = |record: &CaaRecord| {
        let scheme = record.value.split(':').next().unwrap_or_default();
        record.tag == "iodef" && scheme.eq_ignore_ascii_case("http")
    };
    let reserved = |record: &CaaRecord| record.flags & !CRITICAL != 0;
    let in_clear = records.iter().any(in_clear).then_some(Note::CaaReportsInClear);
    let reserved = records.iter().any(reserved).then_some(Note::CaaReservedFlags);
    in_clear.into_iter().chain(reserved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(flags: u8, tag: &str, value: &str) -> CaaRecord {
        CaaRecord { flags, tag: tag.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn refuses_what_an_authority_would_stumble_over() {
        for (flags, tag, value, sound) in [
            (0, "issue", "ca.example", true),
            (128, "issue", "ca.example", true),
            (128, "contactphone", "+3185123456", true),
            (0, "iodef", "http://example.net/", true),
            (0, "iodef", "a@example.net", false),
            (0, "issue", "ca.example; validationmethods=dns-01,custom", false),
            (0, "future", "x", true),
            (128, "future", "x", false),
            (0, "with-dash", "x", false),
            (0, "issuemail", ";", true),
            (0, "contactphone", "", false),
        ] {
            let record = record(flags, tag, value);
            assert_eq!(fault(&record).is_none(), sound, "{record:?}");
        }
    }

    #[test]
    fn notes_what_is_no_fault() {
        let clear = record(0, "iodef", "HTTP://example.net/");
        assert_eq!(notes(&[record(128, "issue", ";"), clear]), [Note::CaaReportsInClear]);
        assert_eq!(notes(&[record(255, "issue", ";")]), [Note::CaaReservedFlags]);
    }
}
