//! Whether CAA exists for a host and reads.

use jiff::Timestamp;

use crate::receiving::checks::check::Check;
use crate::receiving::checks::finding::{Finding, Note, Unknown, Word};
use crate::receiving::checks::lines;
use crate::receiving::checks::subjects::{Said, each_host};
use crate::shared::evidence::scan::{CaaRecord, Evidence, Looked, MxHost};
use crate::shared::policy::CaaProperty;

/// [`Check::Caa`].
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

/// The names asked from the host upwards, as far as they decide: up to the first that has records, or that could not be
/// asked.
pub(super) fn climb(mx: &MxHost) -> Vec<String> {
    let decides =
        |looked: &Looked<CaaRecord>| lines::unknown(looked).is_some() || !looked.records().is_empty();
    let asked = mx.caa.iter().position(decides).map_or(mx.caa.len(), |at| at + 1);
    mx.caa.iter().take(asked).flat_map(lines::of).collect()
}

/// The relevant record set: of the host, else of the nearest name above that has one (RFC 8659 §3). A name on the
/// way that could not be asked leaves open what is above it.
pub(super) fn relevant(mx: &MxHost) -> Result<&[CaaRecord], Unknown> {
    for looked in &mx.caa {
        if let Some(why) = lines::unknown(looked) {
            return Err(why);
        }
        if !looked.records().is_empty() {
            return Ok(looked.records());
        }
    }
    if mx.caa.is_empty() { Err(Unknown::Cut) } else { Ok(&[]) }
}

/// Why the relevant record set does not say all: some of it was left out.
pub(super) fn cut(evidence: &Evidence, mx: &MxHost) -> Option<Unknown> {
    let relevant = mx.caa.iter().find(|looked| !looked.records().is_empty());
    relevant.and_then(|looked| lines::cut(evidence, looked))
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
